"""The pages of a month's ranking: who sees what, every figure opens, objections from the rows, steps, exports, query counts."""

from __future__ import annotations

import datetime as dt
import io
import re
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import load_workbook

from chuangwen.assessment.consequence_models import Consequence
from chuangwen.assessment.consequences import ConsequenceFacts, record_consequence
from chuangwen.assessment.objection_flow import ObjectionFlow
from chuangwen.assessment.objections import raise_objection
from chuangwen.assessment.ranking_models import Objection, RankFact, Ranking
from chuangwen.problems.actions import Told, confirm_case, take_report
from tests.assessment.month import bad_rows, line_of, month_of, rule_of_units

ROWS = {
    "cgj": {"fixed_in_time": (6, 4), "passed_first": (10, 0)},
    "jtj": {"fixed_in_time": (9, 1), "passed_first": (10, 0)},
    "xhl": {"fixed_in_time": (8, 2), "passed_first": (9, 1)},
}


@pytest.fixture
def month(town):
    return month_of(town, ROWS)


@pytest.fixture
def line(town, month):
    return line_of(month, town.units["cgj"])


def as_(person, **headers):
    client = Client(headers=headers)
    client.force_login(person)
    return client


def text_of(response, status=200):
    assert response.status_code == status, response.content[:300]
    return response.content.decode()


def case_of(town, **more):
    report = take_report(
        Told(
            text="南门垃圾桶满溢", lon=113.0, lat=34.7601, **{"source": "resident", "kind": town.kind, **more}
        ),
        by=None,
    )
    return confirm_case(report.case, by=town.people["dispatcher"])


def test_table_shows_bands_intervals_and_every_rate_with_its_rows(town, month, line):
    page = text_of(as_(town.people["office"]).get(f"/rankings/{month.pk}/"))
    assert "第 一 档" in page.replace("第一档", "第 一 档")
    assert re.search(r"<b>76\.0</b> <span class=\"cw-quiet\">± \d+\.\d</span>", page)
    assert f'href="/rankings/{month.pk}/{line.key}/fixed_in_time/"><b>60.0%</b><small>6/10</small>' in page
    assert "规则 2026-1 版" in page
    assert "数据截至" in page
    assert "95%" in page


def test_a_unit_opens_its_own_rows_only(town, month, line):
    client, other = as_(town.people["liaison"]), line_of(month, town.units["jtj"])
    page = text_of(client.get(f"/rankings/{month.pk}/"))
    assert f"/rankings/{month.pk}/{line.key}/fixed_in_time/" in page
    assert f"/rankings/{month.pk}/{other.key}/fixed_in_time/" not in page
    assert "90.0%" in page  # the others' rates are published all the same
    assert client.get(f"/rankings/{month.pk}/{other.key}/").status_code == 200
    assert client.get(f"/rankings/{month.pk}/{other.key}/fixed_in_time/").status_code == 404
    assert client.get(f"/rankings/{month.pk}/{line.key}/fixed_in_time/").status_code == 200


def test_a_trial_is_the_offices_own(town):
    month = month_of(town, ROWS, preview=False)
    assert as_(town.people["liaison"]).get(f"/rankings/{month.pk}/").status_code == 404
    assert "还没有预告的排名" in text_of(as_(town.people["liaison"]).get("/rankings/"))
    assert "核对后预告" in text_of(as_(town.people["office"]).get("/rankings/"))


def test_a_line_opens_to_measures_points_and_consequences(town, month, line):
    facts = ConsequenceFacts("deduct", town.units["cgj"], month.month, "通报第 9 号", points=Decimal("1.5"))
    record_consequence(facts, by=town.people["office"])
    client = as_(town.people["office"])
    page = text_of(client.get(f"/rankings/{month.pk}/{line.key}/"))
    assert "<b>36.00</b>" in page  # 60 × 6/10
    assert "<b>74.50</b>" in page  # with the deduction
    assert "通报第 9 号" in page
    assert "4 件超期" in page
    opened = text_of(as_(town.people["office"], HX_Request="true").get(f"/rankings/{month.pk}/{line.key}/"))
    assert opened.lstrip().startswith(f'<tr id="open-{line.key}" class="cw-open">')
    assert "<h1>" not in opened


def test_rows_show_the_case_and_hide_what_one_may_not_see(town, month, line):
    case = case_of(town)
    RankFact.objects.filter(pk=bad_rows(line)[0].pk).update(object_id=case.pk + 5000)
    RankFact.objects.filter(pk=bad_rows(line)[1].pk).update(object_id=case.pk)
    for post in ("office", "liaison"):
        page = text_of(as_(town.people[post]).get(f"/rankings/{month.pk}/{line.key}/fixed_in_time/"))
        assert case.number in page, post
        assert "这一件不归你的岗位看" in page
    short = text_of(
        as_(town.people["office"]).get(f"/rankings/{month.pk}/{line.key}/fixed_in_time/?side=short")
    )
    assert short.count("<tr>") == 5  # head and four rows
    assert as_(town.people["office"]).get(f"/rankings/{month.pk}/{line.key}/passed_firs/").status_code == 404


def test_unit_objects_from_the_rows_and_both_levels_answer(town, month, line):
    liaison, rows = as_(town.people["liaison"]), bad_rows(line)[:2]
    path = f"/rankings/{month.pk}/{line.key}/fixed_in_time/"
    given = {"fact": [row.pk for row in rows], "ground": "不是本单位路段"}
    assert "勾选" in text_of(liaison.post(path, {"ground": "不认"}), 409)
    answer = liaison.post(path, given)
    objection = Objection.objects.get()
    assert answer["Location"] == objection.get_absolute_url()
    assert as_(town.people["office"]).post(path, given).status_code == 404
    assert as_(town.people["liaison2"]).get(objection.get_absolute_url()).status_code == 404

    clerk, office = as_(town.people["clerk"]), as_(town.people["office"])
    assert objection.number in text_of(clerk.get("/objections/"))
    assert "写明建议" in text_of(clerk.post(f"{objection.get_absolute_url()}look/", {}), 400)
    clerk.post(f"{objection.get_absolute_url()}look/", {"advice": "属实"})
    assert clerk.post(f"{objection.get_absolute_url()}grant/", {"reason": "是"}).status_code == 404
    office.post(f"{objection.get_absolute_url()}grant/", {"reason": "路段分界图"})
    page = text_of(liaison.get(objection.get_absolute_url()))
    assert "得分 76.0 → 85.0" in page
    assert page.count("已剔除") == 2
    assert "已剔除" in text_of(liaison.get(path))
    assert "<b>85.00</b>" in text_of(liaison.get(f"/rankings/{month.pk}/{line.key}/"))


def test_the_same_case_under_other_measures_can_go_along(town, month, line):
    bad, same = bad_rows(line)[0], RankFact.objects.filter(key=line.key, measure="passed_first").first()
    RankFact.objects.filter(pk=same.pk).update(object_id=bad.object_id, value=0)
    path = f"/rankings/{month.pk}/{line.key}/fixed_in_time/"
    as_(town.people["liaison"]).post(path, {"fact": bad.pk, "ground": "不认", "everywhere": "1"})
    assert set(Objection.objects.get().facts.values_list("pk", flat=True)) == {bad.pk, same.pk}


def test_one_who_looked_first_is_told_that_another_decides(town, month, line):
    objection = raise_objection(line, bad_rows(line)[:1], "不认", by=town.people["liaison"])
    ObjectionFlow.take(objection, "look", by=town.people["office"], given={"advice": "属实"})
    client = as_(town.people["office"])
    assert "另一位创建办人员" in text_of(client.get(objection.get_absolute_url()))
    text_of(client.post(f"{objection.get_absolute_url()}grant/", {"reason": "是"}), 409)


def test_close_publish_and_why_not_freeze(town):
    office = as_(town.people["office"])
    assert "没有在用的考核规则" in text_of(office.get("/rankings/"))
    rule_of_units()
    assert "关账" in text_of(office.get("/rankings/"))
    for _twice in (1, 2):
        made = office.post("/rankings/close/", {"subject": "unit"})
        assert made.status_code == 302
    ranking = Ranking.objects.get()
    page = text_of(office.get(ranking.get_absolute_url()))
    assert "没有一个对象可以排名" in page
    assert office.post(f"{ranking.get_absolute_url()}steps/publish/").status_code == 409
    assert as_(town.people["clerk"]).post("/rankings/close/", {"subject": "unit"}).status_code == 404
    assert as_(town.people["clerk"]).post(f"{ranking.get_absolute_url()}steps/publish/").status_code == 404
    office.post(f"{ranking.get_absolute_url()}steps/comment/", {"comment": "本月总体平稳"})
    assert "本月总体平稳" in text_of(office.get(ranking.get_absolute_url()))
    office.post(f"{ranking.get_absolute_url()}steps/void/", {"reason": "规则错了"})
    assert Ranking.objects.get().state == "void"


def test_only_a_frozen_month_makes_a_circular_and_only_the_office_is_offered_it(town, month):
    page, link = month.get_absolute_url(), f"/papers/from/ranking/{month.pk}/"
    office, clerk = as_(town.people["office"]), as_(town.people["clerk"])
    assert link not in text_of(office.get(page))
    Ranking.objects.filter(pk=month.pk).update(state="frozen", frozen_at=timezone.now())
    assert link in text_of(office.get(page))
    assert link not in text_of(clerk.get(page))


def test_freeze_waits_for_the_time_to_object(town, month):
    page = text_of(as_(town.people["office"]).get(month.get_absolute_url()))
    assert "过后再定稿" in page
    assert as_(town.people["office"]).post(f"{month.get_absolute_url()}steps/freeze/").status_code == 409


def test_compared_with_the_month_before(town, month, line):
    Ranking.objects.filter(pk=month.pk).update(state="frozen", frozen_at=timezone.now())
    later = month_of(town, {**ROWS, "cgj": {"fixed_in_time": (10, 0), "passed_first": (10, 0)}},
                     month=month.month.replace(month=11))  # fmt: skip
    client = as_(town.people["liaison"])
    page = text_of(client.get(f"/rankings/{later.pk}/changes/"))
    assert "+24.0" in page
    assert "76.0 → 100.0" in page
    own = text_of(client.get(f"/rankings/{later.pk}/{line.key}/"))
    assert "2026-10" in own and "2026-11" in own
    assert "前面没有" in text_of(client.get(f"/rankings/{month.pk}/changes/"))


def test_workbook_has_the_whole_table(town, month):
    answer = as_(town.people["office"]).get(f"/rankings/{month.pk}/?export=xlsx")
    rows = list(load_workbook(io.BytesIO(answer.content)).active.iter_rows(min_row=2, values_only=True))
    assert [row[3] for row in rows[1:]] == ["交通运输局", "新华路街道办", "城市管理局"]
    assert rows[3][4] == 76 and rows[3][6:9] == (60, 6, 10)


@pytest.mark.parametrize("post", ["office", "liaison"])
def test_numbers_of_queries_do_not_grow(town, month, line, post):
    paths = {
        "/rankings/": 0, f"/rankings/{month.pk}/": 0, f"/rankings/{month.pk}/{line.key}/": 0,
        f"/rankings/{month.pk}/{line.key}/fixed_in_time/": 0, f"/rankings/{month.pk}/changes/": 0, "/objections/": 0,
        "/consequences/": 0,
    }  # fmt: skip
    client = as_(town.people[post])
    for more in (False, True):
        if more:
            cases = [case_of(town) for _n in range(3)]
            for fact, case in zip(bad_rows(line), cases, strict=False):
                RankFact.objects.filter(pk=fact.pk).update(object_id=case.pk)
            raise_objection(line, bad_rows(line)[:1], "不认", by=town.people["liaison"])
            raise_objection(line, bad_rows(line)[1:2], "不认", by=town.people["liaison"])
        else:
            raise_objection(line, bad_rows(line)[3:], "不认", by=town.people["liaison"])
            RankFact.objects.filter(pk=bad_rows(line)[0].pk).update(object_id=case_of(town).pk)
        for path, before in paths.items():
            client.get(path)
            with CaptureQueriesContext(connection) as seen:
                text_of(client.get(path))
            assert not more or len(seen) == before, (path, [q["sql"][:120] for q in seen.captured_queries])
            assert len(seen) <= 20, path
            paths[path] = len(seen)


def test_rules_are_readable_by_everybody_who_is_ranked(town, month):
    client = as_(town.people["liaison"])
    assert "2026-1" in text_of(client.get("/rankings/rules/"))
    page = text_of(client.get(f"/rankings/rules/{month.rule_id}/"))
    assert "在处置期限内反馈的" in page
    assert client.get("/rankings/rules/99999/").status_code == 404


def test_consequences_are_entered_lifted_and_exported(town, month, line):
    office, liaison = as_(town.people["office"]), as_(town.people["liaison"])
    given = {
        "kind": "deduct", "unit": town.units["cgj"].pk, "on": "2026-10-20", "ground": "通报第 9 号", "points": "1.5",
        "document": "创建办〔2026〕9 号", "month": "",
    }  # fmt: skip
    for _twice in (1, 2):
        assert office.post("/consequences/new/", given).status_code == 302
    assert "写分数" in text_of(office.post("/consequences/new/", {**given, "points": ""}), 400)
    page = text_of(liaison.get("/consequences/"))
    assert page.count("通报第 9 号") == 1 and "−1.5" in page
    assert "通报第 9 号" not in text_of(as_(town.people["liaison2"]).get("/consequences/"))
    assert "没有奖惩" in text_of(office.get("/consequences/?month=2026-09"))
    assert office.get("/consequences/?month=x").status_code == 404
    cells = list(load_workbook(io.BytesIO(office.get("/consequences/?export=xlsx").content)).active.values)
    assert cells[1][3:7] == ("通报第 9 号", "创建办〔2026〕9 号", -1.5, "2026-10")
    row = Consequence.objects.get()
    office.post(f"/consequences/{row.pk}/lift/", {"reason": "复核属误报"})
    assert "撤销：复核属误报" in text_of(office.get("/consequences/"))
    line.refresh_from_db()
    assert line.score == Decimal("76.0000")


def test_special_inspection_and_its_finding(town):
    office = as_(town.people["office"])
    assert "没有专项巡察" in text_of(office.get("/specials/"))
    day = (timezone.localdate() + dt.timedelta(days=9)).isoformat()
    given = {
        "name": "三季度巡察", "unit": town.units["cgj"].pk, "inspectors": "第一组", "from_on": day, "to_on": day,
        "mandate": "市委 3 号", "summary": "",
    }  # fmt: skip
    place = office.post("/specials/new/", given)["Location"]
    for _twice in (1, 2):
        office.post(f"{place}findings/", {"text": "台账不全", "due_on": day})
    page = text_of(office.get(place))
    assert page.count("/tasks/") >= 1 and "1 个，整改完成 0 个" in page
    assert "晚于今天" in text_of(
        office.post(f"{place}findings/", {"text": "别的", "due_on": "2020-01-01"}), 400
    )
    assert "0/1" in text_of(as_(town.people["leader"]).get("/specials/"))
    office.post(f"{place}edit/", {**given, "summary": "总体平稳"})
    assert "总体平稳" in text_of(office.get(place))


def test_the_year_in_a_form_of_ones_own(town, month):
    office = as_(town.people["office"])
    assert "还没有定稿的月份" in text_of(office.get("/rankings/year/?year=2026"))
    Ranking.objects.filter(pk=month.pk).update(state="frozen")
    assert "76" in text_of(office.get("/rankings/year/?year=2026"))
    given = {
        "name": "目标办", "full": "10", "decimals": "1", "source": "目标办通知", "title": ["单位", "", ""],
        "content": ["name", "score", ""],
    }  # fmt: skip
    place = office.post("/rankings/year/forms/new/", given)["Location"]
    page = text_of(office.get(f"{place}&year=2026"))
    assert "折算得分" in page and "7.6" in page
    answer = office.get(f"{place}&year=2026&export=xlsx")
    rows = list(load_workbook(io.BytesIO(answer.content)).active.iter_rows(min_row=2, values_only=True))
    assert rows[0] == ("单位", "折算得分")
    assert ("城市管理局", 7.6) in rows
    assert office.get("/rankings/year/?form=999").status_code == 404
    assert "没有“x”" in text_of(office.post("/rankings/year/forms/new/", {**given, "content": ["x"]}), 400)
