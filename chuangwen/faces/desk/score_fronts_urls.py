"""Addresses of the three fronts of a score and of one requirement's losses."""

from django.urls import path

from chuangwen.faces.desk import score_fronts, score_requirement

urlpatterns = [
    path("scores/front/site/", score_fronts.site),
    path("scores/front/dossier/", score_fronts.dossier),
    path("scores/front/survey/", score_fronts.survey),
    path("scores/requirement/<int:pk>/", score_requirement.show),
]
