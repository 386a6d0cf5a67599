"""The coverage page: every hole is seen, mended from the side, and gone; a unit sees its own lines only."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from chuangwen.assessment.coverage import coverage
from chuangwen.dossier.models import Item
from chuangwen.kernel.models import Entry
from chuangwen.standards.models import Edition, Material, Method, Node, Requirement, Scheme, Share
from chuangwen.tasks.models import Task


@pytest.fixture
def tree(town):
    """Two standards: one with a material that nobody leads, one led, asked by survey, without a question."""
    scheme = Scheme.objects.create(code="s", name="样例", kind="city")
    edition = Edition.objects.create(scheme=scheme, name="2026", year=2026, full=Decimal(10), is_current=True)
    item = Node.objects.create(edition=edition, tier="item", code="1", name="环境", rank=1)
    first = Node.objects.create(
        edition=edition, parent=item, tier="standard", code="1-1", name="公厕开放", rank=2
    )
    second = Node.objects.create(
        edition=edition, parent=item, tier="standard", code="1-2", name="知晓率", rank=3
    )
    paper = Requirement.objects.create(node=first, method=Method.MATERIAL, full=Decimal(6))
    Material.objects.create(requirement=paper, code="1-1-a", kind="report", text="说明报告")
    asked = Requirement.objects.create(node=second, method=Method.SURVEY, full=Decimal(4))
    Share.objects.create(requirement=asked, unit=town.units["xhl"], part="lead")
    return town


def sign_in(town, name):
    client = Client()
    client.force_login(town.people[name])
    return client


def verdicts():
    matrix = coverage(Edition.objects.get(), timezone.localdate().year)
    return {line.code: [cell.verdict for cell in line.cells.values()] for line in matrix.lines}


def test_a_hole_is_mended_link_by_link(tree):
    client = sign_in(tree, "office")
    need = Requirement.objects.get(method=Method.MATERIAL)
    assert verdicts() == {"1-1": ["unit"], "1-2": ["proof"]}
    html = client.get("/standards/coverage/").content.decode()
    assert "没有责任单位" in html
    unit = tree.units["dcj"]
    for _twice in range(2):
        answer = client.post(f"/standards/coverage/{need.pk}/give/", {"unit": unit.pk, "back": "?order=tree"})
        assert (answer.status_code, answer["Location"]) == (302, "/standards/coverage/?order=tree")
    assert Share.objects.filter(requirement=need).count() == 1
    assert verdicts()["1-1"] == ["task"]
    for _twice in range(2):
        client.post(f"/standards/coverage/{need.pk}/task/")
    assert Task.objects.filter(requirement=need).count() == 1
    assert verdicts()["1-1"] == ["proof"]
    item = Item.objects.create(
        material=Material.objects.get(), year=timezone.localdate().year, unit=unit, state="office_check"
    )
    assert verdicts()["1-1"] == ["unreviewed"]
    Item.objects.filter(pk=item.pk).update(**{"state": "accepted"})
    # The task made above is still a draft nobody has published.
    assert verdicts()["1-1"] == ["unreviewed"]
    Task.objects.filter(requirement=need).update(**{"state": "doing"})
    assert verdicts()["1-1"] == ["complete"]


def test_the_tasks_of_all_cells_that_lack_only_one_in_one_click(tree):
    paper = Requirement.objects.get(method=Method.MATERIAL)
    site = Requirement.objects.create(node=paper.node, method=Method.SITE, full=Decimal(1))
    loose = Requirement.objects.create(node=paper.node, method=Method.HOTLINE, full=Decimal(1))
    for need in (paper, site):
        Share.objects.create(requirement=need, unit=tree.units["cgj"], part="lead")
    client, edition = sign_in(tree, "office"), Edition.objects.get()
    assert "给缺任务的 2 格都生成" in client.get("/standards/coverage/?hole=task").content.decode()
    address = "/standards/coverage/tasks/"
    assert sign_in(tree, "head").post(address, {"edition": edition.pk}).status_code == 404
    assert client.post(address, {"edition": 0}).status_code == 404
    for _twice in range(2):
        answer = client.post(address, {"edition": edition.pk, "back": "?hole=task"})
        assert (answer.status_code, answer["Location"]) == (302, "/standards/coverage/?hole=task")
    # Neither the cell nobody leads nor the survey, which needs questions, gets one.
    assert sorted(Task.objects.values_list("requirement_id", flat=True)) == sorted([paper.pk, site.pk])
    assert sorted(verdicts()["1-1"]) == ["proof", "proof", "unit"]
    assert loose.shares.count() == 0


def test_waiving_needs_a_reason_and_is_logged(tree):
    client = sign_in(tree, "office")
    need = Requirement.objects.get(method=Method.SURVEY)
    assert client.post(f"/standards/coverage/{need.pk}/waive/", {"reason": " "}).status_code == 409
    assert verdicts()["1-2"] == ["proof"]
    client.post(f"/standards/coverage/{need.pk}/waive/", {"reason": "本市没有这一类"})
    assert verdicts()["1-2"] == ["waived"]
    assert Entry.objects.filter(subject="standards.requirement", subject_id=need.pk).count() == 1


def test_a_unit_sees_its_own_lines_and_may_not_mend(tree):
    client = sign_in(tree, "liaison")
    html = client.get("/standards/coverage/").content.decode()
    own = tree.people["liaison"].standing.units_as("liaison", "head")
    seen = {code for code in ("1-1", "1-2") if f">{code}<" in html}
    leads = {"1-2": tree.units["xhl"].pk}
    assert seen == {code for code, unit in leads.items() if unit in own}
    need = Requirement.objects.first()
    assert client.post(
        f"/standards/coverage/{need.pk}/give/", {"unit": tree.units["dcj"].pk}
    ).status_code in (403, 404)
    assert not Share.objects.filter(requirement__method=Method.MATERIAL).exists()


def test_filters_and_excel(tree):
    client = sign_in(tree, "office")
    assert ">1-1<" in client.get("/standards/coverage/?unit=none").content.decode()
    assert ">1-2<" not in client.get("/standards/coverage/?unit=none").content.decode()
    assert client.get("/standards/coverage/?unit=x").status_code == 404
    from chuangwen.kernel.screens.tables import Column, read_table

    data = client.get("/standards/coverage/?export=xlsx").content
    rows = read_table(
        data, "x.xlsx", columns=[Column("code", ("编号",), required=True), Column("verdict", ("结论",))]
    ).rows
    assert [(row.values["code"], row.values["verdict"]) for row in rows] == [
        ("1-1", "缺责任单位"),
        ("1-2", "缺材料、点位、问题或数据"),
    ]


def test_queries_do_not_grow_with_the_tree(tree, django_assert_max_num_queries):
    client = sign_in(tree, "office")
    edition, parent = Edition.objects.get(), Node.objects.get(code="1")
    for i in range(30):
        node = Node.objects.create(
            edition=edition, parent=parent, tier="standard", code=f"9-{i}", name=f"标准{i}", rank=10 + i
        )
        Requirement.objects.create(node=node, method=Method.SITE, full=Decimal(1))
    with django_assert_max_num_queries(40):
        assert client.get("/standards/coverage/").status_code == 200


def test_the_command_prints_the_holes_and_fails(tree, capsys):
    with pytest.raises(SystemExit) as end:
        call_command("standards", "coverage")
    assert end.value.code == 1
    printed = capsys.readouterr().out
    assert "1-1 公厕开放 · 材料：缺责任单位" in printed
    assert "缺 2 格" in printed
    Requirement.objects.update(waived_reason="样例")
    call_command("standards", "coverage")
    assert "缺 0 格" in capsys.readouterr().out
