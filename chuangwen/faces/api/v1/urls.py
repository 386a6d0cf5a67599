"""Addresses: Our own machine interface. Everything but its description goes through one door, which loads the rest."""

from django.urls import path, re_path

from chuangwen.faces.api.v1 import description, door

urlpatterns = [
    path("", description.page),
    path("openapi.json", description.document),
    re_path(r"^(?P<rest>(?s:.+))\Z", door.answer),  # a line feed too is answered in our words
]
