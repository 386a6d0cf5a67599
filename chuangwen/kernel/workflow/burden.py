"""基层减负: the same thing is asked of the same unit once; a second request is stopped with a pointer to the first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.kernel.workflow.models import Demand, Matter


def _since(at: dt.datetime | None) -> dt.datetime:
    from chuangwen.kernel.city import (
        setting,
    )  # the city's row is read with the calendar, which reads this package

    return (at or timezone.now()) - dt.timedelta(days=int(setting("burden_same_days", 30)))


def asked_before(
    unit_id: int | None,
    kind: str,
    about: str,
    *,
    but: tuple[str, int] | None = None,
    at: dt.datetime | None = None,
) -> Demand | None:
    """The demand by which this unit was asked for this very thing within the city's period, None where there is none.

    `kind` is that of Demand, `about` names the thing; `but` is the matter (subject, id) that asks: asking again within
    one matter, after a return, is no second request. Two queries at most, none where `about` is empty.
    """
    if not about or unit_id is None:
        return None
    rows = Demand.objects.filter(unit_id=unit_id, about=about[:60], kind=kind, asked_at__gte=_since(at))
    if but is not None:
        rows = rows.exclude(subject=but[0], subject_id=but[1])
    return rows.select_related("asked_by").order_by("-asked_at", "-pk").first()


def asked_of(
    unit_ids: Iterable[int], kind: str, about: str, *, at: dt.datetime | None = None
) -> dict[int, Demand]:
    """The same for many units at once: the newest demand by unit, for those that were asked already."""
    if not about:
        return {}
    rows = Demand.objects.filter(
        unit__in=list(unit_ids), about=about[:60], kind=kind, asked_at__gte=_since(at)
    )
    return {row.unit_id: row for row in rows.select_related("asked_by").order_by("asked_at", "pk")}


def take_back(matter: Matter) -> None:
    """What a matter asked for may be asked for again; that it was asked stays counted."""
    Demand.objects.filter(subject=matter.subject, subject_id=matter.pk).exclude(about="").update(about="")


def pointer_to(first: Demand) -> str:
    """The sentence that stops a second request: what was asked when and by whom."""
    return _("%(day)s 已向这个单位要过：%(what)s（%(who)s）。用那一次的，不再要第二次。") % {
        "day": timezone.localtime(first.asked_at).strftime("%Y-%m-%d"),
        "what": first.purpose,
        "who": first.asked_by or _("系统"),
    }
