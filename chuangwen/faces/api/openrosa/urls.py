"""Addresses: OpenRosa: checklists as forms for phones of other makers."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
