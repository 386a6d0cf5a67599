"""Survey batches and how many gave which answer; single answers come with the surveys' own issue."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Channel(models.TextChoices):
    DOOR = "door", _("入户")
    STREET = "street", _("街头")
    WEB = "web", _("网上")
    PHONE = "phone", _("电话")


class Batch(models.Model):
    """One row is one batch of questionnaires of one edition: when, how, how many were given and came back valid."""

    edition = models.ForeignKey(
        "standards.Edition", models.PROTECT, related_name="batches", verbose_name=_("测评体系")
    )
    name = models.CharField(_("名称"), max_length=80)
    channel = models.CharField(_("渠道"), max_length=8, choices=Channel.choices)
    from_on = models.DateField(_("起"))
    to_on = models.DateField(_("止"))
    given = models.PositiveIntegerField(_("发放"))
    valid = models.PositiveIntegerField(_("有效"))
    is_sample = models.BooleanField(_("示例"), default=False)
    source = models.CharField(_("来源"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("问卷批次")
        ordering = ["-from_on"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "name"], name="batch_once"),
            models.CheckConstraint(
                condition=Q(valid__lte=models.F("given")), name="batch_valid",
                violation_error_message=_("有效份数多于发放份数。"),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name


class AnswerCount(models.Model):
    """One row counts how many chose one option (by its position) of one question in one batch."""

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="counts", verbose_name=_("批次"))
    question = models.ForeignKey(
        "standards.Question", models.PROTECT, related_name="+", verbose_name=_("问题")
    )
    option = models.PositiveSmallIntegerField(_("选项"))
    n = models.PositiveIntegerField(_("份数"))

    class Meta:
        verbose_name = verbose_name_plural = _("答案汇总")
        constraints = [
            models.UniqueConstraint(fields=["batch", "question", "option"], name="answer_count_once")
        ]

    def __str__(self) -> str:
        return f"{self.question_id}.{self.option}: {self.n}"
