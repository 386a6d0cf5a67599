"""What the workflow engine writes: history, clocks, notices, and the ledgers that hang on them.

Kernel rows point at a matter by (subject, subject_id), where subject is the model's label in lower
case ("problems.case"): the kernel knows no domain.
"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import ClassVar

from django.conf import settings
from django.db import connection, models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chuangwen.kernel.people.models import Unit
from chuangwen.kernel.workflow.calendar import Unit as ClockUnit

CLOCK_UNITS = [
    (ClockUnit.URGENT_HOUR.value, _("紧急工作时")),
    (ClockUnit.WORK_HOUR.value, _("工作时")),
    (ClockUnit.WORK_DAY.value, _("工作日")),
    (ClockUnit.CALENDAR_DAY.value, _("自然日")),
]


class Matter(models.Model):
    """Anything with a state, clocks and a history. Only `Flow.take` changes `state`."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    state = models.CharField(_("状态"), max_length=20)
    # Length and last hash of this matter's history: a cut-off tail is noticed.
    entries = models.PositiveIntegerField(default=0, editable=False)
    head = models.CharField(max_length=64, default="", editable=False)
    created_at = models.DateTimeField(_("建立时间"), default=timezone.now, editable=False)
    changed_at = models.DateTimeField(_("更新时间"), default=timezone.now, editable=False)
    # The moment a step is being taken at, for its guard and form; None: now.
    moment: dt.datetime | None = None

    class Meta:
        abstract = True

    @property
    def now(self) -> dt.datetime:
        return self.moment or timezone.now()

    @property
    def subject(self) -> str:
        return self._meta.label_lower


class Entry(models.Model):
    """One row is one thing that happened to one matter; rows are only ever added."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True)  # the submission's own id
    subject = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    seq = models.PositiveIntegerField()
    step = models.CharField(max_length=30)
    from_state = models.CharField(max_length=20, blank=True)
    to_state = models.CharField(max_length=20)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(db_index=True)
    # Typed values as written by `history.typed`; personal ones only as commitments, see Sealed.
    given = models.JSONField(default=dict)
    hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = verbose_name_plural = _("经过")
        constraints = [models.UniqueConstraint(fields=["subject", "subject_id", "seq"], name="entry_seq")]

    def __str__(self) -> str:
        return f"{self.subject} {self.subject_id} #{self.seq} {self.step}"


class Sealed(models.Model):
    """One personal value of one entry, with its salt; deleting the row shreds the value, the chain stays whole."""

    entry = models.ForeignKey(Entry, models.CASCADE, related_name="sealed")
    field = models.CharField(max_length=40)
    salt = models.CharField(max_length=32)
    value = models.TextField()

    class Meta:
        verbose_name = verbose_name_plural = _("封存的个人信息")
        constraints = [models.UniqueConstraint(fields=["entry", "field"], name="sealed_once")]

    def __str__(self) -> str:
        return f"{self.entry_id}.{self.field}"


class Checkpoint(models.Model):
    """One row ties all entries of one day, over all matters, into one hash linked to the day before."""

    day = models.DateField(unique=True)
    count = models.PositiveIntegerField()
    hash = models.CharField(max_length=64)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = verbose_name_plural = _("日校验")

    def __str__(self) -> str:
        return f"{self.day} {self.hash[:8]}"


class Clock(models.Model):
    """One row is one limit running on one matter: started, perhaps paused, stopped; late is computed, never stored."""

    subject = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    name = models.CharField(_("阶段"), max_length=20)
    round = models.PositiveSmallIntegerField(default=1)
    amount = models.DecimalField(_("限"), max_digits=7, decimal_places=2)
    unit = models.CharField(_("单位"), max_length=14, choices=CLOCK_UNITS)
    started_at = models.DateTimeField()
    due_at = models.DateTimeField()
    paused_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("时钟")
        constraints = [models.UniqueConstraint(fields=["subject", "subject_id", "name", "round"], name="clock_once")]

    def __str__(self) -> str:
        return f"{self.name} {self.amount} {self.unit}"


class TimedMatter(Matter):
    """A matter that notes when the first of its clocks runs out; paused ones do not count."""

    next_due_at = models.DateTimeField(_("下个时限"), null=True, editable=False)

    class Meta:
        abstract = True

    def wound(self, live: list[Clock]) -> None:
        """Called by the flow after it wound the clocks."""
        self.next_due_at = min((c.due_at for c in live if c.paused_at is None), default=None)


class DayOverride(models.Model):
    """One row makes one day a working day or a day off, whatever the national list says."""

    day = models.DateField(_("日期"), unique=True)
    is_work = models.BooleanField(_("上班"))
    source = models.CharField(_("来源"), max_length=200)

    class Meta:
        verbose_name = verbose_name_plural = _("特定日")

    def __str__(self) -> str:
        return str(self.day)


class Counter(models.Model):
    """One row is the last number given out under one name, such as the cases of one month."""

    name = models.CharField(max_length=60, unique=True)
    value = models.PositiveBigIntegerField(default=0)

    class Meta:
        verbose_name = verbose_name_plural = _("编号")

    def __str__(self) -> str:
        return f"{self.name}: {self.value}"

    @classmethod
    def next(cls, name: str) -> int:
        """The next number under this name; given back when the surrounding transaction is rolled back."""
        # One statement both engines know, where the ORM would need three.
        sql = (
            "INSERT INTO kernel_counter (name, value) VALUES (%s, 1) "
            "ON CONFLICT (name) DO UPDATE SET value = kernel_counter.value + 1 RETURNING value"
        )
        with connection.cursor() as cursor:
            cursor.execute(sql, [name])
            return int(cursor.fetchone()[0])


class Message(models.Model):
    """One row is one message to one receiver on one channel: several notices bundled into it."""

    channel = models.CharField(max_length=10)  # mail, robot
    target = models.CharField(max_length=300)
    title = models.CharField(max_length=200)
    body = models.TextField()
    made_at = models.DateTimeField(default=timezone.now)
    next_try_at = models.DateTimeField(default=timezone.now, db_index=True)
    tries = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("外发消息")

    def __str__(self) -> str:
        return self.title


class Notice(models.Model):
    """One row tells one unit or person one thing about one matter; written with the change itself (the outbox)."""

    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="notices")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="notices")
    role = models.CharField(max_length=16, blank=True)  # of the unit: liaison or head
    subject = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    kind = models.CharField(max_length=30)  # a step's code or a reminder's
    text = models.CharField(max_length=200)
    url = models.CharField(max_length=200, blank=True)
    is_urgent = models.BooleanField(default=False)
    at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)  # empty: nobody outside the app was told yet

    class Meta:
        verbose_name = verbose_name_plural = _("通知")
        indexes = [
            models.Index(fields=["at"], name="notice_untold", condition=Q(told_at__isnull=True)),
            models.Index(fields=["unit", "at"], name="notice_unit"),
            models.Index(fields=["person", "at"], name="notice_person"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(unit__isnull=False) | Q(person__isnull=False), name="notice_receiver")
        ]

    def __str__(self) -> str:
        return self.text


class Demand(models.Model):
    """One row is one thing asked of one unit (基层减负: the burden ledger): what, by whom, why, until when."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="demands")
    kind = models.CharField(_("事项"), max_length=10)  # fix, photo, form, visit, paper, meeting
    subject = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    purpose = models.CharField(_("用途"), max_length=100)
    until = models.DateTimeField(null=True)
    # What exactly is asked for, the same words for the same thing ("material:12:2026"); empty: may be asked again.
    about = models.CharField(max_length=60, blank=True, default="")

    class Meta:
        verbose_name = verbose_name_plural = _("要求")
        indexes = [
            models.Index(fields=["unit", "asked_at"], name="demand_unit"),
            models.Index(fields=["asked_at", "unit", "kind"], name="demand_month"),
            models.Index(fields=["unit", "about"], name="demand_about", condition=~Q(about="")),
        ]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.kind} {self.purpose}"


class GateOpening(models.Model):
    """One row opens one legally closed function for a time, with the reason and who decided."""

    GROUNDS: ClassVar = [("security", _("安全保卫")), ("emergency", _("应急处置"))]

    gate = models.CharField(max_length=30)
    ground = models.CharField(max_length=10, choices=GROUNDS)
    reason = models.CharField(_("理由"), max_length=300)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField(_("截止"))
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = _("法定开关")
        constraints = [
            models.CheckConstraint(
                condition=Q(until__gt=models.F("opened_at")), name="gate_ends", violation_error_message=_("截止要晚于开启。")
            )
        ]

    def __str__(self) -> str:
        return self.gate
