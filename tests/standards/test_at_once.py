"""Two people at the same button: one notice a unit, one edition, one lead, one decision."""

from __future__ import annotations

import pytest

from chuangwen.kernel.workflow import history
from chuangwen.kernel.workflow.flow import Refused
from chuangwen.standards.actions import give_share, issue_notices
from chuangwen.standards.carrying import decide_carry
from chuangwen.standards.import_jobs import draft_import, load_import
from chuangwen.standards.models import Carry, DutyNotice, Edition, Node, Requirement, Scheme, Share
from tests.problems.test_at_once import at_once
from tests.standards.conftest import ROWS, book
from tests.standards.test_duty_notices import DAY

pytestmark = pytest.mark.django_db(transaction=True)


def test_notices_sent_by_two_at_once_reach_each_unit_once(tree):
    units = [tree.units["cgj"], tree.units["jtj"]]
    results = at_once(lambda i: issue_notices(tree.edition, units, DAY, by=tree.people["office"]), 4)
    assert [r for r in results if isinstance(r, Exception) and not isinstance(r, Refused)] == []
    assert sorted(DutyNotice.objects.values_list("unit__code", flat=True)) == ["cgj", "jtj"]
    assert list(history.verify()) == []


def test_one_file_loaded_by_three_at_once_is_one_edition(town):
    job = draft_import(book(ROWS), "t.xlsx", by=town.people["office"])
    results = at_once(lambda i: load_import(job, by=town.people["office"], kinds=["0301"]), 3)
    left = [r for r in results if isinstance(r, Exception)]
    assert len(left) == 2 and all(isinstance(r, Refused) for r in left)
    assert (Edition.objects.count(), Node.objects.count()) == (1, 4)


def test_two_leads_given_at_once_leave_one(tree):
    need = Requirement.objects.get(method="site")
    units = [tree.units["jtj"], tree.units["xhl"]]
    results = at_once(lambda i: give_share(need, units[i], by=tree.people["office"]), 2)
    assert [r for r in results if isinstance(r, Exception)] == []
    assert Share.objects.filter(requirement=need, part="lead").count() == 1
    assert list(history.verify()) == []


def test_one_decision_taken_by_four_at_once(tree):
    new = Edition.objects.create(scheme=Scheme.objects.get(), name="2027", year=2027, full=1)
    target = Node.objects.create(edition=new, tier="standard", code="1-02", name="有宣传")
    old = Node.objects.get(edition=tree.edition, code="1-02")
    results = at_once(lambda i: decide_carry(new, old, target, "carry", by=tree.people["office"]), 4)
    assert [r for r in results if isinstance(r, Exception)] == []
    assert Carry.objects.count() == 1 and history.changes_of(Carry.objects.get()).count() == 1
