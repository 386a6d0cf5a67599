"""The public side of cases: what a resident sent, and what of a case is shown to everybody."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chuangwen.kernel.places.models import Located
from chuangwen.kernel.workflow.models import Clock, Matter


class Quiet(Matter):
    """A matter without clocks."""

    class Meta:
        abstract = True

    def wound(self, live: list[Clock]) -> None:
        """Runs no clocks."""


class SubmissionState(models.TextChoices):
    WAITING = "waiting", _("待辨别")
    TAKEN = "taken", _("已收进")
    DROPPED = "dropped", _("不收")


class Submission(Quiet, Located):
    """One row is one thing a resident sent from the public pages or another public door; no account, no name needed.

    What looks like junk waits for a person (`waiting`, with the reasons in `findings`); all else becomes a report at
    once. Who holds the secret of the link follows it; of the secret only the SHA-256 is kept. Address and device are kept
    as salted hashes for limits only, and dropped with the salt (kernel.workflow.limits).
    """

    secret = models.CharField(max_length=64, unique=True, editable=False)  # SHA-256 of the link's secret, hex
    text = models.TextField(_("原话"))
    kind = models.ForeignKey(
        "problems.CaseKind", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("类别")
    )
    address = models.CharField(_("位置"), max_length=120, blank=True)
    site = models.ForeignKey(
        "kernel.Place", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("点位")
    )
    accuracy_m = models.FloatField(_("精度（米）"), null=True)
    taken_at = models.DateTimeField(null=True)
    channel = models.CharField(_("渠道"), max_length=20, default="portal")  # portal, qr, open311
    name = models.CharField(_("称呼"), max_length=20, blank=True)
    phone = models.CharField(
        _("手机"), max_length=20, blank=True
    )  # only once checked by code; shown masked, shredded
    phone_checked_at = models.DateTimeField(null=True)
    device = models.CharField(max_length=64, blank=True)
    origin = models.CharField(max_length=64, blank=True)
    received_at = models.DateTimeField(_("收到"), default=timezone.now)
    # Why it waits, in stable codes with figures: {"many_from_here": 14, "like": 203, "no_place": true}
    findings = models.JSONField(default=dict, blank=True)
    like = models.CharField(
        max_length=32, blank=True, db_index=True
    )  # key of what is alike, for deciding in one go
    case = models.ForeignKey("problems.Case", models.PROTECT, null=True, related_name="submissions")
    report = models.OneToOneField("problems.Report", models.PROTECT, null=True, related_name="submission")
    is_joined = models.BooleanField(_("我也看到"), default=False)
    is_satisfied = models.BooleanField(_("满意"), null=True)
    rated_at = models.DateTimeField(null=True)
    rating_text = models.CharField(_("评价"), max_length=300, blank=True)
    is_sample = models.BooleanField(_("示例"), default=False)

    class Meta:
        verbose_name = verbose_name_plural = _("市民来件")
        ordering = ["-received_at", "-pk"]
        indexes = [
            models.Index(
                fields=["like", "received_at"], name="submission_waiting", condition=Q(state="waiting")
            ),
            models.Index(fields=["rated_at"], name="submission_rated", condition=Q(rated_at__isnull=False)),
            models.Index(fields=["received_at"], name="submission_received"),
        ]

    def __str__(self) -> str:
        return self.text[:30]

    def get_absolute_url(self) -> str:
        return f"/submissions/{self.pk}/"


class PublicationState(models.TextChoices):
    DRAFT = "draft", _("待审")
    PUBLIC = "public", _("已公开")
    WITHDRAWN = "withdrawn", _("已撤下")


class Publication(Quiet, Located):
    """One row is what the public may see of one case: words somebody read first, pictures with everybody hidden in them.

    Nothing of the case itself is public: not the sender's words, not a person, not the exact point of a home. `lon`,
    `lat` and `cell` are the public point. The columns below are copied when it is made public, so that public pages,
    map, figures and interfaces read this table alone.
    """

    case = models.OneToOneField(
        "problems.Case", models.PROTECT, related_name="publication", verbose_name=_("案件")
    )
    what = models.CharField(_("公开的事项"), max_length=60)
    answer = models.CharField(_("公开的答复"), max_length=300, blank=True)
    address = models.CharField(_("公开的位置"), max_length=120, blank=True)
    before = models.ForeignKey(
        "kernel.Evidence", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("整改前")
    )
    after = models.ForeignKey(
        "kernel.Evidence", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("整改后")
    )
    kind = models.ForeignKey(
        "problems.CaseKind", models.PROTECT, null=True, related_name="+", verbose_name=_("类别")
    )
    street = models.ForeignKey(
        "kernel.Place", models.PROTECT, null=True, related_name="+", verbose_name=_("镇街")
    )
    reported_at = models.DateTimeField(_("上报"))
    closed_at = models.DateTimeField(_("办结"), null=True)
    is_open = models.BooleanField(_("在办"), default=True)
    published_at = models.DateTimeField(_("公开时间"), null=True)
    updated_at = models.DateTimeField(_("更新"), default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = _("公开")
        ordering = ["-published_at", "-pk"]
        indexes = [
            # The public map: with every column a tile groups and colours by, so that it never reads the rows.
            models.Index(
                fields=["cell", "is_open", "kind", "lon", "lat"],
                name="publication_cell",
                condition=Q(state="public"),
            ),
            models.Index(fields=["-published_at"], name="publication_new", condition=Q(state="public")),
            models.Index(fields=["-reported_at"], name="publication_reported", condition=Q(state="public")),
            models.Index(fields=["-updated_at"], name="publication_updated", condition=Q(state="public")),
            models.Index(fields=["created_at"], name="publication_draft", condition=Q(state="draft")),
        ]

    def __str__(self) -> str:
        return self.what

    def get_absolute_url(self) -> str:
        return f"/publications/{self.pk}/"
