"""The forecast and the weakness list: who sees them, keeping twice, what-if, bad input, Excel."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from chuangwen.assessment.models import Forecast, ScoreRule
from chuangwen.inspections.models import Round, Visit
from chuangwen.standards.models import Edition, Method, Node, Requirement, Scheme, Share


@pytest.fixture
def scored(town):
    """One site standard looked at in four of eight markets: 1, 1, 1/2 and 1/2 of the mark."""
    year = timezone.localdate().year
    scheme = Scheme.objects.create(code="s", name="样例", kind="city")
    edition = Edition.objects.create(
        scheme=scheme, name=str(year), year=year, full=Decimal(10), is_current=True
    )
    item = Node.objects.create(edition=edition, tier="item", code="1", name="环境", rank=1)
    node = Node.objects.create(
        edition=edition, parent=item, tier="standard", code="1-1", name="市场秩序", rank=2, effort=Decimal(4)
    )
    need = Requirement.objects.create(node=node, method=Method.SITE, full=Decimal(10))
    Share.objects.create(requirement=need, unit=town.units["xhl"], part="lead")
    round_ = Round.objects.create(
        number="R-1", kind="mock", name="模拟测评", from_on=dt.date(year, 1, 5), to_on=dt.date(year, 1, 9), state="released",
        strata={"market": {"N": 8, "n": 4}},
    )  # fmt: skip
    round_.editions.add(edition)
    from chuangwen.kernel.models import Place

    for i, points in enumerate((1000, 1000, 500, 500)):
        place = Place.objects.create(
            kind="site",
            code=f"M{i}",
            name=f"市场{i}",
            short_name=f"市场{i}",
            parent=town.village,
            path=f"{town.village.path}/M{i}",
        )
        Visit.objects.create(
            round=round_, place=place, street=town.street, stratum="market", state="done", points=points, full=1000,
            sums={str(need.pk): [points, 1000]},
        )  # fmt: skip
    ScoreRule.objects.create(
        edition=edition,
        fronts={"dossier": "40", "site": "40", "survey": "20"},
        goal=Decimal(85),
        source="示例",
    )
    town.need = need
    return town


def sign_in(town, name):
    client = Client()
    client.force_login(town.people[name])
    return client


def test_the_forecast_says_score_margin_goal_and_what_is_missing(scored):
    html = sign_in(scored, "office").get("/scores/").content.decode()
    # (1 + 1 + 0.5 + 0.5) / 4: all fronts without data are skipped.
    assert "<b>75.0</b>" in html
    assert "± " in html
    assert "目标 85" in html
    assert "材料、问卷还没有数据" in html
    assert "还没有校准" in html


@pytest.mark.parametrize(
    ("name", "status"), [("office", 200), ("leader", 200), ("auditor", 200), ("head", 404), ("nobody", 404)]
)
def test_who_sees_the_forecast(scored, name, status):
    client = sign_in(scored, name)
    assert client.get("/scores/").status_code == status
    assert client.get("/scores/weak/").status_code == status
    assert client.post("/scores/keep/").status_code == (302 if name == "office" else 404)


def test_keeping_twice_is_one_row_and_a_change_is_told(scored):
    client = sign_in(scored, "office")
    for _twice in range(2):
        assert client.post("/scores/keep/").status_code == 302
    kept = Forecast.objects.get()
    assert (kept.value, kept.by) == (Decimal("75.000"), scored.people["office"])
    Visit.objects.filter(points=500).update(sums={str(scored.need.pk): [1000, 1000]}, points=1000)
    html = client.get("/scores/").content.decode()
    assert "+25.0" in html
    client.post("/scores/keep/")
    assert Forecast.objects.count() == 2


def test_what_if_and_bad_numbers(scored):
    client = sign_in(scored, "office")
    html = client.get("/scores/weak/").content.decode()
    # A group of one standard seen at four places is worth four visits of its own prior: (3 + 4 × 0.75) / 8 = 0.75.
    assert "75.0%" in html
    html = client.get(f"/scores/weak/?to_{scored.need.pk}=95").content.decode()
    assert "<b>+20.00</b>" in html
    html = client.get(f"/scores/weak/?to_{scored.need.pk}=abc").content.decode()
    assert "“abc”不是数" in html
    html = client.get(f"/scores/weak/?to_{scored.need.pk}=101").content.decode()
    assert "“101”不在 0 到 100 之间" in html
    assert client.get("/scores/?year=1").status_code == 404


def test_filters_keep_what_was_tried(scored):
    client = sign_in(scored, "office")
    html = client.get("/scores/weak/?item=1").content.decode()
    assert "市场秩序" in html
    html = client.get(f"/scores/weak/?item=9&unit=x&to_{scored.need.pk}=95").content.decode()
    assert "市场秩序" not in html
    # Out of sight, but still part of the what-if.
    assert "<b>+20.00</b>" in html


def test_excel_of_the_list_is_the_list(scored):
    from chuangwen.kernel.screens.tables import Column, read_table

    data = sign_in(scored, "office").get("/scores/weak/?export=xlsx").content
    columns = [
        Column("code", ("编号",), required=True),
        Column("won", ("可追回",)),
        Column("effort", ("工作量（人日）",)),
    ]
    [row] = read_table(data, "x.xlsx", columns=columns).rows
    # 100 points hang on it, (0.95 − 0.75) of them can be won back.
    assert (row.values["code"], row.values["won"], row.values["effort"]) == ("1-1", "20", "4")


def test_queries_do_not_grow_with_the_visits(scored, django_assert_max_num_queries):
    client = sign_in(scored, "office")
    with django_assert_max_num_queries(45):
        assert client.get("/scores/").status_code == 200
