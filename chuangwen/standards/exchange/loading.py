"""Loading a checked tree: all rows or none, in one transaction, and the same file a second time changes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from django.db import IntegrityError, models, transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from chuangwen.kernel.models import Person, Term, Unit
from chuangwen.kernel.screens.tables import Fault
from chuangwen.kernel.workflow import history
from chuangwen.kernel.workflow.flow import Refused
from chuangwen.standards.exchange.checking import Known, check_tables
from chuangwen.standards.exchange.layout import LAYOUTS, OF_METHOD, canonical, split
from chuangwen.standards.exchange.reading import Line, Tables
from chuangwen.standards.exchange.writing import rows_of
from chuangwen.standards.models import (
    Carry,
    CheckItem,
    Edition,
    Grading,
    Material,
    Node,
    Part,
    Question,
    Requirement,
    Scheme,
    Series,
    Share,
)

# new: an edition that is here with other content is a fault; replace: the file wins, rows it lacks go; merge: it only
# adds and changes. A pack merges: what the city added itself stays.
Mode = Literal["new", "replace", "merge"]
BATCH = 500


class BadTree(Exception):
    """A tree that is not loaded; `faults` says where and why."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(faults[0].sentence if faults else "")
        self.faults = faults


@dataclass
class Loaded:
    """What loading did. Every row of the file is one of made, changed or same."""

    rows_in: int = 0
    made: int = 0
    changed: int = 0
    same: int = 0
    removed: int = 0
    editions: list[Edition] = field(default_factory=list)
    by_table: dict[str, tuple[int, int, int]] = field(default_factory=dict)  # name -> made, changed, same

    @property
    def taken(self) -> int:
        return self.made + self.changed + self.same

    def note(self, name: str, made: int, changed: int, same: int) -> None:
        before = self.by_table.get(name, (0, 0, 0))
        self.by_table[name] = (before[0] + made, before[1] + changed, before[2] + same)
        self.made, self.changed, self.same = self.made + made, self.changed + changed, self.same + same


def known_here(kinds: Iterable[str] | None = None) -> Known:
    """What this installation has; the face gives the codes of case kinds, which belong to a higher layer."""
    sites: dict[str, str] = {}
    for code, name in Term.objects.filter(list="site_type").values_list("code", "name"):
        sites[code] = sites[name] = code
    units = frozenset(Unit.objects.values_list("code", flat=True))
    gradings = frozenset(Grading.objects.values_list("code", flat=True))
    return Known(units, sites, gradings, None if kinds is None else frozenset(kinds))


def check_here(tables: Tables, known: Known, mode: Mode = "new") -> list[Fault]:
    """All faults of the file, then those against the editions that are here already."""
    return check_tables(tables, known) or list(_conflicts(tables, mode, known))


def load_tables(
    tables: Tables, *, known: Known, mode: Mode = "new", by: Person | None = None, keep_shares: bool = False
) -> Loaded:
    """Loads the editions of the file, all rows or none.

    `keep_shares`: units given here stay where a requirement already has some. Raises BadTree for any fault, and
    Refused when somebody else loads the same edition at the same moment.
    """
    faults = check_here(tables, known, mode)
    if faults:
        raise BadTree(faults)
    try:
        with transaction.atomic():
            return _Load(tables, known, mode, by, keep_shares).run()
    except IntegrityError as fault:
        raise Refused(_("同一个版本正由另一人导入，等一会儿再看一遍。")) from fault


def _by_edition(rows: Iterable[Mapping[str, Any]], name: str) -> set[tuple[str, ...]]:
    return {canonical(name, row) for row in rows}


def _conflicts(tables: Tables, mode: Mode, known: Known) -> Iterator[Fault]:
    """Editions that are here under the same name with other content; only where the file may not change them."""
    if mode != "new":
        return
    for line in tables.rows("schemes"):
        code, name = line.edition
        here = Edition.objects.filter(scheme__code=code, name=name).select_related("scheme").first()
        if here is None:
            continue
        old = rows_of([here])
        differing = []
        for layout in LAYOUTS:
            if layout.name in ("schemes", "grading"):
                continue
            mine = _by_edition(
                (
                    _plain(layout.name, other, known)
                    for other in tables.rows(layout.name)
                    if other.edition == line.edition
                ),
                layout.name,
            )
            count = len(mine ^ _by_edition(old[layout.name], layout.name))
            if count:
                differing.append(_("%(sheet)s %(n)d 行") % {"sheet": layout.title, "n": count})
        if differing:
            yield line.fault("edition", _("这里已有同名的版本“%(name)s”，内容不同（%(parts)s）。给文件里的版本改个名，或明确选“替换”。") % {
                "name": name, "parts": "、".join(differing)})  # fmt: skip
    here_now = {g.code: g for g in Grading.objects.all()}
    for line in tables.rows("grading"):
        grading = here_now.get(line.text("code"))
        if grading and canonical("grading", line.values) != canonical("grading", {
            "code": grading.code, "name": grading.name, "way": grading.way, "source": grading.source,
            "params": json.dumps(grading.params)}):  # fmt: skip
            yield line.fault(
                "code", _("这里已有编号相同、内容不同的评分办法，别的版本在用。改一个编号，或明确选“替换”。")
            )


def _plain(name: str, line: Line, known: Known) -> dict[str, Any]:
    """The row with every word that stands for a code turned into it."""
    if name != "check_items":
        return line.values
    return {**line.values, "site_type": known.site_types.get(line.text("site_type"), line.text("site_type"))}


class _Load:
    """One run: keeps the rows made so far, by the keys the file names them with."""

    def __init__(
        self, tables: Tables, known: Known, mode: Mode, by: Person | None, keep_shares: bool
    ) -> None:
        self.tables, self.known, self.mode, self.by, self.keep_shares = tables, known, mode, by, keep_shares
        self.result = Loaded(rows_in=tables.rows_in)
        self.units = {unit.code: unit for unit in Unit.objects.all()}
        self.sites = {term.code: term.pk for term in Term.objects.filter(list="site_type")}

    def run(self) -> Loaded:
        self.gradings = self.bring(Grading, {g.code: g for g in Grading.objects.all()}, [
            (line.text("code"), {"code": line.text("code"), "name": line.text("name"), "way": line.text("way"),
                                 "params": json.loads(line.text("params") or "{}"), "source": line.text("source")})
            for line in self.tables.rows("grading")
        ], "grading", remove=False)  # fmt: skip
        for line in self.tables.rows("schemes"):
            edition = self.edition(line)
            self.result.editions.append(edition)
            before = (self.result.made, self.result.changed, self.result.removed)
            self.tree(edition, [one for one in self.tables.rows("nodes") if one.edition == line.edition])
            after = (self.result.made, self.result.changed, self.result.removed)
            if before != after:
                named = ("rows_made", "rows_changed", "rows_removed")
                counts = {n: (0, b - a) for n, a, b in zip(named, before, after, strict=True) if a != b}
                history.log_change(edition, by_id=self.by.pk if self.by else None, changes=counts)
        return self.result

    def edition(self, line: Line) -> Edition:
        """The edition's own row; an edition that is here stays in use or not, unless the file replaces it."""
        code, name = line.edition
        scheme, _made = Scheme.objects.get_or_create(
            code=code,
            defaults={"name": line.text("name"), "kind": line.text("kind"), "source": line.text("source")},
        )
        Scheme.objects.select_for_update().get(pk=scheme.pk)
        values = {"year": line.values["year"], "level": line.text("level") or "all", "full": line.values["full"],
                  "is_sample": bool(line.values.get("sample")), "source": line.text("source")}  # fmt: skip
        here = Edition.objects.filter(scheme=scheme, name=name).first()
        if here is None or self.mode == "replace":
            values["is_current"] = bool(line.values.get("current"))
        if (scheme.name, scheme.kind) != (line.text("name"), line.text("kind")) and (
            self.mode != "new" or here is None
        ):
            scheme.name, scheme.kind = line.text("name"), line.text("kind")
            scheme.save(update_fields=["name", "kind"])
        if values.get("is_current"):
            Edition.objects.filter(scheme=scheme, is_current=True).exclude(name=name).update(is_current=False)
        if here is None:
            follows = (
                Edition.objects.filter(scheme=scheme, year__lte=line.values["year"])
                .order_by("-year", "-pk")
                .first()
            )
            self.result.note("schemes", 1, 0, 0)
            return Edition.objects.create(scheme=scheme, name=name, follows=follows, **values)
        differing = [key for key, value in values.items() if getattr(here, key) != value]
        for key in differing:
            setattr(here, key, values[key])
        if differing:
            here.save(update_fields=differing)
        self.result.note("schemes", 0, bool(differing), not differing)
        return here

    def lines(self, name: str, edition: Edition) -> list[Line]:
        key = (edition.scheme.code, edition.name)
        return [line for line in self.tables.rows(name) if line.edition == key]

    def tree(self, edition: Edition, lines: list[Line]) -> None:
        nodes = self.bring(Node, {n.code: n for n in edition.nodes.all()}, [
            (line.text("code"), {
                "edition_id": edition.pk, "tier": line.text("tier"), "code": line.text("code"), "rank": rank,
                "name": line.text("name"), "text": line.text("text"), "full": line.values.get("full"),
                "scoring": line.text("scoring"), "level": line.text("level") or "all", "note": line.text("note"),
                "effort": line.values.get("effort"), "source": line.text("source"),
            }) for rank, line in enumerate(lines, start=1)
        ], "nodes", remove=False)  # fmt: skip
        moved = []
        for line in lines:
            above = nodes[line.text("parent")].pk if line.text("parent") else None
            if nodes[line.text("code")].parent_id != above:
                nodes[line.text("code")].parent_id = above
                moved.append(nodes[line.text("code")])
        Node.objects.bulk_update(moved, ["parent"], batch_size=BATCH)
        kept = {line.text("code") for line in lines}
        self.needs(edition, nodes)
        if self.mode == "replace":
            self.remove(Node, [node.pk for code, node in nodes.items() if code not in kept], edition)

    def needs(self, edition: Edition, nodes: Mapping[str, Node]) -> None:
        here = {
            (r.node.code, r.method): r
            for r in Requirement.objects.filter(node__edition=edition).select_related("node")
        }
        old = set(here)
        lines = self.lines("requirements", edition)
        needs = self.bring(Requirement, here, [
            ((line.text("node"), line.text("method")), {
                "node_id": nodes[line.text("node")].pk, "method": line.text("method"), "full": line.values["full"],
                "text": line.text("text"), "demand": line.text("demand"), "source": line.text("source"),
            }) for line in lines
        ], "requirements", remove=False)  # fmt: skip
        self.shares(edition, lines, needs, old)
        self.below(edition, needs)
        if self.mode == "replace":
            kept = {(line.text("node"), line.text("method")) for line in lines}
            self.remove(Requirement, [need.pk for key, need in needs.items() if key not in kept], edition)

    def shares(
        self, edition: Edition, lines: list[Line], needs: Mapping[Any, Requirement], old: set[Any]
    ) -> None:
        """Who answers for each requirement of the file, as written there."""
        here: dict[int, dict[int, str]] = {}
        for share in Share.objects.filter(requirement__node__edition=edition):
            here.setdefault(share.requirement_id, {})[share.unit_id] = share.part
        new: list[Share] = []
        gone: list[int] = []
        for line in lines:
            need = needs[line.text("node"), line.text("method")]
            is_old = (line.text("node"), line.text("method")) in old
            if self.keep_shares and is_old:
                continue
            wanted = {self.units[code].pk: str(Part.ASSIST) for code in split(line.text("assists"), ";")}
            if line.text("lead"):
                wanted[self.units[line.text("lead")].pk] = str(Part.LEAD)
            if here.get(need.pk, {}) != wanted and not (self.mode == "merge" and not wanted):
                gone.append(need.pk)
                new += [Share(requirement=need, unit_id=unit, part=part) for unit, part in wanted.items()]
        Share.objects.filter(requirement__in=gone).delete()
        Share.objects.bulk_create(new, batch_size=BATCH)

    def below(self, edition: Edition, needs: Mapping[Any, Requirement]) -> None:
        """Materials, check items, questions and series, each under its standard's requirement of the right method."""

        def need(line: Line, name: str) -> int:
            return next(
                needs[line.text("node"), m].pk for m in OF_METHOD[name] if (line.text("node"), m) in needs
            )

        inside = {"requirement__node__edition": edition}
        materials = self.bring(Material, {m.code: m for m in Material.objects.filter(**inside)}, [
            (line.text("code"), {
                "requirement_id": need(line, "materials"), "code": line.text("code"), "kind": line.text("kind"),
                "text": line.text("text"), "count": line.values.get("count") or 1, "limit": line.values.get("limit"),
                "from_on": line.values.get("from_on"), "to_on": line.values.get("to_on"),
                "due_on": line.values.get("due_on"), "source": line.text("source"),
            }) for line in self.lines("materials", edition)
        ], "materials", edition=edition)  # fmt: skip
        linked = []
        for line in self.lines("materials", edition):
            other = materials[line.text("same_as")].pk if line.text("same_as") else None
            if materials[line.text("code")].same_as_id != other:
                materials[line.text("code")].same_as_id = other
                linked.append(materials[line.text("code")])
        Material.objects.bulk_update(linked, ["same_as"], batch_size=BATCH)
        self.bring(CheckItem, {c.code: c for c in CheckItem.objects.filter(**inside)}, [
            (line.text("code"), {
                "requirement_id": need(line, "check_items"), "code": line.text("code"), "text": line.text("text"),
                "site_type_id": self.sites[self.known.site_types[line.text("site_type")]],
                "grading_id": self.gradings[line.text("grading")].pk, "full": line.values["full"],
                "case_kind": line.text("case_kind"), "source": line.text("source"),
            }) for line in self.lines("check_items", edition)
        ], "check_items", edition=edition)  # fmt: skip
        self.bring(Question, {q.code: q for q in Question.objects.filter(**inside)}, [
            (line.text("code"), {
                "requirement_id": need(line, "questions"), "code": line.text("code"), "audience": line.text("audience"),
                "text": line.text("text"), "floor": line.values.get("floor"), "source": line.text("source"),
                "options": [list(p) for p in zip(split(line.text("options"), "|"), split(line.text("scores"), "|"), strict=True)],
            }) for line in self.lines("questions", edition)
        ], "questions", edition=edition)  # fmt: skip
        self.bring(Series, {s.code: s for s in Series.objects.filter(**inside)}, [
            (line.text("code"), {
                "requirement_id": need(line, "series"), "code": line.text("code"), "name": line.text("name"),
                "measure": line.text("measure"), "target": line.values.get("target"),
                "relation": line.text("relation") or ">=", "source": line.text("source"),
                "unit_id": self.units[line.text("unit")].pk if line.text("unit") else None,
            }) for line in self.lines("series", edition)
        ], "series", edition=edition)  # fmt: skip

    def bring(
        self, model: type[models.Model], here: dict[Any, Any], wanted: list[tuple[Any, dict[str, Any]]], name: str, *,
        remove: bool = True, edition: Edition | None = None,
    ) -> dict[Any, Any]:  # fmt: skip
        """Makes and changes rows by key; with `replace`, rows the file lacks go. Returns all rows by key."""
        made, changed, columns, same = [], [], set(), 0
        for key, values in wanted:
            row = here.get(key)
            if row is None:
                here[key] = model(**values)
                made.append(here[key])
                continue
            differing = {k: (getattr(row, k), v) for k, v in values.items() if getattr(row, k) != v}
            for column, (_old, new) in differing.items():
                setattr(row, column, new)
            if set(differing) - {"rank"}:
                changed.append(row)
                self.log(row, {k: pair for k, pair in differing.items() if k != "rank"})
            elif differing:
                changed.append(row)
                same += 1
            else:
                same += 1
            columns |= set(differing)
        model._default_manager.bulk_create(made, batch_size=BATCH)
        if changed:
            model._default_manager.bulk_update(
                changed, [c.removesuffix("_id") for c in sorted(columns)], batch_size=200
            )
        self.result.note(name, len(made), len(wanted) - len(made) - same, same)
        if remove and self.mode == "replace" and edition is not None:
            keys = {key for key, _values in wanted}
            gone = [key for key in here if key not in keys]
            self.remove(model, [here.pop(key).pk for key in gone], edition)
        return here

    def log(self, row: models.Model, changes: dict[str, tuple[Any, Any]]) -> None:
        """History of a standard or requirement that another load changes; of other rows the edition's entry tells."""
        if isinstance(row, Node | Requirement):
            history.log_change(row, by_id=self.by.pk if self.by else None, changes=changes)

    def remove(self, model: type[models.Model], pks: list[int], edition: Edition) -> None:
        if not pks:
            return
        used = _in_use(model, pks)
        if used:
            head = next(
                line
                for line in self.tables.rows("schemes")
                if line.edition == (edition.scheme.code, edition.name)
            )
            words = {"what": model._meta.verbose_name, "n": used}
            raise BadTree(
                [
                    head.fault(
                        "edition",
                        _(
                            "文件里没有的%(what)s有 %(n)d 条已经用上（任务、材料、考察或通知），不能删。改个版本名，作为新版本导入。"
                        )
                        % words,
                    )
                ]
            )
        try:
            model._default_manager.filter(pk__in=pks).delete()
        except ProtectedError as fault:
            head = self.tables.rows("schemes")[0]
            raise BadTree([head.fault("edition", _("文件里没有的%(what)s有的已经用上，不能删。改个版本名，作为新版本导入。") % {
                "what": model._meta.verbose_name})]) from fault  # fmt: skip
        self.result.removed += len(pks)


def _in_use(model: type[models.Model], pks: list[int]) -> int:
    """How many of these rows something outside the tree itself hangs on: work, evidence, figures, notices."""
    tree = {Node, Requirement, Material, CheckItem, Question, Series, Share, Carry}
    used: set[int] = set()
    for relation in model._meta.related_objects:
        other: Any = relation.related_model
        if other in tree or relation.field.many_to_many:
            continue
        name = relation.field.name
        used |= set(
            other._default_manager.filter(**{f"{name}__in": pks}).values_list(f"{name}_id", flat=True)
        )
    return len(used)
