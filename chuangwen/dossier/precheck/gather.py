"""An item gathered for its pre-check, in a fixed number of queries, whatever it holds."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.dossier.models import Document, Item, Version
from chuangwen.dossier.precheck.check import Paper, Sheet, findings
from chuangwen.dossier.precheck.finding import Finding
from chuangwen.kernel.city import setting
from chuangwen.kernel.evidence.documents import KIND_OF_MIME, MIB
from chuangwen.kernel.models import Evidence, Person
from chuangwen.problems import rules as case_rules
from chuangwen.problems.models import Case
from chuangwen.registers.queries import fact_lines


def documents_of(item: Item) -> list[Document]:
    """The item's evidence, in order, with its files; read once for an item in hand."""
    kept = vars(item).get("_documents")
    if kept is None:
        rows = Document.objects.filter(item=item, removed_at=None).select_related("evidence__blob")
        kept = vars(item)["_documents"] = list(rows.order_by("rank", "pk"))
    return list(kept)


def check_item(item: Item, *, by: Person | None = None) -> list[Finding]:
    """The findings about an item now; kept with the row in hand, so that page and guard ask once.

    `by` decides whether an earlier use outside the dossier may be named: without a person (`asker` of the row in
    hand is the default), it is not looked for.
    """
    by = by or vars(item).get("asker")
    kept = vars(item).setdefault("_found", {})
    key = by.pk if by else 0
    if key not in kept:
        kept[key] = findings(gather(item, by))
    return list(kept[key])


def gather(item: Item, by: Person | None = None) -> Sheet:
    """Reads documents, last year's report, facts and earlier uses."""
    material = item.material
    rows = documents_of(item)
    used = _used(item, rows, by)
    last_report, last_year = _last(item)
    return Sheet(
        kind=material.kind, kind_name=str(material.get_kind_display()), count=material.count,
        limit=material.limit or int(setting("report_characters", 500)), report=item.report,
        from_on=material.from_on, to_on=material.to_on, papers=tuple(_paper(row, used) for row in rows),
        last_report=last_report, last_year=last_year,
        copied_share=float(setting("copied_share", 0.5)),
        most_bytes=int(setting("dossier_item_megabytes", 100)) * MIB, facts=fact_lines(),
    )  # fmt: skip


def _paper(row: Document, used: dict[int, str]) -> Paper:
    one = row.evidence
    taken = timezone.localtime(one.taken_at).date() if one and one.taken_at else None
    return Paper(
        pk=row.pk, title=row.title, number=row.number, dated_on=row.dated_on, taken_on=taken, text=row.text,
        kind=KIND_OF_MIME[one.blob.mime] if one else "link", sha256=one.blob.sha256 if one else "",
        size=one.blob.size if one else 0, used=used.get(one.pk, "") if one else "",
    )  # fmt: skip


def _last(item: Item) -> tuple[str, int]:
    """Last year's report of the same material: this one's, or that of the same code in the edition it follows."""
    material = item.material
    same = Q(material=material.pk) | Q(
        material__code=material.code,
        material__requirement__node__edition=material.requirement.node.edition.follows_id or 0,
    )
    found = Item.objects.filter(same, year=item.year - 1).exclude(report="").exclude(pk=item.pk)
    last = found.order_by("-version", "pk").values_list("report", "year").first()
    return last or ("", item.year - 1)


def _used(item: Item, rows: list[Document], by: Person | None) -> dict[int, str]:
    """Where the item's pictures were used before, by evidence: another item that still has it, or a case this person may see.

    What was used before was found when each picture was taken in (`actions.add_document`).
    """
    before = {row.evidence_id: row.evidence.findings.get("reused_of") for row in rows if row.evidence}
    ids = [pk for pk in before.values() if pk]
    if not ids:
        return {}
    said: dict[int, str] = {}
    live = Document.objects.filter(evidence__in=ids, removed_at=None).exclude(item=item)
    for other in live.select_related("item__material"):
        mine = other.item.unit_id == item.unit_id
        words = {"year": other.item.year, "what": other.item.material if mine else _("另一个单位的材料")}
        said[other.evidence_id or 0] = _(" %(year)s 年“%(what)s”") % words
    if by is not None:
        uses = dict(
            Evidence.objects.filter(pk__in=ids, subject=Case._meta.label_lower).values_list(
                "subject_id", "pk"
            )
        )
        cases: Any = case_rules.see_case.filter(Case.objects.filter(pk__in=list(uses)), by)
        for pk, number in cases.values_list("pk", "number"):
            said[uses[pk]] = _("案件 %(number)s 的照片") % {"number": number}
    return {mine_pk: said[pk] for mine_pk, pk in before.items() if mine_pk and pk in said}


def documents_as_json(item: Item) -> list[dict[str, Any]]:
    """The item's evidence as a version keeps it."""
    return [
        {
            "title": row.title, "number": row.number, "dated_on": row.dated_on.isoformat() if row.dated_on else "",
            "address": row.address, "sha256": row.evidence.blob.sha256 if row.evidence else "", "document": row.pk,
        }
        for row in documents_of(item)
    ]  # fmt: skip


def difference(older: Version | None, newer: Version) -> list[tuple[str, str]]:
    """How a version differs from the one before: ("same" | "gone" | "new", words) of the report, then of the evidence."""
    from difflib import SequenceMatcher

    before = older.report if older else ""
    parts: list[tuple[str, str]] = []
    for act, a, b, c, d in SequenceMatcher(None, before, newer.report, autojunk=False).get_opcodes():
        if act == "equal":
            parts.append(("same", before[a:b]))
            continue
        parts += [("gone", before[a:b])] * (b > a) + [("new", newer.report[c:d])] * (d > c)
    return parts
