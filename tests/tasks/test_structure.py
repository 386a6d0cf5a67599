"""The command structure changed: groups, their place, members and leaders, and that no ring is made."""

from __future__ import annotations

import datetime as dt

import pytest

from chuangwen.kernel.models import Post, Unit
from chuangwen.kernel.workflow import history
from chuangwen.kernel.workflow.flow import NotAllowed, Refused
from chuangwen.tasks.actions import make_task
from chuangwen.tasks.models import GroupMember
from chuangwen.tasks.structure import (
    add_group,
    add_member,
    end_group,
    end_member,
    move_group,
    rename_group,
    set_leader,
)

DAY = dt.date(2026, 11, 16)


@pytest.fixture
def groups(town):
    """指挥部 → 环境组 → 清扫小组, and 办公室 under the top."""
    by = town.people["office"]
    top = add_group("示例指挥部", "command", None, by=by)
    env = add_group("环境整治组", "group", top, by=by, short_name="环境组")
    sweep = add_group("清扫小组", "group", env, by=by)
    office = add_group("综合组", "office_group", top, by=by)
    return {"top": top, "env": env, "sweep": sweep, "office": office}


def paths(groups):
    return {name: Unit.objects.get(pk=row.pk).path for name, row in groups.items()}


def test_groups_are_added_once_and_moved_with_all_below(town, groups):
    by = town.people["office"]
    assert add_group("环境整治组", "group", groups["top"], by=by) == groups["env"]
    top, env, sweep, office = (groups[n].code for n in ("top", "env", "sweep", "office"))
    assert paths(groups) == {
        "top": top, "env": f"{top}/{env}", "sweep": f"{top}/{env}/{sweep}", "office": f"{top}/{office}",
    }  # fmt: skip
    move_group(groups["env"], groups["office"], by=by)
    assert paths(groups) == {
        "top": top, "office": f"{top}/{office}", "env": f"{top}/{office}/{env}",
        "sweep": f"{top}/{office}/{env}/{sweep}",
    }  # fmt: skip
    assert history.changes_of(groups["env"]).first().given == {
        "parent": [groups["top"].pk, groups["office"].pk]
    }


@pytest.mark.parametrize("under", ["env", "sweep"])
def test_a_group_is_not_moved_under_itself(town, groups, under):
    before = paths(groups)
    with pytest.raises(Refused, match="自己或自己的下级"):
        move_group(groups["env"], groups[under], by=town.people["office"])
    assert paths(groups) == before


def test_departments_are_no_groups(town, groups):
    by = town.people["office"]
    for act in (
        lambda: move_group(groups["env"], town.units["cgj"], by=by),
        lambda: move_group(town.units["cgj"], groups["top"], by=by),
        lambda: rename_group(town.units["cgj"], "别的局", by=by),
        lambda: add_group("组", "department", groups["top"], by=by),
    ):
        with pytest.raises(Refused):
            act()


def test_a_group_ends_when_nothing_hangs_on_it_and_takes_its_posts_along(town, groups):
    by = town.people["office"]
    set_leader(groups["sweep"], town.people["leader"], "组长", by=by, on=DAY)
    member = add_member(groups["sweep"], town.units["cgj"], by=by, from_on=DAY)
    with pytest.raises(Refused, match="下面还有工作组"):
        end_group(groups["env"], by=by)
    task = make_task(by=by, kind="activity", title="清扫", due_on=dt.date(2026, 12, 30), unit=groups["sweep"])
    with pytest.raises(Refused, match="1 项未完任务"):
        end_group(groups["sweep"], by=by)
    task.delete()
    end = dt.date(2026, 12, 1)
    end_group(groups["sweep"], by=by, on=end)
    end_group(groups["sweep"], by=by, on=end)
    member.refresh_from_db()
    assert (Unit.objects.get(pk=groups["sweep"].pk).is_active, member.to_on) == (False, end)
    assert list(Post.objects.filter(unit=groups["sweep"]).values_list("to_on", flat=True)) == [end]


def test_members_have_their_period_and_a_lead(town, groups):
    by = town.people["office"]
    one = add_member(groups["env"], town.units["cgj"], by=by, from_on=DAY)
    assert add_member(groups["env"], town.units["cgj"], by=by, is_lead=True, from_on=DAY) == one
    end_member(one, by=by, on=dt.date(2026, 11, 20))
    end_member(one, by=by, on=dt.date(2026, 11, 25))
    add_member(groups["env"], town.units["cgj"], by=by, from_on=dt.date(2026, 12, 1))
    rows = GroupMember.objects.order_by("pk").values_list("is_lead", "to_on")
    assert list(rows) == [(True, dt.date(2026, 11, 20)), (False, None)]


def test_another_leader_ends_the_one_before(town, groups):
    by = town.people["office"]
    first = set_leader(groups["env"], town.people["leader"], "组长", by=by, on=DAY)
    assert set_leader(groups["env"], town.people["leader"], "组长", by=by, on=DAY) == first
    set_leader(groups["env"], town.people["head"], "组长", by=by, on=dt.date(2026, 12, 1))
    rows = Post.objects.filter(unit=groups["env"]).order_by("pk").values_list("person__username", "to_on")
    assert list(rows) == [("leader", dt.date(2026, 11, 30)), ("head", None)]


@pytest.mark.parametrize("role", ["liaison", "leader", "clerk", "nobody"])
def test_others_than_the_office_change_nothing(town, groups, role):
    person = town.people[role]
    for act in (
        lambda: add_group("组", "group", groups["top"], by=person),
        lambda: rename_group(groups["env"], "组", by=person),
        lambda: move_group(groups["env"], groups["office"], by=person),
        lambda: end_group(groups["office"], by=person),
        lambda: add_member(groups["env"], town.units["cgj"], by=person),
        lambda: set_leader(groups["env"], person, "组长", by=person),
    ):
        with pytest.raises(NotAllowed):
            act()
