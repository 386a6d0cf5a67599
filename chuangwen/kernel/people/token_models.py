"""Keys that let another program act as one person, within scopes and until a day; never more than the person may."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Scope(models.TextChoices):
    """What a token may be used for; code, because each interface asks for one of them."""

    READ = "read", _("读数据")
    REPORT = "report", _("上报问题")
    WORK = "work", _("办理步骤")
    FORMS = "forms", _("填报表单")
    EXCHANGE = "exchange", _("平台交换")


class Token(models.Model):
    """One row is one key: whose rights it has (`person`), for what, until when; the secret itself is not kept.

    `digest` is the SHA-256 of the secret (hex). `ha1` is MD5(username:realm:secret) for HTTP digest sign-in of phone
    form apps (RFC 7616 §3.4.2), kept only where the scope `forms` is given. A token without `ends_on` does not exist.
    """

    name = models.CharField(_("用途"), max_length=80)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="tokens", verbose_name=_("人员")
    )
    scopes = models.JSONField(_("范围"), default=list)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    ha1 = models.CharField(max_length=32, blank=True, editable=False)
    hint = models.CharField(_("开头几位"), max_length=8, editable=False)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False)
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    ends_on = models.DateField(_("到期"))
    revoked_at = models.DateTimeField(_("停用"), null=True, editable=False)
    used_on = models.DateField(_("最近使用"), null=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = _("访问令牌")
        ordering = ["-made_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.name} {self.hint}…"
