"""Visits as a Django app."""

from django.apps import AppConfig


class InspectionsConfig(AppConfig):
    name = "chuangwen.inspections"
    label = "inspections"
