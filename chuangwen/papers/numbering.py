"""Numbers of papers: one sequence per issuing body and year, given inside the signing's own transaction.

The counter's row is locked until that transaction ends, and a failed signing gives its number back, so the
sequence has no gap and no number twice, on both engines.
"""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.kernel.models import Counter, Person
from chuangwen.kernel.workflow import history
from chuangwen.kernel.workflow.flow import NotAllowed, Refused
from chuangwen.papers import rules
from chuangwen.papers.format.content import number_words
from chuangwen.papers.models import IssuingBody


class Number(NamedTuple):
    """A number given out: 巩创建办〔2026〕12号 is (2026, 12, words)."""

    year: int
    serial: int
    words: str


def counter_of(body: IssuingBody, year: int) -> str:
    return f"paper {body.pk} {year}"


def next_number(body: IssuingBody, at: dt.datetime) -> Number:
    """The body's next number of the year of `at`; call it inside the transaction that keeps it."""
    year = timezone.localdate(at).year
    serial = Counter.next(counter_of(body, year))
    return Number(year, serial, number_words(body.character, year, serial))


def next_code(at: dt.datetime) -> str:
    """A draft's own code, GW-2026-00001; drafts that are dropped leave gaps here, and here only."""
    year = timezone.localdate(at).year
    return f"GW-{year}-{Counter.next(f'paper draft {year}'):05d}"


def last_serial(body: IssuingBody, year: int) -> int:
    """The last number given out under this body and year; 0 before the first."""
    return Counter.objects.filter(name=counter_of(body, year)).values_list("value", flat=True).first() or 0


@transaction.atomic
def start_after(body: IssuingBody, year: int, serial: int, *, by: Person) -> None:
    """Goes on after a number that was given outside this system. Raises Refused once one was given here."""
    if not rules.bodies.allows(by, None):
        raise NotAllowed(_("起始序号由创建办定。"))
    body = IssuingBody.objects.select_for_update().get(pk=body.pk)
    before = last_serial(body, year)
    if body.papers.filter(year=year, serial__isnull=False).exists():
        raise Refused(_("%(year)d 年已经在这里编过号，序号不能再改。") % {"year": year})
    if serial != before:
        Counter.objects.update_or_create(name=counter_of(body, year), defaults={"value": serial})
        history.log_change(body, by_id=by.pk, changes={f"after_{year}": (before, serial)})
