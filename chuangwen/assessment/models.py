"""Rules of scoring as data, results as they stood, official results to learn from, and the negative list."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chuangwen.assessment.consequence_models import Consequence as Consequence
from chuangwen.assessment.consequence_models import ConsequenceKind as ConsequenceKind
from chuangwen.assessment.consequence_models import ExportMap as ExportMap
from chuangwen.assessment.consequence_models import Special as Special
from chuangwen.assessment.consequence_models import SpecialFinding as SpecialFinding
from chuangwen.assessment.ranking_models import Objection as Objection
from chuangwen.assessment.ranking_models import ObjectionState as ObjectionState
from chuangwen.assessment.ranking_models import PeerGroup as PeerGroup
from chuangwen.assessment.ranking_models import RankFact as RankFact
from chuangwen.assessment.ranking_models import Ranking as Ranking
from chuangwen.assessment.ranking_models import RankLine as RankLine
from chuangwen.assessment.ranking_models import RankRule as RankRule
from chuangwen.assessment.ranking_models import RankState as RankState
from chuangwen.assessment.ranking_models import RankSubject as RankSubject


class Front(models.TextChoices):
    """The three fronts (row 33), and their total."""

    DOSSIER = "dossier", _("材料")
    SITE = "site", _("实地")
    SURVEY = "survey", _("问卷")
    TOTAL = "total", _("总分")


class ScoreRule(models.Model):
    """One row is one version of how a scheme's score is put together: weights of fronts and years, minors' share."""

    edition = models.ForeignKey(
        "standards.Edition", models.PROTECT, related_name="score_rules", verbose_name=_("版本")
    )
    minors = models.ForeignKey(
        "standards.Edition",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("未成年人体系"),
    )
    version = models.PositiveSmallIntegerField(_("版本号"), default=1)
    fronts = models.JSONField(_("三条线权重"))  # {"dossier": "40", "site": "40", "survey": "20"}, sum 100
    years = models.JSONField(_("三年权重"), default=list)  # ["15", "25", "60"], oldest first, sum 100
    # First year of the cycle the years' weights belong to; without it a year stands for itself.
    first_year = models.PositiveSmallIntegerField(_("周期首年"), null=True, blank=True)
    minors_share = models.DecimalField(_("未成年人占比%"), max_digits=5, decimal_places=2, default=0)
    minors_floor = models.DecimalField(
        _("未成年人门槛"), max_digits=6, decimal_places=2, null=True, blank=True
    )
    goal = models.DecimalField(_("目标分"), max_digits=6, decimal_places=2, null=True, blank=True)
    confidence = models.DecimalField(_("置信水平"), max_digits=4, decimal_places=3, default="0.950")
    missing = models.CharField(
        _("缺数据时"), max_length=6, default="skip",
        choices=[("skip", _("按已有部分折算")), ("zero", _("按零分")), ("carry", _("沿用上年"))],
    )  # fmt: skip
    prior_spread = models.DecimalField(
        _("未校准时的离散"), max_digits=6, decimal_places=2, null=True, blank=True
    )
    is_current = models.BooleanField(_("在用"), default=True)
    source = models.CharField(_("来源"), max_length=200)

    class Meta:
        verbose_name = verbose_name_plural = _("计分规则")
        constraints = [models.UniqueConstraint(fields=["edition", "version"], name="score_rule_once")]

    def __str__(self) -> str:
        return f"{self.edition} v{self.version}"


class OfficialResult(models.Model):
    """One row is a published result of an official test: the score or the rank, with where it stands (rows 36, 37)."""

    scheme = models.ForeignKey(
        "standards.Scheme", models.PROTECT, related_name="+", verbose_name=_("测评体系")
    )
    year = models.PositiveSmallIntegerField(_("年度"))
    front = models.CharField(_("范围"), max_length=8, choices=Front.choices, default=Front.TOTAL)
    score = models.DecimalField(_("得分"), max_digits=7, decimal_places=3, null=True, blank=True)
    rank = models.PositiveSmallIntegerField(_("名次"), null=True, blank=True)
    # Whom the rank is among: 全国, 全省, 全省县市 …; one test may be ranked in several.
    pool = models.CharField(_("排名范围"), max_length=40, blank=True)
    among = models.PositiveSmallIntegerField(_("参评数"), null=True, blank=True)
    # Our forecast for that test when it was made: what bias and spread are learnt from.
    ours = models.DecimalField(_("我们的预测"), max_digits=7, decimal_places=3, null=True, blank=True)
    ours_margin = models.DecimalField(_("预测的误差"), max_digits=7, decimal_places=3, null=True, blank=True)
    source = models.CharField(_("来源"), max_length=200)

    class Meta:
        verbose_name = verbose_name_plural = _("正式结果")
        ordering = ["-year"]
        constraints = [
            models.UniqueConstraint(fields=["scheme", "year", "front", "pool"], name="official_once"),
            models.UniqueConstraint(
                fields=["scheme", "year", "front"], condition=Q(score__isnull=False), name="official_one_score"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scheme} {self.year} {self.get_front_display()}"


class Forecast(models.Model):
    """One row is a forecast as it stood: value, margin and all parts, so the next one can say what moved."""

    rule = models.ForeignKey(ScoreRule, models.PROTECT, related_name="forecasts", verbose_name=_("计分规则"))
    year = models.PositiveSmallIntegerField(_("年度"))
    at = models.DateTimeField(_("时间"), default=timezone.now)
    value = models.DecimalField(_("预测"), max_digits=7, decimal_places=3)
    margin = models.DecimalField(_("误差"), max_digits=7, decimal_places=3)
    parts = models.JSONField(default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = _("预测")
        ordering = ["-at"]
        get_latest_by = "at"

    def __str__(self) -> str:
        return f"{self.year} {self.value} ± {self.margin}"


class Sanction(models.TextChoices):
    DEDUCT = "deduct", _("扣分")
    STOP_NOMINATION = "stop_nomination", _("停止提名资格")
    STOP_YEAR = "stop_year", _("停止资格一年")
    CANCEL = "cancel", _("取消称号")


class NegativeRule(models.Model):
    """One row is one entry of the negative list (负面清单): what happened, what follows, for how long."""

    scheme = models.ForeignKey(
        "standards.Scheme", models.PROTECT, related_name="negative_rules", verbose_name=_("测评体系")
    )
    code = models.CharField(_("编号"), max_length=20)
    text = models.CharField(_("情形"), max_length=200)
    sanction = models.CharField(_("后果"), max_length=16, choices=Sanction.choices)
    points = models.DecimalField(_("扣分"), max_digits=6, decimal_places=2, default=0)
    months = models.PositiveSmallIntegerField(_("有效月数"), default=12)
    source = models.CharField(_("来源"), max_length=200)

    class Meta:
        verbose_name = verbose_name_plural = _("负面清单")
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["scheme", "code"], name="negative_rule_once")]

    def __str__(self) -> str:
        return f"{self.code} {self.text}"


class Incident(models.Model):
    """One row is one event under the negative list, with its document and expiry; open on the forecast, never hidden."""

    rule = models.ForeignKey(
        NegativeRule, models.PROTECT, related_name="incidents", verbose_name=_("负面清单")
    )
    on = models.DateField(_("日期"))
    what = models.CharField(_("情况"), max_length=200)
    document = models.CharField(_("依据文件"), max_length=120)
    points = models.DecimalField(_("扣分"), max_digits=6, decimal_places=2, default=0)
    expires_on = models.DateField(_("失效"))
    lifted_reason = models.CharField(_("撤销原因"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("负面事件")
        ordering = ["-on"]

    def __str__(self) -> str:
        return f"{self.on} {self.what}"
