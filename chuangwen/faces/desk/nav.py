"""The main navigation: what each post sees in the top line."""

from __future__ import annotations

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from chuangwen.assessment import rules as score_rules
from chuangwen.dossier import rules as dossier_rules
from chuangwen.inspections import rules as round_rules
from chuangwen.kernel.people.models import Person, Role
from chuangwen.kernel.people.rules import ANYONE, Rule, holds
from chuangwen.papers import rules as paper_rules
from chuangwen.problems import rules
from chuangwen.surveys import rules as survey_rules
from chuangwen.tasks import rules as task_rules

ranking_door = score_rules.ranking_overview | holds(
    Role.LIAISON, Role.HEAD, Role.DISPATCHER, Role.CHECKER, Role.INSPECTOR
)


class Item(NamedTuple):
    code: str
    href: str
    label: Promise
    rule: Rule


NAV = (
    Item("today", "/", _("今天"), ANYONE),
    Item("cases", "/cases/", _("案件"), ANYONE),
    Item("submissions", "/submissions/", _("公众"), rules.dispatcher),
    Item("map", "/map/", _("地图"), ANYONE),
    Item("standards", "/standards/", pgettext_lazy("menu", "标准"), ANYONE),
    Item("tasks", "/tasks/", _("任务"), task_rules.see_list),
    Item("rhythm", "/rhythm/", _("会议"), holds(Role.OFFICE, Role.CLERK, Role.LEADER)),
    Item("dossier", "/dossier/", _("材料"), dossier_rules.door),
    Item("rounds", "/rounds/", _("考察"), round_rules.see_list),
    Item("surveys", "/surveys/", _("问卷"), survey_rules.read),
    Item("scores", "/scores/", _("得分"), score_rules.read),
    Item("rankings", "/rankings/", pgettext_lazy("menu", "排名"), ranking_door),
    Item("sites", "/sites/", pgettext_lazy("menu", "点位"), ANYONE),
    Item("duties", "/duties/", pgettext_lazy("menu", "责任"), ANYONE),
    Item("things", "/things/", _("设施"), ANYONE),
    Item("rates", "/rates/", _("统计"), rules.reader | holds(Role.HEAD, Role.LIAISON)),
    Item("papers", "/papers/", _("公文"), paper_rules.door),
)


def nav_for(person: Person | None) -> list[Item]:
    if person is None or not person.is_authenticated:
        return []
    return [item for item in NAV if item.rule.allows(person, None)]
