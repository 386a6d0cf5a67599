"""Every address of the installation."""

from django.conf import settings
from django.urls import include, path
from django.views.i18n import set_language

from chuangwen.config.health import healthz

urlpatterns = [
    path("healthz", healthz),
    path("", include("chuangwen.faces.field.urls")),
    path("", include("chuangwen.faces.field.app_urls")),
    path("p/", include("chuangwen.faces.portal.urls")),
    path("p/", include("chuangwen.faces.portal.open_urls")),
    path("p/", include("chuangwen.faces.portal.idea_urls")),
    path("open311/v2/", include("chuangwen.faces.api.open311.urls")),
    path("openrosa/", include("chuangwen.faces.api.openrosa.urls")),
    path("ogc/", include("chuangwen.faces.api.ogc.urls")),
    path("exchange/", include("chuangwen.faces.api.exchange.urls")),
    path("api/v1/", include("chuangwen.faces.api.v1.urls")),
    path("", include("chuangwen.faces.desk.public_urls")),
    path("", include("chuangwen.faces.desk.map_urls")),  # before the cases: /cases/new/ is no number
    path("", include("chuangwen.faces.desk.coverage_urls")),  # before the standards: coverage is no edition
    path("", include("chuangwen.faces.desk.urls")),
    path("", include("chuangwen.faces.desk.standards_urls")),
    path("accounts/", include("allauth.urls")),
    path("language/", set_language),
    path("", include("chuangwen.faces.desk.office_urls")),
    path("", include("chuangwen.faces.desk.rates_urls")),
    path("", include("chuangwen.faces.desk.importing_urls")),
    path("", include("chuangwen.faces.desk.dossier_urls")),
    path("", include("chuangwen.faces.desk.task_urls")),
    path("", include("chuangwen.faces.desk.rhythm_urls")),
    path("", include("chuangwen.faces.desk.rounds_urls")),
    path("", include("chuangwen.faces.desk.surveys_urls")),
    path("", include("chuangwen.faces.desk.score_data_urls")),
    path("", include("chuangwen.faces.desk.score_fronts_urls")),
    path("", include("chuangwen.faces.desk.scores_urls")),
    path("", include("chuangwen.faces.desk.ranking_urls")),
    path("", include("chuangwen.faces.wall.urls")),
    path("", include("chuangwen.faces.desk.facts_urls")),
    path("", include("chuangwen.faces.desk.papers_urls")),
]
if settings.BENCH:  # two addresses that do nothing, the floors of `chuangwen bench`
    urlpatterns.append(path("", include("chuangwen.faces.cli.bench.floor")))

handler400 = "chuangwen.config.headers.bad_request"
handler403 = "chuangwen.config.headers.forbidden"
handler404 = "chuangwen.config.headers.not_found"
handler500 = "chuangwen.config.headers.broken"
