"""Addresses of residents' messages at the desk."""

from django.urls import path

from chuangwen.faces.desk import submissions

urlpatterns = [
    path("submissions/", submissions.listing),
    path("submissions/undo/", submissions.undo),
    path("submissions/like/<str:like>/", submissions.group),
    path("submissions/like/<str:like>/<str:code>/", submissions.decide_group),
    path("submissions/<int:pk>/", submissions.show),
    path("submissions/<int:pk>/<str:code>/", submissions.step),
]
