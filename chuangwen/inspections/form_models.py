"""Checklists filled in with another maker's phone app (OpenRosa): what was sent, until all its files are here."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class FormState(models.TextChoices):
    ARRIVING = "arriving", _("还差附件")
    DONE = "done", _("已收下")
    ASIDE = "aside", _("另存")


class FormSubmission(models.Model):
    """One row is one filled-in form as it was sent; an app may send its files in several posts with the same id."""

    instance_id = models.CharField(max_length=100, unique=True)
    form_id = models.CharField(max_length=80)
    version = models.CharField(max_length=40)
    xml = models.TextField()
    hash = models.CharField(max_length=64)  # of the xml: the same id with other content is refused
    files = models.JSONField(default=dict, blank=True)  # file name → SHA-256 of what arrived
    state = models.CharField(_("状态"), max_length=10, choices=FormState.choices, default=FormState.ARRIVING)
    visit = models.ForeignKey("inspections.Visit", models.PROTECT, null=True, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True)
    why = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("表单来件")
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return self.instance_id
