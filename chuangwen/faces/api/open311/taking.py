"""A problem reported by another program: reads the form, keeps what is needed and hands it to the inbox.

Of the sender nothing is kept: no name, e-mail, phone, account; a device only as a veiled mark of the day.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import math
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.faces.api.open311.answers import Fault, plain
from chuangwen.kernel.city import setting
from chuangwen.kernel.evidence.images import BadPicture
from chuangwen.kernel.models import Person, Place
from chuangwen.kernel.places.models import PlaceKind
from chuangwen.kernel.workflow.limits import Limit, is_within, veiled
from chuangwen.problems.models import CaseKind, Submission
from chuangwen.problems.submitting import Sent, submit

MOST_WORDS = 4000  # characters, as in GeoReport v2
MOST_PHOTOS = 6
MEDIA = ("media", "media[]")
# What makes two messages the same one, when one key sends them within a day.
_SAME = (
    "service_code",
    "description",
    "lat",
    "long",
    "address_string",
    "address_id",
    "device_id",
    "account_id",
    "email",
)


def take(request: HttpRequest, person: Person) -> tuple[Submission, str, bool]:
    """Takes the message in: its row, the secret that follows it, and whether a link to a picture was left aside.

    The same message sent again with the same key within a day is answered as the first. Raises Fault.
    """
    if not is_within("open311", str(person.pk), Limit(int(setting("open311_per_hour", 300)), 3600)):
        raise Fault(429, _("这个令牌一小时报得太多，过一会儿再送。"))
    given = request.POST
    kind, words = _kind(given), plain(given.get("description", "")).strip()
    if len(words) > MOST_WORDS:
        raise Fault(400, _("description 最多 %(n)d 字，删短后再送。") % {"n": MOST_WORDS})
    photos = [file for name in MEDIA for file in request.FILES.getlist(name)]
    if len(photos) > MOST_PHOTOS:
        raise Fault(400, _("照片最多 %(n)d 张。") % {"n": MOST_PHOTOS})
    site, point, address = _site(given), _point(given), plain(given.get("address_string", "")).strip()
    if not (site or point or address):
        raise Fault(400, _("没有位置：填 lat 和 long，或 address_string，或 address_id。"))
    device = given.get("device_id", "").strip()
    lon, lat = point or (None, None)
    sent = Sent(
        uid=_uid(person, given, photos), text=words or kind.name, kind=kind, site=site, lon=lon, lat=lat,
        address=address, photos=photos, channel="open311",
        device=veiled("device", f"{person.pk} {device}") if device else "",
    )  # fmt: skip
    try:
        submission, secret = submit(sent)
    except BadPicture as fault:
        raise Fault(400, fault.sentence) from fault
    return submission, secret, bool(given.get("media_url", "").strip())


def _kind(given: QueryDict) -> CaseKind:
    code = given.get("service_code", "").strip()
    if not code:
        raise Fault(400, _("没有填 service_code；能用的见 services.xml。"))
    kind = CaseKind.objects.filter(code=plain(code)[:40], is_active=True).first()
    if kind is None:
        raise Fault(404, _("没有 service_code “%(code)s”；能用的见 services.xml。") % {"code": code[:40]})
    return kind


def _site(given: QueryDict) -> Place | None:
    code = plain(given.get("address_id", "")).strip()
    if not code:
        return None
    site = Place.objects.filter(code=code[:40], kind=PlaceKind.SITE, is_active=True).first()
    if site is None:
        raise Fault(
            400, _("没有 address_id “%(code)s”；改用 lat 和 long，或 address_string。") % {"code": code[:40]}
        )
    return site


def _point(given: QueryDict) -> tuple[float, float] | None:
    """(longitude, latitude) in WGS-84 degrees; None where neither is given."""
    texts = [given.get(name, "").strip() for name in ("long", "lat")]
    if not any(texts):
        return None
    try:
        lon, lat = (float(text) if len(text) < 40 else math.nan for text in texts)
    except ValueError:
        lon = lat = math.nan
    if not (math.isfinite(lon) and math.isfinite(lat) and abs(lon) <= 180 and abs(lat) <= 90):
        raise Fault(400, _("lat 和 long 写成 WGS-84 的度数，两个都要，例如 lat=34.76、long=113.01。"))
    return lon, lat


def _uid(person: Person, given: QueryDict, photos: list[Any]) -> UUID:
    """The id of this message: an HMAC of key's person, day and content, so that nobody else can make it."""
    parts = [given.get(name, "") for name in _SAME] + [_hash(photo) for photo in photos]
    today, found = timezone.localdate(), UUID(int=0)
    for day in (today - dt.timedelta(days=1), today):
        told = "\0".join([str(person.pk), day.isoformat(), *(f"{len(part)} {part}" for part in parts)])
        made = hmac.new(
            settings.SECRET_KEY.encode(), b"open311\0" + told.encode("utf-8", "replace"), hashlib.sha256
        )
        found = UUID(bytes=made.digest()[:16])
        since = timezone.now() - dt.timedelta(days=1)
        if Submission.objects.filter(uid=found, received_at__gte=since).exists():
            break
    return found


def _hash(photo: Any) -> str:
    made = hashlib.sha256()
    for part in photo.chunks():
        made.update(part)
    photo.seek(0)
    return made.hexdigest()
