"""The cli face as a Django app, for its templates and commands."""

from django.apps import AppConfig


class CliConfig(AppConfig):
    name = "chuangwen.faces.cli"
    label = "cli"
