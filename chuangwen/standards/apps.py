"""The standards as a Django app."""

from django.apps import AppConfig


class StandardsConfig(AppConfig):
    name = "chuangwen.standards"
    label = "standards"
