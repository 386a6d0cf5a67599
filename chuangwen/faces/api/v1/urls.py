"""Addresses: Our own machine interface. Everything but its description goes through one door, which loads the rest."""

from django.urls import path

from chuangwen.faces.api.v1 import description, door

urlpatterns = [
    path("", description.page),
    path("openapi.json", description.document),
    path("<path:rest>", door.answer),
]
