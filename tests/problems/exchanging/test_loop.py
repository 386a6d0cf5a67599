"""A task of the platform from dispatch to feedback, a case of ours given to it and back, and what goes wrong between."""

from __future__ import annotations

import datetime as dt

import pytest

from chuangwen.kernel.models import Notice, Post
from chuangwen.kernel.workflow.flow import NotAllowed, Refused
from chuangwen.problems.actions import Told, confirm_case, take_report
from chuangwen.problems.exchanging.giving import give_case, settle
from chuangwen.problems.exchanging.keeping import map_code, play_all, save_partner
from chuangwen.problems.exchanging.messages import compose
from chuangwen.problems.exchanging.taking import play, read_body, receive, unknown_codes
from chuangwen.problems.exchanging.xml_form import write_xml
from chuangwen.problems.flow import CaseFlow
from chuangwen.problems.models import Case, ExchangeMessage
from tests.problems.exchanging.conftest import dispatch


def send(platform, message):
    return receive(platform, write_xml(message))


def out(kind):
    return ExchangeMessage.objects.filter(is_out=True, kind=kind).order_by("pk")


@pytest.fixture
def task(platform, town):
    town.kind.needs_photo = False
    town.kind.save()
    return send(platform, dispatch()).case


def test_a_task_becomes_a_case_of_the_unit_it_names(platform, town):
    row = send(platform, dispatch())
    case = row.case
    assert (row.state, row.error) == ("done", "")
    assert (case.state, case.unit, case.kind, case.street) == (
        "assigned",
        town.units["cgj"],
        town.kind,
        town.street,
    )
    assert (case.lon, case.lat) == pytest.approx((113.0, 34.7601), abs=1e-6)
    report = case.reports.get()
    assert (report.channel, report.order_number) == ("szcg", "26112200007")
    assert report.text == "桥下顶灯不亮，<路口> & 桥洞"
    assert report.raw["pictures"] == ["http://media.invalid/a.jpg"] and report.raw["DealTimeLimit"] == "48"


def test_the_same_task_again_changes_nothing_however_it_is_wrapped(platform):
    from chuangwen.problems.exchanging.json_form import write_json
    from chuangwen.problems.exchanging.xml_form import wrap_call

    first = send(platform, dispatch())
    xml = write_xml(dispatch())
    for body in (xml, xml.replace("\n", "\r\n"), write_json(dispatch()), wrap_call(xml, "TaskDispatch")):
        assert receive(platform, body).pk == first.pk
    assert Case.objects.count() == 1 and ExchangeMessage.objects.count() == 1


def test_times_that_do_not_go_together_are_noted_and_taken(platform):
    row = send(platform, dispatch(FindTime="2014-07-21 09:07:50"))
    assert row.state == "done" and "FindTime–SendTime" in row.error
    assert row.case.reports.get().raw["odd"] == ["FindTime–SendTime"]


def test_unknown_codes_are_named_offered_and_played_again(platform, town):
    platform.kinds, platform.units = {}, {}
    platform.save()
    row = send(platform, dispatch())
    assert row.state == "failed" and "2/11/112" in row.error and Case.objects.count() == 0
    assert unknown_codes(platform) == {"kinds": ["2/11/112"], "units": ["1670"]}
    platform.kinds = {"2/11/112": "0301"}
    platform.save()
    row = play(row)
    assert row.state == "failed" and "1670" in row.error
    platform.units = {"1670": "jtj"}
    platform.save()
    assert play_all([row]) == (1, 0)
    row.refresh_from_db()
    assert (row.state, row.error, row.tries, row.case.unit) == ("done", "", 3, town.units["jtj"])
    assert play(row).tries == 3  # a done one is left alone


@pytest.mark.parametrize(
    ("more", "words"),
    [({"CoordinateX": "1", "CoordinateY": "2"}, "坐标"), ({"CoordinateX": "abc"}, "CoordinateX"),
     ({"CoordinateX": "300000", "CoordinateY": "4000000"}, "不在本市范围内"), ({"SendTime": "soon"}, "SendTime")],
)  # fmt: skip
def test_what_cannot_be_done_is_kept_with_its_sentence(platform, more, words):
    row = send(platform, dispatch(**more))
    assert row.state == "failed" and words in row.error and read_body(row.body).task == "26112200007"
    assert Case.objects.count() == 0


def test_what_cannot_be_read_is_kept_as_it_was(platform):
    row = receive(platform, "<Request>\0<")
    assert (row.state, row.kind, row.body) == ("failed", "", "<Request>\ufffd<") and row.error
    assert receive(platform, "<Request>\0<").pk == row.pk


def test_a_person_without_the_desk_leaves_the_case_to_it(platform, town):
    platform.person = town.people["inspector"]
    platform.save()
    assert send(platform, dispatch()).case.state == "reported"
    platform.person = town.people["nobody"]
    platform.save()
    row = send(platform, dispatch(TaskNum="2"))
    assert row.state == "failed" and "岗位" in row.error


def test_feedback_goes_out_with_the_answer(platform, town, task):
    CaseFlow.take(task, "answer", by=town.people["liaison"], given={"note": "灯已换好 <3>"})
    told = read_body(out("feedback").get().body)
    assert (told.task, told.get("FeedbackMemo"), told.get("FeedbackOpter")) == (
        "26112200007",
        "灯已换好 <3>",
        "1670",
    )
    assert dt.datetime.fromisoformat(told.get("FeedbackDate"))


def test_photos_of_the_fix_are_linked_and_open_to_the_partner_only(platform, town, task, make_picture):
    from django.core.files.uploadedfile import SimpleUploadedFile

    from chuangwen.problems.exchanging.giving import may_have_photo
    from chuangwen.problems.photos import add_photo

    photo = add_photo(
        task, SimpleUploadedFile("a.jpg", make_picture()), role="fixed", by=town.people["liaison"]
    )
    CaseFlow.take(task, "answer", by=town.people["liaison"], given={"note": "好了"})
    picture = read_body(out("feedback").get().body).pictures[0]
    assert picture.url == f"/exchange/szcg/photos/{photo.blob.sha256}"
    assert may_have_photo(platform, photo.blob.sha256)
    platform.pk, platform.code = None, "other"
    platform.save()
    assert not may_have_photo(platform, photo.blob.sha256)


def test_a_return_goes_out_and_the_task_may_come_anew(platform, town, task):
    CaseFlow.take(task, "return", by=town.people["liaison"], given={"reason": "不属于我部门"})
    told = read_body(out("return").get().body)
    assert (told.task, told.get("RollbackOpter"), told.get("RollbackMemo")) == (
        "26112200007",
        "1670",
        "不属于我部门",
    )
    row = send(platform, dispatch(SendTime="2026-11-21 08:00:00"))
    assert (row.state, row.case.pk, row.case.state) == ("done", task.pk, "assigned")
    again = send(platform, dispatch(SendTime="2026-11-21 09:00:00"))
    assert again.state == "failed" and task.number in again.error


def test_a_task_sent_anew_after_its_case_ended_is_a_new_case(platform, town, task):
    town.people["checker"]
    CaseFlow.take(task, "answer", by=town.people["liaison"], given={"note": "好"})
    CaseFlow.take(task, "pass", by=town.people["checker"])
    row = send(platform, dispatch(SendTime="2026-12-21 08:00:00"))
    assert row.state == "done" and row.case.pk != task.pk
    assert row.case.reports.get().order_number.startswith("26112200007-")


def test_delay_and_suspension_go_out(platform, town, task):
    CaseFlow.take(
        task,
        "ask_extension",
        by=town.people["liaison"],
        given={"amount": "2", "unit": "work_day", "reason": "等料"},
    )
    told = read_body(out("delay").get().body)
    assert (told.get("ApplyFlag"), told.get("ApplyMemo")) == ("1", "等料") and "2" in told.get(
        "ApplyDelayInfo"
    )
    until = dt.date.today() + dt.timedelta(days=30)
    CaseFlow.take(task, "hold", by=town.people["clerk"], given={"until": until, "reason": "等汛期过去"})
    told = read_body(out("suspend").get().body)
    assert (told.kind, told.get("ApplyFlag")) == ("suspend", "2")
    assert "等汛期过去" in told.get("ApplyMemo") and until.isoformat() in told.get("ApplyMemo")


def test_cases_of_others_tell_no_partner(platform, town):
    town.kind.needs_photo = False
    town.kind.save()
    case = confirm_case(
        take_report(Told(text="垃圾桶满溢", kind=town.kind, lon=113.0, lat=34.7601), by=None).case, by=town.people["clerk"]
    )
    CaseFlow.take(case, "answer", by=town.people["liaison"], given={"note": "好"})
    assert not ExchangeMessage.objects.exists()


@pytest.fixture
def given(platform, town):
    """A case of 城市管理局 given to the platform, whose person is a liaison there as well."""
    town.kind.needs_photo = False
    town.kind.save()
    Post.objects.create(
        person=town.people["dispatcher"], role="liaison", unit=town.units["cgj"], from_on=dt.date(2026, 1, 1)
    )
    told = Told(text="垃圾桶满溢", kind=town.kind, lon=113.0, lat=34.7601, contact="13800001111", address="人民路 1 号")
    case = confirm_case(take_report(told, by=None).case, by=town.people["clerk"])
    give_case(case, platform, by=town.people["clerk"])
    return case


def test_a_case_of_ours_is_given_without_its_reporter(platform, town, given):
    row = out("dispatch").get()
    task = read_body(row.body)
    assert (task.task, task.get("MainType"), task.get("DealUnit")) == (given.number, "11", "1670")
    assert float(task.get("CoordinateX")) == pytest.approx(
        683_000, abs=1500
    )  # 2° east of the meridian of zone 49
    assert "13800001111" not in row.body
    assert give_case(given, platform, by=town.people["clerk"]).pk == row.pk  # twice is once


def test_who_may_give_what(platform, town, given):
    with pytest.raises(NotAllowed):
        give_case(given, platform, by=town.people["liaison"])
    for wrong, words in (({"source": "covert"}, "暗访"), ({"state": "reported"}, "先派")):
        case = Case.objects.filter(pk=given.pk)
        before = case.values(*wrong).get()
        Case.objects.filter(pk=given.pk).update(**wrong)
        with pytest.raises(Refused, match=words):
            give_case(given, platform, by=town.people["clerk"])
        Case.objects.filter(pk=given.pk).update(**before)
    platform.kinds = {}
    platform.save()
    ExchangeMessage.objects.all().delete()
    with pytest.raises(Refused, match="暴露垃圾"):
        give_case(given, platform, by=town.people["clerk"])


def test_the_partner_answers_for_a_case_of_ours(platform, town, given):
    row = send(platform, compose("feedback", {"TaskNum": given.number, "FeedbackMemo": "已清走"}))
    given.refresh_from_db()
    assert (row.state, given.state) == ("done", "answered") and row.entry.given["note"] == "已清走"
    assert not out("feedback").exists()  # it is not told its own words


def test_the_partner_returns_and_asks_for_time(platform, town, given):
    row = send(
        platform,
        compose("delay", {"TaskNum": given.number, "ApplyDelayInfo": "2 工作日", "ApplyMemo": "等车"}),
    )
    given.refresh_from_db()
    assert (row.state, given.asked_extension) == ("done", "2 work_day")
    row = send(platform, compose("return", {"TaskNum": given.number, "RollbackMemo": "不归我"}))
    assert row.state == "failed" and "延期" in row.error
    CaseFlow.take(given, "rule_extension", by=town.people["clerk"], given={"granted": "no", "reason": "不急"})
    assert play(row).state == "done"
    given.refresh_from_db()
    assert given.state == "filed"


def test_a_wish_to_hold_waits_for_the_office(platform, town, given):
    message = compose("suspend", {"TaskNum": given.number, "ApplyMemo": "等拆迁"})
    row = send(platform, message)
    assert (row.state, row.error) == ("waiting", "等拆迁")
    assert Notice.objects.filter(person=town.people["clerk"], kind="hold").count() == 1
    send(platform, message)
    assert Notice.objects.filter(person=town.people["clerk"], kind="hold").count() == 1
    until = dt.date.today() + dt.timedelta(days=9)
    CaseFlow.take(given, "hold", by=town.people["clerk"], given={"until": until, "reason": "拆迁"})
    row.refresh_from_db()
    assert row.state == "done" and row.entry.step == "hold"


def test_the_office_may_say_no(platform, town, given):
    row = send(platform, compose("suspend", {"TaskNum": given.number, "ApplyMemo": "等拆迁"}))
    with pytest.raises(Refused):
        settle(row, " ", by=town.people["clerk"])
    with pytest.raises(NotAllowed):
        settle(row, "不行", by=town.people["liaison"])
    settle(row, "不行", by=town.people["clerk"])
    row.refresh_from_db()
    assert row.state == "done" and row.error.endswith("不行")


def test_an_answer_for_a_task_they_never_had(platform, town):
    case = take_report(Told(text="垃圾桶满溢", kind=town.kind, lon=113.0, lat=34.7601), by=None).case
    row = send(platform, compose("feedback", {"TaskNum": case.number, "FeedbackMemo": "好"}))
    assert row.state == "failed" and case.number in row.error


def test_setting_a_partner_up_is_on_record_and_shows_no_password(platform, town):
    from chuangwen.kernel.workflow.history import changes_of

    save_partner(platform, {"url": "https://a:secret@x.invalid/in", "projection": "4547"}, by=town.people["admin"])
    entry = changes_of(platform)[0]
    assert entry.given == {"url": ["", "https://x.invalid/in"], "projection": ["32649", "4547"]}
    for given, words in (({"projection": "2433"}, "2433"), ({"url": "ftp://x.invalid"}, "http")):
        with pytest.raises(Refused, match=words):
            save_partner(platform, given, by=town.people["office"])
    with pytest.raises(NotAllowed):
        save_partner(platform, {"name": "x"}, by=town.people["dispatcher"])


def test_mapping_a_code(platform, town):
    map_code(platform, "kinds", "1/1", "0701", by=town.people["clerk"])
    platform.refresh_from_db()
    assert platform.kinds == {"2/11": "0301", "1/1": "0701"}
    map_code(platform, "kinds", "2/11", "", by=town.people["clerk"])
    platform.refresh_from_db()
    assert platform.kinds == {"1/1": "0701"}
    for what, theirs, ours in (("kinds", "9", "none"), ("units", "", "cgj"), ("person", "1", "cgj"), ("units", "9" * 61, "cgj")):
        with pytest.raises(Refused):
            map_code(platform, what, theirs, ours, by=town.people["clerk"])
    with pytest.raises(NotAllowed):
        map_code(platform, "units", "9", "cgj", by=town.people["liaison"])
