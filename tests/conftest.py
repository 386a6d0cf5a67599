"""A small city everybody in the tests knows: one street, road and site, a few units, and a cast of posts."""

from __future__ import annotations

import datetime as dt
import io
import logging
import os
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

OUTLINE = [[112.95, 34.72], [113.05, 34.72], [113.05, 34.80], [112.95, 34.80], [112.95, 34.72]]


STORES = {"db", "transactional_db", "live_server"}


def pytest_collection_modifyitems(config: Any, items: list[Any]) -> None:
    """On a second engine only what touches the database is run again (tools/run_tests.py sets the variable)."""
    if not os.environ.get("ONLY_DATABASE_TESTS"):
        return
    wanted = [item for item in items if item.get_closest_marker("django_db") or STORES & set(item.fixturenames)]
    kept = [item for item in wanted if not item.get_closest_marker("one_engine")]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(kept)])
    items[:] = kept


@pytest.fixture(autouse=True)
def _own_files(settings: Any, tmp_path: Any) -> None:
    from chuangwen.kernel.city import forget

    settings.MEDIA_ROOT = tmp_path / "files"
    forget()


class Kept(logging.Handler):
    """Keeps what was logged as an error."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.name}: {record.getMessage()}")


@pytest.fixture(autouse=True)
def _no_error_is_logged(request: Any) -> Iterator[None]:
    """A test that passes while the log shows a failure has not looked; mark it `logs_errors` where it has."""
    kept = Kept()
    logging.getLogger().addHandler(kept)
    yield
    logging.getLogger().removeHandler(kept)
    if not request.node.get_closest_marker("logs_errors"):
        assert kept.lines == []


def picture(shade: int = 120, size: tuple[int, int] = (640, 480), exif: Any = None) -> bytes:
    """A real JPEG with a pattern that depends on `shade`, so that two shades are two different photos."""
    from PIL import Image, ImageDraw

    image = Image.new("RGB", size, (shade, 90, 60))
    draw = ImageDraw.Draw(image)
    for i in range(12):
        x, y = (shade * 37 + i * 53) % size[0], (shade * 61 + i * 97) % size[1]
        draw.ellipse((x, y, x + 90, y + 70), fill=((shade * i) % 255, (40 * i) % 255, 200 - shade % 90))
    out = io.BytesIO()
    image.save(out, "JPEG", **({"exif": exif} if exif else {}))
    return out.getvalue()


@pytest.fixture
def make_picture() -> Callable[..., bytes]:
    return picture


START = dt.date(2026, 1, 1)


def _bodies(street: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The units by code, and the cast of posts by role; `nobody` is a person without a post."""
    from chuangwen.kernel.models import Person, Post, Unit

    units = {
        code: Unit.objects.create(code=code, name=name, short_name=name, kind=kind, path=code, area=area)
        for code, name, kind, area in (
            ("office", "创建办", "command", None), ("cgj", "城市管理局", "department", None),
            ("jtj", "交通运输局", "department", None), ("xhl", "新华路街道办", "street", street),
            ("dcj", "督查局", "supervision", None), ("jw", "纪委监委", "discipline", None),
        )
    }  # fmt: skip
    people = {}
    for role, unit in (
        ("office", "office"), ("clerk", "office"), ("dispatcher", "office"), ("checker", "office"), ("leader", None),
        ("head", "cgj"), ("liaison", "cgj"), ("inspector", None), ("grid_keeper", None), ("supervisor", "dcj"),
        ("discipline", "jw"), ("auditor", None), ("admin", None), ("liaison2", "jtj"), ("liaison3", "xhl"),
    ):  # fmt: skip
        person = Person.objects.create(username=role, name=f"示例 {role}", is_sample=True)
        area = street if role in ("inspector", "grid_keeper") else None
        Post.objects.create(person=person, role=role.rstrip("23"), unit=units.get(unit), area=area, from_on=START)
        people[role] = person
    people["nobody"] = Person.objects.create(username="nobody", name="示例 无岗")
    return units, people


@pytest.fixture
def town(db: Any) -> SimpleNamespace:
    """The small city; `town.people[...]` is the cast by role, `town.<thing>` everything else."""
    from chuangwen.kernel.city import forget
    from chuangwen.kernel.models import City, Duty, Place, Term
    from chuangwen.problems.models import CaseKind

    City.objects.create(pk=1, code="410181", name="示例市", prefix="SL", is_demo=True, seed=7, lon=113.0, lat=34.76)
    top = Place.objects.create(
        kind="city", code="410181000000", name="示例市", short_name="示例市", path="410181000000",
        shape={"type": "Polygon", "coordinates": [OUTLINE]},
    )  # fmt: skip
    street = Place.objects.create(
        kind="street", code="410181001000", name="新华路街道", short_name="新华路街道", parent=top,
        path="410181000000/410181001000", shape={"type": "Polygon", "coordinates": [OUTLINE]},
    )  # fmt: skip
    village = Place.objects.create(
        kind="village", code="410181001001", name="文化街社区居民委员会", short_name="文化街社区", parent=street,
        path="410181000000/410181001000/410181001001",
    )  # fmt: skip
    road = Place.objects.create(
        kind="road", code="R1", name="人民路（新华路—杜甫路）", short_name="人民路", parent=street,
        path="410181000000/410181001000/R1",
        shape={"type": "LineString", "coordinates": [[112.96, 34.76], [113.04, 34.76]]},
    )  # fmt: skip
    market = Term.objects.create(list="site_type", code="farm_market", name="农贸市场")
    site = Place(
        kind="site", code="S1", name="文化街农贸市场", short_name="文化街农贸市场", parent=village, type=market,
        path="410181000000/410181001000/410181001001/S1",
    )  # fmt: skip
    site.locate(113.0, 34.765)
    site.save()
    units, people = _bodies(street)
    limits = {"verify": ["2", "work_hour"], "dispatch": ["1", "work_hour"], "fix": ["2", "work_day"], "check": ["4", "work_hour"]}
    kind = CaseKind.objects.create(
        code="0301", group="市容环境", name="暴露垃圾", keywords="垃圾 满溢 垃圾桶", open_when="有堆放", close_when="清走",
        limits=limits, unit_rule="unit", unit=units["cgj"], source="示例",
    )  # fmt: skip
    street_kind = CaseKind.objects.create(
        code="0701", group="街面秩序", name="车辆乱停放", keywords="电动车 乱停 盲道", open_when="占道", close_when="移走",
        limits={**limits, "fix": ["4", "work_hour"]}, unit_rule="area_unit", source="示例",
    )  # fmt: skip
    Duty.objects.create(kind="area_unit", place=street, unit=units["xhl"], from_on=START)
    Duty.objects.create(kind="road_chief", place=road, unit=units["jtj"], from_on=START)
    Duty.objects.create(kind="area_leader", place=street, person=people["leader"], from_on=START)
    forget()
    return SimpleNamespace(
        people=people, units=units, street=street, village=village, road=road, site=site, kind=kind, street_kind=street_kind
    )


pytest_plugins = ["tests.browser_fixtures"]
