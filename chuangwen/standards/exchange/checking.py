"""Everything that can be wrong in a tree before a row is written: codes, loops, parents, sums, numbers, references."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.utils.translation import gettext as _

from chuangwen.kernel.screens.tables import Fault
from chuangwen.standards.exchange.layout import LAYOUTS, METHODS, OF_METHOD, TIERS, split
from chuangwen.standards.exchange.reading import Line, Tables

Key = tuple[str, ...]
Checker = Callable[[Tables, "Known"], Iterator[Fault]]
DEEP: Final = {"item": 0, "content": 1, "standard": 2}
MOST: Final = Decimal(10**6)
YEARS: Final = range(1990, 2101)


@dataclass(frozen=True)
class Known:
    """What the installation has that rows may name; site types by every word they go by. `kinds` None: not checked."""

    units: Collection[str]
    site_types: Mapping[str, str]
    gradings: Collection[str] = field(default_factory=frozenset)
    kinds: Collection[str] | None = None


def check_tables(tables: Tables, known: Known) -> list[Fault]:
    """All faults in the order of the sheets, those of reading first; an empty list means the tree can be loaded."""
    found = list(tables.faults)
    for check in CHECKS:
        found.extend(check(tables, known))
    order = {layout.title: n for n, layout in enumerate(LAYOUTS)} | {
        layout.name: n for n, layout in enumerate(LAYOUTS)
    }
    unique = list(dict.fromkeys(found))
    return sorted(unique, key=lambda f: (order.get(f.sheet or f.file.removesuffix(".csv"), 0), f.row or 0))


def _schemes(tables: Tables, known: Known) -> Iterator[Fault]:
    seen: dict[Key, Line] = {}
    heads: dict[str, Line] = {}
    in_use: dict[str, Line] = {}
    for line in tables.rows("schemes"):
        before = seen.setdefault(line.edition, line)
        if before is not line:
            yield line.fault(
                "edition",
                _("与第 %(row)s 行是同一体系的同一版本。改一个版本名，或删去一行。") % {"row": before.number},
            )
        head = heads.setdefault(line.text("scheme"), line)
        if (head.values.get("name"), head.values.get("kind")) != (
            line.values.get("name"),
            line.values.get("kind"),
        ):
            yield line.fault(
                "name", _("与第 %(row)s 行编号相同，名称或类别不同。改成一样的。") % {"row": head.number}
            )
        if line.values.get("current"):
            first = in_use.setdefault(line.text("scheme"), line)
            if first is not line:
                yield line.fault(
                    "current", _("第 %(row)s 行已是在用版本，一个体系只能有一个。") % {"row": first.number}
                )
        year = line.values.get("year")
        if isinstance(year, int) and year not in YEARS:
            yield line.fault("year", _("%(year)s 不像年份，写成四位数字，如 2026。") % {"year": year})


def _editions(tables: Tables, known: Known) -> Iterator[Fault]:
    editions = {line.edition for line in tables.rows("schemes")}
    for layout in LAYOUTS:
        if layout.name in ("schemes", "grading"):
            continue
        for line in tables.rows(layout.name):
            if all(line.edition) and line.edition not in editions:
                yield line.fault("edition", _("“体系”表里没有 %(scheme)s 的版本 %(edition)s，先在那里加一行。") % {
                    "scheme": line.edition[0], "edition": line.edition[1]})  # fmt: skip


def _twice(tables: Tables, known: Known) -> Iterator[Fault]:
    for layout in LAYOUTS:
        seen: dict[Key, Line] = {}
        for line in tables.rows(layout.name) if layout.ident else ():
            key = (*line.edition, *(line.text(k) for k in layout.ident))
            if not all(line.text(k) for k in layout.ident):
                continue
            before = seen.setdefault(key, line)
            if before is not line:
                words = {"value": " ".join(line.text(k) for k in layout.ident), "row": before.number}
                yield line.fault(
                    layout.ident[-1], _("“%(value)s”与第 %(row)s 行重复，改一个编号或删去一行。") % words
                )


def _nodes(tables: Tables) -> dict[Key, Line]:
    return {(*line.edition, line.text("code")): line for line in tables.rows("nodes")}


def _parents(tables: Tables, known: Known) -> Iterator[Fault]:
    nodes = _nodes(tables)
    for line in tables.rows("nodes"):
        tier, parent = line.text("tier"), line.text("parent")
        above = nodes.get((*line.edition, parent)) if parent else None
        if parent and above is None:
            yield line.fault(
                "parent",
                _("这个版本里没有编号“%(code)s”的上级。改成已有的编号，或先加上那一行。") % {"code": parent},
            )
        elif above is not None and tier and above.text("tier") and DEEP[above.text("tier")] >= DEEP[tier]:
            yield line.fault("parent", _("%(tier)s不能放在%(above)s“%(code)s”下面。改层级或上级。") % {
                "tier": TIERS[tier], "above": TIERS[above.text("tier")], "code": parent})  # fmt: skip
        elif not parent and tier and tier != "item":
            yield line.fault("parent", _("%(tier)s要写上级编号。") % {"tier": TIERS[tier]})
        path = [line.text("code")]
        while (line_above := nodes.get((*line.edition, path[-1]))) and line_above.text("parent"):
            path.append(line_above.text("parent"))
            if path[-1] in path[:-1]:
                break
        if len(path) > 1 and path[-1] == path[0]:
            yield line.fault(
                "parent", _("上级绕成一圈：%(path)s。改其中一行的上级。") % {"path": " → ".join(path)}
            )


def _standards(tables: Tables, known: Known) -> Iterator[Fault]:
    nodes = _nodes(tables)
    for name in ("requirements", *OF_METHOD):
        for line in tables.rows(name):
            if not line.text("node"):
                continue
            node = nodes.get((*line.edition, line.text("node")))
            if node is None:
                yield line.fault("node", _("这个版本里没有编号“%(code)s”的标准。改成已有的编号，或先加上那一行。") % {
                    "code": line.text("node")})  # fmt: skip
            elif node.text("tier") and node.text("tier") != "standard":
                yield line.fault("node", _("“%(code)s”是%(tier)s，这里要写一条测评标准的编号。") % {
                    "code": line.text("node"), "tier": TIERS[node.text("tier")]})  # fmt: skip


def _methods(tables: Tables, known: Known) -> Iterator[Fault]:
    has: dict[Key, set[str]] = defaultdict(set)
    for line in tables.rows("requirements"):
        has[(*line.edition, line.text("node"))].add(line.text("method"))
    nodes = _nodes(tables)
    for name, methods in OF_METHOD.items():
        for line in tables.rows(name):
            key = (*line.edition, line.text("node"))
            if key in nodes and not has[key] & set(methods):
                words = "、".join(METHODS[m] for m in methods)
                yield line.fault("node", _("标准 %(code)s 在“要求”表里没有方法%(methods)s，先在那里加一行。") % {
                    "code": line.text("node"), "methods": words})  # fmt: skip


def _add(line: Line, key: str, places: int = 3) -> Iterator[Fault]:
    value = line.values.get(key)
    if isinstance(value, Decimal):
        exponent = value.normalize().as_tuple().exponent
        if value < 0:
            yield line.fault(key, _("%(value)s 是负数，不能小于 0。") % {"value": value})
        elif value >= MOST or (isinstance(exponent, int) and -exponent > places):
            yield line.fault(
                key, _("%(value)s 过大或小数过多，最多 %(n)s 位小数。") % {"value": value, "n": places}
            )


def _numbers(tables: Tables, known: Known) -> Iterator[Fault]:
    for name, key, places in (("schemes", "full", 3), ("nodes", "full", 3), ("nodes", "effort", 1),
                              ("requirements", "full", 3), ("check_items", "full", 3)):  # fmt: skip
        for line in tables.rows(name):
            yield from _add(line, key, places)
    for line in tables.rows("materials"):
        for key, least, most in (("count", 1, 9999), ("limit", 1, 1_000_000)):
            value = line.values.get(key)
            if isinstance(value, int) and not least <= value <= most:
                yield line.fault(
                    key,
                    _("%(value)s 不在 %(least)s 到 %(most)s 之间。")
                    % {"value": value, "least": least, "most": most},
                )
        start, end = line.values.get("from_on"), line.values.get("to_on")
        if start and end and start > end:
            yield line.fault("to_on", _("止早于起（%(start)s），对调或改一个。") % {"start": start})
    for line in tables.rows("series"):
        value = line.values.get("target")
        if isinstance(value, Decimal) and abs(value) >= Decimal(10**12):
            yield line.fault("target", _("%(value)s 过大，写成较大的计量单位。") % {"value": value})


def _sums(tables: Tables, known: Known) -> Iterator[Fault]:
    """Children against their parent, top items against the edition, methods against their standard; exact."""
    below: dict[Key, list[Line]] = defaultdict(list)
    for line in tables.rows("nodes"):
        below[(*line.edition, line.text("parent"))].append(line)
    for line in tables.rows("nodes"):
        yield from _sum(line, below.get((*line.edition, line.text("code")), []), _("下级"))
    for line in tables.rows("schemes"):
        yield from _sum(line, below.get((*line.edition, ""), []), _("各测评项目"))
    cells: dict[Key, list[Line]] = defaultdict(list)
    for line in tables.rows("requirements"):
        cells[(*line.edition, line.text("node"))].append(line)
    for line in tables.rows("nodes"):
        yield from _sum(line, cells.get((*line.edition, line.text("code")), []), _("各测法"))


def _sum(whole: Line, parts: list[Line], what: str) -> Iterator[Fault]:
    full = whole.values.get("full")
    given = [part.values.get("full") for part in parts]
    # An outline without points has nothing to add up.
    if not isinstance(full, Decimal) or not any(isinstance(value, Decimal) for value in given):
        return
    total = sum((value for value in given if isinstance(value, Decimal)), Decimal())
    if total != full:
        words = {"full": _plain(full), "what": what, "total": _plain(total), "gap": _plain(abs(total - full))}
        yield whole.fault(
            "full", _("写的是 %(full)s，%(what)s合计是 %(total)s，差 %(gap)s。改其中一处。") % words
        )


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _units(tables: Tables, known: Known) -> Iterator[Fault]:
    for line in tables.rows("requirements"):
        lead, assists = line.text("lead"), split(line.text("assists"), ";")
        for key, codes in (("lead", [lead] if lead else []), ("assists", assists)):
            for code in codes:
                if code not in known.units:
                    yield line.fault(
                        key,
                        _("没有编号“%(code)s”的单位。改成单位表里的编号，或先加上这个单位。")
                        % {"code": code},
                    )
        if lead in assists or len(set(assists)) < len(assists):
            yield line.fault("assists", _("同一个单位写了两次，只留一次。"))
    for line in tables.rows("series"):
        if line.text("unit") and line.text("unit") not in known.units:
            yield line.fault(
                "unit",
                _("没有编号“%(code)s”的单位。改成单位表里的编号，或先加上这个单位。")
                % {"code": line.text("unit")},
            )


def _same_materials(tables: Tables, known: Known) -> Iterator[Fault]:
    by_code = {(*line.edition, line.text("code")): line for line in tables.rows("materials")}
    for line in tables.rows("materials"):
        code = line.text("same_as")
        other = by_code.get((*line.edition, code)) if code else None
        if code and other is None:
            yield line.fault(
                "same_as", _("这个版本里没有材料“%(code)s”。改成已有的材料编号。") % {"code": code}
            )
        elif other is line or (other is not None and other.text("same_as")):
            yield line.fault(
                "same_as", _("“%(code)s”自己也写着同材料，直接写最初的那一份。") % {"code": code}
            )


def _gradings(tables: Tables, known: Known) -> Iterator[Fault]:
    for line in tables.rows("grading"):
        try:
            params = json.loads(line.text("params") or "{}", parse_float=Decimal, parse_int=Decimal)
        except ValueError:
            params = None
        if not isinstance(params, dict):
            yield line.fault("params", _('读不懂。写成 {"each": "0.5"} 这样，没有参数就写 {}。'))
            continue
        for key in params if line.text("way") == "bands" else set(params) & {"each"}:
            if not 0 <= (_decimal(params[key]) if _decimal(params[key]) is not None else Decimal(-1)) <= 1:  # type: ignore[operator]
                yield line.fault("params", _("%(key)s 要在 0 到 1 之间（占该项分值的比例）。") % {"key": key})
        if line.text("way") == "points" and "each" not in params:
            yield line.fault("params", _("“发现一处扣分”要写 each（每处扣多少）。"))


def _decimal(value: Any) -> Decimal | None:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def _check_items(tables: Tables, known: Known) -> Iterator[Fault]:
    gradings = {line.text("code") for line in tables.rows("grading")} | set(known.gradings)
    for line in tables.rows("check_items"):
        site, grading, kind = line.text("site_type"), line.text("grading"), line.text("case_kind")
        if site and site not in known.site_types:
            yield line.fault(
                "site_type",
                _("没有“%(word)s”这种点位类型。改成词表 site_type 里的编码或名称。") % {"word": site},
            )
        if grading and grading not in gradings:
            yield line.fault(
                "grading", _("没有编号“%(code)s”的评分办法，先在“评分办法”表里加一行。") % {"code": grading}
            )
        if kind and known.kinds is not None and kind not in known.kinds:
            yield line.fault(
                "case_kind", _("问题类别里没有“%(code)s”。改成已有的编码，或留空。") % {"code": kind}
            )


def _questions(tables: Tables, known: Known) -> Iterator[Fault]:
    for line in tables.rows("questions"):
        options, scores = split(line.text("options"), "|"), split(line.text("scores"), "|")
        if not line.text("options") or not line.text("scores"):
            continue
        if len(options) != len(scores) or len(options) < 2:
            yield line.fault("scores", _("有 %(options)s 个选项、%(scores)s 个计分，要一样多，至少两个。") % {
                "options": len(options), "scores": len(scores)})  # fmt: skip
        for score in scores:
            value = _decimal(score)
            if value is None or not value.is_finite() or not 0 <= value <= 1:
                yield line.fault("scores", _("计分“%(score)s”要是 0 到 1 之间的数。") % {"score": score})
        floor = line.values.get("floor")
        if isinstance(floor, Decimal) and not 0 <= floor <= 1:
            yield line.fault(
                "floor", _("门槛 %(floor)s 要在 0 到 1 之间，如 0.8 或 80%%。") % {"floor": floor}
            )


CHECKS: Final[tuple[Checker, ...]] = (
    _schemes, _editions, _twice, _parents, _standards, _methods, _numbers, _sums, _units, _same_materials, _gradings,
    _check_items, _questions,
)  # fmt: skip
