"""When the tasks of a year fall due: before their materials where those have a date, else evenly over the working months.

Pure arithmetic on dates; no database.
"""

from __future__ import annotations

import datetime as dt
from calendar import monthrange

FIRST_MONTH, LAST_MONTH = 3, 11  # the last weeks of a year are for the papers, the first for the plan


def month_end(day: dt.date) -> dt.date:
    """The last day of the month of `day`."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def month_start(day: dt.date) -> dt.date:
    return day.replace(day=1)


def next_month(day: dt.date) -> dt.date:
    """The first day of the month after the one of `day`."""
    return month_end(day) + dt.timedelta(days=1)


def months_left(year: int, today: dt.date) -> list[dt.date]:
    """The ends of the months of `year` that work can still fall due in after `today`: March to November.

    Late in the year what is left up to December, and for a year that is over its last day.
    """
    ends = [month_end(dt.date(year, month, 1)) for month in range(1, 13)]
    ahead = [end for end in ends if end > today]
    usual = [end for end in ahead if FIRST_MONTH <= end.month <= LAST_MONTH]
    return usual or ahead or ends[-1:]


def due_before(material_due: dt.date, lead_days: int, today: dt.date) -> dt.date:
    """So many days before the material is due; when that is over already, the material's own day, else next month's end."""
    for day in (material_due - dt.timedelta(days=lead_days), material_due):
        if day > today:
            return day
    return month_end(next_month(today))


def spread(count: int, months: list[dt.date]) -> list[dt.date]:
    """Gives each of `count` things one of the months in order, as evenly as whole numbers allow."""
    return [months[i * len(months) // count] for i in range(count)]
