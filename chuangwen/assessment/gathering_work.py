"""Sections of a pack that come from tasks, the dossier, rounds, rankings, the forecast and earlier meetings."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.db.models import Count, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.assessment.gathered import (
    MOST,
    Ask,
    Cell,
    Figure,
    Section,
    cell,
    moments,
    number,
    section,
    unit_link,
)
from chuangwen.assessment.kept import kept_fronts
from chuangwen.assessment.models import Ranking, RankLine, RankState, RankSubject
from chuangwen.dossier.queries import completeness, editions_with_material
from chuangwen.inspections import rules as round_rules
from chuangwen.inspections.models import Round, Tally
from chuangwen.inspections.models import State as RoundState
from chuangwen.kernel.models import Unit
from chuangwen.kernel.scoring.rates import Rate
from chuangwen.tasks import queries as task_queries
from chuangwen.tasks.meeting_models import Decision, MeetingState
from chuangwen.tasks.models import State as TaskState


def decisions(ask: Ask) -> Section:
    """What meetings of this cadence decided: all of the last one, and of earlier ones what is not done (two queries)."""
    start, _end = moments(ask.pack.on, ask.pack.on)
    rows = Decision.objects.filter(
        meeting__cadence=ask.pack.cadence, meeting__starts_at__lt=start,
        meeting__state__in=(MeetingState.HELD, MeetingState.MINUTED),
    )  # fmt: skip
    last = rows.order_by("-meeting__starts_at", "-meeting_id").values_list("meeting_id", flat=True).first()
    if last is None:
        return section(_("没有上次会议的决定。"))
    left = Q(task__isnull=True) | ~Q(task__state__in=(TaskState.DONE, TaskState.DROPPED))
    found = list(
        rows.filter(Q(meeting=last) | left)
        .select_related("meeting", "unit", "task")
        .order_by("-meeting__starts_at", "meeting_id", "rank", "pk")[: 2 * MOST]
    )
    done = sum(one.task is not None and one.task.state == TaskState.DONE for one in found)
    late = sum(one.task is not None and one.task.is_late(ask.now) for one in found)
    lines = [
        [
            cell(one.text, one.task.get_absolute_url() if one.task else one.meeting.get_absolute_url()),
            cell(one.unit or ""), cell(one.due_on or ""), cell(_state(one, ask)),
        ]
        for one in found
    ]  # fmt: skip
    text = _("上次会议及以前未完的决定 %(n)d 项，完成 %(done)d 项，超期 %(late)d 项。") % {
        "n": len(found), "done": done, "late": late,
    }  # fmt: skip
    link = f"/meetings/{last}/"
    figures = [
        Figure(_("决定"), len(found), link),
        Figure(_("完成"), done, link),
        Figure(_("超期"), late, link),
    ]
    return section(text, figures, [_("决定"), _("单位"), _("期限"), _("状态")], lines)


def _state(one: Decision, ask: Ask) -> str:
    if one.task is None:
        return _("未转任务")
    return _("超期") if one.task.is_late(ask.now) else str(TaskState(one.task.state).label)


def tasks(ask: Ask) -> Section:
    """Tasks by unit: open, late, done within the span (three queries)."""
    first, last = ask.ahead
    start, end = ask.back
    rows = task_queries.tasks_seen(ask.reader)
    running = ~Q(state__in=(TaskState.DRAFT, TaskState.DONE, TaskState.DROPPED))
    counts = {
        "open": Count("pk", filter=running),
        "late": Count("pk", filter=task_queries.late_q(ask.now)),
        "done": Count("pk", filter=Q(state=TaskState.DONE, changed_at__gte=start, changed_at__lt=end)),
        "due": Count("pk", filter=running & Q(due_on__gte=first, due_on__lte=last)),
    }
    counted: Any = rows.filter(unit__isnull=False).order_by().values("unit").annotate(**counts)
    by_unit: list[dict[str, int]] = list(counted)
    whole = {name: sum(row[name] for row in by_unit) for name in counts}
    units = Unit.objects.in_bulk([row["unit"] for row in by_unit])
    shown = sorted(by_unit, key=lambda x: (-x["late"], -x["due"], -x["open"], units[x["unit"]].code))
    lines = [_task_line(units[row["unit"]], row) for row in shown[:MOST] if row["open"] or row["done"]]
    if not whole["open"] and not whole["done"]:
        return section(_("没有进行中的任务。"))
    text = (
        _("任务进行中 %(open)d 项，超期 %(late)d 项，期内完成 %(done)d 项，接下来到期 %(due)d 项。") % whole
    )
    figures = [
        Figure(_("进行中"), whole["open"], "/tasks/", _("已发布、未完成的任务")),
        Figure(_("超期"), whole["late"], "/tasks/?tab=all&due=late", _("单位手里已过期限的")),
        Figure(_("期内完成"), whole["done"], "/tasks/?tab=all&state=done", _("期内验收通过的")),
    ]
    return section(text, figures, [_("单位"), _("进行中"), _("超期"), _("期内完成")], lines)


def _task_line(unit: Unit, row: dict[str, int]) -> list[Cell]:
    return [
        cell(unit), number(row["open"], unit_link("/tasks/", unit.code, tab="all")),
        number(row["late"], unit_link("/tasks/", unit.code, tab="all", due="late")),
        number(row["done"], unit_link("/tasks/", unit.code, tab="all", state="done")),
    ]  # fmt: skip


def ranking(ask: Ask) -> Section:
    """The month's ranking of units as it was frozen, in its groups (two queries); no rank where it is not frozen."""
    month = ask.pack.to_on.replace(day=1)
    row = (
        Ranking.objects.filter(subject_kind=RankSubject.UNIT, month=month)
        .exclude(state=RankState.VOID)
        .first()
    )
    if row is None or row.state != RankState.FROZEN:
        what = _("%(month)s 的排名还没有定稿。") % {"month": f"{month:%Y-%m}"}
        return section(what, [Figure(_("月排名"), "—", row.get_absolute_url() if row else "/rankings/")])
    lines = list(
        row.lines.select_related("group").order_by("group__rank", "group_id", "rank", "-score", "pk")
    )
    ranked = [line for line in lines if line.rank is not None]
    link = row.get_absolute_url()
    columns = [_("同类组"), _("名次"), _("可能名次"), _("单位"), _("得分"), _("误差")]
    text = _("%(month)s 排名 %(n)d 个单位，%(m)d 个样本不足只列不排。") % {
        "month": f"{month:%Y-%m}", "n": len(ranked), "m": len(lines) - len(ranked),
    }  # fmt: skip
    rest = [line for line in lines if line.rank is None]
    figures = [Figure(_("参加排名"), len(ranked), link, str(row.rule))]
    return section(text, figures, columns, [_rank_line(line, link) for line in [*ranked, *rest]])


def _rank_line(line: RankLine, link: str) -> list[Cell]:
    span = "—" if line.rank_low is None else str(line.rank_low)
    if line.rank_high is not None and line.rank_high != line.rank_low:
        span += f"—{line.rank_high}"
    score = "—" if line.score is None else f"{line.score:.2f}"
    margin = "" if line.margin is None else f"± {line.margin:.2f}"
    return [
        cell(line.group or ""), number("—" if line.rank is None else line.rank), number(span), cell(line.name, link),
        number(score, link), number(margin),
    ]  # fmt: skip


def fronts(ask: Ask) -> Section:
    """The last kept forecast with its three fronts (one query); nothing is reckoned anew."""
    kept = kept_fronts(ask.reader)
    if kept is None:
        return section(_("还没有留存的预测。"))
    rows = [
        [cell(line.label or _("总分"), line.href), number(line.value, line.href), number(line.margin)]
        for line in kept.lines
    ]
    total = kept.lines[-1]
    day = f"{timezone.localdate(kept.row.at):%m-%d}"
    text = _("%(day)s 预测 %(value)s %(margin)s。") % {
        "day": day,
        "value": total.value,
        "margin": total.margin,
    }
    goal = kept.row.rule.goal
    figures = [Figure(_("预测"), f"{total.value} {total.margin}".strip(), total.href, str(kept.row.rule))]
    if goal is not None:
        figures.append(Figure(_("目标"), f"{goal.normalize():f}", total.href))
    return section(text, figures, [_("范围"), _("得分"), _("误差")], rows)


def dossier(ask: Ask) -> Section:
    """Materials of the edition in force this year: accepted of all, and the units that lack most (seven queries)."""
    edition = editions_with_material().first()
    if edition is None:
        return section(_("还没有材料清单。"))
    found = completeness(edition, ask.pack.to_on.year)
    link = f"/dossier/complete/?edition={edition.pk}&year={ask.pack.to_on.year}"
    rate = Rate(found.whole.accepted, found.whole.total)
    lines = [
        [
            cell(line.unit or _("未定主责")),
            number(line.count.none, link),
            number(Rate(line.count.accepted, line.count.total).counts),
        ]
        for line in found.units[:MOST]
        if line.count.none
    ]
    text = _("材料已通过 %(rate)s，还没有的 %(n)d 条。") % {"rate": rate.text, "n": found.whole.none}
    figures = [
        Figure(_("已通过"), rate.text, link, str(edition)),
        Figure(_("还没有"), found.whole.none, link, _("一份都没有交的材料")),
    ]
    return section(text, figures, [_("单位"), _("还没有"), _("已通过")], lines)


def rounds(ask: Ask) -> Section:
    """Rounds released within the span with their points (two queries); a round that is not released is never named."""
    rows = round_rules.see_round.filter(
        Round.objects.filter(
            state=RoundState.RELEASED, to_on__gte=ask.pack.from_on, to_on__lte=ask.pack.to_on
        ),
        ask.reader,
    )
    found = list(rows.order_by("-to_on", "-pk")[:MOST])
    sums: dict[int, tuple[int, int, int]] = defaultdict(lambda: (0, 0, 0))
    counted = Tally.objects.filter(round__in=found, n__gt=0).order_by().values_list("round")
    for pk, failed, points, full in counted.annotate(a=Sum("failed"), b=Sum("points"), c=Sum("full")):
        sums[pk] = (failed, points, full)
    if not found:
        return section(_("期内没有公布的考察。"))
    lines = [
        [
            cell(row, row.get_absolute_url()), cell(row.to_on), number(sums[row.pk][0], row.get_absolute_url()),
            number(Rate(sums[row.pk][1], sums[row.pk][2]).share, row.get_absolute_url()),
        ]
        for row in found
    ]  # fmt: skip
    text = _("期内公布考察 %(n)d 轮。") % {"n": len(found)}
    return section(
        text,
        [Figure(_("考察"), len(found), "/rounds/")],
        [_("考察"), _("结束"), _("不合格项次"), _("得分率")],
        lines,
    )
