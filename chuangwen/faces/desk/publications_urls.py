"""Addresses of the desk's pages of what is made public."""

from django.urls import path

from chuangwen.faces.desk import masks, publications

urlpatterns = [
    path("publications/", publications.queue),
    path("publications/publish/", publications.publish_many),
    path("publications/new/", publications.new),
    path("publications/<int:pk>/", publications.publication),
    path("publications/<int:pk>/shown/<int:evidence>/", publications.shown),
    path("publications/<int:pk>/picture/<int:evidence>/", masks.picture),
    path("publications/<int:pk>/picture/<int:evidence>/scan/", masks.scan),
    path("publications/<int:pk>/<str:code>/", publications.step),
]
