"""Every address of the installation."""

from django.conf import settings
from django.urls import include, path

from chuangwen.config.health import healthz

urlpatterns = [
    path("healthz", healthz),
    path("accounts/", include("allauth.urls")),
    path("", include("chuangwen.faces.desk.map_urls")),  # before the cases: /cases/new/ is no number
    path("", include("chuangwen.faces.desk.urls")),
    path("", include("chuangwen.faces.desk.office_urls")),
    path("", include("chuangwen.faces.desk.rates_urls")),
]
if settings.BENCH:  # two addresses that do nothing, the floors of `chuangwen bench`
    urlpatterns.append(path("", include("chuangwen.faces.cli.bench.floor")))
