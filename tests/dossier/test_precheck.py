"""The pre-check finds every planted fault, and nothing where there is none."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chuangwen.dossier.actions import describe_document, write_report
from chuangwen.dossier.flow import ItemFlow
from chuangwen.dossier.models import Document, Item
from chuangwen.dossier.precheck import CODES, Finding, check_item
from chuangwen.dossier.precheck.check import Paper, Sheet, findings
from chuangwen.dossier.precheck.texts import FactLine, clashes, copied_from, count_characters, figures
from chuangwen.kernel.models import Evidence
from chuangwen.kernel.workflow.flow import BadInput, Refused
from chuangwen.registers.models import Fact
from tests.dossier.conftest import pdf, photo

LAST = "去年全市开展志愿服务活动三百二十场次，参加一万人。"
DAY = dt.date(2026, 3, 5)
GOOD = Paper(1, "工作方案", "pdf", "示创〔2026〕3号", DAY, sha256="a" * 64, size=1000)
ROADS = FactLine("GY-1", "路长制责任单位数", Decimal(65), "=", "家", "2020年", "示例来源")


def sheet(*papers, kind="document", **more):
    given = {
        "count": 1,
        "limit": 500,
        "report": "",
        "from_on": dt.date(2026, 1, 1),
        "to_on": dt.date(2026, 12, 31),
    }
    return Sheet(kind=kind, kind_name="规范文件", papers=papers, **{**given, **more})


def codes(*papers, **more):
    return [one.code for one in findings(sheet(*papers, **more))]


def paper(**more):
    return Paper(
        **{**{name: getattr(GOOD, name) for name in GOOD.__slots__}, "pk": 2, "sha256": "b" * 64, **more}
    )


def test_nothing_is_found_about_a_good_item():
    assert codes(GOOD) == []
    assert codes(kind="report", report="今年的做法和成效。") == []
    assert codes(paper(kind="jpeg", taken_on=DAY, dated_on=None), kind="photo") == []
    assert codes(paper(kind="link", sha256=""), kind="press") == []


FAULTS = {
    "no_report": sheet(kind="report"),
    "report_long": sheet(GOOD, report="字" * 501),
    "too_few": sheet(GOOD, count=2),
    "too_big": sheet(paper(size=200), most_bytes=100),
    "wrong_kind": sheet(paper(kind="jpeg")),
    "out_of_period": sheet(paper(dated_on=dt.date(2025, 12, 31))),
    "doubled": sheet(GOOD, paper(sha256=GOOD.sha256)),
    "no_title": sheet(paper(title=" ")),
    "no_number": sheet(paper(number="")),
    "no_date": sheet(paper(dated_on=None)),
    "photo_no_time": sheet(paper(kind="jpeg", dated_on=None), kind="photo"),
    "date_differs": sheet(paper(kind="jpeg", taken_on=dt.date(2026, 2, 1)), kind="photo"),
    "reused": sheet(paper(kind="jpeg", used="2025 年“活动图片”"), kind="photo"),
    "copied": sheet(GOOD, report=LAST, last_report=LAST),
    "clash": sheet(GOOD, report="全市有70家路长制责任单位。", facts=[ROADS]),
}  # fmt: skip


def test_every_code_has_a_planted_fault():
    assert set(FAULTS) == set(CODES)


@pytest.mark.parametrize("code", FAULTS)
def test_a_planted_fault_is_found_and_said(code):
    found = findings(FAULTS[code])
    assert [one.code for one in found] == [code]
    one = found[0]
    assert "%" not in one.sentence.replace("% 和", "") and len(one.sentence) > 8
    assert Finding.from_json(one.as_json()).sentence == one.sentence


def test_the_sentences_carry_the_figures():
    assert (
        findings(FAULTS["report_long"])[0].sentence == "说明报告 501 字，超过 500 字的上限，删去 1 字再报。"
    )
    assert "65家" in findings(FAULTS["clash"])[0].sentence and "GY-1" in findings(FAULTS["clash"])[0].sentence
    assert "2026-01-01 至 2026-12-31" in findings(FAULTS["out_of_period"])[0].sentence
    assert findings(FAULTS["copied"])[0].passages == (LAST,)


def test_what_holds_stands_before_what_warns():
    found = findings(sheet(paper(number="", title="", dated_on=None)))
    assert [one.holds for one in found] == [True, False, False]


def test_edges_of_limits_belong_to_what_is_allowed():
    for day in (dt.date(2026, 1, 1), dt.date(2026, 12, 31)):
        assert codes(paper(dated_on=day)) == []
    assert codes(GOOD, report="字" * 500) == []
    assert codes(paper(dated_on=dt.date(1999, 1, 1)), from_on=None, to_on=None) == []


# Words and figures -----------------------------------------------------------------------------------


def test_characters_are_counted_as_an_office_does():
    assert count_characters("全市 1,300 个站所。\r\n\u3000\u3000第二段\u200b") == 14
    assert count_characters("𠮷野家 ABC") == 6


@settings(max_examples=40, deadline=None)
@given(
    st.text(alphabet="创建文明城市志愿服务，。 \n12", max_size=80),
    st.text(alphabet=" \t\n\u3000", max_size=9),
)
def test_blanks_never_count(text, blanks):
    assert count_characters(text) == count_characters(blanks.join(text)) <= len(text)


@settings(max_examples=40, deadline=None)
@given(st.text(alphabet="创建文明城市志愿服务一二三四五六七八九十", min_size=10, max_size=60))
def test_a_text_is_wholly_copied_from_itself_and_not_at_all_from_another(text):
    assert copied_from(text, "前言" + text + "结尾").share == 1
    assert copied_from(text, "完全另外写成的一段话没有任何相同的地方可以找到").share == 0


def test_the_copied_share_is_of_characters_and_the_passage_is_shown():
    same = "建立志愿服务积分兑换制度，覆盖全部社区"
    found = copied_from(f"今年新做了两件事。{same}。", f"{same}，效果很好")
    assert found.passages == (same,)
    assert found.share == pytest.approx(len(same) / (len(same) + 10))


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("共1,300个站所", [1300]), ("22万余名志愿者", [220000]), ("投入3.5亿元", [350000000]), ("2千人", [2000]),
        ("第3期，占72.5%", [3, 72.5]), ("没有数字", []),
    ],
)  # fmt: skip
def test_numbers_are_read_as_they_are_written(text, numbers):
    assert [float(value) for value, _words, _end in figures(text)] == numbers


@pytest.mark.parametrize(
    ("relation", "text", "is_clash"),
    [
        ("=", "65家路长制责任单位分包路段", False),
        ("=", "路长制责任单位共６５家", False),
        ("=", "70家路长制责任单位分包路段", True),
        ("=", "路长制责任单位由60家增加到65家", False),
        ("=", "另有 12 家企业参加", False),
        ("=", "路长制责任单位巡查 900 次", False),
        ("≥", "70家路长制责任单位", False),
        ("≥", "64家路长制责任单位", True),
        ("≈", "67家路长制责任单位", False),
        ("≈", "75家路长制责任单位", True),
    ],
)
def test_a_figure_contradicts_the_ledger_or_not(relation, text, is_clash):
    assert bool(clashes(text, [ROADS._replace(relation=relation)])) == is_clash


# On real rows ----------------------------------------------------------------------------------------


def found(item, by):
    return {one.code: one for one in check_item(Item.objects.get(pk=item.pk), by=by)}


def test_what_holds_stops_the_sending_and_a_warning_asks_for_a_word(asked, add):
    item, by = asked.items["doc"], asked.people["liaison"]
    with pytest.raises(Refused, match="还差 1 份"):
        ItemFlow.take(item, "send_up", by=by)
    first = add("doc", number="", dated_on=dt.date(2025, 6, 1))
    with pytest.raises(Refused, match="不能作证"):
        ItemFlow.take(item, "send_up", by=by)
    describe_document(first, {"dated_on": DAY}, by=by)
    with pytest.raises(BadInput, match="有 1 处提醒"):
        ItemFlow.take(item, "send_up", by=by)
    sent = ItemFlow.take(item, "send_up", by=by, given={"note": "办公会议定的，没有文号"}).matter
    assert [(one["code"], one["explained"]) for one in sent.findings] == [
        ("no_number", "办公会议定的，没有文号")
    ]


def test_pictures_without_time(asked, add, make_picture):
    by, item = asked.people["liaison"], asked.items["photo"]
    one = add("photo", photo(make_picture(40)), title="清洁家园", number="", dated_on=None)
    add("photo", photo(make_picture(90)), title="文明交通", number="", dated_on=DAY)
    assert set(found(item, by)) == {"photo_no_time"}
    describe_document(one, {"dated_on": DAY}, by=by)
    assert found(item, by) == {}


def test_a_picture_used_before_is_named_with_where(asked, add, make_picture):
    from chuangwen.dossier.actions import add_document, ask_item, remove_document

    by, item = asked.people["liaison"], asked.items["photo"]
    last = ask_item(asked.photo, 2025, by=asked.people["clerk"])
    old = add_document(last, photo(shrunk(make_picture(40)), "旧图.jpg"), by=by, dated_on=dt.date(2025, 3, 5))
    add("photo", photo(make_picture(40)), title="清洁家园", number="", dated_on=DAY)
    add("photo", photo(make_picture(90)), title="文明交通", number="", dated_on=DAY)
    assert found(item, by)["reused"].figures["where"] == " 2025 年“实景图片 志愿服务活动图片”"
    assert found(last, by).keys() == {"too_few", "out_of_period"}  # it was there first
    Item.objects.filter(pk=last.pk).update(unit=asked.units["jtj"])
    assert found(item, by)["reused"].figures["where"] == " 2025 年“另一个单位的材料”"
    Item.objects.filter(pk=last.pk).update(unit=asked.units["cgj"])
    remove_document(old, by=by)
    assert found(item, by) == {}


def shrunk(data):
    import io

    from PIL import Image

    out = io.BytesIO()
    Image.open(io.BytesIO(data)).resize((320, 240)).save(out, "JPEG", quality=70)
    return out.getvalue()


def test_a_picture_of_a_case_is_named_only_to_who_may_see_the_case(asked, add, make_picture):
    from chuangwen.kernel.evidence import store
    from chuangwen.problems.actions import Told, confirm_case, take_report

    case = take_report(Told(text="垃圾", lon=113.0, lat=34.76, kind=asked.town.kind), by=None).case
    confirm_case(case, by=asked.people["dispatcher"])
    store.attach(store.read(make_picture(70)), case, role="found", by=None, at=case.reported_at)
    add("photo", photo(make_picture(70)), title="整改图片", number="", dated_on=DAY)
    assert case.number in found(asked.items["photo"], asked.people["liaison"])["reused"].sentence
    assert "reused" not in found(asked.items["photo"], asked.people["liaison2"])


def test_last_years_report_and_the_ledger_are_compared(asked, django_assert_num_queries):
    from chuangwen.dossier.actions import ask_item

    by = asked.people["liaison2"]
    Fact.objects.create(
        code="GY-9", name="信用承诺企业数", value=320, measure="家", phrase="320家企业", source="统计"
    )
    last = ask_item(asked.report, 2025, by=asked.people["clerk"])
    write_report(last, "建立信用承诺制度，三百家企业签订承诺书并向社会公开。", by=by)
    write_report(
        asked.items["report"],
        "建立信用承诺制度，三百家企业签订承诺书并向社会公开。信用承诺企业有 400 家。",
        by=by,
    )
    seen = found(asked.items["report"], by)
    assert set(seen) == {"copied", "clash"}
    assert "GY-9" in seen["clash"].sentence
    assert seen["copied"].figures["year"] == 2025
    item = Item.objects.select_related("material__requirement__node__edition").get(
        pk=asked.items["report"].pk
    )
    with django_assert_num_queries(3):  # documents, last year's report, facts
        check_item(item, by=by)


def test_the_words_inside_a_document_are_compared_too(asked, add):
    from tests.kernel.evidence.test_documents import docx

    Fact.objects.create(
        code="GY-9", name="志愿服务队数", value=2258, measure="支", phrase="2258支", source="统计"
    )
    add("doc", pdf_like(docx("全市组建志愿服务队 2200 支。")))
    seen = found(asked.items["doc"], asked.people["liaison"])
    assert seen["clash"].document == Document.objects.get().pk
    assert Evidence.objects.get().role == "document"


def pdf_like(data):
    upload = pdf(name="方案.docx")
    upload.seek(0)
    upload.write(data)
    upload.seek(0)
    upload.size = len(data)
    return upload
