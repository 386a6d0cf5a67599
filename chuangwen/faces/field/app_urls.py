"""Addresses of the phone pages that work without network, and of what they send."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
