"""Other systems that send us cases or take ours, and every message between us, kept so that it can be replayed."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Partner(models.Model):
    """One row is one other system: a city-management platform, a hotline; how its messages are read and where ours go.

    `projection` is the EPSG number its coordinates are in, or a datum's name. `kinds` and `units` map its codes to
    ours. Without `url` our messages wait in the log for it to fetch; an account before the host of `url`
    (https://account:password@host/…) is shown to them as theirs.
    """

    code = models.CharField(_("编码"), max_length=20, unique=True)
    name = models.CharField(_("名称"), max_length=60)
    projection = models.CharField(_("坐标"), max_length=20, default="wgs84")
    kinds = models.JSONField(_("类别对照"), default=dict, blank=True)
    units = models.JSONField(_("单位对照"), default=dict, blank=True)
    url = models.URLField(_("回传地址"), max_length=300, blank=True)
    is_soap = models.BooleanField(_("SOAP 信封"), default=False)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("按谁的权限")
    )
    is_on = models.BooleanField(_("在用"), default=True)
    source = models.CharField(_("来源"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("对接平台")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class ExchangeKind(models.TextChoices):
    DISPATCH = "dispatch", _("派遣")
    ORDER = "order", _("工单")
    FEEDBACK = "feedback", _("反馈")
    RETURN = "return", _("退回")
    DELAY = "delay", _("延期")
    SUSPEND = "suspend", _("挂账")


class ExchangeState(models.TextChoices):
    WAITING = "waiting", _("待办")
    DONE = "done", _("已办")
    FAILED = "failed", _("没办成")


class ExchangeMessage(models.Model):
    """One row is one message to or from another system, as it was, with what came of it; replaying it is harmless."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True)
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="messages", verbose_name=_("对接平台"))
    is_out = models.BooleanField(_("发出"), default=False)
    kind = models.CharField(_("类型"), max_length=10, choices=ExchangeKind.choices, blank=True)
    their_id = models.CharField(_("对方编号"), max_length=80, blank=True)
    # The same message again has the same mark: their id with its kind, or the hash of its content.
    mark = models.CharField(max_length=120)
    body = models.TextField()
    state = models.CharField(
        _("状态"), max_length=10, choices=ExchangeState.choices, default=ExchangeState.WAITING
    )
    error = models.CharField(_("原因"), max_length=500, blank=True)
    case = models.ForeignKey("problems.Case", models.PROTECT, null=True, related_name="exchanges")
    entry = models.ForeignKey("kernel.Entry", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(_("时间"), default=timezone.now)
    done_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("交换报文")
        ordering = ["-at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["partner", "is_out", "mark"], name="exchange_once")]
        indexes = [
            models.Index(fields=["next_try_at"], name="exchange_due", condition=Q(next_try_at__isnull=False)),
            models.Index(fields=["case"], name="exchange_case", condition=Q(case__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.partner_id} {self.kind} {self.their_id}"
