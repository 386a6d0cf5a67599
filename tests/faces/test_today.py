"""The first page of each post: what it shows, what it hides, and that its steps work and twice is
harmless.
"""

from __future__ import annotations

import datetime as dt
import re
import uuid

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chuangwen.kernel.city import forget
from chuangwen.kernel.models import Duty, Entry, Notice
from chuangwen.kernel.workflow.flow import NotAllowed, Refused
from chuangwen.problems.actions import Told, ask_head, confirm_case, hand_over, take_report
from chuangwen.problems.flow import CaseFlow
from chuangwen.problems.models import Case, Prepared, Rung

OFFICE = ("office", "clerk", "dispatcher", "checker")


def report(town, text="南门垃圾桶满溢两天", **more):
    return take_report(
        Told(text=text, lon=113.0, lat=34.7601, **{"source": "resident", "kind": town.kind, **more}), by=None
    ).case


def assigned(town, text="南门垃圾桶满溢两天", kind=None, late_days=0):
    case = confirm_case(report(town, text, kind=kind or town.kind), by=town.people["dispatcher"])
    if late_days:
        due = timezone.now() - dt.timedelta(days=late_days)
        Case.objects.filter(pk=case.pk).update(due_at=due, fix_due_at=due)
        case.refresh_from_db()
    return case


def as_(person, **headers):
    client = Client(headers=headers)
    client.force_login(person)
    return client


def text_of(response):
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize(
    ("post", "words"),
    [
        *((post, "新报未核实") for post in OFFICE),
        ("head", "要办的案件"),
        ("liaison", "要办的案件"),
        ("leader", "要你拍板的"),
        ("inspector", "快速上报"),
        ("grid_keeper", "快速上报"),
        ("supervisor", "待接收"),
        ("discipline", "待接收"),
        ("auditor", "日校验"),
        ("admin", "登记表"),
        ("nobody", "还没有岗位"),
    ],
)
def test_each_post_has_its_own_first_page(town, post, words):
    assert words in text_of(as_(town.people[post]).get("/"))


def test_figures_equal_the_lists_they_open(town):
    for n in range(3):
        report(town, f"新报{n}")
    assigned(town, "超期一件", late_days=2)
    answered = assigned(town, "待核查一件")
    Case.objects.filter(pk=answered.pk).update(state="answered")
    returned = assigned(town, "退回一件")
    CaseFlow.take(returned, "return", by=town.people["liaison"], given={"reason": "不归我单位"})
    client = as_(town.people["office"])

    page = text_of(client.get("/"))
    shown = dict(re.findall(r'<a href="/today/(\w+)/"><b>(\d+)</b>', page))

    assert (shown["late"], shown["back"], shown["check"], shown["new"]) == ("1", "1", "1", "3")
    for code, count in shown.items():
        assert text_of(client.get(f"/today/{code}/")).count('<tr data-row="') == int(count), code


def test_covert_case_and_another_units_case_do_not_show(town):
    report(town, "暗访发现店外经营", source="covert")
    ours, theirs = assigned(town, "我方垃圾"), assigned(town, "对方乱停", kind=town.street_kind)

    unit = text_of(as_(town.people["liaison"]).get("/"))
    assert ours.what in unit
    assert theirs.what not in unit and "店外经营" not in unit
    for post in ("inspector", "grid_keeper", "supervisor", "admin", "head"):
        assert "店外经营" not in text_of(as_(town.people[post]).get("/")), post
    found = text_of(as_(town.people["liaison"]).get("/search/", {"q": "乱停"}))
    assert theirs.number not in found and "对方乱停" not in found


@pytest.mark.parametrize(
    ("post", "queries"), [("office", 19), ("liaison", 10), ("leader", 12), ("inspector", 8), ("supervisor", 5)]
)
def test_number_of_queries_does_not_grow_with_rows(town, post, queries):
    client = as_(town.people[post])
    for rows in (1, 2):
        for n in range(rows):
            report(town, f"新报{rows}{n}")
            case = assigned(town, f"超期{rows}{n}", late_days=1)
            hand_over(
                assigned(town, f"移交{rows}{n}"),
                kind="supervision",
                to_unit=town.units["dcj"],
                reason="久拖",
                by=town.people["clerk"],
            )
            assert case.unit_id
        forget()
        client.get("/")  # the briefly kept reads (city, calendar, gaps) are warm
        with CaptureQueriesContext(connection) as seen:
            client.get("/")
        assert len(seen) == queries, [q["sql"][:90] for q in seen.captured_queries]


def test_confirm_in_one_click_and_twice_is_harmless(town):
    case, uid = report(town), str(uuid.uuid4())
    client = as_(town.people["dispatcher"], HX_Request="true")
    for _again in (1, 2):
        page = text_of(client.post(f"/today/confirm/{case.number}/", {"uid": uid}))
    case.refresh_from_db()
    assert (case.state, case.unit) == ("assigned", town.units["cgj"])
    assert "已派给" in page
    assert Entry.objects.filter(subject="problems.case", subject_id=case.pk).count() == 4


def test_a_wrong_suggestion_is_mended_in_place(town):
    case = report(town)
    client = as_(town.people["dispatcher"], HX_Request="true")
    assert "最像的" in text_of(client.get(f"/today/confirm/{case.number}/"))
    given = {"kind": town.street_kind.pk, "unit": town.units["jtj"].pk, "what": "盲道被占"}
    client.post(f"/today/confirm/{case.number}/", given)
    case.refresh_from_db()
    assert (case.kind, case.unit, case.what) == (town.street_kind, town.units["jtj"], "盲道被占")


def test_many_reports_in_few_clicks(town):
    """Story 2: what is sure goes in one click, what is near an open case is merged in one."""
    old = assigned(town, "垃圾桶满溢")
    cases = [report(town, f"垃圾{n}") for n in range(5)]
    client = as_(town.people["clerk"], HX_Request="true")
    merged, *rest = cases
    page = text_of(client.get("/"))
    assert page.count(f'name="into" value="{old.number}"') == 5
    client.post(f"/today/step/{merged.number}/merge/", {"into": old.number, "uid": str(uuid.uuid4())})
    uid = str(uuid.uuid4())
    for _again in (1, 2):
        client.post("/today/confirm/", {"case": [c.number for c in rest], "uid": uid})
    assert set(Case.objects.filter(pk__in=[c.pk for c in rest]).values_list("state", flat=True)) == {
        "assigned"
    }
    assert Case.objects.get(pk=merged.pk).merged_into == old
    assert Entry.objects.filter(step="dispatch").count() == 5


def test_steps_in_the_row_follow_rule_and_guard(town):
    case = assigned(town, late_days=0)
    clerk, other = (
        as_(town.people["clerk"], HX_Request="true"),
        as_(town.people["liaison2"], HX_Request="true"),
    )
    assert "已办" in text_of(clerk.post(f"/today/step/{case.number}/urge/"))
    assert "今天已催过" in text_of(clerk.post(f"/today/step/{case.number}/urge/"))
    assert other.post(f"/today/step/{case.number}/accept/").status_code == 404
    assert as_(town.people["checker"]).post(f"/today/step/{case.number}/urge/").status_code == 404
    assert Notice.objects.filter(kind="urge").count() == 1


def test_signing_what_the_clock_prepared(town):
    case = assigned(town)
    rung = Rung.objects.create(
        rank=3, trigger="after_due", amount=1, unit="work_day", action="supervise_yellow", source="示例"
    )
    prepared = Prepared.objects.create(case=case, rung=rung, ground="超期后 1 工作日")
    client = as_(town.people["clerk"], HX_Request="true")
    assert "黄牌督办" in text_of(client.get("/"))
    assert (
        as_(town.people["dispatcher"]).post(f"/today/prepared/{prepared.pk}/", {"do": "sign"}).status_code
        == 404
    )
    assert "已签发" in text_of(client.post(f"/today/prepared/{prepared.pk}/", {"do": "sign"}))
    assert "已经有人处理过" in text_of(client.post(f"/today/prepared/{prepared.pk}/", {"do": "sign"}))
    case.refresh_from_db()
    assert case.supervision == 1


def test_leader_sees_his_places_and_asks_once_a_day(town):
    case = assigned(town, late_days=3)
    leader, client = town.people["leader"], as_(town.people["leader"], HX_Request="true")
    page = text_of(client.get("/"))
    assert re.findall(r'<a href="/mine/(\w+)/"><b>(\d+)</b>', page) == [
        ("open", "1"),
        ("late", "1"),
        ("again", "0"),
    ]
    assert case.number in text_of(client.get("/mine/late/")) or case.what in text_of(
        client.get("/mine/late/")
    )
    assert "已问到负责人" in text_of(client.post(f"/mine/ask/{case.number}/"))
    assert "今天已问过" in text_of(client.post(f"/mine/ask/{case.number}/"))
    notice = Notice.objects.get(kind="ask")
    assert (notice.unit, notice.role, notice.is_urgent) == (town.units["cgj"], "head", True)
    Duty.objects.filter(person=leader).delete()
    with pytest.raises(NotAllowed, match="不在你分包的"):
        ask_head(case, by=leader)
    with pytest.raises(Refused):
        CaseFlow.take(case, "ask", by=town.people["liaison"])


def test_what_got_worse_since_last_week(town):
    old = assigned(town, "上周的")
    Case.objects.filter(pk=old.pk).update(reported_at=timezone.now() - dt.timedelta(days=9))
    for n in range(2):
        report(town, f"本周{n}")
    page = text_of(as_(town.people["leader"]).get("/"))
    assert re.search(r"新华路街道</a><span class=\"cw-rate\"><b>3</b><small>\+2，上周 1", page)


def test_only_the_receiver_the_office_and_auditors_learn_of_a_handover(town):
    case = assigned(town, "久拖一件")
    handover = hand_over(
        case, kind="supervision", to_unit=town.units["dcj"], reason="多次催办不动", by=town.people["clerk"]
    )
    allowed = {"office", "clerk", "auditor", "supervisor"}
    for post, person in town.people.items():
        client = as_(person)
        for address in (f"/handovers/{handover.pk}/", f"/handovers/{handover.pk}/file/"):
            assert client.get(address).status_code == (200 if post in allowed else 404), (post, address)
        if post not in allowed:
            assert "多次催办不动" not in text_of(client.get("/"))
    client = as_(town.people["supervisor"])
    assert client.post(f"/handovers/{handover.pk}/take/").status_code == 302
    assert "写明结果" in text_of(client.post(f"/handovers/{handover.pk}/outcome/", {"outcome": ""}))
    client.post(f"/handovers/{handover.pk}/outcome/", {"outcome": "约谈后已办"})
    handover.refresh_from_db()
    assert (handover.state, handover.outcome) == ("back", "约谈后已办")
    file = text_of(client.get(f"/handovers/{handover.pk}/file/"))
    assert "约谈后已办" in file and "未改动" in file


def test_file_says_so_when_history_was_altered(town):
    case = assigned(town)
    handover = hand_over(
        case, kind="supervision", to_unit=town.units["dcj"], reason="久拖", by=town.people["clerk"]
    )
    Entry.objects.filter(subject="problems.case", subject_id=case.pk, step="file").update(
        at=timezone.now() - dt.timedelta(days=30)
    )
    assert "对不上" in text_of(as_(town.people["supervisor"]).get(f"/handovers/{handover.pk}/file/"))
    assert "这一条被改过" in text_of(as_(town.people["auditor"]).get("/verify/", {"case": case.number}))


def test_notices_are_seen_when_opened(town):
    assigned(town)
    client = as_(town.people["liaison"])
    assert "1 条没看过" in text_of(client.get("/notices/"))
    assert "都看过了" in text_of(client.get("/notices/"))
    assert "没有通知" in text_of(as_(town.people["liaison2"]).get("/notices/"))
