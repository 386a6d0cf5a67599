"""Addresses: Open311 GeoReport v2; the ending says in which form the answer comes."""

from django.urls import re_path

from chuangwen.faces.api.open311 import answers, views

FORM = r"\.(?P<form>json|xml)$"

urlpatterns = [
    re_path(r"^discovery" + FORM, views.discovery),
    re_path(r"^services" + FORM, views.services),
    re_path(r"^services/(?P<code>[^/]+)" + FORM, views.service),
    re_path(r"^requests" + FORM, views.requests),
    re_path(r"^requests/(?P<id>[^/]+)" + FORM, views.one),
    re_path(r"^tokens/(?P<token>[^/]+)" + FORM, views.token),
    re_path(r"^(?P<rest>.*)$", answers.nothing),
]
