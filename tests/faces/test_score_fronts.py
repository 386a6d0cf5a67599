"""The pages of the three fronts and of one requirement: who reads them, what they say, a secret round in none of them."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from chuangwen.assessment.forecasting import current_rule, keep_forecast, standing
from chuangwen.assessment.models import Forecast, ScoreRule
from chuangwen.inspections.models import Observation, Round, Visit
from chuangwen.inspections.releasing import photo_uid
from chuangwen.kernel.evidence import store
from chuangwen.kernel.models import Place
from chuangwen.problems.actions import Told, take_report
from chuangwen.standards.models import Material, Node, Requirement, Series, SeriesValue
from chuangwen.tasks.models import Task
from tests.assessment.conftest import YEAR, tiny  # noqa: F401

FRONTS = ("site", "dossier", "survey")


def as_(person):
    client = Client()
    client.force_login(person)
    return client


def addresses(tiny):  # noqa: F811
    return [f"/scores/front/{front}/?year={YEAR}" for front in FRONTS] + [
        f"/scores/requirement/{need.pk}/?year={YEAR}" for need in tiny.needs.values()
    ]


def html(client, address):
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def test_who_reads_the_fronts(tiny):  # noqa: F811
    for post, person in tiny.people.items():
        status = 200 if post in ("office", "clerk", "leader", "auditor") else 404
        for address in addresses(tiny):
            assert as_(person).get(address).status_code == status, (post, address)
    assert Client().get("/scores/front/site/").status_code == 302


def test_the_site_front_says_where_points_went_and_whence_the_spread_is(tiny):  # noqa: F811
    Round.objects.filter(pk=tiny.round.pk).update(
        strata={"市场": {"N": 8, "n": 2}, "广场": {"N": 2, "n": 2}, "公厕": {"N": 10, "n": 0}}
    )
    page = html(as_(tiny.people["office"]), f"/scores/front/site/?year={YEAR}")
    # 0.8 × 0.75 + 0.2 × 0.25 of what was looked at; toilets count as the mean of the others.
    assert "<b>65.0</b>" in page and "失 35.00 分，得 65.00 分" in page
    assert 'href="/rounds/T-1/"' in page and "看了 4 处，名录共 20 处" in page
    assert "<b>公厕</b> 没有去看，占 50.0%，按其他层的平均算" in page
    assert "全部看过，无误差" in page
    assert page.count("<b>35.00</b>") == 2  # the requirement, and the item it stands under


def test_the_counted_fronts_by_requirement(tiny):  # noqa: F811
    client = as_(tiny.people["leader"])
    page = html(client, f"/scores/front/dossier/?year={YEAR}")
    assert "<b>75.0</b>" in page and "全部计数，不是抽样" in page and "±" not in page
    page = html(client, f"/scores/front/survey/?year={YEAR}")
    assert "<b>80.0</b><small>± 26.1</small>" in page
    page = html(client, f"/scores/front/dossier/?year={YEAR}&edition={tiny.minors.pk}")
    assert "<b>80.0</b>" in page
    assert "这一年还没有问卷数据" in html(client, f"/scores/front/survey/?year={YEAR - 1}")
    assert "还没有可以计分的考察" in html(client, f"/scores/front/site/?year={YEAR - 1}")


@pytest.mark.parametrize("query", ["year=abc", "year=99999", "edition=0", "edition=x", "year=²"])
def test_addresses_that_cannot_be(tiny, query):  # noqa: F811
    client = as_(tiny.people["office"])
    assert [client.get(f"/scores/front/{front}/?{query}").status_code for front in FRONTS] == [404] * 3
    assert client.get("/scores/requirement/999999/").status_code == 404


def test_without_a_rule_the_pages_say_what_is_missing(tiny):  # noqa: F811
    ScoreRule.objects.update(is_current=False)
    for front in FRONTS:
        assert "还没有计分规则" in html(as_(tiny.people["office"]), f"/scores/front/{front}/")


def test_a_requirement_names_the_visits_that_lost_with_photo_and_case(tiny, make_picture):  # noqa: F811
    seen = Observation.objects.get(visit=tiny.visits[3])
    case = take_report(Told(text="垃圾", lon=113.0, lat=34.765), by=tiny.people["office"]).case
    Observation.objects.filter(pk=seen.pk).update(case_id=case.pk)
    picture = store.read(make_picture())
    photo = store.attach(
        picture, seen.visit, role="found", by=tiny.people["office"], uid=photo_uid(seen.uid, 0), at=seen.at
    )
    page = html(as_(tiny.people["leader"]), f"/scores/requirement/{tiny.needs['site'].pk}/?year={YEAR}")
    lost, full = [visit for visit in tiny.visits if visit.failed], tiny.visits[0]
    assert [f"/visits/{visit.uid}/" in page for visit in lost] == [True] * 3
    assert str(full.uid) not in page and "看到0" not in page and "看到3" in page
    assert case.get_absolute_url() in page and f"/evidence/{photo.pk}/thumb/" in page
    assert "50.0%" in page  # 2 of 4 points of its only check item


def test_materials_and_questions_of_a_requirement(tiny):  # noqa: F811
    client = as_(tiny.people["office"])
    page = html(client, f"/scores/requirement/{tiny.needs['material'].pk}/?year={YEAR}")
    assert page.count("已入卷") == 3 and page.count("在审") == 1
    assert f"/dossier/{tiny.items[0].pk}/" in page
    page = html(client, f"/scores/requirement/{tiny.needs['survey'].pk}/?year={YEAR}")
    assert "满意吗" in page and "80.0%" in page


def test_indicators_and_tasks_of_a_requirement(tiny):  # noqa: F811
    node = Node.objects.create(edition=tiny.edition, tier="standard", code="2-1", name="绿地", rank=9)
    need = Requirement.objects.create(node=node, method="series", full=2)
    office = tiny.people["office"]
    for code, target, relation, value, by in (
        ("达标", 90, ">=", 95, office), ("没达标", 10, "<=", 12, office), ("没核定", None, ">=", 5, None), ("没填", 1, ">=", None, None),
    ):  # fmt: skip
        row = Series.objects.create(requirement=need, code=code, name=code, target=target, relation=relation)
        if value is not None:
            SeriesValue.objects.create(series=row, year=YEAR, value=value, confirmed_by=by)
    Task.objects.create(
        number="RW-1", kind="activity", title="补绿", requirement=need, unit=tiny.town.units["cgj"],
        due_on=dt.date(YEAR, 6, 1), state="done",
    )  # fmt: skip
    page = html(as_(office), f"/scores/requirement/{need.pk}/?year={YEAR}")
    states = ["达到", "没有达到", "待核定", "还没有数据"]
    assert [page.count(f'">{state}</span>') for state in states] == [1, 1, 1, 1]
    assert 'href="/tasks/RW-1/"' in page
    # One of four indicators is there: the front counts what the page says.
    found = standing(current_rule(), YEAR).city.paper.found[need.pk]
    assert (found.share, found.parts) == (Fraction(1, 4), 4)


def test_a_secret_round_is_in_no_score_before_its_release(tiny):  # noqa: F811
    Round.objects.filter(pk=tiny.round.pk).update(**{"state": "ended", "is_secret": True})
    addresses_ = (
        f"/scores/front/site/?year={YEAR}",
        f"/scores/requirement/{tiny.needs['site'].pk}/?year={YEAR}",
    )
    for post in (
        "office",
        "clerk",
        "leader",
        "auditor",
    ):  # its own maker, the office, too: the page is the same for all
        for address in addresses_:
            page = html(as_(tiny.people[post]), address)
            assert "T-1" not in page and "看到3" not in page and "还没有可以计分的考察" in page
    Round.objects.filter(pk=tiny.round.pk).update(**{"state": "released"})
    assert all("T-1" in html(as_(tiny.people["clerk"]), address) for address in addresses_)


def grow(tiny, times):  # noqa: F811
    """More places, observations, standards and materials of the same kinds."""
    check = Observation.objects.first().check_item
    for n in range(times):
        path = f"{tiny.town.street.path}/G{times}-{n}"
        place = Place.objects.create(
            kind="site", code=f"G{times}-{n}", name=f"示例加{n}", short_name=f"示例加{n}", parent=tiny.town.street, path=path
        )  # fmt: skip
        node = Node.objects.create(
            edition=tiny.edition, parent=Node.objects.get(edition=tiny.edition, code="1-1"), tier="standard",
            code=f"g{times}-{n}", name="加", rank=50 + n,
        )  # fmt: skip
        need = Requirement.objects.create(node=node, method="site", full=1)
        Material.objects.create(
            requirement=tiny.needs["material"], code=f"g{times}-{n}", kind="report", text="加"
        )
        visit = Visit.objects.create(
            round=tiny.round, place=place, street=tiny.town.street, stratum=f"层{n}", state="done", full=2000,
            sums={str(tiny.needs["site"].pk): [0, 1000], str(need.pk): [0, 1000]},
        )  # fmt: skip
        Observation.objects.create(visit=visit, check_item=check, result=0, points=0, full=1000)


def test_queries_do_not_grow(tiny):  # noqa: F811
    client = as_(tiny.people["office"])
    counts = []
    for times in (0, 2, 9):
        grow(tiny, times)
        counts.append([])
        for address in addresses(tiny):
            html(client, address)
            with CaptureQueriesContext(connection) as queries:
                html(client, address)
            counts[-1].append(len(queries))
    assert counts[0] == counts[1] == counts[2]
    assert max(counts[0]) <= 14


def test_a_long_list_of_places_says_that_it_is_cut(tiny, monkeypatch):  # noqa: F811
    from chuangwen.faces.desk import score_requirement

    monkeypatch.setattr(score_requirement, "MOST", 2)
    page = html(as_(tiny.people["office"]), f"/scores/requirement/{tiny.needs['site'].pk}/?year={YEAR}")
    assert "只列前 2 条" in page and page.count("/visits/") == 2


# The first pages


def test_first_pages_show_the_last_kept_forecast(tiny):  # noqa: F811
    office, leader, checker = (as_(tiny.people[post]) for post in ("office", "leader", "checker"))
    assert "三条线" not in html(office, "/")
    keep_forecast(standing(current_rule(), YEAR), by=None, at=dt.datetime(YEAR, 5, 4, 4, tzinfo=dt.UTC))
    for client in (office, leader):
        page = html(client, "/")
        assert "三条线" in page and "05-04" in page and 'href="/scores/front/site/' in page
        assert "<b>75.0</b>" in page and "<b>71.6</b>" in page
        assert page.count('<line class="dot"') == 4
        assert page.count('<line class="band"') == 3  # papers were counted
    assert "三条线" not in html(checker, "/")  # of the office, but may not read scores
    Forecast.objects.update(parts={"total": Forecast.objects.get().parts["total"]})
    assert html(office, "/").count("还没有数据") == 3
