"""Minutes as a 会议纪要 and a pack as a 简报: drafts of the papers app, with the figures they were made from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from chuangwen.kernel.models import Person
from chuangwen.kernel.workflow.flow import Refused
from chuangwen.papers.actions import draft_paper
from chuangwen.papers.composing import default_body, figure
from chuangwen.papers.format.content import Block, PaperText, Part, Table, date_words
from chuangwen.papers.models import IssuingBody, Paper, PaperKind, PaperState
from chuangwen.tasks.meeting_models import Attendance, Decision, Meeting, MeetingState, Pack, Presence
from chuangwen.tasks.packs import shown

MEETING: Final = "tasks.meeting"
PACK: Final = "tasks.pack"
GONE: Final = (PaperState.DROPPED, PaperState.WITHDRAWN)
ROWS: Final = 40  # rows of one table in a paper; the rest is in the system


def _known(about: str, pk: int) -> Paper | None:
    return Paper.objects.filter(about=about, about_id=pk).exclude(state__in=GONE).order_by("pk").first()


def _body(body: IssuingBody | None) -> IssuingBody:
    found = body or default_body()
    if found is None:
        raise Refused(_("还没有发文机关，先在发文机关里登记。"))
    return found


@transaction.atomic
def draft_minutes(
    meeting: Meeting, *, by: Person, body: IssuingBody | None = None, at: dt.datetime | None = None
) -> Paper:
    """The minutes of a meeting as a draft 会议纪要: who came, the text, the decisions; to the units that were asked.

    One under way is given back instead of a second. Raises Refused where there are no minutes or no issuing body,
    NotAllowed for anybody but the office.
    """
    meeting = Meeting.objects.select_for_update(of=("self",)).get(pk=meeting.pk)
    known = _known(MEETING, meeting.pk)
    if known is not None:
        return known
    if meeting.state not in (MeetingState.HELD, MeetingState.MINUTED) or not meeting.minutes:
        raise Refused(_("会开过、纪要写了，再出会议纪要。"))
    rows = list(meeting.attendance.select_related("unit").order_by("unit__code"))
    decisions = list(meeting.decisions.select_related("unit", "task"))
    with translation.override(settings.LANGUAGE_CODE):
        text = PaperText(
            form="minutes", kind=PaperKind.MINUTES.value, title=meeting.title, blocks=(*_said(meeting), *_decided(decisions)),
            attend=_names(rows, Presence.CAME), leave=_names(rows, Presence.LEAVE),
        )  # fmt: skip
        came = sum(row.presence == Presence.CAME for row in rows)
        figures = [
            figure(_("应到单位"), len(rows), measure=_("个"), link=meeting.get_absolute_url()),
            figure(_("到会单位"), came, measure=_("个"), link=meeting.get_absolute_url()),
            figure(_("决定"), len(decisions), measure=_("项"), link=meeting.get_absolute_url()),
        ]
        return draft_paper(
            PaperKind.MINUTES, title=meeting.title, content=text, body=_body(body), by=by, figures=figures,
            receivers=[row.unit for row in rows], about=(MEETING, meeting.pk), is_sample=meeting.is_sample, at=at,
        )  # fmt: skip


def _names(rows: Iterable[Attendance], presence: str) -> tuple[str, ...]:
    return tuple(
        f"{row.who}（{row.unit}）" if row.who else str(row.unit) for row in rows if row.presence == presence
    )


def _said(meeting: Meeting) -> list[Part]:
    """The minutes' own paragraphs behind one that says when, where and who led."""
    start = timezone.localtime(meeting.starts_at)
    opening = _("%(day)s，%(chair)s在%(place)s召开会议。") % {
        "day": date_words(start.date()), "chair": f"{meeting.chair}主持，" if meeting.chair else "", "place": meeting.place,
    }  # fmt: skip
    items = [item.text for item in meeting.agenda.all()]
    if items:
        opening += _("会议议题：%(items)s。") % {"items": "；".join(items)}
    return [Block(opening), *(Block(line.strip()) for line in meeting.minutes.split("\n") if line.strip())]


def _decided(decisions: Iterable[Decision]) -> list[Part]:
    blocks: list[Part] = []
    for one in decisions:
        more = f"责任单位：{one.unit.name}。" if one.unit else ""
        if one.due_on:
            more += f"完成期限：{date_words(one.due_on)}。"
        blocks.append(Block(one.text.rstrip("。") + "。" + more, level=0))
    return [Block(_("会议决定"), level=1), *blocks] if blocks else []


@transaction.atomic
def draft_pack(
    pack: Pack, *, by: Person, body: IssuingBody | None = None, at: dt.datetime | None = None
) -> Paper:
    """A pack as a draft 简报: its focus and each section with words and table. One under way is given back.

    Raises Refused for a pack without sections or without an issuing body, NotAllowed for anybody but the office.
    """
    pack = Pack.objects.select_for_update(of=("self",)).get(pk=pack.pk)
    known = _known(PACK, pack.pk)
    if known is not None:
        return known
    sections = shown(pack)
    if not sections:
        raise Refused(_("材料还是空的，先汇集。"))
    with translation.override(settings.LANGUAGE_CODE):
        title = f"{pack.get_cadence_display()}（{date_words(pack.on)}）"
        blocks: list[Part] = []
        if pack.focus:
            blocks += [
                Block(_("重点"), level=1),
                *(Block(line) for line in pack.focus.split("\n") if line.strip()),
            ]
        for one in sections:
            blocks += [Block(one["title"], level=1), *_paragraphs(one["text"]), *_table(one)]
        figures = [
            figure(
                f"{one['title']} {each['name']}",
                each["value"],
                definition=each["definition"],
                link=each["link"],
            )
            for one in sections
            for each in one["figures"]
        ]
        return draft_paper(
            PaperKind.BULLETIN, title=title, content=blocks, body=_body(body), by=by, figures=figures, about=(PACK, pack.pk), at=at,
        )  # fmt: skip


def _paragraphs(text: str) -> list[Part]:
    return [Block(line.strip()) for line in text.split("\n") if line.strip()]


def _table(one: dict[str, Any]) -> list[Part]:
    if not one["rows"]:
        return []
    rows = tuple(tuple(cell["text"] for cell in row) for row in one["rows"][:ROWS])
    return [Table(tuple(one["columns"]), rows)]
