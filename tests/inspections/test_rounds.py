"""A round from plan to release: draw, visits, sums, cases once, corrections; what is refused leaves nothing behind."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal

import pytest
from django.utils import timezone

from chuangwen.inspections import tallies
from chuangwen.inspections.actions import answer_opinion, compare_draws, draw_round, note_opinion, plan_round
from chuangwen.inspections.flow import RoundFlow
from chuangwen.inspections.models import Observation, PairTally, Round, Tally, Visit
from chuangwen.inspections.planning import DrawRefused, preview
from chuangwen.inspections.recording import (
    BadRecord,
    Circumstance,
    Seen,
    record_visit,
    reopen_visit,
    skip_visit,
)
from chuangwen.inspections.releasing import open_cases, release_round
from chuangwen.kernel.models import Demand, Entry, Notice
from chuangwen.kernel.people.models import Person
from chuangwen.kernel.workflow import history
from chuangwen.kernel.workflow.flow import NotAllowed, Refused
from chuangwen.problems.models import Case

pytestmark = pytest.mark.django_db


def visits_of(row, **more):
    return list(
        Visit.objects.filter(round=row, **more).select_related("place", "round", "team").order_by("pk")
    )


def test_draw_gives_each_stratum_its_share_and_is_the_same_again(planned):
    row = draw_round(planned(total=9), "2026-11", by=Person.objects.get(username="office"))
    # Nine of nineteen: a stratum of its own needs five places, so that it gives two; the squares stay together.
    assert {key: cell["N"] for key, cell in row.strata.items()} == {
        "农贸市场×新华路街道": 7, "农贸市场×杜甫路街道": 6, "广场": 6,
    }  # fmt: skip
    assert sum(cell["n"] for cell in row.strata.values()) == 9 == len(visits_of(row))
    other = draw_round(planned(total=9), "2026-11", by=Person.objects.get(username="office"))
    assert [v.place_id for v in visits_of(other)] != []
    # The other round's places rest only where it asks for it; the same seed and register give the same hash.
    again = planned(total=9)
    first = planned(total=9)
    Visit.objects.all().delete()
    a = draw_round(again, "s", by=again.maker)
    places = {v.place_id for v in visits_of(a)}
    Visit.objects.filter(round=a).delete()
    b = draw_round(first, "s", by=first.maker)
    assert compare_draws(a, b.draw_hash.upper()) and places == {v.place_id for v in visits_of(b)}


def test_a_second_draw_needs_another_seed_and_a_reason(planned):
    row = draw_round(planned(), "one", by=Person.objects.get(username="office"))
    with pytest.raises(Refused, match="换一个种子"):
        draw_round(row, "one", by=row.maker, reason="再来")
    with pytest.raises(Refused, match="写明理由"):
        draw_round(row, "two", by=row.maker)
    again = draw_round(row, "two", by=row.maker, reason="名录更正")
    seeds = Entry.objects.filter(subject="inspections.round", subject_id=row.pk, step="draw")
    assert [entry.given["seed"] for entry in seeds.order_by("seq")] == ["one", "two"]
    assert again.draw_hash != row.draw_hash
    RoundFlow.take(again, "start", by=row.maker)
    with pytest.raises(Refused, match="只在"):
        draw_round(Round.objects.get(pk=row.pk), "three", by=row.maker, reason="再来")


def test_a_draw_larger_than_its_strata_names_each_and_writes_nothing(planned):
    row = planned(sizes={"farm_market": 40, "square": 7})
    with pytest.raises(DrawRefused) as found:
        draw_round(row, "s", by=row.maker)
    assert len(found.value.faults) == 2
    assert (
        "农贸市场" in found.value.faults[0]
        and "40" in found.value.faults[0]
        and "13" in found.value.faults[0]
    )
    assert "广场" in found.value.faults[1] and "6" in found.value.faults[1]
    row.refresh_from_db()
    assert (row.state, row.draw_hash, visits_of(row)) == ("planned", "", [])


def test_places_rest_and_conflicts_are_kept_apart(ground, planned):
    from chuangwen.kernel.models import Post

    # The member of team 1 belongs to the unit that answers for M00.
    Post.objects.create(
        person=ground.raters[0], role="liaison", unit=ground.town.units["cgj"], from_on=dt.date(2026, 1, 1)
    )
    row = draw_round(planned(total=19, by_area=False), "all", by=ground.people["office"])
    team_of = {visit.place.code: visit.team.name for visit in visits_of(row)}
    assert len(team_of) == 19 and team_of["M00"] == "第2组"
    assert abs(list(team_of.values()).count("第1组") - list(team_of.values()).count("第2组")) <= 1
    # Not begun yet, it rests nothing: whoever draws the same side by side gets the same.
    beside = [draw_round(planned(total=4, rest_days=30), "s", by=ground.people["office"]).draw_hash for _ in "ab"]
    assert beside[0] == beside[1]
    RoundFlow.take(row, "start", by=ground.people["office"])
    with pytest.raises(DrawRefused, match="近期已抽过"):
        draw_round(planned(total=4, rest_days=30), "s", by=ground.people["office"])


def test_double_rating_goes_to_another_team(planned):
    row = draw_round(planned(total=8, double_share="0.25"), "s", by=Person.objects.get(username="office"))
    second = visits_of(row, is_second=True)
    first = {visit.place_id: visit.team_id for visit in visits_of(row, is_second=False)}
    assert len(second) == 2
    assert all(first[visit.place_id] != visit.team_id for visit in second)


def test_margin_gives_the_size_and_no_team_gives_a_sentence(planned):
    row = planned(teams=0, total=None, margin="0.2")
    found = preview(row)
    assert found.margin <= Decimal("0.2")
    assert 0 < found.total < 19
    with pytest.raises(DrawRefused, match="编组"):
        draw_round(row, "s", by=row.maker)


def test_a_visit_is_recorded_once_with_its_points_and_case(running, send, make_picture):
    row = running()
    visit = visits_of(row)[0]
    uid = uuid.uuid4()
    wrong = {"points": {"result": 0, "count": 1, "note": "地面积水"}, "bands": {"band": "B"}}
    send(visit, wrong, photos={"points": [make_picture(33)]}, uid=uid)
    send(visit, wrong, uid=uid)  # sent again by a phone that got no answer
    visit.refresh_from_db()
    assert (visit.state, visit.full, visit.failed) == ("done", 4000, 2)
    assert visit.points == 2000 + 750 + 600
    assert list(visit.sums.values()) == [[3350, 4000]]
    assert Observation.objects.count() == 3 and Tally.objects.count() == 3
    cases = Case.objects.filter(site=visit.place)
    assert {case.source for case in cases} == {"visit"} and cases.count() == 2
    ours = cases.get(kind__code="0301")
    assert ours.what == "地面积水"
    from chuangwen.kernel.evidence.store import photos_of

    photo = photos_of(ours)[0]
    assert "reused_of" not in photo.findings
    assert open_cases(row) == 0
    assert list(history.verify("inspections.round", row.pk)) == []


def test_a_second_fault_joins_the_open_case(running, send):
    row = running()
    visit = visits_of(row)[0]
    send(visit, {"pass": 0, "points": {"count": 4}})
    case = Case.objects.get(site=visit.place)
    assert case.reports.count() == 2
    assert set(Observation.objects.filter(result=0).values_list("case_id", flat=True)) == {case.pk}


def test_what_cannot_be_is_named_all_at_once(ground, running):
    row = running()
    visit = next(v for v in visits_of(row) if v.site_type_id == ground.market.pk)
    rater = visit.team.members.get()
    wrong_item = ground.items["s", "pass"]
    seen = [
        Seen(wrong_item.pk, 1),
        Seen(ground.items["m", "points"].pk, count=-3),
        Seen(ground.items["m", "bands"].pk, band="Z"),
    ]
    late = Circumstance(seen_at=timezone.now() - dt.timedelta(days=9))
    with pytest.raises(BadRecord) as found:
        record_visit(visit, seen, by=rater, uid=uuid.uuid4(), how=late)
    text = str(found.value)
    assert all(word in text for word in ("不在这一轮", "不是这类点位", "-3", "没有“Z”这一档", "还没有答"))
    assert (Observation.objects.count(), Tally.objects.count(), Visit.objects.get(pk=visit.pk).state) == (
        0,
        0,
        "planned",
    )


def test_only_the_team_and_the_maker_record(ground, running, send):
    row = running()
    visit = visits_of(row)[0]
    stranger = next(r for r in ground.raters if r != visit.team.members.get())
    with pytest.raises(NotAllowed):
        send(visit, by=stranger)
    with pytest.raises(NotAllowed):
        send(visit, by=ground.people["clerk"])
    send(visit, by=Person.objects.get(pk=row.maker_id))
    with pytest.raises(Refused, match="已经报过"):
        send(visit)


def test_a_visit_may_be_skipped_and_reopened_with_its_rows_kept_in_history(running, send):
    row = running(double_share="0.5", total=6)
    visit = visits_of(row, is_second=True)[0]
    first = Visit.objects.get(round=row, place=visit.place_id, is_second=False)
    send(first, {"pass": 0})
    send(visit)
    assert PairTally.objects.get(fail_pass=1).both_pass == 0
    before = (
        Tally.objects.filter(round=row)
        .order_by("pk")
        .values_list("n", "failed", "points", "full", "points_sq")
    )
    assert sum(n for n, *_rest in before) == 3
    with pytest.raises(Refused, match="写明"):
        reopen_visit(first, " ", by=row.maker)
    reopen_visit(first, "记错了", by=row.maker)
    assert sum(n for n, *_rest in before.all()) == 0
    assert sum(PairTally.objects.values_list("fail_pass", flat=True)) == 0
    entry = Entry.objects.get(step="reopen")
    assert len(entry.given["rows"]) == 3 and entry.given["reason"] == "记错了"
    first.refresh_from_db()
    assert (first.state, first.points, first.sums) == ("planned", 0, {})
    send(Visit.objects.get(pk=first.pk))
    assert sum(PairTally.objects.values_list("both_pass", flat=True)) == 3
    assert tallies.recount(row) == []
    third = visits_of(row, state="planned")[0]
    skip_visit(third, "闭店", by=third.team.members.get(), uid=uuid.uuid4())
    assert Visit.objects.get(pk=third.pk).why == "闭店"


def test_a_secret_round_opens_its_cases_at_release_only(running, send, make_picture):
    row = running(kind="covert", double_share="0.5")
    second = visits_of(row, is_second=True)[0]
    first = Visit.objects.get(round=row, place=second.place_id, is_second=False)
    send(first, {"pass": 0}, photos={"pass": [make_picture(61)]})
    send(second)
    assert (Case.objects.count(), PairTally.objects.count(), open_cases(row)) == (0, 0, 0)
    with pytest.raises(Refused):
        release_round(row, by=row.maker)
    RoundFlow.take(row, "end", by=row.maker)
    row = release_round(Round.objects.get(pk=row.pk), by=row.maker)
    case = Case.objects.get()
    assert (case.source, case.site_id) == ("covert", first.place_id)
    assert sum(PairTally.objects.values_list("fail_pass", flat=True)) == 1
    assert sum(PairTally.objects.values_list("both_pass", flat=True)) == 2
    assert tallies.recount(row) == [] and row.is_hidden is False


def test_only_the_maker_moves_a_secret_round(ground, running):
    row = running(kind="mock", by=ground.people["clerk"])
    Round.objects.filter(pk=row.pk).update(is_secret=True)
    with pytest.raises(NotAllowed):
        RoundFlow.take(
            Round.objects.get(pk=row.pk), "cancel", by=ground.people["office"], given={"reason": "不做"}
        )
    RoundFlow.take(
        Round.objects.get(pk=row.pk), "cancel", by=ground.people["clerk"], given={"reason": "不做"}
    )
    with pytest.raises(Refused, match="保密"):
        plan_round(kind="tour", name="x", from_on=row.from_on, to_on=row.to_on, by=row.maker, is_secret=True)


def test_places_by_hand_need_no_draw_and_acceptance_is_signed_per_visit(ground, running, send):
    row = running(kind="acceptance", places=["M03", "M13"], site_types=[])
    visits = visits_of(row)
    assert {visit.place.code for visit in visits} == {"M03", "M13"}
    send(visits[0], how=Circumstance(is_accepted=True))
    send(visits[1], {"pass": 0}, how=Circumstance(is_accepted=False))
    assert [v.is_accepted for v in visits_of(row)] == [True, False]
    assert [e.given["accepted"] for e in Entry.objects.filter(step="visit").order_by("seq")] == [True, False]


def test_opinions_name_a_capacity_and_are_answered_by_the_unit(ground, running):
    row = running(kind="deputies", places=["M03"], site_types=[])
    unit = ground.town.units["cgj"]
    opinion = note_opinion(row, giver="人大代表", text="市场门口拥堵", by=row.maker, unit=unit)
    assert Demand.objects.get(unit=unit).kind == "form"
    liaison = Person.objects.get(username="liaison")
    with pytest.raises(NotAllowed):
        answer_opinion(opinion, "已划线", by=Person.objects.get(username="liaison2"))
    answer_opinion(opinion, "已划线", by=liaison)
    opinion.refresh_from_db()
    assert (opinion.answer, opinion.answered_by) == ("已划线", liaison)


def test_starting_tells_the_teams_and_nobody_else_in_neutral_words(running):
    row = running(kind="covert")
    told = Notice.objects.filter(subject="inspections.round", subject_id=row.pk)
    assert set(told.values_list("person__visit_teams__round", flat=True)) == {row.pk}
    assert not told.filter(unit__isnull=False).exists()
    assert not any(word in notice.text for notice in told for word in (row.name, row.number, "暗访"))
