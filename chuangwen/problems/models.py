"""Kinds of problems, reports as they came in, and cases as they are worked on."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chuangwen.kernel.places.models import Located
from chuangwen.kernel.workflow.calendar import Limit
from chuangwen.kernel.workflow.calendar import Unit as ClockUnit
from chuangwen.kernel.workflow.models import Clock, Matter
from chuangwen.problems.exchange_models import ExchangeKind as ExchangeKind
from chuangwen.problems.exchange_models import ExchangeMessage as ExchangeMessage
from chuangwen.problems.exchange_models import ExchangeState as ExchangeState
from chuangwen.problems.exchange_models import Partner as Partner
from chuangwen.problems.import_models import ColumnMapping as ColumnMapping
from chuangwen.problems.import_models import ImportJob as ImportJob
from chuangwen.problems.import_models import JobState as JobState
from chuangwen.problems.public_models import Publication as Publication
from chuangwen.problems.public_models import PublicationState as PublicationState
from chuangwen.problems.public_models import Submission as Submission
from chuangwen.problems.public_models import SubmissionState as SubmissionState


class UnitRule(models.TextChoices):
    """How a kind finds its responsible unit; code, because routing branches on it."""

    FIXED = "unit", _("指定单位")
    AREA = "area_unit", _("属地镇街")
    ROAD = "road_chief", _("路长单位")
    SITE = "site_unit", _("点位责任单位")
    SHOP = "shop_duty", _("门前责任人所在镇街")


class CaseKind(models.Model):
    """One row of the city's catalogue: when a case is opened, how long each stage may take, when it is closed, whose it is."""

    code = models.CharField(_("编码"), max_length=10, unique=True)
    group = models.CharField(_("大类"), max_length=20)
    is_component = models.BooleanField(_("部件"), default=False)
    name = models.CharField(_("名称"), max_length=30)
    keywords = models.TextField(_("关键词"), blank=True)
    open_when = models.TextField(_("立案条件"))
    close_when = models.TextField(_("结案条件"))
    # stage -> [amount, unit]: {"verify": ["2", "work_hour"], "dispatch": …, "fix": …, "check": …}
    limits = models.JSONField(_("时限"))
    unit_rule = models.CharField(_("责任规则"), max_length=12, choices=UnitRule.choices)
    unit = models.ForeignKey(
        "kernel.Unit", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("责任单位")
    )
    needs_photo = models.BooleanField(_("整改需照片"), default=True)
    is_active = models.BooleanField(_("在用"), default=True)
    source = models.CharField(_("来源"), max_length=200)

    class Meta:
        verbose_name = verbose_name_plural = _("问题类别")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name

    def limit(self, stage: str) -> Limit | None:
        """The limit of one stage as the catalogue says today."""
        pair = self.limits.get(stage)
        return Limit(Decimal(pair[0]), ClockUnit(pair[1])) if pair else None


class Source(models.TextChoices):
    """Where a report came from; 「三位一体」: inspection, media and people in one loop (row 20)."""

    VISIT = "visit", _("考察")
    HOTLINE = "hotline", _("热线")
    RESIDENT = "resident", _("随手拍")
    MAIL = "mail", _("信箱")
    PHONE = "phone", _("电话")
    MEETING = "meeting", _("座谈")
    PRESS = "press", _("媒体")
    TOUR = "tour", _("巡访")
    SUPERVISOR = "supervisor", _("督查")
    PATROL = "patrol", _("巡查")
    WECHAT = "wechat", _("微信")
    COVERT = "covert", _("暗访")
    RECHECK = "recheck", _("复查")


class State(models.TextChoices):
    REPORTED = "reported", _("待核实")
    VERIFIED = "verified", _("待立案")
    FILED = "filed", _("待派遣")
    ASSIGNED = "assigned", _("待接收")
    FIXING = "fixing", _("处置")
    ANSWERED = "answered", _("核查")
    DISPUTED = "disputed", _("待定责")
    APPEALED = "appealed", _("申诉")
    HELD = "held", _("挂账")
    CLOSED = "closed", _("销号")
    SPOT = "spot", _("抽查")
    MERGED = "merged", _("并案")
    VOID = "void", _("作废")


DONE = (State.CLOSED, State.SPOT, State.MERGED, State.VOID)


class Supervision(models.IntegerChoices):
    NONE = 0, _("未督办")
    YELLOW = 1, _("黄牌督办")
    RED = 2, _("红牌督办")


class Case(Matter, Located):
    """One row is one problem at one place on its way from report to closing."""

    number = models.CharField(_("编号"), max_length=24, unique=True)
    source = models.CharField(_("来源"), max_length=12, choices=Source.choices)
    what = models.CharField(_("事项"), max_length=60)
    kind = models.ForeignKey(
        CaseKind,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="cases",
        verbose_name=_("类别"),
        db_index=False,
    )
    address = models.CharField(_("位置"), max_length=120, blank=True)
    street = models.ForeignKey(
        "kernel.Place", models.PROTECT, null=True, related_name="+", verbose_name=_("镇街"), db_index=False
    )
    area = models.ForeignKey(
        "kernel.Place", models.PROTECT, null=True, related_name="+", verbose_name=_("村社区"), db_index=False
    )
    road = models.ForeignKey(
        "kernel.Place",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("路段"),
        db_index=False,
    )
    site = models.ForeignKey(
        "kernel.Place",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("点位"),
        db_index=False,
    )
    accuracy_m = models.FloatField(_("精度（米）"), null=True)
    unit = models.ForeignKey(
        "kernel.Unit",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="cases",
        verbose_name=_("责任单位"),
        db_index=False,
    )
    # The body outside the loop that has the case now (督查局, 纪委); shown only to those who may see the hand-over.
    outside_unit = models.ForeignKey(
        "kernel.Unit", models.PROTECT, null=True, related_name="+", db_index=False
    )
    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )

    reported_at = models.DateTimeField(_("上报"), default=timezone.now)
    filed_at = models.DateTimeField(_("立案"), null=True)
    assigned_at = models.DateTimeField(_("派遣"), null=True)
    answered_at = models.DateTimeField(_("反馈"), null=True)
    closed_at = models.DateTimeField(_("销号"), null=True)
    # The due moment of the running clock; empty when none runs. Late is `due_at < now`, never a flag.
    due_at = models.DateTimeField(_("期限"), null=True)
    due_unit = models.CharField(max_length=14, blank=True)
    is_paused = models.BooleanField(default=False)
    fix_due_at = models.DateTimeField(_("处置期限"), null=True)
    # The next moment the clock must look at this case (a reminder, a rung of the ladder).
    look_at = models.DateTimeField(null=True)
    rung = models.PositiveSmallIntegerField(default=0)  # rungs of the ladder already taken in this round

    round = models.PositiveSmallIntegerField(_("轮次"), default=1)
    passes = models.PositiveSmallIntegerField(_("派遣次数"), default=0)
    returns = models.PositiveSmallIntegerField(_("退回"), default=0)
    reworks = models.PositiveSmallIntegerField(_("返工"), default=0)
    extensions = models.PositiveSmallIntegerField(_("延期"), default=0)
    supervision = models.PositiveSmallIntegerField(_("督办"), choices=Supervision.choices, default=0)
    is_watched = models.BooleanField(_("跟踪"), default=False)
    held_until = models.DateField(_("挂账至"), null=True)
    asked_extension = models.CharField(max_length=20, blank=True)  # "2 work_day" while a request waits
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="merged", db_index=False)
    recurs_of = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="recurrences", db_index=False
    )
    # What the suggester said at intake; kept so that it can be measured against what a person decided.
    suggested_kind = models.ForeignKey(CaseKind, models.PROTECT, null=True, related_name="+", db_index=False)
    suggested_unit = models.ForeignKey(
        "kernel.Unit", models.PROTECT, null=True, related_name="+", db_index=False
    )
    confidence = models.FloatField(null=True)
    why_unit = models.JSONField(
        default=list, blank=True
    )  # the chain place → duty → unit in force at dispatch
    # The last look at the place after closing, and whether it found the problem again.
    spotted_at = models.DateTimeField(null=True)
    spot_failed = models.BooleanField(default=False)
    is_sample = models.BooleanField(default=False)

    class Meta:
        verbose_name = verbose_name_plural = _("案件")
        constraints = [
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("pk")), name="case_not_into_itself"
            ),
        ]
        # Each index serves one page: the list by kind and state, my unit's work, what is due, the map tile,
        # the clock, the month's rates. Partial ones stay small: open cases are a few per cent of all.
        indexes = [
            models.Index(fields=["kind", "state", "-reported_at"], name="case_kind_state"),
            models.Index(fields=["-reported_at"], name="case_reported"),
            models.Index(fields=["unit", "state", "due_at"], name="case_unit_state"),
            models.Index(fields=["street", "state", "-reported_at"], name="case_street_state"),
            models.Index(
                fields=["state", "due_at"], name="case_open_due", condition=Q(closed_at__isnull=True)
            ),
            models.Index(
                fields=["kind", "due_at", "is_paused"], name="case_open_kind", condition=Q(closed_at__isnull=True)
            ),
            models.Index(fields=["kind", "cell"], name="case_kind_cell", condition=Q(state="closed")),
            # The map: with every column that a tile groups, colours and filters by, so that it never reads the rows.
            models.Index(
                fields=["cell", "due_at", "is_paused", "lon", "lat", "unit", "street", "source", "reporter", "outside_unit",
                        "kind", "state", "recurs_of"],
                name="case_open_cell", condition=Q(closed_at__isnull=True),
            ),
            # The big screen: open and late by street and by site, how many stand on the ladder, without the rows.
            models.Index(
                fields=["street", "due_at", "is_paused", "site", "rung"],
                name="case_open_place", condition=Q(closed_at__isnull=True),
            ),
            models.Index(fields=["cell", "-closed_at"], name="case_cell"),
            models.Index(fields=["look_at"], name="case_look", condition=Q(look_at__isnull=False)),
            models.Index(fields=["unit", "fix_due_at"], name="case_unit_fix_due"),
            # All a month's rates read of a case whose limit ends in it: 27,000 rows without one look at the table.
            models.Index(
                fields=[
                    "fix_due_at", "unit", "street", "kind", "state", "answered_at", "assigned_at", "closed_at",
                    "reworks", "recurs_of",
                ],
                name="case_month", condition=Q(fix_due_at__isnull=False),
            ),
            # Without the open ones: else SQLite takes "closed_at IS NULL" for a narrow search and reads 30,000 rows.
            models.Index(fields=["closed_at"], name="case_closed", condition=Q(closed_at__isnull=False)),
            models.Index(fields=["spotted_at"], name="case_spotted", condition=Q(spotted_at__isnull=False)),
            models.Index(fields=["site", "-reported_at"], name="case_site", condition=Q(site__isnull=False)),
            models.Index(fields=["merged_into"], name="case_merged", condition=Q(merged_into__isnull=False)),
            models.Index(fields=["recurs_of"], name="case_recurs", condition=Q(recurs_of__isnull=False)),
            models.Index(
                fields=["outside_unit"], name="case_outside", condition=Q(outside_unit__isnull=False)
            ),
            models.Index(fields=["reporter"], name="case_reporter", condition=Q(reporter__isnull=False)),
            # The short lists of the first page: drawn for a re-check, watched, an extension waits, a road's cases.
            models.Index(fields=["closed_at"], name="case_spot", condition=Q(state="spot")),
            models.Index(
                fields=["due_at"], name="case_watched", condition=Q(is_watched=True, closed_at__isnull=True)
            ),
            models.Index(fields=["due_at"], name="case_extension", condition=Q(asked_extension__gt="")),
            models.Index(
                fields=["road"], name="case_open_road", condition=Q(closed_at__isnull=True, road__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.what}"

    def get_absolute_url(self) -> str:
        return f"/cases/{self.number}/"

    @property
    def is_open(self) -> bool:
        return self.state not in DONE

    def is_late(self, now: dt.datetime) -> bool:
        return self.is_open and not self.is_paused and self.due_at is not None and self.due_at < now

    def wound(self, live: list[Clock]) -> None:
        """Notes the due moment of the clock that runs out first; called by the flow after it wound the clocks."""
        first = min((c for c in live), key=lambda c: (c.paused_at is not None, c.due_at), default=None)
        self.due_at = first.due_at if first else None
        self.due_unit = first.unit if first else ""
        self.is_paused = bool(first and first.paused_at)
        for clock in live:
            if clock.name == "fix":
                self.fix_due_at = clock.due_at


class Campaign(models.Model):
    """One row is one public find-fault campaign (row 45 「大家来找茬」): its rules, its dates, its thanks."""

    name = models.CharField(_("名称"), max_length=60)
    rules = models.TextField(_("规则"))
    thanks = models.CharField(_("致谢"), max_length=300, blank=True)
    from_on = models.DateField(_("起"))
    to_on = models.DateField(_("止"))
    is_sample = models.BooleanField(_("示例"), default=False)

    class Meta:
        verbose_name = verbose_name_plural = _("找茬活动")
        ordering = ["-from_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(to_on__gte=F("from_on")),
                name="campaign_period",
                violation_error_message=_("止的日期早于起的日期。"),
            )
        ]

    def __str__(self) -> str:
        return self.name


class Report(models.Model):
    """One row is one message that reached the inbox; merging cases keeps every one of them and its sender."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True)  # the sender's own id: sending twice is harmless
    case = models.ForeignKey(Case, models.PROTECT, related_name="reports")
    source = models.CharField(_("来源"), max_length=12, choices=Source.choices)
    channel = models.CharField(_("渠道"), max_length=20, blank=True)  # 12319, 12345, a newspaper's name
    order_number = models.CharField(_("工单号"), max_length=60, blank=True)
    text = models.TextField(_("原话"))
    address = models.CharField(_("位置"), max_length=200, blank=True)
    # Least data: the number is for the answer only, shown masked, shredded with history.
    contact = models.CharField(_("联系方式"), max_length=60, blank=True)
    received_at = models.DateTimeField(_("收到"), default=timezone.now)
    raw: Any = models.JSONField(default=dict, blank=True)  # the imported row, whole
    campaign = models.ForeignKey(
        Campaign, models.PROTECT, null=True, blank=True, related_name="reports", verbose_name=_("活动")
    )
    reply = models.TextField(_("答复"), blank=True)
    told_at = models.DateTimeField(null=True)  # when the sender was told the outcome
    job = models.ForeignKey(
        "problems.ImportJob", models.PROTECT, null=True, related_name="reports", db_index=False
    )

    class Meta:
        verbose_name = verbose_name_plural = _("来件")
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "order_number"], name="report_order_once", condition=~Q(order_number="")
            )
        ]
        indexes = [models.Index(fields=["job"], name="report_job", condition=Q(job__isnull=False))]

    def __str__(self) -> str:
        return self.text[:30]


class LadderAction(models.TextChoices):
    REMIND_LIAISON = "remind_liaison", _("提醒联络员")
    REMIND_HEAD = "remind_head", _("提醒负责人")
    CIRCULAR = "circular", _("通报")
    YELLOW = "supervise_yellow", _("黄牌督办")
    RED = "supervise_red", _("红牌督办")
    SUPERVISION = "hand_supervision", _("移交督查局")
    DISCIPLINE = "hand_discipline", _("移交纪委监委材料")


AUTOMATIC = (LadderAction.REMIND_LIAISON, LadderAction.REMIND_HEAD)


class Rung(models.Model):
    """One row of the city's escalation ladder (row 42): at what point which action is due; beyond reminders a person signs."""

    class Trigger(models.TextChoices):
        BEFORE = "before_due", _("到期前")
        AFTER = "after_due", _("超期后")
        RETURNED = "returned_times", _("退回次数")
        PASSED = "passed_times", _("流转次数")
        RECURRED = "recurred_times", _("复发次数")
        REWORKED = "reworked_times", _("返工次数")

    rank = models.PositiveSmallIntegerField(_("顺序"), unique=True)
    trigger = models.CharField(_("触发"), max_length=16, choices=Trigger.choices)
    amount = models.DecimalField(_("数量"), max_digits=6, decimal_places=2)
    unit = models.CharField(_("单位"), max_length=14)  # a clock unit, or "times"
    action = models.CharField(_("动作"), max_length=20, choices=LadderAction.choices)
    note = models.CharField(_("说明"), max_length=200, blank=True)
    source = models.CharField(_("来源"), max_length=200)

    class Meta:
        verbose_name = verbose_name_plural = _("督办阶梯")
        ordering = ["rank"]

    def __str__(self) -> str:
        return f"{self.rank} {self.get_action_display()}"


class Prepared(models.Model):
    """One row is one escalation the clock prepared for a person to sign or drop; nothing beyond reminders goes by itself."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="prepared")
    rung = models.ForeignKey(Rung, models.PROTECT, related_name="+")
    round = models.PositiveSmallIntegerField(default=1)
    ground = models.CharField(_("依据"), max_length=200)
    made_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    is_signed = models.BooleanField(null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("待签发")
        constraints = [models.UniqueConstraint(fields=["case", "rung", "round"], name="prepared_once")]
        indexes = [
            models.Index(fields=["made_at"], name="prepared_waiting", condition=Q(decided_at__isnull=True))
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.rung_id}"


class HandoverState(models.TextChoices):
    SENT = "sent", _("已移交")
    TAKEN = "taken", _("已接收")
    BACK = "back", _("已反馈结果")
    RECALLED = "recalled", _("已收回")


class Handover(Matter):
    """One row is one case's file with another body (rows 43, 44); only that body, the office and auditors see that it exists."""

    class Kind(models.TextChoices):
        SUPERVISION = "supervision", _("移交督查局")
        DISCIPLINE = "discipline", _("移交纪委监委")
        GOVERNMENT = "government", _("提交政府交办会")

    kind = models.CharField(_("类型"), max_length=12, choices=Kind.choices)
    case = models.ForeignKey(Case, models.PROTECT, related_name="handovers")
    to_unit = models.ForeignKey("kernel.Unit", models.PROTECT, related_name="+", verbose_name=_("接收单位"))
    reason = models.CharField(_("理由"), max_length=500)
    outcome = models.TextField(_("结果"), blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("移交")
        constraints = [
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(state__in=["sent", "taken"]),
                name="handover_one_open",
                violation_error_message=_("这件案子已经在外单位，先收回或等反馈。"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.case_id}"

    def get_absolute_url(self) -> str:
        return f"/handovers/{self.pk}/"

    def wound(self, live: list[Clock]) -> None:
        """A hand-over runs no list of its own clocks; the other body sets its own limit."""
