"""Addresses of the month's ranking, objections to it and what follows from it."""

from django.urls import path

from chuangwen.faces.desk import (
    consequences,
    objections,
    ranking,
    ranking_changes,
    ranking_line,
    rankings,
    specials,
    year_scores,
)

urlpatterns = [
    path("rankings/", rankings.index),
    path("rankings/close/", rankings.close),
    path("rankings/rules/", rankings.rules_page),
    path("rankings/rules/<int:pk>/", rankings.rule_page),
    path("rankings/year/", year_scores.show),
    path("rankings/year/forms/new/", year_scores.edit),
    path("rankings/year/forms/<int:pk>/", year_scores.edit),
    path("rankings/<int:pk>/", ranking.show),
    path("rankings/<int:pk>/changes/", ranking_changes.show),
    path("rankings/<int:pk>/steps/<str:code>/", rankings.step),
    path("rankings/<int:pk>/<int:key>/", ranking_line.show),
    path("rankings/<int:pk>/<int:key>/<str:code>/", ranking_line.rows),
    path("objections/", objections.index),
    path("objections/<str:number>/", objections.show),
    path("objections/<str:number>/<str:code>/", objections.step),
    path("consequences/", consequences.index),
    path("consequences/new/", consequences.new),
    path("consequences/<int:pk>/lift/", consequences.lift),
    path("specials/", specials.index),
    path("specials/new/", specials.new),
    path("specials/<int:pk>/", specials.show),
    path("specials/<int:pk>/edit/", specials.edit),
    path("specials/<int:pk>/findings/", specials.finding),
]
