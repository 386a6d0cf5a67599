"""What a person reads of a scored test: faults of a scheme, unmatched records, both results side by side."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chuangwen.assessment.records.load import SchemeFault
from chuangwen.assessment.records.match import nearest
from chuangwen.assessment.records.read import BadRow
from chuangwen.assessment.records.scheme import Scheme
from chuangwen.assessment.records.score import Line, Result, rounded
from chuangwen.assessment.records.write import csv_bytes, printed

UNMATCHED_HEAD: Final = (
    "row",
    "record",
    "item",
    "branch",
    "score",
    "reason",
    "nearest",
    "counted_as",
    "found_by",
)
BAD_HEAD: Final = ("row", "record", "reason")

_SCHEME_FAULTS: Final = {
    "absent": gettext_lazy("没有方案“%(wanted)s”。写出方案文件的路径，或自带方案的名称：%(shipped)s。"),
    "too_large": gettext_lazy("方案文件超过 1 MB，不是方案。核对路径。"),
    "encoding": gettext_lazy("方案文件不是 UTF-8 编码。另存为 UTF-8 再用。"),
    "yaml": gettext_lazy("方案文件第 %(line)s 行附近不是有效的 YAML，或一个键写了两次。改好再用。"),
    "missing": gettext_lazy("没有填写。补上内容。"),
    "not_mapping": gettext_lazy("下面应是“键: 值”。照自带方案的样子改。"),
    "not_list": gettext_lazy("应是列表。写成 [甲, 乙]。"),
    "not_text": gettext_lazy("应是文字。数字写在引号里。"),
    "not_yes_or_no": gettext_lazy("应是 true 或 false。"),
    "not_positive": gettext_lazy("应是大于 0 的数，小数写在引号里；现在是 %(value)s。"),
    "not_decimals": gettext_lazy("应是 0 到 %(limit)s 的整数。"),
    "not_a_choice": gettext_lazy("“%(value)s”不在可选的范围内。可选：%(choices)s。"),
    "unknown_key": gettext_lazy("没有这个键。可用的键：%(allowed)s。"),
    "doubled": gettext_lazy("“%(names)s”出现了两次。删去一处。"),
}
_FOUND_BY: Final = {
    "": "",
    "published": "",
    "alias": gettext_lazy("别名"),
    "neighbours": gettext_lazy("前后编号"),
}


def scheme_sentence(fault: SchemeFault) -> str:
    """The fault of a scheme with its key in front."""
    told = str(_SCHEME_FAULTS[fault.code]) % fault.given
    return f"{fault.key}：{told}" if fault.key else told


def unmatched_rows(result: Result, scheme: Scheme) -> list[tuple[str, ...]]:
    """A row for every record the published tables by item left out; columns as in UNMATCHED_HEAD."""
    rows: list[tuple[str, ...]] = []
    for at in result.unmatched:
        each = result.records[at]
        near = nearest(each.item, scheme)
        counted = result.matching.corrected[at] or ""
        if not each.item:
            reason = _("没有填写项目")
        elif counted and near:
            reason = _("项目清单里没有“%(item)s”，写的是“%(near)s”") % {"item": each.item, "near": near}
        else:
            reason = _("项目清单里没有“%(item)s”") % {"item": each.item}
        rows.append((str(each.row), each.record, each.item, each.branch, _exact(each.score), reason, near,
                     counted, str(_FOUND_BY[result.matching.how[at]])))  # fmt: skip
    return rows


def told_files(result: Result, scheme: Scheme, bad: Sequence[BadRow]) -> dict[str, bytes]:
    """unmatched.csv always; bad_rows.csv where a row was left out altogether."""
    files = {"unmatched.csv": csv_bytes(UNMATCHED_HEAD, unmatched_rows(result, scheme))}
    if bad:
        files["bad_rows.csv"] = csv_bytes(
            BAD_HEAD, [(str(each.row), each.record, each.sentence) for each in bad]
        )
    return files


def comparison(result: Result, scheme: Scheme) -> Iterator[str]:
    """Lines of a table: each item and the total as published, as it should have been, and the difference."""
    sides = (_("满分"), _("得分率"))
    head = (_("项目"), _("公布得分"), *sides, _("应有得分"), *sides, _("得分差"), _("得分率差"))
    rows: list[tuple[str, ...]] = [
        head,
        *(_compared(*pair, scheme, "items") for pair in _pairs(result, scheme)),
    ]
    total = next(iter(result.published.total), None), next(iter(result.corrected.total), None)
    rows.append(_compared(*total, scheme, "total"))
    widths = [max(_width(row[at]) for row in rows) for at in range(len(head))]
    for row in rows:
        cells = [cell + " " * (width - _width(cell)) for cell, width in zip(row[:1], widths[:1], strict=True)]
        cells += [
            " " * (width - _width(cell)) + cell for cell, width in zip(row[1:], widths[1:], strict=True)
        ]
        yield "  ".join(cells)


def _pairs(result: Result, scheme: Scheme) -> Iterator[tuple[Line | None, Line | None]]:
    published = {line.name: line for line in result.published.items}
    corrected = {line.name: line for line in result.corrected.items}
    for item in scheme.items:
        pair = published.get(item.as_published or ""), corrected.get(item.name)
        if any(pair):
            yield pair


def _compared(before: Line | None, after: Line | None, scheme: Scheme, which: str) -> tuple[str, ...]:
    rule = scheme.tables[which]
    sides = [printed(line, rule, scheme.rounding) if line else ("—",) * 5 for line in (before, after)]
    zero = Fraction()
    more = (after.score if after else zero) - (before.score if before else zero)
    rate = _signed(after.rate - before.rate, rule.rate, scheme.rounding) if before and after else "—"
    name = after.name if after else before.name if before else rule.name
    cells = [cell for _name, *numbers in sides for cell in (numbers[1], numbers[0], numbers[2])]
    return name, *cells, _signed(more, rule.score, scheme.rounding), rate


def _signed(value: Fraction, places: int, rounding: str) -> str:
    sign = "+" if value > 0 else "-" if value < 0 else ""
    return f"{sign}{rounded(abs(value), places, rounding):f}"


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WFA" else 1 for letter in text)


def _exact(value: Fraction) -> str:
    """Records come as decimals, so every mark has an end."""
    return f"{Decimal(value.numerator) / Decimal(value.denominator):f}"


def summary(result: Result, bad: Sequence[BadRow]) -> str:
    """One sentence: records read, left out by the published tables, counted after all, and bad rows."""
    left = result.unmatched
    how = Counter(result.matching.how[at] for at in left)
    return _(
        "读到记录 %(records)d 条。公布口径未计入 %(left)d 条，其中应有口径按别名补计 %(alias)d 条、"
        "按前后编号补计 %(neighbours)d 条，仍未计入 %(still)d 条；有误未用 %(bad)d 行。"
    ) % {
        "records": len(result.records),
        "left": len(left),
        "alias": how["alias"],
        "neighbours": how["neighbours"],
        "still": how[""],
        "bad": len(bad),
    }
