"""Scores and forecast as a Django app."""

from django.apps import AppConfig


class AssessmentConfig(AppConfig):
    name = "chuangwen.assessment"
    label = "assessment"
