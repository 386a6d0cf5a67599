"""Scores and forecast as a Django app."""

from django.apps import AppConfig


class AssessmentConfig(AppConfig):
    name = "chuangwen.assessment"
    label = "assessment"

    def ready(self) -> None:
        # Registers what follows a release, and the table of steps of a ranking.
        from chuangwen.assessment import ranking_flow, reactions  # noqa: F401
