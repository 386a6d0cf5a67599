"""From what failed to cases, once: at the visit for open rounds, at release for secret ones; joined where one is open."""

from __future__ import annotations

import datetime as dt
import logging
import uuid
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.inspections import tallies
from chuangwen.inspections.flow import RoundFlow
from chuangwen.inspections.grading import FAULTY
from chuangwen.inspections.models import Observation, Round, RoundKind, State, Visit
from chuangwen.kernel.evidence import store
from chuangwen.kernel.models import Evidence, Person
from chuangwen.kernel.workflow.flow import Refused
from chuangwen.problems import queries
from chuangwen.problems.actions import Told, join_report, take_report
from chuangwen.problems.models import Case, CaseKind, Source

log = logging.getLogger(__name__)
MOST_PHOTOS = 3  # of one check item
RECENT = dt.timedelta(days=7)  # the clock looks no further back
AT_ONCE = 40  # cases opened while somebody waits; the worker opens the rest
SOURCES = {
    RoundKind.PATROL: Source.PATROL, RoundKind.COVERT: Source.COVERT, RoundKind.TOUR: Source.TOUR,
    RoundKind.DEPUTIES: Source.TOUR,
}  # fmt: skip


def release_round(
    row: Round, *, by: Person, uid: uuid.UUID | None = None, at: dt.datetime | None = None
) -> Round:
    """Lets everybody know of the round: counts its pairs, opens its cases. Raises Refused or NotAllowed."""
    at = at or timezone.now()
    with transaction.atomic():
        was_hidden = row.is_hidden
        taken = RoundFlow.take(row, "release", by=by, uid=uid, at=at)
        if was_hidden and not taken.repeated:
            Evidence.objects.filter(
                subject=Visit._meta.label_lower, subject_id__in=Visit.objects.filter(round=row).values("pk")
            ).update(is_hidden=False)
            for key, cells in tallies.pairs_in([row.pk]).items():
                for cell, n in cells.items():
                    if n:
                        tallies.grow_pairs({key: cell}, n)
    open_cases(taken.matter, at=at)
    return taken.matter


def waiting(rounds: QuerySet[Round]) -> QuerySet[Observation]:
    """Observations that failed and have no case yet, of rounds everybody may know of."""
    shown = rounds.filter(Q(is_secret=False) | Q(state=State.RELEASED)).exclude(state=State.CANCELLED)
    return Observation.objects.filter(
        visit__round__in=shown, result__in=FAULTY, case_id__isnull=True
    ).order_by("pk")


def open_cases(row: Round, *, at: dt.datetime | None = None, most: int = AT_ONCE) -> int:
    """Opens (or joins) the cases this round still owes; returns how many. Safe to run twice and by two at once."""
    return _open(waiting(Round.objects.filter(pk=row.pk)), at or timezone.now(), most)


def open_waiting(now: dt.datetime | None = None, most: int = 200) -> int:
    """One turn of the clock: what a release of many places or a broken connection left undone."""
    now = now or timezone.now()
    recent = Round.objects.filter(
        state__in=(State.RUNNING, State.ENDED, State.RELEASED), changed_at__gte=now - RECENT
    )
    return _open(waiting(recent), now, most)


def _open(rows: QuerySet[Observation], at: dt.datetime, most: int) -> int:
    done = 0
    for pk in list(rows.values_list("pk", flat=True)[:most]):
        try:
            done += open_case(pk, at)
        except (
            Refused
        ) as fault:  # a place outside the outline: said on the round's page, tried again by the clock
            log.warning("observation %s opens no case: %s", pk, fault)
    return done


def open_case(pk: int, at: dt.datetime) -> bool:
    """Opens a case for one observation, or joins one of its kind that is open at the place; False: it has one."""
    with transaction.atomic():
        seen = (
            Observation.objects.select_for_update(of=("self",))
            .select_related("check_item", "visit__place", "visit__by", "visit__round")
            .get(pk=pk)
        )
        if seen.case_id is not None:
            return False
        told = _told(seen, at)
        case = _open_here(seen, told)
        by = seen.visit.by
        report = join_report(case, told, by=by, at=at) if case else take_report(told, by=by, at=at)
        Observation.objects.filter(pk=pk).update(case_id=report.case_id)
        _forgive_own_photos(seen, report.case)
    return True


def _told(seen: Observation, at: dt.datetime) -> Told:
    item, visit = seen.check_item, seen.visit
    words = f"{item.text}。{seen.note}" if seen.note else item.text
    photos = photos_of([seen])[seen.pk]
    return Told(
        text=_("不达标：%(words)s") % {"words": words}, source=SOURCES.get(RoundKind(visit.round.kind), Source.VISIT),
        uid=uuid.uuid5(seen.uid, "case"), what=seen.note or item.text,
        kind=CaseKind.objects.filter(code=item.case_kind, is_active=True).first() if item.case_kind else None,
        site=visit.place, received_at=at, taken_at=photos[0].taken_at if photos else None,
        photos=[store.once_more(photo) for photo in photos], is_sample=visit.round.is_sample,
    )  # fmt: skip


def _open_here(seen: Observation, told: Told) -> Case | None:
    """The open case of the same kind at the same place that an observation belongs to."""
    if told.kind is None:
        return None
    same = Q(kind=told.kind) | Q(kind__isnull=True, suggested_kind=told.kind)
    rows = Case.objects.filter(
        same, site=seen.visit.place_id, state__in=queries.OPEN_STATES, closed_at__isnull=True
    )
    return rows.order_by("pk").first()


def _forgive_own_photos(seen: Observation, case: Case) -> None:
    """A photo handed on from the visit to its case is not a photo used twice."""
    own = set(
        Evidence.objects.filter(subject=seen.visit.subject, subject_id=seen.visit_id).values_list(
            "pk", flat=True
        )
    )
    for row in Evidence.objects.filter(subject=case.subject, subject_id=case.pk, role="found"):
        if row.findings.get("reused_of") in own:
            row.findings = {key: value for key, value in row.findings.items() if key != "reused_of"}
            row.save(update_fields=["findings"])


def photo_uid(observation: uuid.UUID, number: int) -> uuid.UUID:
    """The id of the so-manieth photo of an observation: the link from a photo on a visit to the row it shows."""
    return uuid.uuid5(observation, f"photo {number}")


def photos_of(rows: list[Observation], most: int = MOST_PHOTOS) -> dict[int, list[Any]]:
    """The photos of each observation by its id, in order (one query)."""
    wanted = {photo_uid(row.uid, n): (row.pk, n) for row in rows for n in range(most)}
    found: dict[int, list[Any]] = {row.pk: [] for row in rows}
    visits = {row.visit_id for row in rows}
    evidence = Evidence.objects.filter(subject="inspections.visit", subject_id__in=visits).select_related(
        "blob"
    )
    for one in sorted(evidence, key=lambda e: wanted.get(e.uid, (0, 0))):
        if one.uid in wanted:
            found[wanted[one.uid][0]].append(one)
    return found
