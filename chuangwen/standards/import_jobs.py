"""A file of a tree put down, looked at, read anew where its columns are called otherwise, then loaded or left."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.kernel.models import Person, Term
from chuangwen.kernel.screens.tables import Fault
from chuangwen.kernel.workflow.flow import NotAllowed, Refused
from chuangwen.standards import rules
from chuangwen.standards.exchange.layout import LAYOUTS
from chuangwen.standards.exchange.loading import Loaded, Mode, check_here, known_here, load_tables
from chuangwen.standards.exchange.reading import Tables, read_workbook
from chuangwen.standards.exchange.writing import rows_of
from chuangwen.standards.foreign import (
    MEANINGS,
    Shape,
    convert,
    propose,
    read_foreign,
    suggest_site,
    titles_of,
)
from chuangwen.standards.models import Edition, SchemeKind, TableShape, TreeImport


@dataclass
class Preview:
    """What loading the file now would do; `taken` and `named` rows add up to `rows_in`."""

    tables: Tables
    faults: list[Fault]
    notes: list[str]
    rows_in: int
    named: int
    is_foreign: bool = False
    titles: list[str] = field(default_factory=list)
    shape: Shape = field(default_factory=Shape)
    unknown_sites: dict[str, list[int]] = field(default_factory=dict)
    suggested: dict[str, str] = field(
        default_factory=dict
    )  # unknown word -> site type it is called most like
    is_ready: bool = True  # it is known which edition the rows go to
    may_replace: bool = False  # the only thing wrong: an edition is here with other content

    @property
    def taken(self) -> int:
        return self.rows_in - self.named

    @property
    def can_load(self) -> bool:
        """A tree of our template is loaded whole; of a foreign table the rows that were named stay out."""
        return bool(self.taken) and self.is_ready and (self.is_foreign or not self.faults)


def _may(by: Person) -> None:
    if not rules.edit.allows(by, None):
        raise NotAllowed(_("测评体系由创建办导入。"))


def draft_import(data: bytes, name: str, *, by: Person) -> TreeImport:
    """Puts a file down; a table that is not our template is read as the last one with the same titles was.

    Raises BadTable for what is no table.
    """
    _may(by)
    shape: dict[str, Any] = {}
    head: dict[str, Any] = {}
    if not is_template(data):
        titles = titles_of(data)
        known = TableShape.objects.filter(name=signature(titles)).first()
        proposed = propose(titles)
        shape = {"columns": proposed.columns, "sites": {}, **(known.mapping if known else {})}
        head = {"scheme": "", "edition": "", "name": "", "kind": "city", "year": timezone.localdate().year}
    uid = uuid.uuid4()
    path = default_storage.save(f"imports/{uid}", ContentFile(data))
    return TreeImport.objects.create(uid=uid, name=name[:200], path=path, shape=shape, head=head, by=by)


def is_template(data: bytes) -> bool:
    """Whether the file is a workbook with our sheets. Raises BadTable for what is no table at all."""
    from chuangwen.kernel.screens.table_sources import (
        open_source,
    )  # loads the reader only where a file is read

    found = {sheet.name.strip() for sheet in open_source(data, lambda rows: 0).sheets}
    return len(found & {layout.title for layout in LAYOUTS}) >= 2


def signature(titles: Iterable[str]) -> str:
    """One name for all files with the same titles, in whatever order."""
    return hashlib.sha256("\n".join(sorted(titles)).encode()).hexdigest()[:40]


def data_of(job: TreeImport) -> bytes:
    with default_storage.open(job.path) as file:
        return bytes(file.read())


def set_reading(
    job: TreeImport,
    *,
    by: Person,
    columns: Mapping[str, str],
    sites: Mapping[str, str],
    head: Mapping[str, Any],
) -> None:
    """Says which column means what and where the rows go; remembered for the next file with the same titles."""
    _may(by)
    if job.done_at:
        raise Refused(_("这个文件已经导入，读法不能再改。"))
    titles = titles_of(data_of(job))
    chosen = {key: title for key, title in columns.items() if key in MEANINGS and title in titles}
    known = known_here().site_types
    kept = {word: known[code] for word, code in sites.items() if code in known}
    before = job.shape.get("sites", {})
    job.shape = {"columns": chosen, "sites": {**before, **kept}}
    job.head = {
        **job.head,
        **{key: head[key] for key in ("scheme", "edition", "name", "kind", "year") if key in head},
    }
    job.save(update_fields=["shape", "head"])
    TableShape.objects.update_or_create(
        name=signature(titles),
        defaults={"kind": Shape(chosen).kind, "mapping": job.shape, "used_at": timezone.now()},
    )


def preview_import(job: TreeImport, kinds: Iterable[str] | None = None, mode: Mode = "new") -> Preview:
    """What loading would do now. Raises BadTable."""
    data = data_of(job)
    if job.shape:
        return _foreign(job, data)
    tables = read_workbook(data, job.name)
    known = known_here(kinds)
    faults = check_here(tables, known, mode)
    clashes = mode == "new" and bool(faults) and not check_here(tables, known, "replace")
    named = len({(f.sheet, f.row) for f in faults if f.row is not None})
    return Preview(tables, faults, tables.notes, tables.rows_in, named, may_replace=clashes)


def _foreign(job: TreeImport, data: bytes) -> Preview:
    shape = Shape(job.shape.get("columns", {}), job.shape.get("sites", {}))
    head = dict(job.head)
    here = (
        Edition.objects.filter(scheme__code=head["scheme"], name=head["edition"])
        .select_related("scheme")
        .first()
    )
    base = rows_of([here]) if here else {}
    row = base["schemes"][0] if here else {
        "scheme": head["scheme"], "edition": head["edition"], "name": head["name"], "kind": head["kind"],
        "year": int(head["year"]), "level": "all", "full": Decimal(0), "current": False, "sample": False, "source": job.name,
    }  # fmt: skip
    known = known_here()
    found = convert(read_foreign(data, job.name, shape), shape, row, site_types=known.site_types, base=base)
    faults = list(found.faults)
    is_ready = bool(head["scheme"] and head["edition"] and row["name"] and row["kind"] in SchemeKind.values)
    if not is_ready:
        faults.insert(0, Fault(job.name, "", None, "", "", "", _("写明放到哪个体系、哪个版本，再看一遍。")))
    faults += check_here(found.tables, known, "merge")
    named = len({f.row for f in found.faults if f.row is not None}) if found.became else found.rows_in
    names = dict(Term.objects.filter(list="site_type").values_list("name", "code"))
    suggested = {word: suggest_site(word, names) for word in found.unknown_sites}
    return Preview(
        found.tables, faults, found.notes, found.rows_in, named, True, titles_of(data), shape, found.unknown_sites,
        suggested, is_ready,
    )  # fmt: skip


def load_import(
    job: TreeImport, *, by: Person, kinds: Iterable[str] | None = None, replace: bool = False
) -> Loaded:
    """Loads the file once; sent again it answers with what came of it. Raises BadTree, Refused or BadTable."""
    _may(by)
    with transaction.atomic():
        job = TreeImport.objects.select_for_update(of=("self",)).get(pk=job.pk)
        if job.done_at:
            raise Refused(_("这个文件已经导入过了。"))
        mode: Mode = "merge" if job.shape else "replace" if replace else "new"
        preview = preview_import(job, kinds, mode)
        if job.shape and not (preview.is_ready and preview.taken):
            raise Refused(preview.faults[0].sentence if preview.faults else _("没有一行可以导入。"))
        done = load_tables(
            preview.tables, known=known_here(kinds), mode=mode, by=by, keep_shares=bool(job.shape)
        )
        job.done_at = timezone.now()
        job.result = {
            "rows_in": preview.rows_in, "named": preview.named, "made": done.made, "changed": done.changed,
            "same": done.same, "removed": done.removed, "editions": [e.pk for e in done.editions],
            "left": [[f.row, f.title, f.sentence] for f in preview.faults][:500], "notes": preview.notes[:100],
        }  # fmt: skip
        job.save(update_fields=["done_at", "result"])
    return done
