"""Each measure counts what its words say: whose it is, what is left out, where the line runs."""

from __future__ import annotations

import datetime as dt
import inspect

import pytest

from chuangwen.assessment import closing, counting, measures, ranked_subjects
from chuangwen.assessment.closing import month_period
from chuangwen.assessment.measures import ALL, MEASURES
from chuangwen.assessment.ranking_models import RankFact, RankSubject
from chuangwen.kernel import gates
from chuangwen.kernel.models import Duty, Entry, Place
from tests.assessment.ranking.conftest import OCTOBER, Cases, local

pytestmark = pytest.mark.django_db
IN_TIME, LATE = dt.date(2026, 10, 20), local(2026, 10, 21)


def counted(code, subject="unit"):
    rows = MEASURES[code].rows(subject, month_period(OCTOBER))
    return sorted((key or 0, thing, value) for key, thing, value in rows)


def entry(row, step, at, seq=1, by=None):
    Entry.objects.create(
        subject=row._meta.label_lower, subject_id=row.pk, seq=seq, step=step, to_state=row.state, at=at, by=by, hash="0" * 64
    )  # fmt: skip


def test_the_registry_holds_what_rules_may_ask():
    longest = max(len(code) for code in MEASURES)
    assert longest <= RankFact._meta.get_field("measure").max_length == 20
    assert len(MEASURES) == len(ALL)
    assert {subject for measure in ALL for subject in measure.subjects} == set(RankSubject.values)


def test_tasks_in_time(town):
    from chuangwen.tasks.models import Task

    def task(state, *submitted, due=IN_TIME):
        row = Task.objects.create(
            number=f"T{Task.objects.count()}",
            kind="activity",
            title="示例",
            unit=town.units["cgj"],
            due_on=due,
            state=state,
        )
        for seq, at in enumerate(submitted, 1):
            entry(row, "submit", at, seq)
        return row.pk

    evening = local(2026, 10, 20, 23)
    good = [task("done", evening), task("submitted", evening), task("done", LATE, evening)]
    bad = [task("doing"), task("doing", evening), task("done", LATE), task("submitted", evening, LATE)]
    for state in ("draft", "open", "dropped"):
        task(state)
    task("done", evening, due=dt.date(2026, 9, 30))
    task("done", evening, due=dt.date(2026, 11, 1))
    edges = [task("done", local(2026, 9, 1), due=dt.date(2026, 10, day)) for day in (1, 31)]
    unit = town.units["cgj"].pk
    assert counted("tasks_in_time") == sorted(
        [(unit, pk, 10000) for pk in (*good, *edges)] + [(unit, pk, 0) for pk in bad]
    )


def test_dossier_whole(town, tiny):
    from chuangwen.dossier.models import Item

    items = tiny.items
    day = dt.date(2026, 10, 31)
    for item, (state, sent) in zip(
        items,
        (
            ("accepted", local(2026, 10, 30)),
            ("accepted", local(2026, 11, 1, 0)),
            ("draft", None),
            ("office_check", LATE),
        ),
        strict=True,
    ):
        Item.objects.filter(pk=item.pk).update(state=state, sent_at=sent, due_on=day)
    unit = town.units["cgj"].pk
    assert counted("dossier_whole") == [
        (unit, items[0].pk, 10000),
        (unit, items[1].pk, 0),
        (unit, items[2].pk, 0),
    ]


def test_notices_and_papers_replied(town, tiny):
    from chuangwen.papers.models import IssuingBody, Paper, Receipt
    from chuangwen.standards.models import DutyNotice

    units = [town.units[code] for code in ("cgj", "jtj", "xhl", "dcj")]
    made = []
    for unit, (state, at) in zip(
        units,
        (("replied", local(2026, 10, 20, 23)), ("replied", LATE), ("received", None), ("withdrawn", None)),
        strict=True,
    ):
        row = DutyNotice.objects.create(
            number=unit.code, edition=tiny.edition, unit=unit, reply_on=IN_TIME, state=state
        )
        if at:
            entry(row, "reply", at)
        made.append(row.pk)
    assert counted("notices_replied") == sorted(
        zip([unit.pk for unit in units[:3]], made[:3], (10000, 0, 0), strict=True)
    )
    body = IssuingBody.objects.create(code="b", unit=units[0], name="示例", mark="示例", character="示")
    papers = [
        Paper.objects.create(
            code=f"P{n}", kind="notice", form="file", body=body, title="示例", state=state, reply_on=IN_TIME
        )
        for n, state in enumerate(("issued", "withdrawn"))
    ]
    for paper in papers:
        for unit, part, at in (
            (units[0], "main", local(2026, 10, 20, 23)), (units[1], "main", LATE), (units[2], "main", None), (units[3], "copy", None),
        ):  # fmt: skip
            Receipt.objects.create(paper=paper, unit=unit, part=part, replied_at=at)
    values = [(key, value) for key, _thing, value in counted("papers_replied")]
    assert sorted(values) == sorted([(units[0].pk, 10000), (units[1].pk, 0), (units[2].pk, 0)])


def test_site_score_is_of_told_rounds_first_ratings_and_the_unit_of_the_day(town, tiny):
    from chuangwen.inspections.models import Round

    road = Place.objects.get(code="R1")
    first, second, third, _fourth = tiny.visits
    day = first.day
    cgj, jtj, xhl = (town.units[code] for code in ("cgj", "jtj", "xhl"))
    Duty.objects.create(
        kind="site_unit", place=first.place, unit=cgj, from_on=day - dt.timedelta(9), to_on=day
    )
    Duty.objects.create(kind="site_unit", place=first.place, unit=jtj, from_on=day + dt.timedelta(1))
    Duty.objects.create(kind="site_unit", place=second.place, unit=xhl, from_on=dt.date(2026, 1, 1))
    Place.objects.filter(pk=third.place_id).update(road=road)
    assert counted("site_score") == []
    Round.objects.filter(pk=tiny.round.pk).update(released_at=local(2026, 10, 2))
    held = [row for row in counted("site_score") if row[0]]
    assert held == sorted([(cgj.pk, first.pk, 10000), (xhl.pk, second.pk, 5000)])
    assert [row for row in counted("site_score", "road_chief") if row[0]] == [(jtj.pk, third.pk, 5000)]
    streets = counted("site_score", "street")
    assert {row[0] for row in streets} == {town.street.pk} and [row[2] for row in streets] == [
        10000,
        5000,
        5000,
        0,
    ]
    Round.objects.filter(pk=tiny.round.pk).update(state="ended", is_secret=True)
    assert counted("site_score", "street") == []


def test_site_score_rounds_half_up(tiny):
    from chuangwen.inspections.models import Round, Visit

    Round.objects.filter(pk=tiny.round.pk).update(released_at=local(2026, 10, 2))
    for visit, (points, full) in zip(tiny.visits, ((1, 3), (2, 3), (1, 20000), (30, 20)), strict=True):
        Visit.objects.filter(pk=visit.pk).update(points=points, full=full)
    assert [row[2] for row in counted("site_score", "street")] == [3333, 6667, 1]


def test_cases_of_roads_posts_and_streets(town):
    cases, people = Cases(town), town.people
    due = local(2026, 10, 20)
    (road,) = cases.good("cgj", road=town.road)
    plain = cases.late("cgj")[0]
    jtj = town.units["jtj"]
    assert counted("fixed_in_time", "road_chief") == [(jtj.pk, road.pk, 10000)]
    Duty.objects.filter(kind="road_chief").update(to_on=dt.date(2026, 10, 14))
    assert counted("fixed_in_time", "road_chief") == [(0, road.pk, 10000)]
    assert [row[0] for row in counted("fixed_in_time", "street")] == [town.street.pk] * 2
    entry(road, "dispatch", due, 1, people["clerk"])
    entry(road, "reassign", due, 2, people["dispatcher"])
    entry(plain, "dispatch", due, 1, people["dispatcher"])
    type(plain).objects.filter(pk=plain.pk).update(returns=1)
    who = people["dispatcher"].pk
    assert counted("accurate", "dispatcher") == sorted([(who, road.pk, 10000), (who, plain.pk, 0)])
    entry(road, "spot_pass", due, 3, people["checker"])
    type(road).objects.filter(pk=road.pk).update(spotted_at=due)
    assert counted("spot_good", "checker") == [(people["checker"].pk, road.pk, 10000)]


def test_reports_of_inspectors_only(town):
    cases, people = Cases(town), town.people
    due = local(2026, 10, 20)
    good = cases.make("cgj", due, answered=due, reporter=people["inspector"])
    void = cases.make("cgj", due, state="void", reporter=people["inspector"])
    cases.make("cgj", due, answered=due, reporter=people["liaison"])
    who = people["inspector"].pk
    assert counted("valid_reports", "inspector") == sorted([(who, good.pk, 10000), (who, void.pk, 0)])


def test_nothing_measures_how_much_people_use_the_software(town):
    """国办函〔2026〕12号: no measure reads sign-ins, sessions or requests, and its gate cannot be opened."""
    read = {model for measure in ALL for subject in measure.subjects for model in _tables(measure, subject)}
    assert read <= {
        "problems_case", "kernel_entry", "kernel_duty", "kernel_post", "kernel_place", "tasks_task", "dossier_item",
        "standards_dutynotice", "inspections_visit", "inspections_round", "papers_receipt", "papers_paper",
    }  # fmt: skip
    sql = " ".join(str(m.rows(s, month_period(OCTOBER)).query) for m in ALL for s in m.subjects)
    # Of history only the work's own steps count, each named; never how many entries somebody has.
    assert "COUNT(" not in sql and sql.count('FROM "kernel_entry"') == sql.count('"step" IN')
    for module in (measures, ranked_subjects, closing, counting):
        source = inspect.getsource(module)
        assert not any(word in source for word in ("last_login", "Session", "joined_at", "seen_at", "gates."))
    assert not gates.GATES["usage_ranking"].may_open
    with pytest.raises(gates.Closed):
        gates.open_gate(
            "usage_ranking",
            ground="emergency",
            reason="示例",
            until=local(2030, 1, 1),
            by=town.people["office"],
        )


def _tables(measure, subject):
    import re

    sql = str(measure.rows(subject, month_period(OCTOBER)).query)
    return set(re.findall(r'(?:FROM|JOIN) "(\w+)"', sql))
