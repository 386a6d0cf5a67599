"""Loads every app's declarations at start, so that no registry is ever half filled."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class KernelConfig(AppConfig):
    name = "chuangwen.kernel"
    label = "kernel"

    def ready(self) -> None:
        autodiscover_modules("flow", "screens", "reactions")
