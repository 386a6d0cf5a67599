"""After a template is filled: what depends on the words and cannot be written in a template."""

from __future__ import annotations

from typing import Any, Final

from chuangwen.papers.format.breaks import width
from chuangwen.papers.format.content import PaperText, date_words
from chuangwen.papers.format.measures import CHARACTERS
from chuangwen.papers.format.sheet import chars

W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
MARK_WIDTH: Final = 430  # points a mark may take of the 442 of the text area
NARROWEST: Final = 60  # per cent; narrower strokes look torn
RIGHT: Final = 4.0  # characters to the right of the date (7.3.5.1)
RIGHT_UNSEALED: Final = 2.0  # of the signature where no seal comes (7.3.5.2)
CELL_EDGES: Final = 216  # twips left and right of a cell, Word's own
CELL_SIZE: Final = 12  # points, of the built-in 公文表格文字
SLACK: Final = 0.6  # characters; figures of a font put in for a missing one are wider


def settle(document: Any, text: PaperText) -> None:
    """Changes the filled document (python-docx) in place. Styles are found by their names, as an office keeps them."""
    names = {style.style_id: style.name for style in document.styles}
    heads = [
        link.target_part.element for link in document.part.rels.values() if link.reltype.endswith("/header")
    ]
    for root in (document.element.body, *heads):
        for paragraph in root.iter(f"{W}p"):
            style = paragraph.find(f"{W}pPr/{W}pStyle")
            name = names.get(style.get(f"{W}val"), "") if style is not None else ""
            if name in ("公文标志", "信函标志"):
                _fit_mark(paragraph, _size(document, style.get(f"{W}val")), text.mark)
    _place_signature(document, names, text)
    _keep_with_signature(document, names)
    for table in document.element.body.iter(f"{W}tbl"):
        if table.find(f"{W}tblPr/{W}tblpPr") is None:
            _fit_columns(table)


def _size(document: Any, style_id: str) -> float:
    size = document.styles.element.get_by_id(style_id).find(f"{W}rPr/{W}sz")
    return int(size.get(f"{W}val")) / 2 if size is not None else 16.0


def _fit_mark(paragraph: Any, size: float, mark: str) -> None:
    """Narrows a long mark to the text area, then makes it smaller; keeps its upper edge where it was."""
    wide = width(mark) * size
    if wide <= MARK_WIDTH:
        return
    share = max(NARROWEST, int(100 * MARK_WIDTH / wide))
    small = min(size, MARK_WIDTH * 100 / (width(mark) * share))
    half = int(small * 2)
    for run in paragraph.iter(f"{W}r"):
        props = run.get_or_add_rPr()
        for tag, value in (("w", share), ("sz", half), ("szCs", half)):
            _set(props, tag, {"val": str(value)})
    if half < size * 2:
        spacing = paragraph.find(f"{W}pPr/{W}spacing")
        if spacing is None:
            spacing = _set(paragraph.get_or_add_pPr(), "spacing", {}, before=("ind", "jc"))
        spacing.set(f"{W}line", str(round(half * 11)))
        spacing.set(f"{W}lineRule", "exact")


def _set(parent: Any, tag: str, given: dict[str, str], before: tuple[str, ...] = ()) -> Any:
    """The child `tag`, made where there is none, with these attributes; `before` are tags that come after it."""
    found = parent.find(f"{W}{tag}")
    if found is None:
        found = parent.makeelement(f"{W}{tag}")
        later = next((child for child in parent if child.tag in {f"{W}{each}" for each in before}), None)
        if later is None:
            parent.append(found)
        else:
            later.addprevious(found)
    for name, value in given.items():
        found.set(f"{W}{name}", value)
    return found


def _place_signature(document: Any, names: dict[str, str], text: PaperText) -> None:
    """署名 and 成文日期 one centred on the other where a seal comes; else the date two characters further right."""
    if text.dated_on is None or not text.signature:
        return
    day = width(date_words(text.dated_on))
    for paragraph in document.paragraphs:
        name = names.get(paragraph.style.style_id, "")
        if name == "公文署名":
            _indent(paragraph._p, "right", _signature_right(width(paragraph.text), day, sealed=text.sealed))
        elif name == "成文日期" and text.sealed:
            _place_sealed(paragraph._p, max(map(width, text.signature)), day)
        elif name == "成文日期":
            name_width = width(text.signature[-1])
            start = CHARACTERS - _signature_right(name_width, day, sealed=False) - name_width + RIGHT_UNSEALED
            _indent(paragraph._p, "left", start)


def _date_right(name: float, day: float) -> float:
    """Characters to the right of a sealed date; more than four where a longer name is centred on it in the text area."""
    return max(RIGHT, (name - day) / 2)


def _signature_right(name: float, day: float, *, sealed: bool) -> float:
    """To the right of a name: centred on the date; unsealed two, or more where the date below stands further right."""
    if sealed:
        return _date_right(name, day) + (day - name) / 2
    return max(RIGHT_UNSEALED, RIGHT_UNSEALED + day + 2 - name)


def _place_sealed(paragraph: Any, name: float, day: float) -> None:
    """The date at four characters; below a name too long for that, in its middle, whatever the width of the digits."""
    right = _date_right(name, day)
    _indent(paragraph, "right", right if right == RIGHT else 0)
    if right > RIGHT:
        _set(
            paragraph.get_or_add_pPr(),
            "ind",
            {"leftChars": str(round((CHARACTERS - name) * 100)), "left": str(chars(CHARACTERS - name))},
        )
        _set(paragraph.get_or_add_pPr(), "jc", {"val": "center"})


def _indent(paragraph: Any, side: str, count: float) -> None:
    props = paragraph.get_or_add_pPr()
    _set(props, "ind", {f"{side}Chars": str(round(count * 100)), side: str(chars(count))}, before=("jc",))
    if side == "left":  # where it begins counts, whatever the width of its digits
        _set(props, "ind", {"rightChars": "0", "right": "0"})
        _set(props, "jc", {"val": "left"})


def _keep_with_signature(document: Any, names: dict[str, str]) -> None:
    """The last paragraph before a signature stays on its page, else a page would hold a seal and no text."""
    before: list[Any] = []
    for paragraph in document.paragraphs:
        name = names.get(paragraph.style.style_id, "")
        if name in ("公文署名", "成文日期"):
            break
        before.append(paragraph)
    else:
        return
    for paragraph in reversed(before):
        paragraph.paragraph_format.keep_with_next = True
        if paragraph.text.strip() and not names.get(paragraph.style.style_id, "").startswith("附件说明"):
            break


def _fit_columns(table: Any) -> None:
    """Widths of columns by their longest words, together the text area; text columns stand left, short ones centred."""
    rows = [[_cell_width(cell) for cell in row.findall(f"{W}tc")] for row in table.findall(f"{W}tr")]
    count = max((len(row) for row in rows), default=0)
    if not count:
        return
    longest = [max((row[at] for row in rows if at < len(row)), default=1.0) for at in range(count)]
    # Below the head; a head may break into lines, a figure or a short name not.
    body = [max((row[at] for row in rows[1:] if at < len(row)), default=1.0) for at in range(count)]
    sizes = _sizes(longest, body, chars(28))
    grid = table.find(f"{W}tblGrid")
    for child in list(grid):
        grid.remove(child)
    for size in sizes:
        column = grid.makeelement(f"{W}gridCol")
        column.set(f"{W}w", str(size))
        grid.append(column)
    for at_row, row in enumerate(table.findall(f"{W}tr")):
        for at, cell in enumerate(row.findall(f"{W}tc")):
            _set(_properties(cell), "tcW", {"w": str(sizes[at]), "type": "dxa"})
            if at_row and body[at] * CELL_SIZE * 20 + CELL_EDGES > sizes[at]:
                for paragraph in cell.findall(f"{W}p"):
                    _set(paragraph.get_or_add_pPr(), "jc", {"val": "left"})


def _sizes(longest: list[float], body: list[float], total: int) -> list[int]:
    """Twips of each column: first what keeps short cells on one line, the rest to those that have more to say.

    A long column is broken into lines; it takes more than a short one, but not in proportion to its length.
    """
    weights = [min(each, 8) + 0.35 * max(0.0, min(each, 40) - 8) + 1.2 for each in longest]
    needs = [(min(each, 8) + SLACK) * CELL_SIZE * 20 + CELL_EDGES for each in body]
    left = total - sum(needs)
    if left <= 0:
        return [int(total * need / sum(needs)) for need in needs]
    even = total / sum(weights)
    more = [max(0.0, weight * even - need) + 1 for weight, need in zip(weights, needs, strict=True)]
    return [int(need + left * each / sum(more)) for need, each in zip(needs, more, strict=True)]


def _properties(cell: Any) -> Any:
    return cell.get_or_add_tcPr()


def _cell_width(cell: Any) -> float:
    return max(
        (width("".join(t.text or "" for t in p.iter(f"{W}t"))) for p in cell.findall(f"{W}p")), default=0.0
    )
