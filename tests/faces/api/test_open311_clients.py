"""Open311 clients nobody here wrote: `three` from PyPI, and what FixMyStreet's client sends and reads."""

from __future__ import annotations

import io
import itertools
from xml.etree import ElementTree

import pytest
from django.test import Client

from chuangwen.problems.models import Case
from tests.faces.api.test_open311 import BASE, key_of, published


@pytest.fixture
def three(monkeypatch):
    """The client of PyPI, 0.8.0. It was written for Python 2; given back `ifilter`, it runs on Python 3 for JSON."""
    monkeypatch.setattr(itertools, "ifilter", filter, raising=False)
    return pytest.importorskip("three.core", reason="left out: three is not installed")


@pytest.mark.django_db(transaction=True)
def test_three_discovers_reports_and_reads(three, town, live_server, make_picture):
    made = three.Three(f"{live_server.url}{BASE}", api_key=key_of(town), jurisdiction="410181")
    assert made.discovery()["endpoints"][0]["url"] == f"{live_server.url}{BASE}"
    assert [each["service_code"] for each in made.services()] == ["0301", "0701"]
    assert made.services("0301")["attributes"] == []
    photo = io.BytesIO(make_picture(33))
    photo.name = "a.jpg"
    told = made.post(
        "0301", lat="34.7634", long="113.0012", description="垃圾桶满了", name="王 桂芬", media=photo
    )
    case = Case.objects.get()
    assert told[0]["service_request_id"] == case.uid.hex
    shown, _row = published(town, make_picture, 90)
    assert [each["service_request_id"] for each in made.requests()] == [shown.uid.hex]
    assert made.request(shown.uid.hex)[0]["description"] == "暴露垃圾"
    assert made.requests("0301", start="01-01-2020", end="12-31-2099", count=5)[0]["status"] == "open"
    assert made.token("none")[0]["code"] == 404
    made.session.close()


@pytest.mark.django_db
class TestFixMyStreet:
    """What FixMyStreet's client (perllib/Open311.pm) does, told in our words.

    It asks for XML only and adds jurisdiction_id to every address, empty where none is set. A report is one form with
    api_key, lat, long, email, first and last name, and words of several lines; it takes what stands in
    request/service_request_id, else asks tokens/<request/token>.xml. Later it asks requests.xml for a list of ids joined
    by commas, without a key. Of a fault it reads error/code and error/description, one or several.
    """

    def form(self, town, **more):
        return {
            "jurisdiction_id": "", "api_key": key_of(town), "lat": 34.7634, "long": 113.0012, "email": "a@example.org",
            "description": "title:  垃圾\n\ndetail: 满了\n\nurl: http://127.0.0.1/report/1\n\nSubmitted via FixMyStreet\n",
            "service_code": "0301", "first_name": "", "last_name": "", "media_url": "http://127.0.0.1/1.jpg", **more,
        }  # fmt: skip

    def test_services_and_their_definition(self, town):
        found = ElementTree.fromstring(Client().get(f"{BASE}/services.xml?jurisdiction_id=").content)
        for service in found.findall("service"):
            code = service.findtext("service_code")
            meta = ElementTree.fromstring(
                Client().get(f"{BASE}/services/{code}.xml?jurisdiction_id=").content
            )
            assert meta.findtext("service_code") == code and list(meta.find("attributes")) == []

    def test_a_report_and_then_its_state(self, town, make_picture):
        answer = Client().post(f"{BASE}/requests.xml", self.form(town))
        told = ElementTree.fromstring(answer.content).findall("request")
        assert len(told) == 1 and told[0].findtext("service_request_id") == Case.objects.get().uid.hex
        shown, _row = published(town, make_picture, 90)
        wanted = f"{shown.uid.hex},{told[0].findtext('service_request_id')}"
        answer = Client().get(f"{BASE}/requests.xml", {"service_request_id": wanted, "jurisdiction_id": ""})
        rows = ElementTree.fromstring(answer.content).findall("request")
        assert [(row.findtext("service_request_id"), row.findtext("status")) for row in rows] == [
            (shown.uid.hex, "open")
        ]

    def test_a_fault_is_read(self, town):
        answer = Client().post(f"{BASE}/requests.xml", self.form(town, api_key="old"))
        found = ElementTree.fromstring(answer.content).findall("error")
        assert answer.status_code == 403 and [each.findtext("code") for each in found] == ["403"]
        assert "api_key" in found[0].findtext("description")
