"""Addresses of the fact ledger."""

from django.urls import path

from chuangwen.faces.desk import facts, facts_check, facts_exchange

urlpatterns = [
    path("facts/", facts.register),
    path("facts/new/", facts.new),
    path("facts/export/", facts_exchange.export),
    path("facts/import/", facts_exchange.take_in),
    path("facts/check/", facts_check.check),
    path("facts/sums/", facts.sums),
    path("facts/<str:code>/", facts.show),
    path("facts/<str:code>/edit/", facts.edit),
    path("facts/<str:code>/confirm/", facts.confirm),
    path("facts/<str:code>/figures/", facts.figure),
    path("facts/<str:code>/figures/<int:year>/confirm/", facts.confirm_year),
]
