"""The wall map on paper (挂图作战): all sites with state and name, what has no room numbered into lists, streets as pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from django.utils.translation import gettext as _

from chuangwen.faces.wall.labels import Box, width_of
from chuangwen.faces.wall.outline import Frame, frame_over, lines_of, rings_of
from chuangwen.faces.wall.placing import Taken
from chuangwen.faces.wall.sites import Site
from chuangwen.kernel.models import Place
from chuangwen.kernel.screens.fonts import chinese_font
from chuangwen.problems.situation import Load

if TYPE_CHECKING:
    from fpdf import FPDF

MM = 72 / 25.4  # points in a millimetre
INK, GREY, RULE, LATE, OPEN, PAPER, AREA = (
    (26, 31, 38), (96, 104, 114), (170, 176, 184), (178, 45, 38), (24, 92, 132), (255, 255, 255), (244, 246, 248),
)  # fmt: skip


STREETS = 1.5  # how much larger the table of streets is written than the sites are


class Paper(NamedTuple):
    """A size of paper lying on its side, and its letters; millimetres."""

    width: float
    height: float
    edge: float
    side: float  # the column beside the map
    letter: float
    title: float


PAPERS = {
    "A0": Paper(1189, 841, 20, 230, 3.2, 18),
    "A3": Paper(420, 297, 10, 96, 2.2, 7),
}


@dataclass(frozen=True)
class Atlas:
    """What is drawn: the city's name and moment, its streets with outlines, roads, sites."""

    city: str
    at: dt.datetime
    streets: Sequence[Place]
    roads: Sequence[Place]
    sites: Sequence[Site]
    is_sample: bool

    def of(self, street: Place) -> list[Site]:
        return [site for site in self.sites if site.street == street.pk]


class Pen:
    """The PDF with a font and sizes in millimetres."""

    def __init__(self, paper: Paper) -> None:
        from fpdf import FPDF  # heavy, and only this sheet needs it

        self.paper = paper
        self.pdf: FPDF = FPDF(unit="mm", format=(paper.height, paper.width), orientation="landscape")
        self.pdf.set_auto_page_break(False)
        font = chinese_font()
        self.pdf.add_font("chinese", fname=str(font.path), collection_font_number=font.face)
        self.pdf.set_creator("Chuangwen")

    def write(
        self, x: float, y: float, text: str, size: float = 0, colour: tuple[int, int, int] = INK
    ) -> None:
        """Text with its base line at y."""
        self.pdf.set_font("chinese", size=(size or self.paper.letter) * MM)
        self.pdf.set_text_color(*colour)
        self.pdf.text(x, y, text)

    def end(self) -> bytes:
        """The finished file; the font is let go."""
        from fpdf.fonts import TTFFont

        data: Any = self.pdf.output()
        for font in self.pdf.fonts.values():
            if isinstance(font, TTFFont):
                font.close()
        return bytes(data)

    def line(
        self,
        x1: float,
        y1: float,
        x2: float,
        y2: float,
        width: float = 0.15,
        colour: tuple[int, int, int] = RULE,
    ) -> None:
        self.pdf.set_draw_color(*colour)
        self.pdf.set_line_width(width)
        self.pdf.line(x1, y1, x2, y2)

    def mark(self, state: str, x: float, y: float) -> None:
        """A site: a triangle late, a square open, a ring clear; shape before colour."""
        r = self.paper.letter * 0.42
        self.pdf.set_line_width(0.12)
        self.pdf.set_draw_color(*PAPER)
        if state == "late":
            self.pdf.set_fill_color(*LATE)
            self.pdf.polygon([(x, y - 1.2 * r), (x + 1.2 * r, y + r), (x - 1.2 * r, y + r)], style="DF")
        elif state == "open":
            self.pdf.set_fill_color(*OPEN)
            self.pdf.rect(x - 0.9 * r, y - 0.9 * r, 1.8 * r, 1.8 * r, style="DF")
        else:
            self.pdf.set_line_width(0.25)
            self.pdf.set_draw_color(*GREY)
            self.pdf.set_fill_color(*PAPER)
            self.pdf.circle(x, y, 0.75 * r, style="DF")


def cut(text: str, width: float, size: float) -> str:
    """The text as far as it fits into that width, with … where something is gone."""
    if width_of(text, size) <= width:
        return text
    while text and width_of(text + "…", size) > width:
        text = text[:-1]
    return text + "…"


def _ground(pen: Pen, atlas: Atlas, frame: Frame, only: Place | None) -> None:
    """Outlines and roads under the sites."""
    for street in [only] if only else atlas.streets:
        pen.pdf.set_fill_color(*AREA)
        pen.pdf.set_draw_color(*RULE)
        pen.pdf.set_line_width(0.4)
        for ring in rings_of(street.shape) if street.shape else []:
            pen.pdf.polygon([frame.at(p[0], p[1]) for p in ring], style="DF")
    if only is None:  # clipped to no street, a road would run over the page of one
        pen.pdf.set_draw_color(*RULE)
        pen.pdf.set_line_width(0.3)
        for road in atlas.roads:
            for line in lines_of(road.shape) if road.shape else []:
                pen.pdf.polyline([frame.at(p[0], p[1]) for p in line])


def _areas_named(pen: Pen, atlas: Atlas, frame: Frame, taken: Taken) -> None:
    from chuangwen.faces.wall.outline import heart

    size = pen.paper.letter * 1.8
    for street in atlas.streets:
        rings = rings_of(street.shape) if street.shape else []
        if not rings:
            continue
        x, y, _room = heart(rings, frame)
        box = taken.spot(x, y, width_of(street.short_name, size), size * 1.2, 0)
        if box:
            pen.write(box.left, box.bottom - size * 0.25, street.short_name, size, GREY)


def draw_map(
    pen: Pen, atlas: Atlas, sites: Sequence[Site], bounds: Box, only: Place | None = None
) -> list[Site]:
    """Draws the map into a box; returns the sites that have a number or nothing beside them in place of their name."""
    rings = [ring for row in ([only] if only else atlas.streets) if row.shape for ring in rings_of(row.shape)]
    points = [p for ring in rings for p in ring] + [(site.lon, site.lat) for site in sites]
    inner = frame_over(points, bounds.right - bounds.left, bounds.bottom - bounds.top, pen.paper.letter * 3)
    if inner is None:
        return []
    frame = inner._replace(left=inner.left + bounds.left, top=inner.top + bounds.top)
    _ground(pen, atlas, frame, only)
    taken, half = Taken(bounds), pen.paper.letter * 0.42
    spots = {site.number: frame.at(site.lon, site.lat) for site in sites}
    for x, y in spots.values():
        taken.take(Box(x - half, y - half, x + half, y + half))
    if only is None:
        _areas_named(pen, atlas, frame, taken)
    # Late ones get their names first, then open ones.
    urgent = sorted(sites, key=lambda site: (-site.load.late, -site.load.open, site.number))
    unnamed = [site for site in urgent if not _named(pen, taken, site, spots[site.number])]
    for site in sorted(urgent, key=lambda s: s.state == "late"):
        pen.mark(site.state, *spots[site.number])
    small = pen.paper.letter * 0.8
    for site in unnamed:
        text = str(site.number)
        box = taken.spot(*spots[site.number], width_of(text, small), small, half * 1.1)
        if box:
            pen.write(box.left, box.bottom - small * 0.12, text, small, GREY)
    return sorted(unnamed, key=lambda site: site.number)


def _named(pen: Pen, taken: Taken, site: Site, at: tuple[float, float]) -> bool:
    size = pen.paper.letter
    text = f"{site.name} {site.load.open}" if site.load.open else site.name
    box = taken.spot(*at, width_of(text, size), size * 1.05, size * 0.6)
    if box is None:
        return False
    pen.write(box.left, box.bottom - size * 0.16, text, size, LATE if site.load.late else INK)
    return True


def _head(pen: Pen, title: str, note: str) -> float:
    """The title line; returns where the page goes on below it."""
    edge, size = pen.paper.edge, pen.paper.title
    pen.write(edge, edge + size, title, size)
    small = pen.paper.letter * 1.3
    pen.write(pen.paper.width - edge - width_of(note, small), edge + size, note, small, GREY)
    pen.line(edge, edge + size * 1.4, pen.paper.width - edge, edge + size * 1.4, 0.6, INK)
    return edge + size * 1.4 + pen.paper.letter * 1.5


def _legend(pen: Pen, atlas: Atlas, x: float, y: float) -> float:
    size, step = pen.paper.letter * STREETS, pen.paper.letter * STREETS * 1.7
    for state, words in (
        ("late", _("有超期案件")), ("open", _("有未销号案件")), ("clear", _("没有未销号案件")),
    ):  # fmt: skip
        n = sum(site.state == state for site in atlas.sites)
        pen.mark(state, x + size, y + size * 0.65)
        pen.write(x + 2.2 * size, y + size, _("%(words)s %(n)s 处") % {"words": words, "n": f"{n:,}"}, size)
        y += step
    for words in [_("名称后的数字为未销号件数"), _("只有编号的点位见清单")] + (
        [_("示意图形，非真实边界")] if atlas.is_sample else []
    ):
        pen.write(x, y + size, words, size, GREY)
        y += step
    return y + step / 2


Row = tuple[str, ...]


def _table(
    pen: Pen,
    x: float,
    y: float,
    widths: Sequence[float],
    head: Row,
    rows: Sequence[Row],
    bottom: float,
    scale: float = 1,
) -> int:
    """Draws a head and as many rows as fit above `bottom`; returns how many."""
    size = pen.paper.letter * scale
    step = size * 1.5
    fits = max(0, int((bottom - y) / step) - 1)
    for at, row in enumerate([head, *rows[:fits]]):
        left, base = x, y + step * (at + 1) - size * 0.35
        for text, width in zip(row, widths, strict=True):
            pen.write(left, base, cut(text, width - size * 0.4, size), size, GREY if at == 0 else INK)
            left += width
        pen.line(x, y + step * (at + 1), x + sum(widths), y + step * (at + 1), 0.1)
    return min(fits, len(rows))


def _site_head() -> Row:
    return (_("编号"), _("点位"), _("单位"), _("上次考察"), _("未销号"))


def _site_row(site: Site) -> Row:
    n = (
        str(site.load.open)
        if not site.load.late
        else _("%(n)d，超期 %(late)d") % {"n": site.load.open, "late": site.load.late}
    )
    return (
        str(site.number),
        site.name,
        site.unit or "—",
        site.visited.isoformat() if site.visited else "—",
        n,
    )


def _widths(whole: float) -> list[float]:
    return [whole * share for share in (0.09, 0.36, 0.22, 0.16, 0.17)]


def _street_rows(atlas: Atlas) -> list[Row]:
    rows: list[Row] = []
    for street in atlas.streets:
        here = atlas.of(street)
        load = sum((site.load for site in here), Load())
        rows.append((street.short_name, f"{len(here):,}", f"{load.open:,}", f"{load.late:,}"))
    stray = [site.load for site in atlas.sites if site.street is None]
    if stray:
        load = sum(stray, Load())
        rows.append((_("未归入镇街"), f"{len(stray):,}", f"{load.open:,}", f"{load.late:,}"))
    return rows


def _overview(pen: Pen, atlas: Atlas, title: str, only: Place | None) -> bool:
    """The first sheet; returns whether every site without a name stands in its list."""
    paper = pen.paper
    pen.pdf.add_page()
    note = _("%(day)s · %(n)s 个点位") % {
        "day": atlas.at.strftime("%Y-%m-%d %H:%M"),
        "n": f"{len(atlas.sites):,}",
    }
    top, bottom = _head(pen, title, note), paper.height - paper.edge
    right = paper.width - paper.edge - paper.side
    left = draw_map(pen, atlas, atlas.sites, Box(paper.edge, top, right - paper.letter * 2, bottom), only)
    y = _legend(pen, atlas, right, top)
    rows = _street_rows(atlas)
    if only is None:
        widths = [paper.side * share for share in (0.4, 0.2, 0.2, 0.2)]
        head = (_("镇街"), _("点位"), _("未销号"), _("超期"))
        done = _table(pen, right, y, widths, head, rows, bottom, STREETS)
        y += (done + 2) * paper.letter * 1.5 * STREETS
    room = int((bottom - y) / (paper.letter * 1.5)) - 1
    if only is None and len(left) > room:
        pen.write(
            right, y + paper.letter, _("%(n)s 个点位只有编号，见后面各镇街页。") % {"n": f"{len(left):,}"}
        )
        return False
    listed = list(atlas.sites) if only else left
    done = _table(pen, right, y, _widths(paper.side), _site_head(), [_site_row(s) for s in listed], bottom)
    _rest(pen, title, listed[done:])
    return True


def _street_page(pen: Pen, atlas: Atlas, street: Place) -> None:
    """One street larger, with the list of all its sites beside it and, where they are many, behind it."""
    here, paper = atlas.of(street), pen.paper
    pen.pdf.add_page()
    top = _head(pen, street.name, _("%(n)s 个点位") % {"n": f"{len(here):,}"})
    bottom, right = paper.height - paper.edge, paper.width - paper.edge - paper.side
    draw_map(pen, atlas, here, Box(paper.edge, top, right - paper.letter * 2, bottom), street)
    done = _table(pen, right, top, _widths(paper.side), _site_head(), [_site_row(s) for s in here], bottom)
    _rest(pen, street.name, here[done:])


def _rest(pen: Pen, title: str, sites: Sequence[Site]) -> None:
    """What did not fit beside the map, on pages of columns."""
    paper = pen.paper
    left = list(sites)
    columns = int((paper.width - 2 * paper.edge) / (paper.side + paper.letter * 3))
    while left:
        pen.pdf.add_page()
        top = _head(pen, _("%(title)s（续）") % {"title": title}, "")
        for column in range(columns):
            if left:
                x = paper.edge + column * (paper.side + paper.letter * 3)
                rows = [_site_row(site) for site in left]
                left = left[
                    _table(pen, x, top, _widths(paper.side), _site_head(), rows, paper.height - paper.edge) :
                ]


def pdf_of(atlas: Atlas, size: str, only: Place | None = None) -> bytes:
    """The map as a PDF: one sheet; where names find no room and the list neither, a page for each street that has sites.

    Raises KeyError for an unknown size, NoFont without a Chinese font.
    """
    pen = Pen(PAPERS[size])
    place = only.name if only else atlas.city
    title = _("%(place)s创建点位挂图") % {"place": place}
    pen.pdf.set_title(title)
    if not _overview(pen, atlas, title, only):
        for street in atlas.streets:
            if atlas.of(street):
                _street_page(pen, atlas, street)
        stray = [site for site in atlas.sites if site.street is None]
        _rest(pen, _("没有归入镇街的点位"), stray)
    return pen.end()
