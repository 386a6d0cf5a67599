"""What scoring does when something happens elsewhere: a released round and every day keep the forecast as it stands."""

from __future__ import annotations

import datetime as dt
import logging

from django.utils import timezone

from chuangwen.assessment.forecasting import current_rule, keep_forecast, standing
from chuangwen.assessment.models import Forecast
from chuangwen.assessment.site_front import SCORING
from chuangwen.inspections.models import Round
from chuangwen.kernel.models import Entry, Person
from chuangwen.kernel.workflow.flow import reacts_to

log = logging.getLogger(__name__)


@reacts_to("inspections.round", "release")
def keep_at_release(row: Round, entry: Entry, by: Person | None) -> None:
    """Keeps the forecast a released round changes, in the transaction of the release.

    What a score reads, the sums of each visit, was written when the visit was recorded; what follows the release (pairs of
    raters, cases, pictures that may now be seen) is in no score.
    """
    if row.kind not in SCORING or not row.strata:
        return
    _keep(row.to_on.year, by, entry.at, set(row.editions.values_list("pk", flat=True)))


def keep_today(now: dt.datetime | None = None) -> Forecast | None:
    """A turn of the clock: keeps this year's forecast, unless the last kept one says the same."""
    now = now or timezone.now()
    return _keep(timezone.localdate(now).year, None, now, None)


def _keep(year: int, by: Person | None, at: dt.datetime, editions: set[int] | None) -> Forecast | None:
    rule = current_rule()
    if rule is None or (editions is not None and not editions & {rule.edition_id, rule.minors_id}):
        return None
    try:
        found = standing(rule, year)
    except ValueError as fault:  # a rule that does not add up must not hold up a round
        log.warning("no forecast kept for %s: %s", year, fault)
        return None
    return keep_forecast(found, by=by, at=at)
