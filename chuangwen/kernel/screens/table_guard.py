"""Looking through an office file before any reader sees it: bombs, passwords, pretenders, empty formulas."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from posixpath import join, normpath
from typing import Final
from xml.parsers import expat

from django.utils.translation import gettext_lazy as _

from chuangwen.kernel.worded import WordedError

MIB: Final = 1024 * 1024
MAX_FILE: Final = 100 * MIB
MAX_UNPACKED: Final = 200 * MIB
MAX_RATIO: Final = 250  # of a whole file above 20 MiB; office sheets pack about 10 times, dull ones 50
MAX_PARTS: Final = 5_000
#: The reader keeps a sheet as a full rectangle, 32 bytes a cell: two cells, A1 and XFD1048576, would ask for
#: 500 GB and end the whole process, which no `except` can catch.
MAX_CELLS: Final = 10_000_000
MAX_TEXT: Final = 400 * MIB  # one shared string may be named by a million cells, and is copied for each

_SENTENCES: Final = {
    "empty": _("文件是空的。重新选择文件再导入。"),
    "too_large": _("文件有 %(size)s MB，超过 %(limit)s MB 的上限。分成几个文件再导入。"),
    "password": _("文件设有打开密码，无法读取。用 Excel 或 WPS 取消密码并保存，再导入。"),
    "bomb": _("文件解压后过大或单元格范围异常，没有读取。把有内容的区域复制到新表格，保存后再导入。"),
    "broken": _("文件不完整或已损坏，无法打开。用 Excel 或 WPS 打开并另存为 xlsx，再导入。"),
    "page": _("文件内容其实是网页或 XML，不是表格文件。用 Excel 或 WPS 打开并另存为 xlsx，再导入。"),
    "xlsb": _("不读 xlsb 格式。用 Excel 或 WPS 打开并另存为 xlsx，再导入。"),
    "not_table": _("这个文件不是表格。导入 xlsx、xlsm、xls、ods、csv 或 tsv 格式的文件。"),
    "encoding": _("文字编码认不出来（不是 UTF-8，也不是 GB18030）。用 Excel 或 WPS 另存为 xlsx，再导入。"),
    "csv": _("第 %(row)s 行附近的引号不成对，或一个单元格过长。改好后再导入，或另存为 xlsx。"),
    "json": _("JSON 在第 %(row)s 行第 %(column)s 个字处读不下去。改好后再导入。"),
    "records": _("JSON 里要是一条条记录：[{…}, {…}]，或每行一条 {…}。改好后再导入。"),
    "characters": _("列名“%(value)s”里有存不下来的字符（NUL 或半个字符）。改正后再导入。"),
    "too_many_rows": _("表中有 %(count)s 行数据，超过 %(limit)s 行的上限。分成几个文件再导入。"),
}


class BadTable(WordedError):
    """A file refused as a table."""

    sentences = _SENTENCES


Cell = tuple[int, int]  # row and column, both from 0


@dataclass
class _Part:
    """What one part of the package holds, as far as memory is concerned."""

    root: str = ""
    rows: list[int] = field(default_factory=list)  # lowest and highest row with content
    columns: list[int] = field(default_factory=list)
    cells: int = 0  # of the full rectangles
    before: int = 0  # the same, of earlier sheets in one part (OpenDocument)
    shared: int = 0  # cells that name a shared string
    formulas: bool = False
    lengths: list[int] = field(default_factory=list)  # of the shared strings
    volume: int = 0  # characters of an OpenDocument table once its repeated cells are written out


def examine_package(data: bytes) -> Mapping[str, frozenset[Cell]]:
    """Check a zipped office file; by sheet name, the cells whose formula has no stored result.

    Raises `BadTable` for bombs, passwords and broken packages. Sizes are those really unpacked: `zipfile`
    never unpacks more than the directory declares and fails where the declaration lies.
    """
    try:
        with zipfile.ZipFile(BytesIO(data)) as package:
            return _examined(package, len(data))
    except BadTable:
        raise
    except RuntimeError as error:  # zipfile's word for an encrypted member; also NotImplementedError
        raise BadTable("password" if "encrypted" in str(error) else "broken") from error
    except Exception as error:
        raise BadTable("broken") from error


def _examined(package: zipfile.ZipFile, packed: int) -> Mapping[str, frozenset[Cell]]:
    members = package.infolist()
    total = sum(member.file_size for member in members)
    if total > MAX_UNPACKED or len(members) > MAX_PARTS or total > max(20 * MIB, MAX_RATIO * packed):
        raise BadTable("bomb")
    names = {member.filename.lower().replace("\\", "/") for member in members}
    if "xl/workbook.bin" in names:
        raise BadTable("xlsb")
    if not names & {"xl/workbook.xml", "content.xml"}:
        raise BadTable("not_table")
    parts = {member.filename: _measured(package, member) for member in members}
    lengths = max((part.lengths for part in parts.values()), key=len, default=[])
    longest = max(lengths, default=0)
    uncached: dict[str, frozenset[Cell]] = {}
    for name, part in parts.items():
        if part.cells > MAX_CELLS or part.volume > MAX_TEXT:
            raise BadTable("bomb")
        if part.formulas or part.shared * longest > MAX_TEXT:
            uncached[name] = _close_look(package, name, lengths)
    return {sheet: uncached[part] for sheet, part in _sheet_parts(package).items() if part in uncached}


def _chunks(package: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    with package.open(name) as stream:
        while chunk := stream.read(256 * 1024):
            yield chunk


def _parser() -> expat.XMLParserType:
    parser = expat.ParserCreate()

    def no_declarations(*_args: object) -> None:  # office files have none (ECMA-376 part 2, section 8.2.5)
        raise BadTable("bomb")

    parser.StartDoctypeDeclHandler = no_declarations
    return parser


def _measured(package: zipfile.ZipFile, member: zipfile.ZipInfo) -> _Part:
    part = _Part()
    parser = _parser()
    parser.StartElementHandler = _opener(part, parser)
    is_xml, sheet_like, end = True, False, b""
    for chunk in _chunks(package, member.filename):
        sheet_like = sheet_like or b"sheetData" in end + chunk
        end = chunk[-16:]
        if is_xml:
            try:
                parser.Parse(chunk, False)
            except expat.ExpatError:
                is_xml = False
    # The reader forgives bad XML that this parser does not, so it is refused where a sheet could hide.
    if not is_xml and (sheet_like or member.filename.lower().endswith((".xml", ".rels"))):
        raise BadTable("broken")
    return part


def _opener(part: _Part, parser: expat.XMLParserType) -> Callable[[str, dict[str, str]], None]:
    row = column = -1
    row_again = times = 1

    def content(last_row: int, first_column: int, last_column: int) -> None:
        part.rows = [min([row, *part.rows]), max([last_row, *part.rows])]
        part.columns = [min([first_column, *part.columns]), max([last_column, *part.columns])]
        part.cells = part.before + (part.rows[1] - part.rows[0] + 1) * (part.columns[1] - part.columns[0] + 1)

    def opened(name: str, given: dict[str, str]) -> None:
        nonlocal row, column, row_again, times
        name = name.rpartition(":")[2]
        if name == "c":
            row, column = _place(given.get("r"), row, column)
            part.shared += given.get("t") == "s"
        elif name in ("v", "is"):
            if not part.rows or not (part.rows[0] <= row <= part.rows[1]
                                     and part.columns[0] <= column <= part.columns[1]):
                content(row, column, column)
        elif name == "row":
            row, column = int(given.get("r", row + 2)) - 1, -1
        elif name == "f":
            part.formulas = True
        elif name == "table":
            part.before, part.rows, part.columns, row, row_again = part.cells, [], [], -1, 1
        elif name == "table-row":  # OpenDocument: runs of equal rows and cells are written once
            row += row_again
            row_again, column = int(given.get("table:number-rows-repeated", 1)), -1
        elif name in ("table-cell", "covered-table-cell"):
            again = int(given.get("table:number-columns-repeated", 1))
            if any(key.startswith("office:") for key in given):
                content(row + row_again - 1, column + 1, column + again)
            column += again
            times = again * row_again
        elif name == "s":  # OpenDocument: so many blanks
            part.volume += int(given.get("text:c", 1)) * times
        elif name == "p" and part.root == "document-content":
            content(row + row_again - 1, max(column, 0), max(column, 0))
        elif name == "si":
            part.lengths.append(0)
        elif not part.root:
            part.root = name
            parser.CharacterDataHandler = {"sst": counted, "document-content": weighed}.get(name)

    def counted(text: str) -> None:
        if part.lengths:
            part.lengths[-1] += len(text)

    def weighed(text: str) -> None:
        part.volume += len(text) * times

    return opened


_REFERENCE: Final = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")


def _place(reference: str | None, row: int, column: int) -> Cell:
    """Row and column from 0 of a reference such as C4; without one, the cell to the right."""
    if reference is None:
        return row, column + 1
    found = _REFERENCE.fullmatch(reference)
    if found is None:
        raise BadTable("broken")
    number = 0
    for letter in found[1].upper():
        number = number * 26 + ord(letter) - 64
    return int(found[2]) - 1, number - 1


def _close_look(package: zipfile.ZipFile, name: str, lengths: list[int]) -> frozenset[Cell]:
    """Cells with a formula and no result; refuses a sheet whose shared strings would fill the memory."""
    row = column = -1
    formula = shared = False
    text: list[str] = []
    volume = 0
    found: set[Cell] = set()
    parser = _parser()

    def opened(name: str, given: dict[str, str]) -> None:
        nonlocal row, column, formula, shared
        name = name.rpartition(":")[2]
        if name == "row":
            row, column = int(given.get("r", row + 2)) - 1, -1
        elif name == "c":
            row, column = _place(given.get("r"), row, column)
            formula, shared = False, given.get("t") == "s"
            text.clear()
        elif name == "f":
            formula = True
        elif name in ("v", "t"):
            parser.CharacterDataHandler = text.append

    def closed(name: str) -> None:
        nonlocal volume
        parser.CharacterDataHandler = None
        if not name.endswith("c") or name.rpartition(":")[2] != "c":
            return
        if formula and not text:
            found.add((row, column))
        if shared and text:
            index = int("".join(text))
            volume += lengths[index] if 0 <= index < len(lengths) else 0
            if volume > MAX_TEXT:
                raise BadTable("bomb")

    parser.StartElementHandler, parser.EndElementHandler = opened, closed
    for chunk in _chunks(package, name):
        parser.Parse(chunk, False)
    return frozenset(found)


def _sheet_parts(package: zipfile.ZipFile) -> dict[str, str]:
    """Sheet name → name of its part, from the workbook and its relationships."""
    sheets: dict[str, str] = {}
    targets: dict[str, str] = {}

    def sheet(name: str, given: dict[str, str]) -> None:
        if name.rpartition(":")[2] == "sheet":
            sheets[given.get("name", "")] = next((v for k, v in given.items() if k.endswith(":id")), "")

    def relation(_name: str, given: dict[str, str]) -> None:
        target = given.get("Target", "")
        targets[given.get("Id", "")] = target[1:] if target.startswith("/") else normpath(join("xl", target))

    names = set(package.namelist())
    for name, handler in (("xl/workbook.xml", sheet), ("xl/_rels/workbook.xml.rels", relation)):
        if name in names:
            parser = _parser()
            parser.StartElementHandler = handler
            for chunk in _chunks(package, name):
                parser.Parse(chunk, False)
    return {sheet: targets.get(key, "") for sheet, key in sheets.items()}
