"""Map clients nobody here wrote read the map door over the network of this machine: OWSLib and GDAL's OAPIF driver."""

from __future__ import annotations

import pytest

from tests.faces.api.test_ogc import make_public, make_sites
from tests.faces.api.test_open311 import key_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def filled(town, live_server):
    make_sites(24)
    make_public(7)
    return f"{live_server.url}/ogc/"


def test_owslib_reads_collections_pages_and_filters(filled):
    from owslib.ogcapi.features import Features

    found = Features(filled)
    assert found.feature_collections() == ["sites", "areas", "cases"]
    assert any(name.endswith("/core") for name in found.conformance()["conformsTo"])
    assert found.api()["openapi"].startswith("3.0")
    assert found.collection("sites")["itemType"] == "feature"
    page = found.collection_items("sites", limit=10)
    assert page["numberReturned"] == 10
    inside = found.collection_items("sites", bbox=[113.015, 34.7, 113.045, 34.8])
    assert [each["id"] for each in inside["features"]] == ["S11", "S12", "S13"]
    since = found.collection_items("cases", datetime_="2026-11-14T00:00:00Z/..")
    assert {each["properties"]["what"] for each in since["features"]} == {"公开4", "公开5", "公开6"}
    assert found.collection_item("sites", "S11")["properties"]["name"] == "点位1"


def test_owslib_with_a_key_reads_what_its_person_may_see(filled, town):
    from owslib.ogcapi.features import Features

    secret = key_of(town, "liaison", ["read"])
    found = Features(filled, headers={"Authorization": f"Bearer {secret}"})
    assert found.collection_items("cases")["features"] == []  # no case is of his unit


def test_gdal_reads_all_pages_and_a_box(filled):
    import pyogrio

    if "OAPIF" not in pyogrio.list_drivers():
        pytest.skip("left out: this GDAL has no OAPIF driver")
    assert {name for name, _kind in pyogrio.list_layers(f"OAPIF:{filled}")} == {"sites", "areas", "cases"}
    options = {"PAGE_SIZE": "10"}
    info = pyogrio.read_info(f"OAPIF:{filled}", layer="sites", force_feature_count=True, **options)
    assert info["features"] == 25 and "CRS84" in info["crs"]
    assert {"code", "name", "type_name"} <= set(info["fields"])
    _meta, _fids, points, _values = pyogrio.raw.read(f"OAPIF:{filled}", layer="sites", **options)
    assert len(points) == 25
    box = (113.015, 34.7, 113.045, 34.8)
    meta, _fids, _points, values = pyogrio.raw.read(
        f"OAPIF:{filled}", layer="sites", bbox=box, columns=["code"]
    )
    assert list(meta["fields"]) == ["code"] and sorted(values[0]) == ["S11", "S12", "S13"]
    areas = pyogrio.read_info(f"OAPIF:{filled}", layer="areas", force_feature_count=True)
    assert areas["features"] == 2
