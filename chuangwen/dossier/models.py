"""The dossier: what a standard's material asks for, sent up, reviewed by levels, returned or accepted (row 32)."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chuangwen.kernel.workflow.models import TimedMatter


class State(models.TextChoices):
    DRAFT = "draft", _("编写")
    UNIT_CHECK = "unit_check", _("单位审核")
    OFFICE_CHECK = "office_check", _("创建办审核")
    FINAL_CHECK = "final_check", _("终审")
    ACCEPTED = "accepted", _("入卷")
    VOID = "void", _("不需要")


class Item(TimedMatter):
    """One row is one material of one year, held by one unit until it is accepted."""

    material = models.ForeignKey(
        "standards.Material", models.PROTECT, related_name="items", verbose_name=_("材料要求")
    )
    year = models.PositiveSmallIntegerField(_("年度"))
    unit = models.ForeignKey(
        "kernel.Unit", models.PROTECT, related_name="dossier_items", verbose_name=_("单位")
    )
    report = models.TextField(_("说明报告"), blank=True)
    due_on = models.DateField(_("报送日期"), null=True, blank=True)
    version = models.PositiveSmallIntegerField(_("版本"), default=0)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("报送人"),
    )
    sent_at = models.DateTimeField(_("报送时间"), null=True, editable=False)
    looked_at = models.DateTimeField(null=True, editable=False)  # a reviewer opened it since it was sent
    # What the pre-check found when it was last sent, in stable codes with figures.
    findings: Any = models.JSONField(default=list, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("材料")
        ordering = ["material", "year"]
        constraints = [models.UniqueConstraint(fields=["material", "year"], name="dossier_item_once")]
        indexes = [models.Index(fields=["unit", "state", "due_on"], name="dossier_item_unit")]

    def __str__(self) -> str:
        return f"{self.material} {self.year}"

    def get_absolute_url(self) -> str:
        return f"/dossier/{self.pk}/"

    @property
    def due_at(self) -> dt.datetime | None:
        """When it, or the review it waits for, is due."""
        return self.next_due_at


class Document(models.Model):
    """One row is one piece of evidence in an item: a document with number and date, a picture, a press shot."""

    item = models.ForeignKey(Item, models.CASCADE, related_name="documents", verbose_name=_("材料"))
    evidence = models.ForeignKey("kernel.Evidence", models.PROTECT, null=True, blank=True, related_name="+")
    title = models.CharField(_("名称"), max_length=120)
    number = models.CharField(_("文号"), max_length=60, blank=True)
    dated_on = models.DateField(_("成文或拍摄日期"), null=True, blank=True)
    address = models.CharField(_("网址"), max_length=300, blank=True)
    file_name = models.CharField(_("文件名"), max_length=200, blank=True)
    text = models.TextField(blank=True, editable=False)  # its words, for comparing figures and copied text
    rank = models.PositiveSmallIntegerField(_("顺序"), default=0)
    removed_at = models.DateTimeField(
        null=True, editable=False
    )  # taken out of the item; versions still name it

    class Meta:
        verbose_name = verbose_name_plural = _("佐证")
        ordering = ["rank", "pk"]

    def __str__(self) -> str:
        return self.title


class Version(models.Model):
    """One row is an item as it was sent up: its report, its documents by hash, who sent it."""

    item = models.ForeignKey(Item, models.CASCADE, related_name="versions", verbose_name=_("材料"))
    no = models.PositiveSmallIntegerField(_("版本"))
    report = models.TextField(blank=True)
    documents: Any = models.JSONField(default=list)  # [{"title", "number", "dated_on", "sha256"}, …]
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = verbose_name_plural = _("材料版本")
        ordering = ["-no"]
        constraints = [models.UniqueConstraint(fields=["item", "no"], name="dossier_version_once")]

    def __str__(self) -> str:
        return f"{self.item_id} v{self.no}"


class Use(models.Model):
    """One row lets one item serve a material of another standard as well: asked once, used twice (row 31)."""

    item = models.ForeignKey(Item, models.CASCADE, related_name="uses", verbose_name=_("材料"))
    material = models.ForeignKey(
        "standards.Material", models.CASCADE, related_name="used", verbose_name=_("材料要求")
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = verbose_name_plural = _("共用材料")
        constraints = [models.UniqueConstraint(fields=["item", "material"], name="dossier_use_once")]

    def __str__(self) -> str:
        return f"{self.item} → {self.material}"


class ExportState(models.TextChoices):
    WAITING = "waiting", _("排队")
    RUNNING = "running", _("打包中")
    DONE = "done", _("已打包")
    CANCELLED = "cancelled", _("已取消")
    FAILED = "failed", _("没能打包")


class ExportJob(models.Model):
    """One row is one export of a year's dossier as a zip: who asked, how far it is, where the file lies."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True)
    edition = models.ForeignKey("standards.Edition", models.CASCADE, related_name="+", verbose_name=_("版本"))
    year = models.PositiveSmallIntegerField(_("年度"))
    # Accepted items only unless asked otherwise; a look at what is there before the deadline.
    is_whole = models.BooleanField(_("含没入卷的"), default=False)
    state = models.CharField(
        _("状态"), max_length=10, choices=ExportState.choices, default=ExportState.WAITING
    )
    total = models.PositiveIntegerField(_("文件数"), default=0)
    done = models.PositiveIntegerField(default=0)
    path = models.CharField(max_length=200, blank=True)  # below MEDIA_ROOT
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)  # the lease of the worker that has it

    class Meta:
        verbose_name = verbose_name_plural = _("材料打包")
        indexes = [
            models.Index(
                fields=["made_at"],
                name="dossier_export_waiting",
                condition=Q(state__in=["waiting", "running"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.edition} {self.year}"

    def get_absolute_url(self) -> str:
        return f"/dossier/exports/{self.uid}/"

    @property
    def is_going(self) -> bool:
        return self.state in (ExportState.WAITING, ExportState.RUNNING)
