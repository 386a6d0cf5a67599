"""The resources of the map door: landing page, conformance, description, collections, features."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.faces.api.ogc import asked, description
from chuangwen.faces.api.ogc.answers import GEOJSON, HTML, JSON, Answer, Asking, door, link, own_links
from chuangwen.faces.api.ogc.collections import COLLECTIONS, Collection, Feature
from chuangwen.kernel.city import briefly, city

CLASSES = [
    f"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{name}"
    for name in ("core", "oas30", "html", "geojson")
]
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
CRS_HEADER = {"Content-Crs": f"<{asked.CRS84}>"}
EXTENT_SECONDS = 60.0  # how long the bounds of a collection are taken for known
_EXTENTS: dict[str, Callable[[], Any]] = {
    name: briefly(one.extent, EXTENT_SECONDS) for name, one in COLLECTIONS.items()
}


@door()
def landing(asking: Asking) -> Answer:
    """GET /ogc/: where everything is."""
    here = city()
    title = _("%(city)s公开的地图数据") % {"city": here.name if here else ""}
    links = [
        *own_links(asking, ""),
        link(asking.url("api", f="json"), "service-desc", OPENAPI, _("接口说明（OpenAPI）")),
        link(asking.url("api", f="html"), "service-doc", HTML, _("接口说明")),
        link(asking.url("conformance"), "conformance", JSON, _("符合的标准")),
        link(asking.url("collections"), "data", JSON, _("数据集")),
    ]
    return Answer(
        title, {"title": title, "description": _("点位、镇街和村社区、公开的问题。"), "links": links}
    )


@door()
def conformance(asking: Asking) -> Answer:
    """GET /ogc/conformance: the conformance classes."""
    return Answer(_("符合的标准"), {"conformsTo": CLASSES, "links": own_links(asking, "conformance")})


@door()
def api(asking: Asking) -> Answer:
    """GET /ogc/api: the OpenAPI 3.0 description."""
    return Answer(_("接口说明"), description.document(asking.root), OPENAPI)


def _described(asking: Asking, one: Collection) -> dict[str, Any]:
    path = f"collections/{one.id}"
    found: dict[str, Any] = {
        "id": one.id, "title": str(one.title), "description": str(one.description), "itemType": "feature",
        "crs": [asked.CRS84], "storageCrs": asked.CRS84,
        "links": [
            link(asking.url(f"{path}/items", f="json"), "items", GEOJSON, str(one.title)),
            link(asking.url(f"{path}/items", f="html"), "items", HTML, str(one.title)),
        ],
    }  # fmt: skip
    # Bounds must hold every feature: for a person they are not known without reading all his rows.
    box = _EXTENTS[one.id]() if not (one.has_time and asking.person) else None
    if box is not None:
        found["extent"] = {"spatial": {"bbox": [list(box)], "crs": asked.CRS84}}
        if one.has_time:
            found["extent"]["temporal"] = {"interval": [[None, None]]}
    return found


@door()
def collections(asking: Asking) -> Answer:
    """GET /ogc/collections: all of them."""
    found = [_described(asking, one) for one in COLLECTIONS.values()]
    for one in found:
        one["links"].insert(0, link(asking.url(f"collections/{one['id']}"), "self", JSON, one["title"]))
    return Answer(_("数据集"), {"links": own_links(asking, "collections"), "collections": found})


def _known(id: str) -> Collection:
    if id not in COLLECTIONS:
        raise Http404
    return COLLECTIONS[id]


@door()
def collection(asking: Asking, id: str) -> Answer:
    """GET /ogc/collections/<id>: one of them."""
    one = _known(id)
    found = _described(asking, one)
    found["links"] = [*own_links(asking, f"collections/{one.id}"), *found["links"]]
    return Answer(str(one.title), found)


@door(*asked.LIST)
def items(asking: Asking, id: str) -> Answer:
    """GET /ogc/collections/<id>/items: a page of features, with a link to the next.

    How many there are in all is not counted: that would cost more than the page itself.
    """
    one = _known(id)
    page = one.page(asking.person, asked.asked_of(asking.given))
    path = f"collections/{one.id}/items"
    links = [*own_links(asking, path, GEOJSON, **asking.given),
             link(asking.url(f"collections/{one.id}"), "collection", JSON, str(one.title))]  # fmt: skip
    if page.after is not None:
        media = HTML if asking.form == "html" else GEOJSON
        following = asking.url(path, **{**asking.given, "after": page.after, "f": asking.form})
        links.append(link(following, "next", media, _("下一页")))
    if asking.form == "html":
        for feature in page.features:
            feature["links"] = [link(_address(asking, one, feature), "self", HTML, str(feature["id"]))]
    data = {
        "type": "FeatureCollection", "links": links, "timeStamp": _now(), "numberReturned": len(page.features),
        "features": page.features,
    }  # fmt: skip
    return Answer(str(one.title), data, GEOJSON, CRS_HEADER)


def _now() -> str:
    return timezone.now().strftime("%Y-%m-%dT%H:%M:%SZ")


def _address(asking: Asking, one: Collection, feature: Feature) -> str:
    return asking.url(f"collections/{one.id}/items/{quote(str(feature['id']), safe='')}")


@door("crs")
def item(asking: Asking, id: str, fid: str) -> Answer:
    """GET /ogc/collections/<id>/items/<feature>: one feature; one that may not be seen is not there."""
    one = _known(id)
    asked.check_crs(asking.given, "crs")
    feature = one.one(asking.person, fid)
    if feature is None:
        raise Http404
    path = f"collections/{one.id}/items/{quote(fid, safe='')}"
    links = [*own_links(asking, path, GEOJSON),
             link(asking.url(f"collections/{one.id}"), "collection", JSON, str(one.title))]  # fmt: skip
    return Answer(f"{one.title} {fid}", {**feature, "links": links}, GEOJSON, CRS_HEADER)
