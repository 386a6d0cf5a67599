"""Checking that a phone is the sender's: six digits by short message, ten minutes, five tries; number and code kept as hashes."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import re
import secrets
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.kernel.workflow import sms
from chuangwen.kernel.workflow.arrival_models import PhoneCode
from chuangwen.kernel.workflow.flow import Refused
from chuangwen.kernel.workflow.limits import Limit, is_within

MINUTES = 10
TRIES = 5
# Our own limits: enough for mistyping, too few to make the gateway ring somebody's phone or guess six digits.
PER_PHONE_HOUR, PER_PHONE_DAY, PER_NETWORK_HOUR = Limit(3, 3600), Limit(6, 86400), Limit(10, 3600)
MOBILE = re.compile(r"1[3-9]\d{9}")  # mainland mobile numbers: eleven digits, 13… to 19…


class Asked(NamedTuple):
    """A code is on its way; `shown` holds it only where the demo city shows it instead of sending."""

    phone: str
    shown: str


def _hash(*parts: str) -> str:
    line = "\0".join(("phone code", *parts)).encode()
    return hmac.new(settings.SECRET_KEY.encode(), line, hashlib.sha256).hexdigest()


def number_of(typed: str) -> str:
    """Eleven digits of a mobile number as typed, with or without spaces and +86; raises Refused for anything else."""
    digits = re.sub(r"[\s()（）-]", "", typed).translate(
        str.maketrans("０１２３４５６７８９＋", "0123456789+")
    )
    digits = re.sub(r"^(?:\+|00)?86(?=1\d{10}$)", "", digits)
    if not MOBILE.fullmatch(digits):
        raise Refused(_("手机号要 11 位，例如 13912345678；核对后再填。"))
    return digits


def ask_code(typed: str, *, network: str, now: dt.datetime | None = None) -> Asked:
    """Makes a code for this phone and sends it; an earlier one of the same phone no longer counts.

    Raises Refused for a number that is none, when no gateway is set, or beyond the limits of phone and network.
    """
    now = now or timezone.now()
    if not sms.is_offered():
        raise Refused(_("这里还没有接短信，留不了手机号；收好网址，随时可看进展。"))
    phone = number_of(typed)
    if not is_within("code network", network, PER_NETWORK_HOUR, now):
        raise Refused(_("要验证码的次数太多，过一小时再试；不留手机号也能看进展。"))
    if not is_within("code phone", phone, PER_PHONE_HOUR, now):
        raise Refused(_("这个号码一小时内已发过 3 次验证码，过一小时再试。"))
    if not is_within("code phone day", phone, PER_PHONE_DAY, now):
        raise Refused(_("这个号码今天已发过 6 次验证码，明天再试。"))
    code = f"{secrets.randbelow(10**6):06d}"
    with transaction.atomic():
        PhoneCode.objects.filter(phone_hash=_hash(phone), until__gt=now).update(until=now)
        until = now + dt.timedelta(minutes=MINUTES)
        PhoneCode.objects.create(
            phone_hash=_hash(phone), code_hash=_hash(phone, code), made_at=now, until=until
        )
        sms.write(
            phone, _("随手拍验证码 %(code)s，10 分钟内有效。不是你要的，不用理会。") % {"code": code}, now
        )
    return Asked(phone, code if sms.is_shown_instead() else "")


def check_code(phone: str, typed: str, *, now: dt.datetime | None = None) -> None:
    """Raises Refused unless this is the phone's code; each call is a try, whoever calls. A right code counts once."""
    now = now or timezone.now()
    rows = PhoneCode.objects.filter(phone_hash=_hash(phone), until__gt=now, used_at__isnull=True)
    row = rows.order_by("-pk").first()
    if row is None:
        raise Refused(_("验证码过了 10 分钟或已用过，重新要一个。"))
    taken = PhoneCode.objects.filter(pk=row.pk, tries__lt=TRIES, used_at__isnull=True)
    if not taken.update(tries=F("tries") + 1):
        raise Refused(_("验证码填错 5 次，不能再试，重新要一个。"))
    code = re.sub(r"\D", "", typed)
    if not hmac.compare_digest(row.code_hash, _hash(phone, code)):
        left = TRIES - row.tries - 1
        raise Refused(
            _("验证码不对，还可试 %(n)d 次。") % {"n": left} if left else _("验证码不对，重新要一个。")
        )
    if not PhoneCode.objects.filter(pk=row.pk, used_at__isnull=True).update(used_at=now):
        raise Refused(_("验证码过了 10 分钟或已用过，重新要一个。"))
