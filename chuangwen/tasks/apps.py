"""Plans and tasks as a Django app."""

from django.apps import AppConfig


class TasksConfig(AppConfig):
    name = "chuangwen.tasks"
    label = "tasks"
