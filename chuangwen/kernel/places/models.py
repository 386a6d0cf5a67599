"""The city itself, its dictionary lists, and places: areas, roads, sites and shops on the ground."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chuangwen.kernel.places.cells import cell
from chuangwen.kernel.places.datum import Datum, to_wgs84

DATUM_CHOICES = [(d.value, d.value.upper()) for d in Datum]


class City(models.Model):
    """The one row that says which city this is and how it works; everything a city may choose hangs here."""

    code = models.CharField(_("区划代码"), max_length=12)
    name = models.CharField(_("名称"), max_length=40)
    prefix = models.CharField(_("案号字头"), max_length=6)
    is_demo = models.BooleanField(_("演示"), default=False)
    seed = models.IntegerField(_("种子"), default=1)
    lon = models.FloatField(_("经度"))
    lat = models.FloatField(_("纬度"))
    hours = models.CharField(_("工作时间"), max_length=100, default="08:30-12:00,14:30-18:00")
    settings = models.JSONField(_("设置"), default=dict, blank=True)
    pack = models.CharField(_("资料包"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("城市")
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="one_city")]

    def __str__(self) -> str:
        return self.name


class Term(models.Model):
    """One row is one word of one of the city's lists (site types, thing kinds, reasons): stored, counted, never branched on."""

    list = models.CharField(_("词表"), max_length=40)
    code = models.CharField(_("编码"), max_length=60)
    name = models.CharField(_("名称"), max_length=80)
    rank = models.IntegerField(_("顺序"), default=0)
    note = models.CharField(_("说明"), max_length=400, blank=True)
    source = models.CharField(_("来源"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("词条")
        ordering = ["list", "rank", "code"]
        constraints = [models.UniqueConstraint(fields=["list", "code"], name="term_once")]

    def __str__(self) -> str:
        return self.name


class PlaceKind(models.TextChoices):
    CITY = "city", _("市")
    COUNTY = "county", _("区县")
    STREET = "street", _("镇街")
    VILLAGE = "village", _("村社区")
    GRID = "grid", _("网格")
    ROAD = "road", _("路段")
    SITE = "site", _("点位")
    SHOP = "shop", _("门店")


class Located(models.Model):
    """A point on the ground: WGS-84 degrees, the datum it came in, and its cell for maps and near-by search."""

    lon = models.FloatField(_("经度"), null=True, blank=True)
    lat = models.FloatField(_("纬度"), null=True, blank=True)
    datum = models.CharField(_("原坐标系"), max_length=8, choices=DATUM_CHOICES, default=Datum.WGS84.value)
    cell = models.BigIntegerField(null=True, editable=False)

    class Meta:
        abstract = True

    def locate(self, lon: float, lat: float, datum: Datum = Datum.WGS84) -> None:
        """Sets the point from degrees in that datum; the stored point is always WGS-84."""
        self.lon, self.lat = to_wgs84(lon, lat, datum)
        self.datum, self.cell = datum.value, cell(self.lon, self.lat)


class PlaceQuerySet(models.QuerySet[Any]):
    def under(self, place: Place) -> PlaceQuerySet:
        """All places below this one in the tree, itself included: one index range."""
        return self.filter(Q(pk=place.pk) | Q(path__gte=f"{place.path}/", path__lt=f"{place.path}0"))


class Place(Located):
    """One row is one place someone can answer for: an area of the official tree, a grid, a road segment, a site, a shop."""

    kind = models.CharField(_("类别"), max_length=10, choices=PlaceKind.choices)
    code = models.CharField(_("编码"), max_length=40, unique=True)
    name = models.CharField(_("名称"), max_length=100)
    short_name = models.CharField(_("简称"), max_length=60)
    type = models.ForeignKey(Term, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("类型"))
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("上级"))
    road = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="along", verbose_name=_("所在路段"))
    path = models.CharField(max_length=200, db_index=True, editable=False)
    extent = models.CharField(_("起止"), max_length=100, blank=True)
    shape = models.JSONField(_("图形"), null=True, blank=True)  # GeoJSON geometry, WGS-84
    attributes = models.JSONField(_("属性"), default=dict, blank=True)
    is_approximate = models.BooleanField(_("位置为约略"), default=False)
    is_sample = models.BooleanField(_("示例"), default=False)
    is_active = models.BooleanField(_("在用"), default=True)
    source = models.CharField(_("来源"), max_length=200, blank=True)
    objects = PlaceQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("地点")
        ordering = ["code"]
        indexes = [
            models.Index(fields=["kind", "cell"], name="place_kind_cell"),
            models.Index(fields=["kind", "type"], name="place_kind_type"),
        ]

    def __str__(self) -> str:
        return self.short_name or self.name
