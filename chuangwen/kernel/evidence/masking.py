"""Hiding faces and number plates: rectangles people decided on, and the picture drawn with them for the public.

A public picture is drawn anew from the clean copy, which has no EXIF: each hidden rectangle is reduced to at most
3 × 3 averages of 32 levels a colour before it is blown up and blurred, so that there is nothing left to undo.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.kernel.evidence import store
from chuangwen.kernel.evidence.arrival_models import Mask, MaskKind
from chuangwen.kernel.evidence.models import Blob

METHOD = 1  # goes into the name of the drawn file: another way of drawing makes other files
EDGES = {"large": 1280, "small": 480}  # longest edge in pixels
MOST = 60  # rectangles of one picture
BLOCKS = 3
MARGIN = 0.06  # a rectangle is drawn that much of its size larger on each side


class Box(NamedTuple):
    """A rectangle in thousandths of the upright picture's width and height."""

    left: int
    top: int
    width: int
    height: int


def kept_within(left: float, top: float, width: float, height: float) -> Box | None:
    """The part of a rectangle that lies in the picture, in whole thousandths; None for less than one."""
    x, y = max(0, round(left)), max(0, round(top))
    right, bottom = min(1000, round(left + width)), min(1000, round(top + height))
    return Box(x, y, right - x, bottom - y) if right > x and bottom > y else None


def why_not_ready(blob: Blob) -> str | None:
    """The sentence why this picture cannot be public yet; None when it can. One query."""
    if blob.scanned_at is None:
        return _("还没有找过人脸和车牌。打开图片页找一遍。")
    waiting = Mask.objects.filter(blob=blob, is_on__isnull=True).count()
    if waiting:
        return _("有 %(n)d 处没定遮不遮。打开图片页定下来。") % {"n": waiting}
    return None


def propose(blob: Blob, found: Iterable[tuple[str, Box]]) -> int:
    """Notes what the software found, undecided, and that it has looked; returns how many. Twice is once."""
    with transaction.atomic():
        if not Blob.objects.filter(pk=blob.pk, scanned_at__isnull=True).update(scanned_at=timezone.now()):
            return 0
        rows = [Mask(blob=blob, kind=kind, is_proposed=True, **box._asdict()) for kind, box in found]
        Mask.objects.bulk_create(rows[:MOST])
    blob.refresh_from_db(fields=["scanned_at"])
    return min(len(rows), MOST)


def decide(blob: Blob, wanted: Iterable[tuple[str, Box]], *, by: Any) -> int:
    """A person decides for the whole picture: these rectangles are hidden, what was proposed beside them is not.

    Returns how many are hidden. What was proposed and is not wanted stays as a row with `is_on` False.
    """
    chosen = dict.fromkeys((str(MaskKind(kind)), box) for kind, box in wanted)
    with transaction.atomic():
        Blob.objects.select_for_update().get(pk=blob.pk)
        now, rows = timezone.now(), list(Mask.objects.filter(blob=blob).order_by("pk"))
        for row in rows:
            key = (row.kind, Box(row.left, row.top, row.width, row.height))
            is_on = key in chosen
            chosen.pop(key, None)
            if not is_on and not row.is_proposed:
                row.delete()
            elif row.is_on is not is_on:
                Mask.objects.filter(pk=row.pk).update(is_on=is_on, by=by, at=now)
        more = list(chosen)[:MOST]
        Mask.objects.bulk_create(
            Mask(blob=blob, kind=kind, is_on=True, by=by, at=now, **box._asdict()) for kind, box in more
        )
        Blob.objects.filter(pk=blob.pk, scanned_at__isnull=True).update(scanned_at=now)
        blob.scanned_at = blob.scanned_at or now
        return Mask.objects.filter(blob=blob, is_on=True).count()


def boxes_on(blob: Blob) -> list[Box]:
    """The rectangles that are hidden, in a fixed order."""
    rows = Mask.objects.filter(blob=blob, is_on=True).values_list("left", "top", "width", "height")
    return sorted(Box(*row) for row in rows)


def version_of(blob: Blob, boxes: list[Box], size: str) -> str:
    """The name of a drawn picture: SHA-256 over original, rectangles, size and method; 64 hex characters."""
    told = json.dumps([METHOD, blob.sha256, boxes, size])
    return hashlib.sha256(told.encode()).hexdigest()


def path_of(version: str) -> Path:
    return Path(settings.MEDIA_ROOT) / "masked" / version[:2] / version


def drawn(blob: Blob, size: str = "large") -> tuple[str, Path] | None:
    """Version and file of the picture as the public may see it; None while it is not ready or the file is gone.

    Drawn at the first call, then read: another rectangle gives another file. Raises KeyError for an unknown size.
    """
    if why_not_ready(blob):
        return None
    boxes = boxes_on(blob)
    version = version_of(blob, boxes, size)
    path = path_of(version)
    if not path.exists():
        source = store.file_of(blob.sha256, "public")
        if source is None:
            return None
        store.put(path, render(source.read_bytes(), boxes, EDGES[size]))
    return version, path


def render(data: bytes, boxes: Iterable[Box], edge: int) -> bytes:
    """A JPEG of the clean copy with the rectangles hidden, longest edge at most `edge`, without any metadata."""
    from io import BytesIO

    from PIL import Image

    with Image.open(BytesIO(data), formats=("JPEG",)) as opened:
        picture = opened.convert("RGB")
    for box in boxes:
        _hide(picture, box)
    picture.thumbnail((edge, edge), Image.Resampling.LANCZOS)
    out = BytesIO()
    picture.save(out, "JPEG", quality=80, optimize=True)
    return out.getvalue()


def _hide(picture: Any, box: Box) -> None:
    from PIL import Image, ImageFilter

    width, height = picture.size
    aside, over = box.width * MARGIN, box.height * MARGIN
    left, top = int((box.left - aside) * width / 1000), int((box.top - over) * height / 1000)
    right = -int(-(box.left + box.width + aside) * width // 1000)
    bottom = -int(-(box.top + box.height + over) * height // 1000)
    span = (max(0, left), max(0, top), min(width, right), min(height, bottom))
    size = (span[2] - span[0], span[3] - span[1])
    if min(size) < 1:
        return
    part = picture.crop(span).resize((min(BLOCKS, size[0]), min(BLOCKS, size[1])), Image.Resampling.BOX)
    part = part.point(lambda level: level & 0xF8)
    part = part.resize(size, Image.Resampling.NEAREST).filter(ImageFilter.GaussianBlur(max(size) / 12))
    picture.paste(part, span)


def forget_drawn(blob: Blob) -> int:
    """Deletes what was drawn of a picture with the rectangles it has now; returns how many files."""
    gone = 0
    for size in EDGES:
        path = path_of(version_of(blob, boxes_on(blob), size))
        if path.exists():
            os.unlink(path)
            gone += 1
    return gone
