"""Everything one person needs for a day without network: visits with their checklists, re-checks, kinds, looks.

A fixed number of queries, however many visits; only what the person may see (the same rules as the pages).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from chuangwen.inspections import queries, rules
from chuangwen.inspections.checklist import bands_asked, checklists, count_asked
from chuangwen.inspections.fieldwork import doing
from chuangwen.inspections.grading import FAULTY
from chuangwen.inspections.models import Observation, Round, RoundKind, Visit, VisitState
from chuangwen.kernel.evidence import arrival
from chuangwen.kernel.models import Evidence, Person, Place, Post
from chuangwen.problems import rules as case_rules
from chuangwen.problems.flow import CaseFlow
from chuangwen.problems.models import Case, State
from chuangwen.problems.suggesting import kinds
from chuangwen.registers.patrols import looks_today, patroller
from chuangwen.standards.models import CheckItem

MOST_RECHECKS = 60
MOST_PHOTOS = {"visit_item": 3, "report": doing.MOST_PHOTOS, "recheck": 12}
RECHECKED = (State.ANSWERED, State.SPOT)

Key = tuple[int | None, tuple[int, ...]]


def day_of(person: Person, now: dt.datetime) -> dict[str, Any]:
    """The day of a person as plain JSON values; without the moment it was made at, so equal days are equal."""
    visits = queries.visits_today(person, timezone.localdate(now))
    editions = _editions(visits)
    keys: dict[int, Key] = {v.pk: (v.site_type_id, editions.get(v.round_id, ())) for v in visits}
    lists = checklists(set(keys.values()))
    before = _before(visits, person)
    rounds = {visit.round_id: visit.round for visit in visits}
    return {
        "me": _me(person),
        "rounds": [_round(rounds[pk]) for pk in sorted(rounds)],
        "visits": [_visit(visit, _name(keys[visit.pk]), before.get(visit.pk)) for visit in visits],
        "checklists": {_name(key): _checklist(key, items, visits) for key, items in lists.items()},
        "rechecks": _rechecks(person),
        "kinds": [{"code": k.code, "name": k.name, "keywords": k.keywords} for k in kinds().values()],
        "looks": _looks(person, now),
        "limits": {"photos": MOST_PHOTOS, "piece": arrival.PIECE, "file": arrival.MOST_BYTES},
    }


def _me(person: Person) -> dict[str, Any]:
    posts = Post.objects.in_force().filter(person=person, unit__isnull=False)
    units = posts.order_by("unit__name").values_list("unit__name", flat=True).distinct()
    return {"id": person.pk, "name": person.name, "units": list(units)}


def _editions(visits: Sequence[Visit]) -> dict[int, tuple[int, ...]]:
    """The editions of each round, in order (one query)."""
    found: dict[int, list[int]] = {}
    through = Round.editions.through.objects.filter(round__in={visit.round_id for visit in visits})
    for round_id, edition in through.order_by("edition_id").values_list("round_id", "edition_id"):
        found.setdefault(round_id, []).append(edition)
    return {pk: tuple(editions) for pk, editions in found.items()}


def _name(key: Key) -> str:
    return f"{key[0] or 0}-{'.'.join(map(str, key[1]))}"


def _round(row: Round) -> dict[str, Any]:
    return {
        "number": row.number, "name": row.name, "kind": row.kind, "is_hidden": row.is_hidden,
        "is_acceptance": row.kind == RoundKind.ACCEPTANCE, "from": row.from_on.isoformat(), "to": row.to_on.isoformat(),
    }  # fmt: skip


def _visit(visit: Visit, key: str, before: dict[str, Any] | None) -> dict[str, Any]:
    return {
        "uid": str(visit.uid), "round": visit.round.number, "place": _place(visit.place), "seq": visit.seq,
        "day": visit.day.isoformat() if visit.day else None, "state": visit.state, "is_second": visit.is_second,
        "checklist": key, "before": before,
    }  # fmt: skip


def _place(place: Place) -> dict[str, Any]:
    return {
        "code": place.code, "name": place.name, "address": getattr(place, "address", "") or "",
        "lon": place.lon, "lat": place.lat,
    }  # fmt: skip


def _checklist(key: Key, items: list[CheckItem], visits: Sequence[Visit]) -> dict[str, Any]:
    name = next((str(v.site_type) for v in visits if v.site_type_id == key[0] and v.site_type), "")
    return {"name": name, "items": [_item(item) for item in items]}


def _item(item: CheckItem) -> dict[str, Any]:
    label, count = count_asked(item)
    node = item.requirement.node
    return {
        "id": item.pk, "code": item.code, "text": item.text, "group": f"{node.code} {node.name}".strip(),
        "way": item.grading.way, "bands": bands_asked(item), "count_label": label, "count": count,
    }  # fmt: skip


def _before(visits: Sequence[Visit], person: Person) -> dict[int, dict[str, Any]]:
    """By visit the last one of another round at its place whose result this person may see, and what failed (two queries).

    Three of each place are read, so that one of a round this visit belongs to does not hide an older one.
    """
    rows = rules.see_result.filter(
        Visit.objects.filter(place__in={v.place_id for v in visits}, state=VisitState.DONE), person
    )
    order = Window(RowNumber(), partition_by=F("place_id"), order_by=[F("done_at").desc(), F("pk").desc()])
    ranked = (
        rows.order_by().annotate(nth=order).filter(nth__lte=3).values("pk", "place_id", "round_id", "done_at")
    )
    chosen: dict[int, dict[str, Any]] = {}
    for row in sorted(
        ranked, key=lambda r: (r["done_at"] or dt.datetime.min.replace(tzinfo=dt.UTC), r["pk"])
    ):
        for visit in visits:
            if visit.place_id == row["place_id"] and visit.round_id != row["round_id"]:
                chosen[visit.pk] = {**row}
    failed: dict[int, list[str]] = {}
    seen = Observation.objects.filter(visit__in={row["pk"] for row in chosen.values()}, result__in=FAULTY)
    for pk, text in seen.order_by("check_item__code", "pk").values_list("visit_id", "check_item__text"):
        failed.setdefault(pk, []).append(text)
    return {
        pk: {
            "date": timezone.localdate(row["done_at"]).isoformat() if row["done_at"] else None,
            "failed": len(failed.get(row["pk"], ())), "items": failed.get(row["pk"], []),
        }
        for pk, row in chosen.items()
    }  # fmt: skip


def _rechecks(person: Person) -> list[dict[str, Any]]:
    """Cases that wait for a look at the spot, where this person may take the step (two queries; none for others)."""
    if not case_rules.checker.allows(person, None):
        return []
    rows = case_rules.see_case.filter(Case.objects.filter(state__in=RECHECKED), person)
    cases = list(rows.order_by(F("due_at").asc(nulls_last=True), "pk")[:MOST_RECHECKS])
    photos = _photos({case.pk for case in cases})
    return [_recheck(case, person, photos.get(case.pk, [])) for case in cases]


def _photos(cases: Collection[int]) -> dict[int, list[Evidence]]:
    found: dict[int, list[Evidence]] = {}
    rows = Evidence.objects.filter(
        subject="problems.case", subject_id__in=cases, role__in=("found", "fixed")
    ).order_by("pk")
    for row in rows:
        found.setdefault(row.subject_id, []).append(row)
    return found


def _recheck(case: Case, person: Person, photos: list[Evidence]) -> dict[str, Any]:
    steps = [offer.step for offer in CaseFlow.offers(case, person) if offer.step.code in doing.RECHECK]
    fixed = [p for p in photos if p.role == "fixed"]
    return {
        "number": case.number, "what": case.what, "address": case.address, "lon": case.lon, "lat": case.lat,
        "state": case.state, "state_label": str(State(case.state).label),
        "due": case.due_at.isoformat() if case.due_at else None,
        "before": [_photo(p) for p in photos if p.role == "found"][:3],
        "after": [_photo(p) for p in ([p for p in fixed if p.round == case.round] or fixed)[-3:]],
        "steps": [
            {"code": s.code, "label": str(s.label), "needs_reason": bool(s.form and "reason" in s.form.base_fields)}
            for s in steps
        ],
    }  # fmt: skip


def _photo(row: Evidence) -> dict[str, Any]:
    return {
        "url": f"/evidence/{row.pk}/thumb/", "large": f"/evidence/{row.pk}/public/",
        "taken_at": row.taken_at.isoformat() if row.taken_at else None, "lon": row.lon, "lat": row.lat,
    }  # fmt: skip


def _looks(person: Person, now: dt.datetime) -> list[dict[str, Any]]:
    if not patroller.allows(person, None):
        return []
    return [
        {"key": look.key, "name": look.name, "where": look.where, "done": look.done, "wanted": look.wanted,
         "points": look.points}
        for look in looks_today(person, now)
    ]  # fmt: skip
