"""A small city with markets and streets to visit, check items to look at, and people who visit."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pytest
from django.utils import timezone

TODAY = timezone.localdate


@pytest.fixture
def ground(town):
    """Twelve markets and six squares in two streets; three check items a type; two inspectors from outside."""
    from chuangwen.kernel.models import Duty, Person, Place, Post, Term
    from chuangwen.standards.models import CheckItem, Edition, Grading, Node, Requirement, Scheme

    market = Term.objects.get(list="site_type", code="farm_market")
    square = Term.objects.create(list="site_type", code="square", name="广场")
    other = Place.objects.create(
        kind="street", code="410181002000", name="杜甫路街道", short_name="杜甫路街道", parent=town.street.parent,
        path="410181000000/410181002000",
    )  # fmt: skip
    sites = []
    for i in range(18):
        kind, street = (market, square)[i >= 12], (town.street, other)[i % 2]
        site = Place(
            kind="site", code=f"M{i:02d}", name=f"示例点位{i:02d}", short_name=f"示例点位{i:02d}", parent=street,
            type=kind, path=f"{street.path}/M{i:02d}",
        )  # fmt: skip
        site.locate(112.98 + 0.002 * i, 34.75 + 0.001 * (i % 5))
        site.save()
        sites.append(site)
    Duty.objects.create(kind="site_unit", place=sites[0], unit=town.units["cgj"], from_on=dt.date(2026, 1, 1))
    scheme = Scheme.objects.create(code="city", name="城市", kind="city")
    edition = Edition.objects.create(scheme=scheme, name="示例", year=2026, full=100, is_current=True)
    node = Node.objects.create(edition=edition, tier="standard", code="1-01", rank=1, name="集贸市场")
    need = Requirement.objects.create(node=node, method="site", full=10)
    ways = {
        "pass": Grading.objects.create(code="pf", name="达标", way="pass_fail"),
        "points": Grading.objects.create(code="p", name="扣分", way="points", params={"each": "0.25"}),
        "bands": Grading.objects.create(
            code="b", name="分档", way="bands", params={"A": "1", "B": "0.6", "C": "0"}
        ),
    }
    items = {
        (code, way): CheckItem.objects.create(
            requirement=need, code=f"{code}-{way}", site_type=kind, text=f"{kind.name}{way}检查", grading=grading,
            full=full, case_kind="0301" if way != "bands" else "",
        )
        for code, kind in (("m", market), ("s", square))
        for (way, grading), full in zip(ways.items(), (2, 1, 1), strict=True)
    }  # fmt: skip
    raters = []
    for name in ("甲", "乙", "丙"):
        person = Person.objects.create(username=f"rater{name}", name=f"示例考察{name}", is_sample=True)
        Post.objects.create(person=person, role="checker", from_on=dt.date(2026, 1, 1))
        raters.append(person)
    return SimpleNamespace(
        town=town, people=town.people, market=market, square=square, other=other, sites=sites, edition=edition,
        items=items, need=need, raters=raters, kind=town.kind,
    )  # fmt: skip


@pytest.fixture
def planned(ground):
    """A function that plans a round of today and the days after with two teams."""
    from chuangwen.inspections.actions import plan_round, set_team

    def make(kind="open", by=None, teams=2, days=5, **spec):
        by = by or ground.people["office"]
        today = timezone.localdate()
        row = plan_round(
            kind=kind, name=f"示例{kind}轮", from_on=today, to_on=today + dt.timedelta(days=days), by=by,
            spec={"total": 6, "site_types": ["farm_market", "square"], "workdays": False, **spec},
        )  # fmt: skip
        for i in range(teams):
            set_team(row, name=f"第{i + 1}组", members=[ground.raters[i]], by=by)
        row.refresh_from_db()
        return row

    return make


@pytest.fixture
def running(planned):
    """A function that plans, draws and starts a round."""
    from chuangwen.inspections.actions import draw_round
    from chuangwen.inspections.flow import RoundFlow
    from chuangwen.inspections.models import Round

    def make(seed="seed-1", **more):
        row = planned(**more)
        row = draw_round(row, seed, by=row.maker)
        return Round.objects.get(pk=RoundFlow.take(row, "start", by=row.maker).matter.pk)

    return make


@pytest.fixture
def send(ground):
    """A function that records a visit: everything right, but what `wrong` names by way ({"pass": 0} …)."""
    import uuid

    from chuangwen.inspections.checklist import checklist
    from chuangwen.inspections.recording import Seen, record_visit

    def record(visit, wrong=None, photos=None, uid=None, by=None, **more):
        wrong, photos = wrong or {}, photos or {}
        seen = []
        for item in checklist(visit):
            way = item.code.split("-")[1]
            values = wrong.get(way, {"result": 1})
            values = values if isinstance(values, dict) else {"result": values}
            seen.append(Seen(item.pk, photos=photos.get(way, ()), **values))
        rater = by or visit.team.members.get()
        return record_visit(visit, seen, by=rater, uid=uid or uuid.uuid4(), **more)

    return record
