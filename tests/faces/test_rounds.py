"""考察 at the desk and on the phone: from a new round to its release through the pages a person uses."""

from __future__ import annotations

import re
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from chuangwen.inspections.checklist import checklist
from chuangwen.inspections.models import Observation, Round, Visit
from chuangwen.problems.models import Case
from tests.inspections.conftest import ground, planned, running, send

__all__ = ["ground", "planned", "running", "send"]
pytestmark = pytest.mark.django_db


def as_(person):
    client = Client()
    client.force_login(person)
    return client


def visit_of(row, rater=None, **more):
    rows = Visit.objects.filter(round=row, **more).select_related("place", "round", "team")
    return (rows.filter(team__members=rater) if rater else rows).order_by("pk").first()


PLAN = {
    "kind": "mock",
    "name": "第四十七周模拟",
    "how": "total",
    "size": "6",
    "site_types": ["farm_market", "square"],
}


def test_a_round_is_planned_teamed_drawn_started_and_ended_at_the_desk(ground):
    office, today = as_(ground.people["office"]), timezone.localdate()
    plan = {**PLAN, "from_on": today, "to_on": today, "uid": uuid.uuid4()}
    counted = office.post("/rounds/new/", {**plan, "do": "count"}).content.decode()
    assert "会抽 6 处" in counted and "农贸市场" in counted and Round.objects.count() == 0
    assert office.post("/rounds/new/", plan).status_code == 302
    assert office.post("/rounds/new/", plan).status_code == 302  # sent twice
    row = Round.objects.get()
    page = f"/rounds/{row.number}/"
    assert "还没有编组" in office.get(page).content.decode()
    for i in (0, 1):
        given = {"name": f"第{i}组", "members": [ground.raters[i].pk], "start": ""}
        assert office.post(f"{page}teams/", given).status_code == 302
    assert "已有叫" in office.post(f"{page}teams/", given).content.decode()
    assert office.post(f"{page}draw/", {"seed": "abc"}).status_code == 302
    row.refresh_from_db()
    shown = office.get(page).content.decode()
    assert row.draw_hash in shown and "重抽" in shown
    assert "一致。" in office.get(page, {"hash": row.draw_hash}).content.decode()
    assert "不一致" in office.get(page, {"hash": "0" * 64}).content.decode()
    assert row.draw_hash in office.get(f"{page}print/").content.decode()
    assert office.post(f"{page}steps/start/").status_code == 302
    assert office.post(f"{page}steps/end/").status_code == 409  # nothing was recorded
    assert office.post(f"{page}steps/visit/").status_code == 404  # no button
    assert as_(ground.people["liaison"]).get(page).status_code == 404


def test_a_covert_round_is_secret_unless_said_otherwise(ground):
    office, today = as_(ground.people["office"]), timezone.localdate()
    plan = {**PLAN, "from_on": today, "to_on": today}
    for kind, secrecy in (("covert", ""), ("covert", "no"), ("mock", ""), ("mock", "yes")):
        assert (
            office.post(
                "/rounds/new/", {**plan, "kind": kind, "secrecy": secrecy, "uid": uuid.uuid4()}
            ).status_code
            == 302
        )
    assert list(Round.objects.order_by("pk").values_list("is_secret", flat=True)) == [
        True,
        False,
        False,
        True,
    ]
    refused = office.post("/rounds/new/", {**plan, "kind": "tour", "secrecy": "yes"})
    assert refused.status_code == 422 and "只有暗访和模拟测评可以保密" in refused.content.decode()


def test_a_draw_too_large_is_named_stratum_by_stratum_on_the_page(ground, planned):
    row = planned(sizes={"farm_market": 40, "square": 30})
    answer = as_(ground.people["office"]).post(f"/rounds/{row.number}/draw/", {"seed": "a"})
    text = answer.content.decode()
    assert answer.status_code == 409 and text.count("名录中只有") == 2
    assert Visit.objects.count() == 0


def test_the_phone_sends_a_checklist_once(ground, running, make_picture):
    row, rater = running(), ground.raters[0]
    phone, visit = as_(rater), visit_of(row, rater)
    listed = phone.get("/rounds/today/").content.decode()
    assert str(visit.place) in listed and "3 项" in listed
    page = f"/visits/{visit.uid}/"
    shown = phone.get(page)
    assert "no-store" in shown["Cache-Control"]
    uid = re.search(r'name="uid" value="([^"]+)"', shown.content.decode()).group(1)
    items = {item.code.split("-")[1]: item for item in checklist(visit)}
    given = {
        "uid": uid, "rest": "1", f"r{items['points'].pk}": "0", f"c{items['points'].pk}": "2", f"n{items['points'].pk}": "两处积水",
        f"p{items['points'].pk}": SimpleUploadedFile("a.jpg", make_picture(77), "image/jpeg"),
    }  # fmt: skip
    assert phone.post(page, given).status_code == 302
    given.pop(f"p{items['points'].pk}")
    assert phone.post(page, given).status_code == 302  # the answer was lost, the phone sends again
    assert Observation.objects.filter(visit=visit).count() == 3 and Case.objects.count() == 1
    done = phone.get(page).content.decode()
    assert "两处积水" in done and Case.objects.get().number in done
    thumb = re.search(r'src="(/evidence/\d+/thumb/)"', done).group(1)
    assert b"".join(phone.get(thumb).streaming_content)[:2] == b"\xff\xd8"
    assert as_(ground.people["liaison"]).get(thumb).status_code == 404


def test_what_is_missing_is_said_in_place_and_nothing_is_kept(ground, running):
    row, rater = running(), ground.raters[0]
    phone, visit = as_(rater), visit_of(row, rater)
    first = next(item for item in checklist(visit) if item.grading.way == "pass_fail")
    page = f"/visits/{visit.uid}/"
    answer = phone.post(page, {"uid": uuid.uuid4(), f"r{first.pk}": "1"})
    assert answer.status_code == 422 and answer.content.decode().count("还没有答") == 2
    assert "checked" in answer.content.decode()
    part = phone.post(page, {"uid": uuid.uuid4(), f"r{first.pk}": "1"}, headers={"HX-Request": "true"})
    assert part.status_code == 422 and "<html" not in part.content.decode()
    assert Observation.objects.count() == 0
    assert phone.post(f"{page}skip/", {"why": "", "uid": uuid.uuid4()}).status_code == 409
    assert phone.post(f"{page}skip/", {"why": "闭店", "uid": uuid.uuid4()}).status_code == 302
    assert visit_of(row, rater, state="skipped").why == "闭店"


def test_a_rater_sees_no_sums_and_no_other_ratings_before_the_end(ground, running, send):
    """A rater whose post oversees nothing: an inspector taken along."""
    from chuangwen.inspections.actions import set_team

    row = running()
    assert row.state == "running"
    other = running(kind="covert", seed="x")
    send(visit_of(other, ground.raters[0]), {"pass": 0})
    page = as_(ground.raters[1]).get(f"/rounds/{other.number}/").content.decode()
    assert "结束前不看汇总" in page and "按镇街" not in page
    seen = (
        as_(ground.raters[1])
        .get(f"/visits/{visit_of(other, ground.raters[0], state='done').uid}/")
        .content.decode()
    )
    assert "结果还没有公布" in seen and "不达标" not in seen
    assert set_team is not None


def test_a_table_is_taken_whole_or_every_bad_row_is_named(ground, running):
    row, office = running(), as_(ground.people["office"])
    visit = visit_of(row, site_type=ground.market)
    page = f"/rounds/{row.number}/import/"
    head = "点位编码,检查项编号,日期,结果,计数,分档,说明\n"
    day = timezone.localdate()
    bad = head + "\n".join([
        f"NOPE,m-pass,{day},达标,,,", f"{visit.place.code},s-pass,{day},达标,,,", f"{visit.place.code},m-points,{day},不达标,-4,,",
        f"{visit.place.code},m-pass,2020-01-01,达标,,,", f"{visit.place.code},m-bands,{day},,,Q,", f"{visit.place.code},m-bands,{day},,,A,",
    ])  # fmt: skip
    text = office.post(page, {"file": SimpleUploadedFile("a.csv", bad.encode())})
    assert text.status_code == 422
    said = text.content.decode()
    for words in ("没有编码为“NOPE”", "“s-pass”不是这类", "-4", "2020-01-01", "没有“Q”", "和第 6 行重复"):
        assert words in said, words
    assert Observation.objects.count() == 0
    good = head + "\n".join([
        f"{visit.place.code},m-pass,{day},达标,,,", f"{visit.place.code},m-points,{day},,1,,有积水",
        f"{visit.place.code},m-bands,{day},,,B,",
    ])  # fmt: skip
    assert (
        "收下 3 行，1 处"
        in office.post(page, {"file": SimpleUploadedFile("a.csv", good.encode())}).content.decode()
    )
    office.post(page, {"file": SimpleUploadedFile("a.csv", good.encode())})
    assert Observation.objects.count() == 3 and Case.objects.count() == 2
    exported = b"".join(office.get(f"/rounds/{row.number}/export.csv").streaming_content).decode("utf-8-sig")
    assert "有积水" in exported and exported.count("\n") == 4


def test_opinions_are_asked_of_a_unit_and_answered(ground, running):
    row, office = running(kind="deputies", places=["M03"], site_types=[]), as_(ground.people["office"])
    given = {
        "giver": "人大代表",
        "text": "门口拥堵",
        "unit": ground.town.units["cgj"].pk,
        "uid": uuid.uuid4(),
    }
    assert office.post(f"/rounds/{row.number}/opinions/", given).status_code == 302
    liaison = as_(ground.people["liaison"])
    shown = liaison.get("/rounds/opinions/").content.decode()
    assert "门口拥堵" in shown
    assert "代表委员视察提到你单位" in liaison.get("/notices/").content.decode()
    pk = re.search(r"/rounds/opinions/(\d+)/answer/", shown).group(1)
    assert (
        as_(ground.people["liaison2"]).post(f"/rounds/opinions/{pk}/answer/", {"answer": "x"}).status_code
        == 404
    )
    assert liaison.post(f"/rounds/opinions/{pk}/answer/", {"answer": "下周划线"}).status_code == 302
    assert "下周划线" in office.get(f"/rounds/{row.number}/").content.decode()


def test_agreement_shows_weak_items_with_what_both_saw(ground, running, send):
    row = running(total=10, double_share="1")
    for visit in Visit.objects.filter(round=row).select_related("place", "round", "team"):
        send(visit, {"pass": 0} if visit.is_second else {})
    shown = as_(ground.people["office"]).get("/rounds/agreement/").content.decode()
    assert "农贸市场pass检查" in shown and "示例考察甲" in shown
    item = ground.items["m", "pass"]
    pictures = as_(ground.people["office"]).get("/rounds/agreement/", {"item": item.pk}).content.decode()
    assert "校准" in pictures and "不达标" in pictures


def test_pages_ask_the_database_a_fixed_number_of_times(ground, running, django_assert_max_num_queries):
    office, phone = as_(ground.people["office"]), as_(ground.raters[0])
    for total in (4, 16):
        row = running(total=total, seed=str(total))
        with django_assert_max_num_queries(28):
            office.get(f"/rounds/{row.number}/")
        with django_assert_max_num_queries(6):
            phone.get("/rounds/today/")


def test_the_list_counts_the_items_of_a_place_once_each(ground, running):
    from chuangwen.standards.models import CheckItem, Edition, Node, Requirement

    other = Edition.objects.create(scheme=ground.edition.scheme, name="旧版", year=2020, full=1)
    for edition, code in (
        (ground.edition, "2-02"),
        (other, "1-01"),
    ):  # one more item here, one in an edition not asked for
        node = Node.objects.create(edition=edition, tier="standard", code=code, name="另一条")
        need = Requirement.objects.create(node=node, method="site", full=1)
        for kind in (ground.market, ground.square):
            CheckItem.objects.create(
                requirement=need, code=f"{code}{kind.code}", site_type=kind, text="另一项", full=1,
                grading=ground.items["m", "pass"].grading,
            )  # fmt: skip
    row = running()
    listed = as_(ground.raters[0]).get("/rounds/today/").content.decode()
    visit = visit_of(row, ground.raters[0])
    assert len(checklist(visit)) == 4
    assert "4 项" in listed and "3 项" not in listed and "5 项" not in listed


def test_first_pages_carry_todays_visits(ground, running):
    row = running()
    visit = visit_of(row, ground.raters[0])
    assert f"/visits/{visit.uid}/" in as_(ground.raters[0]).get("/").content.decode()
    assert "今天的考察" not in as_(ground.people["office"]).get("/").content.decode()
