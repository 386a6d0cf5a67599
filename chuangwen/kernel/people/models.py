"""Units, persons, posts and duties: who answers for what, from when to when."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from chuangwen.kernel.people.rules import Standing


class UnitKind(models.TextChoices):
    COMMAND = "command", _("指挥部")
    GROUP = "group", _("专项工作组")
    OFFICE_GROUP = "office_group", _("办公室工作组")
    DEPARTMENT = "department", _("部门")
    DISTRICT_OFFICE = "district_office", _("区县创建处")
    PRECINCT = "precinct", _("片区")
    STREET = "street", _("镇街")
    COMMUNITY = "community", _("村社区")
    UTILITY = "utility", _("公用企业")
    ENTERPRISE = "enterprise", _("企业")
    MEDIA = "media", _("媒体")
    SUPERVISION = "supervision", _("督查机构")
    DISCIPLINE = "discipline", _("纪检监察")


class Unit(models.Model):
    """One row is a body that can answer for something: a department, a street office, a working group."""

    code = models.CharField(_("编码"), max_length=32, unique=True)
    name = models.CharField(_("名称"), max_length=80)
    short_name = models.CharField(_("简称"), max_length=30)
    kind = models.CharField(_("类型"), max_length=16, choices=UnitKind.choices)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("上级")
    )
    area = models.ForeignKey(
        "kernel.Place", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("区域")
    )
    # Codes of all units above, "/"-separated, own code last: a subtree is one index range.
    path = models.CharField(max_length=200, db_index=True, editable=False)
    robot_url = models.CharField(_("群机器人地址"), max_length=300, blank=True)
    is_ranked = models.BooleanField(_("参加排名"), default=False)
    is_sample = models.BooleanField(_("示例"), default=False)
    is_active = models.BooleanField(_("在用"), default=True)
    source = models.CharField(_("来源"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("单位")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.short_name or self.name


class PersonManager(BaseUserManager["Person"]):
    def create_user(self, username: str, password: str | None = None, **fields: Any) -> Person:
        person = self.model(username=username, **fields)
        person.set_password(password)
        person.save()
        return person

    create_superuser = create_user


class Person(AbstractBaseUser):
    """One row is a person who works with the system; history points here, so rows are never deleted."""

    username = models.CharField(_("登录名"), max_length=60, unique=True)
    name = models.CharField(_("姓名"), max_length=60)
    email = models.EmailField(_("邮箱"), blank=True)
    phone = models.CharField(_("电话"), max_length=20, blank=True)
    language = models.CharField(_("语言"), max_length=10, blank=True)
    is_active = models.BooleanField(_("在用"), default=True)
    is_sample = models.BooleanField(_("示例"), default=False)
    joined_at = models.DateTimeField(default=timezone.now, editable=False)

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]
    objects = PersonManager()

    class Meta:
        verbose_name = verbose_name_plural = _("人员")

    def __str__(self) -> str:
        return self.name

    @property
    def masked_phone(self) -> str:
        """The phone number as anybody but its owner may see it."""
        return (
            f"{self.phone[:3]}****{self.phone[-4:]}" if len(self.phone) >= 9 else "****" if self.phone else ""
        )

    @property
    def standing(self) -> Standing:
        """What this person's posts of today amount to; read once per loaded row."""
        from chuangwen.kernel.people.rules import standing_of  # rules read models: a cycle if at the top

        if not hasattr(self, "_standing"):
            self._standing = standing_of(self)
        return self._standing


class Role(models.TextChoices):
    """Roles are code because rules branch on them; titles are the city's words."""

    OFFICE = "office", _("创建办")
    CLERK = "clerk", _("督导员")
    DISPATCHER = "dispatcher", _("派遣员")
    CHECKER = "checker", _("核查员")
    INSPECTOR = "inspector", _("巡查员")
    LEADER = "leader", _("市领导")
    HEAD = "head", _("单位负责人")
    LIAISON = "liaison", _("联络员")
    GRID_KEEPER = "grid_keeper", _("网格员")
    SUPERVISOR = "supervisor", _("督查局")
    DISCIPLINE = "discipline", _("纪委监委")
    AUDITOR = "auditor", _("审计员")
    ADMIN = "admin", _("系统管理员")


class PeriodQuerySet(models.QuerySet[Any]):
    def in_force(self, day: dt.date | None = None) -> PeriodQuerySet:
        """Rows in force on that day (today when none is given); both ends belong to the period."""
        day = day or timezone.localdate()
        return self.filter(Q(from_on__lte=day), Q(to_on__isnull=True) | Q(to_on__gte=day))


class Post(models.Model):
    """One row is one role a person holds in a unit or area for a period; rights come from here only."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="posts", verbose_name=_("人员"))
    role = models.CharField(_("角色"), max_length=16, choices=Role.choices)
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="posts", verbose_name=_("单位")
    )
    area = models.ForeignKey(
        "kernel.Place", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("区域")
    )
    title = models.CharField(_("职务"), max_length=60, blank=True)
    stand_in_for = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="stand_ins", verbose_name=_("代理")
    )
    from_on = models.DateField(_("起"))
    to_on = models.DateField(_("止"), null=True, blank=True)
    objects = PeriodQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("任职")
        constraints = [
            models.CheckConstraint(
                condition=Q(to_on__isnull=True) | Q(to_on__gte=models.F("from_on")),
                name="post_period",
                violation_error_message=_("止的日期早于起的日期。"),
            ),
            models.UniqueConstraint(
                # Coalesce, because SQLite takes two empty columns for two different values.
                "person",
                "role",
                Coalesce("unit", 0),
                Coalesce("area", 0),
                "from_on",
                name="post_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit or self.area or ''} {self.title or self.get_role_display()}".strip()


class DutyKind(models.TextChoices):
    AREA_LEADER = "area_leader", _("分包镇街")
    ROAD_LEADER = "road_leader", _("分包路段")
    SITE_LEADER = "site_leader", _("分包点位")
    ROAD_CHIEF = "road_chief", _("路长单位")
    SITE_UNIT = "site_unit", _("点位责任单位")
    AREA_UNIT = "area_unit", _("属地单位")
    GRID_KEEPER = "grid_keeper", _("网格员")
    SHOP_DUTY = "shop_duty", _("门前责任")
    YARD_PAIRING = "yard_pairing", _("楼院结对")


LEADER_DUTIES = (DutyKind.AREA_LEADER, DutyKind.ROAD_LEADER, DutyKind.SITE_LEADER)


class Duty(models.Model):
    """One row says who (a person or a unit) answers for one place in one way, from when to when."""

    kind = models.CharField(_("类型"), max_length=16, choices=DutyKind.choices)
    place = models.ForeignKey("kernel.Place", models.PROTECT, related_name="duties", verbose_name=_("地点"))
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="duties", verbose_name=_("单位")
    )
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="duties", verbose_name=_("人员")
    )
    board_text = models.CharField(_("牌面文字"), max_length=200, blank=True)
    from_on = models.DateField(_("起"))
    to_on = models.DateField(_("止"), null=True, blank=True)
    source = models.CharField(_("来源"), max_length=200, blank=True)
    objects = PeriodQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("责任")
        constraints = [
            models.CheckConstraint(
                condition=Q(unit__isnull=False) | Q(person__isnull=False),
                name="duty_has_holder",
                violation_error_message=_("责任要写明单位或人。"),
            ),
            models.CheckConstraint(
                condition=Q(to_on__isnull=True) | Q(to_on__gte=models.F("from_on")),
                name="duty_period",
                violation_error_message=_("止的日期早于起的日期。"),
            ),
            models.UniqueConstraint(
                "kind",
                "place",
                Coalesce("unit", 0),
                Coalesce("person", 0),
                "from_on",
                name="duty_once",
            ),
        ]
        indexes = [models.Index(fields=["place", "kind"], name="duty_place_kind")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.unit or self.person}"

    @property
    def holder(self) -> Unit | Person | None:
        return self.unit or self.person
