"""The desk face as a Django app, for its templates and commands."""

from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "chuangwen.faces.desk"
    label = "desk"
