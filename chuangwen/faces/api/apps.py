"""The machine face as a Django app."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "chuangwen.faces.api"
    label = "api"
