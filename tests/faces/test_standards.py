"""Pages of standards: who sees and may what, imports looked at and loaded once, decisions and notices sent twice."""

# ruff: noqa: F811 — the fixtures of tests/standards are imported by name

from __future__ import annotations

import io
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from chuangwen.standards.actions import issue_notices
from chuangwen.standards.exchange.loading import known_here, load_tables
from chuangwen.standards.exchange.reading import read_workbook
from chuangwen.standards.models import (
    Carry,
    DutyNotice,
    Edition,
    Node,
    Requirement,
    Series,
    SeriesValue,
    Share,
    TableShape,
    TreeImport,
)
from tests.standards.conftest import ROWS, book, sheets, tree  # noqa: F401
from tests.standards.test_duty_notices import DAY


@pytest.fixture
def client_of(town):
    def client(role):
        found = Client()
        found.force_login(town.people[role])
        return found

    return client


def words(response):
    return response.content.decode()


def file(rows, name="tree.xlsx"):
    return SimpleUploadedFile(name, book(rows))


def notice_of(tree):
    return issue_notices(tree.edition, [tree.units["cgj"]], DAY, by=tree.people["office"]).made[0]


def test_the_tree_is_searched_and_narrowed_to_the_own_unit(tree, client_of):
    page = words(client_of("liaison").get("/standards/"))
    assert "市场干净" in page and "有宣传" in page and "导入…" not in page
    mine = words(client_of("liaison").get("/standards/?unit=mine"))
    assert "市场干净" in mine and "有宣传" not in mine
    assert "有宣传" in words(client_of("office").get("/standards/?q=公益广告"))
    assert "没有这样的标准" in words(client_of("office").get("/standards/?q=登月"))
    assert client_of("office").get("/standards/?edition=999").status_code == 404
    assert Client().get("/standards/").status_code == 302


def test_queries_do_not_grow_with_the_tree(tree, client_of, sheets, django_assert_max_num_queries):
    client = client_of("office")
    client.get("/standards/")
    with django_assert_max_num_queries(14):
        client.get("/standards/")
    with django_assert_max_num_queries(24):
        client.get(f"/standards/{tree.edition.pk}/1-01/")


def test_one_standard_tells_everything(tree, client_of):
    page = words(client_of("nobody").get(f"/standards/{tree.edition.pk}/1-01/"))
    for said in (
        "垃圾日产日清",
        "农贸市场",
        "地面无积水",
        "不超过 500 字",
        "同一份：1-01-M1",
        "每镇一处",
    ):
        assert said in page
    assert "改分工" not in page
    assert client_of("nobody").get(f"/standards/{tree.edition.pk}/9-99/").status_code == 404


def test_giving_a_unit_and_waiving_from_the_page(tree, client_of):
    need = Requirement.objects.get(method="series")
    give = {"unit": tree.units["jtj"].pk, "part": "lead", "reason": "管公交站"}
    address = f"/standards/cells/{need.pk}/give/"
    for role in ("liaison", "head", "clerk", "leader", "nobody"):
        assert client_of(role).post(address, give).status_code == 404
    assert Share.objects.filter(requirement=need).count() == 0
    office = client_of("office")
    for _twice in range(2):
        assert office.post(address, give).status_code == 302
    assert Share.objects.get(requirement=need).unit == tree.units["jtj"]
    page = words(office.get(f"/standards/{tree.edition.pk}/1-02/"))
    assert "分工 交通运输局（主责）" in page and "管公交站" in page
    assert office.post(address, {"unit": "no"}).status_code == 409
    assert office.post(f"/standards/cells/{need.pk}/explode/", give).status_code == 404
    office.post(f"/standards/cells/{need.pk}/waive/", {"reason": "省里直接取数"})
    assert "不要求：省里直接取数" in words(office.get(f"/standards/{tree.edition.pk}/1-02/"))


def test_a_figure_by_its_unit_confirmed_by_another(tree, client_of):
    series = Series.objects.get()
    given = {"year": "2026", "value": "95.5", "source": "年报"}
    assert client_of("liaison").post(f"/standards/series/{series.pk}/", given).status_code == 404
    assert client_of("liaison2").post(f"/standards/series/{series.pk}/", given).status_code == 302
    row = SeriesValue.objects.get()
    assert client_of("liaison2").post(f"/standards/values/{row.pk}/confirm/").status_code == 404
    assert client_of("office").post(f"/standards/values/{row.pk}/confirm/").status_code == 302
    row.refresh_from_db()
    assert row.confirmed_by == tree.people["office"]
    assert (
        client_of("liaison2")
        .post(f"/standards/series/{series.pk}/", {"year": "20", "value": "x"})
        .status_code
        == 409
    )


def test_an_export_is_the_file_an_import_takes(tree, client_of):
    assert client_of("liaison").get(f"/standards/{tree.edition.pk}/export/").status_code == 404
    data = client_of("office").get(f"/standards/{tree.edition.pk}/export/").content
    again = load_tables(read_workbook(data, "again.xlsx"), known=known_here({"0301"}))
    assert (again.made, again.changed, again.rows_in) == (0, 0, sum(len(lines) for lines in ROWS.values()))


def test_a_file_is_looked_at_first_and_loaded_once(town, client_of):
    assert client_of("clerk").get("/standards/import/").status_code == 404
    office = client_of("office")
    answer = office.post("/standards/import/", {"file": file(ROWS)})
    assert answer.status_code == 302 and Edition.objects.count() == 0
    page = words(office.get(answer.url))
    assert "还没有写入任何一行" in page and "导入 17 行" in page
    assert office.post(answer.url, {"act": "load"}).status_code == 302
    assert Edition.objects.count() == 1 and Node.objects.count() == 4
    assert office.post(answer.url, {"act": "load"}).status_code == 409  # sent twice
    assert Node.objects.count() == 4
    assert "新增 <b>17</b>" in words(office.get(answer.url))


def test_bad_rows_are_named_on_the_page_and_nothing_is_loaded(town, client_of, sheets):
    sheets["要求"][0][7] = "ghost"
    sheets["标准"][2][7] = 7
    office = client_of("office")
    address = office.post("/standards/import/", {"file": file(sheets)}).url
    page = words(office.get(address))
    assert "没有编号“ghost”的单位" in page and "下级合计是 11" in page and 'value="load"' not in page
    assert office.post(address, {"act": "load"}).status_code == 409
    assert Edition.objects.count() == 0
    empty = SimpleUploadedFile("x.xlsx", b"%PDF-1.4")
    assert office.post("/standards/import/", {"file": empty}).status_code == 400


def test_an_edition_of_the_same_name_is_replaced_only_when_asked(tree, client_of, sheets):
    sheets["标准"][3][5] = "有公益宣传"
    office = client_of("office")
    address = office.post("/standards/import/", {"file": file(sheets)}).url
    assert "替换同名的版本" in words(office.get(address))
    assert office.post(address, {"act": "load"}).status_code == 409
    assert office.post(address, {"act": "replace"}).status_code == 302
    assert Node.objects.get(code="1-02").name == "有公益宣传"


def test_a_foreign_table_is_mapped_once_and_remembered(town, client_of):
    text = "level1,level2,level3,site_types,requirements\nⅠ-1 环境,Ⅱ-2 街面,Ⅲ-3 市场,集贸市场,①干净 / ②有秤\n"
    office = client_of("office")

    def put():
        upload = SimpleUploadedFile("t.csv", ("\ufeff" + text).encode())
        return office.post("/standards/import/", {"file": upload}).url

    address = put()
    page = words(office.get(address))
    assert "怎么读这张表" in page and "集贸市场" in page
    reading = {
        "act": "read", "scheme": "other", "name": "外来", "kind": "city", "edition": "2017", "year": "2017",
        "word": ["集贸市场"], "site": ["farm_market"],
        **{f"col_{key}": key for key in ("level1", "level2", "level3")}, "col_sites": "site_types", "col_requirement": "requirements",
    }  # fmt: skip
    assert office.post(address, reading).status_code == 302
    assert office.post(address, {"act": "load"}).status_code == 302
    edition = Edition.objects.get()
    assert [n.code for n in edition.nodes.all()] == ["1-1", "2-2", "3-3"]
    need = Requirement.objects.get()
    assert [(c.site_type.code, c.text) for c in need.check_items.all()] == [
        ("farm_market", "干净"),
        ("farm_market", "有秤"),
    ]
    assert TableShape.objects.get().mapping["sites"] == {"集贸市场": "farm_market"}
    assert TreeImport.objects.get(uid=put().split("/")[-2]).shape["sites"] == {"集贸市场": "farm_market"}


def follow(tree, rows):
    for lines in rows.values():
        for line in lines:
            line[:] = ["2027" if value == "2026" else value for value in line]
    rows["体系"][0][4] = 2027
    rows["标准"][3][6] = "公共场所有公益广告，内容完整。"
    for line in rows["要求"]:
        line[7] = line[8] = None
    return load_tables(read_workbook(book(rows), "n.xlsx"), known=known_here({"0301"})).editions[0]


def test_the_difference_shows_words_and_takes_decisions(tree, client_of, sheets):
    new = follow(tree, sheets)
    office, address = client_of("office"), f"/standards/{new.pk}/difference/"
    page = words(office.get(address))
    assert "<ins>，内容完整</ins>" in page and "沿用未变的 1 条" in page
    assert client_of("liaison").get(address).status_code == 404
    for _twice in range(2):
        assert office.post(f"/standards/{new.pk}/carry/", {"with": tree.edition.pk}).status_code == 302
    old = Node.objects.get(edition=tree.edition, code="1-02")
    one = f"/standards/{new.pk}/carry/{old.pk}/"
    target = {"new": Node.objects.get(edition=new, code="1-02").pk, "decision": "carry"}
    assert client_of("clerk").post(one, target).status_code == 404
    assert office.post(one, {"decision": "carry"}).status_code == 409
    for _twice in range(2):
        assert office.post(one, target).status_code == 302
    assert Carry.objects.count() == 2
    assert Share.objects.filter(requirement__node__edition=new).count() == 5
    assert "没有这样的变化" in words(office.get(f"{address}?change=undecided"))
    assert office.get(f"{address}?change=x").status_code == 404


def test_notices_are_sent_once_and_seen_by_their_unit_only(tree, client_of):
    office = client_of("office")
    send = {
        "edition": tree.edition.pk,
        "reply_on": DAY.isoformat(),
        "unit": [tree.units["cgj"].pk, tree.units["xhl"].pk],
    }
    for role in ("clerk", "liaison"):
        assert client_of(role).post("/standards/notices/", send).status_code == 404
    assert office.post("/standards/notices/", send).status_code == 302
    again = office.post("/standards/notices/", send)
    assert DutyNotice.objects.count() == 2 and "发出 0 份，2 个单位没有发" in words(again)
    notice = DutyNotice.objects.get(unit__code="cgj")
    address = notice.get_absolute_url()
    assert "到市场看" in words(client_of("liaison").get(address))
    assert client_of("liaison2").get(address).status_code == 404
    assert client_of("nobody").get("/standards/notices/").status_code == 404
    listed = words(client_of("liaison").get("/standards/notices/"))
    assert notice.number in listed and DutyNotice.objects.get(unit__code="xhl").number not in listed
    assert office.post("/standards/notices/", {**send, "reply_on": "明天"}).status_code == 409


def test_the_unit_signs_and_replies_and_sending_twice_is_once(tree, client_of):
    address = notice_of(tree).get_absolute_url()
    liaison, uid = client_of("liaison"), str(uuid.uuid4())
    for _twice in range(2):
        assert liaison.post(f"{address}receive/", {"uid": uid}).status_code == 302
    assert client_of("office").post(f"{address}reply/", {"reply": "代回"}).status_code == 404
    assert liaison.post(f"{address}reply/", {"reply": ""}).status_code == 400
    uid = str(uuid.uuid4())
    for _twice in range(2):
        assert liaison.post(f"{address}reply/", {"reply": "市容科办", "uid": uid}).status_code == 302
    notice = DutyNotice.objects.get()
    assert (notice.state, notice.entries) == ("replied", 4)
    page = words(client_of("office").get("/standards/notices/?state=replied"))
    assert "市容科办" in page
    assert liaison.post(f"{address}draft/").status_code == 404


def test_urging_and_withdrawing_from_the_page(tree, client_of):
    address = notice_of(tree).get_absolute_url()
    office = client_of("office")
    assert office.post(f"{address}urge/").status_code == 302
    assert office.post(f"{address}urge/").status_code == 409
    assert office.post(f"{address}withdraw/", {"reason": "分工有变"}).status_code == 302
    assert "分工有变" in words(office.get(address))
    assert DutyNotice.objects.get().state == "withdrawn"


def test_a_workbook_of_the_command_comes_back(tree, tmp_path, capsys):
    from django.core.management import call_command

    out = tmp_path / "all.xlsx"
    call_command("standards", "export", str(out))
    call_command("standards", "import", str(out))
    said = capsys.readouterr().out
    assert "写出 1 个版本，17 行" in said and "新增 0，改动 0，不变 17" in said
    broken = io.BytesIO(book({**ROWS, "要求": [[*line[:4], 9, *line[5:]] for line in ROWS["要求"]]}))
    out.write_bytes(broken.getvalue())
    with pytest.raises(SystemExit) as stopped:
        call_command("standards", "import", str(out))
    assert stopped.value.code == 1 and "各测法合计是 18" in capsys.readouterr().out
