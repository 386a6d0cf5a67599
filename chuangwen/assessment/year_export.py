"""The year's scores in the form a receiving office wants: the mean of the frozen months, scaled, by a map of columns (row 19)."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import IO, Any, NamedTuple

from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chuangwen.assessment import objection_rules as rules
from chuangwen.assessment.consequence_models import Consequence, ConsequenceKind, ExportMap
from chuangwen.assessment.ranking_models import PeerGroup, RankLine, RankState, RankSubject
from chuangwen.kernel.models import Person, Unit
from chuangwen.kernel.scoring.estimate import round_half_up
from chuangwen.kernel.workflow import history
from chuangwen.kernel.workflow.flow import NotAllowed, Refused

GOOD = (ConsequenceKind.COMMEND, ConsequenceKind.BONUS)
MOST_COLUMNS = 40
MOST_DECIMALS = 4


@dataclass
class YearRow:
    """One unit's year: scores of its frozen months out of 100, what was added and taken, how often it was named."""

    unit: Unit
    group: PeerGroup | None = None
    scores: dict[int, Decimal] = field(default_factory=dict)  # month number → score out of 100
    bonus: Decimal = Decimal()  # net, as it stands in the scores of the months
    named: int = 0
    praised: int = 0
    vetoes: list[str] = field(default_factory=list)
    place: int | None = None
    serial: int = 0

    @property
    def mean(self) -> Fraction | None:
        """The mean of the months that have a score, out of 100; a month without one is left out, not nought."""
        if not self.scores:
            return None
        return sum((Fraction(value) for value in self.scores.values()), Fraction()) / len(self.scores)


class Source(NamedTuple):
    """What a column can hold: its label, how it is read from a row, and its width in characters."""

    label: str | Promise
    read: Callable[[YearRow, ExportMap], Any]
    width: int = 12
    month: int = 0

    @property
    def title(self) -> str:
        return str(self.label) % {"n": self.month} if self.month else str(self.label)


def scaled(value: Fraction | Decimal | None, form: ExportMap) -> Decimal | None:
    """A score out of 100 brought to the receiving office's full marks, rounded once."""
    return (
        None if value is None else round_half_up(Fraction(value) * Fraction(form.full) / 100, form.decimals)
    )


def _of_month(number: int, row: YearRow, form: ExportMap) -> Decimal | None:
    return scaled(row.scores.get(number), form)


SOURCES: dict[str, Source] = {
    "place": Source(gettext_lazy("组内名次"), lambda row, form: row.place, 10),
    "serial": Source(gettext_lazy("序号"), lambda row, form: row.serial, 6),
    "name": Source(gettext_lazy("单位简称"), lambda row, form: str(row.unit), 20),
    "full_name": Source(gettext_lazy("单位全称"), lambda row, form: row.unit.name, 28),
    "code": Source(gettext_lazy("单位编号"), lambda row, form: row.unit.code, 14),
    "group": Source(gettext_lazy("同类组"), lambda row, form: str(row.group or ""), 16),
    "months": Source(gettext_lazy("定稿月数"), lambda row, form: len(row.scores), 10),
    "mean": Source(
        gettext_lazy("月均分（百分制）"),
        lambda row, form: None if row.mean is None else round_half_up(row.mean, form.decimals),
        16,
    ),
    "score": Source(gettext_lazy("折算得分"), lambda row, form: scaled(row.mean, form), 12),
    "bonus": Source(gettext_lazy("全年加减分"), lambda row, form: row.bonus),
    "named": Source(gettext_lazy("通报等次数"), lambda row, form: row.named),
    "praised": Source(gettext_lazy("表扬加分次数"), lambda row, form: row.praised, 14),
    "note": Source(gettext_lazy("备注（一票否决）"), lambda row, form: "；".join(row.vetoes), 24),
    **{
        f"month_{n}": Source(gettext_lazy("%(n)d 月得分"), partial(_of_month, n), 10, n) for n in range(1, 13)
    },
}


def year_rows(year: int) -> list[YearRow]:
    """Every unit with a frozen month of that year, by group and mean, the best first; three queries.

    Units of equal mean share a place; a unit with a veto has none.
    """
    lines = RankLine.objects.filter(
        ranking__subject_kind=RankSubject.UNIT, ranking__state=RankState.FROZEN, ranking__month__year=year,
        unit__isnull=False,
    ).select_related("ranking", "unit", "group")  # fmt: skip
    found: dict[int, YearRow] = {}
    for line in lines.order_by("ranking__month", "pk"):
        assert line.unit is not None  # filtered above
        row = found.setdefault(line.unit.pk, YearRow(line.unit))
        row.group = line.group
        row.bonus += line.bonus
        if line.veto:
            row.vetoes.append(f"{line.ranking.month:%m} {line.veto}")
        if line.score is not None:
            row.scores[line.ranking.month.month] = line.score
    taken = Consequence.objects.filter(month__year=year, lifted_on=None, unit__in=list(found))
    for unit, kind in taken.values_list("unit_id", "kind").order_by("pk"):
        if kind in GOOD:
            found[unit].praised += 1
        else:
            found[unit].named += 1
    return _placed(found.values())


def _placed(rows: Iterable[YearRow]) -> list[YearRow]:
    groups: dict[tuple[int, int, int], list[YearRow]] = defaultdict(list)
    for row in rows:  # in the groups' order; those in none at the end
        groups[(0, row.group.rank, row.group.pk) if row.group else (1, 0, 0)].append(row)
    result = []
    for place in sorted(groups):
        members = sorted(groups[place], key=lambda row: (row.mean is None, -(row.mean or 0), row.unit.pk))
        ranked = [row.mean for row in members if row.mean is not None and not row.vetoes]
        for row in members:
            if row.mean is not None and not row.vetoes:
                row.place = 1 + sum(mean > row.mean for mean in ranked)
        result += members
    for number, row in enumerate(result, 1):
        row.serial = number
    return result


def columns_of(form: ExportMap) -> list[tuple[str, Source]]:
    """Title and source of each column; a source this version does not know is left out."""
    return [(title or SOURCES[code].title, SOURCES[code]) for title, code in form.columns if code in SOURCES]


def table_of(form: ExportMap, rows: Sequence[YearRow]) -> list[list[Any]]:
    """The cells in the form's columns and order."""
    columns = columns_of(form)
    return [[source.read(row, form) for _title, source in columns] for row in rows]


def write_year(stream: IO[bytes], form: ExportMap, year: int) -> int:
    """The year's table as xlsx; how many units."""
    from chuangwen.kernel.screens.tables import write_table  # openpyxl is heavy and seldom wanted

    columns = [(title, float(source.width)) for title, source in columns_of(form)]
    note = _("%(year)d 年，已定稿各月得分的平均，折成 %(full)s 分，保留 %(n)d 位小数。没有得分的月不算。") % {
        "year": year, "full": f"{form.full.normalize():f}", "n": form.decimals,
    }  # fmt: skip
    return write_table(stream, columns, table_of(form, year_rows(year)), sheet=f"{year}", note=note)


def _checked(columns: Sequence[Sequence[str]]) -> list[list[str]]:
    kept = [[str(title).strip()[:40], str(code)] for title, code in columns if code]
    unknown = [code for _title, code in kept if code not in SOURCES]
    if unknown:
        raise Refused(_("没有“%(code)s”这一项内容，从列表中选。") % {"code": unknown[0]})
    if not kept:
        raise Refused(_("至少要有一列。"))
    if len(kept) > MOST_COLUMNS:
        raise Refused(_("最多 %(n)d 列。") % {"n": MOST_COLUMNS})
    return kept


@transaction.atomic
def save_export_map(
    name: str, columns: Sequence[Sequence[str]], source: str, *, by: Person, full: Decimal = Decimal(100),
    decimals: int = 2, at: dt.datetime | None = None,
) -> ExportMap:  # fmt: skip
    """Makes or changes the form of that name: columns as (title, source code), in order; an empty title takes the source's.

    Raises NotAllowed for anybody but the office, Refused for no column or an unknown source.
    """
    if not rules.record.allows(by, None):
        raise NotAllowed(_("报送格式由创建办定。"))
    name = name.strip()[:80]
    if not name or not source.strip():
        raise Refused(_("名称和来源都要写：报给谁、按哪份文件。"))
    if not 0 < full <= 1000 or not 0 <= decimals <= MOST_DECIMALS:
        raise Refused(_("满分在 0 到 1000 之间，小数位在 0 到 4 之间。"))
    values = {
        "columns": _checked(columns),
        "full": full,
        "decimals": decimals,
        "source": source.strip()[:200],
    }
    row = ExportMap.objects.select_for_update().filter(name=name).first()
    before = {key: getattr(row, key) if row else None for key in values}
    if row is None:
        row = ExportMap(name=name)
    for key, value in values.items():
        setattr(row, key, value)
    row.changed_at = at or timezone.now()
    row.save()
    changes = {key: (before[key], value) for key, value in values.items() if before[key] != value}
    history.log_change(row, by_id=by.pk, changes=changes, at=at)
    return row
