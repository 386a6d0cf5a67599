"""A phone as the OpenRosa specification describes it: fetches forms, is filled in, sends; nothing of ours is in it."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import uuid
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

HEADERS = {"X-OpenRosa-Version": "1.0"}
LIST, MANIFEST = "{http://openrosa.org/xforms/xformsList}", "{http://openrosa.org/xforms/xformsManifest}"
FORMS = "{http://www.w3.org/2002/xforms}"


def local(tag: str) -> str:
    return tag.rpartition("}")[2]


def said(body: bytes) -> str:
    """The sentence of an answer in OpenRosa's envelope; fails where it is none."""
    root = ET.fromstring(body)
    assert root.tag == "{http://openrosa.org/http/response}OpenRosaResponse"
    return root[0].text or ""


def listed(body: bytes) -> dict[str, dict[str, str]]:
    """The forms of a form list by their id."""
    rows = [
        {local(tag.tag): tag.text or "" for tag in row} for row in ET.fromstring(body).iter(f"{LIST}xform")
    ]
    return {row["formID"]: row for row in rows}


def files_of(body: bytes) -> dict[str, dict[str, str]]:
    rows = [
        {local(tag.tag): tag.text or "" for tag in row}
        for row in ET.fromstring(body).iter(f"{MANIFEST}mediaFile")
    ]
    return {row["filename"]: row for row in rows}


def rows_of(body: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(body.decode().splitlines()))


def filled(
    form: str | bytes, answers: dict[str, Any], instance: str = "", end: dt.datetime | None = None
) -> bytes:
    """The form's own instance with these answers, as a phone writes it."""
    root = ET.fromstring(form)
    data = next(iter(next(root.iter(f"{FORMS}instance"))))
    moment = (end or dt.datetime.now(dt.UTC)).isoformat(timespec="milliseconds")
    told = {"start": moment, "end": moment, "instanceID": instance or f"uuid:{uuid.uuid4()}", **answers}
    missing = set(told) - {local(tag.tag) for tag in data.iter()}
    assert not missing, f"the form has no question {missing}"
    for element in data.iter():
        if local(element.tag) in told:
            element.text = str(told[local(element.tag)])
    return ET.tostring(data, encoding="utf-8", xml_declaration=True)


def md5(data: bytes) -> str:
    return "md5:" + hashlib.md5(data, usedforsecurity=False).hexdigest()


class Phone:
    """One phone with its forms; `session` is anything with get, head and post as `requests` has them."""

    def __init__(self, session: Any, server: str) -> None:
        self.session, self.server = session, server
        self.forms: dict[str, bytes] = {}
        self.media: dict[str, dict[str, bytes]] = {}

    def get(self, address: str) -> bytes:
        answer = self.session.get(address, headers=HEADERS)
        assert answer.status_code == 200, (address, answer.status_code)
        assert answer.headers["X-OpenRosa-Version"] == "1.0"
        return bytes(answer.content)

    def refresh(self) -> None:
        """Downloads every form and its files, checking each against its hash."""
        for form_id, row in listed(self.get(f"{self.server}/formList")).items():
            self.forms[form_id] = self.get(row["downloadUrl"])
            assert md5(self.forms[form_id]) == row["hash"]
            self.media[form_id] = {}
            for name, file in files_of(self.get(row["manifestUrl"])).items():
                data = self.media[form_id][name] = self.get(file["downloadUrl"])
                assert md5(data) == file["hash"]
        assert urlsplit(self.server).path == "/openrosa"

    def send(self, xml: bytes, files: dict[str, bytes] | None = None, **fields: str) -> Any:
        head = self.session.head(f"{self.server}/submission", headers=HEADERS)
        assert head.status_code == 204 and int(head.headers["X-OpenRosa-Accept-Content-Length"]) > 1_000_000
        parts = [("xml_submission_file", ("form.xml", xml, "text/xml"))]
        parts += [(name, (name, data, "image/jpeg")) for name, data in (files or {}).items()]
        return self.session.post(f"{self.server}/submission", headers=HEADERS, files=parts, data=fields)
