"""Addresses of what is public: map, figures, what was done, open data."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
