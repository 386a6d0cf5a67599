"""Every address of the installation."""

from django.urls import include, path

from chuangwen.config.health import healthz

urlpatterns = [
    path("healthz", healthz),
    path("accounts/", include("allauth.urls")),
    path("", include("chuangwen.faces.desk.urls")),
    path("", include("chuangwen.faces.desk.office_urls")),
    path("", include("chuangwen.faces.desk.rates_urls")),
]
