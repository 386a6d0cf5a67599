"""Gathering a pack: the register of its sections, the pack of a cadence made and filled, and the worker's daily turn.

It lives here because a pack reads problems, tasks, dossier, inspections and rankings, and only this layer sees them all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import NamedTuple

from django.conf import settings
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from chuangwen.assessment import gathering_cases as cases
from chuangwen.assessment import gathering_work as work
from chuangwen.assessment.gathered import Ask, Section
from chuangwen.kernel.models import Person, Post
from chuangwen.kernel.people.models import Role
from chuangwen.kernel.workflow.flow import Refused
from chuangwen.tasks.meeting_models import Beat, Cadence, Pack, PackState
from chuangwen.tasks.packs import days_due, fill_pack, make_pack, pass_by


class Kind(NamedTuple):
    """One section: its code, title, how it is gathered."""

    code: str
    title: Promise
    gather: Callable[[Ask], Section]


SECTIONS = {
    kind.code: kind
    for kind in (
        Kind("decisions", _("上次决定落实"), work.decisions),
        Kind("due", _("到期"), cases.due),
        Kind("late", _("超期"), cases.late),
        Kind("returned", _("退回待定"), cases.returned),
        Kind("hot", _("新热点"), cases.hot),
        Kind("rose", _("增加的类别"), cases.rose),
        Kind("ladder", _("督办升级"), cases.ladder),
        Kind("rates", _("本期各率"), cases.period_rates),
        Kind("ranking", _("月排名"), work.ranking),
        Kind("tasks", _("任务进度"), work.tasks),
        Kind("dossier", _("材料"), work.dossier),
        Kind("rounds", _("考察"), work.rounds),
        Kind("fronts", _("三条线与预测"), work.fronts),
    )
}
LONG = ("fronts", "ranking", "rates", "hot", "rose", "tasks", "dossier", "rounds", "decisions")
USUAL = {
    Cadence.DAILY.value: ("due", "late", "returned", "ladder"),
    Cadence.WEEKLY.value: ("decisions", "due", "late", "returned", "hot", "rose", "ladder", "tasks"),
    Cadence.MONTHLY.value: ("ranking", "rates", "late", "hot", "rose", "ladder", "tasks", "dossier", "rounds", "fronts", "decisions"),
    Cadence.QUARTERLY.value: LONG,
    Cadence.YEARLY.value: ("fronts", "rates", "tasks", "dossier", "rounds", "decisions"),
}  # fmt: skip


def sections_for(cadence: str, chosen: list[str] | None = None) -> list[Kind]:
    """The sections of a cadence in order: those its row names, else the usual ones; unknown codes are left out."""
    return [SECTIONS[code] for code in (chosen or USUAL[cadence]) if code in SECTIONS]


def office_reader() -> Person | None:
    """A person of the office, by whose rules a pack is gathered when the clock does it; None before there is one."""
    posts = Post.objects.in_force().filter(role=Role.OFFICE, person__is_active=True)
    post = posts.select_related("person").order_by("pk").first()
    return post.person if post else None


def gather(pack: Pack, *, by: Person | None, at: dt.datetime | None = None) -> Pack:
    """Gathers a pack's sections anew; what a person edited stays. Always by the rules of the office.

    Raises Refused once the pack is held or where nobody holds the post of the office, NotAllowed for who may not edit it.
    """
    at, reader = at or timezone.now(), office_reader()
    if reader is None:
        raise Refused(_t("还没有人任创建办岗位，先在“任职”里加一人。"))
    beat = Beat.objects.filter(cadence=pack.cadence).first()
    ask = Ask(reader, pack, at)
    with translation.override(settings.LANGUAGE_CODE):  # kept as text and read by others
        found: list[Section] = [
            {"code": kind.code, "title": str(kind.title), **kind.gather(ask)}
            for kind in sections_for(pack.cadence, beat.sections if beat else None)
        ]
    return fill_pack(pack, found, by=by, at=at)


def prepare_pack(cadence: str, on: dt.date, *, by: Person | None, at: dt.datetime | None = None) -> Pack:
    """The pack of a cadence for a day, gathered when it is new; asked for twice, it is there once and not gathered again.

    Raises Refused and NotAllowed as `gather` does.
    """
    pack, made = make_pack(cadence, on, by=by, at=at)
    return gather(pack, by=by, at=at) if made or pack.gathered_at is None else pack


def prepare_due(now: dt.datetime | None = None) -> int:
    """A turn of the clock: packs whose day comes are made, those ahead gathered anew once a day, unused ones are past.

    Returns how many were made, gathered or passed. Safe to run twice and by two workers at once.
    """
    now = now or timezone.now()
    today, done = timezone.localdate(now), 0
    if office_reader() is None:
        return 0
    for beat in Beat.objects.filter(is_on=True).order_by("pk"):
        for on in days_due(beat, today):
            known = Pack.objects.filter(cadence=beat.cadence, on=on, gathered_at__isnull=False).exists()
            if not known:
                prepare_pack(beat.cadence, on, by=None, at=now)
                done += 1
    midnight = timezone.make_aware(dt.datetime.combine(today, dt.time()))
    stale = Pack.objects.filter(state=PackState.PREPARED, on__gte=today, gathered_at__lt=midnight)
    for pack in stale.order_by("pk"):
        try:
            gather(pack, by=None, at=now)
        except Refused:  # held by a person meanwhile
            continue
        done += 1
    return done + pass_by(today, now)
