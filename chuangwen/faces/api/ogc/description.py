"""The OpenAPI 3.0 description of the map door (requirement class oas30 of 17-069r4), made from its collections."""

from __future__ import annotations

from typing import Any

from chuangwen.faces.api.ogc.answers import FORMS, GEOJSON, HTML, JSON
from chuangwen.faces.api.ogc.asked import CRS84, MOST, USUAL
from chuangwen.faces.api.ogc.collections import COLLECTIONS, Collection

_ONE = {"style": "form", "explode": False}


def _query(name: str, schema: dict[str, Any], about: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": about, "schema": schema, **_ONE}


F = _query("f", {"type": "string", "enum": list(FORMS)}, "Form of the answer; else by Accept.")
CRS = _query(
    "crs",
    {"type": "string", "format": "uri", "enum": [CRS84], "default": CRS84},
    "Reference system of the answer.",
)
_BOX = {
    "type": "array",
    "items": {"type": "number"},
    "oneOf": [{"minItems": 4, "maxItems": 4}, {"minItems": 6, "maxItems": 6}],
}
LIST = [
    _query(
        "limit", {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL}, "Features of one page."
    ),
    _query("bbox", _BOX, "West, south, east, north; features without geometry match too."),
    _query(
        "datetime",
        {"type": "string"},
        "A moment or an interval (RFC 3339, `..` for open), against `reported_at`.",
    ),
    _query("after", {"type": "string"}, "Where a page goes on; given by the link `next`."),
    CRS,
    _query(
        "bbox-crs",
        {"type": "string", "format": "uri", "enum": [CRS84], "default": CRS84},
        "Reference system of bbox.",
    ),
    F,
]


def _answers(media: str, schema: str) -> dict[str, Any]:
    fault = {
        "description": "Fault",
        "content": {JSON: {"schema": {"$ref": "#/components/schemas/exception"}}},
    }
    content = {
        media: {"schema": {"$ref": f"#/components/schemas/{schema}"}},
        HTML: {"schema": {"type": "string"}},
    }
    wrong = dict.fromkeys(("400", "401", "404", "500"), fault)
    return {"200": {"description": "As asked", "content": content}, **wrong}


def _get(id: str, summary: str, parameters: list[dict[str, Any]], media: str, schema: str) -> dict[str, Any]:
    told = {
        "operationId": id,
        "summary": summary,
        "parameters": parameters,
        "responses": _answers(media, schema),
    }
    return {"get": {**told, "security": [{}, {"token": []}]}}


def _of(one: Collection) -> dict[str, Any]:
    path = f"/collections/{one.id}"
    title = str(one.title)
    fid = {"name": "featureId", "in": "path", "required": True, "schema": {"type": "string"}}
    return {
        path: _get(f"describe_{one.id}", title, [F], JSON, "collection"),
        f"{path}/items": _get(f"list_{one.id}", title, LIST, GEOJSON, "featureCollection"),
        f"{path}/items/{{featureId}}": _get(f"get_{one.id}", title, [fid, CRS, F], GEOJSON, "feature"),
    }


def document(root: str) -> dict[str, Any]:
    """The description, for a door at this absolute address."""
    paths = {
        "/": _get("landing", "Landing page", [F], JSON, "landingPage"),
        "/conformance": _get("conformance", "Conformance classes", [F], JSON, "confClasses"),
        "/api": _get("api", "This description", [F], JSON, "anything"),
        "/collections": _get("collections", "Collections", [F], JSON, "collections"),
    }
    for one in COLLECTIONS.values():
        paths |= _of(one)
    info = {
        "title": "Chuangwen: OGC API - Features", "version": "1.0.0",
        "description": "Without a token what is public; with a token of scope read what its person may see.",
        "license": {"name": "Data: ask the city"},
    }  # fmt: skip
    token = {"type": "http", "scheme": "bearer"}
    return {
        "openapi": "3.0.3", "info": info, "servers": [{"url": root.rstrip("/")}], "paths": paths,
        "components": {"securitySchemes": {"token": token}, "schemas": _schemas()},
    }  # fmt: skip


def _object(required: list[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": required, "properties": properties}


def _list(of: str) -> dict[str, Any]:
    return {"type": "array", "items": {"$ref": f"#/components/schemas/{of}"}}


def _schemas() -> dict[str, Any]:
    text, many = {"type": "string"}, {"type": "array", "items": {"type": "string"}}
    links = _list("link")
    geometry = {"type": "object", "nullable": True}
    feature = {"type": {**text, "enum": ["Feature"]}, "id": text, "geometry": geometry,
               "properties": {"type": "object"}, "links": links}  # fmt: skip
    return {
        "anything": {"type": "object"},
        "link": _object(["href", "rel"], href=text, rel=text, type=text, title=text),
        "exception": _object(["code"], code=text, description=text),
        "landingPage": _object(["links"], title=text, description=text, links=links),
        "confClasses": _object(["conformsTo"], conformsTo=many, links=links),
        "collection": _object(["id", "links"], id=text, title=text, description=text, links=links,
                              extent={"type": "object"}, itemType=text, crs=many, storageCrs=text),
        "collections": _object(["links", "collections"], links=links, collections=_list("collection")),
        "feature": _object(["type", "geometry", "properties"], **feature),
        "featureCollection": _object(
            ["type", "features"], type={**text, "enum": ["FeatureCollection"]}, links=links,
            timeStamp={**text, "format": "date-time"}, numberReturned={"type": "integer", "minimum": 0},
            features=_list("feature"),
        ),
    }  # fmt: skip
