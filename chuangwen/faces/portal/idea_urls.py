"""Addresses of ideas and campaigns."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
