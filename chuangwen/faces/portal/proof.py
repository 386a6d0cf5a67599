"""Proof that a sender took some pains: a little computing by the phone, or a picture (or a sum in words) read by a person.

Everything is bound to the message's own id, which the page gave out under our signature: a proof counts for that one
message, and the same message again changes nothing, so no list of used proofs is needed. No foreign service.
"""

from __future__ import annotations

import hashlib
import hmac
import uuid
from typing import NamedTuple

from django.conf import settings
from django.core import signing
from django.utils.translation import gettext as _

SALT = "portal.report"
HOURS = 12  # a page may stay open that long
# 2^13 hashes are some 30 ms on a desk machine and under half a second on a phone of 2018; each further bit doubles it.
LEAST_BITS, MOST_BITS = 13, 18
LETTERS = "ACDEFHJKLMNPRTUVWXY3479"  # none that looks like another
DIGITS = "零一二三四五六七八九十"


class Pass(NamedTuple):
    """What a page gave out: the message's id and how many leading zero bits its proof must have."""

    uid: uuid.UUID
    bits: int


def bits_for(recent: int) -> int:
    """Bits asked of a network that sent `recent` messages within the hour: one more for every four."""
    return min(MOST_BITS, LEAST_BITS + recent // 4)


def give(bits: int, uid: uuid.UUID | None = None) -> str:
    """A pass for a new message (or the same again), signed."""
    return signing.dumps({"u": (uid or uuid.uuid4()).hex, "b": bits}, salt=SALT, compress=False)


def read(token: str) -> Pass | None:
    """The pass, or None for one that is not ours or too old."""
    try:
        data = signing.loads(token, salt=SALT, max_age=HOURS * 3600)
        return Pass(uuid.UUID(hex=data["u"]), int(data["b"]))
    except (signing.BadSignature, KeyError, ValueError, TypeError):
        return None


def is_worked(token: str, counter: str, bits: int) -> bool:
    """Whether SHA-256 of "token:counter" begins with that many zero bits."""
    if not counter.isascii() or not counter.isdigit() or len(counter) > 12:
        return False
    value = int.from_bytes(hashlib.sha256(f"{token}:{counter}".encode()).digest())
    return value >> (256 - bits) == 0


def _drawn(uid: uuid.UUID, what: str) -> bytes:
    return hmac.new(settings.SECRET_KEY.encode(), f"puzzle\0{what}\0{uid}".encode(), hashlib.sha256).digest()


def letters_of(uid: uuid.UUID) -> str:
    """The five letters the picture of this message shows."""
    return "".join(LETTERS[byte % len(LETTERS)] for byte in _drawn(uid, "letters")[:5])


def _sum_of(uid: uuid.UUID) -> tuple[int, int]:
    drawn = _drawn(uid, "sum")
    return 1 + drawn[0] % 9, 1 + drawn[1] % 9


def sum_words(uid: uuid.UUID) -> str:
    """The same question for who cannot see the picture: a sum in words."""
    one, other = _sum_of(uid)
    return _("%(a)s加%(b)s是几？") % {"a": DIGITS[one], "b": DIGITS[other]}


def is_answered(uid: uuid.UUID, typed: str) -> bool:
    """Whether the letters of the picture, or the sum, were typed; case and spaces do not count."""
    plain = "".join(typed.split()).upper().translate(str.maketrans("０１２３４５６７８９", "0123456789"))
    return hmac.compare_digest(plain.encode(), letters_of(uid).encode()) or plain == str(sum(_sum_of(uid)))


def picture_of(uid: uuid.UUID) -> bytes:
    """The letters as a PNG of 240 × 80 pixels, turned and crossed by lines, in a font of this machine or Pillow's own."""
    import random
    from io import BytesIO

    from PIL import Image, ImageDraw, ImageFont

    chance = random.Random(_drawn(uid, "look"))
    image = Image.new("L", (240, 80), 255)
    font = ImageFont.load_default(44)
    for place, letter in enumerate(letters_of(uid)):
        tile = Image.new("L", (60, 70), 0)
        ImageDraw.Draw(tile).text((12, 4), letter, fill=255, font=font)
        tile = tile.rotate(chance.uniform(-24, 24), resample=Image.Resampling.BICUBIC)
        image.paste(
            chance.randrange(0, 70), (place * 44 + chance.randrange(0, 8), chance.randrange(0, 14)), tile
        )
    pen = ImageDraw.Draw(image)
    for _line in range(5):
        ends = [(x, chance.randrange(80)) for x in (0, 80, 160, 240)]
        pen.line(ends, fill=chance.randrange(40, 120), width=2)
    for _dot in range(300):
        pen.point((chance.randrange(240), chance.randrange(80)), fill=chance.randrange(0, 160))
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()
