"""Addresses of the phone pages, and of quick entry at the desk."""

from django.urls import path

from chuangwen.faces.field import entry, patrol

urlpatterns = [
    path("report/", entry.report),
    path("report/suggest/", entry.suggest),
    path("report/done/<str:number>/", entry.done),
    path("cases/new/", entry.new_case),
    path("patrol/", patrol.patrol),
    path("patrol/fine/", patrol.fine),
]
