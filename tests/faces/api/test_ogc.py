"""OGC API – Features, requirement by requirement of 17-069r4 (the names in brackets are those of the standard)."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given as told
from hypothesis import strategies as st

from chuangwen.faces.api.ogc.answers import Fault
from chuangwen.faces.api.ogc.asked import boxes_of, span
from chuangwen.kernel.models import Place
from chuangwen.problems.models import Case, CaseKind, Publication
from tests.architecture.conftest import life
from tests.architecture.test_addresses import POSTS
from tests.faces.api.test_open311 import key_of, public_of, sees

__all__ = ["life"]
BASE = "/ogc"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
NOON = dt.datetime(2026, 11, 10, 12, tzinfo=dt.UTC)


@pytest.fixture
def door(town):
    return Client(enforce_csrf_checks=True)


def get(door, path, **given):
    answer = door.get(f"{BASE}/{path}", given)
    assert answer.status_code == 200, answer.content.decode()
    return answer.json()


def href(links, rel, media=None):
    return next(each["href"] for each in links if each["rel"] == rel and media in (None, each["type"]))


def make_sites(number):
    """Sites S10, S11, … on a line to the east of the market, 0.01° from each other."""
    for i in range(number):
        site = Place(
            kind="site", code=f"S{10 + i}", name=f"点位{i}", short_name=f"点位{i}", path=f"x/S{10 + i}"
        )
        site.locate(113.01 + i / 100, 34.765)
        site.save()


def make_public(number, kind=None):
    """Public cases a day after each other from NOON on, on a line to the east."""
    kind = kind or CaseKind.objects.get(code="0301")
    for i in range(number):
        case = Case.objects.create(number=f"SL-{i}", source="resident", what="x", kind=kind, state="filed")
        row = Publication(
            case=case, what=f"公开{i}", kind=kind, state="public", reported_at=NOON + dt.timedelta(days=i)
        )
        row.locate(113.0 + i / 100, 34.76)
        row.save()


def names(data):
    return [each["properties"].get("what") or each["id"] for each in data["features"]]


# Landing page, description, conformance


def test_landing_page_leads_everywhere(door):
    """[root-op, root-success] links to the description, the conformance classes and the data, absolute."""
    links = get(door, "")["links"]
    for rel in ("service-desc", "conformance", "data"):
        address = href(links, rel)
        assert address.startswith("http://testserver/ogc/") and door.get(address).status_code == 200
    assert {each["rel"] for each in links} >= {"self", "alternate", "service-doc"}


def test_description_is_openapi_3_and_names_what_there_is(door):
    """[api-definition-op, api-definition-success, oas30/oas-definition-2, oas-impl]"""
    answer = door.get(href(get(door, "")["links"], "service-desc"))
    assert answer["Content-Type"] == "application/vnd.oai.openapi+json;version=3.0"
    document = answer.json()
    assert document["openapi"].startswith("3.0.")
    items = document["paths"]["/collections/cases/items"]["get"]
    known = {each["name"]: each["schema"] for each in items["parameters"]}
    assert known["limit"] == {"type": "integer", "minimum": 1, "maximum": 10000, "default": 100}
    assert {"bbox", "datetime", "f"} <= set(known)
    refs = set(_refs(document))
    assert refs and {ref.rsplit("/", 1)[1] for ref in refs} <= set(document["components"]["schemas"])
    for path in document["paths"]:
        if "{" not in path:
            assert door.get(f"{BASE}{path}").status_code == 200, path


def _refs(value):
    if isinstance(value, dict):
        yield from ([value["$ref"]] if "$ref" in value else [])
        for inner in value.values():
            yield from _refs(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _refs(inner)


def test_conformance_classes(door):
    """[conformance-op, conformance-success]"""
    classes = get(door, "conformance")["conformsTo"]
    prefix = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/"
    assert sorted(classes) == [prefix + name for name in ("core", "geojson", "html", "oas30")]


# Collections


def test_collections_and_each_of_them(door):
    """[fc-md-op, fc-md-success, fc-md-links, fc-md-items, fc-md-items-links, fc-md-extent, sfc-md-op, sfc-md-success]"""
    make_public(1)
    data = get(door, "collections")
    assert {each["rel"] for each in data["links"]} == {"self", "alternate"}
    assert [each["id"] for each in data["collections"]] == ["sites", "areas", "cases"]
    for one in data["collections"]:
        assert door.get(href(one["links"], "items", "application/geo+json")).status_code == 200
        alone = get(door, f"collections/{one['id']}")
        for name in ("id", "title", "description", "extent", "itemType", "crs"):
            assert alone[name] == one[name]
        west, south, east, north = one["extent"]["spatial"]["bbox"][0]
        assert west <= 113.0 <= east and south <= 34.765 and north >= 34.76
    assert (
        door.get(f"{BASE}/collections/none").status_code
        == 404
        == door.get(f"{BASE}/collections/x/items").status_code
    )


# Features


def test_items_are_geojson_of_wgs84(door, town):
    """[fc-op, fc-response, fc-links, fc-rel-type, fc-timeStamp, fc-numberReturned, crs84, geojson/content]"""
    answer = door.get(f"{BASE}/collections/sites/items")
    data = answer.json()
    assert answer["Content-Type"] == "application/geo+json" and answer["Content-Crs"] == f"<{CRS84}>"
    assert data["type"] == "FeatureCollection" and data["numberReturned"] == 1 and "numberMatched" not in data
    assert data["timeStamp"].endswith("Z") and href(data["links"], "self").startswith("http://testserver/")
    assert all(each["type"] for each in data["links"])
    site = data["features"][0]
    assert site["id"] == "S1" and site["geometry"] == {"type": "Point", "coordinates": [113.0, 34.765]}
    assert (
        site["properties"]["type_name"] == "农贸市场" and site["properties"]["area"] == "文化街社区居民委员会"
    )
    areas = {each["id"]: each for each in get(door, "collections/areas/items")["features"]}
    assert (
        areas["410181001000"]["geometry"] == town.street.shape and areas["410181001001"]["geometry"] is None
    )


def test_a_place_out_of_use_a_road_or_a_person_is_not_there(door, town):
    Place.objects.filter(code="S1").update(is_active=False)
    text = json.dumps(
        [get(door, f"collections/{name}/items") for name in ("sites", "areas")], ensure_ascii=False
    )
    assert "S1" not in text and "R1" not in text and "示例 leader" not in text
    assert door.get(f"{BASE}/collections/sites/items/S1").status_code == 404


def test_one_feature(door):
    """[f-op, f-success, f-links]"""
    make_public(1)
    for name in ("sites", "areas", "cases"):
        first = get(door, f"collections/{name}/items")["features"][0]
        alone = get(door, f"collections/{name}/items/{first['id']}")
        assert {key: alone[key] for key in first} == first
        assert {each["rel"] for each in alone["links"]} == {"self", "alternate", "collection"}
        assert door.get(f"{BASE}/collections/{name}/items/none").status_code == 404


def test_pages_by_next_links_hold_every_feature_once(door):
    """[fc-limit-response, next link of 7.15.6] A row that goes or comes meanwhile moves no other."""
    make_sites(7)
    make_public(7)
    for name, number in (("sites", 8), ("cases", 7), ("areas", 2)):
        data, found, pages = (
            get(door, f"collections/{name}/items", limit="3" if name != "areas" else "1"),
            [],
            0,
        )
        while True:
            found += [each["id"] for each in data["features"]]
            pages += 1
            following = [each for each in data["links"] if each["rel"] == "next"]
            if not following:
                break
            if pages == 1 and name == "sites":
                Place.objects.filter(code=found.pop(0)).update(is_active=False)
            data = door.get(following[0]["href"]).json()
        assert len(found) == len(set(found)) == number - (name == "sites") and pages in (2, 3)


def test_limit(door):
    """[fc-limit-definition, fc-limit-response] more than the most is no fault."""
    make_sites(2)
    assert get(door, "collections/sites/items", limit="1")["numberReturned"] == 1
    assert get(door, "collections/sites/items", limit="100000")["numberReturned"] == 3
    for wrong in ("0", "-1", "x", "1.5", ""):
        assert door.get(f"{BASE}/collections/sites/items", {"limit": wrong}).status_code == 400


@pytest.mark.parametrize(
    ("box", "found"),
    [
        ("113.005,34.7,113.025,34.8", {"S10", "S11", "S0"}), ("113.005,34.7,0,113.025,34.8,99", {"S10", "S11", "S0"}),
        ("113.01,34.765,113.01,34.765", {"S10", "S0"}), ("0,0,1,1", {"S0"}), ("170,34,113.005,35", {"S1", "S0"}),
        ("-180,-90,180,90", {"S1", "S10", "S11", "S12", "S0", "W", "E"}), ("179.9,-20,-179.9,-10", {"W", "E", "S0"}),
    ],
)  # fmt: skip
def test_bbox(door, box, found):
    """[fc-bbox-definition, fc-bbox-response] across 180°, of six numbers; what has no geometry matches too."""
    make_sites(3)
    for code, lon in (("W", 179.95), ("E", -179.95)):
        site = Place(kind="site", code=code, name=code, short_name=code, path=code)
        site.locate(lon, -15.0)
        site.save()
    Place.objects.create(kind="site", code="S0", name="无坐标", short_name="无坐标", path="S0")
    asked = get(door, "collections/sites/items", bbox=box, **{"bbox-crs": CRS84, "crs": CRS84})
    assert set(names(asked)) == found


def test_bbox_of_areas_and_cases(door):
    make_public(3)
    assert names(get(door, "collections/cases/items", bbox="113.005,34.7,113.015,34.8")) == ["公开1"]
    assert set(names(get(door, "collections/areas/items", bbox="113.04,34.79,114,35"))) == {
        "410181001000",
        "410181001001",
    }
    assert names(get(door, "collections/areas/items", bbox="114,34,115,35")) == ["410181001001"]


@pytest.mark.parametrize(
    "box", ["", "1,2,3", "1,2,3,4,5", "a,b,c,d", "1,2,nan,4", "0,5,1,4", "-181,0,1,1", "0,0,1,91"]
)
def test_a_bbox_that_is_none(door, box):
    assert door.get(f"{BASE}/collections/areas/items", {"bbox": box}).status_code == 400


@pytest.mark.parametrize(
    ("when", "found"),
    [
        ("2026-11-11T12:00:00Z", {1}), ("2026-11-11T20:00:00+08:00", {1}), ("2026-11-11T12:00:01Z", set()),
        ("2026-11-11T00:00:00Z/2026-11-12T12:00:00Z", {1, 2}), ("2026-11-11T12:00:01Z/..", {2, 3}),
        ("2026-11-11T12:00:01Z/", {2, 3}), ("../2026-11-11T12:00:00Z", {0, 1}), ("/2026-11-10T11:59:59Z", set()),
    ],
)  # fmt: skip
def test_datetime(door, when, found):
    """[fc-time-definition, fc-time-response] what has no time matches whatever is asked."""
    make_public(4)
    asked = get(door, "collections/cases/items", datetime=when)
    assert set(names(asked)) == {f"公开{i}" for i in found}
    assert names(get(door, "collections/sites/items", datetime=when)) == ["S1"]


@pytest.mark.parametrize("when", ["", "..", "../..", "/", "yesterday", "2026-11-11", "2026-13-11T00:00:00Z",
                                  "2026-11-11T00:00:00", "2026-11-12T00:00:00Z/2026-11-11T00:00:00Z", "a/b/c"])  # fmt: skip
def test_a_datetime_that_is_none(door, when):
    for name in ("cases", "sites"):
        assert door.get(f"{BASE}/collections/{name}/items", {"datetime": when}).status_code == 400


@pytest.mark.parametrize(
    "path",
    ["?x=1", "conformance?limit=1", "collections/sites/items?colour=red", "collections/sites/items/S1?bbox=1,2,3,4",
     "collections/sites/items?limit=1&limit=2", "collections/sites/items?f=xml", "collections/sites/items?crs=EPSG:4490",
     "collections/sites/items?bbox-crs=x", "collections/sites/items?after=x", "collections/cases/items?after=x"],
)  # fmt: skip
def test_parameters_unknown_or_wrong_are_faults_in_json(door, path):
    """[query-param-unknown, query-param-invalid]"""
    answer = door.get(f"{BASE}/{path}", headers={"Accept": "text/html"})
    assert answer.status_code == 400 and answer["Content-Type"] == "application/json"
    assert answer.json()["code"] == "400" and answer.json()["description"]


def test_other_methods_addresses_and_keys(door, town):
    """[http]"""
    answer = door.post(f"{BASE}/collections")
    assert answer.status_code == 405 and answer["Allow"] == "GET, HEAD" and answer.json()["code"] == "405"
    assert door.head(f"{BASE}/").status_code == 200
    assert door.get(f"{BASE}/nothing").json()["code"] == "404"
    wrong = {"Authorization": "Bearer wrong"}
    answer = door.get(f"{BASE}/collections/cases/items", headers=wrong)
    assert answer.status_code == 401 and "Basic" in answer["WWW-Authenticate"]
    reporter = {"Authorization": f"Bearer {key_of(town)}"}
    assert door.get(f"{BASE}/collections/cases/items", headers=reporter).status_code == 401


@pytest.mark.logs_errors
def test_a_failure_here_is_no_page(door, monkeypatch):
    monkeypatch.setattr("chuangwen.faces.api.ogc.views._now", lambda: 1 / 0)
    answer = door.get(f"{BASE}/collections/sites/items", headers={"Accept": "text/html"})
    assert answer.status_code == 500 and answer.json()["code"] == "500"


def test_pages_for_browsers_hold_the_same_and_nobodys_name(door, town):
    """[html/definition, html/content] all values and links of the JSON; a session changes nothing."""
    CaseKind.objects.filter(code="0301").update(name="<b>&垃圾")
    make_public(1)
    browser = Client()
    browser.force_login(town.people["office"])
    accept = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    for path in ("", "conformance", "api", "collections", "collections/cases", "collections/cases/items"):
        answer = browser.get(f"{BASE}/{path}", headers=accept)
        text = answer.content.decode()
        assert answer.status_code == 200 and answer["Content-Type"].startswith("text/html")
        assert "示例 office" not in text and "csrf" not in text.lower() and "<script" not in text
    assert "&lt;b&gt;&amp;垃圾" in text and "113.0, 34.76" in text
    uid = get(door, "collections/cases/items")["features"][0]["id"]
    assert f"/ogc/collections/cases/items/{uid}" in text and door.get(f"{BASE}/?f=html").status_code == 200
    assert get(door, "", f="json")["links"]


def test_scripts_of_other_sites_read_what_is_public_only(door, town):
    answer = door.get(f"{BASE}/collections/cases/items")
    assert answer["Access-Control-Allow-Origin"] == "*" and "Access-Control-Allow-Credentials" not in answer
    mine = {"Authorization": f"Bearer {key_of(town, 'office', ['read'])}"}
    answer = door.get(f"{BASE}/collections/cases/items", headers=mine)
    assert "Access-Control-Allow-Origin" not in answer and answer["Cache-Control"] == "no-store"


def test_a_page_costs_the_same_however_long(door, town, django_assert_num_queries):
    make_sites(5)
    make_public(5)
    mine = {"Authorization": f"Bearer {key_of(town, 'office', ['read'])}"}
    door.get(f"{BASE}/", headers=mine)  # notes the day of use
    for name, headers, queries in (("sites", {}, 1), ("areas", {}, 1), ("cases", {}, 1), ("cases", mine, 3)):
        with django_assert_num_queries(queries):
            assert door.get(f"{BASE}/collections/{name}/items", headers=headers).json()["numberReturned"] >= 2


# Which rows


def test_each_post_is_shown_exactly_what_the_rule_gives(life):
    door = Client()
    public = set(public_of(life))
    assert {each["id"] for each in get(door, "collections/cases/items")["features"]} == public
    for post in POSTS:
        mine = {"Authorization": f"Bearer {key_of(life.town, post, ['read'])}"}
        answer = door.get(f"{BASE}/collections/cases/items", headers=mine)
        assert {each["id"] for each in answer.json()["features"]} == sees(life, post), post
        for case in life.cases.values():
            one = door.get(f"{BASE}/collections/cases/items/{case.uid.hex}", headers=mine)
            assert one.status_code == (200 if case.uid.hex in sees(life, post) else 404)
    for case in life.cases.values():
        status = door.get(f"{BASE}/collections/cases/items/{case.uid.hex}").status_code
        assert status == (200 if case.uid.hex in public else 404)


# The pure parts


@told(st.floats(-180, 180), st.floats(-90, 90), st.floats(-180, 180), st.floats(-90, 90))
def test_boxes_together_are_as_wide_as_asked(west, south, east, north):
    south, north = sorted((south, north))
    found = boxes_of(f"{west},{south},{east},{north}")
    assert all(w <= e and (s, n) == (south, north) for w, s, e, n in found)
    width = east - west if west <= east else 360 - west + east
    assert sum(e - w for w, _s, e, _n in found) == pytest.approx(width)


@told(st.text("0123456789-:TZ+./ ", max_size=60))
def test_any_text_is_a_span_or_a_fault(text):
    try:
        since, before = span(text)
    except Fault as fault:
        assert fault.status == 400
    else:
        assert since or before
        assert all(
            end.tzinfo == timezone.get_fixed_timezone(0) or end.tzinfo for end in (since, before) if end
        )
