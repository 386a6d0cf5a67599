"""Whom each step of an objection tells: the office when the unit speaks, the unit when the office does."""

from __future__ import annotations

from django.utils.translation import gettext as _

from chuangwen.assessment.ranking_models import Objection, ObjectionState
from chuangwen.kernel.models import Entry, Post
from chuangwen.kernel.people.models import Role
from chuangwen.kernel.workflow.notices import Tell


def _office(objection: Objection, kind: str, words: str, *roles: Role) -> list[Tell]:
    people = Post.objects.in_force().filter(role__in=roles).order_by("person_id")
    url = objection.get_absolute_url()
    ids = people.values_list("person_id", flat=True).distinct()
    return [Tell(objection, kind, words, person_id=pk, url=url) for pk in ids]


def _named(objection: Objection, words: str) -> str:
    return f"{words}{objection.number} {objection.line.ranking} {objection.unit}"


def raised(objection: Objection, entry: Entry) -> list[Tell]:
    return _office(objection, "objection", _named(objection, _("申诉待初核：")), Role.CLERK, Role.OFFICE)


def looked(objection: Objection, entry: Entry) -> list[Tell]:
    """Those who may decide, without the one who looked first."""
    told = _office(objection, "objection", _named(objection, _("申诉已初核，待决定：")), Role.OFFICE)
    return [tell for tell in told if tell.person_id != entry.by_id]


def answered(objection: Objection, entry: Entry) -> list[Tell]:
    granted = objection.state == ObjectionState.GRANTED
    words = _("申诉已采纳，得分已重算：") if granted else _("申诉不采纳，理由已写明：")
    line = f"{words}{objection.number} {objection.line.ranking}"
    url = objection.get_absolute_url()
    return [Tell(objection, entry.step, line, unit_id=objection.unit_id, role=Role.LIAISON, url=url)]


def withdrawn(objection: Objection, entry: Entry) -> list[Tell]:
    return _office(objection, "withdrawn", _named(objection, _("申诉已撤回：")), Role.CLERK, Role.OFFICE)
