"""Sections of a pack that are counted from cases: due, late, returned, hot spots, kinds that rose, the ladder, rates.

A covert finding that no unit has yet is in none of them: packs are shown to a room.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import Count, F, Q, QuerySet
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
from chuangwen.kernel.models import Place, Unit
from chuangwen.kernel.screens import words
from chuangwen.problems import queries, rates, rules
from chuangwen.problems.models import Case, CaseKind, Prepared, Source, State, Supervision

LISTED = 60  # cases a day's list names one by one
HOT = 3  # as many cases of one kind at one place within the span make it a hot spot
Cases = QuerySet[Case]


def _told(rows: Cases) -> Cases:
    """Without covert findings that were not given to a unit."""
    return rows.exclude(source=Source.COVERT, unit=None)


def _where(case: Case) -> str:
    return case.address or str(case.site or case.road or case.street or "")


def _lines(rows: Cases) -> list[list[Cell]]:
    """Cases one by one: what, where, unit, until when."""
    found = rows.select_related("unit", "site", "road", "street").order_by(
        F("due_at").asc(nulls_last=True), "pk"
    )
    return [
        [
            cell(case.what, case.get_absolute_url()), cell(_where(case)), cell(case.unit or ""),
            cell(words.moment(case.due_at)),
        ]
        for case in found[:LISTED]
    ]  # fmt: skip


def _case_columns() -> list[str]:
    return [_("事项"), _("位置"), _("单位"), _("期限")]


def _by_unit(rows: Cases, **link: str) -> tuple[list[list[Cell]], int]:
    """Units by how many of these cases they have, the most first; and how many have any. Two queries."""
    counts = list(rows.filter(unit__isnull=False).order_by().values_list("unit").annotate(n=Count("pk")))
    units = Unit.objects.in_bulk([pk for pk, _n in counts])
    lines = sorted(((units[pk], n) for pk, n in counts), key=lambda x: (-x[1], x[0].code))
    return [
        [cell(unit), number(n, unit_link("/cases/", unit.code, **link))] for unit, n in lines[:MOST]
    ], len(lines)


def _table(ask: Ask, rows: Cases, **link: str) -> tuple[list[str], list[list[Cell]]]:
    if ask.is_daily:
        return _case_columns(), _lines(rows)
    return [_("单位"), _("件数")], _by_unit(rows, **link)[0]


def due(ask: Ask) -> Section:
    """Cases whose running limit ends on the days ahead."""
    first, last = ask.ahead
    start, end = moments(first, last)
    rows = _told(queries.open_cases(ask.reader)).filter(is_paused=False, due_at__gte=start, due_at__lt=end)
    count = rows.count()
    if ask.is_daily:
        text = _("今天到期 %(n)d 件。") % {"n": count}
    else:
        text = _("%(first)s—%(last)s 到期 %(n)d 件。") % {
            "first": words.day(first),
            "last": words.day(last),
            "n": count,
        }
    what = _("未结、计时中、期限在这几天的案件")
    figure = Figure(_("到期案件"), count, "/today/today/" if ask.is_daily else "/cases/", what)
    return section(text, [figure], *_table(ask, rows))


def late(ask: Ask) -> Section:
    """Open cases over their limit."""
    rows = _told(queries.cases_overdue(ask.reader, ask.now))
    count = rows.count()
    oldest = rows.order_by("due_at", "pk").first()
    text = _("已超期 %(n)d 件。") % {"n": count}
    if oldest is not None and oldest.due_at is not None:
        text += _("最早的是“%(what)s”，%(day)s 到期。") % {
            "what": oldest.what,
            "day": words.day(oldest.due_at),
        }
    figure = Figure(_("超期案件"), count, "/today/late/", _("未结、没有暂停、已过期限的案件"))
    return section(text, [figure], *_table(ask, rows, deadline="late"))


def returned(ask: Ask) -> Section:
    """Cases nobody answers for: to be given again, in dispute, appealed."""
    rows = _told(queries.cases_returned(ask.reader))
    count = rows.count()
    text = _("退回待定 %(n)d 件。") % {"n": count} if count else _("没有退回待定的案件。")
    figure = Figure(_("退回待定"), count, "/today/back/", _("待派遣、待定责、申诉中的案件"))
    return section(text, [figure], _case_columns(), _lines(rows) if ask.is_daily else _lines(rows)[:MOST])


def _reported(ask: Ask, start: dt.datetime, end: dt.datetime) -> Cases:
    rows = Case.objects.filter(reported_at__gte=start, reported_at__lt=end)
    return _told(rules.see_case.filter(rows.exclude(state__in=(State.VOID, State.MERGED)), ask.reader))


def hot(ask: Ask) -> Section:
    """Places where one kind came up again and again within the span, or recurred after closing (five queries)."""
    rows = _reported(ask, *ask.back)
    counts = {"n": Count("pk"), "again": Count("recurs_of"), "open": Count("pk", filter=Q(closed_at=None))}
    found: list[tuple[int, int, int, int, int]] = []
    for column, part in (("site", rows), ("road", rows.filter(site=None))):
        of = part.filter(**{f"{column}__isnull": False, "kind__isnull": False}).order_by()
        hits = of.values_list(column, "kind").annotate(**counts).filter(Q(n__gte=HOT) | Q(again__gte=1))
        found += [tuple(hit) for hit in hits.order_by("-n", column, "kind")[:MOST]]  # type: ignore[misc]
    found = sorted(found, key=lambda x: (-x[2], -x[3], x[0], x[1]))[:MOST]
    places = Place.objects.defer("shape").in_bulk([hit[0] for hit in found])
    kinds = CaseKind.objects.in_bulk([hit[1] for hit in found])
    lines = [_hot_line(places[place], kinds[kind], n, again, left) for place, kind, n, again, left in found]
    if not found:
        return section(_("没有反复出现的地点。"))
    first = f"{places[found[0][0]]}（{kinds[found[0][1]].name}，{found[0][2]}）"
    text = _("%(n)d 处反复出现，最多的是%(first)s。") % {"n": len(found), "first": first}
    what = _("同一处同一类在期内出现 %(n)d 次以上，或销号后复发") % {"n": HOT}
    columns = [_("地点"), _("类别"), _("次数"), _("复发"), _("未结")]
    return section(text, [Figure(_("新热点"), len(found), "/map/", what)], columns, lines)


def _hot_line(place: Any, kind: CaseKind, n: int, again: int, left: int) -> list[Cell]:
    here = f"/sites/{place.code}/" if place.kind == "site" else f"/cases/?road={place.code}"
    return [cell(place, here), cell(kind.name), number(n), number(again), number(left)]


def rose(ask: Ask) -> Section:
    """Kinds reported more often than in the span before: what the focus may be taken from (three queries)."""
    start, end = ask.back
    before = start - (end - start)
    now_by, then_by = (
        dict(_reported(ask, a, b).filter(kind__isnull=False).order_by().values_list("kind").annotate(n=Count("pk")))
        for a, b in ((start, end), (before, start))
    )  # fmt: skip
    risen = sorted(
        ((n - then_by.get(pk, 0), n, pk) for pk, n in now_by.items() if n > then_by.get(pk, 0)),
        key=lambda x: (-x[0], -x[1], x[2]),
    )[:5]
    kinds = CaseKind.objects.in_bulk([pk for _more, _n, pk in risen])
    if not risen:
        return section(_("没有一类比上期多。"))
    names = "、".join(kinds[pk].name for _more, _n, pk in risen[:3])
    rows = [
        [
            cell(kinds[pk].name, f"/cases/?kind={kinds[pk].code}"),
            number(n),
            number(n - more),
            number(f"+{more}"),
        ]
        for more, n, pk in risen
    ]
    columns = [_("类别"), _("本期"), _("上期"), _("增加")]
    return section(_("比上期增加最多：%(names)s。") % {"names": names}, (), columns, rows)


def ladder(ask: Ask) -> Section:
    """What waits for signature, and open cases under a yellow or red card (three queries)."""
    waits = Prepared.objects.filter(decided_at__isnull=True).count()
    rows = _told(queries.open_cases(ask.reader)).filter(supervision__gt=0)
    cards = dict(rows.order_by().values_list("supervision").annotate(n=Count("pk")))
    figures = [Figure(_("待签"), waits, "/", _("到了升级条件、等人签发的"))]
    for card in (Supervision.YELLOW, Supervision.RED):
        link = f"/cases/?supervision={card.value}"
        figures.append(Figure(card.label, cards.get(card.value, 0), link, _("未结案件")))
    worst = rows.select_related("unit", "site", "road", "street").order_by("-supervision", "due_at", "pk")[
        :MOST
    ]
    lines = [
        [
            cell(c.what, c.get_absolute_url()),
            cell(_where(c)),
            cell(c.unit or ""),
            cell(c.get_supervision_display()),
        ]
        for c in worst
    ]
    text = _("待签 %(n)d 件，黄牌 %(y)d 件，红牌 %(r)d 件。") % {
        "n": waits, "y": cards.get(1, 0), "r": cards.get(2, 0),
    }  # fmt: skip
    return section(text, figures, [_("事项"), _("位置"), _("单位"), _("督办")], lines)


def _worst(lines: Iterable[rates.Line]) -> list[rates.Line]:
    """Units with something due, the lowest share closed in time first."""
    known = [line for line in lines if line.key is not None and line.rates["closed_in_time"].denominator]
    known.sort(
        key=lambda x: (x.rates["closed_in_time"].value or 0, -x.rates["closed_in_time"].denominator, x.name)
    )
    return known[:MOST]


def period_rates(ask: Ask) -> Section:
    """The rates of the span as the statistics page has them, and the units that closed least in time."""
    period = rates.days(ask.pack.from_on, ask.pack.to_on)
    lines = rates.table("unit", period, person=ask.reader)
    whole = rates.total(lines)
    link = f"/rates/?by=unit&from={ask.pack.from_on}&to={ask.pack.to_on}"
    figures = [
        Figure(rates.BY_CODE[code].label, whole.rates[code].text, link, rates.BY_CODE[code].whole_text)
        for code in ("closed", "closed_in_time", "reworked", "recurred")
        if code in whole.rates
    ]
    names = [rates.BY_CODE[code].label for code in ("closed_in_time", "reworked")]
    rows = [
        [
            cell(line.name),
            number(line.rates["closed_in_time"].text, link),
            number(line.rates["reworked"].text, link),
        ]
        for line in _worst(lines)
    ]
    if not lines:
        return section(_("期内没有到期的案件。"))
    closed = whole.rates["closed_in_time"].text
    text = _("按期结案率 %(rate)s。下面是最低的单位。") % {"rate": closed}
    return section(text, figures, [_("单位"), *names], rows)
