"""Whom each step of the dossier tells, in one sentence that says what, which year and until when."""

from __future__ import annotations

from django.utils.translation import gettext as _

from chuangwen.dossier.models import Item
from chuangwen.dossier.models import State as S
from chuangwen.kernel.models import Entry, Post
from chuangwen.kernel.people.models import Role
from chuangwen.kernel.workflow.notices import Tell

REVIEWERS = {S.OFFICE_CHECK: (Role.CLERK,), S.FINAL_CHECK: (Role.OFFICE,)}


def _line(item: Item, words: str) -> str:
    return f"{words}{str(item.material).rstrip('。')}（{item.year}）"


def _unit(item: Item, kind: str, words: str, role: str = Role.LIAISON) -> list[Tell]:
    return [
        Tell(item, kind, _line(item, words), unit_id=item.unit_id, role=role, url=item.get_absolute_url())
    ]


def opened(item: Item, entry: Entry) -> list[Tell]:
    until = _("%(day)s 前") % {"day": item.due_on.isoformat()} if item.due_on else ""
    return _unit(item, "material", _("要报材料 %(until)s：") % {"until": until})


def to_reviewer(item: Item, entry: Entry) -> list[Tell]:
    """Whoever reviews next: the unit's head, or the office's people at that level."""
    if item.state == S.UNIT_CHECK:
        return _unit(item, "to_check", _("材料待负责人审核："), Role.HEAD)
    roles = REVIEWERS[S(item.state)]
    people = Post.objects.in_force().filter(role__in=roles).values_list("person_id", flat=True).distinct()
    words = _line(item, _("材料待审核（%(unit)s）：") % {"unit": item.unit})
    return [Tell(item, "to_check", words, person_id=pk, url=item.get_absolute_url()) for pk in people]


def to_unit(item: Item, entry: Entry) -> list[Tell]:
    words = {
        "accept": _("材料已入卷："), "accept_final": _("材料已入卷："), "reopen": _("材料要再报："), "void": _("材料不需要了："),
        "return_unit": _("材料退回："), "return_office": _("材料退回："), "return_final": _("材料退回："),
    }  # fmt: skip
    return _unit(item, entry.step, words[entry.step])


def urged(item: Item, entry: Entry) -> list[Tell]:
    role = Role.HEAD if item.state == S.UNIT_CHECK else Role.LIAISON
    return _unit(item, "urge", _("催报材料："), role)
