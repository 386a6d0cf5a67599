"""A rule's two readings never differ: the row filter and the answer about one loaded row."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from chuangwen.kernel.models import Person, Post, Unit
from chuangwen.kernel.people.models import Role
from chuangwen.kernel.people.rules import Anyone, Nobody, holds, in_area, in_unit, own, where
from chuangwen.problems import rules
from chuangwen.problems.actions import Told, confirm_case, hand_over, take_report
from chuangwen.problems.models import Case, Source

RULES = {
    name: rule
    for name, rule in vars(rules).items()
    if name in ("see_case", "responsible", "of_my_area", "outside", "reader", "desk", "head_of_unit")
} | {
    "anyone": Anyone(),
    "nobody": Nobody(),
    "mixed": (holds(Role.LIAISON) & in_unit("unit_id", Role.LIAISON)) | (own("reporter_id") & where("state", "reported")),
    "area and not": in_area("street_id", Role.GRID_KEEPER) & where("source", "patrol", "covert"),
}  # fmt: skip


@pytest.fixture
def cases(town):
    for i, source in enumerate(Source.values):
        by = list(town.people.values())[i % len(town.people)]
        told = Told(text="垃圾桶满溢", source=source, lon=113.0, lat=34.7601, kind=town.street_kind if i % 3 else town.kind)
        case = take_report(told, by=by if i % 2 else None).case
        if i % 2:
            confirm_case(case, by=town.people["office"])
    case = confirm_case(take_report(Told(text="垃圾", lon=113.0, lat=34.76, kind=town.kind), by=None).case, by=town.people["office"])
    hand_over(case, kind="supervision", to_unit=town.units["dcj"], reason="久拖", by=town.people["clerk"])
    return list(Case.objects.all())


@pytest.mark.parametrize("name", sorted(RULES))
def test_filter_and_allows_agree_for_every_post_and_row(town, cases, name):
    rule = RULES[name]
    for person in town.people.values():
        listed = set(rule.filter(Case.objects.all(), person).values_list("pk", flat=True))
        allowed = {case.pk for case in cases if rule.allows(person, case)}
        assert listed == allowed, (name, person.username)


def test_each_post_sees_what_it_should(town, cases):
    def seen(name):
        return rules.see_case.filter(Case.objects.all(), town.people[name]).count()

    everything = len(cases)
    assert [seen(n) for n in ("office", "clerk", "dispatcher", "checker", "leader", "auditor")] == [everything] * 6
    assert seen("nobody") == Case.objects.filter(reporter=town.people["nobody"]).count()
    assert seen("supervisor") == 1 + Case.objects.filter(reporter=town.people["supervisor"]).count()
    covert_unassigned = Case.objects.filter(source="covert", unit__isnull=True)
    hidden = rules.see_case.filter(covert_unassigned, town.people["grid_keeper"])
    assert list(hidden) == list(covert_unassigned.filter(reporter=town.people["grid_keeper"]))


def test_a_post_that_ended_gives_nothing(town, cases):
    person = Person.objects.get(pk=town.people["office"].pk)
    Post.objects.filter(person=person).update(to_on=timezone.localdate() - dt.timedelta(days=1))
    assert rules.reader.filter(Case.objects.all(), person).count() == 0


def test_a_head_answers_for_the_units_below(town, cases):
    above = town.units["cgj"]
    below = Unit.objects.create(
        code="cgj2", name="执法队", short_name="执法队", kind="department", path="cgj/cgj2", parent=above
    )
    stranger = Unit.objects.create(code="cgj0", name="别的", short_name="别的", kind="department", path="cgj0")
    ids = Person.objects.get(pk=town.people["head"].pk).standing.units_as(Role.HEAD)
    assert {below.pk, town.units["cgj"].pk} == ids
    assert stranger.pk not in ids


def test_an_inactive_person_has_no_rights(town, cases):
    Person.objects.filter(pk=town.people["office"].pk).update(is_active=False)
    person = Person.objects.get(pk=town.people["office"].pk)
    assert rules.see_case.filter(Case.objects.all(), person).count() == 0
