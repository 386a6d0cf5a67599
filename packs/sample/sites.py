"""Sample sites of all types, and the type each is under the care of which unit."""

from __future__ import annotations

from random import Random

from shapely.geometry import LineString, Polygon

from packs.sample.ground import inside
from packs.sample.plan import SEED_NOTE, Plan

Row = dict[str, str]
# Slug: Chinese name, responsible unit. The slugs are those of the list "site_type" in terms.csv.
SITE_TYPES: dict[str, tuple[str, str]] = {
    "street_office": ("街道办事处", "street"),
    "community": ("社区", "community"),
    "residential_yard": ("居民小区", "property"),
    "urban_fringe": ("城乡结合部", "street"),
    "main_road": ("主次干道、商业大街", "city_mgmt"),
    "back_lane": ("背街小巷", "street"),
    "square_park": ("公共广场、公园", "garden"),
    "public_toilet": ("公共厕所", "sanitation"),
    "culture_venue": ("公共文化设施", "culture"),
    "scenic_spot": ("景区景点", "culture"),
    "bookshop": ("实体书店", "culture"),
    "hotel": ("宾馆饭店", "commerce"),
    "farm_market": ("农贸市场", "market"),
    "restaurant": ("餐馆", "market"),
    "service_window": ("窗口单位", "government_service"),
    "mall": ("商场超市", "commerce"),
    "crossing": ("交通路口", "traffic_police"),
    "cinema": ("电影院", "publicity"),
    "construction_site": ("建筑工地", "housing"),
    "river": ("河道", "water_res"),
    "school_surroundings": ("学校周边", "education"),
    "school": ("学校", "education"),
    "training_centre": ("校外培训机构", "education"),
    "counselling_station": ("未成年人心理健康辅导站", "education"),
    "net_cafe": ("网吧", "culture"),
    "hospital": ("医院", "health"),
    "bus_station": ("长途汽车站", "transport"),
    "train_station": ("火车站", "transport"),
    "bus_stop": ("公交站台", "bus"),
    "bank": ("银行网点", "finance"),
    "pharmacy": ("药店", "market"),
    "waste_station": ("垃圾中转站", "sanitation"),
    "parking_lot": ("停车场", "city_mgmt"),
    "practice_station": ("新时代文明实践站", "publicity"),
    "village": ("行政村", "agriculture"),
    "sports_venue": ("体育场馆", "culture"),
    "elderly_home": ("养老服务机构", "civil"),
    "express_point": ("快递网点", "post"),
    "telecom_hall": ("通信营业厅", "telecom"),
    "power_hall": ("供电营业厅", "power"),
    "fire_station": ("消防站", "fire"),
    "cemetery": ("公墓", "civil"),
    "library": ("图书馆", "culture"),
    "museum": ("博物馆", "culture"),
}
NOUNS = {
    "public_toilet": "公厕",
    "square_park": "游园",
    "culture_venue": "文化活动中心",
    "scenic_spot": "景点",
    "hotel": "宾馆",
    "bookshop": "城市书房",
    "urban_fringe": "结合部",
    "service_window": "便民服务大厅",
    "mall": "超市",
    "river": "河段",
    "construction_site": "工地",
    "residential_yard": "小区",
    "counselling_station": "心理辅导站",
    "bus_stop": "公交站",
    "elderly_home": "养老服务中心",
    "practice_station": "文明实践站",
    "sports_venue": "健身中心",
    "library": "图书分馆",
}
# Types found in towns and villages as well, not only in the built-up streets.
RURAL = {
    "practice_station",
    "village",
    "waste_station",
    "river",
    "elderly_home",
    "hospital",
    "school",
    "cemetery",
}


def place_villages(plan: Plan, areas: list[Row], cells: dict[str, Polygon]) -> None:
    """Gives each village a seeded position in its street's cell, to 0.001° (cells in town are small)."""
    random = plan.random("villages")
    for row in areas:
        if row["level"] == "village":
            cell = cells[row["parent"]]
            for _ in range(50):
                point = inside(cell, random)
                row["lon"], row["lat"] = f"{point.x:.3f}", f"{point.y:.3f}"
                if cell.contains(type(point)(float(row["lon"]), float(row["lat"]))):
                    break
    for row in areas:
        if not row["lon"]:
            middle = next(c for c in _centroids(row["code"], areas, cells))
            row["lon"], row["lat"] = f"{middle[0]:.2f}", f"{middle[1]:.2f}"
            row["source"] = row["source"].replace("位置：GeoNames", "位置：示例图形的中心")


def _centroids(code: str, areas: list[Row], cells: dict[str, Polygon]) -> list[tuple[float, float]]:
    points = [cells[row["code"]].centroid for row in areas if row["parent"] == code and row["code"] in cells]
    return [(sum(p.x for p in points) / len(points), sum(p.y for p in points) / len(points))]


class SiteMaker:
    """Numbers, names and places the sites of one city one after another."""

    def __init__(self, plan: Plan, areas: list[Row], cells: dict[str, Polygon]) -> None:
        self.random: Random = plan.random("sites")
        self.cells = cells
        self.parents = {row["code"]: row["parent"] for row in areas}
        self.rows: list[Row] = []
        self.used: dict[str, int] = {}

    def add(
        self, area: Row, kind: str, name: str = "", road: str = "", at: tuple[float, float] | None = None
    ) -> None:
        """Adds one site of that type in that area, at a given point or near the area's own."""
        noun = NOUNS.get(kind, SITE_TYPES[kind][0])
        if not name:
            base = area["short_name"] + noun
            self.used[base] = self.used.get(base, 0) + 1
            name = base if self.used[base] == 1 else f"{base}({self.used[base]}号)"
        if at is None:
            cell = self.cells[area["parent"]] if area["level"] == "village" else self.cells[area["code"]]
            point = inside(cell, self.random, (float(area["lon"]), float(area["lat"])), 0.006)
            at = (point.x, point.y)
        self.rows.append(
            {
                "code": f"P{len(self.rows) + 1:04d}",
                "name": name,
                "type": kind,
                "area": area["code"],
                "road": road,
                "lon": f"{at[0]:.5f}",
                "lat": f"{at[1]:.5f}",
                "datum": "wgs84",
                "sample": "yes",
                "source": SEED_NOTE,
            }
        )


def sites_of(
    plan: Plan, areas: list[Row], cells: dict[str, Polygon], roads: list[Row], lines: dict[str, LineString]
) -> list[Row]:
    """All sites: one for each street office, community and road, then the planned numbers."""
    maker = SiteMaker(plan, areas, cells)
    villages = [row for row in areas if row["level"] == "village"]
    urban = [row for row in villages if row["code"][:9] in plan.urban]
    rural = [row for row in villages if row["code"][:9] not in plan.urban]
    for area in areas:
        if area["level"] == "street":
            end = "办事处" if area["short_name"].endswith("街道") else "人民政府"
            maker.add(area, "street_office", area["short_name"] + end)
    for area in urban:
        if area["short_name"].endswith("社区"):
            maker.add(area, "community", area["short_name"])
    types = {"main": "main_road", "secondary": "main_road", "lane": "back_lane", "crossing": "crossing"}
    for road in roads:
        here = [row for row in urban if row["parent"] == road["area"]]
        middle = lines[road["code"]].interpolate(0.5, normalized=True)
        nearest = min(here, key=lambda row: middle.distance(_point(row)))
        maker.add(nearest, types[road["class"]], road["name"], road["code"], (middle.x, middle.y))
    for kind, count in plan.sites.items():
        if kind == "village":
            for area in maker.random.sample(
                [row for row in rural if row["short_name"].endswith("村")], count
            ):
                maker.add(area, kind, area["short_name"])
            continue
        for number in range(count):
            maker.add(maker.random.choice(rural if kind in RURAL and number % 2 else urban), kind)
    return maker.rows


def _point(row: Row) -> LineString:
    spot = (float(row["lon"]), float(row["lat"]))
    return LineString([spot, spot])
