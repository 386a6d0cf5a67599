"""Whom each step tells, in one sentence that says what, where and until when."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.kernel.models import Entry, Post
from chuangwen.kernel.people.models import Role
from chuangwen.kernel.workflow.notices import Tell
from chuangwen.problems.models import Case, Handover


def _until(case: Case) -> str:
    return timezone.localtime(case.due_at).strftime("%m-%d %H:%M") if case.due_at else _("未定")


def _line(case: Case, words: str) -> str:
    return f"{words} {case.number} {case.what}，{case.address}"


def _unit(case: Case, kind: str, words: str, role: str = Role.LIAISON, urgent: bool = False) -> list[Tell]:
    return [
        Tell(
            case,
            kind,
            _line(case, words),
            unit_id=case.unit_id,
            role=role,
            url=case.get_absolute_url(),
            urgent=urgent,
        )
    ]


def assigned(case: Case, entry: Entry) -> list[Tell]:
    urgent = case.due_unit == "urgent_hour"
    return _unit(case, "assigned", _("新案件，%(until)s 到期：") % {"until": _until(case)}, urgent=urgent)


def to_unit(case: Case, entry: Entry) -> list[Tell]:
    words = {
        "pass": _("核查通过，已销号："), "reject": _("核查没通过，要再整改："), "spot_fail": _("抽查不合格，要再整改："),
        "rule_extension": _("延期申请有了结果："), "rule_appeal": _("申诉有了答复："), "hold": _("已挂账："),
        "resume": _("恢复办理："), "hold_ends": _("挂账到期，恢复办理："),
    }  # fmt: skip
    return _unit(case, entry.step, words[entry.step])


def supervised(case: Case, entry: Entry) -> list[Tell]:
    return _unit(case, "supervise", _("督办："), Role.HEAD, urgent=True)


def urged(case: Case, entry: Entry) -> list[Tell]:
    return _unit(case, "urge", _("催办，%(until)s 到期：") % {"until": _until(case)})


def asked(case: Case, entry: Entry) -> list[Tell]:
    """A leader asks: the head of the unit is told at once; where no unit has the case, the office."""
    if case.unit_id is None:
        words = _line(case, _("市领导问这件怎么定："))
        return _posts((Role.OFFICE,), case, "ask", words, case.get_absolute_url())
    return _unit(case, "ask", _("市领导问这件的进展："), Role.HEAD, urgent=True)


def reminded(case: Case, entry: Entry) -> list[Tell]:
    head = entry.given.get("action") == "remind_head"
    return _unit(
        case,
        "remind",
        _("快到期或已超期（%(until)s）：") % {"until": _until(case)},
        Role.HEAD if head else Role.LIAISON,
    )


def _posts(roles: tuple[str, ...], matter: Any, kind: str, words: str, url: str) -> list[Tell]:
    people = Post.objects.in_force().filter(role__in=roles).values_list("person_id", flat=True).distinct()
    return [Tell(matter, kind, words, person_id=pk, url=url) for pk in people]


def returned(case: Case, entry: Entry) -> list[Tell]:
    roles = (Role.OFFICE,) if case.state == "disputed" else (Role.DISPATCHER,)
    return _posts(roles, case, "returned", _line(case, _("退回，要重新派：")), case.get_absolute_url())


def to_office(case: Case, entry: Entry) -> list[Tell]:
    words = _("申诉待答复：") if entry.step == "appeal" else _("延期待批：")
    return _posts((Role.CLERK,), case, entry.step, _line(case, words), case.get_absolute_url())


def to_checkers(case: Case, entry: Entry) -> list[Tell]:
    return _posts(
        (Role.CHECKER,), case, entry.step, _line(case, _("要到现场复查：")), case.get_absolute_url()
    )


def handed_over(handover: Handover, entry: Entry) -> list[Tell]:
    case = handover.case
    return [
        Tell(handover, "handover", _line(case, _("移交给你处：")), unit_id=handover.to_unit_id, role="supervisor",
             url=handover.get_absolute_url(), urgent=True)
    ]  # fmt: skip


def outcome_back(handover: Handover, entry: Entry) -> list[Tell]:
    words = _line(handover.case, _("移交有了结果："))
    return _posts((Role.OFFICE,), handover, "outcome", words, handover.get_absolute_url())


def asked_to_hold(case: Case) -> list[Tell]:
    """A partner that has the case asks to put it off: the office decides."""
    return _posts((Role.CLERK,), case, "hold", _line(case, _("对接平台申请挂账：")), case.get_absolute_url())
