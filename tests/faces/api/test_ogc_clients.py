"""Map clients nobody here wrote read the map door over the network of this machine: OWSLib and GDAL's OAPIF driver."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.faces.api.test_ogc import make_public, make_sites
from tests.faces.api.test_open311 import key_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.one_engine]


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


# In a process of its own: GDAL holds Python's lock while it waits for an answer, and the server here needs it to give one.
GDAL = """
import json, sys
import pyogrio
where, options = sys.argv[1], {"PAGE_SIZE": "10"}
info = pyogrio.read_info(where, layer="sites", force_feature_count=True, **options)
points = pyogrio.raw.read(where, layer="sites", **options)[2]
meta, _fids, _points, values = pyogrio.raw.read(where, layer="sites", bbox=(113.015, 34.7, 113.045, 34.8), columns=["code"])
areas = pyogrio.read_info(where, layer="areas", force_feature_count=True)
print(json.dumps({
    "layers": sorted(name for name, _kind in pyogrio.list_layers(where)), "features": info["features"], "crs": info["crs"],
    "fields": list(info["fields"]), "points": len(points), "box": [list(meta["fields"]), sorted(values[0])],
    "areas": areas["features"],
}))
"""


def test_gdal_reads_all_pages_and_a_box(filled):
    import pyogrio

    if "OAPIF" not in pyogrio.list_drivers():
        pytest.skip("left out: this GDAL has no OAPIF driver")
    run = subprocess.run(
        [sys.executable, "-c", GDAL, f"OAPIF:{filled}"], capture_output=True, text=True, timeout=60
    )
    assert run.returncode == 0, run.stderr
    found = json.loads(run.stdout)
    assert found["layers"] == ["areas", "cases", "sites"]
    assert found["features"] == found["points"] == 25 and "CRS84" in found["crs"]
    assert {"code", "name", "type_name"} <= set(found["fields"])
    assert found["box"] == [["code"], ["S11", "S12", "S13"]]
    assert found["areas"] == 2
