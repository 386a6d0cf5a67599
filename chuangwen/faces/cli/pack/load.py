"""Loads a checked pack into the database: idempotent, all in one transaction, only changed rows are written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Model

from chuangwen.faces.cli.pack.drives import drive_rows
from chuangwen.faces.cli.pack.load_month import load_month
from chuangwen.faces.cli.pack.load_scores import load_scores
from chuangwen.faces.cli.pack.read import Pack, Row
from chuangwen.faces.cli.pack.trees import load_trees
from chuangwen.kernel.city import forget
from chuangwen.kernel.models import City, Duty, Person, Place, Post, Term, Unit
from chuangwen.kernel.places.cells import cell
from chuangwen.kernel.places.datum import Datum, to_wgs84
from chuangwen.kernel.workflow.models import Entry
from chuangwen.problems.models import CaseKind, Rung
from chuangwen.registers.models import Fact, Thing
from chuangwen.standards.exchange.layout import BY_NAME
from chuangwen.tasks.models import DriveTemplate


@dataclass
class Loaded:
    """How many rows of each table were made, changed, and found as they are."""

    made: dict[str, int] = field(default_factory=dict)
    changed: dict[str, int] = field(default_factory=dict)
    same: dict[str, int] = field(default_factory=dict)

    def note(self, name: str, made: int, changed: int, same: int) -> None:
        for book, number in ((self.made, made), (self.changed, changed), (self.same, same)):
            book[name] = book.get(name, 0) + number


def _same(old: Any, new: Any) -> bool:
    if isinstance(new, float) and isinstance(old, float):
        return abs(old - new) < 1e-9
    return bool(old == new)


def bring(
    loaded: Loaded,
    model: type[Model],
    key: tuple[str, ...],
    rows: Iterable[Mapping[str, Any]],
    *,
    delay: bool = False,
) -> dict[Any, Any]:
    """Makes or changes rows by their key columns; returns all rows of the table by key (a bare value for one column)."""

    def name(row: Any) -> Any:
        values = tuple(row[k] if isinstance(row, Mapping) else getattr(row, k) for k in key)
        return values if len(values) > 1 else values[0]

    known = {name(row): row for row in model._default_manager.all()}
    made, changed, same, columns = [], [], 0, set()
    for row in rows:
        old = known.get(name(row))
        if old is None:
            new = model(**row)
            made.append(new)
            known[name(row)] = new
            continue
        differing = [k for k, v in row.items() if not _same(getattr(old, k), v)]
        for k in differing:
            setattr(old, k, row[k])
        if differing:
            columns.update(differing)
            changed.append(old)
        else:
            same += 1
    model._default_manager.bulk_create(made, batch_size=500)
    if changed:
        model._default_manager.bulk_update(changed, sorted(columns), batch_size=200)
    loaded.note(str(model._meta.verbose_name), len(made), len(changed), same)
    return known


def _point(row: Row) -> dict[str, Any]:
    lon, lat = row.values.get("lon"), row.values.get("lat")
    if lon is None or lat is None:
        return {}
    datum = Datum(row.text("datum") or "wgs84")
    x, y = to_wgs84(float(lon), float(lat), datum)
    return {"lon": x, "lat": y, "datum": datum.value, "cell": cell(x, y)}


@transaction.atomic
def load(pack: Pack) -> Loaded:
    """Brings every table of the pack into the database. The pack must have been checked."""
    loaded = Loaded()
    _city(pack)
    terms = bring(loaded, Term, ("list", "code"), [
        {"list": r.text("词表"), "code": r.text("编码"), "name": r.text("名称"), "rank": int(r.text("顺序") or 0),
         "note": r.text("说明")[:400], "source": r.text("来源")[:200]}
        for r in pack.rows("terms")
    ])  # fmt: skip
    places = _places(loaded, pack, terms)
    units = _units(loaded, pack, places)
    people = bring(loaded, Person, ("username",), [
        {"username": r.text("username"), "name": r.text("name"), "phone": r.text("phone"),
         "is_sample": bool(r.values.get("sample"))}
        for r in pack.rows("people")
    ])  # fmt: skip
    _posts(loaded, pack, people, units, places)
    _duties(loaded, pack, people, units, places)
    _catalogue(loaded, pack, units)
    _registers(loaded, pack, terms, places)
    bring(loaded, DriveTemplate, ("name",), drive_rows(pack))
    trees = load_trees(pack)
    for name, counts in trees.by_table.items() if trees else ():
        loaded.note(BY_NAME[name].title, *counts)
    load_scores(pack, loaded.note)
    load_month(pack, loaded.note)
    forget()
    return loaded


def _city(pack: Pack) -> None:
    facts = pack.city
    City.objects.update_or_create(
        pk=1,
        defaults={
            "code": facts["code"], "name": facts["name"], "prefix": facts["number_prefix"],
            "is_demo": facts.get("demo") == "yes", "seed": int(facts.get("seed") or 1), "lon": float(facts["lon"]),
            "lat": float(facts["lat"]), "hours": facts["work_hours"], "pack": pack.folder.name,
        },
    )  # fmt: skip


def _places(loaded: Loaded, pack: Pack, terms: Mapping[Any, Term]) -> dict[str, Place]:
    shapes = {shape.code: shape for shape in pack.shapes}
    rows: list[dict[str, Any]] = []
    parents: dict[str, str] = {}
    paths: dict[str, str] = {}
    areas = {r.text("code"): r for r in pack.rows("areas")}

    def path(code: str) -> str:
        if code not in paths and code not in areas:  # one sheet alone stands on what is here already
            paths[code] = Place.objects.values_list("path", flat=True).get(code=code)
        if code not in paths:
            above = areas[code].text("parent")
            paths[code] = f"{path(above)}/{code}" if above else code
        return paths[code]

    for code, r in areas.items():
        parents[code] = r.text("parent")
        rows.append({
            "code": code, "kind": r.text("level"), "name": r.text("name"), "short_name": r.text("short_name"), "path": path(code),
            "is_approximate": bool(r.values.get("approx")), "source": r.text("source"), **_point(r),
        })  # fmt: skip
    for sheet, kind in (("roads", "road"), ("sites", "site"), ("shops", "shop")):
        for r in pack.rows(sheet):
            code = r.text("code")
            parents[code] = r.text("area")
            more: dict[str, Any] = (
                {"extent": r.text("extent"), "attributes": {"class": r.text("class")}}
                if kind == "road"
                else {}
            )
            if kind == "shop":
                more = {"attributes": {"duty_items": r.text("duty_items")}}
            if kind == "site":
                more = {"type_id": terms["site_type", r.text("type")].pk}
            rows.append({
                "code": code, "kind": kind, "name": r.text("name"), "short_name": r.text("name")[:60],
                "path": f"{path(parents[code])}/{code}", "is_sample": bool(r.values.get("sample")),
                "source": r.text("source"), **more, **_point(r),
            })  # fmt: skip
    for row in rows:
        if row["code"] in shapes:
            shape = shapes[
                row["code"]
            ]  # a sample outline makes its place one: the wall says it is no real border
            row["shape"] = shape.geometry
            row["is_sample"] = bool(row.get("is_sample") or shape.properties.get("sample"))
    places = bring(loaded, Place, ("code",), rows)
    roads = {r.text("code"): r.text("road") for sheet in ("sites", "shops") for r in pack.rows(sheet)}
    _link(
        places,
        {
            code: {"parent_id": _pk(places, above), "road_id": _pk(places, roads.get(code, ""))}
            for code, above in parents.items()
        },
    )
    return places


def _pk(rows: Mapping[Any, Any], code: str) -> int | None:
    return rows[code].pk if code else None


def _link(rows: Mapping[Any, Any], links: Mapping[str, Mapping[str, int | None]]) -> None:
    """Sets references between rows of one table, now that all of them have their ids."""
    changed = []
    columns: set[str] = set()
    for code, values in links.items():
        differing = [k for k, v in values.items() if getattr(rows[code], k) != v]
        for k in differing:
            setattr(rows[code], k, values[k])
        if differing:
            columns.update(k.removesuffix("_id") for k in differing)
            changed.append(rows[code])
    if changed:
        type(changed[0])._default_manager.bulk_update(changed, sorted(columns), batch_size=300)


def _units(loaded: Loaded, pack: Pack, places: Mapping[Any, Place]) -> dict[str, Unit]:
    above = {r.text("code"): r.text("parent") for r in pack.rows("units")}

    def path(code: str) -> str:
        if code not in above:  # one sheet alone stands on what is here already
            return str(Unit.objects.values_list("path", flat=True).get(code=code))
        return f"{path(above[code])}/{code}" if above[code] else code

    units = bring(loaded, Unit, ("code",), [
        {"code": r.text("code"), "name": r.text("name"), "short_name": r.text("short_name"), "kind": r.text("kind"),
         "path": path(r.text("code")), "area_id": _pk(places, r.text("area")), "is_ranked": bool(r.values.get("ranked")),
         "is_sample": bool(r.values.get("sample")), "source": r.text("source")}
        for r in pack.rows("units")
    ])  # fmt: skip
    _link(units, {code: {"parent_id": _pk(units, parent)} for code, parent in above.items()})
    return units


def _posts(
    loaded: Loaded,
    pack: Pack,
    people: Mapping[Any, Person],
    units: Mapping[Any, Unit],
    places: Mapping[Any, Place],
) -> None:
    key = ("person_id", "role", "unit_id", "area_id", "from_on")
    rows = []
    stand_ins: dict[Any, int] = {}
    for r in pack.rows("posts"):
        row = {
            "person_id": people[r.text("username")].pk, "role": r.text("role"), "unit_id": _pk(units, r.text("unit")),
            "area_id": _pk(places, r.text("area")), "title": r.text("title"), "from_on": r.day("from"), "to_on": r.day("to"),
        }  # fmt: skip
        rows.append(row)
        if r.text("stand_in_for"):
            stand_ins[tuple(row[k] for k in key)] = people[r.text("stand_in_for")].pk
    posts = bring(loaded, Post, key, rows)
    first: dict[int, int] = {}
    for post in posts.values():
        first.setdefault(post.person_id, post.pk)
    _link(posts, {k: {"stand_in_for_id": first.get(person)} for k, person in stand_ins.items()})


def _duties(
    loaded: Loaded,
    pack: Pack,
    people: Mapping[Any, Person],
    units: Mapping[Any, Unit],
    places: Mapping[Any, Place],
) -> None:
    bring(loaded, Duty, ("kind", "place_id", "unit_id", "person_id", "from_on"), [
        {"kind": r.text("kind"), "place_id": places[r.text("place")].pk, "unit_id": _pk(units, r.text("unit")),
         "person_id": people[r.text("person")].pk if r.text("person") else None, "from_on": r.day("from"),
         "to_on": r.day("to"), "board_text": r.text("board"), "source": r.text("source")}
        for r in pack.rows("duties")
    ])  # fmt: skip


def _catalogue(loaded: Loaded, pack: Pack, units: Mapping[Any, Unit]) -> None:
    stages = (("verify", "核实时限"), ("dispatch", "派遣时限"), ("fix", "处置时限"), ("check", "核查时限"))
    titles = {"fix": "时限单位"}
    bring(loaded, CaseKind, ("code",), [
        {"code": r.text("编码"), "group": r.text("大类"), "is_component": r.text("部件/事件") == "component",
         "name": r.text("名称"), "keywords": r.text("关键词"), "open_when": r.text("立案条件"),
         "close_when": r.text("结案条件"), "unit_rule": r.text("责任规则").split(":")[0],
         "limits": {s: [r.text(title), r.text(titles.get(s, f"{title}单位"))] for s, title in stages if r.text(title)},
         "unit_id": _pk(units, r.text("责任单位编码")), "needs_photo": r.text("需现场照片") == "yes",
         "source": r.text("来源")[:200]}
        for r in pack.rows("catalogue")
    ])  # fmt: skip
    bring(loaded, Rung, ("rank",), [
        {"rank": int(r.text("顺序")), "trigger": r.text("触发"), "amount": Decimal(r.text("数量")), "unit": r.text("单位"),
         "action": r.text("动作"), "note": r.text("说明"), "source": r.text("来源")[:200]}
        for r in pack.rows("ladder")
    ])  # fmt: skip


def _registers(loaded: Loaded, pack: Pack, terms: Mapping[Any, Term], places: Mapping[Any, Place]) -> None:
    things = []
    for r in pack.rows("things"):
        at = r.text("site") or r.text("road") or r.text("area")
        place = places[at] if at else None
        point = {k: getattr(place, k) for k in ("lon", "lat", "cell")} if place else {}
        things.append({
            "code": r.text("code"), "kind_id": terms["thing_kind", r.text("kind")].pk, "name": r.text("name"),
            "place_id": place.pk if place else None, "count": int(r.values.get("count") or 1), "state": r.text("state"),
            "next_check_on": r.day("next_check"), "is_sample": bool(r.values.get("sample")), "source": r.text("source"), **point,
        })  # fmt: skip
    bring(loaded, Thing, ("code",), things)
    facts: list[dict[str, Any]] = [
        {"code": r.text("编号"), "name": r.text("名称"), "value": Decimal(r.text("数值")), "measure": r.text("计量单位"),
         "relation": r.text("比较词") or "=", "period": r.text("时点或期间"), "phrase": r.text("原文短语"),
         "mechanism": r.text("机制行号"), "source": r.text("来源")}
        for r in pack.rows("facts")
    ]  # fmt: skip
    touched = _touched_facts({row["code"]: row["value"] for row in facts})
    bring(loaded, Fact, ("code",), [row for row in facts if row["code"] not in touched])
    loaded.note(str(Fact._meta.verbose_name), 0, 0, len(touched))


def _touched_facts(values: Mapping[str, Decimal]) -> set[str]:
    """The facts of the pack that the city has entered, corrected, renamed or confirmed since: they stay as they are."""
    logged = set(Entry.objects.filter(subject=Fact._meta.label_lower).values_list("subject_id", flat=True))
    return {
        fact.code
        for fact in Fact.objects.filter(code__in=values)
        if fact.pk in logged or fact.version > 1 or fact.confirmed_at or fact.value != values[fact.code]
    }
