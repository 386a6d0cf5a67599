"""Addresses of photos and the map."""

from django.urls import path

from chuangwen.faces.desk import evidence

urlpatterns = [
    path("evidence/<int:pk>/<str:form>/", evidence.photo),
    path("cases/<str:number>/photos/", evidence.add),
]
