"""Things at places, and facts: a number with its source, date and the words it was taken from."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chuangwen.kernel.places.models import Located


class ThingState(models.TextChoices):
    """How a thing was found; a pack may bring other words, which are shown as they are."""

    GOOD = "good", _("完好")
    WORN = "worn", _("陈旧")
    BROKEN = "broken", _("损坏")
    MISSING = "missing", _("缺失")


class Thing(Located):
    """One row is one thing (or a group of equal things) at a place, of a kind from the city's list: a toilet, a sign, a car park."""

    code = models.CharField(_("编码"), max_length=40, unique=True)
    kind = models.ForeignKey("kernel.Term", models.PROTECT, related_name="+", verbose_name=_("类别"))
    name = models.CharField(_("名称"), max_length=100)
    place = models.ForeignKey(
        "kernel.Place", models.PROTECT, null=True, blank=True, related_name="things", verbose_name=_("地点")
    )
    count = models.PositiveIntegerField(_("数量"), default=1)
    state = models.CharField(_("状况"), max_length=20, blank=True)
    next_check_on = models.DateField(_("下次检查"), null=True, blank=True)
    is_sample = models.BooleanField(_("示例"), default=False)
    source = models.CharField(_("来源"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("设施")
        ordering = ["code"]
        indexes = [models.Index(fields=["kind", "next_check_on"], name="thing_kind_check")]

    def __str__(self) -> str:
        return self.name


class PatrolRound(models.Model):
    """One row is one look at one thing or site on a patrol (一日两巡): what was looked at and found; no sign-in, no track."""

    uid = models.UUIDField(unique=True)
    thing = models.ForeignKey(Thing, models.PROTECT, null=True, related_name="patrols")
    place = models.ForeignKey("kernel.Place", models.PROTECT, null=True, related_name="patrols")
    by = models.ForeignKey("kernel.Person", models.PROTECT, related_name="+")
    at = models.DateTimeField(_("时间"))
    looked_at = models.JSONField(_("看了什么"), default=list)
    is_fine = models.BooleanField(_("正常"))
    note = models.CharField(_("发现"), max_length=200, blank=True)
    case_number = models.CharField(_("案号"), max_length=24, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("巡查记录")
        indexes = [
            models.Index(fields=["thing", "-at"], name="patrol_thing"),
            models.Index(fields=["place", "-at"], name="patrol_place"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(thing__isnull=False) | models.Q(place__isnull=False),
                name="patrol_has_object",
            )
        ]

    def __str__(self) -> str:
        return f"{self.thing or self.place} {self.at:%m-%d %H:%M}"


class SignedOff(models.Model):
    """A figure given by one person and confirmed by another (rows 63, 67), as standards' indicators are."""

    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("填报人"),
    )
    given_at = models.DateTimeField(_("填报时间"), null=True, blank=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("确认人"),
    )
    confirmed_at = models.DateTimeField(_("确认时间"), null=True, blank=True)

    class Meta:
        abstract = True


class Fact(SignedOff):
    """One row is one number in force with its unit of measure, source, period and the literal phrase it was read from.

    A corrected number is a new version: this row changes, what it was before stays as a FactVersion.
    """

    code = models.CharField(_("编号"), max_length=20, unique=True)
    name = models.CharField(_("名称"), max_length=120)
    definition = models.CharField(_("口径"), max_length=300, blank=True)
    value = models.DecimalField(_("数值"), max_digits=20, decimal_places=4)
    relation = models.CharField(_("比较"), max_length=4, default="=")  # =, ≥ (余、多), ≈ (近、约)
    measure = models.CharField(_("计量单位"), max_length=20, blank=True)
    period = models.CharField(_("时点或期间"), max_length=60, blank=True)
    phrase = models.CharField(_("原文"), max_length=200)
    mechanism = models.CharField(_("机制"), max_length=20, blank=True)
    source = models.CharField(_("来源"), max_length=200)
    dated_on = models.DateField(_("来源日期"), null=True, blank=True)
    unit = models.ForeignKey(
        "kernel.Unit", models.PROTECT, null=True, blank=True, related_name="facts", verbose_name=_("数据单位")
    )
    version = models.PositiveSmallIntegerField(_("版本"), default=1)

    class Meta:
        verbose_name = verbose_name_plural = _("事实")
        ordering = ["code"]
        indexes = [models.Index(fields=["unit", "code"], name="fact_unit")]

    def __str__(self) -> str:
        return f"{self.name} {self.value.normalize():f}"

    def get_absolute_url(self) -> str:
        return f"/facts/{self.code}/"


class FactVersion(models.Model):
    """One row is one version of a fact that was replaced: the number as it was, why and by whom it was replaced."""

    fact = models.ForeignKey(Fact, models.CASCADE, related_name="versions", verbose_name=_("事实"))
    no = models.PositiveSmallIntegerField(_("版本"))
    value = models.DecimalField(_("数值"), max_digits=20, decimal_places=4)
    relation = models.CharField(_("比较"), max_length=4)
    measure = models.CharField(_("计量单位"), max_length=20, blank=True)
    period = models.CharField(_("时点或期间"), max_length=60, blank=True)
    source = models.CharField(_("来源"), max_length=200)
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(_("更正理由"), max_length=200)
    replaced_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    replaced_at = models.DateTimeField(_("更正时间"), default=timezone.now)

    class Meta:
        verbose_name = verbose_name_plural = _("事实旧版")
        ordering = ["-no"]
        constraints = [models.UniqueConstraint(fields=["fact", "no"], name="fact_version_once")]

    def __str__(self) -> str:
        return f"{self.fact_id} v{self.no}"


class FactFigure(SignedOff):
    """One row is the number of one fact for one year: a series with department sign-off (row 67)."""

    fact = models.ForeignKey(Fact, models.CASCADE, related_name="figures", verbose_name=_("事实"))
    year = models.PositiveSmallIntegerField(_("年度"))
    value = models.DecimalField(_("数值"), max_digits=20, decimal_places=4)
    source = models.CharField(_("来源"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("年度数")
        ordering = ["fact", "-year"]
        constraints = [models.UniqueConstraint(fields=["fact", "year"], name="fact_figure_year")]

    def __str__(self) -> str:
        return f"{self.fact_id} {self.year}"


class SumKind(models.TextChoices):
    SUM = "sum", _("合计")
    SHARE = "share", _("占比")


class FactSum(models.Model):
    """One row is one stated relation of facts: parts that add up to a whole, or a part and its share of a whole."""

    code = models.CharField(_("编号"), max_length=20, unique=True)
    name = models.CharField(_("名称"), max_length=120)
    kind = models.CharField(_("关系"), max_length=5, choices=SumKind.choices, default=SumKind.SUM)
    total = models.ForeignKey(
        Fact, models.PROTECT, null=True, blank=True, related_name="sums", verbose_name=_("总数")
    )
    # The whole where it is no fact of the ledger: 约268 个村.
    stated = models.DecimalField(_("写明的总数"), max_digits=20, decimal_places=4, null=True, blank=True)
    source = models.CharField(_("来源"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("数量关系")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class FactPart(models.Model):
    """One row is one part of a stated relation; of a share, the first is the part and the second the percentage."""

    sum = models.ForeignKey(FactSum, models.CASCADE, related_name="parts", verbose_name=_("数量关系"))
    fact = models.ForeignKey(Fact, models.PROTECT, related_name="parts", verbose_name=_("事实"))
    rank = models.PositiveSmallIntegerField(_("顺序"), default=0)

    class Meta:
        verbose_name = verbose_name_plural = _("组成")
        ordering = ["rank", "pk"]
        constraints = [models.UniqueConstraint(fields=["sum", "fact"], name="fact_part_once")]

    def __str__(self) -> str:
        return f"{self.sum_id} {self.fact_id}"
