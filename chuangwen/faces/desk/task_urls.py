"""Addresses of tasks, plans, campaigns and demonstration sites."""

from django.urls import path

from chuangwen.faces.desk import demos, drives, plans, projects, task, task_edit, task_import
from chuangwen.faces.desk.tasks import TaskScreen

urlpatterns = [
    *TaskScreen.urls(),
    path("tasks/new/", task_edit.new),
    path("tasks/claim/", task.claims),
    path("tasks/import/", task_import.imports),
    path("tasks/import/template.xlsx", task_import.template),
    path("tasks/projects/", projects.overview),
    path("tasks/projects/export.xlsx", projects.export),
    path("tasks/split/<int:pk>/", task_edit.split),
    path("tasks/<str:number>/", task.show),
    path("tasks/<str:number>/edit/", task_edit.edit),
    path("tasks/<str:number>/verify/", task.verify),
    path("tasks/<str:number>/steps/<str:code>/", task.step),
    path("plans/", plans.overview),
    path("plans/new/", plans.edit),
    path("plans/generate/", plans.generate),
    path("plans/<int:pk>/", plans.show),
    path("plans/<int:pk>/edit/", plans.edit),
    path("plans/<int:pk>/table/", task_edit.table),
    path("plans/<int:pk>/months/", plans.months),
    path("plans/<int:pk>/months/export.xlsx", plans.months_export),
    path("drives/", drives.overview),
    path("drives/new/", drives.edit),
    path("drives/templates/new/", drives.template),
    path("drives/templates/<int:pk>/", drives.template),
    path("drives/<int:pk>/", drives.show),
    path("drives/<int:pk>/edit/", drives.edit),
    path("demos/", demos.overview),
    path("demos/new/", demos.edit),
    path("demos/<int:pk>/", demos.show),
    path("demos/<int:pk>/edit/", demos.edit),
]
