"""The dossier of a year as a zip: a folder tree named by rule, an index (docx and xlsx) and a hash list.

The same rows give the same bytes: fixed order, fixed moments inside, nothing of when or by whom it was made. Files are
copied piece by piece; the sum of each is compared with the hash it is known by.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import IO, Any, Final, NamedTuple

from django.utils.translation import gettext as _

from chuangwen.dossier import queries
from chuangwen.dossier.models import Document, Item
from chuangwen.dossier.models import State as S
from chuangwen.dossier.naming import Names, natural, safe, safe_file
from chuangwen.kernel.evidence import store
from chuangwen.kernel.evidence.documents import KIND_OF_MIME, KINDS
from chuangwen.kernel.models import Person
from chuangwen.kernel.workflow.flow import Refused
from chuangwen.standards.models import Edition, Material

PIECE: Final = 1024 * 1024
MOMENT: Final = (1980, 1, 1, 0, 0, 0)  # the first one a zip can say
COLUMNS: Final = (
    ("standard", 12), ("name", 30), ("material", 12), ("asks", 40), ("unit", 18), ("state", 10), ("title", 40), ("number", 24),
    ("dated_on", 12), ("path", 70), ("sha256", 66),
)  # fmt: skip


class Entry(NamedTuple):
    """One file of the export: where it goes, and either its words made now or the hash of a kept file."""

    path: str
    made: Callable[[], bytes] | None
    sha256: str = ""


class Line(NamedTuple):
    """One line of the index."""

    standard: str
    name: str
    material: str
    asks: str
    unit: str
    state: str
    title: str
    number: str
    dated_on: dt.date | None
    path: str
    sha256: str


@dataclass
class Plan:
    """What an export holds, in order."""

    root: str
    title: str
    entries: list[Entry] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)


def plan_export(edition: Edition, year: int, *, by: Person | None, is_whole: bool = False) -> Plan:
    """What would be exported: the accepted items this person may see, all live ones with `is_whole` (four queries).

    `by=None` is the command line, which sees everything.
    """
    rows = queries.items(by).filter(year=year, material__requirement__node__edition=edition)
    rows = rows.exclude(state=S.VOID) if is_whole else rows.filter(state=S.ACCEPTED)
    items = sorted(
        rows.select_related("unit", "material__requirement__node").prefetch_related(
            "uses__material__requirement__node"
        ),
        key=lambda one: (natural(one.material.requirement.node.code), natural(one.material.code), one.pk),
    )
    papers: dict[int, list[Document]] = {}
    kept = Document.objects.filter(item__in=[one.pk for one in items], removed_at=None)
    for paper in kept.select_related("evidence__blob").order_by("rank", "pk"):
        papers.setdefault(paper.item_id, []).append(paper)
    same: dict[int, list[Material]] = {}
    for one in Material.objects.filter(same_as__in=[i.material_id for i in items]).select_related(
        "requirement__node"
    ):
        same.setdefault(one.same_as_id or 0, []).append(one)
    plan = Plan(safe(f"{edition} {year}"), f"{edition} {year} 年材料")
    names = Names()
    for item in items:
        served = [*same.get(item.material_id, []), *(use.material for use in item.uses.all())]
        _plan_item(plan, names, item, papers.get(item.pk, []), served)
    return plan


def _plan_item(plan: Plan, names: Names, item: Item, papers: list[Document], served: list[Material]) -> None:
    material = item.material
    node = material.requirement.node
    kind = material.get_kind_display()
    folder = (plan.root, safe(f"{node.code} {node.name}"), safe(f"{material.code} {kind} {material.text}"))
    lines = []
    if item.report:
        path = names.give(*folder, safe_file("00 说明报告", "docx"))
        plan.entries.append(Entry(path, _report_maker(str(material), item.report)))
        lines.append(_line(item, material, _("说明报告"), "", None, path, ""))
    for number, paper in enumerate(papers, 1):
        about = f"{number:02d} {paper.title}" + (f"（{paper.number}）" if paper.number else "")
        if paper.evidence is None:
            path = names.give(*folder, safe_file(about, "url"))
            plan.entries.append(Entry(path, _link_maker(paper.address)))
        else:
            ending = KINDS[KIND_OF_MIME[paper.evidence.blob.mime]][2][0]
            path = names.give(*folder, safe_file(about, ending))
            plan.entries.append(Entry(path, None, paper.evidence.blob.sha256))
        sha = paper.evidence.blob.sha256 if paper.evidence else ""
        lines.append(_line(item, material, paper.title, paper.number, paper.dated_on, path, sha))
    plan.lines += lines
    where = "/".join(folder)
    plan.lines += [_line(item, other, _("共用"), "", None, where, "") for other in served]


def _line(
    item: Item, material: Material, title: str, number: str, day: dt.date | None, path: str, sha: str
) -> Line:
    node = material.requirement.node
    state = str(S(item.state).label)
    return Line(
        node.code,
        node.name,
        material.code,
        material.text,
        item.unit.name,
        state,
        title,
        number,
        day,
        path,
        sha,
    )


def _report_maker(title: str, text: str) -> Callable[[], bytes]:
    return lambda: settled(_report(title, text))


def _link_maker(address: str) -> Callable[[], bytes]:
    return lambda: f"[InternetShortcut]\r\nURL={address}\r\n".encode()


# Writing ---------------------------------------------------------------------------------------------


def write_export(plan: Plan, stream: IO[bytes]) -> Iterator[int]:
    """Writes the zip piece by piece, yielding how many files are in after each; the whole is done when it ends.

    Raises Refused, naming the file, where a kept file is missing or is no longer what its hash says.
    """
    sums: list[tuple[str, str]] = []
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED, allowZip64=True) as package:
        for count, entry in enumerate(plan.entries, 1):
            sums.append((entry.path, _put(package, entry)))
            yield count
        known = dict(sums)
        lines = [line._replace(sha256=known.get(line.path, line.sha256)) for line in plan.lines]
        for name, data in (
            (_("目录.xlsx"), index_xlsx(plan.title, lines)),
            (_("目录.docx"), index_docx(plan.title, lines)),
        ):
            path = f"{plan.root}/{name}"
            sums.append((path, _put(package, Entry(path, lambda data=data: data))))  # type: ignore[misc]
        package.writestr(_info(f"{plan.root}/SHA256.txt"), hash_list(plan.root, sums))
    yield len(plan.entries)


def hash_list(root: str, sums: list[tuple[str, str]]) -> bytes:
    """One line for each file as `sha256sum -c` reads it, paths from the folder the list lies in."""
    return "".join(f"{sha}  {path.removeprefix(root + '/')}\n" for path, sha in sums).encode()


def _info(path: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(path, MOMENT)
    info.create_system, info.external_attr, info.compress_type = 3, 0o644 << 16, zipfile.ZIP_STORED
    return info


def _put(package: zipfile.ZipFile, entry: Entry) -> str:
    if entry.made is not None:
        data = entry.made()
        package.writestr(_info(entry.path), data)
        return hashlib.sha256(data).hexdigest()
    digest = hashlib.sha256()
    try:
        kept = store.path_of(entry.sha256, "original").open("rb")
    except FileNotFoundError as fault:
        raise Refused(_("“%(path)s”的原件不在了，先从备份恢复再打包。") % {"path": entry.path}) from fault
    with kept, package.open(_info(entry.path), "w", force_zip64=True) as into:
        while piece := kept.read(PIECE):
            digest.update(piece)
            into.write(piece)
    if digest.hexdigest() != entry.sha256:
        raise Refused(_("“%(path)s”的内容和入库时不一样，先从备份恢复再打包。") % {"path": entry.path})
    return entry.sha256


def export_file(
    edition: Edition, year: int, target: Path, *, by: Person | None, is_whole: bool = False,
    going: Callable[[int, int], bool] = lambda done, total: True,
) -> Plan:  # fmt: skip
    """Writes the export to `target`, whole or not at all; `going(done, total)` returning False stops it.

    Raises Refused when there is nothing to export, when it was stopped, or when a kept file is not sound.
    """
    plan = plan_export(edition, year, by=by, is_whole=is_whole)
    if not plan.entries:
        raise Refused(_("没有可打包的材料：这一年还没有入卷的。"))
    part = target.with_name(f"{target.name}.part")
    try:
        with part.open("wb") as stream:
            for done in write_export(plan, stream):
                if not going(done, len(plan.entries)):
                    raise Refused(_("已停下，没有留下文件。"))
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)
    return plan


# Index -----------------------------------------------------------------------------------------------


def titles() -> dict[str, str]:
    """The titles of the index, by column."""
    return {
        "standard": _("标准编号"), "name": _("标准"), "material": _("材料编号"), "asks": _("要求"), "unit": _("单位"),
        "state": _("状态"), "title": _("名称"), "number": _("文号"), "dated_on": _("日期"), "path": _("位置"),
        "sha256": "SHA-256",
    }  # fmt: skip


def index_xlsx(title: str, lines: list[Line]) -> bytes:
    """The index as a workbook of one sheet."""
    from chuangwen.kernel.screens.tables import write_table

    out, words = BytesIO(), titles()
    write_table(out, [(words[key], width) for key, width in COLUMNS], lines, sheet=_("目录"), note=title)
    return settled(out.getvalue())


def index_docx(title: str, lines: list[Line]) -> bytes:
    """The index as a document: a heading for each standard, a line for each file."""
    from docx import Document as Book

    book: Any = Book()
    book.add_heading(title, 0)
    before = ""
    for line in lines:
        if line.standard != before:
            book.add_heading(f"{line.standard} {line.name}", 1)
            before = line.standard
        about = "，".join(
            part
            for part in (line.number, line.dated_on.isoformat() if line.dated_on else "", line.unit)
            if part
        )
        book.add_paragraph(
            f"{line.material} {line.title}" + (f"（{about}）" if about else ""), style="List Bullet"
        )
    return settled(_saved(book))


def _report(title: str, text: str) -> bytes:
    from docx import Document as Book

    book: Any = Book()
    book.add_heading(title, 1)
    for line in text.split("\n"):
        book.add_paragraph(_CONTROL.sub("", line))
    return _saved(book)


_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_STAMP: Final = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(<)")


def _saved(book: Any) -> bytes:
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def settled(data: bytes) -> bytes:
    """An office file without the moments its writer put in: in its directory and in its properties."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            body = old.read(name)
            if name == "docProps/core.xml":
                body = _STAMP.sub(rb"\g<1>1980-01-01T00:00:00Z\g<2>", body)
            info = _info(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(info, body)
    return out.getvalue()
