"""What happens of itself around residents' messages: told by short message when done, persons forgotten in time."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from chuangwen.kernel.models import Entry, Person
from chuangwen.kernel.shred import shreds
from chuangwen.kernel.workflow import sms
from chuangwen.kernel.workflow.flow import reacts_to
from chuangwen.problems.models import Case, Submission
from chuangwen.problems.submission_flow import SubmissionFlow as SubmissionFlow
from chuangwen.problems.submitting import secret_of

ORIGIN_DAYS = 2  # no limit and no sign looks further back


@reacts_to("problems.case", "pass")
def told_by_phone(case: Case, entry: Entry, by: Person | None) -> None:
    """Whoever left a checked phone is told once that it is done, and where to see it."""
    if not sms.has_gateway():
        return
    rows = Submission.objects.filter(Q(case=case) | Q(case__merged_into=case), report__isnull=False)
    origin = settings.CSRF_TRUSTED_ORIGINS[0] if settings.CSRF_TRUSTED_ORIGINS else ""
    for row in rows.filter(phone_checked_at__isnull=False).exclude(phone="").order_by("pk"):
        link = f"{origin}/p/f/{secret_of(row.uid)}/" if origin else ""
        with translation.override(settings.LANGUAGE_CODE):
            words = _("你报的“%(what)s”办好了，没解决可以退回重办。") % {"what": row.text[:12]}
        sms.write(row.phone, f"{words}{link}", entry.at)


@shreds("names and phones of residents")
def shred_senders(moment: dt.datetime) -> int:
    """Blanks who sent a message whose case ended before the moment, or which never became a case and is older."""
    ended = Q(case__closed_at__lt=moment) | Q(report__isnull=True, received_at__lt=moment)
    rows = Submission.objects.filter(ended).exclude(name="", phone="")
    return rows.update(name="", phone="")


@shreds("short messages that never went out")
def shred_messages(moment: dt.datetime) -> int:
    return sms.forget_unsent(moment)


def forget_origins(now: dt.datetime | None = None) -> int:
    """Drops the veiled network and device of messages older than two days; by the worker, every hour."""
    before = (now or timezone.now()) - dt.timedelta(days=ORIGIN_DAYS)
    rows = Submission.objects.filter(received_at__lt=before).exclude(origin="", device="")
    return rows.update(origin="", device="")
