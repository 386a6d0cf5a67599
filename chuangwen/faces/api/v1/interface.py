"""The interface as django-ninja builds it, and its OpenAPI description completed with what is the same everywhere."""

from __future__ import annotations

import json
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from chuangwen.faces.api.v1 import case_writes, city, own, results, work
from chuangwen.faces.api.v1.faults import MEDIA_TYPE, TITLES, Problem, of_rows

ABOUT = """Read and write what the pages of this city use.

**Key.** A token made on the page /tokens/, shown as `Authorization: Bearer TOKEN`. It acts as the person it belongs to, \
within its scopes, and sees exactly the rows that person may see; a row one may not see is 404. Cookies count for nothing.

**Lists** come in pages: give `next` of the answer as `cursor` to go on.

**Writes** carry a `uid` of your own, a new random UUID each; sending one again changes nothing.

**Words** are Chinese, or English with `Accept-Language: en`. Moments have their offset, decimals are strings.

**Refusals** are problem details (RFC 9457): `detail` is a sentence for a person, `errors` names each parameter or field."""

PROBLEM = {
    "title": "Problem", "description": "Problem details, RFC 9457.", "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "description": "Where this kind of problem is described.", "examples": ["/api/v1/#422"]},
        "title": {"type": "string", "description": "What kind of problem it is."},
        "status": {"type": "integer", "description": "The HTTP status again."},
        "detail": {"type": "string", "description": "What is wrong here, for a person."},
        "errors": {
            "type": "array", "description": "Each thing that is wrong.",
            "items": {
                "type": "object", "required": ["loc", "msg"],
                "properties": {
                    "loc": {"type": "array", "items": {"type": ["string", "integer"]}, "examples": [["query", "from"]],
                            "description": "Where: query, path or body, then the name."},
                    "msg": {"type": "string", "description": "What is wrong with it."},
                },
            },
        },
    },
}  # fmt: skip
TAGS = (
    ("cases", "Problems on their way from report to closing."),
    ("city", "Kinds of problems, units, places, duties."),
    ("work", "Tasks, rounds and visits."),
    ("results", "Standards, facts, rankings, forecasts."),
    ("own", "The person behind the token."),
)


class Interface(NinjaAPI):
    """Operations are called what their functions are called."""

    def get_openapi_operation_id(self, operation: Any) -> str:
        return str(operation.view_func.__name__)


def build() -> NinjaAPI:
    """The operations; authentication is the door's."""
    api = Interface(
        title="Chuangwen",
        version="1",
        description=ABOUT,
        docs_url=None,
        openapi_url=None,
        urls_namespace="api-v1",
    )
    for router in (case_writes.router, city.router, work.router, results.router, own.router):
        api.add_router("", router)

    @api.exception_handler(Problem)
    def of_problem(request: HttpRequest, fault: Problem) -> HttpResponse:
        return fault.response()

    @api.exception_handler(ValidationError)
    def of_values(request: HttpRequest, fault: ValidationError) -> HttpResponse:
        return of_rows({**row, "loc": _place(row["loc"])} for row in fault.errors).response()

    @api.exception_handler(Http404)
    def of_nothing(request: HttpRequest, fault: Http404) -> HttpResponse:
        return Problem(404).response()

    @api.exception_handler(HttpError)
    def of_library(request: HttpRequest, fault: HttpError) -> HttpResponse:
        return Problem(fault.status_code if fault.status_code in TITLES else 400).response()

    return api


def _place(loc: Any) -> tuple[str | int, ...]:
    """("query", "asked", "from") → ("query", "from"): the name of our own variable means nothing outside."""
    parts = tuple(loc)
    return (parts[0], *parts[2:]) if len(parts) > 2 else parts


def _plain(schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter's schema: it may be left out, which is not the same as null."""
    kinds = [one for one in schema.get("anyOf", ()) if one.get("type") != "null"]
    if len(kinds) == 1:
        schema = {
            **kinds[0],
            **{key: value for key, value in schema.items() if key not in ("anyOf", "default")},
        }
    return {key: value for key, value in schema.items() if key != "default" or value is not None}


def describe(api: NinjaAPI) -> dict[str, Any]:
    """The OpenAPI 3.1 description as plain JSON data."""
    document: dict[str, Any] = json.loads(
        json.dumps(api.get_openapi_schema(path_prefix="/api/v1/"), default=str)
    )
    document["tags"] = [{"name": name, "description": words} for name, words in TAGS]
    parts = document.setdefault("components", {})
    parts.setdefault("schemas", {})["Problem"] = PROBLEM
    parts["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "description": "A token from the page /tokens/."}
    }
    for operations in document["paths"].values():
        for method, operation in operations.items():
            _complete(method, operation)
    return document


def _complete(method: str, operation: dict[str, Any]) -> None:
    for row in operation.get("parameters", ()):
        row["schema"] = _plain(row["schema"])
    wrong = {401, 403, 404, 405, 413, 422, 429} | ({400, 409, 415} if method == "post" else set())
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for status in sorted(wrong):
        operation["responses"][str(status)] = {"description": TITLES[status][1], "content": content}
    if operation.get("x-shared"):
        operation["responses"]["304"] = {"description": "Not changed since it was read with this ETag."}
