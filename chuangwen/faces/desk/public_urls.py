"""Desk pages behind the public doors: residents' submissions, what is made public, ideas, records set aside, keys."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
