"""Papers made of cases: 整改通知书, 督办通知, 交办通知, 通报, and the letter of a hand-over. Each is a draft; people sign it.

What a reporter said stays out: a paper names the problem, the place, the limit and the catalogue's words, no person.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Final

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from chuangwen.kernel.city import setting
from chuangwen.kernel.models import Person, Unit
from chuangwen.kernel.workflow.flow import Refused
from chuangwen.papers.actions import draft_paper, put_draft
from chuangwen.papers.composing import default_body, figure
from chuangwen.papers.format.content import Block, Part, Table, date_words
from chuangwen.papers.models import IssuingBody, Paper, PaperKind, PaperState
from chuangwen.problems import rules
from chuangwen.problems.models import Case, Handover, LadderAction, Prepared, State, Supervision

CASE: Final = "problems.case"
KINDS: Final = (PaperKind.RECTIFICATION, PaperKind.SUPERVISION, PaperKind.ASSIGNMENT, PaperKind.CIRCULAR)
_OF_RUNG: Final = {
    LadderAction.YELLOW: PaperKind.SUPERVISION,
    LadderAction.RED: PaperKind.SUPERVISION,
    LadderAction.CIRCULAR: PaperKind.CIRCULAR,
}


def draft_for_cases(
    kind: str, cases: Iterable[Case], *, by: Person, body: IssuingBody | None = None, reply_on: dt.date | None = None,
    ground: str = "", at: dt.datetime | None = None,
) -> Paper:  # fmt: skip
    """A draft of `kind` (one of KINDS) to the unit that has these cases, with a table of them and their limits.

    Raises Refused for cases without a unit or of several units (but for 通报), for none at all, and where no body issues.
    """
    rows = sorted(cases, key=lambda case: case.pk)
    hidden = [case for case in rows if not rules.see_case.allows(by, case)]
    if not rows or hidden:
        raise Refused(_("没有可以写进公文的案件，先选案件。"))
    if kind not in KINDS:
        raise Refused(_("案件可以出整改通知书、督办通知、交办通知和通报。"))
    units = _units(rows, kind)
    with translation.override(settings.LANGUAGE_CODE):  # a paper is Chinese whoever drafts it
        title, parts = _words(PaperKind(kind), rows, units, ground, reply_on)
        return draft_paper(
            kind, title=title, content=parts, body=_body(body), by=by, figures=_figures(rows), receivers=units,
            reply_on=reply_on, about=(CASE, rows[0].pk), at=at,
        )  # fmt: skip


def _body(body: IssuingBody | None) -> IssuingBody:
    found = body or default_body()
    if found is None:
        raise Refused(_("还没有发文机关，先在发文机关里登记。"))
    return found


def _units(rows: Sequence[Case], kind: str) -> list[Unit]:
    units = {case.unit_id: case.unit for case in rows}
    if None in units:
        raise Refused(_("有案件还没有派到单位，先派遣再出公文。"))
    if len(units) > 1 and kind != PaperKind.CIRCULAR:
        raise Refused(_("这些案件分属 %(n)d 个单位，一个单位一份，分开选。") % {"n": len(units)})
    return [unit for unit in units.values() if unit is not None]


def _words(
    kind: PaperKind, rows: Sequence[Case], units: Sequence[Unit], ground: str, reply_on: dt.date | None
) -> tuple[str, list[Part]]:
    """Title and text; the number of cases, the limit and what to report follow from the rows."""
    n = len(rows)
    kinds = {case.kind.name if case.kind else "" for case in rows}
    one = kinds.pop() if len(kinds) == 1 else ""
    what = _("“%(kind)s”问题") % {"kind": one} if one else _("%(n)d个问题") % {"n": n}
    reply = date_words(reply_on) if reply_on else ""
    ask = (
        _("整改情况（整改前后照片、责任人、完成时间）于%(day)s前书面回复。") % {"day": reply}
        if reply
        else _("整改情况在系统中反馈，附整改后照片。")
    )
    if kind == PaperKind.RECTIFICATION:
        title = _("关于%(what)s的整改通知书") % {"what": what}
        lead = _(
            "经核查，你单位负责的以下%(n)d个问题需要整改。按下表所列时限完成，做到立行立改、举一反三。"
        ) % {"n": n}
        return title, [Block(lead), _table(rows), Block(ask)]
    if kind == PaperKind.SUPERVISION:
        level = max((case.supervision for case in rows), default=0)
        word = str(Supervision(level).label) if level else _("督办")
        title = _("关于%(what)s的督办通知") % {"what": what}
        lead = _("以下%(n)d个问题由你单位办理，至今没有办结，现予%(word)s。") % {"n": n, "word": word}
        why = [Block(_("督办依据：%(ground)s。") % {"ground": ground.rstrip("。")})] if ground else []
        return title, [
            Block(lead),
            *why,
            _table(rows),
            Block(_("主要负责人要亲自过问，说明未办结的原因、下一步措施和完成时间。")),
            Block(ask),
        ]
    if kind == PaperKind.ASSIGNMENT:
        title = _("关于交办%(what)s的通知") % {"what": what}
        lead = _(
            "现将以下%(n)d个问题交办你单位，按职责和时限办理。不属于你单位职责的，一个工作日内退回并写明理由。"
        ) % {"n": n}
        return title, [Block(lead), _table(rows), Block(ask)]
    title = _("关于%(what)s办理情况的通报") % {"what": what}
    lead = _("以下%(n)d个问题涉及%(units)s，现将办理情况通报如下。") % {
        "n": n,
        "units": "、".join(u.name for u in units),
    }
    why = [Block(_("通报依据：%(ground)s。") % {"ground": ground.rstrip("。")})] if ground else []
    end = _("有关单位要对照问题查找原因，按时整改到位；其他单位要引以为戒。")
    return title, [Block(lead), *why, _table(rows), Block(end)]


def _table(rows: Sequence[Case]) -> Table:
    """The cases; whose each is, only where they are not all of one unit."""
    many = len({case.unit_id for case in rows}) > 1
    head = [_("案号"), _("问题"), _("位置"), *([_("单位")] if many else []), _("时限")]
    lines = []
    for case in rows:
        unit = [str(case.unit or "")] if many else []
        lines.append((case.number, case.what, case.address or str(case.street or ""), *unit, _due(case)))
    return Table(tuple(head), tuple(lines))


def _due(case: Case) -> str:
    due = case.fix_due_at or case.due_at
    return timezone.localtime(due).strftime("%m月%d日 %H:%M") if due else _("未定")


def _figures(rows: Sequence[Case]) -> list[dict[str, str]]:
    """Each case as it stood when the paper was drafted."""
    return [
        figure(
            f"{case.number} {case.what}", _due(case), link=case.get_absolute_url(),
            definition=_("拟稿时的处置时限，案件在%(state)s") % {"state": State(case.state).label},
        )
        for case in rows
    ]  # fmt: skip


def draft_for_prepared(
    prepared: Prepared, *, by: Person | None, at: dt.datetime | None = None
) -> Paper | None:
    """The paper of a signed rung: 督办通知 of a yellow or red one; None for the others, and where the setting names it
    通报 of a circular one.

    None as well where no body issues papers, or the case's unit has one in the making for the same case: reminders of
    the ladder must never stop at a paper. The rung's own rule was asked when it was signed.
    """
    kind, body, case = _OF_RUNG.get(LadderAction(prepared.rung.action)), default_body(), prepared.case
    # A circular rung is named in the month's circular unless the city wants a paper for each case.
    wanted = setting("papers_of_rungs", ["supervise_yellow", "supervise_red"])
    if kind is None or body is None or case.unit is None or prepared.rung.action not in wanted:
        return None
    open_ones = (PaperState.DRAFT, PaperState.REVIEW)
    if Paper.objects.filter(about=CASE, about_id=case.pk, kind=kind, state__in=open_ones).exists():
        return None
    with translation.override(settings.LANGUAGE_CODE):
        title, parts = _words(kind, [case], [case.unit], prepared.ground, None)
        return put_draft(
            kind, title=title, content=parts, body=body, by=by, figures=_figures([case]), receivers=[case.unit],
            about=(CASE, case.pk), at=at, is_sample=case.is_sample,
        )  # fmt: skip


def draft_for_handover(
    handover: Handover, *, by: Person, body: IssuingBody | None = None, at: dt.datetime | None = None
) -> Paper:
    """The letter that goes with a file to another body; seen by the office, auditors and that body alone (row 43)."""
    case = handover.case
    with translation.override(settings.LANGUAGE_CODE):
        title = (
            _("关于移交一件案件材料的函")
            if handover.kind != Handover.Kind.GOVERNMENT
            else _("关于提请交办一件案件的函")
        )
        parts: list[Part] = [
            Block(_("现将“%(what)s”案件的全部材料移交你单位。") % {"what": case.what}),
            Block(_("移交理由：%(reason)s。") % {"reason": handover.reason.rstrip("。")}),
            _table([case]),
            Block(_("办理结果反馈我单位。")),
        ]
        return draft_paper(
            PaperKind.ASSIGNMENT, title=title, content=parts, body=_body(body), by=by, figures=_figures([case]),
            receivers=[handover.to_unit], about=("problems.handover", handover.pk), at=at,
        )  # fmt: skip
