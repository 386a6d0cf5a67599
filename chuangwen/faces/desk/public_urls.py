"""Desk pages behind the public doors: residents' submissions, what is made public, ideas, records set aside, keys."""

from django.urls import include, path

urlpatterns = [
    path("", include("chuangwen.faces.desk.ideas_urls")),
    path("", include("chuangwen.faces.desk.publications_urls")),
]
