"""Plans over three years and one, drives with before and after, and the tasks they are made of."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chuangwen.kernel.workflow.models import TimedMatter
from chuangwen.tasks.idea_models import Idea as Idea
from chuangwen.tasks.idea_models import IdeaState as IdeaState
from chuangwen.tasks.idea_models import IdeaSupport as IdeaSupport
from chuangwen.tasks.meeting_models import AgendaItem as AgendaItem
from chuangwen.tasks.meeting_models import Attendance as Attendance
from chuangwen.tasks.meeting_models import Beat as Beat
from chuangwen.tasks.meeting_models import Cadence as Cadence
from chuangwen.tasks.meeting_models import Decision as Decision
from chuangwen.tasks.meeting_models import GroupMember as GroupMember
from chuangwen.tasks.meeting_models import Meeting as Meeting
from chuangwen.tasks.meeting_models import MeetingState as MeetingState
from chuangwen.tasks.meeting_models import Pack as Pack
from chuangwen.tasks.meeting_models import PackState as PackState
from chuangwen.tasks.meeting_models import Presence as Presence
from chuangwen.tasks.meeting_models import Referral as Referral
from chuangwen.tasks.meeting_models import ReferralState as ReferralState
from chuangwen.tasks.meeting_models import Shift as Shift
from chuangwen.tasks.meeting_models import StudyPlan as StudyPlan


class PlanKind(models.TextChoices):
    THREE_YEARS = "three_years", _("三年行动计划")
    YEAR = "year", _("年度方案")


class Plan(models.Model):
    """One row is a plan: three years, or one year under a three-year plan; tasks hang on the year's (row 1)."""

    kind = models.CharField(_("类型"), max_length=12, choices=PlanKind.choices)
    name = models.CharField(_("名称"), max_length=100)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("上级计划")
    )
    edition = models.ForeignKey(
        "standards.Edition",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("依据版本"),
    )
    from_on = models.DateField(_("起"))
    to_on = models.DateField(_("止"))
    goal = models.TextField(_("目标"), blank=True)
    is_sample = models.BooleanField(_("示例"), default=False)
    source = models.CharField(_("来源"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("计划")
        ordering = ["-from_on", "kind"]
        constraints = [
            models.CheckConstraint(
                condition=Q(to_on__gte=models.F("from_on")), name="plan_period",
                violation_error_message=_("止的日期早于起的日期。"),
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/plans/{self.pk}/"


class DriveKind(models.TextChoices):
    THEME_MONTH = "theme_month", _("提升月")
    HARD_PROBLEM = "hard_problem", _("围点攻坚")
    WEAKNESS = "weakness", _("补短板强弱项")


class Drive(models.Model):
    """One row is a campaign of work with scope, dates and a target, measured before and after (rows 22, 53)."""

    kind = models.CharField(_("类型"), max_length=14, choices=DriveKind.choices)
    name = models.CharField(_("名称"), max_length=80)
    plan = models.ForeignKey(
        Plan, models.PROTECT, null=True, blank=True, related_name="drives", verbose_name=_("计划")
    )
    unit = models.ForeignKey(
        "kernel.Unit", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("牵头单位")
    )
    from_on = models.DateField(_("起"))
    to_on = models.DateField(_("止"))
    streets = models.ManyToManyField("kernel.Place", blank=True, related_name="+", verbose_name=_("范围"))
    scope = models.CharField(_("范围说明"), max_length=200, blank=True)
    measure = models.CharField(_("衡量什么"), max_length=120, blank=True)
    # Code of the catalogue's kind whose open cases in scope are the measure; the catalogue is another app's.
    case_kind = models.CharField(_("问题类别编号"), max_length=10, blank=True)
    before = models.DecimalField(_("之前"), max_digits=14, decimal_places=2, null=True, blank=True)
    before_on = models.DateField(_("之前的日期"), null=True, blank=True)
    target = models.DecimalField(_("目标"), max_digits=14, decimal_places=2, null=True, blank=True)
    after = models.DecimalField(_("之后"), max_digits=14, decimal_places=2, null=True, blank=True)
    after_on = models.DateField(_("之后的日期"), null=True, blank=True)
    result = models.TextField(_("结果"), blank=True)
    source = models.CharField(_("来源"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("专项行动")
        ordering = ["-from_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(to_on__gte=models.F("from_on")), name="drive_period",
                violation_error_message=_("止的日期早于起的日期。"),
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/drives/{self.pk}/"


class DriveTemplate(models.Model):
    """One row is a campaign that every generated year begins with, such as one of the six theme months (row 53)."""

    name = models.CharField(_("名称"), max_length=80, unique=True)
    kind = models.CharField(_("类型"), max_length=14, choices=DriveKind.choices)
    month = models.PositiveSmallIntegerField(_("月份"))
    measure = models.CharField(_("衡量什么"), max_length=120, blank=True)
    source = models.CharField(_("来源"), max_length=200)

    class Meta:
        verbose_name = verbose_name_plural = _("年度行动模板")
        ordering = ["month", "name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(month__gte=1, month__lte=12), name="drive_template_month",
                violation_error_message=_("月份写 1 到 12。"),
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name


class TaskKind(models.TextChoices):
    PROJECT = "project", _("推进项目")
    ACTIVITY = "activity", _("开展活动")
    DOCUMENT = "document", _("提供文件")


class State(models.TextChoices):
    DRAFT = "draft", _("拟定")
    OPEN = "open", _("待认领")
    DOING = "doing", _("推进")
    SUBMITTED = "submitted", _("待验收")
    DONE = "done", _("完成")
    DROPPED = "dropped", _("取消")


ENDED = (State.DONE, State.DROPPED)
RUNNING = (State.OPEN, State.DOING)


class Task(TimedMatter):
    """One row is one piece of work: a project, an activity or a document, traced to its standard (row 23)."""

    number = models.CharField(_("编号"), max_length=24, unique=True)
    kind = models.CharField(_("类型"), max_length=10, choices=TaskKind.choices)
    title = models.CharField(_("任务"), max_length=120)
    text = models.TextField(_("要求"), blank=True)
    plan = models.ForeignKey(
        Plan, models.PROTECT, null=True, blank=True, related_name="tasks", verbose_name=_("计划")
    )
    drive = models.ForeignKey(
        Drive, models.PROTECT, null=True, blank=True, related_name="tasks", verbose_name=_("专项行动")
    )
    requirement = models.ForeignKey(
        "standards.Requirement",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="tasks",
        verbose_name=_("测评要求"),
    )
    unit = models.ForeignKey(
        "kernel.Unit", models.PROTECT, null=True, blank=True, related_name="tasks", verbose_name=_("单位")
    )
    assists = models.ManyToManyField("kernel.Unit", blank=True, related_name="+", verbose_name=_("协办"))
    leader = models.ForeignKey(
        "kernel.Person",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="led_tasks",
        verbose_name=_("分管领导"),
    )
    place = models.ForeignKey(
        "kernel.Place", models.PROTECT, null=True, blank=True, related_name="tasks", verbose_name=_("地点")
    )
    due_on = models.DateField(_("期限"))
    asked_due_on = models.DateField(_("申请延到"), null=True, blank=True)  # while a request waits
    progress = models.PositiveSmallIntegerField(_("进度%"), default=0)
    # Projects: yuan.
    budget = models.DecimalField(_("投资（元）"), max_digits=16, decimal_places=2, null=True, blank=True)
    spent = models.DecimalField(_("已完成（元）"), max_digits=16, decimal_places=2, null=True, blank=True)
    is_sample = models.BooleanField(_("示例"), default=False)
    source = models.CharField(_("来源"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("任务")
        ordering = ["due_on", "pk"]
        indexes = [
            models.Index(fields=["unit", "state", "due_on"], name="task_unit"),
            models.Index(fields=["state", "due_on"], name="task_state"),
        ]
        constraints = [models.CheckConstraint(condition=Q(progress__lte=100), name="task_progress")]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def get_absolute_url(self) -> str:
        return f"/tasks/{self.number}/"

    @property
    def is_open(self) -> bool:
        return self.state not in ENDED

    def is_late(self, now: dt.datetime) -> bool:
        """Whether the unit is late; work handed in is the office's to check and not late."""
        return self.state in RUNNING and self.next_due_at is not None and self.next_due_at < now


class MonthState(models.TextChoices):
    PLANNED = "planned", _("计划")
    DONE = "done", _("完成")
    CARRIED = "carried", _("结转")


class MonthLine(models.Model):
    """One row is what one task shall reach in one month; what is not reached is carried to the next (row 54)."""

    task = models.ForeignKey(Task, models.CASCADE, related_name="months", verbose_name=_("任务"))
    month = models.DateField(_("月份"))  # its first day
    plan = models.CharField(_("本月计划"), max_length=200)
    result = models.CharField(_("完成情况"), max_length=200, blank=True)
    state = models.CharField(_("状态"), max_length=8, choices=MonthState.choices, default=MonthState.PLANNED)
    carried_from = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = _("月计划")
        ordering = ["month", "pk"]
        constraints = [models.UniqueConstraint(fields=["task", "month"], name="month_line_once")]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.plan}"


class Demo(models.Model):
    """One row is a demonstration site of a trade: the practice it shows and who may copy it (row 55)."""

    trade = models.CharField(_("行业"), max_length=40)
    place = models.ForeignKey("kernel.Place", models.PROTECT, related_name="demos", verbose_name=_("点位"))
    unit = models.ForeignKey(
        "kernel.Unit", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("单位")
    )
    drive = models.ForeignKey(
        Drive, models.PROTECT, null=True, blank=True, related_name="demos", verbose_name=_("专项行动")
    )
    practice = models.TextField(_("做法"))
    chosen_on = models.DateField(_("选定日期"))
    source = models.CharField(_("来源"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("示范点")
        ordering = ["trade", "pk"]
        constraints = [models.UniqueConstraint(fields=["trade", "place"], name="demo_once")]

    def __str__(self) -> str:
        return f"{self.trade} {self.place}"

    def get_absolute_url(self) -> str:
        return f"/demos/{self.pk}/"


class DemoVisit(models.Model):
    """One row is one observation meeting (现场观摩会) at a demonstration site: who came, what was taken home."""

    demo = models.ForeignKey(Demo, models.CASCADE, related_name="visits", verbose_name=_("示范点"))
    on = models.DateField(_("日期"))
    guests = models.CharField(_("参加单位"), max_length=300)
    count = models.PositiveIntegerField(_("人数"), default=0)
    note = models.TextField(_("要点"), blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("观摩")
        ordering = ["-on"]

    def __str__(self) -> str:
        return f"{self.on} {self.demo}"


class AdoptionState(models.TextChoices):
    PLANNED = "planned", _("计划推广")
    ADOPTED = "adopted", _("已推广")
    NOT = "not", _("不适用")


class Adoption(models.Model):
    """One row says whether one place took over a demonstration site's practice, and when."""

    demo = models.ForeignKey(Demo, models.CASCADE, related_name="adoptions", verbose_name=_("示范点"))
    place = models.ForeignKey("kernel.Place", models.PROTECT, related_name="+", verbose_name=_("推广到"))
    state = models.CharField(
        _("状态"), max_length=8, choices=AdoptionState.choices, default=AdoptionState.PLANNED
    )
    on = models.DateField(_("日期"), null=True, blank=True)
    note = models.CharField(_("说明"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("推广")
        constraints = [models.UniqueConstraint(fields=["demo", "place"], name="adoption_once")]

    def __str__(self) -> str:
        return f"{self.place} {self.get_state_display()}"
