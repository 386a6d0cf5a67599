"""The dossier as a Django app."""

from django.apps import AppConfig


class DossierConfig(AppConfig):
    name = "chuangwen.dossier"
    label = "dossier"
