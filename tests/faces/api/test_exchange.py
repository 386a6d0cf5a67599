"""The doors of /exchange/: who may knock, what is answered, orders in and answers back."""

from __future__ import annotations

import datetime as dt
import io
import json
from base64 import b64encode

import pytest
from django.test import Client

from chuangwen.kernel.people.tokens import make_token
from chuangwen.problems.actions import confirm_case
from chuangwen.problems.exchanging.messages import compose
from chuangwen.problems.exchanging.xml_form import wrap_call, write_xml
from chuangwen.problems.flow import CaseFlow
from chuangwen.problems.models import Case, ExchangeMessage, Report
from tests.problems.exchanging.conftest import dispatch, platform

__all__ = ["platform"]


@pytest.fixture
def key(platform, town):
    day = dt.date.today() + dt.timedelta(days=30)
    return make_token(
        platform.person, name="对接", scopes=["exchange"], ends_on=day, by=town.people["office"]
    )[1]


@pytest.fixture
def door(key):
    """A client with the partner's key; it has no cookie and no CSRF token."""
    return Client(enforce_csrf_checks=True, headers={"Authorization": f"Bearer {key}"})


def xml(door, body, path="/exchange/szcg/"):
    return door.post(path, body, content_type="text/xml")


def test_a_task_in_and_its_feedback_fetched(door, town):
    answer = xml(door, write_xml(dispatch()))
    case = Case.objects.get()
    assert (
        answer.status_code == 200
        and f"<code>0</code><desc>已办 {case.number}</desc>" in answer.content.decode()
    )
    town.kind.needs_photo = False
    town.kind.save()
    CaseFlow.take(case, "answer", by=town.people["liaison"], given={"note": "好了"})
    found = door.get("/exchange/szcg/outbox?after=0").json()
    assert [each["kind"] for each in found["messages"]] == ["feedback"]
    assert "好了" in found["messages"][0]["body"]
    assert door.get(f"/exchange/szcg/outbox?after={found['last']}").json() == {"messages": [], "last": None}
    assert door.post("/exchange/szcg/outbox", {"got": found["last"]}).json() == {"noted": 1}
    assert ExchangeMessage.objects.get(is_out=True).state == "done"


def test_the_key_in_an_envelope_or_as_a_password(key, platform):
    call = wrap_call(write_xml(dispatch()), "TaskDispatch", "x", key)
    answer = xml(Client(enforce_csrf_checks=True), call)
    assert answer.status_code == 200 and b"processResponse" in answer.content
    assert key not in ExchangeMessage.objects.get().body
    pair = b64encode(f"{platform.person.username}:{key}".encode()).decode()
    answer = xml(Client(headers={"Authorization": f"Basic {pair}"}), write_xml(dispatch()))
    assert answer.status_code == 200 and Case.objects.count() == 1


def test_who_is_not_let_in(platform, town, key):
    other = platform
    calls = {
        "nobody": Client(),
        "signed in without a key": Client(),
        "a wrong key": Client(headers={"Authorization": "Bearer no"}),
    }
    calls["signed in without a key"].force_login(platform.person)
    for name, client in calls.items():
        for answer in (xml(client, write_xml(dispatch())), xml(client, wrap_call("<a/>", "x", "a", "no")),
                       xml(client, b"\xff\xff"), client.get("/exchange/szcg/outbox"), client.get("/exchange/szcg/orders/1"),
                       client.post("/exchange/szcg/orders", "[]", content_type="application/json")):  # fmt: skip
            assert answer.status_code == 401, name
    assert not ExchangeMessage.objects.exists()
    mine = Client(headers={"Authorization": f"Bearer {key}"})
    other.pk, other.code, other.person = None, "other", town.people["clerk"]
    other.save()
    assert xml(mine, write_xml(dispatch()), "/exchange/other/").status_code == 404
    assert mine.get("/exchange/none/outbox").status_code == 404


def test_a_key_for_something_else_opens_nothing(platform, town):
    day = dt.date.today() + dt.timedelta(days=3)
    key = make_token(platform.person, name="x", scopes=["read"], ends_on=day, by=town.people["office"])[1]
    client = Client(headers={"Authorization": f"Bearer {key}"})
    assert client.get("/exchange/szcg/outbox").status_code == 401


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [(b"<Request", 400, "XML"), (b"", 400, "空"), (b"{", 400, "JSON"), (b"\xff\xff\x81", 400, "编码"),
     (write_xml(compose("feedback", {"TaskNum": "9", "FeedbackMemo": "x"})).encode(), 202, "9"),
     (b"<a>" + b"x" * 2**21, 400, "KB"), (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', 400, "DOCTYPE")],
    ids=range(7),
)  # fmt: skip
def test_what_cannot_be_taken_is_answered_in_words(door, body, status, words):
    answer = xml(door, body)
    assert answer.status_code == status and words in answer.content.decode()
    assert answer["X-Content-Type-Options"] == "nosniff" and "sandbox" in answer["Content-Security-Policy"]


@pytest.mark.parametrize("after", ["x", "-1", "9" * 30, "１"])
def test_a_place_in_the_outbox_is_a_number(door, after):
    assert door.get("/exchange/szcg/outbox", {"after": after}).status_code == 400


ORDERS = [
    {
        "工单号": "Z1",
        "受理时间": "2026-11-20 08:30",
        "诉求内容": "垃圾桶满溢",
        "地址": "人民路",
        "联系电话": "13800001111",
    },
    {"工单号": "Z2", "诉求内容": "盲道上停满电动车", "经度": 113.0, "纬度": 34.7601, "别的": {"a": [1]}},
    {"工单号": "Z3", "诉求内容": "时间不对", "受理时间": "后天"},
]


def post_orders(door, body, kind="application/json"):
    return door.post("/exchange/szcg/orders", body, content_type=kind)


@pytest.mark.parametrize("form", ["array", "named", "lines", "csv", "xlsx"])
def test_orders_in_every_form_with_what_came_of_each(door, form):
    answer = post_orders(door, _written(form))
    told = answer.json()
    assert answer.status_code == 207 and (told["made"], told["known"], told["left_out"]) == (2, 0, 1)
    first, second, third = told["rows"]
    assert (first["number"], first["state"]) == ("Z1", "made") and Case.objects.get(number=first["case"])
    assert third["state"] == "left_out" and "时间" in third["why"]
    assert Report.objects.get(order_number="Z1").contact == "13800001111"
    if form not in ("csv", "xlsx"):
        assert [each["row"] for each in told["rows"]] == [1, 2, 3]
        assert Report.objects.get(order_number="Z2").raw["别的"] == '{"a": ["1"]}'
    again = post_orders(door, _written(form)).json()
    assert (again["made"], again["known"], Case.objects.count()) == (0, 2, 2)
    assert [each["case"] for each in again["rows"][:2]] == [first["case"], second["case"]]
    row = ExchangeMessage.objects.get()
    assert row.kind == "order" and row.state == "failed" and "1 行没收" in row.error


def _written(form):
    if form == "array":
        return json.dumps(ORDERS)
    if form == "named":
        return json.dumps({"orders": ORDERS, "count": 3}, ensure_ascii=False)
    if form == "lines":
        return "\n".join(json.dumps(each) for each in ORDERS)
    titles = list(dict.fromkeys(name for each in ORDERS for name in each if name != "别的"))
    lines = [titles, *([str(each.get(title, "")) for title in titles] for each in ORDERS)]
    if form == "csv":
        return "\n".join(",".join(line) for line in lines)
    from openpyxl import Workbook

    book, out = Workbook(), io.BytesIO()
    for line in lines:
        book.active.append(line)
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("body", "words"),
    [("[1, 2]", "不是表格|表头|记录"), ('[{"a": ', "JSON"), ('[{"诉求内容": "a", "a\\u0000b": 1}]', "存不下来"),
     ('[{"诉求内容": "a", "\\ud800": 1}]', "存不下来"), ("[" * 10**5, "表头|JSON"), ('{"orders": []}', "表头|记录|缺少|工作表"),
     ('[{"别的": 1}]', "表头"), ("<html>", "网页"), ("", "空")],
    ids=range(9),
)  # fmt: skip
def test_orders_that_are_none(door, body, words):
    answer = post_orders(door, body)
    assert answer.status_code == 400 and any(word in answer.json()["error"] for word in words.split("|"))
    assert not Case.objects.exists()


def test_a_cell_that_cannot_be_kept_leaves_its_row_out_only(door):
    body = '[{"诉求内容": "a\\u0000b"}, {"诉求内容": "c\\ud800", "x": "\\ud800"}, {"诉求内容": "𠮷𡃁", "x": "\\u0000"}]'
    told = post_orders(door, body).json()
    assert [each["state"] for each in told["rows"]] == ["left_out", "left_out", "made"]
    assert "存不下来" in told["rows"][0]["why"] and Report.objects.get().raw["x"] == "\ufffd"


def test_orders_need_a_person_who_takes_orders_in(door, platform, town):
    platform.person = town.people["inspector"]
    day = dt.date.today()
    key = make_token(platform.person, name="x", scopes=["exchange"], ends_on=day, by=town.people["office"])[1]
    platform.save()
    client = Client(headers={"Authorization": f"Bearer {key}"})
    assert post_orders(client, json.dumps(ORDERS)).status_code == 403


def test_the_answer_comes_back_to_the_hotline(door, town):
    post_orders(door, json.dumps(ORDERS[:1]))
    found = door.get("/exchange/szcg/orders/Z1").json()
    assert (found["state"], found["state_name"], found["reply"]) == ("reported", "待核实", "")
    case = confirm_case(Case.objects.get(), by=town.people["clerk"], kind=town.kind)
    CaseFlow.take(case, "reply", by=town.people["clerk"], given={"reply": "已派城管去清"})
    found = door.get("/exchange/szcg/orders/Z1").json()
    assert found["reply"] == "已派城管去清" and found["replied_at"]
    assert "contact" not in found and "示例" not in json.dumps(found, ensure_ascii=False)
    assert door.get("/exchange/szcg/orders/Z9").status_code == 404


def test_photos_are_for_the_partner_whose_case_it_is(door, town, make_picture):
    from django.core.files.uploadedfile import SimpleUploadedFile

    from chuangwen.problems.photos import add_photo

    xml(door, write_xml(dispatch()))
    case = Case.objects.get()
    photo = add_photo(
        case, SimpleUploadedFile("a.jpg", make_picture()), role="fixed", by=town.people["liaison"]
    )
    found = door.get(f"/exchange/szcg/photos/{photo.blob.sha256}")
    assert (
        found.status_code == 200
        and found["Content-Type"] == "image/jpeg"
        and found["X-Content-Type-Options"] == "nosniff"
    )
    assert b"".join(found.streaming_content)[:3] == b"\xff\xd8\xff"
    for wrong in ("0" * 64, "x", photo.blob.sha256[:-1], "..%2f"):
        assert door.get(f"/exchange/szcg/photos/{wrong}").status_code == 404
