"""What follows for units and persons: consequences with ground and paper, special inspections, the year's export."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ConsequenceKind(models.TextChoices):
    """Code, because deductions and additions enter the score (row 17)."""

    DEDUCT = "deduct", _("考核扣分")
    CRITICISM = "criticism", _("通报批评")
    STATEMENT = "statement", _("表态发言")
    INTERVIEW = "interview", _("约谈")
    ACCOUNT = "account", _("移交问责")
    COMMEND = "commend", _("通报表扬")
    BONUS = "bonus", _("考核加分")
    VETO = "veto", _("一票否决")


class Consequence(models.Model):
    """One row is one measure taken for or against a unit, with ground, paper, points and the month it counts in (row 17)."""

    kind = models.CharField(_("措施"), max_length=10, choices=ConsequenceKind.choices)
    unit = models.ForeignKey(
        "kernel.Unit", models.PROTECT, related_name="consequences", verbose_name=_("单位")
    )
    # Named only where the paper names the person; shown inside the office and to the unit, never in public.
    person = models.ForeignKey(
        "kernel.Person", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("涉及人员")
    )
    on = models.DateField(_("日期"))
    month = models.DateField(_("计入月份"))
    ground = models.CharField(_("依据"), max_length=300)
    paper = models.ForeignKey(
        "papers.Paper", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("公文")
    )
    document = models.CharField(_("文件"), max_length=120, blank=True)
    points = models.DecimalField(_("分数"), max_digits=5, decimal_places=2, default=0)
    lifted_on = models.DateField(_("撤销日期"), null=True, blank=True)
    lifted_reason = models.CharField(_("撤销原因"), max_length=200, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    is_sample = models.BooleanField(_("示例"), default=False)

    class Meta:
        verbose_name = verbose_name_plural = _("奖惩")
        ordering = ["-on", "-pk"]
        indexes = [models.Index(fields=["month", "unit"], name="consequence_month")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.unit}"


class Special(models.Model):
    """One row is a special inspection (创建工作专项巡察) of one unit: who inspected, when, on what mandate (row 18)."""

    name = models.CharField(_("名称"), max_length=100)
    unit = models.ForeignKey("kernel.Unit", models.PROTECT, related_name="+", verbose_name=_("被巡察单位"))
    inspectors = models.CharField(_("巡察组"), max_length=200)
    from_on = models.DateField(_("起"))
    to_on = models.DateField(_("止"))
    mandate = models.CharField(_("依据"), max_length=200)
    summary = models.TextField(_("总体评价"), blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = _("专项巡察")
        ordering = ["-from_on", "-pk"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/specials/{self.pk}/"


class SpecialFinding(models.Model):
    """One row is one finding of a special inspection; mending it is a task like any other."""

    special = models.ForeignKey(Special, models.CASCADE, related_name="findings", verbose_name=_("专项巡察"))
    text = models.CharField(_("问题"), max_length=300)
    due_on = models.DateField(_("整改期限"))
    task = models.ForeignKey(
        "tasks.Task", models.PROTECT, null=True, related_name="+", verbose_name=_("任务")
    )

    class Meta:
        verbose_name = verbose_name_plural = _("巡察问题")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.text


class ExportMap(models.Model):
    """One row is the form one receiving office wants the year's scores in: its columns, in order (row 19).

    `columns` is a list of [title, source]; sources are those of `assessment.year_export.SOURCES`.
    """

    name = models.CharField(_("名称"), max_length=80, unique=True)
    columns = models.JSONField(_("列"))
    full = models.DecimalField(_("满分"), max_digits=6, decimal_places=2, default=100)
    decimals = models.PositiveSmallIntegerField(_("小数位"), default=2)
    source = models.CharField(_("来源"), max_length=200)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = verbose_name_plural = _("报送格式")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
