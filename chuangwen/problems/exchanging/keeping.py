"""Setting partners up, mapping their codes, and playing kept messages again, whatever kind they are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from chuangwen.kernel.city import forget
from chuangwen.kernel.models import Person, Unit
from chuangwen.kernel.workflow import history
from chuangwen.kernel.workflow.flow import NotAllowed, Refused
from chuangwen.problems import rules
from chuangwen.problems.exchanging import sending
from chuangwen.problems.exchanging.messages import Unreadable
from chuangwen.problems.exchanging.orders import play_orders
from chuangwen.problems.exchanging.points import reading_of
from chuangwen.problems.exchanging.taking import play
from chuangwen.problems.models import CaseKind, ExchangeKind, ExchangeMessage, ExchangeState, Partner

COLUMNS = ("code", "name", "projection", "url", "is_soap", "person", "is_on", "source")
MOST_CODE = 60
MOST_AT_ONCE = 200


def save_partner(
    partner: Partner, given: Mapping[str, Any], *, by: Person, at: dt.datetime | None = None
) -> Partner:
    """Makes or changes a partner; every change is in its own chain. Raises NotAllowed, Refused."""
    if not rules.partner_keeper.allows(by, None):
        raise NotAllowed(_("对接平台由创建办或管理员设置。"))
    try:
        reading_of(str(given.get("projection", partner.projection)))
    except Unreadable as fault:
        raise Refused(fault.sentence) from fault
    url = str(given.get("url", ""))
    if url and not url.startswith(("http://", "https://")):
        raise Refused(_("回传地址要以 http:// 或 https:// 开头。"))
    with transaction.atomic():
        changes = {}
        for name in COLUMNS:
            if name in given and getattr(partner, f"{name}_id" if name == "person" else name, None) != _plain(
                given[name]
            ):
                old = partner.person_id if name == "person" else getattr(partner, name)
                changes[name] = (_shown(name, old), _shown(name, _plain(given[name])))
                setattr(partner, name, given[name])
        partner.save()
        history.log_change(partner, by_id=by.pk, changes=changes, at=at)
    forget()
    return partner


def _plain(value: Any) -> Any:
    return value.pk if isinstance(value, Person) else value


def _shown(name: str, value: Any) -> Any:
    """A column as history may keep it: an address without its password."""
    return sending.shown_url(value) if name == "url" and value else value


def map_code(partner: Partner, what: str, theirs: str, ours: str, *, by: Person) -> None:
    """Puts one of our codes beside one of theirs ("": takes it away). Raises NotAllowed, Refused."""
    if not rules.desk.allows(by, None):
        raise NotAllowed(_("对照由创建办或督导员设置。"))
    theirs, ours = theirs.strip(), ours.strip()
    if what not in ("kinds", "units") or not theirs or len(theirs) > MOST_CODE:
        raise Refused(_("写对方的编码，最多 %(n)d 个字。") % {"n": MOST_CODE})
    there = CaseKind.objects if what == "kinds" else Unit.objects
    if ours and not there.filter(code=ours, is_active=True).exists():
        raise Refused(_("我们这边没有编码 %(code)s，从列表里选。") % {"code": ours})
    with transaction.atomic():
        partner = Partner.objects.select_for_update(of=("self",)).get(pk=partner.pk)
        codes = dict(getattr(partner, what))
        old = codes.pop(theirs, "")
        if ours:
            codes[theirs] = ours
        setattr(partner, what, codes)
        partner.save(update_fields=[what])
        if old != ours:
            history.log_change(partner, by_id=by.pk, changes={f"{what} {theirs}": (old, ours)})


def failed_of(partner: Partner | None = None) -> QuerySet[ExchangeMessage]:
    """Failed messages, oldest first."""
    rows = ExchangeMessage.objects.filter(state=ExchangeState.FAILED).select_related("partner__person")
    return (rows.filter(partner=partner) if partner else rows).order_by("at", "pk")


def play_again(row: ExchangeMessage) -> ExchangeMessage:
    """One kept message once more: taken in, imported, or put back to be sent. Doing it twice is harmless."""
    if row.is_out:
        sending.send_again(row)
        row.refresh_from_db()
        return row
    return play_orders(row) if row.kind == ExchangeKind.ORDER else play(row)


def play_all(rows: Iterable[ExchangeMessage]) -> tuple[int, int]:
    """(came through, failed again)."""
    states = [play_again(row).state for row in rows]
    failed = states.count(ExchangeState.FAILED)
    return len(states) - failed, failed
