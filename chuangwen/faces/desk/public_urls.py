"""Desk pages behind the public doors: residents' submissions, what is made public, ideas, records set aside, keys."""

from django.urls import include, path

from chuangwen.faces.desk import asides

urlpatterns = [
    path("", include("chuangwen.faces.desk.submissions_urls")),
    path("", include("chuangwen.faces.desk.partners_urls")),
    path("asides/", asides.listing),
    path("asides/<int:pk>/", asides.show),
    path("asides/<int:pk>/files/<int:n>/", asides.file),
    path("", include("chuangwen.faces.desk.ideas_urls")),
    path("", include("chuangwen.faces.desk.publications_urls")),
    path("", include("chuangwen.faces.desk.keys_urls")),
]
