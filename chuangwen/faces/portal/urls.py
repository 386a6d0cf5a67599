"""Addresses of the residents' pages: reporting and following."""

from django.urls import path

from chuangwen.faces.portal import pages

urlpatterns = [
    path("look/", pages.look),
]
