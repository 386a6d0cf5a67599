"""Addresses of the residents' pages: reporting and following."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
