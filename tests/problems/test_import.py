"""Orders from tables: nothing lost, nothing doubled, every bad row named with its place and the reason."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
from pathlib import Path

import pytest
from django.utils import timezone

from chuangwen.kernel.places.datum import Datum, from_wgs84
from chuangwen.kernel.screens.tables import BadTable
from chuangwen.kernel.workflow import history
from chuangwen.problems import exchange
from chuangwen.problems.exchange import WrongDatum, import_orders, moment_of, read_order_table, read_orders
from chuangwen.problems.models import Case, Report

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"


def table(rows, titles=("工单号", "受理时间", "标题", "诉求内容", "地址", "联系电话", "经度", "纬度")):
    out = io.StringIO()
    csv.writer(out).writerows([titles, *rows])
    return out.getvalue().encode()


def preview_of(data, mapping=None, **more):
    return read_orders(read_order_table(data, "热线.csv", mapping), channel="12345", **more)


def row(n, text="路灯不亮", at="2026-11-02 08:30:00", lon="113.0", lat="34.7601", phone=""):
    return [f"G{n:05d}", at, "路灯", text, "人民路", phone, lon, lat]


def real(name):
    path = SHARED / name
    if not path.exists():
        pytest.skip("left out: ../shared/data is absent")
    return gzip.decompress(path.read_bytes())


@pytest.mark.parametrize("text", [
    "2020/1/6 12:09:38", "2020-01-06 12:09:38", "2020-01-06  12:09:38", "2020/01/06  12:09:38", "2020年1月6日 12时9分38秒",
    "2020-01-06T12:09:38", "2020-01-06T12:09:38+08:00", "01/06/2020 12:09:38 PM", "2020-01-06T04:09:38+00:00",
])  # fmt: skip
def test_moment_is_read_in_every_way_it_is_written(text):
    assert moment_of(text) == dt.datetime(2020, 1, 6, 4, 9, 38, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    "text", ["01/06/2020 12:09:38", "昨天", "2020-13-01", "13/01/2020 03:00:00 AM", "2020-01-06 25:00"]
)
def test_doubtful_moment_is_refused(text):
    with pytest.raises(ValueError, match=r".*"):
        moment_of(text)


def test_row_becomes_a_report_and_a_case_with_everything_in_it(town):
    words = "垃" * 9000
    titles = ("工单号", "受理时间", "诉求内容", "类别", "联系电话", "坐席")
    data = table([["G1", "2026/11/2 8:30:00", words, "暴露垃圾", "13800000000", "07"]], titles)
    result = import_orders(preview_of(data), by=town.people["dispatcher"])
    report = Report.objects.select_related("case").get()
    assert (result.made, result.bad, result.finished) == (1, [], True)
    assert (report.text, report.order_number, report.channel) == (words, "G1", "12345")
    assert report.received_at == dt.datetime(2026, 11, 2, 0, 30, tzinfo=dt.UTC)
    assert (report.contact, report.raw["坐席"], report.raw["row"]) == ("13800000000", "07", 2)
    assert "13800000000" not in str(report.raw)
    assert (report.case.what, report.case.kind, report.case.source) == (words[:60], town.kind, "hotline")
    assert list(history.verify()) == []


def test_same_file_twice_changes_nothing(town):
    data = table([row(1), row(2, "井盖缺失"), ["", "2026-11-02 09:00", "", "没有编号的一件", "", "", "", ""]])
    assert import_orders(preview_of(data), by=None).made == 3
    again = preview_of(data)
    assert (again.orders, again.known, again.bad) == ([], 3, [])
    assert import_orders(again, by=None).made == 0
    assert (Report.objects.count(), Case.objects.count()) == (3, 3)


def test_row_twice_without_a_number_is_two_reports_each_time(town):
    twice = ["", "2026-11-02 09:00", "", "占道", "", "13800000000", "", ""]
    data = table([twice, twice])
    assert import_orders(preview_of(data), by=None).made == 2
    assert preview_of(data).known == 2


def test_order_number_again_with_other_words_is_named(town):
    import_orders(preview_of(table([row(1)])), by=None)
    found = preview_of(table([row(1, "别的事"), row(2), row(2, "又是别的"), row(2)]))
    number = Case.objects.get().number
    assert [(bad.row, bad.title) for bad in sorted(found.bad)] == [(2, "工单号"), (4, "工单号")]
    assert any(number in bad.sentence for bad in found.bad)
    assert (len(found.orders), found.known) == (1, 1)
    assert len(found.orders) + found.known + len(found.bad) == found.total


def test_bad_rows_are_named_with_row_column_and_reason(town):
    data = table([
        row(1, at="后天"), row(2, text=""), row(3, lon="120.5"), row(4, lon=""), row(5, lat="abc"), row(6, lat="134"),
        row(7, at="2126-01-01 08:00"), row(8),
    ])  # fmt: skip
    found = preview_of(data)
    assert {(bad.row, bad.column) for bad in found.bad} == {
        (2, "B"), (3, "D"), (4, "G"), (5, "G"), (6, "H"), (7, "H"), (8, "B")}  # fmt: skip
    assert all(bad.sentence for bad in found.bad)
    assert [order.row for order in found.orders] == [9]
    assert "不在本市范围内" in next(bad.sentence for bad in found.bad if bad.row == 4)


def test_same_words_by_the_same_sender_within_a_day_are_kept_and_linked(town):
    data = table([
        row(1, phone="13800000001"), row(2, phone="13800000001", at="2026-11-02 20:00"),
        row(3, phone="13800000002"), row(4, phone="13800000001", at="2026-11-05 08:00"),
    ])  # fmt: skip
    found = preview_of(data)
    assert found.repeats == 1
    import_orders(found, by=None)
    first, second, third, fourth = Report.objects.order_by("pk").select_related("case")
    assert second.raw["repeats"] == first.case.number
    assert "repeats" not in third.raw
    assert "repeats" not in fourth.raw


class Killed(BaseException):
    """The process ends here."""


def test_killed_in_the_middle_and_sent_again(town, monkeypatch):
    data = table([row(n, f"第 {n} 件") for n in range(1, 121)])
    real_take, calls = exchange.take_report, []

    def dies(*args, **more):
        calls.append(1)
        if len(calls) == 50:
            raise Killed
        return real_take(*args, **more)

    monkeypatch.setattr(exchange, "take_report", dies)
    with pytest.raises(Killed):
        import_orders(preview_of(data), by=None)
    assert Report.objects.count() == 40  # whole chunks stay, the one begun is taken back
    monkeypatch.setattr(exchange, "take_report", real_take)
    again = preview_of(data)
    assert (again.known, len(again.orders)) == (40, 80)
    import_orders(again, by=None)
    assert sorted(Report.objects.values_list("order_number", flat=True)) == [
        f"G{n:05d}" for n in range(1, 121)
    ]
    assert Case.objects.values("number").distinct().count() == Case.objects.count() == 120
    assert list(history.verify()) == []


def test_two_that_read_before_either_wrote_make_each_row_once(town):
    data = table([row(n, f"第 {n} 件") for n in range(1, 31)])
    one, other = preview_of(data), preview_of(data)
    turns = iter([True, False])
    first = import_orders(one, by=None, going=lambda: next(turns))
    second = import_orders(other, by=None)
    rest = import_orders(one, by=None)
    assert (first.made, first.finished, second.made, rest.made) == (20, False, 10, 0)
    assert second.known == 20
    assert Report.objects.count() == 30


def test_one_bad_row_does_not_take_its_neighbours_along(town, monkeypatch):
    found = preview_of(table([row(n, f"第 {n} 件") for n in range(1, 6)]))
    real_take = exchange.take_report

    def refuses(told, **more):
        if told.order_number == "G00003":
            raise exchange.Refused("这一行不行")
        return real_take(told, **more)

    monkeypatch.setattr(exchange, "take_report", refuses)
    result = import_orders(found, by=None)
    assert (result.made, [(bad.row, bad.sentence) for bad in result.bad]) == (4, [(4, "这一行不行")])


def points(datum, swapped=False):
    """Forty points on the road of the test city, written in that datum."""
    rows = []
    for n in range(40):
        x, y = from_wgs84(112.965 + 0.0015 * n, 34.76, datum)
        x, y = (y, x) if swapped else (x, y)
        rows.append(row(n, f"第 {n} 件", lon=f"{x:.7f}", lat=f"{y:.7f}"))
    return table(rows)


@pytest.mark.parametrize("datum", [Datum.GCJ02, Datum.BD09])
def test_sheet_in_another_datum_is_told(town, datum):
    found = preview_of(points(datum))
    assert found.likely is not None
    assert (found.likely.datum, found.likely.swapped) == (datum, False)
    assert exchange.DATUM_NAMES[datum] in found.datum_sentence
    with pytest.raises(WrongDatum, match="坐标像是"):
        import_orders(found, by=None)
    assert Report.objects.count() == 0
    right = preview_of(points(datum), datum=datum)
    assert right.likely is None
    import_orders(right, by=None)
    case = Case.objects.order_by("pk").first()
    assert (case.datum, case.lon, case.lat) == (
        datum.value,
        pytest.approx(112.965, abs=1e-5),
        pytest.approx(34.76, abs=1e-5),
    )


def test_right_datum_is_left_alone(town):
    assert preview_of(points(Datum.WGS84)).likely is None


def test_swapped_columns_are_told_and_every_row_is_named(town):
    found = preview_of(points(Datum.WGS84, swapped=True))
    assert found.likely is not None
    assert found.likely.swapped
    assert "写反" in found.datum_sentence
    assert (len(found.bad), found.orders) == (40, [])


def workbook(rows, **more):
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    for each in rows:
        sheet.append(each)
    for name, value in more.get("cells", {}).items():
        sheet[name] = value
    for span in more.get("merge", ()):
        sheet.merge_cells(span)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_workbook_with_a_merged_title_dates_and_a_formula(town):
    data = workbook(
        [["12345 热线工单", None, None], ["工单号", "受理时间", "诉求内容"], [1001, dt.datetime(2026, 11, 2, 8, 30), "路灯不亮"],
         [1002, "2026年11月2日 9时", "井盖缺失"], [1003, "2026-11-02 10:00", "路面塌陷"]],
        merge=["A1:C1"], cells={"A5": "=A4+1"},
    )  # fmt: skip
    found = preview_of(data)
    assert [order.told.order_number for order in found.orders] == ["1001"]
    assert found.orders[0].told.received_at == dt.datetime(2026, 11, 2, 0, 30, tzinfo=dt.UTC)
    assert {(bad.row, bad.column) for bad in found.bad} == {(4, "B"), (5, "A")}
    assert "公式" in next(bad.sentence for bad in found.bad if bad.row == 5)


def test_table_of_something_else_is_told_whole(town):
    found = preview_of(workbook([["姓名", "单位"], ["示例", "城管局"]]))
    assert (found.orders, found.total) == ([], 0)
    assert "没有找到表头" in found.notes[0]
    with pytest.raises(BadTable):
        preview_of(b"%PDF-1.4")


def test_other_titles_are_read_by_a_mapping(town):
    data = table([["7", "2026-11-02 08:30", "臭水沟"]], ("流水", "何时", "讲了什么"))
    assert exchange.titles_of(data) == ["流水", "何时", "讲了什么"]
    assert preview_of(data).orders == []
    found = preview_of(data, {"number": "流水", "at": "何时", "text": "讲了什么"})
    assert (found.orders[0].told.order_number, found.orders[0].told.text) == ("7", "臭水沟")


COMPLAINTS = {
    "number": "message_id",
    "at": "time_raw",
    "text": "body",
    "title": "title",
    "sender": "user_code",
}


@pytest.mark.parametrize(
    "name", ["messages_with_replies", "messages_with_votes", "messages_more", "labelled_raw"]
)
def test_real_messages_are_all_read(town, name):
    data = real(f"complaints-zh/{name}.csv.gz")
    source = {each["message_id"]: each for each in csv.DictReader(io.StringIO(data.decode("utf-8-sig")))}
    found = read_orders(read_order_table(data, name, COMPLAINTS), channel=name[:20])
    assert (found.total, len(found.orders), found.bad, found.known) == (len(source), len(source), [], 0)
    for order in found.orders:
        given = source[order.told.order_number]
        assert timezone.localtime(order.told.received_at).replace(tzinfo=None) == dt.datetime.fromisoformat(
            given["time"]
        )
        assert order.told.text == given["body"].strip()
        assert order.told.raw["time_raw" if "time_raw" in order.told.raw else "at"]


def test_real_messages_become_reports_and_the_longest_stay_whole(town):
    data = real("complaints-zh/messages_more.csv.gz")
    lines = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    some = sorted(lines, key=lambda each: -len(each["body"]))[:60]
    out = io.StringIO()
    writer = csv.DictWriter(out, list(some[0]))
    writer.writeheader()
    writer.writerows(some)
    found = read_orders(read_order_table(out.getvalue().encode(), "long", COMPLAINTS), channel="网上")
    result = import_orders(found, by=town.people["clerk"])
    assert (result.made, result.bad) == (60, [])
    assert max(len(report.text) for report in Report.objects.all()) == len(some[0]["body"].strip()) > 8900
    assert all(len(case.what) <= 60 for case in Case.objects.all())


def test_real_american_requests_lose_nothing(town):
    data = real("requests-311/baltimore_2014_2018h1.csv.gz")
    lines = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    mapping = {"number": "ServiceRequestNum", "at": "CreatedDate", "text": "SRType", "address": "Address",
               "lon": "Longitude", "lat": "Latitude"}  # fmt: skip
    found = read_orders(read_order_table(data, "baltimore", mapping), channel="311")
    # Another city: every row with a point is named, every other one read; together they are all rows.
    located = sum(bool(each["Longitude"] and each["Latitude"]) for each in lines)
    assert len({bad.row for bad in found.bad}) == located
    assert len(found.orders) + located + found.known == found.total == len(lines)
    without = read_orders(
        read_order_table(data, "baltimore", {**mapping, "lon": "", "lat": ""}), channel="311"
    )
    assert (len(without.orders), without.bad) == (len(lines), [])
    by_number = {each["ServiceRequestNum"]: each for each in lines}
    for order in without.orders:
        given = by_number[order.told.order_number]
        at = timezone.localtime(order.told.received_at).replace(tzinfo=None)
        assert at.strftime("%m/%d/%Y %I:%M:%S %p") == given["CreatedDate"]
        assert all(order.told.raw.get(key) == given[key] for key in ("DueDate", "CloseDate") if given[key])


def test_hundred_thousand_rows_are_read(town):
    where = ({}, {"lon": "", "lat": ""})  # every tenth with a point
    data = table(row(n, f"第 {n} 件", **where[n % 10 > 0]) for n in range(100_000))
    found = preview_of(data)
    assert (len(found.orders), found.bad) == (100_000, [])
