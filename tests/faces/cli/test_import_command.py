"""`chuangwen import`: orders row by row, single sheets all or none; status 1 when anything was left out."""

from __future__ import annotations

import io

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from chuangwen.kernel.models import Duty, Person, Place, Post, Unit
from chuangwen.problems.models import CaseKind, Report

ORDERS = "工单号,诉求内容,经度,纬度\nG1,路灯不亮,113.0,34.7601\nG2,井盖缺失,,\n"


@pytest.fixture
def run(town, tmp_path):
    def run(kind, text, *more):
        path = tmp_path / f"{kind}.csv"
        path.write_text(text, encoding="utf-8")
        out = io.StringIO()
        try:
            call_command("import", kind, str(path), *more, stdout=out)
        except SystemExit as end:
            return end.code, out.getvalue()
        return 0, out.getvalue()

    return run


def test_orders_are_looked_at_then_taken_in_once(run):
    status, text = run("orders", ORDERS, "--dry-run")
    assert (status, Report.objects.count()) == (0, 0)
    assert "新收 2" in text
    assert run("orders", ORDERS, "--channel", "12319")[0] == 0
    assert "新收 0，已有 2" in run("orders", ORDERS, "--channel", "12319")[1]
    assert set(Report.objects.values_list("channel", flat=True)) == {"12319"}


def test_bad_order_is_named_and_the_status_says_so(run):
    status, text = run("orders", ORDERS + "G3,外地,120.0,30.0\n")
    assert (status, Report.objects.count()) == (1, 2)
    assert "第 4 行 C 经度：这个点不在本市范围内" in text


def test_other_titles_and_what_is_no_table(run, tmp_path):
    assert (
        "新收 1"
        in run("orders", "流水,讲了\n7,臭水沟\n", "--column", "number=流水", "--column", "text=讲了")[1]
    )
    assert run("orders", "姓名\n示例\n")[0] == 1
    with pytest.raises(CommandError, match="没有文件"):
        call_command("import", "orders", str(tmp_path / "no.csv"))


def test_single_sheets_stand_on_what_is_here(run):
    assert run("units", "code,名称,short_name,kind,parent\nnew,新局,新局,department,\nsub,新局下属,下属,department,cgj\n") == (
        0, "单位: +2 ~0 =0\n")  # fmt: skip
    assert Unit.objects.get(code="sub").path == "cgj/sub"
    assert run("people", "username,name,phone\nwang,示例 王,13800000000\n")[0] == 0
    assert run("posts", "username,role,unit,from\nwang,liaison,sub,2026-01-01\n")[0] == 0
    post = Post.objects.get(person__username="wang")
    assert (post.unit.code, post.person.name) == ("sub", "示例 王")
    road = "路段编号,名称,起止,等级,所在区划代码\nR9,新华路,甲—乙,main,410181001000\n"
    assert run("roads", road)[0] == 0
    assert Place.objects.get(code="R9").path == "410181000000/410181001000/R9"
    assert Place.objects.get(code="R1").shape is not None
    assert run("duties", "kind,place_kind,place,unit,from\nroad_chief,road,R9,sub,2026-01-01\n")[0] == 0
    assert Duty.objects.get(place__code="R9").unit.code == "sub"
    assert run("duties", "kind,place_kind,place,unit,from\nroad_chief,road,R9,sub,2026-01-01\n")[1].endswith(
        "+0 ~0 =1\n"
    )


@pytest.mark.parametrize(("kind", "text", "word"), [
    ("units", "code,名称,short_name,kind,parent\nx,甲,甲,department,nobody\n", "nobody"),
    ("posts", "username,role,unit,from\nghost,liaison,cgj,2026-01-01\n", "ghost"),
    ("duties", "kind,place_kind,place,unit,from\nroad_chief,road,R77,cgj,2026-01-01\n", "R77"),
    ("people", "username,name\na,甲\na,乙\n", "重复"),
    ("people", "什么\n1\n", "表头"),
])  # fmt: skip
def test_a_faulty_sheet_changes_nothing(run, kind, text, word):
    before = (Unit.objects.count(), Person.objects.count(), Post.objects.count(), Duty.objects.count())
    status, said = run(kind, text)
    assert status == 1
    assert word in said
    assert before == (
        Unit.objects.count(),
        Person.objects.count(),
        Post.objects.count(),
        Duty.objects.count(),
    )


def test_shipped_catalogue_alone(run):
    from django.conf import settings

    text = (settings.ROOT / "packs" / "gongyi" / "catalogue.csv").read_text(encoding="utf-8-sig")
    status, said = run("catalogue", text)
    assert (status, CaseKind.objects.count()) == (1, 2)  # its units are not those of the test city
    assert "责任单位编码" in said
