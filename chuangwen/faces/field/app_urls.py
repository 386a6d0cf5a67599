"""Addresses of the phone pages that work without network, and of what they send."""

from django.urls import path

from chuangwen.faces.field import day, pieces, sending

urlpatterns = [
    path("field/day.json", day.day),
    path("field/pieces/<uuid:uid>/", pieces.pieces),
    path("field/send/", sending.send),
]
