"""What this app does when something happens elsewhere: shredding the contacts of those who reported."""

from __future__ import annotations

import datetime as dt

from chuangwen.kernel.shred import shreds
from chuangwen.problems import public_reactions as public_reactions
from chuangwen.problems.models import Report


@shreds("contacts of reports")
def shred_contacts(moment: dt.datetime) -> int:
    """Blanks the contact of every report whose case ended before the moment and whose sender has his answer or needs none."""
    return Report.objects.filter(case__closed_at__lt=moment).exclude(contact="").update(contact="")
