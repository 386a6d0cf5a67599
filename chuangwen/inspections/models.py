"""Rounds of visits, the seeded draw they came from, what was seen on each check item, and who agrees with whom."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chuangwen.inspections.form_models import FormState as FormState
from chuangwen.inspections.form_models import FormSubmission as FormSubmission
from chuangwen.kernel.workflow.models import Clock, Matter


class RoundKind(models.TextChoices):
    PATROL = "patrol", _("日常巡查")
    OPEN = "open", _("公开督查")
    COVERT = "covert", _("暗访")
    MOCK = "mock", _("模拟测评")
    ACCEPTANCE = "acceptance", _("验收")
    GUIDANCE = "guidance", _("指导")
    TOUR = "tour", _("市民巡访")
    DEPUTIES = "deputies", _("代表委员视察")


class State(models.TextChoices):
    PLANNED = "planned", _("拟定")
    DRAWN = "drawn", _("已抽点")
    RUNNING = "running", _("进行")
    ENDED = "ended", _("结束")
    RELEASED = "released", _("已公布")
    CANCELLED = "cancelled", _("取消")


class Round(Matter):
    """One row is one round: its scope, its drawn places, its teams and days; secret ones until released."""

    number = models.CharField(_("编号"), max_length=24, unique=True)
    kind = models.CharField(_("类型"), max_length=12, choices=RoundKind.choices)
    name = models.CharField(_("名称"), max_length=80)
    is_secret = models.BooleanField(_("保密"), default=False)
    editions = models.ManyToManyField(
        "standards.Edition", blank=True, related_name="+", verbose_name=_("测评体系")
    )
    from_on = models.DateField(_("起"))
    to_on = models.DateField(_("止"))
    maker = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("制定人")
    )
    # How it is drawn: {"site_types": [...], "streets": [...], "total": 78 | "margin": "0.05", "rest_days": 30,
    # "double_share": "0.10", "by_area": true}
    spec = models.JSONField(_("抽点办法"), default=dict, blank=True)
    seed = models.CharField(_("种子"), max_length=40, blank=True)
    register_hash = models.CharField(max_length=64, blank=True, editable=False)
    draw_hash = models.CharField(max_length=64, blank=True, editable=False)
    # The strata as drawn: {stratum: {"N": places in the register, "n": drawn}}
    strata = models.JSONField(default=dict, blank=True, editable=False)
    released_at = models.DateTimeField(null=True, editable=False)
    is_sample = models.BooleanField(_("示例"), default=False)

    class Meta:
        verbose_name = verbose_name_plural = _("考察轮次")
        ordering = ["-from_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(to_on__gte=models.F("from_on")), name="round_period",
                violation_error_message=_("止的日期早于起的日期。"),
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.number} {self.name}"

    def get_absolute_url(self) -> str:
        return f"/rounds/{self.number}/"

    def wound(self, live: list[Clock]) -> None:
        """Rounds run no clocks."""

    @property
    def is_hidden(self) -> bool:
        """Nobody outside the round may know of it now."""
        return self.is_secret and self.released_at is None


class Team(models.Model):
    """One row is one team of a round."""

    round = models.ForeignKey(Round, models.CASCADE, related_name="teams", verbose_name=_("轮次"))
    name = models.CharField(_("名称"), max_length=40)
    members = models.ManyToManyField("kernel.Person", related_name="visit_teams", verbose_name=_("成员"))
    start = models.ForeignKey(
        "kernel.Place", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("出发点")
    )

    class Meta:
        verbose_name = verbose_name_plural = _("考察组")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["round", "name"], name="team_once")]

    def __str__(self) -> str:
        return self.name


class VisitState(models.TextChoices):
    PLANNED = "planned", _("待去")
    DONE = "done", _("已去")
    SKIPPED = "skipped", _("未能去")


class Visit(models.Model):
    """One row is one place to be visited by one team in one round; a second rating is a row of its own.

    `points` and `full` are the sums of its observations in thousandths of a point, kept by the same transaction.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    round = models.ForeignKey(Round, models.CASCADE, related_name="visits", verbose_name=_("轮次"))
    team = models.ForeignKey(
        Team, models.PROTECT, null=True, blank=True, related_name="visits", verbose_name=_("考察组")
    )
    place = models.ForeignKey("kernel.Place", models.PROTECT, related_name="visits", verbose_name=_("点位"))
    site_type = models.ForeignKey(
        "kernel.Term", models.PROTECT, null=True, related_name="+", verbose_name=_("点位类型")
    )
    # The street it lies in, else the nearest area above.
    street = models.ForeignKey("kernel.Place", models.PROTECT, related_name="+", verbose_name=_("镇街"))
    stratum = models.CharField(_("层"), max_length=100, blank=True)
    is_second = models.BooleanField(_("复评"), default=False)
    day = models.DateField(_("日期"), null=True, blank=True)
    seq = models.PositiveSmallIntegerField(_("次序"), default=0)
    state = models.CharField(_("状态"), max_length=8, choices=VisitState.choices, default=VisitState.PLANNED)
    why = models.CharField(_("未能去的原因"), max_length=200, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("考察人")
    )
    done_at = models.DateTimeField(_("完成时间"), null=True)
    note = models.CharField(_("说明"), max_length=300, blank=True)
    # Acceptance: signed off or not, by whom is in the round's history.
    is_accepted = models.BooleanField(_("验收通过"), null=True)
    points = models.IntegerField(default=0, editable=False)
    full = models.IntegerField(default=0, editable=False)
    failed = models.PositiveSmallIntegerField(default=0, editable=False)
    # Points and full points by requirement, thousandths: {"<requirement id>": [1500, 2000]}; what front scores and the
    # weakness list add up from (record_visit writes it with points, full and failed; recount proves it).
    sums = models.JSONField(default=dict, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = _("考察")
        ordering = ["round", "day", "team", "seq"]
        constraints = [models.UniqueConstraint(fields=["round", "place", "is_second"], name="visit_once")]
        indexes = [models.Index(fields=["place", "-done_at"], name="visit_place")]

    def __str__(self) -> str:
        return f"{self.place} {self.get_state_display()}"

    # What the store of photos asks of the thing they hang on.
    @property
    def subject(self) -> str:
        return self._meta.label_lower

    @property
    def lon(self) -> float | None:
        return self.place.lon

    @property
    def lat(self) -> float | None:
        return self.place.lat


class Result(models.IntegerChoices):
    FAIL = 0, _("不达标")
    PASS = 1, _("达标")
    PART = 2, _("部分")
    NOT_HERE = 3, _("不涉及")


class Observation(models.Model):
    """One row is one check item seen at one visit: its result and points (thousandths). Rows are only added."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    visit = models.ForeignKey(Visit, models.PROTECT, related_name="observations", verbose_name=_("考察"))
    check_item = models.ForeignKey(
        "standards.CheckItem", models.PROTECT, related_name="+", verbose_name=_("检查项")
    )
    result = models.PositiveSmallIntegerField(_("结果"), choices=Result.choices)
    points = models.IntegerField(_("得分（千分之一）"))
    full = models.IntegerField(_("满分（千分之一）"))
    count = models.PositiveIntegerField(_("计数"), null=True, blank=True)
    note = models.CharField(_("说明"), max_length=200, blank=True)
    at = models.DateTimeField(_("时间"), default=timezone.now)
    case_id = models.BigIntegerField(null=True, editable=False)  # the case a failed item opened, once

    class Meta:
        verbose_name = verbose_name_plural = _("观察")
        constraints = [models.UniqueConstraint(fields=["visit", "check_item"], name="observation_once")]

    def __str__(self) -> str:
        return f"{self.check_item_id} {self.get_result_display()}"


class Tally(models.Model):
    """One row sums the first ratings of one check item in one round and street; grown by each observation.

    `points_sq` is the sum of squared points (thousandths squared), for spreads without reading the rows.
    """

    round = models.ForeignKey(Round, models.CASCADE, related_name="tallies")
    check_item = models.ForeignKey("standards.CheckItem", models.CASCADE, related_name="+")
    street = models.ForeignKey("kernel.Place", models.PROTECT, related_name="+")
    n = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    points = models.BigIntegerField(default=0)
    full = models.BigIntegerField(default=0)
    points_sq = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = verbose_name_plural = _("观察汇总")
        constraints = [models.UniqueConstraint(fields=["round", "check_item", "street"], name="tally_once")]

    def __str__(self) -> str:
        return f"{self.round_id} {self.check_item_id} {self.n}"


class PairTally(models.Model):
    """One row counts how two ratings of one check item in one month agreed: results of first × second."""

    month = models.DateField(_("月份"))
    check_item = models.ForeignKey("standards.CheckItem", models.CASCADE, related_name="+")
    first_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    second_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    both_pass = models.PositiveIntegerField(default=0)
    pass_fail = models.PositiveIntegerField(default=0)
    fail_pass = models.PositiveIntegerField(default=0)
    both_fail = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = verbose_name_plural = _("一致性汇总")
        constraints = [
            models.UniqueConstraint(
                fields=["month", "check_item", "first_by", "second_by"], name="pair_tally_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.check_item_id}"


class Opinion(models.Model):
    """One row is one opinion given on a tour or a deputies' visit, and its answer (row 47); no name of the giver."""

    round = models.ForeignKey(Round, models.CASCADE, related_name="opinions", verbose_name=_("轮次"))
    giver = models.CharField(_("身份"), max_length=40)
    place = models.ForeignKey(
        "kernel.Place", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("地点")
    )
    text = models.TextField(_("意见"))
    unit = models.ForeignKey(
        "kernel.Unit", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("答复单位")
    )
    answer = models.TextField(_("答复"), blank=True)
    answered_at = models.DateTimeField(null=True, editable=False)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = _("意见")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.text[:40]
