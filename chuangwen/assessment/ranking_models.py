"""Ranking of units and other subjects by month: rule versions, frozen results with their rows, and objections."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chuangwen.kernel.workflow.models import TimedMatter


class RankSubject(models.TextChoices):
    """Who is ranked; areas, departments, posts and collectors are the subjects of CJ/T 292. Never by use of the software."""

    UNIT = "unit", _("单位")
    STREET = "street", _("镇街")
    ROAD_CHIEF = "road_chief", _("路长单位")
    DISPATCHER = "dispatcher", _("派遣员")
    CHECKER = "checker", _("核查员")
    INSPECTOR = "inspector", _("巡查员")


class RankRule(models.Model):
    """One row is one version of how one subject is ranked: measures, weights, groups, shrinkage, limits (row 16).

    `measures` is a list of {"code", "weight", "missing": "skip"|"zero"|"mean", "cap": null|"0.98", "floor": null,
    "veto_below": null}; codes are those of `assessment.measures.MEASURES`, weights are decimals as text, sum 100.
    `cap` is the rate at which the full weight is reached, `floor` the rate at which it is nothing.
    """

    subject = models.CharField(_("排名对象"), max_length=12, choices=RankSubject.choices)
    version = models.CharField(_("版本"), max_length=20)
    measures = models.JSONField(_("指标"))
    # A subject with fewer rows over all measures is listed, not ranked.
    least_rows = models.PositiveSmallIntegerField(_("最少样本"), default=5)
    shrinks = models.BooleanField(_("小样本收缩"), default=True)
    confidence = models.DecimalField(_("置信水平"), max_digits=4, decimal_places=3, default="0.950")
    bonus_most = models.DecimalField(_("加分上限"), max_digits=5, decimal_places=2, default=5)
    malus_most = models.DecimalField(_("减分上限"), max_digits=5, decimal_places=2, default=20)
    ties = models.CharField(
        _("并列"), max_length=8, default="min", choices=[("min", _("并列取小")), ("dense", _("并列不跳号"))]
    )
    objection_days = models.PositiveSmallIntegerField(_("申诉工作日"), default=3)
    answer_days = models.PositiveSmallIntegerField(_("答复工作日"), default=3)
    is_current = models.BooleanField(_("在用"), default=True)
    is_sample = models.BooleanField(_("示例"), default=False)
    from_on = models.DateField(_("起用"))
    source = models.CharField(_("来源"), max_length=200)

    class Meta:
        verbose_name = verbose_name_plural = _("考核规则")
        ordering = ["subject", "-from_on", "-pk"]
        constraints = [models.UniqueConstraint(fields=["subject", "version"], name="rank_rule_once")]

    def __str__(self) -> str:
        return f"{self.get_subject_display()} {self.version}"


class PeerGroup(models.Model):
    """One row is a group of like units that are ranked among themselves; a unit is in one group at most (row 16)."""

    code = models.CharField(_("编号"), max_length=20, unique=True)
    name = models.CharField(_("名称"), max_length=40)
    rank = models.PositiveSmallIntegerField(_("顺序"), default=0)
    units = models.ManyToManyField(
        "kernel.Unit", blank=True, related_name="peer_groups", verbose_name=_("单位")
    )
    source = models.CharField(_("来源"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("同类组")
        ordering = ["rank", "code"]

    def __str__(self) -> str:
        return self.name


class RankState(models.TextChoices):
    DRAFT = "draft", _("试算")
    PREVIEW = "preview", _("预告中")
    FROZEN = "frozen", _("已定稿")
    VOID = "void", _("作废")


class Ranking(TimedMatter):
    """One row is one subject's ranking of one month; what it counts ends at `cutoff_at`, later facts count next month."""

    subject_kind = models.CharField(_("排名对象"), max_length=12, choices=RankSubject.choices)
    month = models.DateField(_("月份"))  # its first day
    rule = models.ForeignKey(RankRule, models.PROTECT, related_name="rankings", verbose_name=_("规则"))
    cutoff_at = models.DateTimeField(_("数据截至"))
    preview_until = models.DateTimeField(_("申诉截止"), null=True)
    frozen_at = models.DateTimeField(_("定稿时间"), null=True)
    # SHA-256 over all lines as text: a recount of a frozen month must give the same.
    digest = models.CharField(max_length=64, blank=True)
    comment = models.TextField(_("点评"), blank=True)
    is_sample = models.BooleanField(_("示例"), default=False)

    class Meta:
        verbose_name = verbose_name_plural = _("月排名")
        ordering = ["-month", "subject_kind"]
        constraints = [
            models.UniqueConstraint(
                fields=["subject_kind", "month"], condition=~Q(state="void"), name="ranking_month_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_subject_kind_display()} {self.month:%Y-%m}"

    def get_absolute_url(self) -> str:
        return f"/rankings/{self.pk}/"


class RankLine(models.Model):
    """One row is one subject's result in one ranking. `key` is the pk of the unit, place or person ranked."""

    ranking = models.ForeignKey(Ranking, models.CASCADE, related_name="lines", verbose_name=_("月排名"))
    key = models.BigIntegerField()
    name = models.CharField(_("名称"), max_length=80)  # as it was called then
    unit = models.ForeignKey(
        "kernel.Unit", models.PROTECT, null=True, related_name="rank_lines", verbose_name=_("单位")
    )
    group = models.ForeignKey(
        PeerGroup, models.PROTECT, null=True, related_name="+", verbose_name=_("同类组")
    )
    score = models.DecimalField(_("得分"), max_digits=8, decimal_places=4, null=True)
    margin = models.DecimalField(_("误差"), max_digits=8, decimal_places=4, null=True)
    rank = models.PositiveSmallIntegerField(_("名次"), null=True)
    rank_low = models.PositiveSmallIntegerField(_("可能名次起"), null=True)
    rank_high = models.PositiveSmallIntegerField(_("可能名次止"), null=True)
    band = models.PositiveSmallIntegerField(_("档"), null=True)
    bonus = models.DecimalField(_("加减分"), max_digits=6, decimal_places=2, default=0)
    veto = models.CharField(_("一票否决"), max_length=120, blank=True)
    why_not = models.CharField(_("不排名的原因"), max_length=120, blank=True)
    # measure code -> {"good": text, "count": int, "rate": text|null, "mean": text|null, "shrunk": text|null,
    # "weight": text, "points": text|null, "late": int}; exact decimals as text.
    parts = models.JSONField(default=dict)

    class Meta:
        verbose_name = verbose_name_plural = _("排名明细")
        ordering = ["group", "rank_low", "-score", "pk"]
        constraints = [models.UniqueConstraint(fields=["ranking", "key"], name="rank_line_once")]
        indexes = [models.Index(fields=["unit", "ranking"], name="rank_line_unit")]

    def __str__(self) -> str:
        return f"{self.name} {self.score}"


class RankFact(models.Model):
    """One row is one thing one measure counted for one subject, frozen: which case, task, material or visit, and how good.

    `value` is in ten-thousandths: 10000 is wholly good, 0 not at all. A row taken out by a granted objection stays.
    """

    ranking = models.ForeignKey(Ranking, models.CASCADE, related_name="facts", db_index=False)
    measure = models.CharField(max_length=20)
    key = models.BigIntegerField()
    object_id = models.BigIntegerField()
    value = models.PositiveSmallIntegerField()
    # First day of the closed month it belongs to, when it became known only after that month was closed.
    late_from = models.DateField(null=True)
    objection = models.ForeignKey(
        "assessment.Objection", models.PROTECT, null=True, related_name="taken_out", db_index=False
    )

    class Meta:
        verbose_name = verbose_name_plural = _("排名依据")
        indexes = [
            models.Index(fields=["ranking", "measure", "key", "value", "object_id"], name="rank_fact_open"),
            models.Index(fields=["measure", "object_id"], name="rank_fact_object"),
            models.Index(
                fields=["objection"], name="rank_fact_objection", condition=Q(objection__isnull=False)
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["ranking", "measure", "key", "object_id"], name="rank_fact_once")
        ]

    def __str__(self) -> str:
        return f"{self.measure} {self.object_id}"


class ObjectionState(models.TextChoices):
    RAISED = "raised", _("待初核")
    LOOKED = "looked", _("待决定")
    GRANTED = "granted", _("采纳")
    REFUSED = "refused", _("不采纳")
    WITHDRAWN = "withdrawn", _("撤回")


class Objection(TimedMatter):
    """One row is a unit's objection (申诉) to single rows of its previewed score, decided by two levels with reasons."""

    number = models.CharField(_("编号"), max_length=24, unique=True)
    line = models.ForeignKey(RankLine, models.PROTECT, related_name="objections", verbose_name=_("排名明细"))
    unit = models.ForeignKey("kernel.Unit", models.PROTECT, related_name="objections", verbose_name=_("单位"))
    facts = models.ManyToManyField(RankFact, related_name="objections", verbose_name=_("涉及事项"))
    ground = models.TextField(_("理由"))
    advice = models.TextField(_("初核意见"), blank=True)
    decision = models.TextField(_("决定理由"), blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("申诉")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.number} {self.unit}"

    def get_absolute_url(self) -> str:
        return f"/objections/{self.number}/"
