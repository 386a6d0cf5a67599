"""The year beside the cases: the same twice, proved, nothing in the future, and every state of the year there."""

from __future__ import annotations

import datetime as dt

import pytest
from django.apps import apps
from django.db import transaction

from chuangwen.assessment.coverage import coverage
from chuangwen.assessment.models import Forecast, ScoreRule
from chuangwen.dossier.models import Item
from chuangwen.faces.cli.demo import files
from chuangwen.faces.cli.demo.simulate import simulate
from chuangwen.inspections import rules as round_rules
from chuangwen.inspections.models import Observation, Opinion, Round, Visit
from chuangwen.inspections.tallies import recount
from chuangwen.kernel.evidence import documents, reading
from chuangwen.kernel.models import Person, Place, Post, Term
from chuangwen.kernel.workflow import history
from chuangwen.kernel.workflow.models import Matter
from chuangwen.standards.models import (
    CheckItem,
    DutyNotice,
    Edition,
    Grading,
    Material,
    Node,
    Requirement,
    Scheme,
    Series,
    SeriesValue,
    Share,
)
from chuangwen.tasks.models import Demo, MonthLine, Plan, Task

# Wednesday, a working day, 10:00 in China.
END = dt.datetime(2026, 11, 18, 2, 0, tzinfo=dt.UTC)
FIRST = dt.date(2026, 1, 1)
KINDS = ("report", "document", "table", "photo", "press", "photo", "report", "photo")


pytestmark = pytest.mark.one_engine


def tree(town):
    """Eight standards tested on paper, four at places, two by figures, led in turn by three units."""
    scheme = Scheme.objects.create(code="city", name="示例体系", kind="city")
    edition = Edition.objects.create(scheme=scheme, name="2026", year=2026, full=100, is_current=True)
    grading = [
        Grading.objects.create(code="pf", name="达标", way="pass_fail"),
        Grading.objects.create(code="pt", name="扣分", way="points", params={"each": "0.5"}),
        Grading.objects.create(code="bd", name="分档", way="bands", params={"A": "1", "B": "0.6", "C": "0"}),
    ]
    units = [town.units[code] for code in ("cgj", "jtj", "xhl")]
    types = list(Term.objects.filter(list="site_type").order_by("code"))
    for n in range(14):
        node = Node.objects.create(
            edition=edition, tier="standard", code=f"1-{n:02d}", rank=n, name=f"环境卫生第{n}条"
        )
        method = "material" if n < 8 else "site" if n < 12 else "series"
        need = Requirement.objects.create(node=node, method=method, full=5)
        Share.objects.create(requirement=need, unit=units[n % 3], part="lead")
        if method == "material":
            due = dt.date(2026, 6, 30) if n < 4 else dt.date(2026, 11, 10) if n < 6 else dt.date(2026, 11, 30)
            Material.objects.create(requirement=need, code=f"M{n}", kind=KINDS[n], text=f"示例材料{n}", due_on=due,
                                    count=2 if KINDS[n] == "photo" else 1, limit=300, from_on=FIRST, to_on=due)  # fmt: skip
        elif method == "site":
            for kind in types:
                CheckItem.objects.create(requirement=need, code=f"C{n}-{kind.code}", site_type=kind, text=f"示例检查{n}",
                                         grading=grading[n % 3], full=1, case_kind="0301")  # fmt: skip
        else:
            Series.objects.create(
                requirement=need, code=f"S{n}", name=f"示例指标{n}", measure="%", target=90, unit=units[n % 3]
            )
    ScoreRule.objects.create(
        edition=edition, fronts={"dossier": "40", "site": "40", "survey": "20"}, prior_spread=4, source="示例"
    )
    return edition


@pytest.fixture
def city(town):
    """The small city with two types of place, three more inspectors, a head in each unit and a tree of standards."""
    square = Term.objects.create(list="site_type", code="square", name="广场")
    for n in range(12):
        site = Place(kind="site", code=f"T{n:02d}", name=f"示例点位{n}", short_name=f"示例点位{n}", parent=town.street,
                     type=square if n % 3 else town.site.type, path=f"{town.street.path}/T{n:02d}")  # fmt: skip
        site.locate(112.98 + 0.003 * n, 34.75 + 0.002 * (n % 4))
        site.save()
    for n in range(3):
        person = Person.objects.create(username=f"inspector{n}", name=f"示例巡查{n}", is_sample=True)
        Post.objects.create(person=person, role="inspector", from_on=FIRST)
    office = Person.objects.create(username="office2", name="示例 office2", is_sample=True)
    Post.objects.create(person=office, role="office", unit=town.units["office"], from_on=FIRST)
    for code in ("jtj", "xhl"):
        head = Person.objects.create(username=f"head-{code}", name="示例负责人", is_sample=True)
        Post.objects.create(person=head, role="head", unit=town.units[code], from_on=FIRST)
    return tree(town)


def story():
    """Everything of the year that may not depend on the run, without row numbers."""
    entries = history.Entry.objects.exclude(subject__startswith="problems.").select_related("by")
    steps = [
        (e.subject, e.step, e.from_state, e.to_state, e.at, e.by.username if e.by else "")
        for e in entries.order_by("at", "pk")
    ]
    rounds = list(
        Round.objects.order_by("number").values_list("number", "state", "seed", "draw_hash", "register_hash")
    )
    visits = list(Visit.objects.order_by("round__number", "place__code", "is_second").values_list(
        "place__code", "is_second", "state", "day", "points", "full", "failed"))  # fmt: skip
    tasks = list(
        Task.objects.order_by("number").values_list("number", "state", "progress", "due_on", "budget")
    )
    papers = list(
        Item.objects.order_by("material__code").values_list("material__code", "state", "version", "report")
    )
    kept = list(Forecast.objects.order_by("at").values_list("at", "value", "margin"))
    return steps, rounds, visits, tasks, papers, kept


def test_a_year_is_the_same_twice_and_whole(city):
    """Two simulations, the second looked at from every side: they are the dear part."""
    point = transaction.savepoint()
    assert simulate(5, days=2, until=END, cases_a_day=0.5).refused == ()
    first = story()
    transaction.savepoint_rollback(point)
    assert simulate(5, days=2, until=END, cases_a_day=0.5).refused == ()
    assert story() == first
    all_is_proved_and_nothing_lies_in_the_future()
    the_plan_is_worked_on(city)
    papers_came_and_were_reviewed()
    rounds_were_drawn_and_one_is_secret()
    # Four times by hand, and at the release of both mock tests.
    assert list(Forecast.objects.order_by("at").values_list("at__month", flat=True)) == [6, 6, 8, 10, 10, 11]
    mocks = set(Round.objects.filter(kind="mock", state="released").values_list("released_at", flat=True))
    assert len(mocks) == 2 and mocks <= set(Forecast.objects.values_list("at", flat=True))


def all_is_proved_and_nothing_lies_in_the_future():
    assert list(history.verify()) == []
    assert not history.Entry.objects.filter(at__gt=END).exists()
    for model in apps.get_models():
        if issubclass(model, Matter):
            assert not model._default_manager.filter(entries=0).exists(), model._meta.label


def the_plan_is_worked_on(edition):
    assert Plan.objects.filter(kind="year", parent__isnull=False, edition=edition).count() == 1
    states = set(Task.objects.values_list("state", flat=True))
    assert {"done", "doing", "open", "dropped"} <= states
    assert Task.objects.filter(kind="project", budget__gt=0, spent__gt=0).exists()
    assert MonthLine.objects.filter(state="done").exists()
    assert Demo.objects.count() == 2 and not Demo.objects.filter(visits=None).exists()
    assert "task" in coverage(edition, 2026).counts  # left open on purpose


def papers_came_and_were_reviewed():
    notices = dict(DutyNotice.objects.values_list("unit__code", "state"))
    assert set(notices) == {"cgj", "jtj", "xhl"} and "replied" in notices.values()
    items = Item.objects.order_by("material__code")
    assert items.count() == len(KINDS) and items.filter(state="accepted").exists()
    for item in items.exclude(version=0):
        assert item.versions.count() == item.version
    assert all(value.confirmed_by_id != value.given_by_id for value in SeriesValue.objects.all())


def rounds_were_drawn_and_one_is_secret():
    rounds = {row.name: row for row in Round.objects.all()}
    first, second = rounds["上半年模拟测评"], rounds["下半年模拟测评"]
    assert {first.state, second.state} == {"released"} and first.draw_hash != second.draw_hash
    assert Visit.objects.filter(round=first, is_second=True).exists()
    assert all(recount(row) == [] for row in rounds.values())
    secret = next(row for row in rounds.values() if row.is_secret)
    assert secret.state == "running" and secret.is_hidden
    assert not Observation.objects.filter(visit__round=secret, case_id__isnull=False).exists()
    outsider = Person.objects.get(username="clerk")
    assert secret not in round_rules.see_round.filter(Round.objects.all(), outsider)
    today = Visit.objects.filter(day=dt.date(2026, 11, 18), round__state="running")
    assert today.filter(round__kind="patrol").exists()
    assert Visit.objects.filter(round=secret, day__lte=dt.date(2026, 11, 18)).exists()
    assert Opinion.objects.filter(answer="").count() == 1 and Opinion.objects.exclude(answer="").exists()


def test_sample_documents_are_let_in_and_read():
    word = files.docx(["第一段", "a < b & c"])
    assert word == files.docx(["第一段", "a < b & c"])
    assert documents.take_in(word, "文件.docx").kind == "docx"
    assert reading.text_of(word, "docx").split("\n") == ["第一段", "a < b & c"]
    sheet = files.xlsx([["序号", "名称"], ["1", "示例"]])
    assert documents.take_in(sheet, "表.xlsx").kind == "xlsx"
    assert "1\t示例" in reading.text_of(sheet, "xlsx")
    assert documents.take_in(files.pdf("SAMPLE 1"), "文件.pdf").kind == "pdf"
