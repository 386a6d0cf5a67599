"""One decision a standard when an edition follows another: what goes over, what stays, who may."""

from __future__ import annotations

import pytest

from chuangwen.kernel.workflow import history
from chuangwen.kernel.workflow.flow import NotAllowed, Refused
from chuangwen.standards.actions import give_share, waive_requirement
from chuangwen.standards.carrying import carry_unchanged, compare_editions, decide_carry, decisions
from chuangwen.standards.difference import Change
from chuangwen.standards.exchange.loading import known_here, load_tables
from chuangwen.standards.exchange.reading import read_workbook
from chuangwen.standards.models import Carry, Material, Node, Requirement, Share
from tests.standards.conftest import book


@pytest.fixture
def next_year(tree, sheets):
    """The same tree a year on: 1-02 reworded, no units given, no links between materials."""
    for lines in sheets.values():
        for line in lines:
            line[:] = ["2027" if value == "2026" else value for value in line]
    sheets["体系"][0][4] = 2027
    sheets["标准"][3][6] = "公共场所有公益广告，内容完整。"
    for line in sheets["要求"]:
        line[7] = line[8] = None
    for line in sheets["材料"]:
        line[11] = None
    done = load_tables(read_workbook(book(sheets), "next.xlsx"), known=known_here({"0301"}))
    tree.new = done.editions[0]
    return tree


def node(edition, code):
    return Node.objects.get(edition=edition, code=code)


def test_the_unchanged_ones_go_over_together_and_once(next_year):
    town, office = next_year, next_year.people["office"]
    assert Share.objects.filter(requirement__node__edition=town.new).count() == 0
    waive_requirement(
        Requirement.objects.get(node__edition=town.edition, node__code="1-01", method="site"),
        "没有市场",
        by=office,
    )
    assert carry_unchanged(town.edition, town.new, by=office) == 1
    assert carry_unchanged(town.edition, town.new, by=office) == 0
    given = Share.objects.filter(requirement__node__edition=town.new)
    assert {(s.requirement.method, s.unit.code, s.part) for s in given} == {
        ("material", "cgj", "lead"), ("material", "jtj", "assist"), ("material", "xhl", "assist"), ("site", "cgj", "lead"),
    }  # fmt: skip
    assert (
        Requirement.objects.get(node__edition=town.new, node__code="1-01", method="site").waived_reason
        == "没有市场"
    )
    link = Material.objects.get(requirement__node__edition=town.new, code="1-01-M2")
    assert link.same_as is not None and link.same_as.requirement.node.edition == town.new
    assert list(history.verify()) == []


def test_a_reworded_one_waits_for_its_own_decision(next_year):
    town, office = next_year, next_year.people["office"]
    changed = [p for p in compare_editions(town.edition, town.new).pairs if not p.is_same]
    assert [(p.new.code, p.changes) for p in changed] == [("1-02", (Change.REWORDED,))]
    old, new = node(town.edition, "1-02"), node(town.new, "1-02")
    decide_carry(town.new, old, None, "drop", by=office)
    assert Share.objects.filter(requirement__node=new).count() == 0
    for _twice in range(2):
        row = decide_carry(town.new, old, new, "carry", by=office)
    assert [s.unit.code for s in Share.objects.filter(requirement__node=new)] == ["jtj"]
    assert decisions(town.new) == {old.pk: row} and Carry.objects.count() == 1
    assert history.changes_of(row).count() == 2  # dropped, then carried; the third asking changed nothing


def test_units_given_already_are_not_overruled(next_year):
    town, office = next_year, next_year.people["office"]
    need = Requirement.objects.get(node__edition=town.new, node__code="1-01", method="site")
    give_share(need, town.units["xhl"], by=office)
    carry_unchanged(town.edition, town.new, by=office)
    assert [s.unit.code for s in need.shares.all()] == ["xhl"]


def test_what_is_refused(next_year):
    town, office = next_year, next_year.people["office"]
    old, other, new = node(town.edition, "1-02"), node(town.edition, "1-01"), node(town.new, "1-02")
    with pytest.raises(NotAllowed):
        decide_carry(town.new, old, new, "carry", by=town.people["liaison"])
    with pytest.raises(Refused, match="分别属于"):
        decide_carry(town.new, new, new, "carry", by=office)
    with pytest.raises(Refused, match="选一条接手"):
        decide_carry(town.new, old, None, "carry", by=office)
    decide_carry(town.new, old, new, "carry", by=office)
    with pytest.raises(Refused, match="已经接手另一条"):
        decide_carry(town.new, other, new, "carry", by=office)
    assert Carry.objects.count() == 1
