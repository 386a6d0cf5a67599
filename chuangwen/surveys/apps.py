"""Surveys as a Django app."""

from django.apps import AppConfig


class SurveysConfig(AppConfig):
    name = "chuangwen.surveys"
    label = "surveys"
