"""Pages of the dossier: the list, one item written and reviewed, evidence in and out, completeness, the zip; by post."""

from __future__ import annotations

import datetime as dt
import io
import re
import uuid
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import load_workbook

from chuangwen.dossier.actions import ask_item, remove_document, write_report
from chuangwen.dossier.export_jobs import run_exports
from chuangwen.dossier.flow import ItemFlow
from chuangwen.dossier.models import Document, ExportJob, Item, Use, Version
from chuangwen.kernel.models import Entry
from tests.dossier.conftest import PDF, add, asked, dossier, pdf

__all__ = ["add", "asked", "dossier"]
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def at(client, asked):
    """Signs in as a post of the cast."""

    def sign_in(name):
        client.force_login(asked.people[name])
        return client

    return sign_in


def words(response):
    return re.sub(r"\s+", " ", response.content.decode())


def upload(data=PDF, name="通知.pdf"):
    return SimpleUploadedFile(name, data)


def test_the_list_shows_what_the_post_may_see(asked, at):
    assert words(at("liaison").get("/dossier/")).count('data-s="new"') == 2
    assert words(at("liaison2").get("/dossier/")).count('data-s="new"') == 1
    assert words(at("clerk").get("/dossier/")).count('data-s="new"') == 3
    assert at("inspector").get("/dossier/").status_code == 404
    page = words(at("clerk").get("/dossier/?unit=cgj&kind=photo&holder=unit&year=2026"))
    assert "志愿服务活动图片" in page and "志愿服务工作方案" not in page
    for wrong in ("year=x", "edition=99999999999", "due=never", "state=no"):
        assert "没有符合条件的" in words(at("clerk").get(f"/dossier/?{wrong}"))
    assert "1-1 志愿服务" in words(at("clerk").get("/dossier/choices/standard/"))
    book = b"".join(at("liaison2").get("/dossier/export.xlsx").streaming_content)
    rows = list(load_workbook(io.BytesIO(book)).active.iter_rows(values_only=True))
    assert [row[1] for row in rows[1:]] == ["诚信建设情况说明"]


def test_pages_ask_a_fixed_number_of_queries(asked, add, at):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client, item = at("clerk"), asked.items["doc"]
    for path in ("/dossier/", "/"):  # what every process keeps is read now
        client.get(path)

    def count(path):
        with CaptureQueriesContext(connection) as seen:
            assert client.get(path).status_code == 200
        return len(seen)

    few = [count(path) for path in ("/dossier/", f"/dossier/{item.pk}/", "/dossier/complete/", "/")]
    for number in range(6):
        add("doc", pdf(f"more {number}"), title=f"佐证 {number}")
        ask_item(asked.doc, 2030 + number, by=asked.people["clerk"])
    many = [count(path) for path in ("/dossier/", f"/dossier/{item.pk}/", "/dossier/complete/", "/")]
    assert many == few


def test_written_checked_and_sent_on_the_page(asked, at):
    client, item = at("liaison"), asked.items["doc"]
    page = words(client.get(item.get_absolute_url()))
    assert "还差 1 份" in page and "aria-disabled" in page and "志愿服务工作方案" in page
    uid = uuid.uuid4()
    given = {"uid": uid, "file": upload(), "number": "示创〔2026〕3号", "dated_on": "2026-03-05"}
    part = words(client.post(f"/dossier/{item.pk}/documents/", given, **HTMX))
    assert "通知" in part and 'id="steps"' in part and "没有查出问题" in part
    client.post(f"/dossier/{item.pk}/documents/", {**given, "file": upload()}, **HTMX)
    assert Document.objects.count() == 1
    document = Document.objects.get()
    assert (document.title, document.number, document.dated_on) == (
        "通知",
        "示创〔2026〕3号",
        dt.date(2026, 3, 5),
    )

    saved = words(client.post(f"/dossier/{item.pk}/report/", {"report": "今年出台方案。"}, **HTMX))
    assert "已存" in saved
    clash = client.post(f"/dossier/{item.pk}/report/", {"report": "另一个人的。", "seen": "0" * 16}, **HTMX)
    assert clash.status_code == 409 and "别人刚改过" in words(clash) and "今年出台方案。" in words(clash)
    sent = {"uid": str(uuid.uuid4())}
    for _again in range(2):
        answer = client.post(f"/dossier/{item.pk}/steps/send_up/", sent)
        assert answer.status_code == 302
    assert (Version.objects.count(), Item.objects.get(pk=item.pk).state) == (1, "unit_check")
    assert "撤回" in words(client.get(item.get_absolute_url()))


def test_reviewed_on_the_page_and_looking_ends_the_withdrawal(asked, add, at):
    add("doc", number="")
    item = ItemFlow.take(
        asked.items["doc"], "send_up", by=asked.people["liaison"], given={"note": "会议定的"}
    ).matter
    page = words(at("head").get(item.get_absolute_url()))
    assert "会议定的" in page and "没有文号" in page and "通过" in page
    assert Item.objects.get(pk=item.pk).looked_at is not None
    at("head").get(item.get_absolute_url())
    assert Entry.objects.filter(step="look").count() == 1
    client = at("liaison")
    assert client.post(f"/dossier/{item.pk}/steps/withdraw/").status_code == 409
    assert client.post(f"/dossier/{item.pk}/steps/pass_unit/").status_code == 404
    assert client.get(f"/dossier/{item.pk}/steps/write/").status_code == 404
    client = at("head")
    assert "理由" in words(client.get(f"/dossier/{item.pk}/steps/return_unit/"))
    empty = client.post(f"/dossier/{item.pk}/steps/return_unit/", {}, **HTMX)
    assert "写明理由" in words(empty)
    moved = client.post(f"/dossier/{item.pk}/steps/pass_unit/", {"note": "好"}, **HTMX)
    assert moved["HX-Redirect"] == item.get_absolute_url()
    at("clerk").get(item.get_absolute_url())
    assert at("clerk").post(f"/dossier/{item.pk}/steps/accept/").status_code == 302
    assert Item.objects.get(pk=item.pk).state == "accepted"


def test_evidence_described_taken_out_and_put_back(asked, add, at):
    paper, client = add("doc"), at("liaison")
    base = f"/dossier/{asked.items['doc'].pk}/documents/{paper.pk}"
    part = words(client.post(f"{base}/", {"title": "新名称", "number": "", "dated_on": ""}, **HTMX))
    assert "没有文号" in part and "没有成文日期" in part
    assert client.post(f"{base}/", {"title": "x", "dated_on": "昨天"}, **HTMX).status_code == 422
    gone = words(client.post(f"{base}/remove/", **HTMX))
    assert "已去掉“新名称”" in gone and "还差 1 份" in gone
    assert "新名称" in words(client.post(f"{base}/restore/", **HTMX))
    assert client.post(f"{base}/burn/").status_code == 404
    assert at("liaison2").post(f"{base}/remove/").status_code == 404
    assert at("clerk").post(f"{base}/remove/").status_code == 409


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (("病毒.pdf", b"MZ" + b"\0" * 99), "程序"), (("页面.pdf", b"<html><script>1</script>"), "网页"),
        (("shell.php", PDF), "内容却是 PDF"), (("空.pdf", b""), "空的"),
    ],
)  # fmt: skip
def test_a_hostile_file_is_refused_on_the_page_and_the_others_are_kept(asked, at, file, said):
    client, item = at("liaison"), asked.items["doc"]
    files = [upload(file[1], file[0]), upload(PDF, "好的.pdf")]
    answer = client.post(f"/dossier/{item.pk}/documents/", {"file": files}, **HTMX)
    assert answer.status_code == 422 and said in words(answer)
    assert [paper.title for paper in Document.objects.all()] == ["好的"]


def test_downloads_are_attachments_under_the_rule(asked, add, at):
    paper = add("doc", title="方案<b>.pdf")
    base = f"/dossier/{asked.items['doc'].pk}/documents/{paper.pk}"
    for name in ("liaison", "head", "clerk", "leader", "auditor"):
        answer = at(name).get(f"{base}/file/")
        assert b"".join(answer.streaming_content) == PDF.replace(b"{}", b"")
        assert (
            answer["Content-Disposition"].startswith("attachment") and "pdf" in answer["Content-Disposition"]
        )
        assert (answer["X-Content-Type-Options"], answer["Content-Type"]) == ("nosniff", "application/pdf")
        assert "sandbox" in answer["Content-Security-Policy"]
    for name in ("liaison2", "inspector", "nobody", "admin", "supervisor"):
        assert at(name).get(f"{base}/file/").status_code == 404
    assert at("liaison").get(f"{base}/thumb/").status_code == 404
    other = f"/dossier/{asked.items['photo'].pk}/documents/{paper.pk}/file/"
    assert at("liaison").get(other).status_code == 404
    remove_document(paper, by=asked.people["liaison"])
    kept = at("clerk").get(f"{base}/file/")  # a version may name it
    assert b"".join(kept.streaming_content).startswith(b"%PDF")


def test_pictures_have_a_small_copy(asked, add, at, make_picture):
    paper = add("photo", SimpleUploadedFile("活动.jpg", make_picture(40)), title="活动", number="")
    for form in ("thumb", "public"):
        answer = at("liaison").get(f"/dossier/{asked.items['photo'].pk}/documents/{paper.pk}/{form}/")
        assert b"".join(answer.streaming_content)[:3] == b"\xff\xd8\xff"
        assert "attachment" not in answer.get("Content-Disposition", "")


def test_versions_are_compared(asked, add, at):
    people, item = asked.people, asked.items["doc"]
    first = add("doc")
    write_report(item, "去年的做法。", by=people["liaison"])
    item = ItemFlow.take(item, "send_up", by=people["liaison"]).matter
    item = ItemFlow.take(item, "return_unit", by=people["head"], given={"reason": "写今年的"}).matter
    write_report(item, "今年的做法。", by=people["liaison"])
    remove_document(first, by=people["liaison"])
    add("doc", pdf("new"), title="新方案")
    ItemFlow.take(item, "send_up", by=people["liaison"])
    page = words(at("clerk").get(f"/dossier/{item.pk}/versions/2/"))
    assert "<del>去</del>" in page and "<ins>今</ins>" in page
    assert "<ins>新方案</ins>" in page and "<del>志愿服务工作方案</del>" in page
    assert "第一次报送" in words(at("clerk").get(f"/dossier/{item.pk}/versions/1/"))
    assert at("clerk").get(f"/dossier/{item.pk}/versions/9/").status_code == 404


def test_many_at_once_says_what_is_left_and_why(asked, add, at):
    add("doc")
    item = ItemFlow.take(asked.items["doc"], "send_up", by=asked.people["liaison"]).matter
    item = ItemFlow.take(item, "pass_unit", by=asked.people["head"]).matter
    keys = [asked.items["doc"].pk, asked.items["report"].pk]
    bar = words(at("clerk").post("/dossier/bulk/", {"row": keys}))
    assert "通过 1 份" in bar and "退回 1 份" in bar and "催报 1 份" in bar and "不在单位手里" in bar
    done = words(at("clerk").post("/dossier/bulk/pass/", {"row": keys, "uid": str(uuid.uuid4())}))
    assert "已办 1 件" in done and "留下 1 件" in done
    assert Item.objects.get(pk=item.pk).state == "accepted"
    urged = words(at("clerk").post("/dossier/bulk/urge/", {"row": keys}))
    assert "已办 1 件" in urged
    assert "今天已经催过" in words(at("clerk").post("/dossier/bulk/urge/", {"row": keys}))
    assert "通过" not in words(at("liaison").post("/dossier/bulk/", {"row": keys})).split("办理")[0]


def test_asked_on_the_page_once(dossier, client):
    client.force_login(dossier.people["clerk"])
    assert "向主责单位要 2026 年的" in words(client.get("/dossier/complete/?year=2026"))
    given = {"edition": dossier.edition.pk, "year": "2026"}
    assert "已向单位要 3 份" in words(client.post("/dossier/ask/", given))
    again = words(client.post("/dossier/ask/", given))
    assert "已向单位要 0 份" in again and "没有主责单位" in again
    assert client.post("/dossier/ask/", {"edition": "x", "year": "2026"}).status_code == 400
    assert client.post("/dossier/ask/", {**given, "year": "26"}).status_code == 400
    client.force_login(dossier.people["liaison"])
    assert client.post("/dossier/ask/", given).status_code == 404
    mine = words(client.get("/dossier/complete/?year=2026"))
    assert "志愿服务" in mine and "诚信建设" not in mine


def test_shared_with_another_standard_and_no_longer(asked, at):
    client, item = at("clerk"), asked.items["doc"]
    client.post(f"/dossier/{item.pk}/steps/serve/", {"material": "M9"})
    assert "不再共用" in words(client.get(item.get_absolute_url()))
    assert at("liaison").post(f"/dossier/{item.pk}/uses/{asked.orphan.pk}/end/").status_code == 404
    at("clerk").post(f"/dossier/{item.pk}/uses/{asked.orphan.pk}/end/")
    assert not Use.objects.exists()
    assert at("clerk").post(f"/dossier/{item.pk}/uses/{asked.orphan.pk}/end/").status_code == 409


def test_the_zip_is_asked_for_seen_and_fetched_by_its_asker_only(asked, add, at):
    add("doc")
    client = at("clerk")
    assert client.post("/dossier/exports/", {"edition": asked.edition.pk, "year": "2026"}).status_code == 409
    answer = client.post("/dossier/exports/", {"edition": asked.edition.pk, "year": "2026", "whole": "on"})
    job = ExportJob.objects.get()
    assert answer["Location"] == job.get_absolute_url()
    assert "every 2s" in words(client.get(job.get_absolute_url(), **HTMX))
    assert client.get(f"{job.get_absolute_url()}file/").status_code == 404
    run_exports()
    assert "下载" in words(client.get(job.get_absolute_url()))
    fetched = client.get(f"{job.get_absolute_url()}file/")
    with zipfile.ZipFile(io.BytesIO(b"".join(fetched.streaming_content))) as package:
        assert any(name.endswith("SHA256.txt") for name in package.namelist())
    assert fetched["Content-Disposition"].startswith("attachment")
    assert client.post(job.get_absolute_url()).status_code == 409
    for other in ("office", "liaison", "auditor"):
        assert at(other).get(job.get_absolute_url()).status_code == 404
        assert at(other).get(f"{job.get_absolute_url()}file/").status_code == 404


def test_first_pages_name_the_materials_that_are_due(asked, add, at):
    assert "志愿服务工作方案" in words(at("liaison").get("/"))
    assert "志愿服务工作方案" not in words(at("clerk").get("/"))
    add("doc")
    item = ItemFlow.take(asked.items["doc"], "send_up", by=asked.people["liaison"]).matter
    ItemFlow.take(item, "pass_unit", by=asked.people["head"])
    assert "志愿服务工作方案" in words(at("clerk").get("/"))
