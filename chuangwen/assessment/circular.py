"""通报 of a month's ranking: bands and possible ranks with margins, measures, who improved, what follows (rows 16, 17).

Inside a band nobody is put before anybody: its units are named in the order of their codes, with the ranks they may have.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from chuangwen.assessment import ranking_queries, rules
from chuangwen.assessment.closing import month_period
from chuangwen.assessment.consequence_models import Consequence
from chuangwen.assessment.forecasting import points
from chuangwen.assessment.ranking_models import Ranking, RankLine, RankState, RankSubject
from chuangwen.assessment.ranking_queries import GroupTable, Row, Table
from chuangwen.kernel.models import Person, Unit
from chuangwen.kernel.workflow.flow import Refused
from chuangwen.papers.actions import draft_paper
from chuangwen.papers.composing import default_body, figure
from chuangwen.papers.format import content
from chuangwen.papers.format.content import Attachment, Block, Part
from chuangwen.papers.models import IssuingBody, Paper, PaperKind
from chuangwen.problems.models import Case, LadderAction, Prepared
from chuangwen.problems.rules import see_case

RANKING: Final = "assessment.ranking"
# Rankings of persons stay in the office; they are no circular (国办函〔2026〕12号 and rules.py).
BODIES: Final = (RankSubject.UNIT, RankSubject.STREET, RankSubject.ROAD_CHIEF)


def draft_circular(
    ranking: Ranking, *, by: Person, body: IssuingBody | None = None, at: dt.datetime | None = None
) -> Paper:
    """A draft circular of a frozen month to all units in it, every figure with its link.

    Raises Refused for a ranking that is not frozen, one of persons, one nobody is ranked in, or where no body issues;
    NotAllowed for anybody but the office.
    """
    if not rules.see_ranking.allows(by, ranking):
        raise Refused(_("这份排名不归你的岗位看。"))
    if ranking.subject_kind not in BODIES:
        raise Refused(_("人员的排名不通报，只在创建办内部看。"))
    if ranking.state != RankState.FROZEN:
        raise Refused(_("排名还没有定稿，定稿冻结后再出通报。"))
    body = body or default_body()
    if body is None:
        raise Refused(_("还没有发文机关，先在发文机关里登记。"))
    with translation.override(settings.LANGUAGE_CODE):  # a paper is Chinese whoever drafts it
        table = ranking_queries.ranking_table(ranking, person=by)
        if not any(group.ranked for group in table.groups):
            raise Refused(_("这个月没有可排名的对象，没有可通报的。"))
        measures = list(_consequences(ranking))
        named = list(_named(ranking, by)) if ranking.subject_kind == RankSubject.UNIT else []
        text = [
            *_opening(table), *_results(table), *_improved(table), *_cases(named), *_follows(measures), *_next(table),
        ]  # fmt: skip
        return draft_paper(
            PaperKind.CIRCULAR, title=_title(ranking),
            content=content.PaperText(
                form="file", kind=PaperKind.CIRCULAR.value, title=_title(ranking), blocks=tuple(text),
                attachments=(Attachment(_("%(month)s考核明细") % {"month": _month(ranking)}, tuple(_details(table))),),
            ),
            body=body, by=by, figures=_figures(table), receivers=_units(table), about=(RANKING, ranking.pk), at=at,
            is_sample=ranking.is_sample,
        )  # fmt: skip


def _month(ranking: Ranking) -> str:
    return f"{ranking.month.year}年{ranking.month.month}月"


def _title(ranking: Ranking) -> str:
    who = {RankSubject.STREET: _("镇街"), RankSubject.ROAD_CHIEF: _("路长单位")}.get(
        RankSubject(ranking.subject_kind), _("责任单位")
    )
    return _("关于%(month)s文明城市创建工作%(who)s考核情况的通报") % {"month": _month(ranking), "who": who}


def _opening(table: Table) -> list[Part]:
    ranking, rows = table.ranking, table.rows
    ranked = sum(group.ranked for group in table.groups)
    lead = _(
        "按照考核规则（%(rule)s），对%(month)s创建工作进行了考核，共%(n)d个对象，参加排名%(ranked)d个。"
        "数据截至%(cut)s，已经预告、申诉和定稿。"
    ) % {
        "rule": f"{ranking.rule.get_subject_display()} {ranking.rule.version}", "month": _month(ranking), "n": len(rows),
        "ranked": ranked, "cut": content.date_words(_local_day(ranking)),
    }  # fmt: skip
    share = f"{(ranking.rule.confidence * 100).normalize():f}"
    margin = _(
        "得分后的±是误差，可能名次是一个区间（置信水平%(share)s%%）。同一档内差别在误差之内，不分先后，按编码列出。"
    ) % {"share": share}
    found: list[Part] = [Block(lead), Block(margin)]
    if ranking.comment.strip():
        found += [
            Block(_("总体情况"), 1),
            *(Block(line) for line in ranking.comment.split("\n") if line.strip()),
        ]
    return found


def _local_day(ranking: Ranking) -> dt.date:
    from django.utils import timezone

    return timezone.localdate(ranking.cutoff_at)


def _results(table: Table) -> list[Part]:
    found: list[Part] = [Block(_("考核结果"), 1)]
    named = len(table.groups) > 1
    for group in table.groups:
        if named:
            found.append(Block(str(group.group) if group.group else _("未分组"), 2))
        if group.ranked:
            found.append(_bands(group))
        if group.unranked:
            names = "、".join(
                f"{row.line.name}（{row.line.veto or row.line.why_not}）" if row.line.veto or row.line.why_not else row.line.name
                for row in group.unranked
            )  # fmt: skip
            found.append(Block(_("只列不排：%(names)s。") % {"names": names}))
    return found


def _bands(group: GroupTable) -> content.Table:
    """One row a unit, bands in their order, inside a band by the key that orders nothing."""
    head = (_("档"), _("单位"), _("得分"), _("可能名次"))
    rows = []
    for band in group.bands:
        for at, row in enumerate(sorted(band.rows, key=lambda one: one.line.key)):
            rows.append(
                (
                    _("第%(n)d档") % {"n": band.number} if not at else "",
                    row.line.name,
                    _score(row.line),
                    _ranks(row.line),
                )
            )
    return content.Table(head, tuple(rows))


def _score(line: RankLine) -> str:
    margin = f"±{points(line.margin, 1)}" if line.margin else ""
    return f"{points(line.score, 1)}{margin}"


def _ranks(line: RankLine) -> str:
    if line.rank_low is None or line.rank_high is None:
        return "—"
    return str(line.rank_low) if line.rank_low == line.rank_high else f"{line.rank_low}—{line.rank_high}"


def _improved(table: Table) -> list[Part]:
    if table.before is None:
        return []
    if table.is_rule_changed:
        return [Block(_("与上月相比"), 1), Block(_("本月考核规则有变化，得分不与上月比较。"))]
    rows = ranking_queries.most_improved(table)
    sure, rest = [row for row in rows if row.is_sure], [row for row in rows if not row.is_sure]
    found: list[Part] = [Block(_("与上月相比"), 1)]
    if sure:
        found.append(Block(_("进步超出误差的：%(names)s。") % {"names": _gains(sure)}))
    if rest:
        found.append(Block(_("得分提高但在误差之内的：%(names)s。") % {"names": _gains(rest)}))
    if not rows:
        found.append(Block(_("没有得分提高的单位。")))
    return found


def _gains(rows: Sequence[Row]) -> str:
    return "、".join(f"{row.line.name}（+{points(row.change, 1)}）" for row in rows)


def _named(ranking: Ranking, by: Person) -> Iterable[Prepared]:
    """The cases whose rung 通报 was signed in the month: the circular of the month names them, one paper for all (基层减负)."""
    period = month_period(ranking.month)
    rows = Prepared.objects.filter(
        rung__action=LadderAction.CIRCULAR, is_signed=True, decided_at__gte=period.start, decided_at__lt=period.end,
        case__unit__isnull=False, case__in=see_case.filter(Case.objects.all(), by),
    )  # fmt: skip
    return rows.select_related("case__unit", "case__street").order_by(
        "case__unit__code", "case__number", "pk"
    )


def _cases(rows: Sequence[Prepared]) -> list[Part]:
    if not rows:
        return []
    lines: dict[str, tuple[str, ...]] = {}  # a case sent up twice is named once
    for row in rows:
        case = row.case
        where = case.address or str(case.street or "")
        lines[case.number] = (
            str(case.unit),
            case.number,
            f"{case.what}（{where}）" if where else case.what,
            row.ground,
        )
    return [
        Block(_("点名通报的案件"), 1),
        Block(_("下列 %(n)d 件案件按督办阶梯通报，单位逐件写明原因和办结时间。") % {"n": len(lines)}),
        content.Table((_("单位"), _("案号"), _("问题"), _("依据")), tuple(lines.values())),
    ]


def _consequences(ranking: Ranking) -> Iterable[Consequence]:
    rows = Consequence.objects.filter(month=ranking.month, lifted_on=None).select_related("unit")
    return rows.order_by("kind", "unit__code", "pk")


def _follows(rows: Sequence[Consequence]) -> list[Part]:
    """What was decided for or against units; persons are never named in a circular made by itself."""
    if not rows:
        return []
    lines = tuple(
        (
            str(row.unit),
            str(row.get_kind_display()),
            f"{row.points.normalize():f}" if row.points else "—",
            row.ground,
        )
        for row in rows
    )
    return [Block(_("奖惩措施"), 1), content.Table((_("单位"), _("措施"), _("分数"), _("依据")), lines)]


def _next(table: Table) -> list[Part]:
    """The measure with most lost over all, named from the figures and nothing else."""
    lost: dict[str, Decimal] = {}
    for row in table.rows:
        for part in row.parts:
            if part.points is not None:
                lost[part.code] = lost.get(part.code, Decimal()) + part.weight - part.points
    if not lost:
        return []
    labels = {column.code: column.label for column in table.columns}
    worst = sorted(lost, key=lambda code: (-lost[code], code))[:2]
    names = "、".join(f"“{labels[code]}”" for code in worst)
    return [Block(_("下一步要求"), 1), Block(
        _("本月失分最多的是%(names)s。各单位要对照附件逐项查找失分原因，落实整改，整改情况纳入下月考核。") % {"names": names}
    )]  # fmt: skip


def _details(table: Table) -> Iterable[Part]:
    """Every unit by measure: good of count; so that each can follow its score."""
    head = (
        _("单位"),
        *(f"{column.label}（{column.weight}）" for column in table.columns),
        _("加减分"),
        _("得分"),
    )
    rows = []
    for row in sorted(table.rows, key=lambda one: one.line.key):
        cells = [f"{part.good.normalize():f}/{part.count}" if part.count else "—" for part in row.parts]
        bonus = f"{row.line.bonus.normalize():f}" if row.line.bonus else "0"
        rows.append((row.line.name, *cells, bonus, points(row.line.score, 1)))
    yield content.Table(head, tuple(rows))


def _units(table: Table) -> list[Unit]:
    found = {row.line.unit.pk: row.line.unit for row in table.rows if row.line.unit is not None}
    return [found[pk] for pk in sorted(found)]


def _figures(table: Table) -> list[dict[str, str]]:
    link = table.ranking.get_absolute_url()
    how = _("%(rule)s，数据截至%(cut)s") % {
        "rule": table.ranking.rule,
        "cut": content.date_words(_local_day(table.ranking)),
    }
    return [
        figure(
            row.line.name, _score(row.line), measure=_("分"), definition=how, link=f"{link}{row.line.key}/"
        )
        for row in table.rows
        if row.line.score is not None
    ]
