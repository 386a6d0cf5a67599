"""A partner: the city-management platform of the small city, acting as one of our dispatchers."""

from __future__ import annotations

import pytest


@pytest.fixture
def platform(town):
    """`platform` sends tasks; their class 2/11 is our 暴露垃圾, their unit 1670 our 城市管理局. UTM zone 49N."""
    from chuangwen.problems.models import Partner

    return Partner.objects.create(
        code="szcg", name="数字城管平台", projection="32649", kinds={"2/11": "0301"}, units={"1670": "cgj"},
        person=town.people["dispatcher"], source="示例",
    )  # fmt: skip


TASK = {
    "TaskNum": "26112200007", "FindTime": "2026-11-20 09:07:50", "EventSource": "网络上报", "EventType": "2",
    "MainType": "11", "SubType": "112", "DistrictName": "示例区", "EventAddress": "人民路(东南)",
    "EventDescription": "桥下顶灯不亮，<路口> & 桥洞", "SendTime": "2026-11-20 10:00:00",
    "DealEndTime": "2026-11-24 12:00:00", "DealTimeLimit": "48", "DealUnit": "1670",
}  # fmt: skip


def dispatch(**more):
    """A task in the middle of the small city (113.0 E 34.76 N), in metres of UTM zone 49N."""
    from chuangwen.kernel.places.projected import to_metres, zone_of
    from chuangwen.problems.exchanging.messages import Picture, compose

    x, y = to_metres(113.0, 34.7601, zone_of(32649))
    fields = {**TASK, "CoordinateX": f"{x:.1f}", "CoordinateY": f"{y:.1f}", **more}
    return compose("dispatch", fields, [Picture("a.jpg", "http://media.invalid/a.jpg")])
