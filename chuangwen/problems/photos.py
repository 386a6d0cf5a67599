"""Adding photos to a case: who may add which, and the check against the case's own place and dispatch."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.kernel.evidence import store
from chuangwen.kernel.evidence.images import MIB, BadPicture
from chuangwen.kernel.evidence.models import EvidenceRole
from chuangwen.kernel.models import Evidence, Person
from chuangwen.kernel.people.rules import Rule, own
from chuangwen.kernel.places.datum import Datum
from chuangwen.kernel.workflow.flow import NotAllowed, Refused
from chuangwen.problems import rules
from chuangwen.problems.findings import PHOTO_WITHIN_M
from chuangwen.problems.models import Case, State

MOST_BYTES = 20 * MIB
MOST_PHOTOS = 12  # of one use in one round; more proves nothing more

# Role of the photo → who may add it, and in which states.
_MAY: dict[str, tuple[Rule, tuple[str, ...]]] = {
    EvidenceRole.FIXED: (rules.responsible, (State.ASSIGNED, State.FIXING)),
    EvidenceRole.FOUND: (
        own("reporter_id") | rules.desk,
        (State.REPORTED, State.VERIFIED, State.FILED, State.ASSIGNED, State.FIXING),
    ),
    EvidenceRole.CHECK: (rules.checker, (State.ANSWERED, State.SPOT)),
}


def why_no_photo(case: Case, role: str, person: Person) -> str | None:
    """The sentence why this person may not add a photo of this use now; None when he may. No query."""
    if role not in _MAY:
        return _("没有这种用途的照片。")
    rule, states = _MAY[role]
    if not rule.allows(person, case):
        return _("“%(role)s”不归你的岗位传。") % {"role": EvidenceRole(role).label}
    if case.state not in states:
        return _("案件现在是%(state)s，不能再传“%(role)s”。") % {
            "state": State(case.state).label,
            "role": EvidenceRole(role).label,
        }
    return None


def roles_for(case: Case, person: Person) -> list[str]:
    """The uses of photos this person may add to the case now."""
    return [role for role in _MAY if why_no_photo(case, role, person) is None]


def read_photo(upload: Any) -> tuple[Any, bytes]:
    """Reads an upload that may be too large to be worth reading; raises BadPicture."""
    size = getattr(upload, "size", 0) or 0
    if size > MOST_BYTES:
        raise BadPicture("too_large", size=f"{size / MIB:.1f}", limit=f"{MOST_BYTES / MIB:.0f}")
    return store.read(upload)


def photos_of_round(case: Case, role: str) -> list[Evidence]:
    rows = Evidence.objects.filter(subject=case.subject, subject_id=case.pk, role=role, round=case.round)
    return list(rows.select_related("blob").order_by("pk"))


def add_photo(
    case: Case,
    upload: Any,
    *,
    role: str,
    by: Person,
    uid: uuid.UUID | None = None,
    point: tuple[float, float, Datum] | None = None,
    accuracy_m: float | None = None,
    taken_at: dt.datetime | None = None,
    at: dt.datetime | None = None,
) -> Evidence:
    """Adds one photo to a case; the same `uid` again returns the first row.

    Raises NotAllowed or Refused (who, when, uid used elsewhere, too many), BadPicture.
    """
    at, uid = at or timezone.now(), uid or uuid.uuid4()
    before = _sent_before(case, uid)
    if before is not None:
        return before
    why = why_no_photo(case, role, by)
    if why:
        raise NotAllowed(why)
    kept = read_photo(upload)
    since = case.assigned_at if role == EvidenceRole.FIXED else None
    try:
        with transaction.atomic():
            here = Evidence.objects.filter(
                subject=case.subject, subject_id=case.pk, role=role, round=case.round
            )
            if here.count() >= MOST_PHOTOS:
                raise Refused(_("这一轮已有 %(n)d 张，够了。") % {"n": MOST_PHOTOS})
            found = store.attach(
                kept,
                case,
                role=role,
                by=by,
                at=at,
                round=case.round,
                taken_at=taken_at,
                point=point,
                accuracy_m=accuracy_m,
                uid=uid,
                since=since,
                limit_m=PHOTO_WITHIN_M,
                shot=upload,
            )
    except IntegrityError:  # the same photo sent twice at once: the other one won
        found = Evidence.objects.get(uid=uid)
    return _of_case(case, found)


def _sent_before(case: Case, uid: uuid.UUID) -> Evidence | None:
    found = Evidence.objects.filter(uid=uid).first()
    return _of_case(case, found) if found else None


def _of_case(case: Case, found: Evidence) -> Evidence:
    if (found.subject, found.subject_id) != (case.subject, case.pk):
        raise Refused(_("这个照片编号已用在别处，刷新页面再传。"))
    return found
