"""Files stored once by content hash, and their links to any matter with time, place and person."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chuangwen.kernel.places.models import Located


class Blob(models.Model):
    """One row is one file's content, known by its SHA-256; the original is private, the public view has no EXIF."""

    sha256 = models.CharField(max_length=64, unique=True)
    mime = models.CharField(max_length=100)  # an office document's is 71 characters long
    size = models.PositiveBigIntegerField()
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    phash = models.BigIntegerField(null=True, db_index=True)  # 64-bit perceptual hash, signed
    # Camera time and place as the file says; corroboration only (phones strip both).
    taken_at = models.DateTimeField(null=True)
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    stored_at = models.DateTimeField(default=timezone.now)
    # When faces and number plates were looked for, by the software or a person; before that a picture is not public.
    scanned_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("文件")

    def __str__(self) -> str:
        return self.sha256[:12]


class EvidenceRole(models.TextChoices):
    FOUND = "found", _("问题照片")
    FIXED = "fixed", _("整改照片")
    CHECK = "check", _("核查照片")
    DOCUMENT = "document", _("文件")
    VOICE = "voice", _("语音")


class Evidence(Located):
    """One row is one use of a file for one matter: what it shows, when and where it was taken, by whom."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True)  # given by the sender: sending twice is harmless
    blob = models.ForeignKey(Blob, models.PROTECT, related_name="uses")
    subject = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    role = models.CharField(_("用途"), max_length=10, choices=EvidenceRole.choices)
    round = models.PositiveSmallIntegerField(_("轮次"), default=1)
    taken_at = models.DateTimeField(_("拍摄时间"), null=True)
    accuracy_m = models.FloatField(_("精度（米）"), null=True)
    time_source = models.CharField(max_length=8, default="phone")  # phone, exif, typed
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    added_at = models.DateTimeField(default=timezone.now)
    # Of a matter nobody outside may know of: no other picture is said to be like it.
    is_hidden = models.BooleanField(default=False, editable=False)
    # What the truth check found, in stable codes with figures: {"far_m": 312, "before": true, "reused_of": 17}
    findings = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("证据")
        indexes = [models.Index(fields=["subject", "subject_id"], name="evidence_subject")]

    def __str__(self) -> str:
        return f"{self.get_role_display()} {self.blob_id}"
