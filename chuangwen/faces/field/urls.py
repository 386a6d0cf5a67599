"""Addresses of the phone pages, and of quick entry at the desk."""

from django.urls import path

from chuangwen.faces.field import entry, patrol, visits

urlpatterns = [
    path("report/", entry.report),
    path("report/suggest/", entry.suggest),
    path("report/done/<str:number>/", entry.done),
    path("cases/new/", entry.new_case),
    path("patrol/", patrol.patrol),
    path("patrol/fine/", patrol.fine),
    path("rounds/today/", visits.today),  # before the rounds of the desk: today is no number
    path("visits/<uuid:uid>/", visits.visit),
    path("visits/<uuid:uid>/skip/", visits.skip),
    path("visits/<uuid:uid>/reopen/", visits.reopen),
]
