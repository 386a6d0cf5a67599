"""Addresses that exist only under CHUANGWEN_BENCH=1: a view that does nothing, and one durable commit of
one row.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path

from chuangwen.kernel.models import Counter


def nothing(request: HttpRequest) -> HttpResponse:
    return HttpResponse(b"nothing")


def commit(request: HttpRequest) -> HttpResponse:
    Counter.objects.create(name=f"bench {request.GET['n']}")
    return HttpResponse(b"committed")


urlpatterns = [path("floor/", nothing), path("floor/commit/", commit)]
