"""Files piece by piece: what came is kept, what is missing is said, and a broken transfer goes on where it broke."""

from __future__ import annotations

import re
import uuid

from django.http import HttpResponse, UnreadablePostError
from django.utils.translation import gettext as _

from chuangwen.faces.field.answers import answered, length_of, phone
from chuangwen.kernel.evidence import arrival
from chuangwen.kernel.evidence.arrival import BadPiece, Foreign, Piece
from chuangwen.kernel.evidence.arrival_models import Upload
from chuangwen.kernel.screens.access import SignedIn

_RANGE = re.compile(r"bytes (\d{1,10})-(\d{1,10})/(\d{1,10})")


@phone("GET", "POST")
def pieces(request: SignedIn, uid: uuid.UUID) -> HttpResponse:
    """GET, POST /field/pieces/<uuid>/: how much of a file is here; POST adds one piece of it."""
    if request.method != "POST":
        row = Upload.objects.filter(uid=uid, by=request.user).first()
        return answered(_state(row)) if row else _unknown()
    try:
        return answered(_state(arrival.take_piece(uid, _piece(request), by=request.user)))
    except Foreign:
        return _unknown()
    except BadPiece as fault:
        return answered({"received": fault.received, "done": False, "why": fault.why}, fault.status)


def _state(row: Upload) -> dict[str, object]:
    return {"received": row.received, "done": row.done_at is not None}


def _unknown() -> HttpResponse:
    return answered({"why": _("没有这个文件。")}, 404)


def _piece(request: SignedIn) -> Piece:
    """The piece a request carries; raises BadPiece, also where the connection broke in the middle of it."""
    told = _RANGE.fullmatch(request.headers.get("Content-Range", ""))
    digest = request.headers.get("X-Sha256", "").lower()
    if told is None or re.fullmatch(r"[0-9a-f]{64}", digest) is None:
        raise BadPiece(400, 0, _("没有写明是哪一片，更新页面再传。"))
    first, last, total = map(int, told.groups())
    if length_of(request) > arrival.MOST_PIECE:
        raise BadPiece(413, 0, _("一片太大，分小再传。"))
    try:
        data = request.body
    except UnreadablePostError as fault:
        raise BadPiece(400, 0, _("这一片没有传完，再传一次。")) from fault
    if len(data) != last - first + 1:
        raise BadPiece(400, 0, _("这一片没有传完，再传一次。"))
    return Piece(first, total, digest, data)
