"""The pages of the fact ledger, the widened burden ledger and the gates: what they show, to whom, and that they act once."""

from __future__ import annotations

import datetime as dt
import io
import re
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from chuangwen.kernel import gates
from chuangwen.kernel.models import Demand, GateOpening, Term
from chuangwen.papers.models import IssuingBody, Paper
from chuangwen.registers.actions import FactGiven, enter_fact
from chuangwen.registers.models import Fact, FactFigure, FactSum, FactVersion
from tests.kernel.evidence.test_documents import docx

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def as_(person):
    client = Client()
    client.force_login(person)
    return client


def text_of(response, status=200):
    assert response.status_code == status, response.status_code
    return response.content.decode()


@pytest.fixture
def fact(town):
    given = FactGiven(
        code="F-1", name="全天开放公厕座数", value=Decimal(54), measure="座", source="城管局报表，第一部分",
        unit=town.units["cgj"], definition="含景区",
    )  # fmt: skip
    return enter_fact(given, by=town.people["clerk"])


def test_the_ledger_lists_unconfirmed_first_and_goes_out_as_excel(town, fact):
    client = as_(town.people["liaison2"])
    page = text_of(client.get("/facts/"))
    assert "全天开放公厕座数" in page and "没有确认" in page and "登记</a>" not in page
    assert "没有找到" in text_of(client.get("/facts/?q=停车"))
    sheet = load_workbook(io.BytesIO(b"".join(client.get("/facts/export/").streaming_content))).active
    rows = [row for row in sheet.iter_rows(values_only=True) if row[0] in ("编号", "F-1")]
    assert rows[0][:3] == ("编号", "名称", "数值") and rows[1][:3] == ("F-1", "全天开放公厕座数", 54)


def test_a_fact_is_entered_corrected_and_confirmed_by_two(town, fact):
    clerk, office = as_(town.people["clerk"]), as_(town.people["office"])
    given = {
        "code": "F-2",
        "name": "停车场个数",
        "relation": "=",
        "value": "50",
        "measure": "个",
        "source": "住建局",
    }
    assert clerk.post("/facts/new/", given)["Location"] == "/facts/F-2/"
    assert "写明数出自哪份文件" not in text_of(clerk.get("/facts/F-2/"))
    assert clerk.post("/facts/F-2/confirm/").status_code == 404
    assert office.post("/facts/F-2/confirm/").status_code == 302
    assert "为什么更正" in text_of(clerk.post("/facts/F-2/edit/", {**given, "value": "51"}), 400)
    assert clerk.post("/facts/F-2/edit/", {**given, "value": "51", "reason": "新建一处"}).status_code == 302
    page = text_of(office.get("/facts/F-2/"))
    assert "新建一处" in page and "没有确认" in page and "第 2 版" in page
    assert (Fact.objects.get(code="F-2").value, FactVersion.objects.get().value) == (51, 50)
    assert as_(town.people["liaison2"]).get("/facts/F-1/edit/").status_code == 404
    assert as_(town.people["liaison"]).get("/facts/F-1/edit/").status_code == 200


def test_the_owners_liaison_gives_a_year_and_his_head_confirms(town, fact):
    liaison, head = as_(town.people["liaison"]), as_(town.people["head"])
    assert liaison.post("/facts/F-1/figures/", {"year": "2025", "value": "54"}).status_code == 302
    assert liaison.post("/facts/F-1/figures/", {"year": "x", "value": "54"}).status_code == 400
    assert liaison.post("/facts/F-1/figures/2025/confirm/").status_code == 404
    assert head.post("/facts/F-1/figures/2025/confirm/").status_code == 302
    assert FactFigure.objects.get().confirmed_by == town.people["head"]
    assert (
        as_(town.people["liaison2"]).post("/facts/F-1/figures/", {"year": "2025", "value": "1"}).status_code
        == 404
    )
    head.post("/facts/F-1/figures/", {"year": "2024", "value": "50"})
    assert "另一人确认" in text_of(head.post("/facts/F-1/figures/2024/confirm/"), 409)


def test_a_table_is_looked_at_and_taken_in_once(town, fact):
    clerk = as_(town.people["clerk"])
    data = "编号,名称,数值,计量单位,来源\nF-1,全天开放公厕座数,57,座,城管局报表\nF-9,停车场个数,50,个,住建局\n".encode()
    page = clerk.post("/facts/import/", {"file": SimpleUploadedFile("表.csv", data)})
    shown = text_of(page)
    assert "会改动 2 条" in shown and Fact.objects.count() == 1
    kept = re.search(r'name="kept" value="([^"]+)"', shown)[1]
    assert "写明理由" in text_of(clerk.post("/facts/import/", {"kept": kept, "act": "take"}), 400)
    for _again in range(2):
        assert (
            clerk.post("/facts/import/", {"kept": kept, "act": "take", "reason": "年报"}).status_code == 302
        )
    assert (Fact.objects.count(), FactVersion.objects.count()) == (2, 1)
    assert "重新选" in text_of(clerk.post("/facts/import/", {"kept": kept + "x", "act": "take"}), 400)
    assert as_(town.people["liaison"]).get("/facts/import/").status_code == 404


def test_a_text_and_a_docx_are_held_against_the_ledger(town, fact):
    client = as_(town.people["liaison2"])
    assert "粘贴一段文字" in text_of(client.post("/facts/check/", {"text": " "}), 400)
    page = text_of(client.post("/facts/check/", {"text": "开头一行。\n城区有64座公厕全天开放。"}))
    assert "1 处和台账不一致" in page and "64座" in page and "第 2 行" in page and "/facts/F-1/" in page
    assert "没有和台账不一致的数" in text_of(client.post("/facts/check/", {"text": "全天开放公厕54座。"}))
    one, two = "全市建成口袋公园游园绿地12处。", "今年建成口袋公园游园绿地15处。"
    page = text_of(client.post("/facts/check/", {
        "text": one, "file": SimpleUploadedFile("报告.docx", docx(two + "全天开放公厕45座。")),
    }))  # fmt: skip
    assert "报告.docx" in page and "45座" in page
    assert "1 处前后或互相不一致" in page and "12处" in page and "15处" in page
    assert "坏.docx" in text_of(
        client.post("/facts/check/", {"file": SimpleUploadedFile("坏.docx", b"x")}), 400
    )


def test_where_a_fact_is_quoted_is_shown_to_who_may_see_the_paper(town, fact):
    body = IssuingBody.objects.create(
        code="B", unit=town.units["office"], name="办", mark="办", character="创"
    )
    Paper.objects.create(
        code="GW-1", kind="report", form="file", body=body, title="情况报告", state="draft",
        content={"blocks": [{"text": "全天开放公厕45座。"}, {"text": "另有全天开放公厕54座。"}]}, made_by=town.people["office"],
    )  # fmt: skip
    page = text_of(as_(town.people["office"]).get("/facts/F-1/"))
    assert "情况报告" in page and "不一致" in page and "45座" in page
    assert "情况报告" not in text_of(as_(town.people["liaison2"]).get("/facts/F-1/"))


def test_relations_are_stated_and_told_when_they_break(town, fact):
    clerk = as_(town.people["clerk"])
    for code, value in (("A", 5), ("B", 59)):
        enter_fact(FactGiven(code=code, name=code, value=Decimal(value), source="x"), by=town.people["clerk"])
    given = {"code": "S", "name": "合计", "kind": "sum", "parts": "A、B", "stated": "65"}
    assert "台账里没有 C" in text_of(clerk.post("/facts/sums/", {**given, "parts": "A、C"}), 400)
    assert clerk.post("/facts/sums/", given).status_code == 302
    assert "差 −1" in text_of(clerk.get("/facts/sums/")) and FactSum.objects.count() == 1
    assert "合不上的数量关系" in text_of(clerk.get("/facts/"))
    liaison = as_(town.people["liaison"])
    assert "登记一条" not in text_of(liaison.get("/facts/sums/"))
    liaison.post("/facts/sums/", {**given, "code": "S2"})
    assert FactSum.objects.count() == 1


# The burden ledger ------------------------------------------------------------------------------------


def ask(town, unit, kind, by, days=0, **more):
    at = timezone.now() - dt.timedelta(days=days)
    return Demand.objects.create(
        unit=town.units[unit],
        kind=kind,
        subject="x",
        subject_id=1,
        asked_by=by,
        asked_at=at,
        purpose=kind,
        **more,
    )


def test_hours_come_from_the_estimate_and_askers_are_shown(town, django_assert_max_num_queries):
    office = town.people["office"]
    for unit, kind in (("cgj", "fix"), ("cgj", "paper"), ("xhl", "form")):
        ask(town, unit, kind, office)
    client = as_(office)
    assert "小时算不出来" in text_of(client.get("/burden/"))
    assert (
        client.post("/burden/minutes/", {"fix": "90", "paper": "180", "source": "问了 3 个单位"}).status_code
        == 302
    )
    assert dict(Term.objects.filter(list="burden_minutes").values_list("code", "rank")) == {
        "fix": 90,
        "paper": 180,
    }
    with django_assert_max_num_queries(20):
        page = text_of(client.get("/burden/"))
    assert ">4.5<" in page and "创建办" in page and "谁提的" in page
    streets = text_of(client.get("/burden/?by=street"))
    assert "新华路街道办" in streets and "/burden/cgj/" not in streets
    sheet = load_workbook(io.BytesIO(b"".join(client.get("/burden/export/").streaming_content))).active
    lines = {row[0]: row for row in sheet.iter_rows(values_only=True)}
    assert lines["城市管理局"][8:10] == (2, 4.5) and lines["合计"][8] == 3
    assert "填表" in text_of(client.get("/burden/xhl/?kind=form"))
    mine = text_of(as_(town.people["liaison"]).get("/burden/"))
    assert "新华路街道办" not in mine and "谁提的" not in mine
    assert as_(town.people["clerk"]).get("/burden/minutes/").status_code == 404


def test_more_papers_than_last_year_want_a_word(town):
    body = IssuingBody.objects.create(
        code="B", unit=town.units["office"], name="办", mark="办", character="创"
    )
    now = timezone.localtime()
    for n, at in enumerate((now, now, now - dt.timedelta(days=366))):
        Paper.objects.create(
            code=f"GW-{n}", kind="report", form="file", body=body, title="x", state="issued", issued_at=at
        )
    client = as_(town.people["office"])
    assert "去年同期 1 件，多了没有写明理由" in text_of(client.get("/burden/"))
    given = {"month": f"{now:%Y-%m}", "what": "papers", "reason": "迎检年"}
    assert client.post("/burden/explain/", given).status_code == 302
    page = text_of(client.get("/burden/"))
    assert "没有写明理由" not in page and "迎检年" in page
    assert client.post("/burden/explain/", {**given, "what": "x"}).status_code == 404


# Gates ------------------------------------------------------------------------------------------------


def test_the_gates_page_tells_what_is_off_and_who_closed_early(town):
    admin = town.people["admin"]
    until = timezone.now() + dt.timedelta(days=1)
    row = gates.open_gate("check_in", ground="emergency", reason="防汛值守", until=until, by=admin)
    client = as_(town.people["office"])
    page = text_of(client.get("/gates/"))
    assert "国办函〔2026〕12号" in page and "没有签到、打卡" in page and "防汛值守" in page
    for _again in range(2):
        client.post(f"/gates/{row.pk}/close/")
    row = GateOpening.objects.get()
    assert row.closed_by == town.people["office"] and not gates.is_open("check_in")
    gates.close_gate(row, by=admin)
    assert GateOpening.objects.get().closed_by == town.people["office"]
    assert "示例 office提前关" in text_of(client.get("/gates/"))
    assert client.post("/gates/999/close/").status_code == 404
