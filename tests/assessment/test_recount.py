"""The site front from what visits keep is what the observations themselves give, counted one by one."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chuangwen.assessment.editions import requirement_ids
from chuangwen.assessment.site_front import round_front
from chuangwen.inspections.models import Observation, Result, Round, Visit
from chuangwen.inspections.tallies import recount
from chuangwen.kernel.models import Place
from chuangwen.standards.models import CheckItem, Edition, Grading, Node, Requirement, Scheme

pytestmark = pytest.mark.django_db
STRATA = ("市场", "公园", "车站")
FULLS = (2000, 1500, 500, 1000, 750, 250)
# Of each check item what was seen: result, and the share of the full points in quarters where it was met in part.
SEEN = st.tuples(st.sampled_from(Result.values), st.integers(1, 3))
VISIT = st.tuples(st.sampled_from(STRATA), st.booleans(), st.lists(SEEN, min_size=6, max_size=6))


@pytest.fixture
def ground(town):
    """Two editions with two requirements each, of three check items and of one and two; twelve places."""
    grading = Grading.objects.create(
        code="b", name="分档", way="bands", params={"A": "1", "B": "0.5", "C": "0"}
    )
    items, editions = [], []
    for code, counts in (("city", (2, 1)), ("minors", (2, 1))):
        scheme = Scheme.objects.create(code=code, name=code, kind=code)
        edition = Edition.objects.create(scheme=scheme, name="示例", year=2026, full=100, is_current=True)
        editions.append(edition)
        for n, count in enumerate(counts):
            node = Node.objects.create(edition=edition, tier="standard", code=str(n), name=f"标准{n}")
            need = Requirement.objects.create(node=node, method="site", full=10)
            for _item in range(count):
                items.append(CheckItem.objects.create(
                    requirement=need, code=f"i{len(items)}", site_type=town.site.type, text="示例", grading=grading,
                    full=FULLS[len(items)] / 1000,
                ))  # fmt: skip
    places = Place.objects.bulk_create(
        Place(kind="site", code=f"P{n}", name=f"示例{n}", short_name=f"示例{n}", parent=town.street, type=town.site.type,
              path=f"{town.street.path}/P{n}")
        for n in range(12)
    )  # fmt: skip
    return editions, items, places, town


def build(ground, course, registered):
    """A round as its rows; the sums of its visits are made by the recount."""
    editions, items, places, town = ground
    row = Round.objects.create(
        number=f"R{Round.objects.count()}", kind="mock", name="示例", state="released", from_on=dt.date(2026, 5, 1),
        to_on=dt.date(2026, 5, 9), strata={key: {"N": n, "n": 0} for key, n in registered.items()},
    )  # fmt: skip
    row.editions.set(editions)
    for at, (stratum, is_rated_twice, seen) in enumerate(course):
        for is_second in (False, True)[: 1 + is_rated_twice]:
            visit = Visit.objects.create(
                round=row, place=places[at], site_type=town.site.type, street=town.street, stratum=stratum, state="done",
                is_second=is_second, by=town.people["checker"], done_at=dt.datetime(2026, 5, 2, 3, tzinfo=dt.UTC),
            )  # fmt: skip
            for item, full, (result, quarters) in zip(items, FULLS, seen, strict=True):
                here = 0 if result == Result.NOT_HERE else full
                share = {Result.PASS: 4, Result.PART: quarters}.get(result, 0)
                if is_second:  # the second rater saw nothing good; it must not count
                    result, share = Result.FAIL, 0
                Observation.objects.create(
                    visit=visit, check_item=item, result=result, points=here * share // 4, full=here
                )
    recount(row)
    return row


def counted(row, edition, registered):
    """The front and every requirement's loss by brute force: each observation on its own, in fractions."""
    own = defaultdict(list)
    wanted = requirement_ids(edition)
    rows = Observation.objects.filter(visit__round=row, visit__is_second=False).select_related(
        "visit", "check_item"
    )
    for one in rows:
        if one.check_item.requirement_id in wanted and one.full:
            own[one.visit].append(one)
    strata = defaultdict(list)
    for visit, seen in own.items():
        strata[visit.stratum].append(seen)
    places = {key: max(n, len(strata[key])) for key, n in registered.items()}
    places |= {key: len(each) for key, each in strata.items() if key not in places}
    everything = sum(n for key, n in places.items() if strata[key])
    value, losses, stakes, failing = (
        Fraction(),
        defaultdict(Fraction),
        defaultdict(Fraction),
        defaultdict(Fraction),
    )
    for key, each in strata.items():
        for seen in each:
            weight = Fraction(places[key], everything * len(each))
            whole = sum(one.full for one in seen)
            value += weight * Fraction(sum(one.points for one in seen), whole)
            for one in seen:
                stakes[one.check_item.requirement_id] += weight * Fraction(one.full, whole)
                losses[one.check_item.requirement_id] += weight * Fraction(one.full - one.points, whole)
            for pk in {one.check_item.requirement_id for one in seen if one.points < one.full}:
                failing[pk] += Fraction(places[key], len(each))
    return value, losses, stakes, failing, len(own)


@given(st.lists(VISIT, max_size=12), st.dictionaries(st.sampled_from(STRATA), st.integers(1, 40), max_size=3))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_front_is_what_the_observations_give_one_by_one(ground, course, registered):
    row = build(ground, course, registered)
    assert recount(row) == []
    for edition in ground[0]:
        front = round_front(row, edition)
        value, losses, stakes, failing, visits = counted(row, edition, registered)
        if front is None:
            assert not visits
            continue
        assert (front.estimate.value, front.visits) == (value, visits)
        assert {pk: found.loss for pk, found in front.found.items()} == {pk: losses[pk] for pk in stakes}
        assert {pk: found.stake for pk, found in front.found.items()} == dict(stakes)
        assert {pk: found.failing for pk, found in front.found.items()} == {pk: failing[pk] for pk in stakes}


def test_a_round_that_was_corrected_is_counted_as_it_stands_now(ground):
    good = ("市场", False, [(Result.PASS, 1)] * 6)
    row = build(ground, [good, good], {"市场": 10})
    edition = ground[0][0]
    assert round_front(row, edition).estimate.value == 1
    worse = Observation.objects.filter(visit__round=row, check_item=ground[1][0]).first()
    Observation.objects.filter(pk=worse.pk).update(points=0, result=Result.FAIL)
    assert recount(row)  # the visit and its tally are named
    # 2,000 of the 4,000 thousandths of this edition at one of two places.
    assert round_front(row, edition).estimate.value == Fraction(3, 4)
