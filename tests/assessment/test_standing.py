"""A city with minors, sanctions and a cycle to the last digit; what does not count; identities on any city."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from chuangwen.assessment.counted_fronts import Counted, CountedFront
from chuangwen.assessment.forecasting import (
    Fronts,
    compose,
    items_of,
    keep_forecast,
    score_of,
    standing,
    weak_items,
)
from chuangwen.assessment.models import Forecast, Incident, NegativeRule, OfficialResult, Sanction, ScoreRule
from chuangwen.assessment.reactions import keep_today
from chuangwen.assessment.site_front import Looked, site_front
from chuangwen.dossier.models import Item
from chuangwen.inspections.models import Round, Visit
from chuangwen.kernel.models import Place
from chuangwen.kernel.scoring.forecast import Calibration, Move
from chuangwen.kernel.scoring.fronts import Score, Threshold
from chuangwen.kernel.scoring.weakness import weaknesses, what_if
from chuangwen.standards.models import (
    Edition,
    Material,
    Method,
    Node,
    Question,
    Requirement,
    Scheme,
    Series,
    SeriesValue,
)
from chuangwen.surveys.models import AnswerCount, Batch
from chuangwen.tasks.models import Task

YEAR = timezone.localdate().year


def need(edition, code, method, full, effort=None):
    node, _made = Node.objects.get_or_create(
        edition=edition,
        code=code,
        defaults={"tier": "standard", "name": code, "effort": effort, "source": "示例"},
    )
    return Requirement.objects.create(node=node, method=method, full=full)


def paper(town, edition):
    """C: one of two materials accepted, 6 points. D: a figure that reaches its target, 2. E: a finished task, 2."""
    c = need(edition, "1-1", Method.MATERIAL, 6)
    for i, state in enumerate(("accepted", "office_check")):
        material = Material.objects.create(requirement=c, code=f"1-1-{i}", kind="document", text=f"文件{i}")
        Item.objects.create(material=material, year=YEAR, unit=town.units["cgj"], state=state)
    d = need(edition, "1-2", Method.SERIES, 2)
    series = Series.objects.create(requirement=d, code="D", name="示例率", target=90)
    SeriesValue.objects.create(series=series, year=YEAR, value=95, confirmed_by=town.people["office"])
    e = need(edition, "1-3", Method.HOTLINE, 2)
    Task.objects.create(
        number="RW-1",
        kind="activity",
        title="接听",
        requirement=e,
        unit=town.units["cgj"],
        due_on=dt.date(YEAR, 6, 1),
        state="done",
    )
    return c, d, e


def survey(edition):
    """F: 60, 20 and 20 of 100 say 1, 0.5 and 0, 4 points. G: 50 of 100 say 1, 1 point."""
    f, g = need(edition, "1-1", Method.SURVEY, 4), need(edition, "1-2", Method.SURVEY, 1)
    batch = Batch.objects.create(
        edition=edition,
        name="一批",
        channel="door",
        from_on=dt.date(YEAR, 5, 1),
        to_on=dt.date(YEAR, 5, 9),
        given=120,
        valid=100,
    )
    for row, options, counts in (
        (f, [["好", "1"], ["一般", "0.5"], ["差", "0"]], (60, 20, 20)),
        (g, [["知道", "1"], ["不知道", "0"]], (50, 50)),
    ):
        question = Question.objects.create(requirement=row, code="Q", text="示例", options=options)
        for option, n in enumerate(counts):
            AnswerCount.objects.create(batch=batch, question=question, option=option, n=n)
    return f, g


def visit(town, round_, name, stratum, sums):
    place = Place.objects.create(
        kind="site",
        code=name,
        name=name,
        short_name=name,
        parent=town.village,
        path=f"{town.village.path}/{name}",
    )
    return Visit.objects.create(
        round=round_, place=place, street=town.street, stratum=stratum, state="done",
        sums={str(row.pk): pair for row, pair in sums.items()},
    )  # fmt: skip


def site(town, edition, minors):
    """A and B at two of six markets, A at both toilets; H of the minors' edition at the toilets."""
    a, b = need(edition, "1-1", Method.SITE, 10, effort=4), need(edition, "1-2", Method.SITE, 5)
    h = need(minors, "M-1", Method.SITE, 1)
    round_ = Round.objects.create(
        number="R-1", kind="mock", name="模拟", from_on=dt.date(YEAR, 4, 1), to_on=dt.date(YEAR, 4, 9), state="released",
        strata={"market": {"N": 6, "n": 2}, "toilet": {"N": 2, "n": 2}},
    )  # fmt: skip
    round_.editions.add(edition, minors)
    visit(town, round_, "M1", "market", {a: [2000, 2000], b: [500, 1000]})
    visit(town, round_, "M2", "market", {a: [1000, 2000], b: [500, 1000]})
    visit(town, round_, "T1", "toilet", {a: [1000, 1000], h: [1000, 1000]})
    visit(town, round_, "T2", "toilet", {a: [0, 1000], h: [500, 1000]})
    return round_, a, b, h


@pytest.fixture
def scored(town):
    scheme = Scheme.objects.create(code="c", name="城市", kind="city")
    young = Scheme.objects.create(code="m", name="未成年人", kind="minors")
    edition = Edition.objects.create(scheme=scheme, name="一", year=YEAR, full=100, is_current=True)
    minors = Edition.objects.create(scheme=young, name="一", year=YEAR, full=100, is_current=True)
    round_, a, b, h = site(town, edition, minors)
    c, d, e = paper(town, edition)
    f, g = survey(edition)
    rule = ScoreRule.objects.create(
        edition=edition, minors=minors, fronts={"dossier": "40", "site": "40", "survey": "20"}, years=["15", "25", "60"],
        first_year=YEAR - 2, minors_share=20, minors_floor=85, goal=85, source="示例",
    )  # fmt: skip
    rule.refresh_from_db()
    return SimpleNamespace(
        town=town,
        scheme=scheme,
        edition=edition,
        rule=rule,
        round=round_,
        a=a,
        b=b,
        c=c,
        d=d,
        e=e,
        f=f,
        g=g,
        h=h,
    )


def official(scored, year, score, ours=None):
    return OfficialResult.objects.create(
        scheme=scored.scheme, year=year, score=score, ours=ours, source="示例"
    )


def incident(scored, sanction, points, **more):
    entry = NegativeRule.objects.create(
        scheme=scored.scheme,
        code=f"N{NegativeRule.objects.count()}",
        text="示例",
        sanction=sanction,
        source="示例",
    )
    days = {"on": dt.date(YEAR, 1, 5), "expires_on": dt.date(YEAR + 1, 1, 5)} | more
    return Incident.objects.create(rule=entry, what="示例", document="示例", points=points, **days)


def test_the_three_fronts_by_hand(scored):
    found = standing(scored.rule, YEAR)
    # (6 × 1/2 + 2 + 2) / 10, all counted.
    assert found.city.scores["dossier"] == Score(Fraction(70))
    # Markets (5/6 + 1/2) / 2 = 2/3 stand for 6 of 8 places, toilets 1/2 for 2 of 8.
    assert found.city.scores["site"].value == Fraction(125, 2)
    # (4 × 0.7 + 1 × 0.5) / 5
    assert found.city.scores["survey"].value == 66
    # z × (0.8 × √(0.16/99) + 0.2 × √(0.25/99)) × 100 = 1.959964 × 42 / √99
    assert found.city.scores["survey"].margin == pytest.approx(Decimal("8.27332"), abs=Decimal("1e-4"))
    assert found.city.survey.n == 100
    seen = found.city.site.found
    # A loses 3/4 × 1/6 at markets and 1/4 × 1/2 at toilets, B 3/4 × 1/6.
    assert (seen[scored.a.pk].loss, seen[scored.b.pk].loss) == (Fraction(1, 4), Fraction(1, 8))
    assert (seen[scored.a.pk].stake, seen[scored.b.pk].stake) == (Fraction(3, 4), Fraction(1, 4))
    # One of two markets stands for three of six, one of two toilets for one; both markets for six.
    assert (seen[scored.a.pk].failing, seen[scored.b.pk].failing) == (4, 6)
    assert found.city.paper.losses == {scored.c.pk: Fraction(3, 10), scored.d.pk: 0, scored.e.pk: 0}


def test_total_minors_sanctions_and_cycle_by_hand(scored):
    official(scored, YEAR - 2, 80)
    official(scored, YEAR - 1, 70)
    incident(scored, Sanction.DEDUCT, "1.5")
    incident(scored, Sanction.DEDUCT, 3, expires_on=dt.date(YEAR - 1, 12, 31), on=dt.date(YEAR - 1, 1, 1))
    incident(scored, Sanction.DEDUCT, 3, lifted_reason="查无此事")
    found = standing(scored.rule, YEAR)
    # 0.4 × 70 + 0.4 × 62.5 + 0.2 × 66
    assert found.year_score.value == Fraction(331, 5)
    # Toilets alone have H: (1 + 1/2) / 2; a front without requirements has no part in it.
    assert found.minors_score.value == 75
    assert found.total.minors == Threshold.MISSED_OPEN
    # 0.8 × 66.2 + 0.2 × 75 − 1.5
    assert found.total.score.value == Fraction("66.46")
    assert found.total.barred_by == ()
    # 0.15 × 80 + 0.25 × 70 + 0.6 × 66.46
    assert found.cycle.value == Fraction("69.376")
    assert found.expected.calibration == Calibration.NOT_YET
    assert found.expected.value == found.total.score.value
    incident(scored, Sanction.STOP_YEAR, 0)
    assert len(standing(scored.rule, YEAR).total.barred_by) == 1


def test_margins_join_as_root_of_squares(scored):
    found = standing(scored.rule, YEAR)
    site_, survey_ = found.city.scores["site"], found.city.scores["survey"]
    year = ((Decimal("0.4") * site_.below) ** 2 + (Decimal("0.2") * survey_.below) ** 2).sqrt()
    assert found.year_score.below == pytest.approx(year, abs=Decimal("1e-10"))
    whole = ((Decimal("0.8") * year) ** 2 + (Decimal("0.2") * found.minors_score.below) ** 2).sqrt()
    assert found.total.score.below == pytest.approx(whole, abs=Decimal("1e-10"))


def test_what_can_be_won_back_by_hand(scored):
    found = standing(scored.rule, YEAR)
    items = weak_items(found)
    stakes = {item.key: item.at_stake for item in items}
    # 80 % of the total is the city's: 40 % of it the site front, A three quarters of that, and so on.
    wanted = {
        scored.a: 24,
        scored.b: 8,
        scored.c: "19.2",
        scored.d: "6.4",
        scored.e: "6.4",
        scored.f: "12.8",
        scored.g: "3.2",
    }
    assert stakes == {str(row.pk): Fraction(stake) for row, stake in wanted.items()}
    list_ = {row.item.key: row for row in weaknesses(items)}
    # Counted, not drawn: half of it is missing; four person-days.
    assert (list_[str(scored.c.pk)].points, list_[str(scored.c.pk)].per_effort) == (
        Fraction("9.6"),
        Fraction("2.4"),
    )
    # Six looks at both reach 11/18, which is worth six more: (8/3 + 11/3) / 10.
    assert float(list_[str(scored.a.pk)].rate) == pytest.approx(19 / 30)
    assert float(list_[str(scored.a.pk)].points) == pytest.approx(24 * (0.95 - 19 / 30))
    tried = what_if(items, {str(scored.c.pk): Fraction(1), str(scored.d.pk): Fraction(0)})
    assert tried.difference == Fraction("9.6") - Fraction("6.4")


def test_only_what_was_told_counts(scored):
    Round.objects.update(is_secret=True, state="ended")
    found = standing(scored.rule, YEAR)
    assert (found.city.round, found.city.site, found.minors_score) == (None, None, None)
    # Without the site front the others are all there is: (40 × 70 + 20 × 66) / 60.
    assert found.total.score.value == Fraction(2800 + 1320, 60)
    Round.objects.update(is_secret=True, state="released")
    assert standing(scored.rule, YEAR).city.round == scored.round


def test_seconds_and_other_years_do_not_count(scored):
    Visit.objects.filter(place__code="M1").update(is_second=True)
    found = standing(scored.rule, YEAR)
    # M2 alone stands for the markets: (6 × 1/2 + 2 × 1/2) / 8.
    assert found.city.scores["site"].value == 50
    other = standing(scored.rule, YEAR - 1)
    # No round, batch or figure of that year; the finished task has none.
    assert (other.city.round, other.city.survey) == (None, None)
    assert other.city.scores["dossier"].value == 20


def test_kept_once_and_compared_with_what_a_person_kept(scored):
    office = scored.town.people["office"]
    first = keep_forecast(standing(scored.rule, YEAR), by=office)
    assert keep_forecast(standing(scored.rule, YEAR), by=office) == first
    assert (first.value, first.by) == (Decimal("67.960"), office)
    # T2 becomes whole for A: 1/4 × 1/2 more; the day after, the worker keeps it twice.
    Visit.objects.filter(place__code="T2").update(sums={str(scored.a.pk): [1000, 1000]})
    later = timezone.now() + dt.timedelta(days=1)
    worker = keep_today(later)
    assert keep_today(later) == worker
    assert Forecast.objects.count() == 2
    assert (worker.by, score_of(worker.parts["site"]).value) == (None, 75)
    found = standing(scored.rule, YEAR)
    assert found.before == first
    assert (found.changes["site"].difference, found.changes["site"].move) == (
        Fraction(25, 2),
        Move.WITHIN_NOISE,
    )
    assert (found.changes["dossier"].difference, found.changes["dossier"].move) == (0, Move.WITHIN_NOISE)
    # What the worker kept unseen a person may keep as his own.
    assert keep_forecast(found, by=office).by == office


def test_an_edition_without_anything_has_no_score(scored):
    empty = Edition.objects.create(scheme=scored.scheme, name="空", year=YEAR, full=100)
    rule = ScoreRule.objects.create(
        edition=empty, fronts={"dossier": "40", "site": "40", "survey": "20"}, source="示例"
    )
    rule.refresh_from_db()
    found = standing(rule, YEAR)
    assert (found.year_score, found.total, found.expected, found.changes) == (None, None, None, {})
    assert weak_items(found) == []
    assert keep_forecast(found, by=None) is None


def test_queries_do_not_grow_with_visits(scored, django_assert_num_queries):
    def read():
        weak_items(standing(ScoreRule.objects.get(pk=scored.rule.pk), YEAR))

    read()  # the city's settings are kept for some seconds
    with CaptureQueriesContext(connection) as few:
        read()
    for i in range(12):
        visit(scored.town, scored.round, f"X{i}", "market", {scored.a: [1000, 2000]})
    with django_assert_num_queries(len(few)):
        read()


# On any city -----------------------------------------------------------------------------------------

marks = st.integers(1, 4).flatmap(lambda full: st.tuples(st.integers(0, full), st.just(full)))
visits = st.lists(
    st.builds(
        lambda stratum, sums: Looked(stratum, {str(k): (p * 250, f * 250) for k, (p, f) in sums.items()}),
        st.sampled_from("abc"),
        st.dictionaries(st.integers(1, 5), marks, min_size=1, max_size=5),
    ),
    min_size=1,
    max_size=12,
)
counted = st.dictionaries(
    st.integers(10, 15),
    st.tuples(st.integers(1, 20), st.integers(0, 4), st.integers(4, 6)),
    min_size=1,
    max_size=5,
).map(
    lambda rows: CountedFront(
        Score(
            100
            * sum(Fraction(full * met, n) for full, met, n in rows.values())
            / sum(full for full, _m, _n in rows.values())
        ),
        {key: Counted(Decimal(full) / 4, Fraction(met, n), n) for key, (full, met, n) in rows.items()},
        len(rows),
    )
)
places = {"a": 20, "b": 14, "c": 12, "d": 3}


def fronts(edition, looked, paper_, survey_):
    found = site_front(looked, places, frozenset(range(1, 6))) if looked else None
    moved = {key + 20: row for key, row in survey_.found.items()} if survey_ else None
    asked = CountedFront(survey_.score, moved, survey_.n) if survey_ and moved else None
    return Fronts(edition, 2026, None, found, paper_, asked)


@given(
    st.one_of(st.none(), visits), st.one_of(st.none(), counted), st.one_of(st.none(), counted), st.one_of(st.none(), visits),
    st.permutations(["40", "35.5", "24.5"]), st.integers(0, 40), st.lists(st.integers(0, 60), max_size=2),
)  # fmt: skip
@settings(max_examples=40, deadline=None)
def test_parts_add_up_to_the_whole(looked, paper_, survey_, young, weights, share, taken):
    scheme = Scheme(code="x", name="示例")
    edition = Edition(scheme=scheme, name="示例", year=2026)
    row = ScoreRule(
        edition=edition, fronts=dict(zip(("dossier", "site", "survey"), weights, strict=True)), minors_share=Decimal(share),
        confidence=Decimal("0.95"), missing="skip",
    )  # fmt: skip
    incidents = [
        Incident(pk=i, points=Decimal(points), rule=NegativeRule(sanction="deduct"))
        for i, points in enumerate(taken)
    ]
    minors = fronts(edition, young, None, None) if young else None
    found = compose(row, fronts(edition, looked, paper_, survey_), minors, incidents)
    if not (looked or paper_ or survey_):
        assert found.total is None
        return
    for score in (found.year_score, found.total.score):
        assert sum(part.points for part in score.parts) == score.value
    assert 0 <= found.expected.low <= found.expected.high <= 100
    items = items_of(found, {}, {"dossier": Decimal(1), "site": Decimal("0.95"), "survey": Decimal("0.9")})
    city = Fraction(100 - share) if minors else Fraction(100)
    assert sum(item.at_stake for item in items) == city
    # What is reached of all stakes is the city's part of the total, but for the twelve decimals of a site rate.
    reached = sum(item.at_stake * Fraction(item.passed) / item.visited for item in items)
    assert abs(reached - found.year_score.value * city / 100) < Fraction(1, 10**9)
