"""Plans and tasks as a Django app."""

from django.apps import AppConfig


class TasksConfig(AppConfig):
    name = "chuangwen.tasks"
    label = "tasks"

    def ready(self) -> None:
        from chuangwen.tasks import idea_flow, meeting_flow  # noqa: F401 - register their workflows
