"""Addresses of the coverage matrix."""

from django.urls import path

from chuangwen.faces.desk import coverage

urlpatterns = [
    path("standards/coverage/", coverage.coverage_page),
    path("standards/coverage/tasks/", coverage.make_tasks),
    path("standards/coverage/<int:requirement>/give/", coverage.give),
    path("standards/coverage/<int:requirement>/waive/", coverage.waive),
    path("standards/coverage/<int:requirement>/task/", coverage.make_task),
]
