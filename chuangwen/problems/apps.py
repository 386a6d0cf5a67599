"""The problem loop as a Django app."""

from django.apps import AppConfig


class ProblemsConfig(AppConfig):
    name = "chuangwen.problems"
    label = "problems"
