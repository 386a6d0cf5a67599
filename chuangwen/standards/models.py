"""Trees of standards by edition: what is tested, how, where, by which check items, and which unit answers for it.

Scheme → edition → node (item, content, standard) → requirement (standard × method) → material | check item |
question | series. A scheme is data: the city's, the minors', or any other.
"""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chuangwen.kernel.workflow.models import TimedMatter


class SchemeKind(models.TextChoices):
    CITY = "city", _("城市")
    MINORS = "minors", _("未成年人")
    OTHER = "other", _("其他体系")


class Level(models.TextChoices):
    """Which cities a tree or a node's note is for."""

    ALL = "all", _("全部")
    CAPITAL = "capital", _("省会")
    PREFECTURE = "prefecture", _("地级")
    COUNTY = "county", _("县级")


class Scheme(models.Model):
    """One row is one system a city is tested by (测评体系): the city's, the minors', 国卫 …"""

    code = models.CharField(_("体系编号"), max_length=40, unique=True)
    name = models.CharField(_("体系名称"), max_length=80)
    kind = models.CharField(_("类别"), max_length=8, choices=SchemeKind.choices)
    source = models.CharField(_("来源"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("测评体系")
        ordering = ["kind", "code"]

    def __str__(self) -> str:
        return self.name


class Edition(models.Model):
    """One row is one edition of a scheme: a whole tree, in force or kept for comparison."""

    scheme = models.ForeignKey(Scheme, models.PROTECT, related_name="editions", verbose_name=_("测评体系"))
    name = models.CharField(_("版本"), max_length=40)
    year = models.PositiveSmallIntegerField(_("年份"))
    level = models.CharField(_("适用"), max_length=12, choices=Level.choices, default=Level.ALL)
    full = models.DecimalField(_("满分"), max_digits=9, decimal_places=3)
    is_current = models.BooleanField(_("在用"), default=False)
    is_sample = models.BooleanField(_("示例"), default=False)
    follows = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("接续版本")
    )
    loaded_at = models.DateTimeField(_("载入时间"), default=timezone.now, editable=False)
    source = models.CharField(_("来源"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("版本")
        ordering = ["scheme", "-year", "name"]
        constraints = [
            models.UniqueConstraint(fields=["scheme", "name"], name="edition_once"),
            models.UniqueConstraint(fields=["scheme"], condition=Q(is_current=True), name="edition_current"),
        ]

    def __str__(self) -> str:
        return f"{self.scheme} {self.name}"


class Tier(models.TextChoices):
    ITEM = "item", _("测评项目")
    CONTENT = "content", _("测评内容")
    STANDARD = "standard", _("测评标准")


class Node(models.Model):
    """One row is one node of an edition's tree; a standard is a leaf."""

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="nodes", verbose_name=_("版本"))
    parent = models.ForeignKey(
        "self", models.CASCADE, null=True, blank=True, related_name="children", verbose_name=_("上级")
    )
    tier = models.CharField(_("层级"), max_length=8, choices=Tier.choices)
    code = models.CharField(_("编号"), max_length=30)
    rank = models.PositiveIntegerField(_("顺序"), default=0)
    name = models.CharField(_("名称"), max_length=120)
    text = models.TextField(_("全文"), blank=True)
    full = models.DecimalField(_("分值"), max_digits=9, decimal_places=3, null=True, blank=True)
    scoring = models.TextField(_("计分规则"), blank=True)
    level = models.CharField(_("适用"), max_length=12, choices=Level.choices, default=Level.ALL)
    note = models.TextField(_("说明"), blank=True)
    # Person-days to bring the standard from failing to met, for points won back per effort.
    effort = models.DecimalField(_("工作量（人日）"), max_digits=8, decimal_places=1, null=True, blank=True)
    source = models.CharField(_("来源"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("标准")
        ordering = ["edition", "rank"]
        constraints = [models.UniqueConstraint(fields=["edition", "code"], name="node_once")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Method(models.TextChoices):
    MATERIAL = "material", _("材料")
    SITE = "site", _("实地")
    SURVEY = "survey", _("问卷")
    SERIES = "series", _("指标")
    OVERVIEW = "overview", _("整体观察")
    DEPARTMENT = "department", _("主管部门意见")
    HOTLINE = "hotline", _("热线实测")


class Requirement(models.Model):
    """One row is one cell (格): one standard tested by one method, with its points and the level demanded."""

    node = models.ForeignKey(Node, models.CASCADE, related_name="requirements", verbose_name=_("标准"))
    method = models.CharField(_("方法"), max_length=10, choices=Method.choices)
    full = models.DecimalField(_("分值"), max_digits=9, decimal_places=3)
    text = models.TextField(_("要求"), blank=True)
    demand = models.CharField(_("应达水平"), max_length=120, blank=True)
    # 不要求: decided by a person, with the reason; the cell then asks for nothing.
    waived_reason = models.CharField(_("不要求的理由"), max_length=200, blank=True)
    waived_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    source = models.CharField(_("来源"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("测评要求")
        ordering = ["node", "method"]
        constraints = [models.UniqueConstraint(fields=["node", "method"], name="requirement_once")]

    def __str__(self) -> str:
        return f"{self.node} · {self.get_method_display()}"


class Part(models.TextChoices):
    LEAD = "lead", _("主责")
    ASSIST = "assist", _("协办")


class Share(models.Model):
    """One row gives one requirement to one unit, as lead or as help; one lead a requirement."""

    requirement = models.ForeignKey(
        Requirement, models.CASCADE, related_name="shares", verbose_name=_("测评要求")
    )
    unit = models.ForeignKey(
        "kernel.Unit", models.PROTECT, related_name="standard_shares", verbose_name=_("单位")
    )
    part = models.CharField(_("分工"), max_length=6, choices=Part.choices)
    reason = models.CharField(_("依据"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("标准分工")
        ordering = ["requirement", "-part", "unit"]
        constraints = [
            models.UniqueConstraint(fields=["requirement", "unit"], name="share_once"),
            models.UniqueConstraint(fields=["requirement"], condition=Q(part="lead"), name="share_one_lead"),
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.get_part_display()}"


class MaterialKind(models.TextChoices):
    REPORT = "report", _("说明报告")
    DOCUMENT = "document", _("规范文件")
    TABLE = "table", _("统计表格")
    PHOTO = "photo", _("实景图片")
    PRESS = "press", _("媒体报道")


class Material(models.Model):
    """One row is one material a standard asks for: what kind, how many, from which period, until when."""

    requirement = models.ForeignKey(
        Requirement, models.CASCADE, related_name="materials", verbose_name=_("测评要求")
    )
    code = models.CharField(_("材料编号"), max_length=40)
    kind = models.CharField(_("类别"), max_length=10, choices=MaterialKind.choices)
    text = models.CharField(_("要求"), max_length=300)
    count = models.PositiveSmallIntegerField(_("份数"), default=1)
    limit = models.PositiveIntegerField(_("字数上限"), null=True, blank=True)
    from_on = models.DateField(_("材料起"), null=True, blank=True)
    to_on = models.DateField(_("材料止"), null=True, blank=True)
    due_on = models.DateField(_("报送日期"), null=True, blank=True)
    # The same material under another standard is asked once; this one is served by that one.
    same_as = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="serves", verbose_name=_("同材料")
    )
    source = models.CharField(_("来源"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("材料要求")
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["requirement", "code"], name="material_once")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.text[:30]}"


class Way(models.TextChoices):
    """How a check item is graded; code, because scoring branches on it."""

    PASS_FAIL = "pass_fail", _("达标或不达标")
    POINTS = "points", _("发现一处扣分")
    BANDS = "bands", _("分档")
    COUNT_PER_METRE = "count_per_metre", _("按长度计数")
    HOTLINE = "hotline", _("热线实测")
    TIMED = "timed", _("定时观察")


class Grading(models.Model):
    """One row is one rule of grading with its figures and their source."""

    code = models.CharField(_("编号"), max_length=40, unique=True)
    name = models.CharField(_("名称"), max_length=80)
    way = models.CharField(_("方式"), max_length=16, choices=Way.choices)
    # pass_fail {} · points {"each": "0.5"} · bands {"A": "1", "B": "0.6", "C": "0"} · count_per_metre {"count": 5,
    # "metres": 300, "each": "2"} · hotline {"rings": 5} · timed {"minutes": 10, "most": 0}; shares of the full mark.
    params = models.JSONField(_("参数"), default=dict, blank=True)
    source = models.CharField(_("来源"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("评分办法")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class CheckItem(models.Model):
    """One row is one thing to look at on one type of site, for one standard."""

    requirement = models.ForeignKey(
        Requirement, models.CASCADE, related_name="check_items", verbose_name=_("测评要求")
    )
    code = models.CharField(_("检查项编号"), max_length=40)
    site_type = models.ForeignKey("kernel.Term", models.PROTECT, related_name="+", verbose_name=_("点位类型"))
    text = models.CharField(_("检查内容"), max_length=200)
    grading = models.ForeignKey(Grading, models.PROTECT, related_name="+", verbose_name=_("评分办法"))
    full = models.DecimalField(_("分值"), max_digits=7, decimal_places=3, default=1)
    # Code of the catalogue's kind a failed item opens; the catalogue belongs to a higher layer, so only its code is here.
    case_kind = models.CharField(_("问题类别编号"), max_length=10, blank=True)
    source = models.CharField(_("来源"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("检查项")
        ordering = ["site_type", "code"]
        constraints = [models.UniqueConstraint(fields=["requirement", "code"], name="check_item_once")]
        indexes = [models.Index(fields=["site_type", "requirement"], name="check_item_site_type")]

    def __str__(self) -> str:
        return self.text


class Audience(models.TextChoices):
    RESIDENT = "resident", _("居民")
    STUDENT = "student", _("学生")
    STAFF = "staff", _("工作人员")


class Question(models.Model):
    """One row is one survey question of one standard; `options` is [[words, share of the mark], …]."""

    requirement = models.ForeignKey(
        Requirement, models.CASCADE, related_name="questions", verbose_name=_("测评要求")
    )
    code = models.CharField(_("问题编号"), max_length=40)
    audience = models.CharField(_("对象"), max_length=10, choices=Audience.choices, default=Audience.RESIDENT)
    text = models.CharField(_("问题"), max_length=200)
    options = models.JSONField(_("选项"), default=list)
    floor = models.DecimalField(_("门槛"), max_digits=6, decimal_places=4, null=True, blank=True)
    source = models.CharField(_("来源"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("问卷题")
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["requirement", "code"], name="question_once")]

    def __str__(self) -> str:
        return self.text


class Series(models.Model):
    """One row is one indicator of one standard: what is counted, the target, and which unit gives the figure."""

    requirement = models.ForeignKey(
        Requirement, models.CASCADE, related_name="series", verbose_name=_("测评要求")
    )
    code = models.CharField(_("序列编号"), max_length=40)
    name = models.CharField(_("指标名称"), max_length=120)
    measure = models.CharField(_("计量单位"), max_length=20, blank=True)
    target = models.DecimalField(_("目标"), max_digits=16, decimal_places=4, null=True, blank=True)
    relation = models.CharField(_("比较"), max_length=2, choices=[(">=", "≥"), ("<=", "≤")], default=">=")
    unit = models.ForeignKey(
        "kernel.Unit", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("数据单位")
    )
    source = models.CharField(_("来源"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("指标序列")
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["requirement", "code"], name="series_once")]

    def __str__(self) -> str:
        return self.name


class SeriesValue(models.Model):
    """One row is the figure of one series for one year, given by its unit and confirmed by another person."""

    series = models.ForeignKey(Series, models.CASCADE, related_name="values", verbose_name=_("指标序列"))
    year = models.PositiveSmallIntegerField(_("年度"))
    value = models.DecimalField(_("数值"), max_digits=16, decimal_places=4)
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    source = models.CharField(_("来源"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("指标数据")
        ordering = ["series", "year"]
        constraints = [models.UniqueConstraint(fields=["series", "year"], name="series_year")]

    def __str__(self) -> str:
        return f"{self.series} {self.year}"


class Change(models.TextChoices):
    ADDED = "added", _("新增")
    REMOVED = "removed", _("删去")
    MOVED = "moved", _("移动")
    REWORDED = "reworded", _("改写")
    REWEIGHTED = "reweighted", _("调分")
    SAME = "same", _("未变")


class Decision(models.TextChoices):
    CARRY = "carry", _("沿用")
    DROP = "drop", _("不沿用")


class Carry(models.Model):
    """One row is the decision on one standard when an edition follows another: carried over or not, by whom."""

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="carries", verbose_name=_("新版本"))
    old = models.ForeignKey(
        Node, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("旧标准")
    )
    new = models.ForeignKey(
        Node, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("新标准")
    )
    decision = models.CharField(_("决定"), max_length=6, choices=Decision.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(_("时间"), default=timezone.now)
    note = models.CharField(_("说明"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("沿用决定")
        constraints = [
            models.UniqueConstraint(fields=["edition", "old"], name="carry_old_once"),
            models.UniqueConstraint(fields=["edition", "new"], name="carry_new_once"),
        ]

    def __str__(self) -> str:
        return f"{self.old or ''} → {self.new or ''}"


class TableShape(models.Model):
    """One row is a remembered way to read one shape of foreign table: which of its columns means what."""

    name = models.CharField(_("名称"), max_length=60, unique=True)
    kind = models.CharField(_("表的内容"), max_length=20)
    mapping = models.JSONField(_("列的对应"), default=dict)
    used_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = verbose_name_plural = _("列的对应")

    def __str__(self) -> str:
        return self.name


class TreeImport(models.Model):
    """One row is one file of a tree that was put down: how it is to be read, who brought it, what came of it."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("文件名"), max_length=200)
    path = models.CharField(max_length=200)
    # Empty for our own template; else how a foreign table is read, and the edition its rows go to.
    shape = models.JSONField(default=dict)
    head = models.JSONField(default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(_("建立时间"), default=timezone.now)
    done_at = models.DateTimeField(_("导入时间"), null=True)
    result = models.JSONField(default=dict)

    class Meta:
        verbose_name = verbose_name_plural = _("标准导入")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/standards/import/{self.uid}/"


class NoticeState(models.TextChoices):
    DRAFT = "draft", _("拟稿")
    ISSUED = "issued", _("待签收")
    RECEIVED = "received", _("待回复")
    REPLIED = "replied", _("已回复")
    WITHDRAWN = "withdrawn", _("撤回")


class DutyNotice(TimedMatter):
    """One row is one 提示通知 to one unit: exactly its standards, materials and dates, with receipt and reply."""

    number = models.CharField(_("编号"), max_length=24, unique=True)
    edition = models.ForeignKey(Edition, models.PROTECT, related_name="notices", verbose_name=_("版本"))
    unit = models.ForeignKey(
        "kernel.Unit", models.PROTECT, related_name="duty_notices", verbose_name=_("单位")
    )
    reply_on = models.DateField(_("回复期限"))
    note = models.CharField(_("附言"), max_length=300, blank=True)
    reply = models.TextField(_("回复"), blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("提示通知")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["unit", "state"], name="duty_notice_unit")]
        constraints = [
            # One that waits for an answer is enough; the next goes out when it is answered or withdrawn.
            models.UniqueConstraint(
                fields=["edition", "unit"],
                condition=Q(state__in=("draft", "issued", "received")),
                name="duty_notice_open_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.unit}"

    def get_absolute_url(self) -> str:
        return f"/standards/notices/{self.number}/"


class DutyLine(models.Model):
    """One row is one line of a notice, frozen as it was sent."""

    notice = models.ForeignKey(DutyNotice, models.CASCADE, related_name="lines", verbose_name=_("提示通知"))
    requirement = models.ForeignKey(Requirement, models.PROTECT, related_name="+", verbose_name=_("测评要求"))
    part = models.CharField(_("分工"), max_length=6, choices=Part.choices)
    text = models.CharField(_("内容"), max_length=400)
    due_on = models.DateField(_("期限"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("通知明细")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.text
