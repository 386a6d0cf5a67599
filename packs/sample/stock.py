"""Sample shops under door-front duty, and registers of things: toilets, parking, signs, lamps."""

from __future__ import annotations

from random import Random

from shapely.geometry import LineString

from packs.sample.plan import SEED_NOTE, Plan

Row = dict[str, str]
FIRST = [
    "和顺",
    "福满",
    "安康",
    "同乐",
    "春晓",
    "望嵩",
    "永盛",
    "新意",
    "百味",
    "邻里",
    "家和",
    "晨光",
    "金穗",
    "南北",
    "四季",
    "常青",
    "乐居",
    "如意",
    "兴达",
    "万家",
]
TRADES = [
    "烩面馆",
    "早餐店",
    "便利店",
    "水果店",
    "理发店",
    "五金店",
    "服装店",
    "文具店",
    "药房",
    "手机店",
    "蛋糕店",
    "粮油店",
    "干洗店",
    "眼镜店",
    "茶叶店",
    "花店",
]
# Kinds of things beside toilets and parking; total and text are the sources' figures where they give one.
GONGYI_GROUPS = (
    (
        "toilet_sign",
        "公厕导示牌",
        "块",
        108,
        "「安装公厕导示牌、路名牌、“路长制”责任牌等便民设施700余块」，分项为示例",
    ),
    ("road_name_plate", "路名牌", "块", 462, "「便民设施700余块」，分项为示例"),
    ("road_chief_board", "路长制责任牌", "块", 130, "「便民设施700余块」，分项为示例"),
    (
        "enforcement_camera",
        "违法抓拍设备",
        "套",
        98,
        "「违法抓拍设备、交通标志牌、信号灯等498余套」，分项为示例",
    ),
    ("traffic_sign", "交通标志牌", "套", 280, "「违法抓拍设备、交通标志牌、信号灯等498余套」，分项为示例"),
    ("traffic_signal", "交通信号灯", "套", 120, "「违法抓拍设备、交通标志牌、信号灯等498余套」，分项为示例"),
    ("waste_sorting_point", "垃圾分类投放点", "个", 228, "「设置集中投放点228个」，分布为示例"),
    ("waste_container", "分类垃圾容器", "个", 3854, "「投放“四分类”垃圾容器3854个」，分布为示例"),
    ("street_lamp", "路灯", "盏", 3200, SEED_NOTE),
    ("public_ad", "公益广告牌", "块", 6600, "「维护公益广告牌等6600余块」，分布为示例"),
)
LUOHE_GROUPS = (
    ("toilet_sign", "公厕导示牌", "块", 80, SEED_NOTE),
    ("road_name_plate", "路名牌", "块", 420, SEED_NOTE),
    ("road_chief_board", "路长制责任牌", "块", 90, SEED_NOTE),
    ("traffic_sign", "交通标志牌", "套", 260, SEED_NOTE),
    ("traffic_signal", "交通信号灯", "套", 100, SEED_NOTE),
    ("waste_sorting_point", "垃圾分类投放点", "个", 200, SEED_NOTE),
    ("street_lamp", "路灯", "盏", 4000, SEED_NOTE),
    ("public_ad", "公益广告牌", "块", 3000, SEED_NOTE),
)
# One thing at each site of a type: site type, kind of thing, measure, the source's words for Gongyi.
AT_SITES = (
    ("public_toilet", "public_toilet", "座", "「54座公厕实行24小时开放」"),
    ("waste_station", "recycling_station", "座", "「建成“两网融合”服务站7座」"),
    ("bookshop", "city_book_house", "座", "「新建“郑品书舍·子美书苑”城市书房6座」"),
)
GONGYI_SPACES = 26000  # 「建成停车场50个，设置停车位2.6万个」


def shops_of(plan: Plan, areas: list[Row], roads: list[Row], lines: dict[str, LineString]) -> list[Row]:
    """Shops along all roads but crossings, a few metres off the line; names are made up."""
    random = plan.random("shops")
    streets = [road for road in roads if road["class"] != "crossing"]
    villages = [row for row in areas if row["level"] == "village"]
    rows = []
    for number in range(plan.shops):
        road = streets[number % len(streets)]
        point = lines[road["code"]].interpolate(random.uniform(0.08, 0.92), normalized=True)
        lon, lat = point.x + random.choice((-1, 1)) * 0.0001, point.y + random.choice((-1, 1)) * 0.0001
        here = [row for row in villages if row["parent"] == road["area"]]
        area = min(here, key=lambda row: (float(row["lon"]) - lon) ** 2 + (float(row["lat"]) - lat) ** 2)
        name = FIRST[number // len(TRADES) % len(FIRST)] + TRADES[number % len(TRADES)]
        rows.append(
            {
                "code": f"M{number + 1:04d}",
                "name": f"示例{name}",
                "road": road["code"],
                "area": area["code"],
                "lon": f"{lon:.5f}",
                "lat": f"{lat:.5f}",
                "datum": "wgs84",
                "duty_items": plan.duty_items,
                "sample": "yes",
                "source": SEED_NOTE,
            }
        )
    return rows


def things_of(plan: Plan, sites: list[Row], roads: list[Row]) -> list[Row]:
    """Register rows: one for each toilet, station, book house and lot, then groups along each road."""
    random = plan.random("things")
    gongyi = plan.folder == "gongyi"
    rows: list[Row] = []
    for site_type, kind, measure, words in AT_SITES:
        source = words + "；名称、位置为示例" if gongyi else SEED_NOTE
        for site in (row for row in sites if row["type"] == site_type):
            _add(rows, random, kind, site["name"], site, "", 1, measure, source)
    lots = [site for site in sites if site["type"] == "parking_lot"]
    source = "「停车场50个，停车位2.6万个」；名称、位置、分项为示例" if gongyi else SEED_NOTE
    for site, spaces in zip(lots, _shares(random, GONGYI_SPACES if gongyi else 9000, len(lots)), strict=True):
        _add(rows, random, "parking_lot", site["name"], site, "", spaces, "个车位", source)
    streets = [road for road in roads if road["class"] != "crossing"]
    for kind, noun, measure, total, source in GONGYI_GROUPS if gongyi else LUOHE_GROUPS:
        for road, count in zip(streets, _shares(random, total, len(streets)), strict=True):
            _add(
                rows,
                random,
                kind,
                f"{road['name']}{noun}",
                None,
                road["code"],
                count,
                measure,
                source,
                road["area"],
            )
    return rows


def _shares(random: Random, total: int, parts: int) -> list[int]:
    """Random whole shares, each at least 1, that sum exactly to the total."""
    weights = [random.uniform(0.5, 1.5) for _ in range(parts)]
    shares = [max(1, int(total * weight / sum(weights))) for weight in weights]
    shares[shares.index(max(shares))] += total - sum(shares)
    return shares


def _add(
    rows: list[Row],
    random: Random,
    kind: str,
    name: str,
    site: Row | None,
    road: str,
    count: int,
    measure: str,
    source: str,
    area: str = "",
) -> None:
    state = random.choices(("good", "worn", "broken", "missing"), (88, 8, 3, 1))[0]
    rows.append(
        {
            "code": f"T{len(rows) + 1:04d}",
            "kind": kind,
            "name": name,
            "site": site["code"] if site else "",
            "road": road,
            "area": site["area"] if site else area,
            "count": str(count),
            "measure": measure,
            "state": state,
            "next_check": f"2026-{random.choice((11, 12))}-{random.randint(1, 28):02d}",
            "sample": "yes",
            "source": source,
        }
    )
