"""Tables of other systems (levels in columns, site types in one cell) turned into rows of our template, row by row.

A row becomes a standard, a requirement, check items, questions or materials, or it is named with the reason. Codes such
as Ⅲ-81 become plain digits (3-81). What a table does not say (points, options of questions) is left for a person and
said in `notes`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chuangwen.kernel.screens.table_cells import plain
from chuangwen.kernel.screens.tables import Column, Fault, TableRead, read_table
from chuangwen.standards.exchange.layout import LAYOUTS, MATERIALS
from chuangwen.standards.exchange.reading import Line, Tables

# What a column may mean, and the titles it is known by; the first that fits is proposed.
MEANINGS: Final = {
    "level1": ("level1", "一级指标", "测评项目", "project", "项目"),
    "level2": ("level2", "二级指标", "测评内容"),
    "level3": ("level3", "level3_or_task", "三级指标", "测评标准", "task", "任务"),
    "standard": ("evaluation_standard", "评价标准", "标准全文", "测评标准内容", "标准内容"),
    "sites": ("site_types", "点位类型", "测评点位", "考察点位", "考察地点"),
    "requirement": ("requirements", "requirement", "考察内容", "具体要求", "要求"),
    "audience": ("audience", "对象", "调查对象"),
    "question": ("questions", "question", "问卷内容", "问题"),
    "material": ("material_requirement", "材料要求", "申报材料"),
    "material_types": ("material_types", "材料类别", "材料形式"),
}  # fmt: skip
LABELS: Final = {
    "level1": gettext_lazy("第一级"), "level2": gettext_lazy("第二级"), "level3": gettext_lazy("第三级"),
    "standard": gettext_lazy("标准全文"), "sites": gettext_lazy("点位类型"), "requirement": gettext_lazy("实地要求"),
    "audience": gettext_lazy("调查对象"), "question": gettext_lazy("问卷题"), "material": gettext_lazy("材料要求"),
    "material_types": gettext_lazy("材料类别"),
}  # fmt: skip
LEVELS: Final = ("level1", "level2", "level3")
TIERS: Final = ("item", "content", "standard")
ROMAN: Final = {"Ⅰ": "1", "Ⅱ": "2", "Ⅲ": "3", "Ⅳ": "4", "Ⅴ": "5"}
_CODED: Final = re.compile(r"([ⅠⅡⅢⅣⅤ])\s*[-－—]\s*(\d+)\s*(.*)", re.DOTALL)
_NUMBERED: Final = re.compile(r"(?:[^\d·]{1,10}·)?(\d+)\s*[.．、)）]\s*(.*)", re.DOTALL)
_BRACKET: Final = re.compile(r"[（(]([^（()）]*)[)）]\s*$")
_FLOOR: Final = re.compile(r"[≥＞>]\s*(\d+(?:\.\d+)?)\s*[%％]")
_PIECE: Final = re.compile(r"\s*/\s*|[\s；;]*(?=[①②③④⑤⑥⑦⑧⑨⑩⑪⑫])")
_CIRCLED: Final = re.compile(r"^[①-⑫]\s*")
_SITES: Final = re.compile(r"[、，,;；/]|以及")
AUDIENCES: Final = {
    "adult": "resident",
    "居民": "resident",
    "市民": "resident",
    "minor": "student",
    "学生": "student",
}
RATED: Final = ("好|一般|不好|说不清", "1|0.5|0|0")
YES_NO: Final = ("是|否", "1|0")


@dataclass
class Shape:
    """How a table is read: the title each meaning stands under, and which of our site types its words mean."""

    columns: dict[str, str] = field(default_factory=dict)
    sites: dict[str, str] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """site, survey, material, or tree when it holds the levels alone."""
        return next((k for k, key in (("survey", "question"), ("material", "material"), ("site", "requirement"))
                     if self.columns.get(key)), "tree")  # fmt: skip


@dataclass
class Converted:
    """The rows as our template, what each row of the file became, and what a person has to look at."""

    tables: Tables
    became: dict[int, list[str]] = field(default_factory=dict)  # row of the file -> codes
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    unknown_sites: dict[str, list[int]] = field(default_factory=dict)  # word -> rows
    rows_in: int = 0


def titles_of(data: bytes) -> list[str]:
    """The titles of the header: of the first rows the one with most words. Raises BadTable for what is no table."""
    from chuangwen.kernel.screens.table_sources import (
        open_source,
    )  # loads the reader only where a file is read

    source = open_source(data, lambda rows: max((len(cells) for _i, cells in rows), default=0))
    sheet = next((sheet for sheet in source.sheets if sheet.visible), None)
    found: list[str] = []
    for _index, cells in islice(sheet.rows(), 20) if sheet else ():
        words = [cell.strip() for cell in cells if isinstance(cell, str) and cell.strip()]
        known = [
            word for word in words if any(plain(word).casefold() in titles for titles in MEANINGS.values())
        ]
        if len(known) >= 2:
            return words
        found = found or words
    return found


def propose(titles: Sequence[str]) -> Shape:
    """The meaning of each column as far as its title tells."""
    by_word = {plain(title).casefold(): title for title in titles}
    shape, taken = Shape(), set()
    for key, words in MEANINGS.items():
        title = next(
            (by_word[word] for word in words if word in by_word and by_word[word] not in taken), None
        )
        if title:
            shape.columns[key] = title
            taken.add(title)
    return shape


def read_foreign(data: bytes, name: str, shape: Shape) -> TableRead:
    """The rows of the table by meaning; merged level cells are filled down. Raises BadTable."""
    chosen = {key: title for key, title in shape.columns.items() if title}
    fill = _has_merged(data)
    columns = [
        Column(key, (title,), key == "level1", fill_down=fill and key in LEVELS)
        for key, title in chosen.items()
    ]
    return read_table(data, name, columns=columns)


def _has_merged(data: bytes) -> bool:
    if not data.startswith(b"PK"):
        return False
    from io import BytesIO

    from python_calamine import CalamineError, load_workbook

    try:
        book = load_workbook(BytesIO(data))
        return any(book.get_sheet_by_name(name).merged_cell_ranges for name in book.sheet_names)
    except CalamineError:
        return False


def convert(
    table: TableRead, shape: Shape, head: Mapping[str, Any], *, site_types: Mapping[str, str],
    base: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
) -> Converted:  # fmt: skip
    """Turns the rows into our template, added to `base`, the rows the edition has already.

    `head` is the row of 体系 (scheme, edition, name, kind, year, full). `site_types` maps our words to codes.
    """
    return _Converter(table, shape, head, site_types, base or {}).run()


def split_level(text: str) -> tuple[str, str, str]:
    """Code, name and what stood in brackets at the end: "Ⅲ-16 制度化（≥90%）" gives 3-16, 制度化, ≥90%."""
    text, inside = text.strip(), ""
    if coded := _CODED.match(text):
        code, name = f"{ROMAN[coded[1]]}-{coded[2]}", coded[3].strip()
    elif numbered := _NUMBERED.match(text):
        code, name = numbered[1], numbered[2].strip()
    else:
        code, name = "", text
    if (bracket := _BRACKET.search(name)) and bracket.start() > 0:
        inside, name = bracket[1].strip(), name[: bracket.start()].strip()
    return code, name, inside


def floor_of(text: str) -> Decimal | None:
    """The first threshold of a text as a share: "≥90%" is 0.9; of several the highest grade stands first."""
    found = _FLOOR.search(text)
    return Decimal(found[1]) / 100 if found else None


def pieces_of(text: str) -> list[str]:
    """The single demands of a cell: "①… / ②…" or "①…；②…"."""
    return [_CIRCLED.sub("", part).strip(" ；;") for part in _PIECE.split(text) if part.strip(" ；;")]


def site_words(text: str) -> list[str]:
    """The site types named in a cell: "公益设施，如博物馆、图书馆等" names three; what stands in brackets parts nothing."""
    bare = re.sub(r"[（(][^（()）]*[)）]", "", text)
    words = [
        re.sub(r"^(?:如|例如)|等(?:公共场所)?$", "", word.strip()).strip() for word in _SITES.split(bare)
    ]
    return list(dict.fromkeys(word for word in words if word))


def suggest_site(word: str, names: Mapping[str, str]) -> str:
    """The code of the site type called most like the word (`names`: name to code), "" when none shares half of its pairs.

    Dice's coefficient of the pairs of neighbouring characters; a person looks at it before it is used.
    """

    def pairs(text: str) -> set[str]:
        return {text[n : n + 2] for n in range(len(text) - 1)}

    mine = pairs(word)
    best, code = 0.0, ""
    for name, of in sorted(names.items()):
        theirs = pairs(name)
        score = 2 * len(mine & theirs) / (len(mine) + len(theirs)) if mine and theirs else 0.0
        if name in word or word in name:
            score = max(score, 0.5)
        if score > best:
            best, code = score, of
    return code if best >= 0.5 else ""


class _Converter:
    """One run; rows of the template are kept by their names so that the same standard is one."""

    def __init__(
        self, table: TableRead, shape: Shape, head: Mapping[str, Any], site_types: Mapping[str, str],
        base: Mapping[str, Sequence[Mapping[str, Any]]],
    ) -> None:  # fmt: skip
        self.table, self.shape, self.head = table, shape, dict(head)
        self.key = {"scheme": head["scheme"], "edition": head["edition"]}
        self.site_types = {**site_types, **{w: c for w, c in shape.sites.items() if c}}
        self.rows: dict[str, dict[Any, dict[str, Any]]] = {layout.name: {} for layout in LAYOUTS}
        self.ids = {"nodes": ("code",), "requirements": ("node", "method"), "grading": ("code",)}
        for name, rows in base.items():
            for row in rows if name != "schemes" else ():
                self.rows[name][tuple(row[k] for k in self.ids.get(name, ("code",)))] = dict(row)
        self.result = Converted(Tables(), rows_in=len(table.rows), faults=list(table.all_faults))
        self.children: dict[tuple[str, str], str] = {
            (row.get("parent") or "", row["name"]): row["code"] for row in self.rows["nodes"].values()
        }

    def run(self) -> Converted:
        if not self.table.faults:
            for row in self.table.rows:
                values = {key: str(value or "").strip() for key, value in row.values.items()}
                before = {name: set(rows) for name, rows in self.rows.items()}
                try:
                    if not row.faults:
                        self.result.became[row.number] = list(self.one(row.number, values))
                except _Nothing as nothing:
                    self.result.faults.append(
                        Fault(self.table.file, self.table.sheet, row.number, "", "", "", str(nothing))
                    )
                    self.undo(before)
        self.result.tables = self.filed()
        for word, numbers in self.result.unknown_sites.items():
            self.result.notes.append(_("点位类型“%(word)s”（%(n)d 行）没有对应，写进了要求，没有生成检查项。") % {
                "word": word, "n": len(numbers)})  # fmt: skip
        return self.result

    def undo(self, before: Mapping[str, set[Any]]) -> None:
        """Takes back what a row had made before it turned out that nothing can be made of it."""
        for name, rows in self.rows.items():
            for key in set(rows) - before[name]:
                del rows[key]
        codes = {code for (code,) in self.rows["nodes"]}
        self.children = {names: code for names, code in self.children.items() if code in codes}

    def filed(self) -> Tables:
        """The rows as lines of the template, in the order they came."""
        tables = Tables()
        everything = {
            "schemes": [self.head],
            **{name: list(rows.values()) for name, rows in self.rows.items() if name != "schemes"},
        }
        for layout in LAYOUTS:
            places = {column.key: ("", column.titles[0]) for column in layout.columns}
            tables.lines[layout.name] = [
                Line(self.table.file, layout.title, n, values, places)
                for n, values in enumerate(everything[layout.name], 2)
            ]
            tables.rows_in += len(everything[layout.name])
        return tables

    def one(self, number: int, values: Mapping[str, str]) -> Iterator[str]:
        """What one row becomes: codes of the standard and of what hangs on it."""
        node, bracket = self.standard(values)
        yield node
        if self.shape.kind == "site":
            yield from self.check_items(number, node, values)
        elif self.shape.kind == "survey":
            yield from self.questions(number, node, values, bracket)
        elif self.shape.kind == "material":
            yield from self.materials(number, node, values)

    def standard(self, values: Mapping[str, str]) -> tuple[str, str]:
        """The row's standard, made with all above it where it is new; and what stood in its brackets."""
        above, bracket, code = "", "", ""
        given = [(key, values.get(key, "")) for key in LEVELS if values.get(key)]
        if not given:
            raise _Nothing(_("没有写属于哪一级，不知道放在哪里。补上第一级到第三级。"))
        text = values.get("standard", "")
        if given[-1][0] != "level3":
            if not text and not values.get("material") and not values.get("requirement"):
                raise _Nothing(_("没有写到哪一条标准。补上第三级，或对应“标准全文”一列。"))
            # Some tables write the standard itself and no third level: its words are its name.
            given.append(("level3", (text or values.get("material") or values["requirement"])))
        for key, words in given:
            tier = TIERS[LEVELS.index(key)]
            code, bracket = self.node(tier, words, above)
            above = code
        row = self.rows["nodes"][(code,)]
        if text and text not in row["text"]:
            row["text"] = f"{row['text']}\n{text}".strip()
        if bracket and bracket not in row["note"]:
            row["note"] = f"{row['note']}\n{bracket}".strip()
        return code, bracket

    def node(self, tier: str, words: str, above: str) -> tuple[str, str]:
        own, name, bracket = split_level(words)
        name = name[:120] or words[:120]
        known = self.children.get((above, name))
        if known:
            return known, bracket
        code = own if "-" in own or not above else f"{above}.{own}" if own else ""
        if not code or (code,) in self.rows["nodes"]:
            stem = above or "0"
            code = next(f"{stem}.{n}" for n in range(1, 10_000) if (f"{stem}.{n}",) not in self.rows["nodes"])
        self.children[above, name] = code
        self.rows["nodes"][(code,)] = {
            **self.key, "code": code, "parent": above or None, "tier": tier, "name": name, "text": "", "full": None,
            "scoring": "", "level": "all", "note": "", "effort": None, "source": self.table.file[:200],
        }  # fmt: skip
        return code, bracket

    def need(self, node: str, method: str, text: str) -> None:
        row = self.rows["requirements"].setdefault((node, method), {
            **self.key, "node": node, "method": method, "full": Decimal(0), "text": "", "demand": "", "lead": None,
            "assists": "", "source": self.table.file[:200],
        })  # fmt: skip
        if text and text not in (row["text"] or ""):
            row["text"] = f"{row['text'] or ''}\n{text}".strip()

    def code(self, sheet: str, node: str, letter: str, same: Mapping[str, Any]) -> str:
        """The code of a row below a standard: that of an equal row, else the next free one."""
        for (code,), row in self.rows[sheet].items():
            if row["node"] == node and all(row[key] == value for key, value in same.items()):
                return str(code)
        return next(
            c for n in range(1, 10_000) if ((c := f"{node}-{letter}{n:02d}"),) not in self.rows[sheet]
        )

    def put(
        self, sheet: str, node: str, letter: str, same: Mapping[str, Any], more: Mapping[str, Any]
    ) -> str:
        code = self.code(sheet, node, letter, same)
        self.rows[sheet].setdefault(
            (code,), {**self.key, "node": node, "code": code, **more, **same, "source": self.table.file[:200]}
        )
        return code

    def check_items(self, number: int, node: str, values: Mapping[str, str]) -> Iterator[str]:
        demand = values.get("requirement", "")
        if not demand:
            raise _Nothing(_("没有写实地看什么。补上“实地要求”一列。"))
        words = site_words(values.get("sites", ""))
        self.need(node, "site", f"{values['sites']}：{demand}" if values.get("sites") else demand)
        self.rows["grading"].setdefault(("pass_fail",), {
            "code": "pass_fail", "name": "达标或不达标", "way": "pass_fail", "params": "{}", "source": ""})  # fmt: skip
        for word in words:
            site = self.site_types.get(word)
            if site is None:
                self.result.unknown_sites.setdefault(word, []).append(number)
                continue
            for piece in pieces_of(demand):
                if not piece.startswith("注："):
                    same = {"site_type": site, "text": piece[:200]}
                    yield self.put(
                        "check_items",
                        node,
                        "C",
                        same,
                        {"grading": "pass_fail", "full": Decimal(1), "case_kind": ""},
                    )

    def questions(self, number: int, node: str, values: Mapping[str, str], bracket: str) -> Iterator[str]:
        asked = pieces_of(values.get("question", ""))
        if not asked:
            raise _Nothing(_("没有写问什么。补上“问卷题”一列。"))
        audience = AUDIENCES.get(values.get("audience", "").strip() or "居民")
        if audience is None:
            raise _Nothing(
                _("调查对象“%(word)s”认不出来，写成居民或学生。") % {"word": values.get("audience", "")}
            )
        self.need(node, "survey", bracket)
        for piece in asked:
            options, scores = YES_NO if "是否" in piece or "有无" in piece else RATED
            if options == YES_NO[0]:
                self.result.notes.append(
                    _("第 %(row)d 行“%(text)s”按答“是”得分，反着问的改一下计分。")
                    % {"row": number, "text": piece[:30]}
                )
            same = {"audience": audience, "text": piece[:200]}
            yield self.put(
                "questions",
                node,
                "Q",
                same,
                {"options": options, "scores": scores, "floor": floor_of(bracket)},
            )

    def materials(self, number: int, node: str, values: Mapping[str, str]) -> Iterator[str]:
        demand = values.get("material", "")
        if not demand:
            raise _Nothing(_("没有写要什么材料。补上“材料要求”一列。"))
        kinds = {label: code for code, label in MATERIALS.items()}
        named = [
            kinds[word]
            for word in re.split(r"[;；、,，]", values.get("material_types", ""))
            if word.strip() in kinds
        ]
        self.need(node, "material", demand)
        for piece in pieces_of(demand):
            kind = next((kinds[word] for word in kinds if word in piece), named[0] if named else None)
            if kind is None:
                raise _Nothing(
                    _("看不出要哪一类材料。在“材料类别”一列写明：%(kinds)s。") % {"kinds": "、".join(kinds)}
                )
            same = {"kind": kind, "text": piece if len(piece) <= 300 else piece[:299] + "…"}
            blank: dict[str, Any] = dict.fromkeys(("limit", "from_on", "to_on", "due_on", "same_as"))
            yield self.put("materials", node, "M", same, {"count": 1, **blank})


class _Nothing(Exception):
    """A row nothing can be made of; the text says why and what to do."""
