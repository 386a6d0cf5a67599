"""Addresses of the rates."""

from django.urls import path

from chuangwen.faces.desk import rates

urlpatterns = [
    path("rates/", rates.rates_page, name="rates"),
    path("rates/cases/", rates.cases_page, name="rate-cases"),
    path("rates/open/", rates.open_page, name="rates-open"),
]
