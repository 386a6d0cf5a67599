"""Ideas of residents and staff (row 75): collected, merged, answered, put into tasks, and shown with what was done."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chuangwen.kernel.workflow.models import TimedMatter


class IdeaState(models.TextChoices):
    RECEIVED = "received", _("待审")
    OPEN = "open", _("公开征集")
    ADOPTED = "adopted", _("采纳")
    DECLINED = "declined", _("不采纳")
    MERGED = "merged", _("并入")
    HIDDEN = "hidden", _("不公开")


class Idea(TimedMatter):
    """One row is one proposal; `text` as it was sent, `public_text` as somebody read and released it."""

    number = models.CharField(_("编号"), max_length=24, unique=True)
    secret = models.CharField(max_length=64, unique=True, editable=False)  # SHA-256 of the link's secret, hex
    topic = models.CharField(_("主题"), max_length=30, blank=True)
    text = models.TextField(_("原话"))
    public_text = models.CharField(_("公开的话"), max_length=300, blank=True)
    name = models.CharField(_("称呼"), max_length=20, blank=True)
    device = models.CharField(max_length=64, blank=True)
    received_at = models.DateTimeField(_("收到"), default=timezone.now)
    into = models.ForeignKey("self", models.PROTECT, null=True, related_name="merged", verbose_name=_("并入"))
    supports = models.PositiveIntegerField(_("赞同"), default=0, editable=False)
    unit = models.ForeignKey(
        "kernel.Unit", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("办理单位")
    )
    task = models.ForeignKey(
        "tasks.Task", models.PROTECT, null=True, related_name="ideas", verbose_name=_("任务")
    )
    answer = models.CharField(_("答复"), max_length=600, blank=True)
    answered_at = models.DateTimeField(null=True)
    done_text = models.CharField(_("做了什么"), max_length=600, blank=True)
    done_at = models.DateTimeField(null=True)
    is_sample = models.BooleanField(_("示例"), default=False)

    class Meta:
        verbose_name = verbose_name_plural = _("建言")
        ordering = ["-received_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(into__isnull=True) | ~Q(into=F("pk")), name="idea_not_into_itself"
            )
        ]
        indexes = [models.Index(fields=["state", "-received_at"], name="idea_state")]

    def __str__(self) -> str:
        return self.public_text or self.text[:40]

    def get_absolute_url(self) -> str:
        return f"/ideas/{self.number}/"


class IdeaSupport(models.Model):
    """One row is one device that said "so do I"; no person, no account, never counted per member of staff."""

    idea = models.ForeignKey(Idea, models.CASCADE, related_name="supporters")
    device = models.CharField(max_length=64)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = verbose_name_plural = _("赞同")
        constraints = [models.UniqueConstraint(fields=["idea", "device"], name="idea_support_once")]

    def __str__(self) -> str:
        return f"{self.idea_id}"
