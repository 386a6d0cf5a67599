"""Addresses: OGC API Features: sites, areas and public cases for maps of other makers."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
