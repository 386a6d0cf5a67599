"""The wall as a Django app, for its templates."""

from django.apps import AppConfig


class WallConfig(AppConfig):
    name = "chuangwen.faces.wall"
    label = "wall"
