"""Made-up messages of three subjects, enough to learn something from."""

from __future__ import annotations

_PLACES = [
    "人民路",
    "建设路",
    "文化街",
    "幸福小区",
    "滨河公园",
    "东大街",
    "老菜市场",
    "第三小学",
    "汽车站",
    "花园小区",
]
_SAYINGS = {
    "照明": [
        "{}路灯不亮了",
        "{}的路灯坏了好几天，晚上太黑",
        "{}夜里没有灯光，路灯灯杆歪了",
        "{}灯泡一直闪，照明太差",
    ],
    "垃圾": ["{}垃圾没有人清运", "{}垃圾桶满了，臭味很大", "{}路边堆着建筑垃圾", "{}垃圾乱扔，苍蝇很多"],
    "停车": [
        "{}车辆乱停乱放堵住出口",
        "{}有人违法停车占了人行道",
        "{}停车位被地锁占着",
        "{}停车太乱，车开不进去",
    ],
}


def sample() -> tuple[list[str], list[str]]:
    """120 texts with their labels, in a fixed order."""
    pairs = [
        (saying.format(place), label) for place in _PLACES for label in _SAYINGS for saying in _SAYINGS[label]
    ]
    return [text for text, _ in pairs], [label for _, label in pairs]
