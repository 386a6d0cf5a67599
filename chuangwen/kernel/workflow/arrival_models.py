"""What comes in from outside and could not be taken as it was, what goes out to other systems, and limits on both."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class SetAside(models.Model):
    """One row is one record of a phone that could not be taken as it was sent, kept whole until a person decided.

    Two phones recorded the same visit, or a case was closed meanwhile: the second record is not lost. `payload` is the
    record as sent; `files` are the hashes of its files, which are stored.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True)  # the record's own id
    kind = models.CharField(_("类型"), max_length=20)
    subject = models.CharField(max_length=40, blank=True)
    subject_id = models.BigIntegerField(null=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("记录人")
    )
    at = models.DateTimeField(_("收到"), default=timezone.now)
    why = models.CharField(_("没收下的原因"), max_length=300)
    payload = models.JSONField(default=dict)
    files = models.JSONField(default=list)
    hash = models.CharField(max_length=64)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decision = models.CharField(_("处理"), max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("另存的记录")
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["at"], name="set_aside_open", condition=Q(decided_at__isnull=True))]

    def __str__(self) -> str:
        return f"{self.kind} {self.uid}"


class RateCount(models.Model):
    """One row counts what one sender (a salted hash of address or device) did in one window of time."""

    key = models.CharField(max_length=64)
    since = models.DateTimeField(db_index=True)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = verbose_name_plural = _("频次")
        constraints = [models.UniqueConstraint(fields=["key", "since"], name="rate_count_once")]

    def __str__(self) -> str:
        return f"{self.key[:8]} {self.count}"


class SpentProof(models.Model):
    """One row is one proof of work or answered puzzle that was used; it does not count twice."""

    nonce = models.CharField(max_length=64, unique=True)
    at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        verbose_name = verbose_name_plural = _("用过的验证")

    def __str__(self) -> str:
        return self.nonce[:8]


class PhoneCode(models.Model):
    """One row is one code sent to one phone to check that it is the sender's; the number and code are kept as hashes."""

    phone_hash = models.CharField(max_length=64, db_index=True)
    code_hash = models.CharField(max_length=64)
    made_at = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField(db_index=True)
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("手机验证码")

    def __str__(self) -> str:
        return self.phone_hash[:8]


class Webhook(models.Model):
    """One row is one address told of steps as they are taken, signed with its own secret; it hears what `person` may see."""

    name = models.CharField(_("名称"), max_length=80)
    url = models.URLField(_("地址"), max_length=300)
    secret = models.CharField(max_length=64, editable=False)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="webhooks", verbose_name=_("按谁的权限")
    )
    steps = models.JSONField(
        _("哪些步骤"), default=list
    )  # ["problems.case:pass", …]; empty: every step of cases
    ends_on = models.DateField(_("到期"))
    is_on = models.BooleanField(_("在用"), default=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False)
    made_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = _("推送")
        ordering = ["-made_at", "-pk"]

    def __str__(self) -> str:
        return self.name


class Delivery(models.Model):
    """One row is one message to one webhook: written with the step it tells of, sent after it, tried again later."""

    webhook = models.ForeignKey(Webhook, models.PROTECT, related_name="deliveries")
    uid = models.UUIDField(default=uuid.uuid4, unique=True)
    entry = models.ForeignKey("kernel.Entry", models.PROTECT, related_name="+")
    body = models.JSONField()
    made_at = models.DateTimeField(default=timezone.now)
    next_try_at = models.DateTimeField(null=True, default=timezone.now)
    tries = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    status = models.PositiveSmallIntegerField(null=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("推送记录")
        ordering = ["-made_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["webhook", "entry"], name="delivery_once")]
        indexes = [
            models.Index(fields=["next_try_at"], name="delivery_due", condition=Q(sent_at__isnull=True))
        ]

    def __str__(self) -> str:
        return f"{self.webhook_id} {self.entry_id}"
