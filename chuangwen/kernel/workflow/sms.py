"""Short messages to residents: through the city's own gateway, by the outbox, forgotten once they are out.

The gateway is one address of Apprise's (a JSON webhook, or a provider it knows) with `{phone}` in it, in
CHUANGWEN_SMS_URL. Without it nothing is sent and no page asks for a number; the demo city shows the code on the page.
"""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.kernel.city import city
from chuangwen.kernel.workflow.models import Message

CHANNEL = "sms"


def has_gateway() -> bool:
    return bool(settings.SMS_URL)


def is_shown_instead() -> bool:
    """The demo city without a gateway: what would be sent is shown to who asked for it."""
    row = city()
    return not has_gateway() and row is not None and row.is_demo


def is_offered() -> bool:
    """Whether pages ask for a phone at all."""
    return has_gateway() or is_shown_instead()


def write(phone: str, body: str, now: dt.datetime | None = None) -> Message | None:
    """Puts a message into the outbox; nothing where there is no gateway."""
    if not has_gateway():
        return None
    now = now or timezone.now()
    return Message.objects.create(
        channel=CHANNEL, target=phone, title=_("随手拍"), body=body, made_at=now, next_try_at=now
    )


def send(phone: str, body: str) -> None:
    """Sends one message now; raises when the gateway did not take it. Called by the worker."""
    import apprise  # only the worker sends; web processes stay small

    address = settings.SMS_URL.replace("{phone}", quote(phone))
    gateway = apprise.Apprise()
    if "{phone}" not in settings.SMS_URL or not gateway.add(address):
        raise ValueError(_("短信网关的地址读不懂：CHUANGWEN_SMS_URL 里要有 {phone}。"))
    if not gateway.notify(body=body):
        raise ConnectionError(_("短信网关没有收下这条短信。"))


def kept_of(message: Message) -> dict[str, Any]:
    """The columns of a message that is out: of a short one neither number nor words stay."""
    if message.channel != CHANNEL:
        return {}
    return {"target": f"{message.target[:3]}****{message.target[-4:]}", "body": ""}


def forget_unsent(moment: dt.datetime) -> int:
    """Blanks numbers and words of short messages that never went out and were made before the moment."""
    rows = Message.objects.filter(channel=CHANNEL, made_at__lt=moment).exclude(body="")
    return rows.update(target="", body="", tries=99)
