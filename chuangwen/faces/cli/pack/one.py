"""One sheet of a pack on its own: units, people, posts, duties, roads, sites, shops or the catalogue, from one file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from django.db import transaction

from chuangwen.faces.cli.pack.faults import Fault
from chuangwen.faces.cli.pack.layout import BY_NAME, CATALOGUE_UNIT
from chuangwen.faces.cli.pack.links import _circles, _repeats
from chuangwen.faces.cli.pack.load import Loaded, _catalogue, _duties, _places, _posts, _units, bring
from chuangwen.faces.cli.pack.read import Pack, _declared_rows, _plain_rows
from chuangwen.faces.cli.pack.within import row_faults
from chuangwen.kernel.city import forget
from chuangwen.kernel.models import Person, Place, Term, Unit
from chuangwen.kernel.screens.tables import BadTable

AREA_KINDS = ("city", "county", "street", "village", "grid")
KINDS = ("units", "people", "posts", "roads", "sites", "shops", "duties", "catalogue")


def read_one(path: Path, kind: str) -> Pack:
    """A pack of that one table, with every fault in it, references to rows of this installation included."""
    pack = Pack(path.parent)
    pack.files[kind] = path.name
    try:
        rows = list(_plain_rows(path)) if kind == "catalogue" else _declared_rows(pack, path, BY_NAME[kind])
    except BadTable as fault:
        pack.faults.append(Fault(path.name, "", 0, "", "", fault.sentence))
        return pack
    pack.tables[kind] = rows
    pack.faults.extend(row_faults(pack))
    if kind in BY_NAME:
        pack.faults.extend(_repeats(pack, BY_NAME[kind]))
    if kind == "units":
        pack.faults.extend(_circles(pack, BY_NAME[kind]))
    pack.faults.extend(_unknown(pack, kind))
    pack.faults = sorted(set(pack.faults))
    return pack


def _known(target: str) -> set[str]:
    """All codes of this installation that "areas.code", "terms:site_type" … may name."""
    if target.startswith("terms:"):
        rows = Term.objects.filter(list=target.removeprefix("terms:"))
        return set(rows.values_list("code", flat=True))
    name = target.split(".")[0]
    if name == "units":
        return set(Unit.objects.values_list("code", flat=True))
    if name == "people":
        return set(Person.objects.values_list("username", flat=True))
    kinds = AREA_KINDS if name in ("areas", "area") else (name.removesuffix("s"),)
    return set(Place.objects.filter(kind__in=kinds).values_list("code", flat=True))


def _unknown(pack: Pack, kind: str) -> Iterator[Fault]:
    pairs = [("units.code", CATALOGUE_UNIT, CATALOGUE_UNIT)] if kind == "catalogue" else [
        (column.refers, column.key, column.title) for column in BY_NAME[kind].columns if column.refers
    ]  # fmt: skip
    for target, key, title in pairs:
        known = _known(target)
        if target.split(".")[0] == kind:
            known |= {row.text(target.split(".")[1]) for row in pack.rows(kind)}
        for row in pack.rows(kind):
            if row.text(key) and row.text(key) not in known:
                yield row.fault(title, key, f"这里没有“{row.text(key)}”。核对编号，或先导入那一行。")
    places = {name: _known(name) for name in ("area", "road", "site", "shop")} if kind == "duties" else {}
    for row in pack.rows(kind) if places else ():
        where, place = row.text("place_kind"), row.text("place")
        if where and place and place not in places[where]:
            yield row.fault("地点编号", "place", f"这里没有“{place}”。核对地点类别和编号。")


@transaction.atomic
def load_one(pack: Pack, kind: str) -> Loaded:
    """Brings the rows of that one table in, all or none. The pack must have no faults."""
    loaded = Loaded()
    places = {place.code: place for place in Place.objects.defer("shape", "attributes")} if kind in (
        "units", "posts", "duties") else {}  # fmt: skip
    units = {unit.code: unit for unit in Unit.objects.all()}
    people = {person.username: person for person in Person.objects.all()}
    if kind == "units":
        _units(loaded, pack, places)
    elif kind == "people":
        bring(loaded, Person, ("username",), [
            {"username": r.text("username"), "name": r.text("name"), "phone": r.text("phone"),
             "is_sample": bool(r.values.get("sample"))} for r in pack.rows("people")
        ])  # fmt: skip
    elif kind == "posts":
        _posts(loaded, pack, people, units, places)
    elif kind == "duties":
        _duties(loaded, pack, people, units, places)
    elif kind == "catalogue":
        _catalogue(loaded, pack, units)
    else:
        _places(loaded, pack, {(term.list, term.code): term for term in Term.objects.all()})
    forget()
    return loaded
