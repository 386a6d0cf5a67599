"""Addresses of surveys."""

from django.urls import path

from chuangwen.faces.desk import surveys

urlpatterns = [
    *surveys.Surveys.urls(),
    path("surveys/new/", surveys.new),
    path("surveys/<int:pk>/", surveys.show),
    path("surveys/<int:pk>/edit/", surveys.edit),
    path("surveys/<int:pk>/answers/", surveys.answers),
    path("surveys/<int:pk>/import/", surveys.import_answers),
    path("surveys/<int:pk>/export.xlsx", surveys.export),
]
