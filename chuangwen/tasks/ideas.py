"""Ideas as they come in from anybody, "so do I", and what of them is public."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import itertools
import uuid
from dataclasses import dataclass

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.kernel.city import city
from chuangwen.kernel.models import Counter
from chuangwen.kernel.people.tokens import digest_of
from chuangwen.kernel.workflow.flow import Refused
from chuangwen.tasks.idea_flow import IdeaFlow
from chuangwen.tasks.idea_models import Idea, IdeaState, IdeaSupport

SHORTEST, LONGEST = 6, 1000
PUBLIC = (IdeaState.OPEN, IdeaState.ADOPTED, IdeaState.DECLINED)


@dataclass(frozen=True)
class Proposed:
    """One idea as it was sent: its own id, the words, a name only if given, the device only as a veiled hash."""

    uid: uuid.UUID
    text: str
    topic: str = ""
    name: str = ""
    device: str = ""
    is_sample: bool = False


def secret_of(uid: uuid.UUID) -> str:
    """The secret of the link that follows this idea; the same for the same id, so that sending twice gives one link."""
    return hmac.new(settings.SECRET_KEY.encode(), b"idea" + uid.bytes, hashlib.sha256).hexdigest()[:32]


def by_secret(secret: str) -> Idea | None:
    return Idea.objects.select_related("into", "task", "unit").filter(secret=digest_of(secret)).first()


def next_number(day: dt.date) -> str:
    """The next number of the year, such as GY-JY-2026-001."""
    row = city()
    return f"{row.prefix if row else 'CW'}-JY-{day.year}-{Counter.next(f'idea {day.year}'):03d}"


def propose(sent: Proposed, *, at: dt.datetime | None = None) -> tuple[Idea, str]:
    """Takes one idea in, to be read before it is public; the same `uid` changes nothing. Returns it and its link's secret.

    Raises Refused for words too short to mean something or too long to be read.
    """
    at, text, secret = at or timezone.now(), sent.text.strip().replace("\0", ""), secret_of(sent.uid)
    if len(text) < SHORTEST:
        raise Refused(_("多写几个字：想让城市怎么改，在哪里。"))
    if len(text) > LONGEST:
        raise Refused(_("最多 %(n)d 字，写最要紧的。") % {"n": LONGEST})
    try:
        with transaction.atomic():
            before = Idea.objects.filter(uid=sent.uid).first()
            if before is not None:
                return before, secret
            idea = Idea(
                uid=sent.uid, number=next_number(timezone.localdate(at)), secret=digest_of(secret), text=text,
                topic=sent.topic[:30], name=sent.name[:20], device=sent.device, received_at=at,
                state=IdeaState.RECEIVED, is_sample=sent.is_sample, created_at=at,
            )  # fmt: skip
            idea.save(force_insert=True)
            IdeaFlow.record(
                idea, IdeaFlow.by_code["send"], by=None, cleaned={"topic": idea.topic}, at=at, uid=sent.uid,
                from_state="",
            )  # fmt: skip
    except IntegrityError:  # sent twice at the same moment: the other one won
        return Idea.objects.get(uid=sent.uid), secret
    return idea, secret


def support(idea: Idea, device: str, *, at: dt.datetime | None = None) -> bool:
    """我也这么想: one device counts once; False when it was counted before. Raises Refused once it is answered."""
    if idea.state != IdeaState.OPEN:
        raise Refused(_("这一条已经答复，不再征集赞同。"))
    if not device:
        return False
    try:
        with transaction.atomic():
            IdeaSupport.objects.create(idea=idea, device=device, at=at or timezone.now())
            Idea.objects.filter(pk=idea.pk).update(supports=F("supports") + 1)
    except IntegrityError:
        return False
    return True


def public() -> QuerySet[Idea]:
    """The ideas everybody may read, in the words somebody released; never `text` or `name`."""
    return Idea.objects.filter(state__in=PUBLIC).exclude(public_text="")


def answered() -> QuerySet[Idea]:
    """You said, we did: public ones with an answer, the newest first."""
    return public().filter(Q(answered_at__isnull=False)).order_by("-answered_at", "-pk")


def like(text: str, most: int = 3) -> list[Idea]:
    """Open ideas that share most of their two-letter pieces with this text, the likest first: 「有人说过」."""
    wanted = _pieces(text)
    if len(wanted) < 4:
        return []
    found = []
    for idea in public().filter(state=IdeaState.OPEN).order_by("-supports", "-pk")[:500]:
        pieces = _pieces(idea.public_text)
        shared = len(wanted & pieces)
        if 3 * shared >= min(len(wanted), len(pieces)):
            found.append((shared, idea))
    found.sort(key=lambda pair: (-pair[0], -pair[1].pk))
    return [idea for _shared, idea in found[:most]]


def _pieces(text: str) -> set[str]:
    letters = [c for c in text if c.isalnum()]
    return {a + b for a, b in itertools.pairwise(letters)}
