"""What this app does when something happens elsewhere: shredding the contacts of those who reported, and the messages
other systems sent."""

from __future__ import annotations

import datetime as dt

from chuangwen.kernel.shred import shreds
from chuangwen.problems import case_hooks as case_hooks
from chuangwen.problems import public_reactions as public_reactions
from chuangwen.problems import resident_reactions as resident_reactions
from chuangwen.problems.exchanging import giving as giving
from chuangwen.problems.models import ExchangeMessage, Report


@shreds("contacts of reports")
def shred_contacts(moment: dt.datetime) -> int:
    """Blanks the contact of every report whose case ended before the moment and whose sender has his answer or needs none."""
    return Report.objects.filter(case__closed_at__lt=moment).exclude(contact="").update(contact="")


@shreds("bodies of exchange messages")
def shred_exchange(moment: dt.datetime) -> int:
    """Blanks messages done before the moment: what they hold of persons; what came of them is on their cases."""
    return ExchangeMessage.objects.filter(done_at__lt=moment).exclude(body="").update(body="")
