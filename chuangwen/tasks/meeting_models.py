"""The rhythm of the work: packs by cadence, meetings with their decisions, referrals upward, groups, study plans."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chuangwen.kernel.people.models import PeriodQuerySet
from chuangwen.kernel.workflow.models import Matter, TimedMatter


class Cadence(models.TextChoices):
    """The five beats of rows 12–14; code, because each has its period and its own way to its day."""

    DAILY = "daily", _("日督导清单")
    WEEKLY = "weekly", _("周例会")
    MONTHLY = "monthly", _("月考核点评")
    QUARTERLY = "quarterly", _("季讲评")
    YEARLY = "yearly", _("推进大会")


class Shift(models.TextChoices):
    NONE = "none", _("不移")
    NEXT = "next", _("顺延到工作日")
    PREVIOUS = "previous", _("提前到工作日")
    SKIP = "skip", _("休息日不办")


class Beat(models.Model):
    """One row says on which day one cadence comes round and what its pack holds; without a row it does not come.

    `day` is the weekday (1 Monday … 7 Sunday) of a weekly one and the day of the month of the longer ones (a month
    without that day takes its last); `month` is the month of a yearly one and, of a quarterly one, which month of the
    quarter (1–3). `sections` lists codes of `assessment.gathering.SECTIONS` in order; empty takes the usual ones. The pack is
    made `lead_days` calendar days ahead and gathered anew each day until its own.
    """

    cadence = models.CharField(_("节奏"), max_length=10, choices=Cadence.choices, unique=True)
    day = models.PositiveSmallIntegerField(_("哪一天"), default=1)
    month = models.PositiveSmallIntegerField(_("哪个月"), default=1)
    shift = models.CharField(_("遇休息日"), max_length=8, choices=Shift.choices, default=Shift.NEXT)
    lead_days = models.PositiveSmallIntegerField(_("提前几天备好"), default=0)
    sections = models.JSONField(_("内容"), default=list, blank=True)
    is_on = models.BooleanField(_("在用"), default=True)
    source = models.CharField(_("来源"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("节奏")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(day__gte=1, day__lte=31, month__gte=1, month__lte=12), name="beat_day",
                violation_error_message=_("日写 1 到 31，月写 1 到 12。"),
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return str(self.get_cadence_display())


class PackState(models.TextChoices):
    PREPARED = "prepared", _("备好")
    HELD = "held", _("已定稿")
    PAST = "past", _("已过")


class Pack(Matter):
    """One row is the prepared matter of one beat: a day's list, a week's, month's, quarter's or year's pack (rows 13, 14).

    `sections` is what was gathered, in order: [{"code", "title", "text", "figures": [{"name", "value", "link",
    "definition"}], "columns": [text], "rows": [[{"text", "link"}]]}]; frozen once held. `edits` is what a person
    changed, by section code: {"text", "dropped", "rank"}; gathering again never touches it.
    """

    cadence = models.CharField(_("节奏"), max_length=10, choices=Cadence.choices)
    on = models.DateField(_("日期"))  # the day of the meeting or list
    from_on = models.DateField(_("起"))  # first and last day of what it looks back on
    to_on = models.DateField(_("止"))
    focus = models.TextField(_("重点"), blank=True)
    sections = models.JSONField(default=list)
    edits = models.JSONField(default=dict)
    gathered_at = models.DateTimeField(_("汇集时间"), null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("会议材料")
        ordering = ["-on", "-pk"]
        constraints = [models.UniqueConstraint(fields=["cadence", "on"], name="pack_once")]

    def __str__(self) -> str:
        return f"{self.on} {self.get_cadence_display()}"

    def get_absolute_url(self) -> str:
        return f"/packs/{self.pk}/"


class MeetingState(models.TextChoices):
    PLANNED = "planned", _("拟开")
    INVITED = "invited", _("已通知")
    HELD = "held", _("已开")
    MINUTED = "minuted", _("纪要已定")
    CANCELLED = "cancelled", _("已取消")


class Meeting(TimedMatter):
    """One row is one meeting: when, where, on what, who came, what was decided (row 12)."""

    number = models.CharField(_("编号"), max_length=24, unique=True)
    title = models.CharField(_("名称"), max_length=100)
    cadence = models.CharField(_("节奏"), max_length=10, choices=Cadence.choices, blank=True)
    pack = models.OneToOneField(
        Pack, models.PROTECT, null=True, blank=True, related_name="meeting", verbose_name=_("会议材料")
    )
    starts_at = models.DateTimeField(_("时间"))
    place = models.CharField(_("地点"), max_length=100)
    chair = models.CharField(_("主持"), max_length=60, blank=True)
    note = models.CharField(_("会务说明"), max_length=300, blank=True)
    minutes = models.TextField(_("会议纪要"), blank=True)
    is_sample = models.BooleanField(_("示例"), default=False)

    class Meta:
        verbose_name = verbose_name_plural = _("会议")
        ordering = ["-starts_at", "-pk"]
        indexes = [models.Index(fields=["cadence", "starts_at"], name="meeting_cadence")]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def get_absolute_url(self) -> str:
        return f"/meetings/{self.pk}/"


class AgendaItem(models.Model):
    """One row is one item of a meeting's agenda, with who speaks to it."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="agenda", verbose_name=_("会议"))
    rank = models.PositiveSmallIntegerField(_("顺序"))
    text = models.CharField(_("议题"), max_length=200)
    speaker = models.CharField(_("汇报"), max_length=60, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("议题")
        ordering = ["meeting", "rank"]
        constraints = [models.UniqueConstraint(fields=["meeting", "rank"], name="agenda_rank")]

    def __str__(self) -> str:
        return self.text


class Presence(models.TextChoices):
    UNKNOWN = "unknown", _("未记")
    CAME = "came", _("到会")
    LEAVE = "leave", _("请假")
    ABSENT = "absent", _("缺席")


class Attendance(models.Model):
    """One row is one unit asked to one meeting: whether it came, by whom, whether it had to speak (表态发言)."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="attendance", verbose_name=_("会议"))
    unit = models.ForeignKey(
        "kernel.Unit", models.PROTECT, related_name="attendances", verbose_name=_("单位")
    )
    invited_at = models.DateTimeField(_("通知时间"), null=True)
    presence = models.CharField(
        _("到会情况"), max_length=8, choices=Presence.choices, default=Presence.UNKNOWN
    )
    who = models.CharField(_("参会人"), max_length=60, blank=True)
    has_spoken = models.BooleanField(_("表态发言"), default=False)
    note = models.CharField(_("说明"), max_length=100, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("参会")
        ordering = ["meeting", "pk"]
        constraints = [models.UniqueConstraint(fields=["meeting", "unit"], name="attendance_once")]

    def __str__(self) -> str:
        return f"{self.meeting_id} {self.unit}"


class Decision(models.Model):
    """One row is one thing a meeting decided; with a unit and a date it becomes a task, once (row 12)."""

    uid = models.UUIDField(
        default=uuid.uuid4, unique=True
    )  # the row's own id on the page: sent twice is harmless
    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="decisions", verbose_name=_("会议"))
    rank = models.PositiveSmallIntegerField(_("顺序"))
    text = models.CharField(_("决定"), max_length=300)
    unit = models.ForeignKey(
        "kernel.Unit", models.PROTECT, null=True, blank=True, related_name="decisions", verbose_name=_("单位")
    )
    due_on = models.DateField(_("期限"), null=True, blank=True)
    task = models.OneToOneField(
        "tasks.Task", models.PROTECT, null=True, blank=True, related_name="decision", verbose_name=_("任务")
    )

    class Meta:
        verbose_name = verbose_name_plural = _("会议决定")
        ordering = ["meeting", "rank", "pk"]

    def __str__(self) -> str:
        return self.text


class ReferralState(models.TextChoices):
    SENT = "sent", _("已提交")
    LISTED = "listed", _("已列入")
    ASSIGNED = "assigned", _("已交办")
    DONE = "done", _("已办结")
    RETURNED = "returned", _("被退回")


class Referral(TimedMatter):
    """One row is one task handed up to the government's weekly assignment meeting and followed there (row 15)."""

    number = models.CharField(_("编号"), max_length=24, unique=True)
    task = models.ForeignKey("tasks.Task", models.PROTECT, related_name="referrals", verbose_name=_("任务"))
    to = models.CharField(_("提交到"), max_length=80)
    reason = models.CharField(_("提交理由"), max_length=500)
    listed_on = models.DateField(_("列入日期"), null=True, blank=True)
    assigned_on = models.DateField(_("交办日期"), null=True, blank=True)
    assigned_by = models.CharField(_("交办领导"), max_length=60, blank=True)
    due_on = models.DateField(_("期限"), null=True, blank=True)
    outcome = models.CharField(_("结果"), max_length=500, blank=True)
    is_sample = models.BooleanField(_("示例"), default=False)

    class Meta:
        verbose_name = verbose_name_plural = _("提交交办")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["task"], condition=~Q(state__in=("done", "returned")), name="referral_one_open"
            )
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.task.title}"

    def get_absolute_url(self) -> str:
        return f"/referrals/{self.number}/"


class GroupMember(models.Model):
    """One row says that a unit belongs to a group of the command structure, from when to when (row 3)."""

    group = models.ForeignKey("kernel.Unit", models.PROTECT, related_name="members", verbose_name=_("工作组"))
    unit = models.ForeignKey(
        "kernel.Unit", models.PROTECT, related_name="memberships", verbose_name=_("成员单位")
    )
    is_lead = models.BooleanField(_("牵头"), default=False)
    from_on = models.DateField(_("起"))
    to_on = models.DateField(_("止"), null=True, blank=True)
    objects = PeriodQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("成员单位")
        ordering = ["group", "-is_lead", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["group", "unit"], condition=Q(to_on__isnull=True), name="group_member_once"
            ),
            models.CheckConstraint(
                condition=Q(to_on__isnull=True) | Q(to_on__gte=models.F("from_on")), name="group_member_period",
                violation_error_message=_("止的日期早于起的日期。"),
            ),
            models.CheckConstraint(condition=~Q(group=models.F("unit")), name="group_not_its_own_member"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.group} {self.unit}"


class StudyPlan(models.Model):
    """One row is one topic a body means to study in one month, and when it did (row 81; a plain list, nothing hangs on it)."""

    unit = models.ForeignKey("kernel.Unit", models.PROTECT, related_name="+", verbose_name=_("单位"))
    month = models.DateField(_("月份"))  # its first day
    way = models.CharField(_("学习方式"), max_length=30, blank=True)
    topic = models.CharField(_("内容"), max_length=200)
    done_on = models.DateField(_("完成日期"), null=True, blank=True)
    source = models.CharField(_("来源"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("学习计划")
        ordering = ["-month", "unit", "pk"]
        constraints = [models.UniqueConstraint(fields=["unit", "month", "topic"], name="study_plan_once")]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.topic}"
