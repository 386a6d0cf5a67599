"""The days of design's ten people that this stage can carry, walked in a real browser and kept inside their click budgets."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.management import call_command
from django.utils import timezone

from chuangwen.kernel.evidence import store
from chuangwen.kernel.models import Entry, Notice
from chuangwen.kernel.places.datum import Datum
from chuangwen.problems.actions import Told, confirm_case, hand_over, take_report
from chuangwen.problems.flow import CaseFlow
from chuangwen.problems.models import Case

pytestmark = [pytest.mark.browser, pytest.mark.story, pytest.mark.django_db(transaction=True)]


def new(town, text="南门垃圾桶满溢两天", lon=113.0, lat=34.7601, **more):
    return take_report(Told(text=text, lon=lon, lat=lat, **more), by=None).case


def given(town, **more):
    return confirm_case(new(town, kind=town.kind, **more), by=town.people["office"])


def test_2_the_clerk_deals_with_23_new_reports_in_40_clicks(town, desk):
    old = given(town, lon=113.02, lat=34.77)
    sure = [new(town, lon=113.0 + i * 0.002, lat=34.74) for i in range(18)]
    wrong = [new(town, text="垃圾桶边电动车占盲道", lon=112.96, lat=34.73 + i * 0.002) for i in range(2)]
    again = [new(town, lon=113.0201, lat=34.7701) for i in range(3)]
    assert Case.objects.filter(state="reported").count() == 23
    clerk = desk(town.people["clerk"])
    page = clerk.open("/")
    for case in again:
        page.locator(f"#new [data-row='{case.pk}']").get_by_role("button", name="并入").click()
        page.locator(f"#new [data-row='{case.pk}']").get_by_text("并案").first.wait_for()
    for case in wrong:
        row = page.locator(f"#new [data-row='{case.pk}']")
        row.get_by_role("link", name="改…").click()
        page.locator("select[name=kind]").last.select_option(label="车辆乱停放")
        page.get_by_role("button", name="核实派遣", exact=True).click()
        page.locator(f"#new [data-row='{case.pk}']").get_by_text("已派给").wait_for()
    for case in sure:
        page.locator(f"#new [data-row='{case.pk}'] input[type=checkbox]").check()
    page.get_by_role("button", name="核实派遣选中的").click()
    page.locator("#bulk-said").get_by_text("18").first.wait_for()

    assert clerk.clicks <= 40
    states = sorted(Case.objects.exclude(pk=old.pk).values_list("state", flat=True))
    assert states == ["assigned"] * 20 + ["merged"] * 3
    assert {c.kind for c in Case.objects.filter(pk__in=[c.pk for c in wrong])} == {town.street_kind}


def test_3_the_liaison_says_not_ours_and_answers_with_a_photo_in_six_taps(town, desk, make_picture, tmp_path):
    mine, other = given(town), given(town, lon=113.01)
    liaison = desk(town.people["liaison"], width=390, height=844, has_touch=True,
                   geolocation={"latitude": 34.7601, "longitude": 113.0}, permissions=["geolocation"])  # fmt: skip
    page = liaison.open("/")
    page.get_by_role("link", name=other.what).first.wait_for()
    page = liaison.open(other.get_absolute_url())
    page.get_by_role("link", name="退回…").click()
    page.get_by_label("理由").fill("背街归街道管")
    page.get_by_label("应归哪个单位").select_option(label="新华路街道办")
    page.get_by_role("button", name="退回", exact=True).click()
    page.wait_for_url(liaison.url + "/")
    assert liaison.clicks <= 6
    other.refresh_from_db()
    assert (other.state, other.suggested_unit) == ("filed", town.units["xhl"])

    photo = tmp_path / "after.jpg"
    photo.write_bytes(make_picture(200))
    page.evaluate("sessionStorage.setItem('clicks', 0)")
    page = liaison.open(mine.get_absolute_url())
    page.locator("input[type=file]").set_input_files(photo)
    page.get_by_role("button", name="传照片").click()
    page.get_by_text("离案件").first.wait_for()
    page.get_by_role("link", name="反馈…").click()
    page.get_by_label("怎么解决的").fill("清走两桶")
    page.get_by_role("button", name="反馈", exact=True).click()
    page.locator(".cw-casehead .cw-state").filter(has_text="核查").wait_for()
    assert liaison.clicks <= 6
    mine.refresh_from_db()
    assert mine.state == "answered"


def test_3_a_photo_taken_far_away_is_named_at_once(town, desk, make_picture, tmp_path):
    case = given(town)
    liaison = desk(town.people["liaison"], width=390, geolocation={"latitude": 34.7628, "longitude": 113.0}, permissions=["geolocation"])
    page = liaison.open(case.get_absolute_url())
    photo = tmp_path / "far.jpg"
    photo.write_bytes(make_picture(60))
    page.locator("input[type=file]").set_input_files(photo)
    page.get_by_role("button", name="传照片").click()
    page.get_by_text("离案件 300 米").first.wait_for()


def test_4_the_checker_passes_nine_cases_by_keyboard_and_returns_one(town, desk, make_picture):
    cases = []
    for i in range(10):
        case = given(town, lon=113.0 + i * 0.002)
        kept = store.read(make_picture(i * 20))
        now, point = timezone.now(), (113.0 + i * 0.002, 34.7601, Datum.WGS84)
        store.attach(kept, case, role="fixed", by=None, at=now, taken_at=now, point=point)
        CaseFlow.take(case, "answer", by=town.people["liaison"], given={"note": "清走"})
        cases.append(case)
    checker = desk(town.people["checker"])
    for case in cases[:9]:
        page = checker.open(case.get_absolute_url())
        page.keyboard.press(" ")
        page.keyboard.press("1")
        page.locator("#step form").wait_for()
        page.locator("#step").get_by_role("button", name="核查通过").press("Enter")
        page.locator(".cw-casehead .cw-state").filter(has_text="销号").wait_for()
    page = checker.open(cases[9].get_absolute_url())
    page.keyboard.press("2")
    page.get_by_label("理由").fill("还有一堆没清")
    page.get_by_role("button", name="退回整改").last.press("Enter")
    page.locator(".cw-casehead .cw-state").filter(has_text="返工").wait_for()
    assert Case.objects.filter(state="closed").count() == 9
    assert Notice.objects.filter(kind="reject").count() == 1


def test_5_the_vice_mayor_sees_three_numbers_and_asks_in_one_tap(town, desk):
    late = given(town)
    Case.objects.filter(pk=late.pk).update(due_at=timezone.now() - dt.timedelta(days=2))
    leader = desk(town.people["leader"], width=390, height=844)
    page = leader.open("/")
    assert [b.inner_text() for b in page.locator(".cw-figs b").all()] == ["1", "1", "0"]
    page.get_by_role("button", name="问负责人").first.click()
    page.get_by_text("已问").first.wait_for()
    assert leader.clicks == 1
    assert Notice.objects.filter(kind="ask", unit=late.unit, role="head").count() == 1


def test_10_the_auditor_takes_a_case_over_and_proves_its_history(town, desk, capsys):
    case = given(town)
    hand_over(case, kind="supervision", to_unit=town.units["dcj"], reason="久拖不改", by=town.people["clerk"])
    supervisor = desk(town.people["supervisor"])
    page = supervisor.open("/")
    page.get_by_text(case.what).first.click()
    page.get_by_role("button", name="接收").click()
    page.get_by_label("结果").fill("已约谈，限三日整改")
    page.get_by_role("button", name="反馈结果").click()
    page.get_by_text("已反馈结果").first.wait_for()
    case.refresh_from_db()
    assert (case.outside_unit, case.is_paused) == (None, False)

    call_command("verify")
    assert "全部相连，未改动" in capsys.readouterr().out
    Entry.objects.filter(subject_id=case.pk, step="dispatch").update(given={})
    with pytest.raises(SystemExit) as stop:
        call_command("verify")
    assert stop.value.code == 1
    liaison = desk(town.people["liaison"])
    assert "督查" not in liaison.open(case.get_absolute_url()).content()
