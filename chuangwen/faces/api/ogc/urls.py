"""Addresses: OGC API – Features."""

from django.urls import path, re_path

from chuangwen.faces.api.ogc import answers, views

urlpatterns = [
    path("", views.landing),
    path("conformance", views.conformance),
    path("api", views.api),
    path("collections", views.collections),
    path("collections/<str:id>", views.collection),
    path("collections/<str:id>/items", views.items),
    path("collections/<str:id>/items/<path:fid>", views.item),
    re_path(r"^(?P<rest>.+)$", answers.nothing),
]
