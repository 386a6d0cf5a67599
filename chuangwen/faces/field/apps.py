"""The field face as a Django app, for its templates and commands."""

from django.apps import AppConfig


class FieldConfig(AppConfig):
    name = "chuangwen.faces.field"
    label = "field"
