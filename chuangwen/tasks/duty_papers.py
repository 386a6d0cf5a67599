"""The 提示通知 as a paper: one for each unit's notice, with exactly the lines that were frozen when it was sent (row 27)."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from chuangwen.kernel.models import Person
from chuangwen.kernel.workflow.flow import Refused
from chuangwen.papers.actions import draft_paper
from chuangwen.papers.composing import default_body, figure
from chuangwen.papers.format.content import Block, Part, Table, date_words
from chuangwen.papers.models import IssuingBody, Paper, PaperKind, PaperState
from chuangwen.standards.models import DutyLine, DutyNotice

NOTICE: Final = "standards.dutynotice"
GONE: Final = (PaperState.DROPPED, PaperState.WITHDRAWN)


@dataclass
class Drafted:
    """What came of drafting: the new papers, and the notices that have one already."""

    made: list[Paper] = field(default_factory=list)
    left: list[tuple[DutyNotice, str]] = field(default_factory=list)


@transaction.atomic
def draft_duty_papers(
    notices: Iterable[DutyNotice],
    *,
    by: Person,
    body: IssuingBody | None = None,
    at: dt.datetime | None = None,
) -> Drafted:
    """One draft a notice, all or none; a notice whose paper is under way is left out and named.

    Raises Refused where no body issues papers, NotAllowed for anybody but the office.
    """
    body = body or default_body()
    if body is None:
        raise Refused(_("还没有发文机关，先在发文机关里登记。"))
    rows = sorted(notices, key=lambda notice: notice.pk)
    lines: dict[int, list[DutyLine]] = defaultdict(list)
    found = DutyLine.objects.filter(notice__in=[row.pk for row in rows]).select_related("requirement__node")
    for line in found.order_by("pk"):
        lines[line.notice_id].append(line)
    before = dict(
        Paper.objects.filter(about=NOTICE, about_id__in=[row.pk for row in rows])
        .exclude(state__in=GONE)
        .values_list("about_id", "code")
    )
    drafted = Drafted()
    with translation.override(settings.LANGUAGE_CODE):
        for notice in rows:
            if notice.pk in before:
                drafted.left.append((notice, _("已有公文 %(code)s。") % {"code": before[notice.pk]}))
            else:
                drafted.made.append(_draft(notice, lines[notice.pk], body, by, at))
    return drafted


def _draft(
    notice: DutyNotice, lines: list[DutyLine], body: IssuingBody, by: Person, at: dt.datetime | None
) -> Paper:
    standards = {line.requirement.node_id for line in lines}
    materials = [line for line in lines if line.due_on]
    title = _("关于做好%(edition)s测评准备工作的提示通知") % {"edition": notice.edition.name}
    lead = _("按照%(edition)s，你单位承担%(n)d条标准、%(m)d项内容（见下表）。") % {
        "edition": notice.edition, "n": len(standards), "m": len(lines),
    }  # fmt: skip
    ask = _("对照逐条明确责任人和完成时间，材料按期报送，于%(day)s前签收并回复。") % {
        "day": date_words(notice.reply_on)
    }
    parts: list[Part] = [Block(lead), Block(ask)]
    if notice.note:
        parts.append(Block(notice.note))
    parts.append(_table(lines))
    figures = [
        figure(_("标准"), len(standards), measure=_("条"), definition=_("发通知时分给这个单位的标准"), link=notice.get_absolute_url()),
        figure(_("有期限的材料"), len(materials), measure=_("份"), definition=_("发通知时由这个单位主责报送的材料"),
               link=notice.get_absolute_url()),
    ]  # fmt: skip
    return draft_paper(
        PaperKind.DUTY_NOTICE, title=title, content=parts, body=body, by=by, figures=figures, receivers=[notice.unit],
        reply_on=notice.reply_on, about=(NOTICE, notice.pk), at=at,
    )  # fmt: skip


def _table(lines: list[DutyLine]) -> Table:
    rows = []
    last = ""
    for line in lines:
        code = line.requirement.node.code
        rows.append((
            "" if code == last else code, line.text, str(line.get_part_display()),
            line.due_on.strftime("%m月%d日") if line.due_on else "",
        ))  # fmt: skip
        last = code
    return Table((_("标准"), _("内容"), _("分工"), _("期限")), tuple(rows))
