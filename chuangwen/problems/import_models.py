"""An import of orders as it goes on, and which column of whose table means what."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class JobState(models.TextChoices):
    DRAFT = "draft", _("待确认")
    WAITING = "waiting", _("排队")
    RUNNING = "running", _("导入中")
    DONE = "done", _("已导入")
    CANCELLED = "cancelled", _("已取消")
    FAILED = "failed", _("没能导入")


class ImportJob(models.Model):
    """One row is one file of orders: how it is read, how far it got, and every row that was left out with the reason."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True)
    name = models.CharField(_("文件名"), max_length=200)
    path = models.CharField(max_length=200)  # below MEDIA_ROOT
    channel = models.CharField(_("渠道"), max_length=20)
    datum = models.CharField(_("坐标系"), max_length=8)
    mapping: Any = models.JSONField(default=dict)  # title in the file -> key of the column
    datum_is_sure = models.BooleanField(default=False)
    state = models.CharField(_("状态"), max_length=10, choices=JobState.choices, default=JobState.DRAFT)
    total = models.PositiveIntegerField(_("行数"), default=0)
    cursor = models.PositiveIntegerField(default=0)  # good rows handled, in the order of the file
    made = models.PositiveIntegerField(_("新收"), default=0)
    known = models.PositiveIntegerField(_("已有"), default=0)
    faults: Any = models.JSONField(default=list)  # [row, column, title, value, sentence], all of them
    error = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)  # the lease of the worker that has it

    class Meta:
        verbose_name = verbose_name_plural = _("导入")
        indexes = [
            models.Index(fields=["by", "-made_at"], name="import_by"),
            models.Index(
                fields=["made_at"],
                name="import_waiting",
                condition=models.Q(state__in=["waiting", "running"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.get_state_display()}"

    def get_absolute_url(self) -> str:
        return f"/import/{self.uid}/"

    @property
    def is_going(self) -> bool:
        return self.state in (JobState.WAITING, JobState.RUNNING)


class ColumnMapping(models.Model):
    """One row remembers, for one set of titles, which of them means what; a file that looks the same is read the same."""

    signature = models.CharField(max_length=64, unique=True)  # SHA-256 of the sorted titles
    mapping: Any = models.JSONField(default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = verbose_name_plural = _("列的对应")

    def __str__(self) -> str:
        return self.signature[:8]
