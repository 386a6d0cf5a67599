"""Scores and forecast as a Django app."""

from django.apps import AppConfig


class AssessmentConfig(AppConfig):
    name = "chuangwen.assessment"
    label = "assessment"

    def ready(self) -> None:
        # Registers what follows a release, and the tables of steps of a ranking and of objections to it.
        from chuangwen.assessment import objection_flow, ranking_flow, reactions  # noqa: F401
