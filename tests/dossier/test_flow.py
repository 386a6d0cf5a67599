"""An item from asking to the dossier: levels, returns, versions, who holds it, clocks, and the same thing asked once."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.utils import timezone

from chuangwen.dossier import queries, rules
from chuangwen.dossier.actions import (
    ask_item,
    end_use,
    open_items,
    remove_document,
    restore_document,
    write_report,
)
from chuangwen.dossier.flow import ItemFlow
from chuangwen.dossier.forms import mark_of
from chuangwen.dossier.models import Document, Item, Use, Version
from chuangwen.kernel.city import forget
from chuangwen.kernel.models import City, Clock, Demand, Entry, Notice
from chuangwen.kernel.workflow import history
from chuangwen.kernel.workflow.flow import BadInput, NotAllowed, Refused
from tests.dossier.conftest import pdf


def take(item, code, by, **given):
    return ItemFlow.take(item, code, by=by, given=given).matter


def levels(*names):
    City.objects.update(settings={"dossier_levels": list(names)})
    forget()


def test_each_unit_is_asked_once_for_the_same_thing(asked):
    opened = asked.opened
    assert {item.material for item in opened.made} == {asked.doc, asked.photo, asked.report}
    assert [(one.material, one.item.material) for one in opened.served] == [(asked.same, asked.doc)]
    assert opened.without_unit == [asked.orphan]
    assert Demand.objects.filter(kind="paper").count() == 3
    assert Notice.objects.filter(unit=asked.units["cgj"], kind="material").count() == 2

    again = open_items(asked.edition, 2026, by=asked.people["clerk"])
    assert again.made == []
    assert {one.material for one in again.known} == {asked.doc, asked.photo, asked.report, asked.same}
    assert Demand.objects.count() == 3
    with pytest.raises(Refused, match=r"已经要过：城市管理局.*第 \d+ 号"):
        ask_item(asked.same, 2026, by=asked.people["office"])
    with pytest.raises(Refused, match="主责单位"):
        ask_item(asked.orphan, 2026, by=asked.people["office"])
    assert (
        ask_item(asked.orphan, 2026, by=asked.people["office"], unit=asked.units["xhl"]).unit
        == asked.units["xhl"]
    )
    with pytest.raises(NotAllowed):
        open_items(asked.edition, 2027, by=asked.people["liaison"])


def test_up_the_levels_into_the_dossier(asked, add):
    people, item = asked.people, asked.items["doc"]
    add("doc")
    write_report(item, "今年出台方案。", by=people["liaison"])
    assert queries.holder(item) == "城市管理局"
    item = take(item, "send_up", people["liaison"])
    assert (item.state, item.version, item.sent_by) == ("unit_check", 1, people["liaison"])
    assert Notice.objects.get(kind="to_check").role == "head"
    with pytest.raises(NotAllowed):
        take(item, "pass_unit", people["liaison"])
    item = take(item, "pass_unit", people["head"])
    assert (item.state, queries.holder(item)) == ("office_check", "创建办")
    item = take(item, "accept", people["clerk"])
    assert item.state == "accepted"
    assert item.next_due_at is None and not Clock.objects.filter(subject_id=item.pk, stopped_at=None).exists()
    version = Version.objects.get()
    blob = Document.objects.get().evidence.blob
    assert (version.report, version.documents[0]["sha256"]) == ("今年出台方案。", blob.sha256)
    assert list(history.verify()) == []


def test_final_level_when_the_city_uses_it(asked, add):
    levels("unit", "office", "final")
    people, item = asked.people, asked.items["doc"]
    add("doc")
    item = take(item, "send_up", people["liaison"])
    item = take(item, "pass_unit", people["head"])
    with pytest.raises(Refused, match="终审"):
        take(item, "accept", people["clerk"])
    item = take(item, "pass_office", people["clerk"])
    with pytest.raises(NotAllowed):
        take(item, "accept_final", people["clerk"])
    assert take(item, "accept_final", people["office"]).state == "accepted"


@pytest.mark.parametrize("chosen", [("office",), (), ("unit",)])
def test_the_office_always_accepts(asked, add, chosen):
    levels(*chosen)
    add("doc")
    item = take(asked.items["doc"], "send_up", asked.people["liaison"])
    assert item.state == ("unit_check" if "unit" in chosen else "office_check")
    if "unit" in chosen:
        item = take(item, "pass_unit", asked.people["head"])
    assert take(item, "accept", asked.people["office"]).state == "accepted"


def test_return_mend_and_send_again_keeps_both_versions(asked, add):
    people, item = asked.people, asked.items["doc"]
    add("doc")
    write_report(item, "初稿。", by=people["liaison"])
    item = take(item, "send_up", people["liaison"])
    with pytest.raises(BadInput, match="写明理由"):
        take(item, "return_unit", people["head"])
    item = take(item, "return_unit", people["head"], reason="缺成效")
    assert (item.state, Clock.objects.filter(subject_id=item.pk, name="send").count()) == ("draft", 2)
    assert "材料退回" in Notice.objects.get(kind="return_unit").text
    write_report(item, "二稿，写了成效。", by=people["liaison"])
    item = take(item, "send_up", people["liaison"])
    assert [(v.no, v.report) for v in Version.objects.order_by("no")] == [
        (1, "初稿。"),
        (2, "二稿，写了成效。"),
    ]
    assert take(item, "return_unit", people["head"], reason="再看").state == "draft"


def test_withdrawn_by_the_sender_until_somebody_looked(asked, add):
    people, item = asked.people, asked.items["doc"]
    add("doc")
    item = take(item, "send_up", people["liaison"])
    with pytest.raises(NotAllowed):
        take(item, "withdraw", people["head"])  # of the unit, but did not send it
    item = take(item, "withdraw", people["liaison"])
    assert item.state == "draft"
    item = take(item, "send_up", people["liaison"])
    take(item, "look", people["head"])
    with pytest.raises(Refused, match="已经打开看了"):
        take(item, "withdraw", people["liaison"])


def test_reopened_and_not_needed(asked, add):
    people, item = asked.people, asked.items["doc"]
    add("doc")
    for code, who in (("send_up", "liaison"), ("pass_unit", "head"), ("accept", "clerk")):
        item = take(item, code, people[who])
    with pytest.raises(Refused):
        take(item, "void", people["office"], reason="不要了")
    item = take(item, "reopen", people["clerk"], reason="省里换了要求")
    item = take(item, "send_up", people["liaison"])
    assert item.version == 2
    item = take(item, "void", people["office"], reason="不再测评")
    assert (item.state, item.next_due_at) == ("void", None)
    assert queries.material_states(asked.edition, 2026)[asked.doc.pk] == "none"


def test_clock_runs_to_the_due_day_and_to_the_limit_for_mending_after_it(asked):
    item = asked.items["doc"]
    today = timezone.localdate()
    days = (asked.doc.due_on - today).days
    clock = Clock.objects.get(subject="dossier.item", subject_id=item.pk)
    if days >= 1:
        assert timezone.localtime(clock.due_at).date() >= asked.doc.due_on
    late = ask_item(
        asked.orphan,
        2026,
        by=asked.people["clerk"],
        unit=asked.units["cgj"],
        due_on=today - dt.timedelta(days=3),
    )
    assert not Clock.objects.filter(subject_id=late.pk, name="send", unit="calendar_day").exists()
    item.version, item.due_on = 1, today - dt.timedelta(days=1)
    from chuangwen.dossier.steps import limit_of_send

    assert (limit_of_send(item).amount, limit_of_send(item).unit.value) == (3, "work_day")


def test_sending_the_same_form_twice_makes_one_version(asked, add):
    uid, people = uuid.uuid4(), asked.people
    add("doc")
    ItemFlow.take(asked.items["doc"], "send_up", by=people["liaison"], uid=uid)
    again = ItemFlow.take(asked.items["doc"], "send_up", by=people["liaison"], uid=uid)
    assert again.repeated and Version.objects.count() == 1


def test_writing_over_somebody_else_is_noticed(asked):
    people, item = asked.people, asked.items["report"]
    seen = mark_of("")
    write_report(item, "联络员写的。", by=people["liaison2"], seen=seen)
    with pytest.raises(BadInput, match="别人刚改过"):
        write_report(item, "负责人写的。", by=people["head2"], seen=seen)
    write_report(item, "负责人写的。", by=people["head2"], seen=mark_of("联络员写的。"))
    write_report(item, "负责人写的。", by=people["head2"])
    assert Item.objects.get(pk=item.pk).report == "负责人写的。"
    assert Entry.objects.filter(step="write").count() == 2
    assert "写的" not in str(Entry.objects.filter(step="write").values_list("given", flat=True))


def test_evidence_is_added_once_taken_out_and_put_back(asked, add):
    uid, by = uuid.uuid4(), asked.people["liaison"]
    first = add("doc", uid=uid)
    assert add("doc", pdf("another"), uid=uid) == first
    assert Document.objects.count() == 1
    remove_document(first, by=by)
    remove_document(first, by=by)
    assert not Document.objects.filter(removed_at=None).exists()
    assert restore_document(first, by=by).removed_at is None
    assert [e.step for e in Entry.objects.filter(subject="dossier.item", subject_id=asked.items["doc"].pk).order_by("seq")] == [
        "open", "attach", "detach", "put_back",
    ]  # fmt: skip
    with pytest.raises(NotAllowed):
        add("doc", by=asked.people["liaison2"])
    with pytest.raises(NotAllowed):
        remove_document(first, by=asked.people["clerk"])
    take(asked.items["doc"], "send_up", by)
    with pytest.raises(Refused):
        remove_document(first, by=by)


def test_one_item_serves_another_standard_and_stops(asked, add):
    people, item = asked.people, asked.items["doc"]
    assert queries.serves(item) == [asked.same]
    with pytest.raises(BadInput, match="没有这个材料编号"):
        take(item, "serve", people["clerk"], material="M77")
    with pytest.raises(BadInput, match="已经由"):
        take(item, "serve", people["clerk"], material="M2")
    take(item, "serve", people["clerk"], material="1-3 M9")
    assert queries.serves(item) == [asked.same, asked.orphan]
    with pytest.raises(Refused, match="已经要过"):
        ask_item(asked.orphan, 2026, by=people["office"], unit=asked.units["xhl"])
    assert asked.orphan in {one.material for one in open_items(asked.edition, 2026, by=people["clerk"]).known}
    end_use(item, asked.orphan, by=people["clerk"])
    assert not Use.objects.exists()
    with pytest.raises(Refused, match="没有共用"):
        end_use(item, asked.orphan, by=people["clerk"])


def test_states_of_materials_and_completeness(asked, add, django_assert_num_queries):
    people = asked.people
    add("doc")
    item = take(asked.items["doc"], "send_up", people["liaison"])
    take(item, "serve", people["clerk"], material="1-3 M9")
    with django_assert_num_queries(3):
        states = queries.material_states(asked.edition, 2026)
    review = {asked.doc.pk: "under_review", asked.same.pk: "under_review", asked.orphan.pk: "under_review"}
    assert states == {**review, asked.photo.pk: "draft", asked.report.pk: "draft"}
    assert set(queries.material_states(asked.edition, 2027).values()) == {"none"}
    with django_assert_num_queries(6):
        found = queries.completeness(asked.edition, 2026)
    assert (found.whole.total, found.whole.under_review, found.whole.draft) == (5, 3, 2)
    assert {str(line.unit): line.count.total for line in found.units} == {
        "城市管理局": 2,
        "交通运输局": 2,
        "None": 1,
    }
    assert [line.node.code for line in found.standards] == ["1-1", "1-2", "1-3"]
    one = queries.completeness(asked.edition, 2027, units=[asked.units["jtj"].pk])
    assert (one.whole.none, one.standards[0].lacking) == (2, [asked.report, asked.same])


def test_roots_of_same_materials_end_even_in_a_loop():
    assert queries.roots_of([(1, None), (2, 1), (3, 2), (4, 5), (5, 4), (6, 99)]) == {
        1: 1,
        2: 1,
        3: 1,
        4: 4,
        5: 4,
        6: 6,
    }


def test_who_sees_an_item(asked):
    sees = {
        name for name, person in asked.people.items() if rules.see_item.allows(person, asked.items["doc"])
    }
    assert sees == {"office", "clerk", "leader", "auditor", "head", "liaison"}
    for name, person in asked.people.items():
        assert queries.items(person).filter(pk=asked.items["doc"].pk).exists() == (name in sees)
    assert [i.material for i in queries.due_items(asked.people["liaison2"])] == [asked.report]
