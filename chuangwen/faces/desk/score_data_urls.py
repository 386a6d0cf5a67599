"""Addresses of what scores stand on: official results, the negative list, the rule."""

from django.urls import path

from chuangwen.faces.desk import score_data

urlpatterns = [
    path("scores/official/", score_data.official),
    path("scores/official/new/", score_data.official_new),
    path("scores/official/<int:pk>/", score_data.official_edit),
    path("scores/negative/", score_data.negative),
    path("scores/negative/new/", score_data.incident_new),
    path("scores/negative/<int:pk>/lift/", score_data.incident_lift),
    path("scores/rule/", score_data.rule),
    path("scores/rule/new/", score_data.rule_new),
]
