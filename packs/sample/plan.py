"""What differs between the two sample cities: size, prefix, built-up streets, road names, figures."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

TODAY = "2026-11-01"
SINCE = "2026-01-01"
SEED_NOTE = "示例，由种子生成"


@dataclass(frozen=True)
class Plan:
    """One city to make; `urban` are 9-digit codes of the streets where most sites and all roads lie."""

    folder: str
    code: str
    name: str
    level: str
    prefix: str
    seed: int
    lon: float
    lat: float
    urban: tuple[str, ...]
    leaders: int
    lines_each_way: int
    crossings: int
    shops: int
    sites: dict[str, int]
    road_names: tuple[str, ...]
    road_source: str
    duty_items: str

    def random(self, part: str) -> Random:
        """A random source for each part, so that a change in one leaves the others as they are."""
        return Random(f"{self.seed}:{part}")


GONGYI_ROADS = (
    "新兴路 滨河路 人民东路 人民中路 人民西路 桐本路 建设路 嵩山路 嵩山南路 锦里路 紫荆路 中原西路 杜甫路 "
    "安乐街 新华路 货场路 安泰街 河洛路 石河路 东周路 文化街 广陵路 永安路 望嵩路 陇海路 平安街 "
    "永新路 明月路 交通路 回鲁路 青龙山路 县府街 政通路 西大街 政德路 英才路 新民巷 子美路 商贸街 "
    "文昌路 瑞福路 新市街 育才路 安康路 伏羲路 文化路 康芝路 永通大道 益民路 孝义路 育英街 苏秦路 "
    "洛书路 唐三彩路 和平路"
)
LUOHE_ROADS = (
    "人民路 黄河路 交通路 嵩山路 泰山路 燕山路 淞江路 太行山路 辽河路 海河路 长江路 解放路 文化路 "
    "滨河路 珠江路 嫩江路 井冈山路 金山路 大学路 五一路 八一路 湘江路 漓江路 岷江路 汉江路 柳江路 "
    "祁山路 衡山路 天山路 龙江路 黄山路 华山路 恒山路 峨眉山路 月湾路 公园路 马路街 老街 顺河街 "
    "建设路 友爱街 民主路 受降路 双汇路 银江路 赣江路 牡丹江路 乌江路 沙河路 澧河路"
)
GONGYI_SITES = {
    "residential_yard": 46,
    "urban_fringe": 8,
    "square_park": 15,
    "public_toilet": 54,
    "culture_venue": 6,
    "scenic_spot": 6,
    "bookshop": 6,
    "hotel": 8,
    "farm_market": 10,
    "restaurant": 18,
    "service_window": 12,
    "mall": 8,
    "cinema": 3,
    "construction_site": 10,
    "river": 5,
    "school_surroundings": 18,
    "school": 18,
    "training_centre": 8,
    "counselling_station": 6,
    "net_cafe": 6,
    "hospital": 8,
    "bus_station": 2,
    "train_station": 2,
    "bus_stop": 14,
    "bank": 12,
    "pharmacy": 10,
    "waste_station": 7,
    "parking_lot": 50,
    "practice_station": 24,
    "village": 24,
    "sports_venue": 3,
    "elderly_home": 5,
    "express_point": 8,
    "telecom_hall": 5,
    "power_hall": 4,
    "fire_station": 2,
    "cemetery": 2,
    "library": 1,
    "museum": 2,
}
LUOHE_SITES = GONGYI_SITES | {
    "residential_yard": 40,
    "public_toilet": 40,
    "parking_lot": 30,
    "restaurant": 20,
    "village": 30,
    "practice_station": 30,
    "service_window": 14,
    "school": 22,
    "school_surroundings": 22,
    "hospital": 10,
    "farm_market": 14,
    "net_cafe": 8,
    "bank": 14,
    "river": 8,
    "scenic_spot": 8,
    "square_park": 18,
}

GONGYI = Plan(
    folder="gongyi",
    code="410181",
    name="巩义市",
    level="county",
    prefix="GY",
    seed=410181,
    lon=113.01,
    lat=34.76,
    urban=("410181001", "410181002", "410181003", "410181004", "410181005"),
    leaders=20,
    lines_each_way=6,
    crossings=2,
    shops=300,
    sites=GONGYI_SITES,
    road_names=tuple(GONGYI_ROADS.split()),
    road_source="路名为公开地名；起止、走向为示例，由种子生成",
    duty_items="包卫生、包绿化、包秩序、包设施",
)
LUOHE = Plan(
    folder="luohe",
    code="411100",
    name="漯河市",
    level="prefecture",
    prefix="LH",
    seed=411100,
    lon=114.03,
    lat=33.57,
    urban=(
        "411102001",
        "411102002",
        "411102003",
        "411102004",
        "411103001",
        "411103002",
        "411103003",
        "411104001",
        "411104002",
        "411104003",
    ),
    leaders=20,
    lines_each_way=4,
    crossings=1,
    shops=300,
    sites=LUOHE_SITES,
    road_names=tuple(LUOHE_ROADS.split()),
    road_source="路名、起止、走向均为示例，由种子生成",
    duty_items="包卫生、包绿化、包秩序",
)
PLANS = (GONGYI, LUOHE)
