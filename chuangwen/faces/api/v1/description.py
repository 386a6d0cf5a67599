"""The description of the interface: as OpenAPI JSON for programs, as a plain page for people. Both are public."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from chuangwen.faces.api.v1 import door
from chuangwen.faces.api.v1.faults import TITLES


@cache
def _text() -> tuple[bytes, str]:
    text = json.dumps(door.interface()[1], ensure_ascii=False, indent=1).encode()
    return text, f'"{hashlib.sha256(text).hexdigest()[:32]}"'


@require_safe
def document(request: HttpRequest) -> HttpResponse:
    """GET /api/v1/openapi.json: the OpenAPI 3.1 description."""
    text, etag = _text()
    answer = HttpResponse(text, content_type="application/json")
    answer["Cache-Control"] = "public, max-age=300"
    answer["ETag"] = etag
    return get_conditional_response(request, etag=etag, response=answer) or answer


def _operations(described: dict[str, Any]) -> list[dict[str, Any]]:
    """Every operation with its path, in the order of the tags."""
    rows = [
        {**operation, "path": path, "method": method.upper()}
        for path, operations in described["paths"].items()
        for method, operation in operations.items()
    ]
    order = [tag["name"] for tag in described["tags"]]
    return sorted(rows, key=lambda row: order.index(row["tags"][0]))


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """GET /api/v1/: the operations, with what each takes and the refusals; no script, nothing from elsewhere."""
    described = door.interface()[1]
    context = {
        "about": described["info"]["description"].replace("**", "").replace("`", "").split("\n\n"),
        "tags": described["tags"],
        "rows": _operations(described),
        "titles": [(status, words[1]) for status, words in TITLES.items()],
    }
    return render(request, "api/description.html", context)
