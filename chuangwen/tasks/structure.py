"""Changing the command structure (row 3): groups added, renamed, moved, ended, their members and who leads them."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.kernel.city import forget
from chuangwen.kernel.models import Counter, Person, Post, Unit
from chuangwen.kernel.people.models import Role, UnitKind
from chuangwen.kernel.workflow import history
from chuangwen.kernel.workflow.flow import NotAllowed, Refused
from chuangwen.tasks import rules
from chuangwen.tasks.meeting_models import GroupMember

KINDS = (UnitKind.COMMAND, UnitKind.GROUP, UnitKind.OFFICE_GROUP, UnitKind.DISTRICT_OFFICE, UnitKind.PRECINCT)


def _may(by: Person) -> None:
    if not rules.structure.allows(by, None):
        raise NotAllowed(_("指挥体系由创建办改。"))


def _locked(unit: Unit) -> Unit:
    row = Unit.objects.select_for_update(of=("self",)).get(pk=unit.pk)
    if row.kind not in KINDS:
        raise Refused(_("%(unit)s不是工作组，在“单位”里改。") % {"unit": row.name})
    return row


def _new_code() -> str:
    while True:
        code = f"G{Counter.next('group')}"
        if not Unit.objects.filter(code=code).exists():
            return code


@transaction.atomic
def add_group(name: str, kind: str, parent: Unit | None, *, by: Person, short_name: str = "") -> Unit:
    """A new group under another body of the structure; the same name under the same parent again gives the one there."""
    _may(by)
    name = name.strip()[:80]
    if not name or kind not in KINDS:
        raise Refused(_("写名称并选类型。"))
    if parent is not None:
        parent = Unit.objects.select_for_update(of=("self",)).get(pk=parent.pk)
    known = Unit.objects.filter(name=name, parent=parent, is_active=True).first()
    if known is not None:
        return known
    code = _new_code()
    path = f"{parent.path}/{code}" if parent else code
    unit = Unit.objects.create(
        code=code, name=name, short_name=(short_name.strip() or name)[:30], kind=kind, parent=parent, path=path,
        source=_("在“指挥体系”里加"),
    )  # fmt: skip
    changes = {"name": (None, name), "kind": (None, kind), "parent": (None, parent.pk if parent else None)}
    history.log_change(unit, by_id=by.pk, changes=changes)
    forget()
    return unit


@transaction.atomic
def rename_group(unit: Unit, name: str, short_name: str = "", *, by: Person) -> Unit:
    """Another name; codes stay, so that all that hangs on the group keeps hanging."""
    _may(by)
    row, name = _locked(unit), name.strip()[:80]
    if not name:
        raise Refused(_("名称不能空。"))
    new = (name, (short_name.strip() or name)[:30])
    changes = {
        field: (getattr(row, field), value)
        for field, value in zip(("name", "short_name"), new, strict=True)
        if getattr(row, field) != value
    }
    row.name, row.short_name = new
    row.save(update_fields=["name", "short_name"])
    history.log_change(row, by_id=by.pk, changes=changes)
    forget()
    return row


@transaction.atomic
def move_group(unit: Unit, parent: Unit | None, *, by: Person) -> Unit:
    """Puts a group with all below it under another body. Raises Refused for a move under itself."""
    _may(by)
    # All rows of the structure at once: two moves at the same moment cannot make a ring between them.
    rows = {
        row.pk: row
        for row in Unit.objects.select_for_update(of=("self",)).filter(kind__in=KINDS).order_by("pk")
    }
    row = rows.get(unit.pk) or _locked(unit)
    above = rows.get(parent.pk) if parent else None
    if parent is not None and above is None:
        raise Refused(_("上级要是指挥部或工作组。"))
    if above is not None and f"{above.path}/".startswith(f"{row.path}/"):
        raise Refused(_("上级不能是自己或自己的下级。"))
    if row.parent_id == (above.pk if above else None):
        return row
    before, old = row.parent_id, row.path
    row.parent, row.path = above, f"{above.path}/{row.code}" if above else row.code
    row.save(update_fields=["parent", "path"])
    for below in Unit.objects.filter(path__gte=f"{old}/", path__lt=f"{old}0"):
        below.path = row.path + below.path[len(old) :]
        below.save(update_fields=["path"])
    history.log_change(row, by_id=by.pk, changes={"parent": (before, above.pk if above else None)})
    forget()
    return row


@transaction.atomic
def end_group(unit: Unit, *, by: Person, on: dt.date | None = None) -> Unit:
    """Ends a group: it takes no new work, its posts and members end with it, its past stays.

    Raises Refused while it has groups below it or open tasks.
    """
    from chuangwen.tasks.models import ENDED, Task  # the structure knows tasks only here

    _may(by)
    row, on = _locked(unit), on or timezone.localdate()
    if not row.is_active:
        return row
    if Unit.objects.filter(parent=row, is_active=True).exists():
        raise Refused(_("%(unit)s下面还有工作组，先移走或撤销它们。") % {"unit": row.name})
    left = Task.objects.filter(unit=row).exclude(state__in=ENDED).count()
    if left:
        raise Refused(_("%(unit)s还有 %(n)d 项未完任务，先改派。") % {"unit": row.name, "n": left})
    row.is_active = False
    row.save(update_fields=["is_active"])
    for period in (
        *Post.objects.in_force(on).filter(unit=row),
        *GroupMember.objects.filter(group=row, to_on__isnull=True),
    ):
        _end(period, on, by)
    history.log_change(row, by_id=by.pk, changes={"is_active": (True, False)})
    forget()
    return row


def _end(row: Post | GroupMember, on: dt.date, by: Person) -> None:
    before, row.to_on = row.to_on, max(on, row.from_on)
    row.save(update_fields=["to_on"])
    history.log_change(row, by_id=by.pk, changes={"to_on": (before, row.to_on)})


@transaction.atomic
def add_member(
    group: Unit, unit: Unit, *, by: Person, is_lead: bool = False, from_on: dt.date | None = None
) -> GroupMember:
    """A unit becomes a member of a group from a day on; one that is a member stays it, as lead or not as said now."""
    _may(by)
    group = _locked(group)
    if group.pk == unit.pk:
        raise Refused(_("工作组不能是自己的成员。"))
    row = GroupMember.objects.filter(group=group, unit=unit, to_on__isnull=True).first()
    if row is None:
        row = GroupMember.objects.create(
            group=group, unit=unit, is_lead=is_lead, from_on=from_on or timezone.localdate()
        )
        changes = {"group": (None, group.pk), "unit": (None, unit.pk), "is_lead": (None, is_lead)}
        history.log_change(row, by_id=by.pk, changes=changes)
    elif row.is_lead != is_lead:
        row.is_lead = is_lead
        row.save(update_fields=["is_lead"])
        history.log_change(row, by_id=by.pk, changes={"is_lead": (not is_lead, is_lead)})
    return row


@transaction.atomic
def end_member(member: GroupMember, *, by: Person, on: dt.date | None = None) -> GroupMember:
    """The membership ends today (or on a day given); the row stays with its period. Twice is once."""
    _may(by)
    row = GroupMember.objects.select_for_update(of=("self",)).get(pk=member.pk)
    if row.to_on is None:
        _end(row, on or timezone.localdate(), by)
    return row


@transaction.atomic
def set_leader(group: Unit, person: Person, title: str, *, by: Person, on: dt.date | None = None) -> Post:
    """The person becomes head of the group from a day on; who held the same title there before ends the day before."""
    _may(by)
    group, on = _locked(group), on or timezone.localdate()
    title = title.strip()[:60] or _("组长")
    held = Post.objects.in_force(on).filter(unit=group, role=Role.HEAD, title=title, stand_in_for=None)
    same = held.filter(person=person).first()
    if same is not None:
        return same
    for post in held:
        _end(post, on - dt.timedelta(days=1), by)
    row, made = Post.objects.get_or_create(
        person=person, role=Role.HEAD, unit=group, area=None, from_on=on, defaults={"title": title}
    )
    if made:
        changes = {"person": (None, person.pk), "unit": (None, group.pk), "title": (None, title)}
        history.log_change(row, by_id=by.pk, changes=changes)
    return row
