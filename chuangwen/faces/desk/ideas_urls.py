"""Addresses of ideas at the desk."""

from django.urls import path

from chuangwen.faces.desk import ideas

urlpatterns = [
    path("ideas/", ideas.register),
    path("ideas/<str:number>/", ideas.show),
    path("ideas/<str:number>/steps/<str:code>/", ideas.step),
]
