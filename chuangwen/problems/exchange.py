"""Orders of a hotline from office tables: every row becomes a report or is named with its place and the reason.

Reading changes nothing and says what would happen (`Preview`); importing takes row after row, each in its own
savepoint. An order number is unique within its channel; a row without one is known again by its contents, so a
file may be sent twice, cut off in the middle, or read by two processes at once.
"""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from statistics import median
from typing import Any

from django.db import DataError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.kernel.models import Person
from chuangwen.kernel.places.datum import Datum, Reading, distance_m, likely_datum_fault, to_wgs84
from chuangwen.kernel.screens.table_cells import Unreadable, read_cell, shown
from chuangwen.kernel.screens.table_sources import open_source
from chuangwen.kernel.screens.tables import HEADER_WITHIN, Bad, Column, Row, TableRead, read_table
from chuangwen.kernel.workflow.flow import Refused
from chuangwen.problems import routing
from chuangwen.problems.actions import Told, take_report
from chuangwen.problems.models import CaseKind, ImportJob, Report, Source

# The first title is the one shown; the others are what hotline systems and open data call the same thing.
ORDER_COLUMNS = (
    Column("number", ("工单号", "工单编号", "受理编号", "诉求编号", "编号", "order_number"), max_length=60),
    Column(
        "at", ("受理时间", "来电时间", "反映时间", "登记时间", "诉求时间", "创建时间", "时间", "received_at")
    ),
    Column("text", ("诉求内容", "反映内容", "工单内容", "问题描述", "内容", "原话", "text"), required=True),
    Column("title", ("标题", "工单标题", "诉求标题", "主题", "title")),
    Column("address", ("地址", "事发地址", "发生地点", "位置", "address")),
    Column("kind", ("类别", "问题类别", "类别编码", "kind")),
    Column("contact", ("联系电话", "来电号码", "电话", "联系方式", "contact"), max_length=60),
    Column("sender", ("反映人编号", "来电人编号", "用户编号", "sender")),
    Column("lon", ("经度", "longitude", "lon", "lng"), kind="decimal"),
    Column("lat", ("纬度", "latitude", "lat"), kind="decimal"),
    Column("channel", ("渠道", "来源渠道", "channel"), max_length=20),
)
DATUM_NAMES = {Datum.WGS84: "WGS-84", Datum.CGCS2000: "CGCS2000", Datum.GCJ02: "GCJ-02", Datum.BD09: "BD-09"}
_IGNORED = "raw:"
_SPACE = uuid.UUID("6f0c5e0e-8f6e-5d52-9a5e-3a7be4c4a6d1")
# 01/31/2018 03:53:10 AM: only with AM or PM is it plain that the month stands first.
_AMERICAN = re.compile(r"\d{1,2}/\d{1,2}/\d{4}\s+\d{1,2}:\d{2}:\d{2}\s+[AP]M", re.IGNORECASE)
_MOMENT = Column("at", ("at",), kind="datetime")
CHUNK = 20  # rows of one transaction: on SQLite nobody else writes meanwhile
SAMPLE = 200  # points of a sheet that its datum is judged by
ENOUGH = 20  # points; fewer say too little where roads are dense


@dataclass(frozen=True)
class Order:
    """One good row: its number in the sheet, what is told, and the report it repeats within a day."""

    row: int
    told: Told
    repeats: uuid.UUID | None = None


@dataclass
class Preview:
    """What an import would do: `orders` are new, `known` already here, `bad` left out; `notes` concern all."""

    name: str
    datum: Datum = Datum.WGS84
    total: int = 0
    orders: list[Order] = field(default_factory=list)
    known: int = 0
    repeats: int = 0
    bad: list[Bad] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    likely: Reading | None = None
    datum_sentence: str = ""
    position: int = 0  # orders handled by `import_orders`


@dataclass
class Result:
    """What an import did. `finished` is false when it was stopped before the last row."""

    made: int = 0
    known: int = 0
    bad: list[Bad] = field(default_factory=list)
    finished: bool = False


def titles_of(data: bytes) -> list[str]:
    """The titles of a table as its fullest row among the first ones. Raises BadTable for what is no table."""
    source = open_source(data, lambda rows: max((len(cells) for _index, cells in rows), default=0))
    best: list[str] = []
    for sheet in source.sheets:
        for _index, cells in islice(sheet.rows(), HEADER_WITHIN) if sheet.visible else ():
            texts = list(
                dict.fromkeys(shown(cell) for cell in cells if isinstance(cell, str) and cell.strip())
            )
            if len(texts) > len(best) and all(len(text) <= 60 for text in texts):
                best = texts
    return best


def order_columns(mapping: Mapping[str, str]) -> list[Column]:
    """The columns looked for, when `mapping` says by which title ("": not at all) a key is found."""
    taken = {title for title in mapping.values() if title}
    found = []
    for column in ORDER_COLUMNS:
        if column.key in mapping:
            titles = tuple(filter(None, [mapping[column.key]]))
        else:
            titles = tuple(title for title in column.titles if title not in taken)
        if titles or column.required:
            found.append(replace(column, titles=titles or column.titles[:1]))
    return found


def read_order_table(data: bytes, name: str, mapping: Mapping[str, str] | None = None) -> TableRead:
    """All rows and columns of a file; titles nobody asked for come under keys "raw:title". Raises BadTable."""
    columns = order_columns(mapping or {})
    table = read_table(data, name, columns=columns)
    if table.unknown and table.rows:
        more = [Column(f"{_IGNORED}{title}", (title,)) for title in dict.fromkeys(table.unknown)]
        unknown = table.unknown
        table = read_table(data, name, sheet=table.sheet or None, columns=[*columns, *more])
        table.unknown = unknown
    return table


def read_orders(
    table: TableRead, *, channel: str, datum: Datum = Datum.WGS84, now: dt.datetime | None = None
) -> Preview:
    """Checks every row of `table` against itself, the city and what is already here; changes nothing.

    `channel` holds for rows that name none. A time without zone is the city's own.
    """
    preview = Preview(table.file, datum, len(table.rows), unknown=table.unknown)
    preview.notes = [fault.sentence for fault in table.faults]
    reader = _Reader(preview, channel, datum, now or timezone.now())
    reader.places = table.places
    points = []
    for row in table.rows:
        lon, lat = row.values.get("lon"), row.values.get("lat")
        if lon is not None and lat is not None:
            points.append((float(lon), float(lat)))
        reader.take(row)
    _judge_datum(preview, points)
    _leave_known(preview)
    return preview


class _Reader:
    """Turns rows into orders one after another, remembering what it has seen in this sheet."""

    def __init__(self, preview: Preview, channel: str, datum: Datum, now: dt.datetime) -> None:
        self.preview, self.channel, self.datum, self.now = preview, channel, datum, now
        kinds = list(CaseKind.objects.filter(is_active=True))
        self.kinds = {kind.code: kind for kind in kinds} | {kind.name: kind for kind in kinds}
        self.numbers: dict[tuple[str, str], Order] = {}
        self.times: Counter[str] = Counter()
        self.places: Mapping[str, tuple[str, str]] = {}
        self.said: dict[tuple[str, str], tuple[dt.datetime, uuid.UUID]] = {}

    def take(self, row: Row) -> None:
        faults = [f for f in row.faults if f.title not in self.preview.unknown]
        bad = [Bad(f.row, f.column, f.title, f.value, f.sentence) for f in faults]
        if not bad:
            try:
                self._good(row)
                return
            except _Wrong as wrong:
                bad = [wrong.bad(row, self.places)]
        self.preview.bad.extend(bad)

    def _good(self, row: Row) -> None:
        told = self._told(row)
        key = (told.channel, told.order_number)
        if told.order_number and (before := self.numbers.get(key)):
            if before.told.text != told.text:
                raise _Wrong(
                    "number",
                    _("与第 %(row)d 行的工单号相同，内容不同。核对编号后再导入。") % {"row": before.row},
                )
            self.preview.known += 1
            return
        order = Order(row.number, told, self._repeated(row, told))
        self.numbers[key] = order
        self.preview.orders.append(order)

    def _told(self, row: Row) -> Told:
        given = row.values
        channel = given.get("channel") or self.channel
        at = self._moment(given.get("at"))
        lon, lat = self._point(given)
        told = Told(
            text=given["text"], source=Source.HOTLINE, what=(given.get("title") or given["text"])[:60],
            kind=self.kinds.get(given.get("kind") or ""), lon=lon, lat=lat, datum=self.datum,
            address=given.get("address") or "", contact=given.get("contact") or "", channel=channel,
            order_number=given.get("number") or "", received_at=at, raw=_raw(row),
        )  # fmt: skip
        told.uid = self._uid(told, given.get("sender") or "")
        return told

    def _uid(self, told: Told, sender: str) -> uuid.UUID:
        if told.order_number:
            return uuid.uuid5(_SPACE, f"{told.channel}\n{told.order_number}")
        when = told.received_at.isoformat() if told.received_at else ""
        content = "\n".join(["", told.channel, when, sender, told.contact, told.address, told.text])
        self.times[content] += 1  # the same row twice in one sheet is two reports, and the same two next time
        return uuid.uuid5(_SPACE, f"{content}\n{self.times[content]}")

    def _moment(self, text: str | None) -> dt.datetime | None:
        if text is None:
            return None
        try:
            at = moment_of(text)
        except ValueError as fault:
            raise _Wrong("at", _("不是认得的时间。写成 2026-03-01 08:30。")) from fault
        if at.year < 1970:
            raise _Wrong("at", _("时间太早，核对年份。"))
        if at > self.now + dt.timedelta(days=1):
            raise _Wrong("at", _("时间在将来，核对年份。"))
        return at

    def _point(self, given: Mapping[str, Any]) -> tuple[float | None, float | None]:
        lon, lat = given.get("lon"), given.get("lat")
        if lon is None and lat is None:
            return None, None
        if lon is None or lat is None:
            raise _Wrong("lon" if lon is None else "lat", _("经度和纬度要一起填，或都不填。"))
        try:
            x, y = to_wgs84(float(lon), float(lat), self.datum)
        except ValueError as fault:
            raise _Wrong("lat", _("不是经纬度，核对是否写反。")) from fault
        if not in_city(x, y):
            raise _Wrong("lon", _("这个点不在本市范围内，核对坐标和坐标系。"))
        return float(lon), float(lat)

    def _repeated(self, row: Row, told: Told) -> uuid.UUID | None:
        """The first report of the same words by the same sender within a day, if this one only repeats it."""
        who = row.values.get("sender") or told.contact
        if not who or told.uid is None:
            return None
        at = told.received_at or self.now
        before = self.said.get((who, told.text))
        if before is not None and abs(at - before[0]) <= dt.timedelta(days=1):
            self.preview.repeats += 1
            return before[1]
        self.said[who, told.text] = (at, told.uid)
        return None


class _Wrong(Exception):
    def __init__(self, key: str, sentence: str) -> None:
        self.key, self.sentence = key, sentence

    def bad(self, row: Row, places: Mapping[str, tuple[str, str]]) -> Bad:
        letter, title = places.get(self.key, ("", self.key))
        value = row.values.get(self.key)
        return Bad(row.number, letter, title, "" if value is None else str(value)[:200], self.sentence)


def moment_of(text: str) -> dt.datetime:
    """A moment as hotline tables write it: 2020/1/6 12:09:38, 2017-06-08  17:31:20, 2019年4月25日 9时32分, ISO 8601,
    a spreadsheet's serial number, or 01/31/2018 03:53:10 AM; without a zone the city's. Raises ValueError."""
    text = " ".join(text.split())
    try:
        found = read_cell(_MOMENT, text)
    except Unreadable as fault:
        if _AMERICAN.fullmatch(text):
            found = dt.datetime.strptime(text.upper(), "%m/%d/%Y %I:%M:%S %p")
        else:
            try:
                found = dt.datetime.fromisoformat(text)
            except ValueError:
                raise ValueError(text) from fault
    assert isinstance(found, dt.datetime)
    return found if found.tzinfo else timezone.make_aware(found)


def _raw(row: Row) -> dict[str, Any]:
    """The row as it came, by key or title, without the words and the number to answer to: the report has both."""
    return {
        key.removeprefix(_IGNORED): value if isinstance(value, str) else str(value)
        for key, value in row.values.items() if value is not None and key not in ("text", "contact")
    } | {fault.title: fault.value for fault in row.faults} | {"row": row.number}  # fmt: skip


def in_city(lon: float, lat: float) -> bool:
    """Whether a WGS-84 point lies in the city; true where the city has no outline."""
    known = routing.ground()
    if known.outlines.find(lon, lat):
        return True
    return not any(kind in ("city", "county", "street") for kind in known.kinds.values())


def _judge_datum(preview: Preview, points: Sequence[tuple[float, float]]) -> None:
    """Names the datum all points together speak for, when it is not the one they were said to be in."""
    some = list(islice(points, 0, None, max(1, len(points) // SAMPLE)))
    if not some:
        return
    found = likely_datum_fault(
        some, preview.datum, lambda lon, lat: 0.0 if in_city(lon, lat) else float("inf")
    )
    if found is None and len(some) >= ENOUGH:
        found = likely_datum_fault(some, preview.datum, _to_road)
    if found is None:
        return
    preview.likely = found
    if found.swapped:
        preview.datum_sentence = _("经度和纬度像是写反了：调换两列的表头再导入。")
        return
    metres = median(
        distance_m(*to_wgs84(lon, lat, found.datum), *to_wgs84(lon, lat, preview.datum)) for lon, lat in some
    )
    preview.datum_sentence = _("坐标像是 %(likely)s，按 %(said)s 读会偏约 %(metres)d 米。改选坐标系再看一遍。") % {
        "likely": DATUM_NAMES[found.datum], "said": DATUM_NAMES[preview.datum], "metres": round(metres, -1),
    }  # fmt: skip


def _to_road(lon: float, lat: float) -> float:
    near = routing.ground().outlines.nearest_line(lon, lat, 2_000.0)
    return near[1] if near else float("inf")


def _leave_known(preview: Preview) -> None:
    """Takes out what is already here; an order number that is here with other words is named instead."""
    here: dict[uuid.UUID, tuple[str, str]] = {}
    for some in _chunks([order.told.uid for order in preview.orders], 400):
        rows = Report.objects.filter(uid__in=some).values_list("uid", "text", "case__number")
        here.update({uid: (text, number) for uid, text, number in rows})
    numbers: dict[tuple[str, str], tuple[str, str]] = {}
    for some in _chunks([o.told.order_number for o in preview.orders if o.told.order_number], 400):
        there = Report.objects.filter(order_number__in=some).values_list(
            "channel", "order_number", "text", "case__number"
        )
        numbers.update({(channel, number): (text, case) for channel, number, text, case in there})
    fresh = []
    for order in preview.orders:
        told = order.told
        assert told.uid is not None
        before = here.get(told.uid) or numbers.get((told.channel, told.order_number))
        if before is None:
            fresh.append(order)
        elif before[0] == told.text:
            preview.known += 1
        else:
            sentence = _("这个工单号已经收过，内容不同，见案件 %(number)s。核对编号后再导入。") % {
                "number": before[1]
            }
            preview.bad.append(Bad(order.row, "", _("工单号"), told.order_number, sentence))
    preview.orders = fresh


def _chunks(items: Iterable[Any], size: int) -> Iterable[list[Any]]:
    rest = iter(items)
    while some := list(islice(rest, size)):
        yield some


class WrongDatum(Refused):
    """The points speak for another datum than was said."""


def import_orders(
    preview: Preview, *, by: Person | None, job: ImportJob | None = None, sure: bool = False,
    going: Callable[[], bool] = lambda: True, at: dt.datetime | None = None,
) -> Result:  # fmt: skip
    """Takes the new orders of `preview` in, from its `position` on, until done or `going()` says no between chunks.

    Raises WrongDatum when the datum is in doubt and the caller is not `sure`. The clocks of the new cases begin
    now: a history that began in the past would change days that are already sealed.
    """
    if preview.likely is not None and not sure:
        raise WrongDatum(preview.datum_sentence)
    result = Result(known=preview.known)
    while preview.position < len(preview.orders):
        if not going():
            return result
        chunk = preview.orders[preview.position : preview.position + CHUNK]
        made, bad, known = 0, [], 0
        with transaction.atomic():
            for order in chunk:
                try:
                    with transaction.atomic():
                        new = _import_order(order, by, job, at or timezone.now())
                    made, known = made + new, known + (not new)
                except (Refused, ValueError, DataError) as fault:
                    bad.append(Bad(order.row, "", "", "", str(fault)))
        preview.position += len(chunk)  # only when the chunk is kept
        result.made, result.known = result.made + made, result.known + known
        result.bad += bad
    result.finished = True
    return result


def _import_order(order: Order, by: Person | None, job: ImportJob | None, at: dt.datetime) -> bool:
    """Whether the order was new."""
    told = order.told
    if order.repeats is not None:
        first = Report.objects.filter(uid=order.repeats).values_list("case__number", flat=True).first()
        told = replace(told, raw={**(told.raw or {}), "repeats": first or ""})
    report = take_report(told, by=by, at=at)
    if (
        report.raw is not told.raw
    ):  # the very object only when it was made in this call, whoever else imports now
        return False
    if job is not None:
        Report.objects.filter(pk=report.pk).update(job=job)
    return True
