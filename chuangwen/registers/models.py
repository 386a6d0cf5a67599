"""Things at places, and facts: a number with its source, date and the words it was taken from."""

from __future__ import annotations

from django.db import models
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


class Fact(models.Model):
    """One row is one number with its unit of measure, source, period and the literal phrase it was read from."""

    code = models.CharField(_("编号"), max_length=20, unique=True)
    name = models.CharField(_("名称"), max_length=120)
    value = models.DecimalField(_("数值"), max_digits=20, decimal_places=4)
    relation = models.CharField(_("比较"), max_length=4, default="=")  # =, ≥ (余、多), ≈ (近、约)
    measure = models.CharField(_("计量单位"), max_length=20, blank=True)
    period = models.CharField(_("时点或期间"), max_length=60, blank=True)
    phrase = models.CharField(_("原文"), max_length=200)
    mechanism = models.CharField(_("机制"), max_length=20, blank=True)
    source = models.CharField(_("来源"), max_length=200)

    class Meta:
        verbose_name = verbose_name_plural = _("事实")
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.name} {self.value.normalize():f}"
