"""Addresses of the phone pages that work without network, and of what they send."""

from django.urls import path

from chuangwen.faces.field import day, pieces, sending, shell

urlpatterns = [
    path("field/", shell.shell),
    path("field/sw.js", shell.worker),
    path("field/manifest.webmanifest", shell.manifest),
    path("field/icon-<int:edge>.png", shell.icon),
    path("field/day.json", day.day),
    path("field/pieces/<uuid:uid>/", pieces.pieces),
    path("field/send/", sending.send),
]
