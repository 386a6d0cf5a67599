"""The pages of papers: written, previewed, signed, issued, received; each post gets what its rule gives."""

from __future__ import annotations

import io
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chuangwen.kernel.city import forget
from chuangwen.papers.flow import PaperFlow
from chuangwen.papers.models import IssuingBody, Paper, Receipt, Regulation
from tests.papers.conftest import draft, issued, office, signed

__all__ = ["office"]
TEXT = "各单位：\n一、总体要求\n（一）目标。全市达标。\n| 单位 | 日期 |\n| 城管局 | 11月3日 |"


def as_(person, **headers):
    client = Client(headers=headers)
    client.force_login(person)
    return client


def text_of(response, status=200):
    assert response.status_code == status, response.content.decode()[:2000]
    return response.content.decode()


def form_of(town, **more):
    units = town.units
    return {
        "title": "关于做好清扫的通知", "body": town.body.pk, "text": TEXT, "receivers": [units["cgj"].pk], "copies": [units["jtj"].pk],
        "reply_on": "", **more,
    }  # fmt: skip


def test_a_paper_from_the_empty_form_to_a_units_reply(office):
    people, writer, signer = office.people, as_(office.people["office"]), as_(office.people["office2"])
    assert 'href="?kind=notice"' in text_of(writer.get("/papers/new/"))
    given = form_of(office, reply_on=(timezone.localdate() + timezone.timedelta(days=9)).isoformat())
    made = writer.post("/papers/new/?kind=notice", given)
    paper = Paper.objects.get()
    assert made["Location"] == paper.get_absolute_url()
    page = text_of(writer.get(paper.get_absolute_url()))
    assert "一、总体要求" in page and "（一）目标。</span>全市达标。" in page and "<th>单位</th>" in page
    steps = f"{paper.get_absolute_url()}steps/"
    writer.post(f"{steps}send/", {"uid": uuid.uuid4()})
    assert "自己拟的稿由另一人签发" in text_of(writer.get(paper.get_absolute_url()))
    assert writer.post(f"{steps}sign/").status_code == 404
    assert signer.post(f"{steps}sign/").status_code == 302
    writer.post(f"{steps}issue/")
    unit = as_(people["liaison"])
    row = Receipt.objects.get(unit=office.units["cgj"])
    assert paper.title in text_of(unit.get("/papers/received/")) and paper.title in text_of(unit.get("/"))
    uid = str(uuid.uuid4())
    for _twice in range(2):
        assert unit.post(f"/papers/received/{row.pk}/receive/", {"uid": uid}).status_code == 302
    assert "写明办到哪一步" in text_of(unit.post(f"/papers/received/{row.pk}/reply/", {"reply": ""}), 409)
    unit.post(f"/papers/received/{row.pk}/reply/", {"reply": "市容科办完了。"})
    assert "市容科办完了。" in text_of(writer.get(paper.get_absolute_url()))
    other = as_(people["liaison2"])  # the copy's receiver sees the paper, not what another unit answered
    page = text_of(other.get(paper.get_absolute_url()))
    assert "市容科办完了。" not in page and "<b>回复</b>" not in page
    assert other.post(f"/papers/received/{row.pk}/receive/").status_code == 404


def test_the_preview_follows_the_form(office):
    client = as_(office.people["office"], HX_Request="true")
    page = text_of(client.post("/papers/preview/", {"kind": "notice", **form_of(office)}))
    assert "示例市创建办公室文件" in page and "城市管理局：" in page and "抄送：交通运输局。" in page
    assert "写上标题" in text_of(
        client.post("/papers/preview/", {"kind": "notice", **form_of(office, title="")})
    )
    assert as_(office.people["clerk"]).post("/papers/preview/", {"kind": "notice"}).status_code == 404
    assert Paper.objects.count() == 0


def test_whole_kinds_of_units_in_one_tick(office):
    as_(office.people["office"]).post(
        "/papers/new/?kind=notice", form_of(office, kinds=["department"], receivers=[])
    )
    main = Receipt.objects.filter(part="main").values_list("unit__code", flat=True)
    assert sorted(main) == ["cgj", "jtj"]


def test_an_edit_does_not_write_over_anothers(office):
    paper = draft(office)
    client = as_(office.people["office"])
    seen = paper.head
    page = text_of(client.get(f"{paper.get_absolute_url()}edit/"))
    assert f'value="{seen}"' in page and "一、清扫范围" in page
    assert client.post(f"{paper.get_absolute_url()}edit/", form_of(office, seen=seen)).status_code == 302
    late = client.post(f"{paper.get_absolute_url()}edit/", form_of(office, seen=seen, title="我写的还在"))
    assert "另一人刚改过" in text_of(late, 409) and "我写的还在" in late.content.decode()
    assert "各单位要做好市场清扫" in text_of(client.get(f"{paper.get_absolute_url()}versions/1/"))
    assert as_(office.people["clerk"]).get(f"{paper.get_absolute_url()}versions/1/").status_code == 404


def test_files_of_a_paper(office):
    import docx

    paper, client = signed(office), as_(office.people["office"])
    answer = client.get(f"{paper.get_absolute_url()}file.docx")
    words = "".join(p.text for p in docx.Document(io.BytesIO(answer.content)).paragraphs)
    assert "各单位要做好市场清扫" in words and "filename" in answer["Content-Disposition"]
    assert answer.content == client.get(f"{paper.get_absolute_url()}file.docx").content


def test_pdf_says_what_is_missing(office, settings):
    settings.SOFFICE = "/no/such/program"
    page = as_(office.people["office"]).get(f"{draft(office).get_absolute_url()}file.pdf")
    assert "没有 LibreOffice" in text_of(page, 409)


def test_list_with_its_next_step_and_many_at_once(office):
    drafts = [draft(office, title=f"关于第{i}件事的通知") for i in range(3)]
    client = as_(office.people["office"], HX_Request="true")
    assert text_of(client.get("/papers/")).count("送核") >= 3
    chosen = {"row": [p.pk for p in drafts], "uid": str(uuid.uuid4())}
    client.post("/papers/bulk/send/", chosen)
    assert "自己拟的由另一人签发" in text_of(client.post("/papers/bulk/", chosen))
    second = as_(office.people["office2"], HX_Request="true")
    assert text_of(client.get("/papers/?tab=mine")).count("关于第") == 0
    assert text_of(second.get("/papers/?tab=mine")).count("核稿…") == 3
    for _twice in range(2):
        second.post("/papers/bulk/sign/", chosen)
    assert sorted(Paper.objects.values_list("serial", flat=True)) == [1, 2, 3]
    client.post("/papers/bulk/issue/", chosen)
    assert Paper.objects.filter(state="issued").count() == 3
    page = text_of(client.get("/papers/?tab=waiting"))
    assert "签收 0/2" in page and "催办" in page
    assert text_of(client.get("/papers/?kind=circular")).count("关于第") == 0
    assert b"".join(client.get("/papers/export.xlsx").streaming_content)[:2] == b"PK"
    urged = client.post(f"{drafts[0].get_absolute_url()}steps/urge/")
    assert urged.headers["HX-Redirect"] == drafts[0].get_absolute_url()


@pytest.mark.parametrize(("address", "queries"), [("/papers/", 4), ("/papers/received/", 6)])
def test_number_of_queries_does_not_grow(office, address, queries):
    client = as_(office.people["liaison" if "received" in address else "office"])
    seen = []
    for n in (1, 3):
        for i in range(n):
            issued(office, title=f"关于{n}{i}的通知")
        forget()
        client.get(address)
        with CaptureQueriesContext(connection) as found:
            client.get(address)
        seen.append(len(found))
    assert seen[0] == seen[1] <= queries, seen


def test_a_paper_page_costs_the_same_with_many_receivers(office):
    client, seen = as_(office.people["office"]), []
    for units in (("cgj",), ("cgj", "jtj", "xhl", "dcj")):
        paper = issued(office, units=units)
        client.get(paper.get_absolute_url())
        with CaptureQueriesContext(connection) as found:
            client.get(paper.get_absolute_url())
        seen.append(len(found))
    assert seen[0] == seen[1], seen


def test_who_opens_what(office):
    paper = issued(office, units=("cgj",))
    for post, status in (
        ("liaison", 200),
        ("head", 200),
        ("leader", 200),
        ("liaison2", 404),
        ("inspector", 404),
    ):
        assert as_(office.people[post]).get(paper.get_absolute_url()).status_code == status, post
    for post in ("clerk", "liaison", "leader"):
        assert as_(office.people[post]).get("/papers/new/").status_code == 404
        assert as_(office.people[post]).post(f"{paper.get_absolute_url()}steps/withdraw/").status_code == 404


def test_bodies_and_where_numbers_go_on(office):
    client, year = as_(office.people["office"]), timezone.localdate().year
    given = {
        "code": "b2",
        "unit": office.units["dcj"].pk,
        "name": "乙局",
        "mark": "乙局文件",
        "character": "乙发",
    }
    client.post("/papers/bodies/new/", given)
    body = IssuingBody.objects.get(code="b2")
    client.post(f"/papers/bodies/{body.pk}/", {"after": "11"})
    office.body = body
    assert signed(office).number == f"乙发〔{year}〕12号"
    assert "已经在这里编过号" in text_of(client.post(f"/papers/bodies/{body.pk}/", {"after": "3"}), 409)
    assert "乙发" in text_of(client.get("/papers/bodies/"))
    assert as_(office.people["clerk"]).get("/papers/bodies/").status_code == 404


def test_regulations_by_version(office):
    client = as_(office.people["office"])
    given = {
        "code": "jc",
        "title": "奖惩办法",
        "version": "一",
        "from_on": "2026-01-01",
        "to_on": "2026-05-31",
        "text": "第一条",
    }
    client.post("/regulations/new/", given)
    client.post("/regulations/new/", {**given, "version": "二", "from_on": "2026-06-01", "to_on": ""})
    first, second = Regulation.objects.order_by("from_on")
    page = text_of(as_(office.people["liaison"]).get("/regulations/"))
    assert "有效" in page and "2026-05-31 废止" in page
    assert first.version in text_of(client.get(f"/regulations/{second.pk}/"))
    wrong = client.post("/regulations/new/", {**given, "version": "三", "to_on": "2025-01-01"})
    assert "早于施行" in text_of(wrong, 400)
    file = SimpleUploadedFile("a.docx", b"not a document")
    assert client.post(f"/regulations/{first.pk}/edit/", {**given, "file": file}).status_code == 400
    assert as_(office.people["liaison"]).get("/regulations/new/").status_code == 404


def test_withdrawn_says_so_to_its_receivers(office):
    paper = issued(office)
    PaperFlow.take(paper, "receive", by=office.people["liaison"])
    as_(office.people["office"]).post(f"{paper.get_absolute_url()}steps/withdraw/", {"reason": "日期有误"})
    assert "已撤回" in text_of(as_(office.people["liaison"]).get("/papers/received/"))


def test_any_file_is_checked_and_not_kept(office):
    from chuangwen.kernel.models import Blob
    from chuangwen.papers.format.kinds import sample
    from chuangwen.papers.format.write import write

    client, data = as_(office.people["liaison"]), write(sample("notice"))
    good = text_of(client.post("/papers/check/", {"file": SimpleUploadedFile("好.docx", data)}))
    assert "没有查出问题" in good and "好.docx" in good
    plain = io.BytesIO()
    import docx

    page = docx.Document()
    page.add_paragraph("关于做好清扫的通知")
    page.save(plain)
    bad = text_of(client.post("/papers/check/", {"file": SimpleUploadedFile("a.docx", plain.getvalue())}))
    assert "没有查出问题" not in bad and bad.count("GB/T 9704-2012 ") > 3
    assert client.post("/papers/check/", {"file": SimpleUploadedFile("a.docx", b"x")}).status_code == 400
    assert "选一个 Word 文件" in text_of(client.post("/papers/check/"), 400)
    assert Blob.objects.count() == 0


def test_templates_page_takes_good_ones_and_says_what_is_wrong_with_others(office):
    client = as_(office.people["office"])
    built_in = client.get("/papers/templates/notice/file/0/").content
    wrong = client.post("/papers/templates/notice/", {"file": SimpleUploadedFile("x.docx", b"x")})
    assert text_of(wrong, 409).count('role="alert"') == 1
    assert (
        client.post(
            "/papers/templates/notice/", {"file": SimpleUploadedFile("我们的.docx", built_in)}
        ).status_code
        == 302
    )
    assert "我们的.docx" in text_of(client.get("/papers/templates/"))
    client.post("/papers/templates/notice/use/0/")
    assert "换回" in text_of(client.get("/papers/templates/"))


def test_a_case_becomes_a_paper_from_its_page(office):
    from tests.papers.test_makers import case

    rows, client = [case(office, "南门垃圾"), case(office, "北门垃圾")], as_(office.people["office"])
    address = f"/papers/from/case/{rows[0].pk}/"
    assert f'href="{address}"' in text_of(client.get(rows[0].get_absolute_url()))
    assert "出公文" not in text_of(as_(office.people["liaison"]).get(rows[0].get_absolute_url()))
    given = {
        "kind": "rectification",
        "body": office.body.pk,
        "cases": rows[1].number,
        "reply_on": "",
        "ground": "",
    }
    assert "没有案号 XX" in text_of(client.post(address, {**given, "cases": "XX"}), 409)
    made = client.post(address, given)
    page = text_of(client.get(made["Location"]))
    assert rows[0].number in page and rows[1].number in page
    assert Paper.objects.get().code in text_of(client.get(address))
    assert client.get("/papers/from/nothing/1/").status_code == 404


def test_a_meetings_pack_becomes_a_bulletin(office):
    from chuangwen.assessment.gathering import prepare_pack

    pack, client = (
        prepare_pack("weekly", timezone.localdate(), by=office.people["office"]),
        as_(office.people["office"]),
    )
    made = client.post(f"/papers/from/pack/{pack.pk}/", {"body": office.body.pk})
    paper = Paper.objects.get()
    assert (made["Location"], paper.kind, paper.about) == (paper.get_absolute_url(), "bulletin", "tasks.pack")
    assert "示例市创建办公室简报" in text_of(client.get(paper.get_absolute_url()))
    assert as_(office.people["clerk"]).get(f"/papers/from/pack/{pack.pk}/").status_code == 404
