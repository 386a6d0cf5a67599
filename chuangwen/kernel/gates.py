"""What the law forbids in work applications, off by default; opened only for security or emergency work, for a time.

Source: 国办函〔2026〕12号 政务移动互联网应用程序规范化管理办法 (2026-01), see docs/decisions/0004.
"""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chuangwen.kernel.people.models import Person
from chuangwen.kernel.workflow.models import GateOpening

SOURCE = "国办函〔2026〕12号"


class Closed(Exception):
    """The function is closed by law; the text says which rule."""


class Gate(NamedTuple):
    code: str
    label: Promise
    may_open: bool
    what: Promise  # what the software leaves out while it is closed


GATES = {
    gate.code: gate
    for gate in (
        Gate("check_in", gettext_lazy("签到打卡"), True, gettext_lazy("没有签到、打卡、在岗时长。")),
        Gate("usage_ranking", gettext_lazy("使用积分与排名"), False, gettext_lazy("不按登录、点击、上报多少给工作人员计分、排名。")),
        Gate("forced_votes", gettext_lazy("强制点赞、投票、转发"), False, gettext_lazy("不要求点赞、投票、转发，也不统计谁没做。")),
        Gate("track_upload", gettext_lazy("上传行走轨迹"), True, gettext_lazy("巡查、考察只记看过的点位，不记走过的路。")),
        Gate("photo_proof", gettext_lazy("无必要的拍照留痕"), True, gettext_lazy("只有要看现场的步骤要照片，开会、学习、到岗不要照片。")),
    )
}


def is_open(code: str, now: dt.datetime | None = None) -> bool:
    """Whether the gate is open at this moment; raises KeyError for an unknown gate."""
    GATES[code]
    now = now or timezone.now()
    return GateOpening.objects.filter(
        gate=code, opened_at__lte=now, until__gt=now, closed_at__isnull=True
    ).exists()


def require(code: str) -> None:
    """Raises Closed unless the gate is open; call it at the head of whatever the gate guards."""
    if not is_open(code):
        raise Closed(
            _("“%(what)s”依%(source)s不得在工作应用中使用。") % {"what": GATES[code].label, "source": SOURCE}
        )


def open_gate(code: str, *, ground: str, reason: str, until: dt.datetime, by: Person) -> GateOpening:
    """Opens a gate for security or emergency work; raises Closed when it may never be opened, ValueError without reason."""
    if not GATES[code].may_open:
        raise Closed(_("“%(what)s”在任何情况下都不开。") % {"what": GATES[code].label})
    if ground not in ("security", "emergency") or not reason.strip():
        raise ValueError(_("只有安全保卫和应急处置可以开，要写明理由。"))
    if until <= timezone.now():
        raise ValueError(_("截止要晚于现在。"))
    return GateOpening.objects.create(gate=code, ground=ground, reason=reason, until=until, opened_by=by)


def close_gate(row: GateOpening, *, by: Person) -> GateOpening:
    """Closes an opening before its end and keeps who did; one that is closed or over stays as it is."""
    now = timezone.now()
    GateOpening.objects.filter(pk=row.pk, closed_at__isnull=True, until__gt=now).update(closed_at=now, closed_by=by)
    row.refresh_from_db()
    return row
