"""The worker's duty of looking for faces and plates in pictures that are about to be public."""

from __future__ import annotations

import logging

from django.db.models import Q

from chuangwen.kernel.evidence import masking
from chuangwen.kernel.models import Blob, Evidence
from chuangwen.problems.models import Publication, PublicationState

log = logging.getLogger("chuangwen.work")


def scan(blob: Blob) -> int:
    """Looks for faces and plates in one picture and proposes what was found; returns how many. Twice is once."""
    from chuangwen.kernel.evidence import (
        finding,
    )  # OpenCV: half a second and 60 MB, for the worker and one page

    return masking.propose(blob, finding.find_in(blob))


def find_faces(most: int = 10) -> int:
    """One turn: pictures chosen for drafts that nobody looked at yet, the newest drafts first; returns how many.

    A picture that cannot be read stays unlooked at, so it does not become public, and is not tried again here.
    """
    unseen = Q(before__blob__scanned_at__isnull=True, before__isnull=False)
    unseen |= Q(after__blob__scanned_at__isnull=True, after__isnull=False)
    drafts = Publication.objects.filter(unseen, state=PublicationState.DRAFT).order_by("-created_at", "-pk")
    chosen = [pk for pair in drafts.values_list("before", "after")[: most * 4] for pk in pair if pk]
    blobs = Blob.objects.filter(
        scanned_at__isnull=True, pk__in=Evidence.objects.filter(pk__in=chosen).values("blob")
    )
    done = 0
    for blob in blobs.order_by("-pk"):
        if blob.pk in _unreadable or done >= most:
            continue
        try:
            scan(blob)
        except Exception:  # one broken file must not keep the others waiting; the log names it
            log.exception("no faces looked for in picture %s", blob.sha256[:12])
            _unreadable.add(blob.pk)
        done += 1
    return done


_unreadable: set[int] = set()  # of this process; a new worker tries again
