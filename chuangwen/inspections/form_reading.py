"""A filled-in form as an OpenRosa phone sends it, read strictly, and the record of a visit it stands for.

Source: OpenRosa Metadata Schema and Form Submission API; names of questions as `xlsform` gives them.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from chuangwen.inspections import grading
from chuangwen.inspections.fieldwork.records import BadSent, point_of
from chuangwen.inspections.xlsform import FAIL, NOT_HERE, PASS, bands_named
from chuangwen.standards.models import CheckItem

MOST_XML: Final = 2 * 2**20
MOST_ELEMENTS: Final = 20_000
RESULTS: Final = {PASS: grading.PASS, FAIL: grading.FAIL, NOT_HERE: grading.NOT_HERE}
_FORMS: Final = uuid.UUID("3d0b6f0e-3f0c-5f0e-9a57-6d1a2c1f7b21")  # a namespace of our own
_RESULT, _PHOTO = re.compile(r"r([0-9]{1,9})"), re.compile(r"p([0-9]{1,9})_([0-9])")


class BadForm(Exception):
    """What was sent is no filled-in form, or says what cannot be; the text says what."""


@dataclass(frozen=True)
class Filled:
    """One filled-in form: whose id it has, of which form, and its answers by the question's name ("" unanswered)."""

    instance_id: str
    form_id: str
    version: str
    answers: Mapping[str, str]

    @property
    def uid(self) -> uuid.UUID:
        """The record's id, made from the form's own so that it can be no other record's."""
        return uuid.uuid5(_FORMS, self.instance_id)

    def file_uid(self, name: str) -> uuid.UUID:
        return uuid.uuid5(self.uid, name)

    @property
    def files(self) -> dict[str, int | None]:
        """The files it names, in order, each with its check item; None for the voice note."""
        found: dict[str, int | None] = {}
        for name, value in self.answers.items():
            photo = _PHOTO.fullmatch(name)
            if value and (photo or name == "voice"):
                found.setdefault(value, int(photo[1]) if photo else None)
        return found

    def told(self, name: str) -> str:
        return self.answers.get(name, "").strip()


def read_form(xml: bytes) -> Filled:
    """Reads a submission; raises BadForm. Entities and document types are refused, whatever they hold."""
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import ParseError, fromstring

    if len(xml) > MOST_XML:
        raise BadForm(_("表单太长，没有收下。"))
    try:
        root = fromstring(xml, forbid_dtd=True)
    except (
        DefusedXmlException,
        ParseError,
        ValueError,
        LookupError,
    ) as fault:  # LookupError: no such encoding
        raise BadForm(_("送来的不是能读的 XML 表单，在手机上打开这份表单，保存后再发。")) from fault
    answers: dict[str, str] = {}
    for number, element in enumerate(root.iter()):
        name = _local(element.tag)
        if number > MOST_ELEMENTS:
            raise BadForm(_("表单太长，没有收下。"))
        if len(element) or element is root:
            continue
        text = (element.text or "").strip()
        if answers.get(name) and text and answers[name] != text:
            raise BadForm(_("表单里“%(name)s”答了两次，重新填一份再发。") % {"name": name[:40]})
        answers[name] = answers.get(name) or text
    instance_id = answers.get("instanceID") or root.get("instanceID", "")
    form_id = root.get("id", "") or _namespace(root.tag)
    if not instance_id or len(instance_id) > 100:
        raise BadForm(_("表单没有编号（instanceID），从表单列表重新下载再填。"))
    return Filled(instance_id, form_id[:300], root.get("version", "")[:40], answers)


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _namespace(tag: str) -> str:
    return tag[1:].partition("}")[0] if tag.startswith("{") else ""


def record_of(filled: Filled, items: Mapping[int, CheckItem], hashes: Mapping[str, str]) -> dict[str, Any]:
    """The record a filled-in form stands for, as a phone of ours would send it; `hashes`: SHA-256 of the files here.

    `items`: the check items the answers are of, where they still are. Raises BadForm for answers that can be none.
    """
    gone = filled.told("gone")
    if gone not in ("yes", "no"):
        raise BadForm(_("表单没有写去成了没有，补上再发。"))
    given: dict[str, Any] = {"visit": filled.told("visit")}
    if gone == "no":
        given["why"] = filled.told("why")
    else:
        seen = [_seen(filled, pk, items.get(pk)) for pk in asked(filled)]
        given |= {"seen": [one for one in seen if one], "note": filled.told("note")}
        given["accepted"] = {"yes": True, "no": False}.get(filled.told("accepted"))
    return {
        "uid": str(filled.uid), "kind": "visit" if gone == "yes" else "skip", "given": given,
        "at": filled.told("end") or filled.told("start") or None, "files": _files(filled, hashes),
        "form": {"id": filled.form_id, "version": filled.version, "instance": filled.instance_id},
    }  # fmt: skip


def asked(filled: Filled) -> list[int]:
    """The check items the form asks, answered or not."""
    return [int(name[1]) for key in filled.answers if (name := _RESULT.fullmatch(key))]


def _seen(filled: Filled, pk: int, item: CheckItem | None) -> dict[str, Any] | None:
    told, count = filled.told(f"r{pk}"), filled.told(f"c{pk}")
    if not told:
        return {"item": pk, "result": grading.PASS} if filled.told("rest") == "yes" else None
    if told in (PASS, NOT_HERE):  # a count the phone kept from before is of no meaning
        return {"item": pk, "result": RESULTS[told]}
    if count and not re.fullmatch(r"[0-9]{1,6}", count):
        raise BadForm(_("第 %(pk)s 号检查项的计数要是整数，改了再发。") % {"pk": pk})
    row: dict[str, Any] = {"item": pk, "note": filled.told(f"n{pk}")} | (
        {"count": int(count)} if count else {}
    )
    if told == FAIL:
        return row | {"result": RESULTS[FAIL]}
    bands = bands_named(item.grading.params) if item else {}
    return row | {"band": bands.get(told, told)}


def _files(filled: Filled, hashes: Mapping[str, str]) -> list[dict[str, Any]]:
    place = _place(filled.told("here"))
    return [
        {
            "uid": str(filled.file_uid(name)), "role": "voice" if item is None else "found", "item": item,
            "sha256": hashes[name], "taken_at": filled.told("end") or None, **place,
        }
        for name, item in filled.files.items()
        if name in hashes
    ]  # fmt: skip


def _place(told: str) -> dict[str, str]:
    """latitude longitude altitude accuracy, as a geopoint is written; one that can be none is none."""
    parts = told.split()
    if len(parts) < 2:
        return {}
    found = {"lat": parts[0], "lon": parts[1]} | ({"accuracy_m": parts[3]} if len(parts) > 3 else {})
    try:
        point_of(found)
    except BadSent:
        return {}
    return found
