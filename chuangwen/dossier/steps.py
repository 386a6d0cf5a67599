"""What each step of the dossier does to an item, and when it cannot be taken."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.dossier.models import Item, Use, Version
from chuangwen.dossier.models import State as S
from chuangwen.dossier.precheck import check_item, documents_as_json
from chuangwen.kernel.city import setting
from chuangwen.kernel.models import Entry, Person
from chuangwen.kernel.workflow.calendar import Limit, Unit
from chuangwen.kernel.workflow.flow import Asked
from chuangwen.standards.models import Material

LEVELS = {"unit": S.UNIT_CHECK, "office": S.OFFICE_CHECK, "final": S.FINAL_CHECK}


def levels() -> list[str]:
    """The states of review in use, in their order; the last one is always the office's, which accepts."""
    chosen = setting("dossier_levels", ["unit", "office"])
    used = [str(state) for name, state in LEVELS.items() if name in chosen]
    return used if used and used[-1] != S.UNIT_CHECK else [*used, str(S.OFFICE_CHECK)]


def next_level(item: Item) -> str:
    """The level of review after the item's state."""
    used = levels()
    return str(
        used[used.index(S(item.state)) + 1]
        if item.state in used[:-1]
        else used[0 if item.state == S.DRAFT else -1]
    )


def is_last(item: Item) -> bool:
    return item.state == levels()[-1]


def not_last(item: Item) -> str | None:
    return None if is_last(item) else _("后面还有终审，这一级只能通过。")


def no_more_levels(item: Item) -> str | None:
    return _("这一级是最后一级，直接入卷。") if is_last(item) else None


def limit_of_send(item: Item) -> Limit | None:
    """Until the day it is due; when that is past (a return, a reopening), the city's limit for mending."""
    if item.due_on is None and not item.version:
        return None
    days = (item.due_on - timezone.localdate(item.now)).days if item.due_on else 0
    if days >= 1:
        return Limit(days, Unit.CALENDAR_DAY)
    amount, unit = setting("limit_dossier_mend", ["3", "work_day"])
    return Limit(int(amount), Unit(unit))


def limit_of_check(item: Item) -> Limit:
    amount, unit = setting("limit_dossier_check", ["3", "work_day"])
    return Limit(int(amount), Unit(unit))


def asks_material(item: Item) -> Asked:
    return Asked(item.unit_id, "paper", str(item.material)[:100], f"material:{item.material_id}:{item.year}")


# Writing and sending ---------------------------------------------------------------------------------


def write(item: Item, *, by: Person, at: dt.datetime, report: str, seen: str) -> dict[str, Any]:
    from chuangwen.dossier.forms import mark_of
    from chuangwen.dossier.precheck.texts import count_characters

    item.report = report
    return {"report": mark_of(report), "seen": "", "characters": count_characters(report)}


def held_up(item: Item) -> str | None:
    """The first finding that holds the sending, with how many there are."""
    stops = [one for one in check_item(item) if one.holds]
    if not stops:
        return None
    if len(stops) == 1:
        return stops[0].sentence
    return _("%(first)s还有 %(n)d 处，见预审。") % {"first": stops[0].sentence, "n": len(stops) - 1}


def send(item: Item, *, by: Person, at: dt.datetime, note: str) -> dict[str, Any]:
    """Makes the version that is reviewed: the report and the evidence by hash, with what the pre-check found."""
    item.version += 1
    item.sent_by, item.sent_at, item.looked_at = by, at, None
    item.findings = [one.as_json() | ({"explained": note} if note else {}) for one in check_item(item, by=by)]
    papers = documents_as_json(item)
    Version.objects.create(item=item, no=item.version, report=item.report, documents=papers, by=by, at=at)
    return {"version": item.version, "documents": [paper["sha256"] for paper in papers if paper["sha256"]]}


def is_looked_at(item: Item) -> str | None:
    return _("审核的人已经打开看了，等他通过或退回。") if item.looked_at else None


def look(item: Item, *, by: Person, at: dt.datetime) -> None:
    item.looked_at = at


def passed(item: Item, *, by: Person, at: dt.datetime, note: str = "") -> None:
    item.looked_at = None


def reopen(item: Item, *, by: Person, at: dt.datetime, reason: str) -> None:
    item.looked_at = None


def urged_today(item: Item) -> str | None:
    start = timezone.localtime(item.now).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = Entry.objects.filter(subject=item.subject, subject_id=item.pk, step="urge", at__gte=start)
    return _("今天已经催过。") if rows.exists() else None


def serve(item: Item, *, by: Person, at: dt.datetime, material: Material) -> dict[str, Any]:
    """Lets the item serve a material of another standard as well."""
    Use.objects.create(item=item, material=material, by=by, at=at)
    return {"into": f"{material.requirement.node.code} {material.code}"}
