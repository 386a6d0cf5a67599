"""How to set up a phone form app: the server's address, the username, where the password comes from, and a code to scan."""

from __future__ import annotations

import base64
import io
import json
import zlib

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from chuangwen.inspections.form_catalogue import forms_of
from chuangwen.kernel.city import city
from chuangwen.kernel.people.models import Person
from chuangwen.kernel.screens.access import SignedIn, page


def server_of(request: HttpRequest) -> str:
    """What the app calls the server's address: without the last stroke."""
    return request.build_absolute_uri("/openrosa")


def collect_settings(server: str, person: Person, project: str) -> str:
    """The settings of ODK Collect and KoboCollect as their code holds them: JSON, deflated, in base 64.

    No password: a code on a screen is soon a picture in a chat. Source: the settings reference of ODK Collect.
    """
    told = {
        "general": {
            "protocol": "odk_default", "server_url": server, "username": person.username,
            "form_update_mode": "match_exactly", "autosend": "wifi_and_cellular",
        },
        "admin": {},
        "project": {"name": project},
    }  # fmt: skip
    return base64.b64encode(
        zlib.compress(json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode(), 9)
    ).decode()


@page()
def settings(request: SignedIn) -> HttpResponse:
    """GET /openrosa/settings/: three steps to a phone that fills in checklists without network."""
    context = {"server": server_of(request), "forms": forms_of(request.user)}
    return render(request, "api/openrosa_settings.html", context)


@page()
def qr(request: SignedIn) -> HttpResponse:
    """GET /openrosa/settings/qr.svg: the code the app scans."""
    import segno  # only this address draws it

    told = collect_settings(server_of(request), request.user, getattr(city(), "name", ""))
    stream = io.BytesIO()
    segno.make(told, error="l", micro=False).save(
        stream, kind="svg", scale=4, border=4, light="#fff", svgclass=None, lineclass=None
    )
    response = HttpResponse(stream.getvalue(), content_type="image/svg+xml")
    response.headers["Cache-Control"] = "private, no-store"
    return response
