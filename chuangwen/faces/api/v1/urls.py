"""Addresses: Our own machine interface."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
