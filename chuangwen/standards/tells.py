"""Whom each step of a 提示通知 tells."""

from __future__ import annotations

from django.utils.translation import gettext as _

from chuangwen.kernel.models import Entry, Post
from chuangwen.kernel.people.models import Role
from chuangwen.kernel.workflow.notices import Tell
from chuangwen.standards.models import DutyNotice


def _unit(notice: DutyNotice, kind: str, words: str) -> list[Tell]:
    line = f"{words}{notice.number} {notice.edition}"
    return [
        Tell(notice, kind, line, unit_id=notice.unit_id, role=Role.LIAISON, url=notice.get_absolute_url())
    ]


def issued(notice: DutyNotice, entry: Entry) -> list[Tell]:
    return _unit(
        notice, "notice", _("提示通知，%(day)s 前回复：") % {"day": notice.reply_on.strftime("%m-%d")}
    )


def urged(notice: DutyNotice, entry: Entry) -> list[Tell]:
    return _unit(
        notice, "urge", _("提示通知等你签收回复，%(day)s 到期：") % {"day": notice.reply_on.strftime("%m-%d")}
    )


def withdrawn(notice: DutyNotice, entry: Entry) -> list[Tell]:
    """A draft was never told of, so neither is its end."""
    return [] if entry.from_state == "draft" else _unit(notice, "withdrawn", _("提示通知已撤回："))


def replied(notice: DutyNotice, entry: Entry) -> list[Tell]:
    words = _("%(unit)s回复了提示通知：") % {"unit": notice.unit} + notice.number
    people = Post.objects.in_force().filter(role=Role.OFFICE).values_list("person_id", flat=True).distinct()
    return [Tell(notice, "replied", words, person_id=pk, url=notice.get_absolute_url()) for pk in people]
