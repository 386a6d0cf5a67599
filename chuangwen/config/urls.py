"""Every address of the installation."""

from django.urls import include, path

from chuangwen.config.health import healthz

urlpatterns = [
    path("healthz", healthz),
    path("accounts/", include("allauth.urls")),
    path("", include("chuangwen.faces.desk.urls")),
]
