"""The address a watchdog asks: is this installation up, and which version is it."""

from __future__ import annotations

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse

from chuangwen import __version__


def healthz(request: HttpRequest) -> JsonResponse:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"status": "database", "version": __version__}, status=503)
    return JsonResponse({"status": "ok", "version": __version__})
