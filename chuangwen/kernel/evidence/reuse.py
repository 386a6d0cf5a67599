"""Where a picture was used before: the same content anywhere, nearly the same among the pictures of like matters."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from chuangwen.kernel.evidence.models import Blob, Evidence
from chuangwen.kernel.evidence.phash import SAME_PHOTO, likeness

NEWEST: Final = (
    20_000  # pictures of one kind of matter that are compared; a city's dossier has a few thousand a year
)


def earlier_use(blob: Blob, *, subject: str, subject_id: int, also: Collection[str] = ()) -> int | None:
    """The evidence that used this picture before for another matter, None where there is none (two queries).

    The very file is looked for among matters of `subject` and of the kinds in `also`; a picture nearly the same among
    those of `subject` only, the likest one. Asked once, when a picture is taken in: comparing thousands of hashes
    costs tens of milliseconds.
    """
    others = Evidence.objects.filter(is_hidden=False).exclude(subject=subject, subject_id=subject_id)
    exact = (
        others.filter(blob=blob, subject__in=[subject, *also])
        .order_by("-pk")
        .values_list("pk", flat=True)
        .first()
    )
    if exact is not None or blob.phash is None:
        return exact
    rows = (
        others.filter(subject=subject, blob__phash__isnull=False)
        .order_by("-pk")
        .values_list("blob__phash", "pk")
    )
    mine = blob.phash
    alike = ((likeness(mine, phash), pk) for phash, pk in rows[:NEWEST] if phash is not None)
    bits, found = min(alike, default=(64, None))
    return found if bits <= SAME_PHOTO else None
