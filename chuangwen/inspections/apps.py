"""Visits as a Django app."""

from django.apps import AppConfig


class InspectionsConfig(AppConfig):
    name = "chuangwen.inspections"
    label = "inspections"

    def ready(self) -> None:
        from chuangwen.inspections import flow  # noqa: F401 - registers the table of steps
