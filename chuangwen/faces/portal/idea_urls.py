"""Addresses of ideas."""

from django.urls import path

from chuangwen.faces.portal import ideas

urlpatterns = [
    path("ideas/", ideas.ideas),
    path("ideas/of/<str:secret>/", ideas.own),
    path("ideas/<str:number>/", ideas.idea),
    path("ideas/<str:number>/support/", ideas.so_do_i),
]
