"""What of a case may be public, and making it so: drafts, words, pictures, the point; nothing of a case itself is shown.

`public()` is the one place that says what everybody may see. Pages, map, figures, feeds and interfaces read that.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.kernel.city import setting
from chuangwen.kernel.evidence.masking import why_not_ready
from chuangwen.kernel.models import Evidence, Person, Place
from chuangwen.kernel.places.cells import cell, cell_center, parent
from chuangwen.kernel.places.models import PlaceKind
from chuangwen.kernel.workflow.flow import NotAllowed, Refused
from chuangwen.problems import rules
from chuangwen.problems.models import DONE, Case, Publication, PublicationState, Source, State

# A square of the public grid: tile of zoom 19, 76 m at the equator, 63 m at 35° north, 50 m at 49°.
GRID_ZOOM = 19
_BEFORE_CASE = (State.REPORTED, State.VERIFIED)
_NEVER = (State.MERGED, State.VOID)


def public() -> QuerySet[Publication]:
    """What everybody may see: publications in state public, newest first."""
    return Publication.objects.filter(state=PublicationState.PUBLIC).order_by("-published_at", "-pk")


def why_not_public(case: Case) -> str | None:
    """The sentence why nothing of this case may be made public now; None when it may. For the desk's eyes only.

    One query for the hand-over when the case's own columns do not say it.
    """
    if case.source == Source.COVERT:
        return _("暗访发现的问题不公开。")
    if case.state in _NEVER:
        return _("案件已作废或并入别的案件，不公开。")
    if case.state in _BEFORE_CASE or case.kind_id is None:
        return _("案件还没有立案，立案后才能公开。")
    if case.outside_unit_id is not None:
        return _("案件现在外单位，收回或反馈后再公开。")
    return None


def drafts_itself(case: Case) -> bool:
    """Whether a draft is made without anybody asking: a resident's case that may be public and names no minor."""
    if why_not_public(case) or case.source not in setting(
        "public_sources", ["resident", "wechat", "hotline", "mail", "phone"]
    ):
        return False
    # Of whom may be spoken here is for a person to see first.
    words = setting(
        "public_careful_words", ["未成年", "儿童", "小孩", "孩子", "幼儿", "婴儿", "学生", "少年"]
    )
    texts = [case.what, case.address, *case.reports.values_list("text", flat=True)]
    return not any(word in text for word in words for text in texts)


def public_point(case: Case) -> tuple[float, float] | None:
    """The public point (WGS-84 degrees): the site's own for a site, else the middle of a square of the grid."""
    site = case.site
    if site is not None and site.kind == PlaceKind.SITE and site.lon is not None and site.lat is not None:
        return site.lon, site.lat
    if case.lon is None or case.lat is None:
        return None
    return cell_center(parent(cell(case.lon, case.lat), GRID_ZOOM), GRID_ZOOM)


def public_address(case: Case) -> str:
    """Street and road or site by their names in the register; never what somebody wrote."""
    parts: list[Place] = [place for place in (case.street, case.road) if place]
    if case.site is not None and case.site.kind == PlaceKind.SITE:
        parts = [*parts[:1], case.site]
    return "".join(str(place) for place in parts)[:120]


def pictures_of(case: Case) -> list[Evidence]:
    """The case's pictures that may be chosen, oldest first: what was found, what was mended, what was checked."""
    rows = Evidence.objects.filter(
        subject="problems.case", subject_id=case.pk, role__in=("found", "fixed", "check"), is_hidden=False
    )
    return list(rows.select_related("blob").order_by("pk"))


def last_mended(case: Case, pictures: Iterable[Evidence]) -> Evidence | None:
    """The newest picture of the mended place in the case's last round; None while it is open."""
    if case.state not in DONE:
        return None
    mended = [p for p in pictures if p.role in ("fixed", "check") and p.round == case.round]
    return mended[-1] if mended else None


def fill(publication: Publication, case: Case) -> None:
    """Copies what is public of the case: kind, street, days, point, whether it is open; words and pictures stay."""
    publication.kind_id, publication.street_id = case.kind_id, case.street_id
    publication.reported_at = case.reported_at
    publication.is_open = case.state not in DONE
    publication.closed_at = None if publication.is_open else case.closed_at
    point = public_point(case)
    if point is not None:
        publication.locate(*point)


def new_draft(case: Case, at: dt.datetime) -> Publication:
    """A draft, not saved: words from kind and street, the first picture and the last one of the mended place."""
    pictures = pictures_of(case)
    found = [p for p in pictures if p.role == "found"]
    draft = Publication(
        case=case, state=PublicationState.DRAFT, what=str(case.kind)[:60], address=public_address(case),
        before=found[0] if found else None, after=last_mended(case, pictures), created_at=at, updated_at=at,
    )  # fmt: skip
    fill(draft, case)
    return draft


def make_draft(case: Case, *, by: Person | None, at: dt.datetime | None = None) -> Publication:
    """Makes the draft of a case, by the clock (`by=None`) or by the desk; a case has one only, twice is once.

    Raises NotAllowed, or Refused for what is never public.
    """
    from chuangwen.problems.publication_flow import PublicationFlow  # the flow's steps call back here

    at = at or timezone.now()
    if by is not None and not rules.desk.allows(by, case):
        raise NotAllowed(_("公开由创建办或督导员办。"))
    why = why_not_public(case)
    if why:
        raise Refused(why)
    before = Publication.objects.filter(case=case).first()
    if before is not None:
        return before
    draft = new_draft(case, at)
    step = PublicationFlow.by_code["draft"]
    try:
        with transaction.atomic():
            draft.save(force_insert=True)
            PublicationFlow.record(draft, step, by=by, cleaned={"case": case.number}, at=at, from_state="")
    except IntegrityError:  # two at once: the other one made it
        return Publication.objects.get(case=case)
    return draft


def publishes_itself(draft: Publication) -> bool:
    """Whether the city lets this draft out unread: kinds on its list, and never one with a picture (default: none)."""
    kinds: list[str] = setting("publish_kinds", [])
    if not kinds or draft.before_id or draft.after_id:
        return False
    return draft.kind is not None and draft.kind.code in kinds


def unready(publication: Publication) -> str | None:
    """The sentence why this cannot be public now: its case may not, or somebody in a picture is not decided on."""
    why = why_not_public(publication.case)
    if why:
        return why
    for side, picture in (("before", publication.before), ("after", publication.after)):
        waits = why_not_ready(picture.blob) if picture else None
        if waits:
            return f"{_('整改前') if side == 'before' else _('整改后')}：{waits}"
    return None


def publish_many(
    publications: Iterable[Publication], *, by: Person, at: dt.datetime | None = None
) -> tuple[list[Publication], list[tuple[Publication, str]]]:
    """Makes several public, each whole or not at all; returns those done and those left with the reason."""
    from chuangwen.problems.publication_flow import PublicationFlow  # as above

    done: list[Publication] = []
    left: list[tuple[Publication, str]] = []
    for row in publications:
        try:
            done.append(PublicationFlow.take(row, "publish", by=by, at=at).matter)
        except Refused as fault:
            left.append((row, str(fault)))
    return done, left
