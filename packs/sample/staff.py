"""Sample people and posts: heads and liaisons, leaders, office staff, inspectors, grid keepers."""

from __future__ import annotations

from random import Random

from packs.sample.plan import SINCE, Plan

Row = dict[str, str]
SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
)
FIRST_HALVES = "文志建明国海春秋晓立永思佳雨俊子新宏振玉书景向"
SECOND_HALVES = "平华强军林峰涛伟宁静敏辉杰波颖洁斌琳鹏超然博远"
# Names in the two source documents: never given to a sample person.
REAL = {"刘尚进", "陈建富", "赵阳", "鲁颜召", "黎松阳", "高中刚"}
HEAD_TITLES = {
    "department": "局长",
    "street": "党工委书记",
    "community": "党组织书记",
    "utility": "经理",
    "enterprise": "经理",
    "media": "主任",
    "supervision": "局长",
    "discipline": "书记",
    "office_group": "组长",
    "group": "组长",
    "district_office": "处长",
    "precinct": "片长",
}
COMMAND_POSTS = ("政委", "指挥长") + ("副指挥长",) * 10
# Role, unit, title, how many: the staff of the creation office and of those who watch.
STAFF = (
    ("office", "creation_office", "创建办工作人员", 4),
    ("clerk", "office_supervision", "督导组工作人员", 4),
    ("dispatcher", "office_general", "派遣员", 3),
    ("inspector", "office_supervision", "巡查员", 8),
    ("checker", "supervision_group", "核查员", 6),
    ("supervisor", "supervision_bureau", "督查科工作人员", 2),
    ("discipline", "discipline_commission", "监督室工作人员", 2),
    ("auditor", "creation_office", "审计员", 1),
    ("admin", "creation_office", "系统管理员", 1),
)
PADDED = {"inspector", "checker"}


class Register:
    """Collects people and posts and gives out names that do not repeat."""

    def __init__(self, plan: Plan, random: Random) -> None:
        self.people: list[Row] = []
        self.posts: list[Row] = []
        self.plan, self.random = plan, random
        self.taken = set(REAL)

    def person(self, username: str) -> str:
        """Adds a person with a made-up name and a number that cannot be dialled; returns the username."""
        name = ""
        while not name or name in self.taken:
            pick = self.random.choice
            name = pick(SURNAMES) + pick(FIRST_HALVES) + pick(SECOND_HALVES)
        self.taken.add(name)
        phone = f"000{len(self.people) + 1:08d}"
        self.people.append({"username": username, "name": name, "phone": phone, "sample": "yes"})
        return username

    def post(self, username: str, role: str, unit: str, area: str, title: str, **other: str) -> None:
        """Adds a post that began at the start of the year unless `since` says otherwise."""
        self.posts.append(
            {
                "username": username,
                "role": role,
                "unit": unit,
                "area": area,
                "title": title,
                "from": other.get("since", SINCE),
                "to": other.get("to", ""),
                "stand_in_for": other.get("stand_in_for", ""),
                "sample": "yes",
            }
        )


def staff_of(
    plan: Plan, areas: list[Row], units: list[Row]
) -> tuple[list[Row], list[Row], dict[str, list[str]]]:
    """People, posts and the usernames of the grid keepers of each street code."""
    register = Register(plan, plan.random("people"))
    top = plan.code.ljust(12, "0")
    _leaders(register, plan, top)
    for role, unit, title, count in STAFF:
        for number in range(1, count + 1):
            username = role if count == 1 else f"{role}-{number:02d}" if role in PADDED else f"{role}{number}"
            register.post(register.person(username), role, unit, top, title)
    _heads(register, units)
    keepers = _keepers(register, plan, areas)
    return register.people, register.posts, keepers


def _leaders(register: Register, plan: Plan, top: str) -> None:
    """Leaders with command posts first; group leaders come from them; one absence has a stand-in."""
    names = [register.person(f"leader{number}") for number in range(1, plan.leaders + 1)]
    for number, username in enumerate(names):
        title = (
            COMMAND_POSTS[number]
            if number < len(COMMAND_POSTS)
            else "县级领导"
            if plan.level == "county"
            else "市级领导"
        )
        register.post(username, "leader", "command", top, title)
    register.post(names[1], "head", "command", top, "指挥长")
    former = register.person("leader-former")
    register.post(former, "leader", "command", top, "副指挥长", since="2024-03-01", to="2025-12-31")
    register.post(
        names[3],
        "leader",
        "command",
        top,
        "代行副指挥长",
        since="2026-10-20",
        to="2026-12-31",
        stand_in_for=names[2],
    )


def _heads(register: Register, units: list[Row]) -> None:
    """A head and a liaison for every unit; special groups are headed by leaders."""
    groups = iter(range(3, 21))
    number = 0
    for unit in units:
        code, kind = unit["code"], unit["kind"]
        number += 1
        liaison = register.person(f"liaison-{number:04d}")
        register.post(liaison, "liaison", code, unit["area"], "联络员")
        if code == "command":
            continue
        if kind == "group" and unit["parent"] == "command" and not code.startswith("district-"):
            register.post(f"leader{next(groups)}", "head", code, unit["area"], "组长")
            continue
        title = "办公室主任" if code == "creation_office" else HEAD_TITLES[kind]
        if kind == "street" and unit["short_name"][-1] in "镇乡":
            title = "党委书记"
        if kind == "department" and not unit["short_name"].endswith("局"):
            title = "主要负责人"
        register.post(register.person(f"head-{number:04d}"), "head", code, unit["area"], title)


def _keepers(register: Register, plan: Plan, areas: list[Row]) -> dict[str, list[str]]:
    """Four grid keepers in each built-up street, two in every other."""
    keepers: dict[str, list[str]] = {}
    for area in (row for row in areas if row["level"] == "street"):
        nine = area["code"][:9]
        for _ in range(4 if nine in plan.urban else 2):
            username = register.person(f"grid-{sum(map(len, keepers.values())) + 1:04d}")
            register.post(username, "grid_keeper", f"street-{nine}", area["code"], "网格员")
            keepers.setdefault(area["code"], []).append(username)
    return keepers
