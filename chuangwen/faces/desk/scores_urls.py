"""Addresses of the forecast and of the weakness list."""

from django.urls import path

from chuangwen.faces.desk import scores

urlpatterns = [
    path("scores/", scores.scores_page),
    path("scores/keep/", scores.keep),
    path("scores/weak/", scores.weak_page),
]
