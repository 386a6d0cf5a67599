"""Addresses: Exchange with city-management platforms and hotlines."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
