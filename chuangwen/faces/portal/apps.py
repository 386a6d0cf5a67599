"""The residents' face as a Django app, for its templates."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "chuangwen.faces.portal"
    label = "portal"
