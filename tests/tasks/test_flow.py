"""A task from draft to done and every side way, its clock, and two units at the same moment."""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from decimal import Decimal

import pytest
from django.db import connection

from chuangwen.kernel.evidence import store
from chuangwen.kernel.models import Clock, Demand, Entry, Notice, Post
from chuangwen.kernel.workflow import history
from chuangwen.kernel.workflow.flow import BadInput, NotAllowed, Refused
from chuangwen.tasks import steps
from chuangwen.tasks.actions import claim_task, make_task, remind_tasks, report_progress, revise_task
from chuangwen.tasks.flow import TaskFlow
from chuangwen.tasks.models import State, Task

# Monday 2026-11-16, 09:00 in China.
MONDAY = dt.datetime(2026, 11, 16, 1, 0, tzinfo=dt.UTC)
DUE = dt.date(2026, 11, 26)


def days(n):
    return MONDAY + dt.timedelta(days=n)


def draft(town, **more):
    given = {"kind": "activity", "title": "文明交通宣传", "due_on": DUE, "at": MONDAY, **more}
    return make_task(by=town.people["office"], **given)


def take(task, code, person, at=MONDAY, **given):
    return TaskFlow.take(task, code, by=person, given=given, at=at).matter


def doing(town, **more):
    return take(draft(town, **{"unit": town.units["cgj"], **more}), "publish", town.people["office"])


def with_proof(task, town, make_picture, at=MONDAY, shade=90):
    given = {"percent": 60, "note": "办了两场"}
    return report_progress(task, given, by=town.people["liaison"], photo=make_picture(shade), at=at)


def submitted(town, make_picture):
    task = with_proof(doing(town), town, make_picture)
    return take(task, "submit", town.people["liaison"], at=days(2), note="两场都办了")


def test_open_task_is_claimed_worked_on_and_accepted(town, make_picture):
    people = town.people
    task = take(draft(town), "publish", people["office"])
    assert (task.state, task.unit, task.number) == ("open", None, "SL-RW-2026-0001")
    # The date is the last second of that day in China.
    assert task.next_due_at == dt.datetime(2026, 11, 26, 15, 59, 59, tzinfo=dt.UTC)

    task = take(task, "claim", people["liaison"], at=days(1))
    assert (task.state, task.unit) == ("doing", town.units["cgj"])
    task = with_proof(task, town, make_picture, at=days(2))
    assert task.progress == 60
    task = take(task, "submit", people["head"], at=days(3), note="办完")
    assert (task.state, task.progress) == ("submitted", 100)
    task = take(task, "accept", people["clerk"], at=days(4))

    assert task.state == "done"
    found = [e.step for e in history.history_of(task)]
    assert found == ["make", "publish", "claim", "report_progress", "submit", "accept"]
    assert not Clock.objects.filter(stopped_at__isnull=True).exists()
    assert list(history.verify(task.subject, task.pk)) == []


def test_a_task_with_a_unit_goes_to_it_at_once(town):
    task = doing(town)
    assert task.state == "doing"
    assert Notice.objects.get(kind="given").unit == town.units["cgj"]
    assert Demand.objects.get().kind == "task"


def test_who_may_take_which_step_in_which_state(town, make_picture):
    """The offers of each post in each state, written by hand from the issue."""
    people = town.people
    at_unit = doing(town)
    rows = {
        "draft": draft(town), "open": take(draft(town), "publish", people["office"]), "doing": at_unit,
        "submitted": submitted(town, make_picture),
        "done": take(submitted(town, make_picture), "accept", people["office"], at=days(3)),
    }  # fmt: skip
    wanted = {
        ("draft", "office"): {"publish", "give", "drop"}, ("draft", "clerk"): set(), ("draft", "liaison"): set(),
        ("open", "office"): {"give", "postpone", "drop"}, ("open", "liaison2"): {"claim"}, ("open", "inspector"): set(),
        ("doing", "office"): {"rule_postponement", "postpone", "reassign", "urge", "drop"}, ("doing", "clerk"): {"urge"},
        ("doing", "liaison"): {"report_progress", "submit", "ask_postponement"}, ("doing", "liaison2"): set(),
        ("submitted", "office"): {"accept", "return", "drop"}, ("submitted", "clerk"): {"accept", "return"},
        ("submitted", "liaison"): set(), ("done", "office"): set(), ("done", "leader"): set(),
    }  # fmt: skip
    got = {
        (state, post): {offer.step.code for offer in TaskFlow.offers(rows[state], people[post])}
        for state, post in wanted
    }
    assert got == wanted


def test_steps_out_of_turn_are_refused(town):
    task = draft(town)
    with pytest.raises(Refused, match="只在推进时可办"):
        take(task, "submit", town.people["liaison"], note="x")
    with pytest.raises(NotAllowed):
        take(task, "publish", town.people["liaison"])
    assert Task.objects.get().state == "draft"


def test_a_project_needs_its_budget_and_no_photo(town):
    office, liaison = town.people["office"], town.people["liaison"]
    task = draft(town, kind="project", unit=town.units["cgj"])
    with pytest.raises(Refused, match="还没有填投资"):
        take(task, "publish", office)
    revise_task(task, {"budget": Decimal("1200000")}, by=office, at=MONDAY)
    task = take(task, "publish", office)
    given = {"percent": 40, "note": "基础完工", "spent": "500000"}
    task = report_progress(task, given, by=liaison, at=days(1))
    assert (task.spent, task.progress) == (Decimal("500000"), 40)
    assert take(task, "submit", liaison, at=days(2), note="完工").state == "submitted"


@pytest.mark.parametrize("kind", ["activity", "document"])
def test_activity_and_document_need_proof(town, make_picture, kind):
    task = doing(town, kind=kind)
    with pytest.raises(Refused, match="传一张"):
        take(task, "submit", town.people["liaison"], note="完成")
    task = with_proof(task, town, make_picture)
    assert take(task, "submit", town.people["liaison"], note="完成").state == "submitted"
    assert Entry.objects.get(step="submit").given["photos"] == [store.read(make_picture(90))[0].sha256]


def test_only_projects_take_money(town):
    with pytest.raises(BadInput, match="只有项目填投资"):
        report_progress(doing(town), {"percent": 10, "note": "x", "spent": "5"}, by=town.people["liaison"])


def test_a_bad_photo_leaves_no_progress(town):
    from chuangwen.kernel.evidence.images import BadPicture

    task = doing(town)
    with pytest.raises(BadPicture):
        report_progress(task, {"percent": 10, "note": "x"}, by=town.people["liaison"], photo=b"no picture")
    assert Task.objects.get().progress == 0


def test_progress_sent_twice_is_one(town, make_picture):
    uid, task = uuid.uuid4(), doing(town)
    for _time in range(2):
        report_progress(
            task, {"percent": 30, "note": "一半"}, by=town.people["liaison"], photo=make_picture(), uid=uid
        )
    assert Entry.objects.filter(step="report_progress").count() == 1
    assert steps.proofs(task).count() == 1


def test_submit_sent_twice_is_one(town):
    uid, task = uuid.uuid4(), doing(town, kind="project", budget=Decimal(1))
    taken = [
        TaskFlow.take(task, "submit", by=town.people["liaison"], given={"note": "完工"}, at=days(1), uid=uid)
        for _time in range(2)
    ]
    assert [t.repeated for t in taken] == [False, True]
    assert Entry.objects.filter(step="submit").count() == 1


def test_returned_work_has_a_clock_again(town, make_picture):
    clerk = town.people["clerk"]
    task = take(submitted(town, make_picture), "return", clerk, at=days(3), reason="缺现场照片")
    assert (task.state, task.due_on) == ("doing", DUE)
    assert task.next_due_at == dt.datetime(2026, 11, 26, 15, 59, 59, tzinfo=dt.UTC)
    assert Notice.objects.get(kind="return").unit == town.units["cgj"]


def test_returned_after_the_date_needs_a_new_one(town, make_picture):
    clerk = town.people["clerk"]
    task = submitted(town, make_picture)
    with pytest.raises(BadInput, match="给一个新期限"):
        take(task, "return", clerk, at=days(12), reason="缺照片")
    task = take(task, "return", clerk, at=days(12), reason="缺照片", due_on="2026-12-05")
    assert task.due_on == dt.date(2026, 12, 5)
    assert not task.is_late(days(13))


def test_late_is_computed_and_handed_in_is_not_late(town, make_picture):
    task = doing(town)
    assert not task.is_late(days(10))
    assert task.is_late(days(11))
    assert not submitted(town, make_picture).is_late(days(30))


def test_postponement_is_asked_and_ruled(town):
    office, liaison = town.people["office"], town.people["liaison"]
    task = take(doing(town), "ask_postponement", liaison, due_on="2026-12-10", reason="等设备")
    assert task.due_on == DUE
    with pytest.raises(Refused, match="先等结果"):
        take(task, "ask_postponement", liaison, due_on="2026-12-12", reason="再等")
    no = take(task, "rule_postponement", office, at=days(1), granted="no", reason="设备已到")
    assert (no.due_on, no.asked_due_on) == (DUE, None)
    task = take(no, "ask_postponement", liaison, at=days(2), due_on="2026-12-10", reason="等验收")
    task = take(task, "rule_postponement", office, at=days(3), granted="yes", reason="同意")
    assert task.due_on == dt.date(2026, 12, 10)
    assert task.next_due_at == dt.datetime(2026, 12, 10, 15, 59, 59, tzinfo=dt.UTC)
    assert Clock.objects.get().due_at == task.next_due_at


def test_a_date_is_not_postponed_into_the_past(town):
    with pytest.raises(BadInput, match="期限要晚于今天"):
        take(doing(town), "postpone", town.people["office"], due_on="2026-11-16", reason="提前")


def test_reassigned_task_leaves_the_first_unit(town):
    task = take(doing(town), "reassign", town.people["office"], unit=town.units["jtj"].pk, reason="职能调整")
    assert (task.state, task.unit) == ("doing", town.units["jtj"])
    with pytest.raises(BadInput, match="已经在这个单位"):
        take(task, "reassign", town.people["office"], unit=town.units["jtj"].pk, reason="再派")


def test_urged_once_a_day(town):
    task = doing(town)
    take(task, "urge", town.people["clerk"], at=days(1))
    with pytest.raises(Refused, match="今天已催过"):
        take(task, "urge", town.people["clerk"], at=days(1.2))
    assert take(task, "urge", town.people["clerk"], at=days(2.1)).state == "doing"


def test_the_second_unit_is_told_who_was_first(town):
    task = take(draft(town), "publish", town.people["office"])
    claim_task(task, None, by=town.people["liaison"], at=MONDAY)
    with pytest.raises(Refused, match="城市管理局已经认领了这项任务"):
        claim_task(task, None, by=town.people["liaison2"], at=MONDAY)
    assert Task.objects.get().unit == town.units["cgj"]


def test_what_is_late_is_not_claimed(town):
    task = take(draft(town), "publish", town.people["office"])
    with pytest.raises(Refused, match="期限 2026-11-26 已过"):
        claim_task(task, None, by=town.people["liaison"], at=days(11))
    later = take(
        task, "postpone", town.people["office"], at=days(11), due_on="2026-12-31", reason="没有单位认领"
    )
    assert claim_task(later, None, by=town.people["liaison"], at=days(11)).state == "doing"


def test_one_claims_for_his_own_units_only(town):
    task = take(draft(town), "publish", town.people["office"])
    with pytest.raises(BadInput, match="只能用你任职的单位认领"):
        claim_task(task, town.units["jtj"], by=town.people["liaison"], at=MONDAY)
    Post.objects.create(
        person=town.people["liaison"], role="liaison", unit=town.units["jtj"], from_on=MONDAY.date()
    )
    del town.people["liaison"]._standing
    with pytest.raises(BadInput, match="选用哪一个"):
        claim_task(task, None, by=town.people["liaison"], at=MONDAY)
    assert claim_task(task, town.units["jtj"], by=town.people["liaison"], at=MONDAY).unit == town.units["jtj"]


def test_revising_keeps_unit_and_date_of_a_published_task(town):
    task = doing(town)
    values = {"title": "文明交通宣传周", "unit": town.units["jtj"], "due_on": dt.date(2027, 1, 1)}
    task = revise_task(task, values, by=town.people["office"], at=days(1))
    assert (task.title, task.unit, task.due_on) == ("文明交通宣传周", town.units["cgj"], DUE)
    assert Entry.objects.get(step="revise").given == {
        "changes": {"title": ["文明交通宣传", "文明交通宣传周"]}
    }
    revise_task(task, values, by=town.people["office"], at=days(1))
    assert Entry.objects.filter(step="revise").count() == 1


def test_reminders_come_before_and_after_the_date_once_each(town):
    doing(town)
    sent = [remind_tasks(days(n)) for n in (1, 7, 7.1, 9, 11, 12)]
    assert sent == [0, 1, 0, 0, 1, 0]
    assert [n.role for n in Notice.objects.filter(kind="remind").order_by("pk")] == ["liaison", "head"]


@pytest.mark.django_db(transaction=True)
def test_two_units_claim_at_the_same_moment(town):
    task = take(draft(town), "publish", town.people["office"])
    gate, results = threading.Barrier(2), []

    def run(person):
        gate.wait()
        try:
            results.append(claim_task(task, None, by=person, at=MONDAY).unit.code)
        except Refused as fault:
            results.append(str(fault))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(town.people[p],)) for p in ("liaison", "liaison2")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    won = Task.objects.select_related("unit").get()
    assert sorted(results) == sorted([won.unit.code, f"{won.unit}已经认领了这项任务。"])
    assert Entry.objects.filter(step="claim").count() == 1
    assert State(won.state) is State.DOING
