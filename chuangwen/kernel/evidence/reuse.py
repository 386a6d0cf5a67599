"""Where pictures were used before: the same content anywhere, nearly the same among the pictures of like matters."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from chuangwen.kernel.evidence.models import Evidence
from chuangwen.kernel.evidence.phash import SAME_PHOTO, likeness

NEWEST = (
    20_000  # pictures of one kind of matter that are compared; a city's dossier has a few thousand a year
)


class Earlier(NamedTuple):
    """One earlier use: which of the asked evidence, whose matter, and in how many of 64 bits the pictures differ."""

    evidence_id: int
    subject: str
    subject_id: int
    bits: int


def earlier_uses(
    pictures: Collection[Evidence], *, subjects: Collection[str], apart_from: tuple[str, int]
) -> list[Earlier]:
    """Uses of these pictures for other matters of these subjects (two queries); the likest one for each picture.

    `apart_from` is the matter (subject, id) whose own pictures do not count. A picture nearly the same is looked
    for among matters of the same subject only: elsewhere a person has to have used the very file.
    """
    blobs = {one.blob_id for one in pictures}
    if not blobs:
        return []
    others = Evidence.objects.filter(subject__in=subjects).exclude(
        subject=apart_from[0], subject_id=apart_from[1]
    )
    exact = list(others.filter(blob__in=blobs).order_by("pk").values_list("blob_id", "subject", "subject_id"))
    hashed = [one for one in pictures if one.blob.phash is not None]
    near = []
    if hashed:
        like = others.filter(subject=apart_from[0], blob__phash__isnull=False).order_by("-pk")
        near = list(like.values_list("blob__phash", "subject", "subject_id")[:NEWEST])
    found = []
    for one in pictures:
        best = next((Earlier(one.pk, s, pk, 0) for blob, s, pk in exact if blob == one.blob_id), None)
        if best is None and one.blob.phash is not None:
            mine = one.blob.phash
            like_ones = ((likeness(mine, phash), s, pk) for phash, s, pk in near if phash is not None)
            bits, subject, pk = min(like_ones, default=(64, "", 0))
            best = Earlier(one.pk, subject, pk, bits) if bits <= SAME_PHOTO else None
        if best is not None:
            found.append(best)
    return found
