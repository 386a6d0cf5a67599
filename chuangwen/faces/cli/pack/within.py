"""Checks what holds within one row of city, posts and duties: keys, periods, who may hold which duty."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from itertools import pairwise

from chuangwen.faces.cli.pack.faults import Fault
from chuangwen.faces.cli.pack.layout import CITY_KEYS, CITY_LEVELS, DUTY_KINDS, DUTY_PLACES, PLACE_KINDS
from chuangwen.faces.cli.pack.read import Pack, Row

_SPAN = r"\d{2}:\d{2}-\d{2}:\d{2}"
_DAY = re.compile(r"\d{2}-\d{2}")
_ONCE = {
    "posts": ("username", "role", "unit", "area", "from"),
    "duties": ("kind", "place", "unit", "person", "from"),
}


def row_faults(pack: Pack) -> Iterator[Fault]:
    """All faults of the city's keys, of periods, posts and duties."""
    yield from _city(pack)
    for name in ("posts", "duties"):
        for row in pack.rows(name):
            yield from _period(row)
        yield from _twice(pack, name)
    for row in pack.rows("posts"):
        if row.text("stand_in_for") and row.text("stand_in_for") == row.text("username"):
            yield row.fault("代理(登录名)", "stand_in_for", "不能代理自己。写被代理人的登录名，或留空。")
    for row in pack.rows("duties"):
        yield from _duty(row)
    for row in pack.rows("things"):
        count = row.values.get("count")
        if isinstance(count, int) and count < 0:
            yield row.fault("数量", "count", f"数量 {count} 是负数。填 0 或更大的整数。")


def _city(pack: Pack) -> Iterator[Fault]:
    rows = {row.text("key"): row for row in pack.rows("city")}
    if not rows:
        return
    for key in CITY_KEYS:
        if key not in rows:
            yield Fault(pack.files["city"], "", 0, "项", key, f"缺少“{key}”这一项，加一行。")
        elif not rows[key].text("value"):
            yield rows[key].fault("值", "value", f"“{key}”没有值，填上。")
    for key, row in rows.items():
        value = row.text("value")
        if value and key in _CITY_VALUES:
            good, wanted = _CITY_VALUES[key]
            if not good(value):
                yield row.fault("值", "value", f"“{key}”的值“{value}”不对，写作{wanted}。")
    codes = {row.text("code") for row in pack.rows("areas") if row.text("level") == "city"}
    if "code" in rows and codes and rows["code"].text("value") not in codes:
        yield rows["code"].fault("值", "value", f"区划表里的市是 {'、'.join(sorted(codes))}，两处改成一致。")


def _is_number(text: str) -> bool:
    try:
        return abs(float(text)) <= 180
    except ValueError:
        return False


def _is_hours(text: str) -> bool:
    if not re.fullmatch(f"{_SPAN}(,{_SPAN})*", text.replace("，", ",")):
        return False
    try:
        times = [dt.time.fromisoformat(part) for part in re.findall(r"\d{2}:\d{2}", text)]
    except ValueError:
        return False
    return all(early < late for early, late in pairwise(times))


_CITY_VALUES: dict[str, tuple[Callable[[str], bool], str]] = {
    "level": (lambda text: text in CITY_LEVELS, " county（县级）或 prefecture（地级）"),
    "demo": (lambda text: text in ("yes", "no"), " yes 或 no"),
    "work_hours": (_is_hours, " 08:30-12:00,14:30-18:00，时段由早到晚"),
    "summer_hours": (_is_hours, " 08:30-12:00,15:00-18:30，时段由早到晚"),
    "summer_from": (lambda text: bool(_DAY.fullmatch(text)), " 06-01"),
    "summer_to": (lambda text: bool(_DAY.fullmatch(text)), " 09-30"),
    "lon": (_is_number, "度数，如 113.01"),
    "lat": (_is_number, "度数，如 34.76"),
    "seed": (str.isdecimal, "正整数"),
    "number_prefix": (lambda text: bool(re.fullmatch(r"[A-Z]{1,6}", text)), "一到六个大写字母"),
}


def _period(row: Row) -> Iterator[Fault]:
    start, end = row.day("from"), row.day("to")
    if start and end and end < start:
        yield row.fault("止", "to", f"止于 {end}，早于起于 {start}。改其中一个日期。")


def _twice(pack: Pack, name: str) -> Iterator[Fault]:
    """Rows the database would refuse as the same post or duty."""
    first: dict[tuple[object, ...], int] = {}
    for row in pack.rows(name):
        same = tuple(row.values.get(key) for key in _ONCE[name])
        if same in first:
            yield row.fault("", "", f"与第 {first[same]} 行是同一条，删去一行。")
        first.setdefault(same, row.number)


def _duty(row: Row) -> Iterator[Fault]:
    kind, place_kind = row.text("kind"), row.text("place_kind")
    if not kind:
        return
    place, holder = DUTY_PLACES[kind]
    if place_kind and place_kind != place:
        sentence = f"{DUTY_KINDS[kind]}的地点应是{PLACE_KINDS[place]}（{place}），改地点类别或责任类型。"
        yield row.fault("地点类别", "place_kind", sentence)
    if not row.values.get(holder):
        title, word = ("责任人(登录名)", "人") if holder == "person" else ("责任单位编号", "单位")
        yield row.fault(title, holder, f"{DUTY_KINDS[kind]}要落到{word}。填{title}，没有责任人就删去这一行。")
