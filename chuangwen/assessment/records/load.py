"""A scheme read from YAML and checked; every fault is told with the key it stands at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import yaml

from chuangwen.assessment.records.scheme import (
    COLUMNS,
    ROUNDINGS,
    TABLES,
    TIES,
    UNNAMED,
    Item,
    Scheme,
    TableRule,
)

SHIPPED: Final = Path(__file__).resolve().parent.parent / "schemes"
MAX_SCHEME: Final = 2**20  # bytes; a test has some hundred items at most
MAX_DECIMALS: Final = 12


@dataclass(frozen=True)
class SchemeFault:
    """What is wrong at `key` (dotted, items counted from 1); `code` is stable, `given` what its sentence names."""

    key: str
    code: str
    given: Mapping[str, object] = field(default_factory=dict)


class BadScheme(ValueError):
    """A file that is no scheme, with all its faults."""

    def __init__(self, faults: Sequence[SchemeFault]) -> None:
        super().__init__("; ".join(f"{fault.key}: {fault.code}" for fault in faults))
        self.faults = tuple(faults)


def shipped_schemes() -> list[str]:
    """Names of the schemes that come with the package."""
    return sorted(path.stem for path in SHIPPED.glob("*.yaml"))


def find_scheme(wanted: str) -> Path:
    """The file meant: a path where there is such a file, otherwise the shipped scheme of that name.

    Raises BadScheme where there is neither.
    """
    path = Path(wanted)
    if path.is_file():
        return path
    if wanted in shipped_schemes():
        return SHIPPED / f"{wanted}.yaml"
    given = {"wanted": wanted, "shipped": "、".join(shipped_schemes())}
    raise BadScheme([SchemeFault("", "absent", given)])


def load_scheme(data: bytes) -> Scheme:
    """The scheme in `data`, UTF-8 YAML. Raises BadScheme with every fault found, and nothing else."""
    if len(data) > MAX_SCHEME:
        raise BadScheme([SchemeFault("", "too_large")])
    try:
        tree = yaml.load(data.decode("utf-8-sig"), Loader=_OneOfEachKey)
    except UnicodeDecodeError as error:
        raise BadScheme([SchemeFault("", "encoding")]) from error
    except (yaml.YAMLError, ValueError, RecursionError, TypeError) as error:  # ValueError: an impossible date
        mark = getattr(error, "problem_mark", None)
        raise BadScheme([SchemeFault("", "yaml", {"line": mark.line + 1 if mark else "—"})]) from error
    return _Reader().scheme(tree)


class _OneOfEachKey(yaml.SafeLoader):
    """Safe YAML that refuses a key written twice and every alias (`*`): a bomb is made of those."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise yaml.constructor.ConstructorError(None, None, "alias", self.peek_event().start_mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _value in node.value]
        for at, (key, _value) in enumerate(node.value):
            if key.value in keys[:at]:
                raise yaml.constructor.ConstructorError(None, None, "doubled key", key.start_mark)
        return super().construct_mapping(node, deep)


class _Reader:
    """Reads the tree part by part and gathers faults; a part at fault is read as something harmless."""

    def __init__(self) -> None:
        self.faults: list[SchemeFault] = []

    def fault(self, key: str, code: str, **given: object) -> None:
        self.faults.append(SchemeFault(key, code, given))

    def scheme(self, tree: object) -> Scheme:
        top = self.mapping(tree, "", ("title", "source", "columns", "ignored_columns", "separator", "full", "items",
                                      "unnamed_records", "rounding", "tables"))  # fmt: skip
        unnamed = self.mapping(top.get("unnamed_records", {}), "unnamed_records", ("published", "corrected"))
        found = Scheme(
            title=self.text(top.get("title"), "title"),
            source=self.text(top.get("source", "—"), "source"),
            columns=self.columns(top.get("columns")),
            ignored_columns=self.texts(top.get("ignored_columns", []), "ignored_columns"),
            separator=self.text(top.get("separator", ";"), "separator"),
            full=self.full(top.get("full")),
            items=self.items(top.get("items")),
            unnamed_published=self.one_of(
                unnamed.get("published", "left_out"), "unnamed_records.published", UNNAMED
            ),
            unnamed_corrected=self.one_of(
                unnamed.get("corrected", "left_out"), "unnamed_records.corrected", UNNAMED
            ),
            rounding=self.one_of(top.get("rounding", "half_up"), "rounding", ROUNDINGS),
            tables=self.tables(top.get("tables")),
        )
        if self.faults:
            raise BadScheme(self.faults)
        return found

    def mapping(self, value: object, key: str, allowed: Sequence[str]) -> Mapping[str, Any]:
        if not isinstance(value, dict):
            self.fault(key, "missing" if value is None else "not_mapping")
            return {}
        for name in value:
            if name not in allowed:
                self.fault(f"{key}.{name}" if key else str(name), "unknown_key", allowed="、".join(allowed))
        return value

    def text(self, value: object, key: str) -> str:
        if isinstance(value, str) and value.strip():
            return value.strip()
        self.fault(key, "missing" if value is None else "not_text")
        return "—"

    def texts(self, value: object, key: str) -> tuple[str, ...]:
        if not isinstance(value, list):
            self.fault(key, "missing" if value is None else "not_list")
            return ()
        found = tuple(self.text(each, f"{key}.{number}") for number, each in enumerate(value, 1))
        if len(set(found)) < len(found):
            self.fault(
                key, "doubled", names="、".join(sorted({each for each in found if found.count(each) > 1}))
            )
        return found

    def one_of(self, value: object, key: str, choices: Sequence[str]) -> str:
        if isinstance(value, str) and value in choices:
            return value
        self.fault(key, "not_a_choice", value=value, choices="、".join(choices))
        return choices[0]

    def columns(self, value: object) -> dict[str, tuple[str, ...]]:
        given = self.mapping(value, "columns", COLUMNS)
        found = {name: self.texts(given.get(name), f"columns.{name}") for name in COLUMNS}
        owner: dict[str, str] = {}
        for name, titles in found.items():
            if not titles and given.get(name) == []:
                self.fault(f"columns.{name}", "missing")
            for title in titles:
                if owner.setdefault(title, name) != name:
                    self.fault(f"columns.{name}", "doubled", names=title)
        return found

    def full(self, value: object) -> Fraction:
        # Text or a whole number only: 0.1 without quotes would already have been rounded by YAML.
        try:
            number = Decimal(str(value)) if isinstance(value, str) or type(value) is int else Decimal("NaN")
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite() or number <= 0 or abs(number.adjusted()) > MAX_DECIMALS:
            self.fault("full", "missing" if value is None else "not_positive", value=value)
            return Fraction(1)
        return Fraction(number)

    def items(self, value: object) -> tuple[Item, ...]:
        if not isinstance(value, list) or not value:
            self.fault("items", "missing" if value is None else "not_list")
            return ()
        found = tuple(self.item(each, f"items.{number}") for number, each in enumerate(value, 1))
        self.no_name_twice(found)
        return found

    def item(self, value: object, key: str) -> Item:
        given = self.mapping(value, key, ("name", "as_published", "published", "aliases", "edition"))
        name = self.text(given.get("name"), f"{key}.name")
        listed = given.get("published", True)
        if not isinstance(listed, bool):
            self.fault(f"{key}.published", "not_yes_or_no")
        published = self.text(given.get("as_published", name), f"{key}.as_published")
        return Item(
            name=name,
            as_published=published if listed is True else None,
            aliases=self.texts(given.get("aliases", []), f"{key}.aliases"),
            edition=self.text(given.get("edition", "—"), f"{key}.edition"),
        )

    def no_name_twice(self, items: Sequence[Item]) -> None:
        owner: dict[str, int] = {}
        for number, item in enumerate(items, 1):
            for name in {item.name, *item.aliases, item.as_published or item.name}:
                if owner.setdefault(name, number) != number:
                    self.fault(f"items.{number}", "doubled", names=name)

    def tables(self, value: object) -> dict[str, TableRule]:
        given = self.mapping(value, "tables", TABLES)
        return {name: self.table(given.get(name), f"tables.{name}", name) for name in TABLES}

    def table(self, value: object, key: str, which: str) -> TableRule:
        allowed = {"items": ("decimals", "ties"), "total": ("decimals", "name")}
        given = self.mapping(value, key, allowed.get(which, ("decimals", "ties", "records")))
        decimals = self.mapping(given.get("decimals"), f"{key}.decimals", ("full", "score", "rate"))
        full, score, rate = (
            self.places(decimals.get(name), f"{key}.decimals.{name}") for name in ("full", "score", "rate")
        )
        return TableRule(
            full=full,
            score=score,
            rate=rate,
            ties=self.ties(given.get("ties", "name"), f"{key}.ties"),
            only_matched=self.one_of(given.get("records", "all"), f"{key}.records", ("all", "matched"))
            == "matched",
            name=self.text(given.get("name"), f"{key}.name") if which == "total" else "",
        )

    def places(self, value: object, key: str) -> int:
        if type(value) is int and 0 <= value <= MAX_DECIMALS:
            return value
        self.fault(key, "missing" if value is None else "not_decimals", limit=MAX_DECIMALS)
        return 0

    def ties(self, value: object, key: str) -> str | tuple[str, ...]:
        return self.texts(value, key) if isinstance(value, list) else self.one_of(value, key, TIES)
