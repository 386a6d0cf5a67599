"""Official results, the negative list and the rule: permissions, double submits, impossible values, old versions kept."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from chuangwen.assessment.actions import months_later
from chuangwen.assessment.forecasting import current_rule
from chuangwen.assessment.models import Forecast, Incident, NegativeRule, OfficialResult, ScoreRule
from chuangwen.assessment.queries import effect_of, incidents_in_force
from chuangwen.kernel.models import Entry
from chuangwen.kernel.workflow import history
from chuangwen.standards.models import Edition, Scheme


def sign_in(town, role):
    client = Client()
    client.force_login(town.people[role])
    return client


@pytest.fixture
def office(town):
    return sign_in(town, "office")


@pytest.fixture
def data(town):
    city = Scheme.objects.create(code="city", name="城市体系", kind="city")
    young = Scheme.objects.create(code="minors", name="未成年人体系", kind="minors")
    edition = Edition.objects.create(scheme=city, name="2026", year=2026, full=100, is_current=True)
    minors = Edition.objects.create(scheme=young, name="2026", year=2026, full=100, is_current=True)
    deduct = NegativeRule.objects.create(
        scheme=city, code="A1", text="通报批评", sanction="deduct", points="1.5", months=12, source="示例"
    )
    stop = NegativeRule.objects.create(
        scheme=city, code="B1", text="较大事故", sanction="stop_year", months=12, source="示例"
    )
    return SimpleNamespace(city=city, edition=edition, minors=minors, deduct=deduct, stop=stop)


def test_readers_read_and_only_the_office_writes(town, data):
    reading = ("/scores/official/", "/scores/negative/", "/scores/rule/")
    writing = ("/scores/official/new/", "/scores/negative/new/", "/scores/rule/new/")
    for role, read, write in (
        ("office", 200, 200),
        ("clerk", 200, 404),
        ("leader", 200, 404),
        ("head", 404, 404),
    ):
        client = sign_in(town, role)
        assert [client.get(a).status_code for a in reading] == [read] * 3, role
        assert [client.get(a).status_code for a in writing] == [write] * 3, role
        if write == 404:
            assert [client.post(a, {}).status_code for a in writing] == [404] * 3


# Official results


def result(data, **more):
    return {"scheme": data.city.pk, "year": "2025", "front": "total", "score": "88.5", "source": "通报", "rank": "", "pool": "",
            "among": "", "ours": "", "ours_margin": "", **more}  # fmt: skip


def test_a_result_sent_twice_is_entered_once_and_logged(office, data):
    for _ in range(2):
        assert office.post("/scores/official/new/", result(data)).status_code == 302
    row = OfficialResult.objects.get()
    assert (row.score, row.ours) == (Decimal("88.5"), None)
    assert Entry.objects.filter(subject="assessment.officialresult").count() == 1
    again = office.post("/scores/official/new/", result(data, score="90"))
    assert again.status_code == 400 and OfficialResult.objects.count() == 1
    assert office.post(f"/scores/official/{row.pk}/", result(data, score="90")).status_code == 302
    entry = Entry.objects.filter(subject="assessment.officialresult").order_by("-seq").first()
    assert entry.step == "change" and set(entry.given) == {"score"}
    assert list(history.verify()) == []


@pytest.mark.parametrize(("more", "said"), [
    ({"score": ""}, "至少填一项"), ({"rank": "9", "among": "8"}, "名次 9 大于参评数 8"), ({"score": "-1"}, 'role="alert"'),
    ({"year": "2099"}, "还没有到"), ({"ours_margin": "2"}, "一起填"), ({"score": "NaN"}, 'role="alert"'),
    ({"source": ""}, 'role="alert"'), ({"scheme": "0"}, 'role="alert"'),
])  # fmt: skip
def test_impossible_results_are_refused(office, data, more, said):
    answer = office.post("/scores/official/new/", result(data, **more))
    assert answer.status_code == 400 and said in answer.content.decode()
    assert not OfficialResult.objects.exists()


def test_one_test_may_be_ranked_in_two_pools_but_scored_once(office, data):
    assert (
        office.post("/scores/official/new/", result(data, score="", rank="2", pool="河南省")).status_code
        == 302
    )
    assert (
        office.post("/scores/official/new/", result(data, score="88", rank="18", pool="全国")).status_code
        == 302
    )
    assert (
        office.post("/scores/official/new/", result(data, score="88", rank="1", pool="本组")).status_code
        == 400
    )
    assert {r.pool: r.rank for r in OfficialResult.objects.all()} == {"河南省": 2, "全国": 18}


def test_our_score_of_that_time_is_taken_from_the_last_kept_forecast(office, data, town):
    rule = ScoreRule.objects.create(
        edition=data.edition, fronts={"dossier": "40", "site": "40", "survey": "20"}, source="示例"
    )
    for day, value in ((1, "170/2"), (2, "171/2")):
        Forecast.objects.create(
            rule=rule, year=2025, at=timezone.now() + dt.timedelta(days=day), value=80, margin=3,
            parts={"total": {"value": value, "below": "1.5", "above": "2.5"}},
        )  # fmt: skip
    assert office.post("/scores/official/new/", result(data)).status_code == 302
    row = OfficialResult.objects.get()
    assert (row.ours, row.ours_margin) == (Decimal("85.5"), Decimal("2"))
    page = office.get("/scores/official/").content.decode()
    assert "+3" in page and "有 1 次" in page


# The negative list


def event(entry, **more):
    today = timezone.localdate()
    return {
        "rule": entry.pk,
        "on": today.isoformat(),
        "what": "示例事件",
        "document": "示例〔2026〕1号",
        "points": "",
        "expires_on": "",
        **more,
    }


def test_an_event_is_registered_once_expires_and_is_lifted_with_a_reason(office, data, town):
    for _ in range(2):
        assert office.post("/scores/negative/new/", event(data.deduct)).status_code == 302
    assert office.post("/scores/negative/new/", event(data.stop)).status_code == 302
    today = timezone.localdate()
    row = Incident.objects.get(rule=data.deduct)
    assert (row.points, row.expires_on) == (Decimal("1.5"), months_later(today, 12))
    effect = effect_of(list(incidents_in_force(today)))
    assert (effect.points, effect.barred_until) == (Decimal("1.5"), months_later(today, 12))
    page = office.get("/scores/negative/").content.decode()
    assert "预测减 1.5 分" in page and "以前没有申报资格" in page
    assert not incidents_in_force(row.expires_on).exists()
    assert not incidents_in_force(today - dt.timedelta(days=1)).exists()

    lift = f"/scores/negative/{row.pk}/lift/"
    assert office.post(lift, {"reason": " "}).status_code == 400
    assert sign_in(town, "leader").post(lift, {"reason": "x"}).status_code == 404
    for reason in ("复核撤销〔2026〕3号", "第二次"):
        assert office.post(lift, {"reason": reason}).status_code == 302
    row.refresh_from_db()
    assert row.lifted_reason == "复核撤销〔2026〕3号"
    assert list(incidents_in_force(today)) == [Incident.objects.get(rule=data.stop)]
    assert "复核撤销" in office.get("/scores/negative/").content.decode()
    assert [e.step for e in history.changes_of(row)] == ["change", "enter"]


@pytest.mark.parametrize("more", [
    {"what": " "}, {"document": ""}, {"on": "2099-01-01"}, {"points": "-1"}, {"expires_on": "2020-01-01"}, {"rule": "0"},
])  # fmt: skip
def test_impossible_events_are_refused(office, data, more):
    assert office.post("/scores/negative/new/", event(data.deduct, **more)).status_code == 400
    assert not Incident.objects.exists()


@settings(max_examples=40)
@given(st.dates(dt.date(2000, 1, 1), dt.date(2100, 1, 1)), st.integers(0, 60))
def test_months_later_lands_in_the_right_month(day, months):
    later = months_later(day, months)
    assert (later.year - day.year) * 12 + later.month - day.month == months
    assert later.day == day.day or (later.day < day.day and (later + dt.timedelta(days=1)).day == 1)


# The rule


def weights(data, **more):
    return {"edition": data.edition.pk, "dossier": "40", "site": "40.00", "survey": "20", "first_year": "2024", "years": "15，25、60",
            "minors": data.minors.pk, "minors_share": "20", "minors_floor": "85", "goal": "90", "confidence": "0.95", "missing": "skip",
            "prior_spread": "", "source": "示例文件", **more}  # fmt: skip


def test_a_new_version_takes_over_and_the_old_one_stays(office, data):
    for _ in range(2):
        assert office.post("/scores/rule/new/", weights(data)).status_code == 302
    first = ScoreRule.objects.get()
    assert first.fronts == {"dossier": "40", "site": "40", "survey": "20"} and first.years == [
        "15",
        "25",
        "60",
    ]
    assert office.post("/scores/rule/new/", weights(data, dossier="35", survey="25")).status_code == 302
    first.refresh_from_db()
    second = current_rule(data.edition)
    assert (first.is_current, first.fronts["dossier"]) == (False, "40")
    assert (second.version, second.is_current, second.fronts["dossier"]) == (2, True, "35")
    page = office.get("/scores/rule/").content.decode()
    assert "材料 35%、实地 40%、问卷 25%" in page and "2026 60%" in page and "低于 85 分不能申报" in page
    start = office.get(f"/scores/rule/new/?from={second.pk}").content.decode()
    assert 'value="15,25,60"' in start and 'value="35"' in start
    assert list(history.verify()) == []


@pytest.mark.parametrize(("more", "said"), [
    ({"dossier": "50"}, "三条线权重合计 110"), ({"years": "15,25"}, "三年权重合计 40"), ({"years": "a,b"}, "写数字"),
    ({"years": "-10,110"}, "0 到 100"), ({"first_year": ""}, "周期首年"), ({"minors": ""}, "选未成年人体系"),
    ({"confidence": "1"}, "0.5 到 1"), ({"prior_spread": "0"}, "大于 0"), ({"source": ""}, 'role="alert"'),
    ({"years": "NaN"}, 'role="alert"'),
])  # fmt: skip
def test_a_rule_that_does_not_add_up_is_refused(office, data, more, said):
    answer = office.post("/scores/rule/new/", weights(data, **more))
    assert answer.status_code == 400 and said in answer.content.decode()
    assert not ScoreRule.objects.exists()


@pytest.mark.parametrize("asked", ["x", "0", "9" * 30, "-1"])
def test_odd_addresses_are_harmless(office, data, asked):
    assert office.get(f"/scores/rule/new/?from={asked}").status_code == 200
    assert office.get(f"/scores/negative/new/?rule={asked}").status_code == 200
