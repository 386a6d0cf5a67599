"""The pre-check itself: everything about one item as plain values, in; what is wrong with it, out. Reads nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from django.utils.translation import gettext as _

from chuangwen.dossier.precheck.finding import Finding
from chuangwen.dossier.precheck.texts import FactLine, clashes, copied_from, count_characters
from chuangwen.kernel.evidence.documents import KINDS, MIB, PICTURES
from chuangwen.standards.models import MaterialKind

_WORDS: Final = frozenset({"pdf", "ofd", "doc", "docx"})
#: What a material of each kind may be proved by; "link" is an address without a file. A report may have anything.
WANTED: Final[dict[str, frozenset[str]]] = {
    MaterialKind.DOCUMENT: _WORDS,
    MaterialKind.TABLE: frozenset({"xls", "xlsx", "pdf", "ofd"}),
    MaterialKind.PHOTO: PICTURES,
    MaterialKind.PRESS: PICTURES | {"pdf", "ofd", "link"},
}
_SAID: Final = ("pdf", "ofd", "docx", "xlsx", "jpeg", "png", "link")


@dataclass(frozen=True, slots=True)
class Paper:
    """One piece of evidence of the item. `kind` is a key of KINDS or "link"; `used` says where it was used before."""

    pk: int
    title: str
    kind: str
    number: str = ""
    dated_on: dt.date | None = None
    taken_on: dt.date | None = None
    sha256: str = ""
    size: int = 0
    text: str = ""
    used: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One item with what it is held against."""

    kind: str
    kind_name: str
    count: int
    limit: int
    report: str
    from_on: dt.date | None = None
    to_on: dt.date | None = None
    papers: tuple[Paper, ...] = ()
    last_report: str = ""
    last_year: int = 0
    copied_share: float = 0.5
    most_bytes: int = 100 * MIB
    facts: list[FactLine] = field(default_factory=list)


def findings(sheet: Sheet) -> list[Finding]:
    """What is wrong, what holds the sending first."""
    found = [*_about_report(sheet), *_about_count(sheet)]
    seen: dict[str, Paper] = {}
    for paper in sheet.papers:
        found += _about_paper(sheet, paper)
        if paper.sha256 and paper.sha256 in seen:
            found.append(
                Finding("doubled", {"title": paper.title, "other": seen[paper.sha256].title}, paper.pk)
            )
        seen.setdefault(paper.sha256, paper)
    found += _about_facts(sheet)
    return sorted(found, key=lambda one: not one.holds)


def _about_report(sheet: Sheet) -> Iterator[Finding]:
    count = count_characters(sheet.report)
    if not count and sheet.kind == MaterialKind.REPORT:
        yield Finding("no_report")
    if count > sheet.limit:
        yield Finding("report_long", {"count": count, "limit": sheet.limit, "over": count - sheet.limit})
    copied = copied_from(sheet.report, sheet.last_report)
    if copied.share >= sheet.copied_share:
        figures = {"share": round(copied.share * 100), "year": sheet.last_year}
        yield Finding("copied", figures, passages=copied.passages)


def _about_count(sheet: Sheet) -> Iterator[Finding]:
    have = len(sheet.papers)
    if sheet.kind != MaterialKind.REPORT and have < sheet.count:
        yield Finding("too_few", {"wanted": sheet.count, "count": have, "lacking": sheet.count - have})
    size = sum(paper.size for paper in sheet.papers)
    if size > sheet.most_bytes:
        yield Finding("too_big", {"size": f"{size / MIB:.1f}", "limit": f"{sheet.most_bytes / MIB:.0f}"})


def _about_paper(sheet: Sheet, paper: Paper) -> Iterator[Finding]:
    if not paper.title.strip():
        yield Finding("no_title", {}, paper.pk)
    wanted = WANTED.get(sheet.kind)
    if wanted is not None and paper.kind not in wanted:
        names = {"wanted": sheet.kind_name, "title": paper.title, "found": kind_name(paper.kind)}
        yield Finding("wrong_kind", {**names, "accepted": accepted(sheet.kind)}, paper.pk)
    if paper.used:
        yield Finding("reused", {"title": paper.title, "where": paper.used}, paper.pk)
    yield from _about_date(sheet, paper)
    if sheet.kind == MaterialKind.DOCUMENT and not paper.number.strip():
        yield Finding("no_number", {"title": paper.title}, paper.pk)


def _about_date(sheet: Sheet, paper: Paper) -> Iterator[Finding]:
    day, is_picture = paper.dated_on or paper.taken_on, paper.kind in PICTURES
    if day is None:
        yield Finding("photo_no_time" if is_picture else "no_date", {"title": paper.title}, paper.pk)
        return
    too_early = sheet.from_on is not None and day < sheet.from_on
    too_late = sheet.to_on is not None and day > sheet.to_on
    if too_early or too_late:
        span = {"first": sheet.from_on or "—", "last": sheet.to_on or "—"}
        yield Finding("out_of_period", {"title": paper.title, "date": day, **span}, paper.pk)
    if paper.dated_on and paper.taken_on and abs((paper.dated_on - paper.taken_on).days) > 1:
        both = {"date": paper.dated_on, "taken": paper.taken_on}
        yield Finding("date_differs", {"title": paper.title, **both}, paper.pk)


def _about_facts(sheet: Sheet) -> Iterator[Finding]:
    texts: list[tuple[str, str, int | None]] = [(_("说明报告"), sheet.report, None)]
    texts += [(f"“{paper.title}”", paper.text, paper.pk) for paper in sheet.papers if paper.text]
    for where, text, pk in texts:
        for clash in clashes(text, sheet.facts):
            fact = clash.fact
            figures = {
                "where": where, "words": clash.words, "code": fact.code, "name": fact.name,
                "value": f"{fact.value.normalize():,f}", "measure": fact.measure,
                "source": "，".join(part for part in (fact.period, fact.source) if part),
            }  # fmt: skip
            yield Finding("clash", figures, pk, (clash.sentence[:200],))


def kind_name(kind: str) -> str:
    return _("网址") if kind == "link" else KINDS[kind][1]


def accepted(kind: str) -> str:
    """The kinds of file a material may be proved by, in words."""
    wanted = WANTED.get(kind, frozenset(_SAID))
    return "、".join(kind_name(each) for each in _SAID if each in wanted)
