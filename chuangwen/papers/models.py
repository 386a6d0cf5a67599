"""Official papers: who issues them, their templates, the papers with number and frozen figures, receipts, regulations."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chuangwen.kernel.workflow.models import TimedMatter


class PaperKind(models.TextChoices):
    """The kinds this work produces; code, because each has its form, its parts and its sample (format/kinds.py)."""

    NOTICE = "notice", _("通知")
    DUTY_NOTICE = "duty_notice", _("提示通知")
    ASSIGNMENT = "assignment", _("交办通知")
    RECTIFICATION = "rectification", _("整改通知书")
    SUPERVISION = "supervision", _("督办通知")
    CIRCULAR = "circular", _("通报")
    REPORT = "report", _("报告")
    REQUEST = "request", _("请示")
    SCHEME = "scheme", _("方案")
    MINUTES = "minutes", _("会议纪要")
    BULLETIN = "bulletin", _("简报")
    TEST_REPORT = "test_report", _("测评报告")


class Form(models.TextChoices):
    """The three forms of GB/T 9704-2012 used here."""

    FILE = "file", _("文件")
    LETTER = "letter", _("信函")
    MINUTES = "minutes", _("纪要")


class IssuingBody(models.Model):
    """One row is a body that issues papers: its mark in red, its short character for numbers, who signs."""

    code = models.CharField(_("编号"), max_length=20, unique=True)
    unit = models.ForeignKey("kernel.Unit", models.PROTECT, related_name="+", verbose_name=_("单位"))
    name = models.CharField(_("署名"), max_length=60)
    mark = models.CharField(_("发文机关标志"), max_length=60)  # 巩义市…办公室文件
    character = models.CharField(_("机关代字"), max_length=20)  # 巩创建办
    signer = models.CharField(_("签发人"), max_length=30, blank=True)
    is_sample = models.BooleanField(_("示例"), default=False)
    source = models.CharField(_("来源"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("发文机关")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class Template(models.Model):
    """One row is one version of the .docx of one kind, as an office changed it; without a row the built-in one is used."""

    kind = models.CharField(_("文种"), max_length=16, choices=PaperKind.choices)
    blob = models.ForeignKey("kernel.Blob", models.PROTECT, related_name="+", verbose_name=_("模板文件"))
    name = models.CharField(_("文件名"), max_length=200)
    is_current = models.BooleanField(_("在用"), default=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(_("时间"), default=timezone.now)

    class Meta:
        verbose_name = verbose_name_plural = _("公文模板")
        ordering = ["kind", "-at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind"], condition=Q(is_current=True), name="template_one_current"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.name}"


class PaperState(models.TextChoices):
    DRAFT = "draft", _("拟稿")
    REVIEW = "review", _("核稿")
    SIGNED = "signed", _("已签发")
    ISSUED = "issued", _("已印发")
    WITHDRAWN = "withdrawn", _("已撤回")
    DROPPED = "dropped", _("不发")


class Paper(TimedMatter):
    """One row is one official paper. Its number is given at signing, in one sequence per body and year, without gaps.

    `content` is the paper as data (papers/format/content.py, `as_data`); `figures` are the numbers it was made from,
    frozen with their definitions: [{"name", "value", "measure", "definition", "link"}]. After signing neither changes.
    """

    code = models.CharField(_("编号"), max_length=24, unique=True)  # the draft's own, GW-2026-00001
    kind = models.CharField(_("文种"), max_length=16, choices=PaperKind.choices)
    form = models.CharField(_("格式"), max_length=8, choices=Form.choices)
    body = models.ForeignKey(IssuingBody, models.PROTECT, related_name="papers", verbose_name=_("发文机关"))
    title = models.CharField(_("标题"), max_length=120)
    content = models.JSONField(default=dict)
    figures = models.JSONField(default=list)
    # What it was made of, such as ("assessment.ranking", 3); empty for one written by hand.
    about = models.CharField(max_length=40, blank=True)
    about_id = models.BigIntegerField(null=True)
    year = models.PositiveSmallIntegerField(_("年份"), null=True)
    serial = models.PositiveIntegerField(_("序号"), null=True)
    number = models.CharField(_("发文字号"), max_length=60, blank=True)  # 巩创建办〔2026〕12号
    dated_on = models.DateField(_("成文日期"), null=True)
    reply_on = models.DateField(_("回复期限"), null=True, blank=True)
    is_urgent = models.BooleanField(_("紧急"), default=False)
    signer = models.CharField(_("签发人"), max_length=30, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("拟稿人")
    )
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    issued_at = models.DateTimeField(_("印发时间"), null=True)
    # The .docx as signed; its hash is in the history.
    blob = models.ForeignKey("kernel.Blob", models.PROTECT, null=True, related_name="+")
    is_sample = models.BooleanField(_("示例"), default=False)

    class Meta:
        verbose_name = verbose_name_plural = _("公文")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["about", "about_id"], name="paper_about"),
            models.Index(fields=["state", "-id"], name="paper_state"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["body", "year", "serial"], condition=Q(serial__isnull=False), name="paper_number_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.number or self.code} {self.title}"

    def get_absolute_url(self) -> str:
        return f"/papers/{self.code}/"


class ReceiverPart(models.TextChoices):
    MAIN = "main", _("主送")
    COPY = "copy", _("抄送")


class Receipt(models.Model):
    """One row is one receiver of one paper: its copy number, when it signed for it, what it replied."""

    paper = models.ForeignKey(Paper, models.CASCADE, related_name="receipts", verbose_name=_("公文"))
    unit = models.ForeignKey(
        "kernel.Unit", models.PROTECT, related_name="paper_receipts", verbose_name=_("单位")
    )
    part = models.CharField(_("方式"), max_length=4, choices=ReceiverPart.choices, default=ReceiverPart.MAIN)
    copy_no = models.PositiveIntegerField(_("份号"), null=True)
    received_at = models.DateTimeField(_("签收时间"), null=True)
    received_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reply = models.TextField(_("回复"), blank=True)
    replied_at = models.DateTimeField(_("回复时间"), null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("签收")
        ordering = ["paper", "part", "pk"]
        constraints = [models.UniqueConstraint(fields=["paper", "unit"], name="receipt_once")]
        indexes = [
            models.Index(fields=["unit"], name="receipt_waiting", condition=Q(received_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.paper_id} {self.unit}"


class Regulation(models.Model):
    """One row is one version of a standing rule such as 奖惩问责暂行办法 (rows 9, 18): its text, when in force, who keeps it."""

    code = models.CharField(_("编号"), max_length=30)
    title = models.CharField(_("名称"), max_length=120)
    version = models.CharField(_("版本"), max_length=20)
    from_on = models.DateField(_("施行"))
    to_on = models.DateField(_("废止"), null=True, blank=True)
    owner = models.ForeignKey(
        "kernel.Unit", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("负责单位")
    )
    document = models.CharField(_("文号"), max_length=60, blank=True)
    text = models.TextField(_("正文"), blank=True)
    blob = models.ForeignKey(
        "kernel.Blob", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("文件")
    )
    is_sample = models.BooleanField(_("示例"), default=False)
    source = models.CharField(_("来源"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("制度")
        ordering = ["code", "-from_on"]
        constraints = [models.UniqueConstraint(fields=["code", "version"], name="regulation_once")]

    def __str__(self) -> str:
        return f"{self.title} {self.version}"
