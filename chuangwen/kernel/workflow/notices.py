"""Notices: rows written with the change itself, bundled later into one message per receiver.

`tell` only writes rows (the outbox). The worker calls `bundle` and `deliver`: a crash between the two
leaves a message that is tried again, so a message may arrive twice at the very worst, never not at all.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.kernel.people.models import Person, Post, Unit
from chuangwen.kernel.workflow import sms
from chuangwen.kernel.workflow.models import Demand, Matter, Message, Notice

if TYPE_CHECKING:
    from chuangwen.kernel.workflow.flow import Asked

log = logging.getLogger(__name__)
MAX_TRIES = 8
ROBOT_SCHEMES = ("wecombot", "dingtalk", "feishu")  # apprise's names for the three group robots


class Tell(NamedTuple):
    """One thing to tell: a unit (in a role) or a person, about a matter, in one sentence."""

    matter: Matter
    kind: str
    text: str
    unit_id: int | None = None
    person_id: int | None = None
    role: str = ""
    url: str = ""
    urgent: bool = False


def tell(things: list[Tell], at: dt.datetime) -> None:
    """Writes the outbox rows inside the caller's transaction; a thing without a receiver is left out."""
    Notice.objects.bulk_create(
        Notice(
            unit_id=thing.unit_id, person_id=thing.person_id, role=thing.role, subject=thing.matter.subject,
            subject_id=thing.matter.pk, kind=thing.kind, text=thing.text[:200], url=thing.url,
            is_urgent=thing.urgent, at=at,
        )
        for thing in things
        if thing.unit_id or thing.person_id
    )  # fmt: skip


def received_by(person: Person) -> QuerySet[Notice]:
    """What this person and the units he speaks for were told."""
    units = person.standing.units_as("liaison", "head", "supervisor", "discipline")
    mine = Q(person=person)
    if units:
        mine |= Q(unit__in=units)
    return Notice.objects.filter(mine)


def demand(matter: Matter, asked: Asked, by: Person | None, at: dt.datetime) -> None:
    """Writes one line of the burden ledger."""
    if asked.unit_id:
        Demand.objects.create(
            unit_id=asked.unit_id, kind=asked.kind, subject=matter.subject, subject_id=matter.pk,
            asked_by=by, asked_at=at, purpose=asked.purpose, until=getattr(matter, "due_at", None),
            about=asked.about[:60],
        )  # fmt: skip


def _channels(unit: Unit | None, person: Person | None, role: str) -> list[tuple[str, str]]:
    """Where a receiver wants to be told: the unit's group robot, else the mail of the person or of its post holders."""
    if unit and unit.robot_url:
        return [("robot", unit.robot_url)]
    if not settings.EMAIL_HOST:
        return []
    if person:
        return [("mail", person.email)] if person.email else []
    posts = Post.objects.in_force().filter(unit=unit, role=role or "liaison", person__is_active=True)
    return [("mail", mail) for mail in posts.values_list("person__email", flat=True) if mail]


def bundle(now: dt.datetime | None = None, wait: dt.timedelta = dt.timedelta(minutes=30)) -> int:
    """Turns waiting notices into messages, one per receiver; urgent ones do not wait. Returns how many messages."""
    now = now or timezone.now()
    with transaction.atomic():
        waiting = list(
            Notice.objects.select_for_update(of=("self",))
            .filter(told_at__isnull=True)
            .select_related("unit", "person")
            .order_by("at", "pk")[:2000]
        )
        groups: dict[tuple[int | None, int | None, str], list[Notice]] = defaultdict(list)
        for notice in waiting:
            groups[(notice.unit_id, notice.person_id, notice.role)].append(notice)
        made = 0
        for (_unit, _person, role), group in groups.items():
            if not any(n.is_urgent or n.at <= now - wait for n in group):
                continue
            for channel, target in _channels(group[0].unit, group[0].person, role):
                Message.objects.create(channel=channel, target=target, next_try_at=now, **_words(group))
                made += 1
            Notice.objects.filter(pk__in=[n.pk for n in group]).update(told_at=now)
    return made


def _words(group: list[Notice]) -> dict[str, str]:
    who = group[0].unit or group[0].person
    title = _("创文：%(who)s 有 %(n)d 件事") % {"who": who, "n": len(group)}
    lines = [f"{i}. {notice.text}" for i, notice in enumerate(group, 1)]
    return {"title": title[:200], "body": "\n".join(lines)}


def deliver(now: dt.datetime | None = None) -> tuple[int, int]:
    """Sends what is due; returns (sent, failed). A failed one is tried again later, at most MAX_TRIES times."""
    now = now or timezone.now()
    sent = failed = 0
    due = Message.objects.filter(sent_at__isnull=True, next_try_at__lte=now, tries__lt=MAX_TRIES)
    for message in due.order_by("pk")[:200]:
        again = now + dt.timedelta(minutes=2**message.tries)
        # The old number of tries in the where clause: of two workers only one takes the message.
        taken = Message.objects.filter(pk=message.pk, tries=message.tries, sent_at__isnull=True)
        if not taken.update(tries=F("tries") + 1, next_try_at=again):
            continue
        try:
            _send(message)
        except Exception as fault:  # whatever a mail server or robot answers must not stop the loop
            Message.objects.filter(pk=message.pk).update(error=str(fault)[:300])
            failed += 1
        else:
            out = sms.kept_of(message)
            Message.objects.filter(pk=message.pk).update(sent_at=timezone.now(), error="", **out)
            sent += 1
    return sent, failed


def _send(message: Message) -> None:
    if message.channel == "mail":
        send_mail(message.title, message.body, settings.DEFAULT_FROM_EMAIL, [message.target])
        return
    if message.channel == sms.CHANNEL:
        sms.send(message.target, message.body)
        return
    import apprise  # only the worker sends; web processes stay small

    robot = apprise.Apprise()
    if message.target.split(":", 1)[0] not in ROBOT_SCHEMES or not robot.add(message.target):
        raise ValueError(_("群机器人地址读不懂：要以 wecombot、dingtalk 或 feishu 开头。"))
    if not robot.notify(title=message.title, body=message.body):
        raise ConnectionError(_("群机器人没有收下这条消息。"))


def unseen(person: Person) -> Any:
    """The notices this person has not looked at: his own and those of the units he is liaison or head of."""
    from django.db.models import Q

    units = person.standing.units_as("liaison", "head", "supervisor", "discipline")
    return Notice.objects.filter(Q(person=person) | Q(unit__in=units), seen_at__isnull=True).order_by("-at")
