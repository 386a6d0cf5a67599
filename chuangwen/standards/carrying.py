"""When an edition follows another: the difference of the loaded trees, and one decision a standard what is carried over."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.kernel.models import Person
from chuangwen.kernel.workflow import history
from chuangwen.kernel.workflow.flow import NotAllowed, Refused
from chuangwen.standards import rules
from chuangwen.standards.difference import Difference, Leaf, compare
from chuangwen.standards.models import (
    Carry,
    Decision,
    Edition,
    Material,
    Node,
    Requirement,
    Share,
    Tier,
)


def leaves(edition: Edition) -> list[Leaf]:
    """The standards of an edition in order, as `difference` compares them; two queries."""
    cells: dict[int, list[tuple[str, Decimal]]] = defaultdict(list)
    needs = Requirement.objects.filter(node__edition=edition).order_by("node_id", "method")
    for node, method, full in needs.values_list("node_id", "method", "full"):
        cells[node].append((method, full))
    nodes = (
        Node.objects.filter(edition=edition, tier=Tier.STANDARD)
        .select_related("parent")
        .order_by("rank", "pk")
    )
    return [
        Leaf(
            node.pk,
            node.code,
            node.parent.code if node.parent else "",
            node.name,
            node.text,
            node.full,
            tuple(cells[node.pk]),
        )
        for node in nodes
    ]


def compare_editions(old: Edition, new: Edition) -> Difference:
    return compare(leaves(old), leaves(new))


def decisions(edition: Edition) -> dict[int, Carry]:
    """What was decided so far, by the old standard's id."""
    rows = Carry.objects.filter(edition=edition, old__isnull=False).select_related("by", "new")
    return {row.old_id: row for row in rows if row.old_id}


def decide_carry(
    edition: Edition, old: Node, new: Node | None, decision: str, *, by: Person, note: str = ""
) -> Carry:
    """The decision on one old standard: carried over to `new`, or not. The same again changes nothing.

    Raises Refused when the standards are not of these editions, or the new one already has another predecessor.
    """
    _allowed(by)
    with transaction.atomic():
        Edition.objects.select_for_update().get(pk=edition.pk)
        return _decide(edition, old, new, decision, by, note)


def carry_unchanged(old: Edition, new: Edition, *, by: Person) -> int:
    """Carries every standard over that is the same in both and not decided yet; returns how many."""
    _allowed(by)
    with transaction.atomic():
        Edition.objects.select_for_update().get(pk=new.pk)
        done = decisions(new)
        taken = set(Carry.objects.filter(edition=new, new__isnull=False).values_list("new_id", flat=True))
        pairs = [
            (p.old.pk, p.new.pk)
            for p in compare_editions(old, new).pairs
            if p.is_same and p.old and p.new and p.old.pk not in done and p.new.pk not in taken
        ]
        nodes = Node.objects.in_bulk([pk for pair in pairs for pk in pair])
        for old_pk, new_pk in pairs:
            _decide(new, nodes[old_pk], nodes[new_pk], Decision.CARRY, by, "")
        return len(pairs)


def _allowed(by: Person) -> None:
    if not rules.edit.allows(by, None):
        raise NotAllowed(_("沿用由创建办定。"))


def _decide(edition: Edition, old: Node, new: Node | None, decision: str, by: Person, note: str) -> Carry:
    if decision not in Decision.values:
        raise Refused(_("只有沿用和不沿用两种决定。"))
    if old.edition_id == edition.pk or (new is not None and new.edition_id != edition.pk):
        raise Refused(_("新旧标准要分别属于新旧两个版本。"))
    if decision == Decision.CARRY and new is None:
        raise Refused(_("选一条接手的新标准，再沿用。"))
    if new is not None and Carry.objects.filter(edition=edition, new=new).exclude(old=old).exists():
        raise Refused(_("%(code)s 已经接手另一条旧标准，换一条。") % {"code": new.code})
    before = Carry.objects.filter(edition=edition, old=old).first()
    if before is not None and (before.new_id, before.decision) == (new.pk if new else None, decision):
        return before
    values = {"new": new, "decision": decision, "by": by, "at": timezone.now(), "note": note[:200]}
    row, _made = Carry.objects.update_or_create(edition=edition, old=old, defaults=values)
    words = {
        "decision": (before.decision if before else None, decision),
        "new": (before.new_id if before else None, row.new_id),
    }
    history.log_change(row, by_id=by.pk, changes=words)
    if decision == Decision.CARRY and new is not None:
        _carry(old, new, by)
    return row


def _carry(old: Node, new: Node, by: Person) -> None:
    """Units, waivers and links of materials go to the requirement of the same method that has none of its own yet."""
    olds = {need.method: need for need in old.requirements.prefetch_related("shares__unit")}
    for need in new.requirements.prefetch_related("shares", "materials"):
        before = olds.get(need.method)
        if before is None:
            continue
        changes: dict[str, tuple[object, object]] = {}
        if not need.shares.all() and before.shares.all():
            reason = _("沿用 %(edition)s") % {"edition": old.edition}
            Share.objects.bulk_create(
                Share(requirement=need, unit=s.unit, part=s.part, reason=reason[:200])
                for s in before.shares.all()
            )
            changes["shares"] = (
                "",
                "、".join(f"{s.unit}（{s.get_part_display()}）" for s in before.shares.all()),
            )
        if before.waived_reason and not need.waived_reason:
            need.waived_reason, need.waived_by = before.waived_reason, by
            need.save(update_fields=["waived_reason", "waived_by"])
            changes["waived_reason"] = ("", need.waived_reason)
        _carry_links(before, need)
        if changes:
            history.log_change(need, by_id=by.pk, changes=changes)


def _carry_links(before: Requirement, need: Requirement) -> None:
    """A material that was served by another one still is, where the new edition has both under the same codes."""
    served = {m.code: m.same_as.code for m in before.materials.select_related("same_as") if m.same_as}
    inside = Material.objects.filter(requirement__node__edition=need.node.edition_id)
    for material in need.materials.all():
        code = served.get(material.code)
        if code and material.same_as_id is None:
            material.same_as = inside.filter(code=code, same_as=None).exclude(pk=material.pk).first()
            if material.same_as:
                material.save(update_fields=["same_as"])
