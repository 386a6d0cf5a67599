"""Reads any .docx as it will look: paragraphs with the font, size, indents and borders that hold after all inheritance.

Document defaults, styles with what they are based on, theme fonts, direct formatting and automatic numbers are resolved;
text boxes and tables are read in order, deleted text is not. Nothing is unpacked or parsed that could harm.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from lxml import etree

from chuangwen.kernel.evidence.office_files import Hostile, kind_of
from chuangwen.papers.format.content import han_number

W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
R: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
A: Final = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
FALLBACK: Final = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
HARMLESS: Final = {"embedded", "remote"}  # nothing is run or fetched here, so a check may go on
PAGE: Final = "\ue000"  # stands for a page number in a text
MAX_PARAGRAPHS: Final = 20_000


class Unreadable(Exception):
    """Not a .docx that can be checked; the message is a sentence for the person at the screen."""


@dataclass(frozen=True)
class Run:
    text: str
    font: str  # of Chinese characters
    size: float  # pt
    colour: str  # RRGGBB, empty when automatic
    spacing: float  # pt between characters


@dataclass(frozen=True)
class Para:
    """One paragraph; indents in characters of size 3, borders by side as (kind, eighths of a point, colour)."""

    at: int  # 1 for the first of the document
    text: str
    runs: tuple[Run, ...]
    align: str
    left: float
    right: float
    first: float  # negative when hanging
    line: float  # pt, 0 when not exact
    snaps: bool
    new_page: bool
    borders: Mapping[str, tuple[str, int, str]]
    table: int  # number of the outermost table, 0 outside
    has_drawing: bool

    @property
    def words(self) -> str:
        return self.text.strip()

    @property
    def size(self) -> float:
        return self.main.size

    @property
    def font(self) -> str:
        return self.main.font

    @property
    def main(self) -> Run:
        """The run with most of the text."""
        return max(self.runs, key=lambda run: len(run.text.strip()), default=Run("", "", 0, "", 0))


@dataclass(frozen=True)
class Section:
    """Lengths in mm; the grid as in the file: type, twips a line, 1/4096 pt a character."""

    paper: tuple[float, float]
    margins: Mapping[str, float]
    grid: str
    pitch: int
    char_space: int
    title_page: bool
    heads: Mapping[str, tuple[Para, ...]]  # first, default, even
    feet: Mapping[str, tuple[Para, ...]]


@dataclass(frozen=True)
class Sheet:
    paras: tuple[Para, ...]
    sections: tuple[Section, ...]
    odd_even: bool
    rules: Mapping[int, Mapping[str, tuple[str, int, str]]]  # borders of tables by number


def read(data: bytes) -> Sheet:
    """Raises Unreadable for what is no .docx, is hostile or is broken."""
    try:
        if kind_of(data) != "docx":
            raise Unreadable("这不是 .docx 文件。用 Word 或 WPS 另存为 .docx 再查。")
    except Hostile as fault:
        if fault.code not in HARMLESS:
            raise Unreadable(_REFUSED.get(fault.code, _REFUSED["broken"])) from fault
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _Reader(archive).sheet()
    except Unreadable:
        raise
    except (zipfile.BadZipFile, etree.XMLSyntaxError, KeyError, ValueError, OSError, RuntimeError, AttributeError, TypeError,
            EOFError, NotImplementedError, RecursionError) as fault:  # fmt: skip
        raise Unreadable(_REFUSED["broken"]) from fault


_REFUSED: Final = {
    "empty": "文件是空的，重新选择。",
    "bomb": "文件展开后过大，没有打开。",
    "macro": "文件带宏，没有打开。另存为不带宏的 .docx 再查。",
    "password": "文件有密码，打不开。去掉密码再查。",
    "broken": "这不是完整的 .docx 文件，打不开。用 Word 或 WPS 另存为 .docx 再查。",
}


def _parsed(archive: zipfile.ZipFile, name: str) -> Any:
    """One part without entities; None where it is absent."""
    try:
        raw = archive.read(name)
    except KeyError:
        return None
    root = etree.fromstring(
        raw, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    )
    if root.getroottree().docinfo.internalDTD is not None:
        raise Unreadable("文件里有 XML 实体定义，没有打开。")
    return root


@dataclass
class _Given:
    """Properties of one layer; None is “not said here”."""

    run: dict[str, Any] = field(default_factory=dict)
    para: dict[str, Any] = field(default_factory=dict)


class _Reader:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        links = _parsed(archive, "word/_rels/document.xml.rels")
        self.parts = {
            link.get("Id"): _target(link.get("Target", "")) for link in (links if links is not None else ())
        }
        self.fonts = self._theme()
        self.styles, self.default_style = self._styles()
        self.levels, self.counts = self._numbering(), defaultdict[str, dict[int, int]](dict)
        self.seen: dict[Any, int] = {}
        self.tables: dict[int, Mapping[str, tuple[str, int, str]]] = {}

    def sheet(self) -> Sheet:
        root = _parsed(self.archive, "word/document.xml")
        body = root.find(f"{W}body")
        if body is None:
            raise Unreadable(_REFUSED["broken"])
        paras = tuple(self.paragraphs(body))
        sections = tuple(self._section(each) for each in body.iter(f"{W}sectPr"))
        if not sections:
            raise Unreadable("文件没有页面设置，不是公文用的 .docx。")
        settings = _parsed(self.archive, "word/settings.xml")
        odd_even = settings is not None and _on(settings.find(f"{W}evenAndOddHeaders"))
        return Sheet(paras, sections, odd_even, self.tables)

    # Parts ---------------------------------------------------------------------------------------

    def _theme(self) -> dict[str, str]:
        """Chinese fonts of the theme by major and minor."""
        root = _parsed(
            self.archive, next((p for p in self.parts.values() if "theme/" in p), "word/theme/theme1.xml")
        )
        found = {}
        for kind in ("major", "minor") if root is not None else ():
            for part in root.iter(f"{A}{kind}Font"):
                east = part.find(f"{A}ea")
                named = {each.get("script"): each.get("typeface") for each in part.findall(f"{A}font")}
                found[kind] = (east.get("typeface") if east is not None else "") or named.get("Hans") or ""
        return found

    def _styles(self) -> tuple[dict[str, _Given], str]:
        """Every style with all it inherits; the empty name is what holds without any."""
        root = _parsed(self.archive, "word/styles.xml")
        found = {"": _Given({"size": 10.0}, {})}
        if root is None:
            return found, ""
        defaults = root.find(f"{W}docDefaults")
        if defaults is not None:
            found[""] = _Given(
                {"size": 10.0, **self._run(defaults.find(f"{W}rPrDefault/{W}rPr"))},
                self._para(defaults.find(f"{W}pPrDefault/{W}pPr")),
            )
        raw = {each.get(f"{W}styleId"): each for each in root.findall(f"{W}style")}
        default = next((key for key, each in raw.items() if each.get(f"{W}default") in ("1", "true")
                        and each.get(f"{W}type") == "paragraph"), "")  # fmt: skip
        for key in raw:
            chain: list[str] = []
            at: str | None = key
            while at and at in raw and at not in chain:
                chain.append(at)
                base = raw[at].find(f"{W}basedOn")
                at = base.get(f"{W}val") if base is not None else None
            given = _Given()
            for name in reversed(chain):
                given.run |= self._run(raw[name].find(f"{W}rPr"))
                given.para |= self._para(raw[name].find(f"{W}pPr"))
            found[key] = given
        return found, default or ""

    def _numbering(self) -> dict[tuple[str, int], tuple[str, str, int, str]]:
        """(numId, level) → (format, text, start, abstract id)."""
        root = _parsed(self.archive, "word/numbering.xml")
        found: dict[tuple[str, int], tuple[str, str, int, str]] = {}
        if root is None:
            return found
        kinds = {each.get(f"{W}abstractNumId"): each for each in root.findall(f"{W}abstractNum")}
        for number in root.findall(f"{W}num"):
            key = _value(number.find(f"{W}abstractNumId"))
            for level in kinds[key].findall(f"{W}lvl") if key in kinds else ():
                start = _value(level.find(f"{W}start")) or "1"
                found[number.get(f"{W}numId"), int(level.get(f"{W}ilvl", 0))] = (
                    _value(level.find(f"{W}numFmt")), _value(level.find(f"{W}lvlText")), int(start), key,
                )  # fmt: skip
        return found

    # Paragraphs ----------------------------------------------------------------------------------

    def paragraphs(self, root: Any) -> Iterator[Para]:
        breaks = False
        for at, node in enumerate((n for n in root.iter(f"{W}p") if not _inside(n, FALLBACK)), 1):
            if at > MAX_PARAGRAPHS:
                raise Unreadable("文件段落过多，不像一份公文，没有检查。")
            para, breaks = self._one(node, at, after_break=breaks)
            yield para

    def _one(self, node: Any, at: int, *, after_break: bool) -> tuple[Para, bool]:
        """The paragraph, and whether a page ends with it."""
        direct = node.find(f"{W}pPr")
        style = _value(direct.find(f"{W}pStyle")) if direct is not None else ""
        base = self.styles.get(style or self.default_style, self.styles[""])
        para = self.styles[""].para | base.para | self._para(direct)
        runs, ends, text_before_break = [], False, False
        if number := self._auto_number(para.get("number")):
            runs.append(self._look(number, base.run, {}))
        has_drawing = False
        for run in node.iter(f"{W}r"):
            if _nearest(run) is not node or _inside(run, f"{W}del"):
                continue
            has_drawing = (
                has_drawing or run.find(f".//{W}drawing") is not None or run.find(f".//{W}pict") is not None
            )
            props = run.find(f"{W}rPr")
            named = _value(props.find(f"{W}rStyle")) if props is not None else ""
            char = self.styles[named].run if named and named in self.styles else {}
            for part in run.findall(f"{W}br"):
                if part.get(f"{W}type") == "page":
                    ends, text_before_break = True, any(each.text.strip() for each in runs)
            runs.append(self._look(_text(run), base.run | char, self._run(props)))
        breaks_section = direct is not None and direct.find(f"{W}sectPr") is not None
        starts = after_break or bool(para.get("new_page")) or (ends and not text_before_break)
        found = self._built(node, at, para, tuple(runs), new_page=starts, has_drawing=has_drawing)
        carries = (
            (ends and (text_before_break or not found.words))
            or breaks_section
            or (starts and not found.words)
        )
        return found, carries

    def _built(self, node: Any, at: int, para: Mapping[str, Any], runs: tuple[Run, ...], *, new_page: bool,
               has_drawing: bool) -> Para:  # fmt: skip
        return Para(
            at=at, text=re.sub(rf"{PAGE}\d*", PAGE, "".join(run.text for run in runs)), runs=runs, align=para.get("align", "left"),
            left=para.get("left", 0.0), right=para.get("right", 0.0),
            first=para.get("first", 0.0), line=para.get("line", 0.0), snaps=para.get("snaps", True),
            new_page=new_page, borders=para.get("borders", {}), table=self._table(node), has_drawing=has_drawing,
        )  # fmt: skip

    def _look(self, text: str, style: Mapping[str, Any], direct: Mapping[str, Any]) -> Run:
        got = self.styles[""].run | dict(style) | dict(direct)
        return Run(
            text, got.get("font", ""), got.get("size", 10.0), got.get("colour", ""), got.get("spacing", 0.0)
        )

    def _auto_number(self, given: tuple[str, int] | None) -> str:
        """The number Word itself would print, with the counts of its list going on."""
        if given is None or given not in self.levels:
            return ""
        counts = self.counts[self.levels[given][3]]
        counts[given[1]] = counts.get(given[1], self.levels[given][2] - 1) + 1
        for deeper in [level for level in counts if level > given[1]]:
            del counts[deeper]

        def shown(found: re.Match[str]) -> str:
            level = int(found[1]) - 1
            count, style = counts.get(level, 1), self.levels.get((given[0], level), ("decimal", "", 1, ""))[0]
            is_han = (
                any(word in style for word in ("hinese", "ideograph", "japanese", "taiwanese"))
                and count < 100
            )
            return han_number(count) if is_han else str(count)

        return re.sub(r"%(\d)", shown, self.levels[given][1])

    def _table(self, node: Any) -> int:
        outer = None
        for parent in node.iterancestors(f"{W}tbl"):
            outer = parent
        if outer is None:
            return 0
        if outer not in self.seen:
            self.seen[outer] = len(self.seen) + 1
            self.tables[self.seen[outer]] = _table_rules(outer)
        return self.seen[outer]

    # Properties ----------------------------------------------------------------------------------

    def _run(self, props: Any) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if props is None:
            return found
        fonts = props.find(f"{W}rFonts")
        if fonts is not None:
            theme = fonts.get(f"{W}eastAsiaTheme")
            name = self.fonts.get(theme[:5], "") if theme else fonts.get(f"{W}eastAsia")
            if name:
                found["font"] = name
        if size := _value(props.find(f"{W}sz")):
            found["size"] = float(size) / 2
        if colour := _value(props.find(f"{W}color")):
            found["colour"] = "" if colour in ("auto", "000000") else colour.upper()
        if spacing := _value(props.find(f"{W}spacing")):
            found["spacing"] = float(spacing) / 20
        return found

    def _para(self, props: Any) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if props is None:
            return found
        if align := _value(props.find(f"{W}jc")):
            found["align"] = {"start": "left", "end": "right", "distribute": "both"}.get(align, align)
        frame = props.find(f"{W}framePr")
        if frame is not None and frame.get(f"{W}xAlign"):  # how Word itself puts a page number outside
            found["align"] = frame.get(f"{W}xAlign")
        found |= _indents(props.find(f"{W}ind"))
        spacing = props.find(f"{W}spacing")
        if spacing is not None and spacing.get(f"{W}line"):
            exact = spacing.get(f"{W}lineRule") == "exact"
            found["line"] = float(spacing.get(f"{W}line")) / 20 if exact else 0.0
        for name, tag in (("snaps", "snapToGrid"), ("new_page", "pageBreakBefore")):
            if (switch := props.find(f"{W}{tag}")) is not None:
                found[name] = _on(switch)
        if (borders := props.find(f"{W}pBdr")) is not None:
            found["borders"] = _borders(borders)
        if (number := props.find(f"{W}numPr")) is not None:
            level = _value(number.find(f"{W}ilvl")) or "0"
            found["number"] = (_value(number.find(f"{W}numId")), int(level))
        return found

    def _section(self, node: Any) -> Section:
        size, edges, grid = (node.find(f"{W}{tag}") for tag in ("pgSz", "pgMar", "docGrid"))
        if size is None or edges is None:
            raise Unreadable("文件没有写明纸张和页边，没有检查。")
        kinds: dict[str, dict[str, tuple[Para, ...]]] = {"header": {}, "footer": {}}
        for part in kinds:
            for link in node.findall(f"{W}{part}Reference"):
                root = _parsed(self.archive, self.parts.get(link.get(f"{R}id"), ""))
                if root is not None:
                    kinds[part][link.get(f"{W}type", "default")] = tuple(self.paragraphs(root))
        gutter = _mm(edges.get(f"{W}gutter", "0"))
        margins = {
            side: abs(_mm(edges.get(f"{W}{side}", "0"))) for side in ("top", "bottom", "left", "right")
        }
        margins["left"] += gutter
        has = grid is not None
        return Section(
            (_mm(size.get(f"{W}w")), _mm(size.get(f"{W}h"))), margins, grid.get(f"{W}type", "") if has else "",
            int(grid.get(f"{W}linePitch", 0)) if has else 0, int(grid.get(f"{W}charSpace", 0)) if has else 0,
            _on(node.find(f"{W}titlePg")), kinds["header"], kinds["footer"],
        )  # fmt: skip


# Small readers -------------------------------------------------------------------------------------


def _target(target: str) -> str:
    return target.lstrip("/") if target.startswith("/") else f"word/{target}"


def _value(node: Any) -> str:
    return (node.get(f"{W}val") or "") if node is not None else ""


def _on(node: Any) -> bool:
    return node is not None and node.get(f"{W}val", "1") not in ("0", "false", "off")


def _mm(twips: str) -> float:
    return float(twips) / 1440 * 25.4


def _inside(node: Any, tag: str) -> bool:
    return next(node.iterancestors(tag), None) is not None


def _nearest(run: Any) -> Any:
    return next(run.iterancestors(f"{W}p"), None)


def _text(run: Any) -> str:
    """Text of one run; a page field shows as PAGE."""
    shown = []
    for part in run:
        if part.tag == f"{W}t":
            shown.append(part.text or "")
        elif part.tag in (f"{W}tab", f"{W}ptab"):
            shown.append("\t")
        elif part.tag in (f"{W}br", f"{W}cr") and part.get(f"{W}type") != "page":
            shown.append("\n")
        elif part.tag == f"{W}instrText" and "PAGE" in (part.text or "").upper().split():
            shown.append(PAGE)
    if next(run.iterancestors(f"{W}fldSimple"), None) is not None:
        return PAGE
    return "".join(shown)


UNIT: Final = 16.0 * 20  # twips of a character of size 3


def _indents(node: Any) -> dict[str, float]:
    """Characters; the count of characters wins over the length, as in Word."""
    if node is None:
        return {}
    found: dict[str, float] = {}
    for name, keys in (
        ("left", ("left", "start")),
        ("right", ("right", "end")),
        ("first", ("firstLine",)),
        ("hang", ("hanging",)),
    ):
        for key in keys:
            if (count := node.get(f"{W}{key}Chars")) is not None and float(count):
                found[name] = float(count) / 100
            elif (length := node.get(f"{W}{key}")) is not None:
                found.setdefault(name, float(length) / UNIT)
    if hang := found.pop("hang", 0.0):
        found["first"] = -hang
    return found


def _borders(node: Any) -> dict[str, tuple[str, int, str]]:
    return {
        side.tag.removeprefix(W): (
            side.get(f"{W}val", ""),
            int(side.get(f"{W}sz", 0)),
            side.get(f"{W}color", "").upper(),
        )
        for side in node
        if side.get(f"{W}val") not in (None, "nil", "none")
    }


def _table_rules(table: Any) -> dict[str, tuple[str, int, str]]:
    """Borders of a table: of the whole, then what its first and last cells say themselves."""
    whole = table.find(f"{W}tblPr/{W}tblBorders")
    found = _borders(whole) if whole is not None else {}
    cells = table.findall(f"{W}tr/{W}tc/{W}tcPr/{W}tcBorders")
    if cells:
        first, last = _borders(cells[0]), _borders(cells[-1])
        if len(cells) > 1 and "bottom" in first:
            found["insideH"] = first["bottom"]
        found |= {side: given[side] for side, given in (("top", first), ("bottom", last)) if side in given}
    return found
