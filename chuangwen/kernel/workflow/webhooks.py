"""Webhooks: a step of a matter becomes one row per address that may hear of it, and the worker sends the rows.

The rows are written in the step's own transaction: a step taken back was never told, one that holds is told once it can
be. At most one message is given up, after a day; the same message keeps its id however often it is sent.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import logging
import secrets
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, Model, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.kernel.city import briefly, forget
from chuangwen.kernel.models import Delivery, Entry, Person, Webhook
from chuangwen.kernel.people.rules import Rule
from chuangwen.kernel.workflow import history
from chuangwen.kernel.workflow.flow import EVERY, reacts_to
from chuangwen.kernel.workflow.outgoing import BadAddress, NotReached, post, target_of

log = logging.getLogger(__name__)
LONGEST = dt.timedelta(days=366)
GIVE_UP = dt.timedelta(hours=24)
KEPT = dt.timedelta(days=30)
MOST = 200  # messages of one turn


class BadWebhook(ValueError):
    """A webhook that cannot be made; the text says why."""


@dataclass(frozen=True)
class Told:
    """What may be told of one kind of matter: who may see it, and what is said of it (no personal data)."""

    model: type[Model]
    rule: Rule
    about: Callable[[Any], dict[str, Any]]


_told: dict[str, Told] = {}


def tell_webhooks(model: type[Model], rule: Rule, about: Callable[[Any], dict[str, Any]]) -> None:
    """Registers a kind of matter whose steps webhooks may hear of; called once by the domain's reactions."""
    subject = model._meta.label_lower
    _told[subject] = Told(model, rule, about)
    reacts_to(subject, EVERY)(_write)


def in_force(now: dt.datetime | None = None) -> QuerySet[Webhook]:
    """Webhooks that are sent to now: on, not ended, of a person still active."""
    day = timezone.localdate(now)
    rows = Webhook.objects.filter(is_on=True, ends_on__gte=day, person__is_active=True)
    return rows.select_related("person").order_by("pk")


@briefly
def _listening() -> list[Webhook]:
    return list(in_force())


def is_wanted(webhook: Webhook, subject: str, step: str) -> bool:
    return not webhook.steps or f"{subject}:{step}" in webhook.steps


def _write(matter: Any, entry: Entry, by: Person | None) -> None:
    """One row per webhook that may hear of this step; no query where there is no webhook."""
    told = _told[matter.subject]
    rows = []
    for webhook in _listening():
        if is_wanted(webhook, matter.subject, entry.step) and told.rule.allows(webhook.person, matter):
            uid = uuid.uuid4()
            rows.append(
                Delivery(webhook=webhook, entry=entry, uid=uid, body=body_of(uid, entry, told.about(matter)))
            )
    if rows:
        Delivery.objects.bulk_create(rows)


def body_of(uid: uuid.UUID, entry: Entry, about: dict[str, Any]) -> dict[str, Any]:
    """What is sent: the message's id, the step, and the public-safe columns of the matter at that moment."""
    return {
        "id": str(uid), "event": f"{entry.subject}:{entry.step}", "step": entry.step, "from": entry.from_state,
        "to": entry.to_state, "at": entry.at.isoformat(), entry.subject.rpartition(".")[2]: about,
    }  # fmt: skip


def signature(secret: str, body: bytes, moment: int) -> str:
    """`t=…,v1=…`: HMAC-SHA256 in hex over the time, a full stop and the body, with the webhook's secret."""
    made = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256)
    return f"t={moment},v1={made.hexdigest()}"


def make_webhook(
    *, name: str, url: str, person: Person, steps: Iterable[str], ends_on: dt.date, by: Person
) -> Webhook:
    """A new address to be told; its `secret` is shown once by the caller. Raises BadWebhook, BadAddress."""
    target_of(url)
    wanted, today = sorted(set(steps)), timezone.localdate()
    if not today <= ends_on <= today + LONGEST:
        raise BadWebhook(_("到期日从今天起，最长一年。"))
    if not person.is_active:
        raise BadWebhook(_("这个人员已停用，换一个。"))
    with transaction.atomic():
        row = Webhook.objects.create(
            name=name[:80], url=url, secret=secrets.token_urlsafe(32), person=person, steps=wanted, ends_on=ends_on,
            made_by=by,
        )  # fmt: skip
        history.log_change(row, by_id=by.pk, changes={
            "name": (None, row.name), "url": (None, url), "person": (None, person.pk), "steps": (None, wanted),
            "ends_on": (None, ends_on),
        })  # fmt: skip
    forget()
    return row


@transaction.atomic
def set_on(webhook: Webhook, is_on: bool, *, by: Person) -> None:
    """Pauses a webhook or goes on with it; what happens in a pause is not told later."""
    row = Webhook.objects.select_for_update().get(pk=webhook.pk)
    if row.is_on != is_on:
        Webhook.objects.filter(pk=row.pk).update(is_on=is_on)
        history.log_change(row, by_id=by.pk, changes={"is_on": (row.is_on, is_on)})
    forget()


def send_again(delivery: Delivery, now: dt.datetime | None = None) -> None:
    """Puts one message first in the next turn, whatever became of it; it keeps its id."""
    Delivery.objects.filter(pk=delivery.pk).update(
        next_try_at=now or timezone.now(), sent_at=None, tries=0, error="", status=None
    )


def send_test(webhook: Webhook, now: dt.datetime | None = None) -> tuple[int | None, str]:
    """Sends one message of no step at once; (status or None, what went wrong)."""
    body = {"id": str(uuid.uuid4()), "event": "test", "at": (now or timezone.now()).isoformat()}
    return _send(webhook, body, str(body["id"]), now or timezone.now())


def _send(webhook: Webhook, body: dict[str, Any], uid: str, now: dt.datetime) -> tuple[int | None, str]:
    data = history.canonical(body)
    headers = {
        "Content-Type": "application/json", "User-Agent": "chuangwen", "X-Chuangwen-Delivery": uid,
        "X-Chuangwen-Signature": signature(webhook.secret, data, int(now.timestamp())),
    }  # fmt: skip
    try:
        status = post(webhook.url, data, headers)
    except (BadAddress, NotReached) as fault:
        return None, str(fault)[:300]
    return status, "" if 200 <= status < 300 else f"HTTP {status}"


def wait_after(tries: int) -> dt.timedelta:
    """How long after the n-th failed try the next one is made: half a minute, then four times as long, at most two hours."""
    return dt.timedelta(seconds=min(30 * 4 ** (tries - 1), 7200))


def send_due(now: dt.datetime | None = None) -> tuple[int, int]:
    """Sends what is due; returns (sent, failed). Messages of one matter go in the order of its steps.

    An address that does not answer at all is left alone for the rest of the turn, and all its messages wait together.
    """
    now, done, held = now or timezone.now(), [0, 0], set[Any]()
    waiting = Delivery.objects.filter(sent_at__isnull=True)
    before = waiting.filter(
        webhook=OuterRef("webhook"), entry__subject=OuterRef("entry__subject"),
        entry__subject_id=OuterRef("entry__subject_id"), pk__lt=OuterRef("pk"), next_try_at__gt=now,
    )  # fmt: skip
    due = waiting.filter(~Exists(before), next_try_at__lte=now).select_related("webhook__person", "entry")
    for row in due.order_by("pk")[:MOST]:
        matter = (row.webhook_id, row.entry.subject, row.entry.subject_id)
        if not {row.webhook_id, matter} & held:
            again = now + wait_after(row.tries + 1)
            # The old number of tries in the where clause: of two workers only one takes the message.
            taken = waiting.filter(pk=row.pk, tries=row.tries, next_try_at__lte=now)
            if taken.update(tries=F("tries") + 1, next_try_at=again):
                status, fault = _deliver(row, now, again)
                done[bool(fault)] += 1
                if fault:
                    held.add(row.webhook_id if status is None else matter)
            else:
                held.add(matter)
    return done[0], done[1]


def _deliver(row: Delivery, now: dt.datetime, again: dt.datetime) -> tuple[int | None, str]:
    """One try of one message that this worker has taken."""
    mine = Delivery.objects.filter(pk=row.pk)
    if not _may_hear(row, now):
        why = _("不再有权看到，没有发。")
        mine.update(next_try_at=None, error=why)
        return 0, why
    status, fault = _send(row.webhook, row.body, str(row.uid), now)
    if not fault:
        mine.update(sent_at=now, next_try_at=None, status=status, error="")
    elif now - row.made_at > GIVE_UP:
        mine.update(next_try_at=None, status=status, error=fault)
    else:
        mine.update(status=status, error=fault)
    if fault and status is None:
        rest = Delivery.objects.filter(webhook=row.webhook_id, sent_at__isnull=True, next_try_at__lt=again)
        rest.update(next_try_at=again)
    return status, fault


def _may_hear(row: Delivery, now: dt.datetime) -> bool:
    """Whether the message may still go: asked again when it is sent, posts and hand-overs change meanwhile."""
    webhook, told = row.webhook, _told.get(row.entry.subject)
    if told is None or not in_force(now).filter(pk=webhook.pk).exists():
        return False
    rows = told.model._default_manager.filter(pk=row.entry.subject_id)
    return told.rule.filter(rows, webhook.person).exists()


def sweep_deliveries(now: dt.datetime | None = None) -> int:
    """Drops messages that are done and older than a month; returns how many."""
    before = (now or timezone.now()) - KEPT
    return Delivery.objects.filter(made_at__lt=before, next_try_at__isnull=True).delete()[0]
