"""What the steps of a round do to its columns and what holds a step up."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _

from chuangwen.inspections.models import Round, Visit, VisitState
from chuangwen.kernel.models import Person


def nothing_recorded(row: Round) -> str | None:
    """A round without a single visit has nothing to end; it is cancelled instead."""
    done = Visit.objects.filter(round=row, state=VisitState.DONE).exists()
    return None if done else _("还没有一处考察记录，不能结束；不做了就取消。")


def release(row: Round, *, by: Person | None, at: dt.datetime) -> dict[str, Any]:
    """From now on everybody may know; what failed becomes cases after this step (`releasing.open_cases`)."""
    row.released_at = at
    left = Visit.objects.filter(round=row, state=VisitState.PLANNED).count()
    return {"not_visited": left}
