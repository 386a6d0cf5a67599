"""Files on their way in, piece by piece over a bad network, and what is hidden in a picture before it is public."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chuangwen.kernel.evidence.models import Blob


class Upload(models.Model):
    """One row is one file arriving in pieces: how many bytes of how many are here, and the hash the sender promised.

    The bytes lie in the data folder under the row's `uid` until the last piece came and the hash was checked.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True)  # given by the sender
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    received = models.PositiveBigIntegerField(default=0)
    began_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now, db_index=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("分片上传")
        constraints = [models.CheckConstraint(condition=Q(received__lte=F("size")), name="upload_bytes")]

    def __str__(self) -> str:
        return f"{self.uid} {self.received}/{self.size}"


class MaskKind(models.TextChoices):
    FACE = "face", _("人脸")
    PLATE = "plate", _("车牌")
    OTHER = "other", _("其他")


class Mask(models.Model):
    """One row is one rectangle of one picture that is, or might be, hidden in every public view of it.

    Edges are thousandths of the upright picture's width and height. A rectangle the software proposed counts only
    once a person took it (`is_on`); while one is undecided (`is_on` empty) the picture is not public.
    """

    blob = models.ForeignKey(Blob, models.CASCADE, related_name="masks")
    kind = models.CharField(_("遮什么"), max_length=8, choices=MaskKind.choices, default=MaskKind.OTHER)
    left = models.PositiveSmallIntegerField()
    top = models.PositiveSmallIntegerField()
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    is_proposed = models.BooleanField(_("软件找到"), default=False)
    is_on = models.BooleanField(_("遮"), null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = verbose_name_plural = _("遮挡")
        constraints = [
            models.CheckConstraint(
                condition=Q(left__lt=1000, top__lt=1000, width__gte=1, height__gte=1), name="mask_inside"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.left},{self.top}"
