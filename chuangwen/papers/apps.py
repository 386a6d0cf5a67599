"""Official papers as a Django app."""

from django.apps import AppConfig


class PapersConfig(AppConfig):
    name = "chuangwen.papers"
    label = "papers"
