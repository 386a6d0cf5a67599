"""What people do with the dossier: ask for materials, write, add evidence, share it; each in one transaction."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.dossier import queries, rules
from chuangwen.dossier.flow import ItemFlow
from chuangwen.dossier.models import Document, Item, Use
from chuangwen.dossier.models import State as S
from chuangwen.kernel.city import setting
from chuangwen.kernel.evidence import documents, reading
from chuangwen.kernel.evidence.models import EvidenceRole
from chuangwen.kernel.evidence.reuse import earlier_use
from chuangwen.kernel.models import Entry, Evidence, Person, Unit
from chuangwen.kernel.workflow.flow import NotAllowed, Refused
from chuangwen.problems.models import Case
from chuangwen.standards.models import Edition, Material, Part, Share

MOST_DOCUMENTS = 60  # in one item; more is a folder, not a proof


class Served(NamedTuple):
    """A material that is not asked for again, and the item that brings it."""

    material: Material
    item: Item


@dataclass
class Opened:
    """What asking for a year's materials did: `known` were asked before, `served` stand with another's item."""

    made: list[Item] = field(default_factory=list)
    known: list[Served] = field(default_factory=list)
    served: list[Served] = field(default_factory=list)
    without_unit: list[Material] = field(default_factory=list)


def open_items(edition: Edition, year: int, *, by: Person, at: dt.datetime | None = None) -> Opened:
    """Asks the lead units for all materials of an edition and year, one item for each group of the same material.

    Asking again asks only for what is not asked yet. Raises NotAllowed for who is not of the office.
    """
    _office(by)
    at = at or timezone.now()
    rows = Material.objects.filter(requirement__node__edition=edition, requirement__waived_reason="")
    materials = {one.pk: one for one in rows.select_related("requirement__node").order_by("code", "pk")}
    roots = queries.roots_of((pk, one.same_as_id) for pk, one in materials.items())
    shares = Share.objects.filter(requirement__node__edition=edition, part=Part.LEAD).select_related("unit")
    leads = {share.requirement_id: share.unit for share in shares}
    done = Opened()
    with transaction.atomic():
        before = _before(list(materials), year)
        for root, members in _groups(materials, roots).items():
            known = next((before[one.pk] for one in members if one.pk in before), None)
            if known is not None:
                done.known += [Served(one, known) for one in members]
                continue
            unit = next((leads[one.requirement_id] for one in members if one.requirement_id in leads), None)
            if unit is None:
                done.without_unit += members
                continue
            item = _open(materials[root], year, unit, _earliest(members), by, at)
            done.made.append(item)
            done.served += [Served(one, item) for one in members if one.pk != root]
    return done


def _groups(materials: Mapping[int, Material], roots: Mapping[int, int]) -> dict[int, list[Material]]:
    """Root → its materials, the root first; a root of another edition is stood in for by its first material."""
    found: dict[int, list[Material]] = {}
    for pk, one in materials.items():
        found.setdefault(roots[pk], []).append(one)
    return {
        (root if root in materials else members[0].pk): sorted(members, key=lambda one: one.pk != root)
        for root, members in found.items()
    }


def _before(materials: list[int], year: int) -> dict[int, Item]:
    """Material → the item of that year that brings it already."""
    own = Item.objects.filter(material__in=materials, year=year)
    found = {item.material_id: item for item in own}
    for use in Use.objects.filter(material__in=materials, item__year=year).select_related("item"):
        found.setdefault(use.material_id, use.item)
    return found


def _earliest(members: list[Material]) -> dt.date | None:
    return min((one.due_on for one in members if one.due_on), default=None)


def ask_item(
    material: Material, year: int, *, by: Person, unit: Unit | None = None, due_on: dt.date | None = None,
    at: dt.datetime | None = None,
) -> Item:  # fmt: skip
    """Asks one unit for one material. Raises Refused with a pointer when it is asked already, or has no unit."""
    _office(by)
    with transaction.atomic():
        other = queries.asked_by(material, year)
        if other is not None:
            words = {
                "item": other.material,
                "unit": other.unit,
                "state": S(other.state).label,
                "pk": other.pk,
            }
            raise Refused(
                _("这份材料已经要过：%(unit)s 的“%(item)s”，现在是%(state)s（第 %(pk)s 号）。") % words
            )
        share = (
            Share.objects.filter(requirement=material.requirement_id, part=Part.LEAD)
            .select_related("unit")
            .first()
        )
        if unit is None and share is None:
            raise Refused(_("这条标准还没有主责单位，先在标准里定下，或选一个单位。"))
        holder = unit or (share.unit if share else None)
        assert holder is not None
        return _open(material, year, holder, due_on or material.due_on, by, at or timezone.now())


def _open(
    material: Material, year: int, unit: Unit, due_on: dt.date | None, by: Person, at: dt.datetime
) -> Item:
    item = Item(material=material, year=year, unit=unit, due_on=due_on, state=S.DRAFT, created_at=at)
    item.moment = at
    try:
        with transaction.atomic():
            item.save(force_insert=True)
    except IntegrityError as fault:
        raise Refused(_("这份材料刚刚已经有人要过，刷新再看。")) from fault
    given = {"unit_name": str(unit), "due_on": due_on}
    ItemFlow.record(item, ItemFlow.by_code["open"], by=by, cleaned=given, at=at, from_state="")
    return item


def _office(by: Person) -> None:
    if not rules.office.allows(by, None):
        raise NotAllowed(_("向单位要材料由创建办办。"))


# Writing ---------------------------------------------------------------------------------------------


def write_report(
    item: Item,
    report: str,
    *,
    by: Person,
    seen: str = "",
    at: dt.datetime | None = None,
    uid: uuid.UUID | None = None,
) -> Item:
    """Keeps the report as it is now; the same text again changes nothing.

    Raises Refused (state, post) or BadInput when somebody else wrote since `seen` (see `forms.mark_of`).
    """
    plain = report.replace("\r\n", "\n").strip()
    if Item.objects.filter(pk=item.pk, report=plain).exists():
        return item
    given = {"report": report, "seen": seen}
    return ItemFlow.take(item, "write", by=by, given=given, at=at, uid=uid).matter


def most_bytes() -> int:
    """The city's limit for one file."""
    return int(setting("document_megabytes", 30)) * documents.MIB


def add_document(
    item: Item, upload: Any, *, by: Person, title: str = "", number: str = "", dated_on: dt.date | None = None,
    address: str = "", uid: uuid.UUID | None = None, at: dt.datetime | None = None,
) -> Document:  # fmt: skip
    """Adds one piece of evidence: a file (or bytes), or an address alone; the same `uid` again returns the first.

    Raises NotAllowed or Refused (who, when, too many, nothing given), BadDocument or BadPicture for the file.
    """
    at, uid = at or timezone.now(), uid or uuid.uuid4()
    before = _sent_before(item, uid)
    if before is not None:
        return before
    _may(item, "attach", by)
    if upload is None and not address:
        raise Refused(_("选一个文件，或写网址。"))
    kept = documents.read(upload, max_bytes=most_bytes()) if upload is not None else None
    name = documents.plain_name(str(getattr(upload, "name", "") or ""))
    fresh = Document(item=item, number=number, dated_on=dated_on, address=address, file_name=name)
    fresh.title = title.strip()[:120] or name.rpartition(".")[0][:120] or address[:120]
    if kept is not None:
        fresh.text = reading.text_of(kept[1], kept[0].kind)
    try:
        with transaction.atomic():
            _attach(item, fresh, kept, by, uid, at)
    except IntegrityError:  # the same file sent twice at once: the other one won
        again = _sent_before(item, uid)
        if again is None:
            raise
        return again
    return fresh


def _attach(item: Item, fresh: Document, kept: Any, by: Person, uid: uuid.UUID, at: dt.datetime) -> None:
    row = Item.objects.select_for_update(of=("self",)).get(pk=item.pk)
    _may(row, "attach", by)
    rows = Document.objects.filter(item=row, removed_at=None)
    if rows.count() >= MOST_DOCUMENTS:
        raise Refused(_("已有 %(n)d 份佐证，够了。去掉用不着的再加。") % {"n": MOST_DOCUMENTS})
    last = rows.order_by("-rank").values_list("rank", flat=True).first()
    fresh.rank = (last or 0) + 1
    if kept is not None:
        fresh.evidence = _evidence(row, kept, by, uid, at)
    fresh.save(force_insert=True)
    sha = fresh.evidence.blob.sha256 if fresh.evidence else ""
    said = {"document": fresh.pk, "title": fresh.title, "sha256": sha, "address": fresh.address}
    ItemFlow.record(row, ItemFlow.by_code["attach"], by=by, cleaned=said, at=at, uid=uid)


def _evidence(item: Item, kept: Any, by: Person, uid: uuid.UUID, at: dt.datetime) -> Evidence:
    paper, data = kept
    blob = documents.keep(paper, data)
    evidence = Evidence(
        uid=uid, blob=blob, subject=item.subject, subject_id=item.pk, role=EvidenceRole.DOCUMENT, by=by, added_at=at,
        taken_at=blob.taken_at, time_source="exif" if blob.taken_at else "typed",
    )  # fmt: skip
    cases = [Case._meta.label_lower]
    earlier = (
        earlier_use(blob, subject=item.subject, subject_id=item.pk, also=cases)
        if blob.phash is not None
        else None
    )
    evidence.findings = {"reused_of": earlier} if earlier else {}
    evidence.save(force_insert=True)
    return evidence


def _sent_before(item: Item, uid: uuid.UUID) -> Document | None:
    entry = Entry.objects.filter(uid=uid).first()
    if entry is None:
        return None
    found = Document.objects.filter(pk=entry.given.get("document", 0), item=item).first()
    if found is None:
        raise Refused(_("这个编号已用在别处，刷新页面再传。"))
    return found


def _may(item: Item, code: str, by: Person) -> None:
    why = ItemFlow.why_not(item, ItemFlow.by_code[code], by)
    if why:
        raise NotAllowed(why) if not rules.writer.allows(by, item) else Refused(why)


def _change(
    document: Document, code: str, by: Person, at: dt.datetime | None, uid: uuid.UUID | None,
    act: Callable[[Document], dict[str, Any]],
) -> Document:  # fmt: skip
    """One change of a piece of evidence under its item's lock, with its entry; `act` gives what the entry says."""
    with transaction.atomic():
        item = Item.objects.select_for_update(of=("self",)).get(pk=document.item_id)
        if uid and Entry.objects.filter(uid=uid).exists():
            return Document.objects.get(pk=document.pk)
        _may(item, code, by)
        row = Document.objects.select_related("evidence__blob").get(pk=document.pk)
        said = act(row)
        if said:
            row.save()
            given = {"document": row.pk, "title": row.title, **said}
            ItemFlow.record(
                item, ItemFlow.by_code[code], by=by, cleaned=given, at=at or timezone.now(), uid=uid
            )
    return row


def describe_document(
    document: Document, given: Mapping[str, Any], *, by: Person, at: dt.datetime | None = None,
    uid: uuid.UUID | None = None,
) -> Document:  # fmt: skip
    """Changes title, number, date or address of a piece of evidence; the entry keeps old and new."""

    def act(row: Document) -> dict[str, Any]:
        changes = {}
        for name in ("title", "number", "dated_on", "address"):
            if name in given and getattr(row, name) != given[name]:
                changes[name] = [getattr(row, name), given[name]]
                setattr(row, name, given[name])
        return {"changes": changes} if changes else {}

    return _change(document, "describe", by, at, uid, act)


def remove_document(
    document: Document, *, by: Person, at: dt.datetime | None = None, uid: uuid.UUID | None = None
) -> Document:
    """Takes a piece of evidence out of its item; versions that were sent still name it, and it can be put back."""

    def act(row: Document) -> dict[str, Any]:
        if row.removed_at is not None:
            return {}
        row.removed_at = at or timezone.now()
        return {"reason": _("去掉")}

    return _change(document, "detach", by, at, uid, act)


def restore_document(
    document: Document, *, by: Person, at: dt.datetime | None = None, uid: uuid.UUID | None = None
) -> Document:
    """Puts back what was taken out: undo instead of asking twice."""

    def act(row: Document) -> dict[str, Any]:
        if row.removed_at is None:
            return {}
        row.removed_at = None
        return {"reason": _("恢复")}

    return _change(document, "put_back", by, at, uid, act)


def end_use(item: Item, material: Material, *, by: Person, at: dt.datetime | None = None) -> Item:
    """The item no longer serves that material, which can be asked for again. Raises NotAllowed or Refused."""
    with transaction.atomic():
        row = Item.objects.select_for_update(of=("self",)).get(pk=item.pk)
        step = ItemFlow.by_code["unserve"]
        why = ItemFlow.why_not(row, step, by)
        if why:
            raise NotAllowed(why) if not rules.office.allows(by, row) else Refused(why)
        if not Use.objects.filter(item=row, material=material).delete()[0]:
            raise Refused(_("这份材料没有共用到那里。"))
        into = f"{material.requirement.node.code} {material.code}"
        ItemFlow.record(row, step, by=by, cleaned={"into": into}, at=at or timezone.now())
    return row
