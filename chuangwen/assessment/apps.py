"""Scores and forecast as a Django app."""

from django.apps import AppConfig


class AssessmentConfig(AppConfig):
    name = "chuangwen.assessment"
    label = "assessment"

    def ready(self) -> None:
        from chuangwen.assessment import reactions  # noqa: F401 - registers what follows a release
