"""The row of tabs of the pages behind the public doors: each person sees those he may open."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chuangwen.kernel.people.models import Person, Role
from chuangwen.kernel.people.rules import Rule, holds
from chuangwen.problems import rules

_keeper = holds(Role.OFFICE, Role.ADMIN)
# Address, label, who opens it: the rule of the page itself.
PUBLIC_TABS: tuple[tuple[str, Promise, Rule], ...] = (
    ("/submissions/", _("来件"), rules.dispatcher),
    ("/publications/", _("公开"), rules.desk),
    ("/ideas/", _("建言"), rules.desk),
    ("/campaigns/", _("找茬活动"), _keeper),
    ("/asides/", _("另存"), rules.desk),
    ("/partners/", _("对接"), rules.partner_door),
    ("/tokens/", _("令牌"), _keeper),
    ("/webhooks/", _("推送"), _keeper),
)


def public_tabs_for(person: Person) -> list[tuple[str, Promise]]:
    """Address and label of each tab this person may open."""
    return [(href, label) for href, label, rule in PUBLIC_TABS if rule.allows(person, None)]
