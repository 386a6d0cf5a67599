"""Naughty strings in the text fields of every door: a sentence, or kept and shown back unchanged; never run, never lost."""

from __future__ import annotations

import json

import pytest

from chuangwen.faces.api.open311.answers import plain
from chuangwen.problems.exchanging.taking import read_body
from chuangwen.problems.models import Case, ExchangeMessage, Report, Submission
from chuangwen.tasks.idea_models import Idea
from tests.hostile.strings import BROKEN, OURS, Page, blns, kept, some

pytestmark = pytest.mark.django_db
REFUSED = {400, 409, 413, 415, 422, 429}


def is_said(answer):
    """A refusal carries words for a person."""
    text = answer.content.decode()
    return any("\u4e00" <= letter <= "\u9fff" for letter in text)


def test_every_string_of_the_big_list_as_an_order(doors):
    """One of the two fields that get the whole list; the other is the phone's report, below."""
    strings = [*OURS, *blns()]
    answer = doors.orders(*strings)
    rows = answer.json()["rows"]
    texts = dict(Report.objects.values_list("case__number", "text"))
    wrong = [
        text for row, text in zip(rows, [each for each in strings if kept(each)], strict=True)
        if not (row["state"] == "left_out" and row["why"]) and texts[row["case"]] != kept(text)
    ]  # fmt: skip
    assert answer.status_code in (200, 207) and wrong == []
    assert sum(row["state"] == "left_out" for row in rows) <= 3


def test_every_string_of_the_big_list_from_a_phone(doors):
    strings = [*OURS, *blns()]
    for at in range(0, len(strings), 100):
        part = strings[at : at + 100]
        answers = doors.field(*part).json()["answers"]
        for text, one in zip(part, answers, strict=True):
            if one["status"] == "kept":
                assert Report.objects.get(uid=one["uid"]).text == kept(text)
            else:
                assert one["why"] and (len(kept(text)) < 2 or len(kept(text)) > 200 or "\0" in text), (
                    text,
                    one,
                )


DOORS = {
    "portal": lambda: Submission.objects.values_list("text", flat=True),
    "idea": lambda: Idea.objects.values_list("text", flat=True),
    "open311": lambda: Submission.objects.values_list("text", flat=True),
    "v1": lambda: Report.objects.values_list("text", flat=True),
    "exchange": lambda: Report.objects.values_list("text", flat=True),
    "quick": lambda: Report.objects.values_list("text", flat=True),
}  # fmt: skip


@pytest.mark.parametrize("name", DOORS)
def test_strings_are_kept_as_they_are_or_refused_in_words(doors, name):
    rows, door = DOORS[name], getattr(doors, name)
    for text in some(12, shift=sorted(DOORS).index(name) * 7):
        before = rows().count()
        answer = door(text)
        assert answer.status_code < 500
        if answer.status_code in REFUSED or answer.status_code == 202:
            assert is_said(answer), (text, answer.content[:200])
            assert rows().count() == before
            assert text not in OURS or len(text) < 8 or name == "v1", (text, answer.content[:300])
        else:
            assert rows().count() == before + 1
            told = (
                kept(plain(text)) or "暴露垃圾" if name == "open311" else kept(text)
            )  # what XML cannot hold is left out
            assert rows().order_by("-pk")[0] == told, text


@pytest.mark.parametrize("name", [*DOORS, "orders", "field"])
def test_what_no_column_can_hold_is_refused_or_marked(doors, name):
    door = getattr(doors, name)
    for text in BROKEN:
        if name in ("portal", "idea", "open311", "quick") and "\0" not in text:
            continue  # a form in UTF-8 cannot carry half a character; what a broken one carries is marked by the framework
        answer = door(text)
        assert answer.status_code < 500 and (is_said(answer) or name == "open311")
        if name == "field":
            assert answer.json()["answers"][0]["status"] != "kept" and answer.json()["answers"][0]["why"]
        elif name == "orders":
            assert answer.json()["rows"][0]["state"] == "left_out"
        elif name != "open311":  # which marks NUL away, as XML must
            assert answer.status_code in REFUSED
    assert not any("\0" in text for text in Report.objects.values_list("text", flat=True))


OTHER_FIELDS = {
    "portal": ("address", "name"), "idea": ("name",), "v1": ("address",), "field": ("address", "note", "nonsense"),
    "exchange": ("EventAddress", "SendMemo", "StreetName", "nonsense"), "orders": ("地址", "联系电话", "标题", "乱写的列"),
    "quick": ("address", "site", "kind", "lon", "taken_at"), "open311": ("address_string", "device_id", "media_url", "email"),
}  # fmt: skip


@pytest.mark.parametrize("name", OTHER_FIELDS)
def test_the_fields_beside_the_words(doors, name):
    for shift, field in enumerate(OTHER_FIELDS[name]):
        for text in [*some(2, shift)[shift::5], "字" * 5000, "\0"]:
            answer = getattr(doors, name)("垃圾桶满溢", **{field: text})
            assert answer.status_code < 500, (field, text)
            assert answer.status_code not in REFUSED or is_said(answer), (field, text)


@pytest.mark.parametrize("name", ["portal", "idea", "quick"])
def test_a_refused_form_gives_the_words_back_escaped(doors, name):
    """Nothing typed is lost: what was refused stands in the form again."""
    for text in OURS[:6]:
        answer = getattr(doors, name)(f"{text} " + "字" * 1200)
        assert answer.status_code == 422
        page = Page(answer.content.decode())
        assert page.runs == [] and page.shows(text), text


def pages_of(doors):
    """Pages where such words are shown: the follow page, the case, its lists, the log of a partner, the public idea."""
    for answer in (doors.portal(text, name=text[:20], address=text[:100]) for text in OURS):
        if answer.status_code == 303:
            yield doors.anybody.get(answer["Location"])
    for text in OURS:
        answer = doors.idea(text, name=text[:20])
        if answer.status_code == 302:
            yield doors.anybody.get(answer["Location"])
    doors.exchange(OURS[0], SendMemo=OURS[1])
    doors.orders(*OURS)
    numbers = Case.objects.order_by("pk").values_list("number", flat=True)
    for path in ("/", "/cases/", "/submissions/", "/ideas/", "/partners/p/", "/map/", "/search/?q=%3Cscript%3E",
                 *(f"/cases/{number}/" for number in numbers[::6])):  # fmt: skip
        yield doors.desk.get(path)
    for row in ExchangeMessage.objects.order_by("pk")[:2]:
        yield doors.desk.get(f"/partners/p/{row.uid}/")


def test_nothing_shown_back_runs(doors):
    shown = []
    for answer in pages_of(doors):
        assert answer.status_code == 200, answer.request["PATH_INFO"]
        page = Page(answer.content.decode())
        assert page.runs == [], (answer.request["PATH_INFO"], page.runs)
        shown.append(page)
    for text in OURS:
        assert any(page.shows(text) for page in shown), text


def test_what_a_sender_says_of_the_answer(doors, town):
    """The rating's words: kept as typed, shown back to the sender."""
    from chuangwen.problems.actions import confirm_case
    from chuangwen.problems.flow import CaseFlow

    town.kind.needs_photo = False
    town.kind.save()
    link = doors.portal("垃圾桶满溢")["Location"]
    case = confirm_case(Submission.objects.get().case, by=town.people["clerk"], kind=town.kind)
    CaseFlow.take(case, "answer", by=town.people["liaison"], given={"note": OURS[0]})
    CaseFlow.take(case, "pass", by=town.people["checker"])
    for text in OURS[::4]:
        answer = doors.anybody.post(f"{link}rate/", {"satisfied": "yes", "text": text})
        assert answer.status_code == 302, answer.content.decode()[:300]
        assert Submission.objects.get().rating_text == kept(text)
        page = Page(doors.anybody.get(link).content.decode())
        assert page.runs == [] and page.shows(text)
    assert doors.anybody.post(f"{link}rate/", {"satisfied": "yes", "text": "a\0b"}).status_code in REFUSED
    assert doors.anybody.post(f"{link}rate/", {"satisfied": "no", "text": "字" * 5000}).status_code in REFUSED


def test_tables_taken_out_calculate_nothing(doors):
    """What a spreadsheet would work out stands as text in every table that goes out."""
    path = "/cases/export.csv"
    doors.orders("=1+1", "@SUM(1+1)", "+86", "-1", "＝1+1", '=HYPERLINK("http://x.invalid","看")')
    answer = doors.desk.get(path)
    text = (b"".join(answer.streaming_content) if answer.streaming else answer.content).decode("utf-8-sig")
    import csv
    import io

    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    assert any("HYPERLINK" in cell for cell in cells)
    assert [cell for cell in cells if cell[:1] in tuple("=+@＝＋＠") or cell.startswith("-1")] == []


@pytest.mark.parametrize(
    "path",
    ["/open311/v2/requests.json", "/api/v1/cases", "/exchange/p/", "/exchange/p/orders", "/field/send/"],
)
@pytest.mark.parametrize(
    "body",
    ["", "null", "[]", "{", "[" * 50_000, '{"a":' * 50_000, "1e999", '"\\ud800"', '{"records": [null, 1, [], {}]}', "\ufeff{}",
     '{"records": [{"uid": "x", "kind": [], "at": {}, "given": 1, "files": [1]}]}', json.dumps({"records": "x" * 1000})],
    ids=range(12),
)  # fmt: skip
def test_bodies_that_are_no_body(doors, path, body):
    client = {"/open": doors.report, "/api/": doors.api, "/exch": doors.platform, "/fiel": doors.phone}[
        path[:5]
    ]
    answer = client.post(path, body, content_type="application/json")
    assert answer.status_code < 500 and (answer.status_code < 300 or is_said(answer)), answer.content[:200]


def test_a_message_of_a_partner_is_kept_as_it_was(doors):
    for text in OURS:
        doors.exchange(text)
    said = [
        read_body(body).get("EventDescription")
        for body in ExchangeMessage.objects.order_by("pk").values_list("body", flat=True)
    ]
    assert said == [kept(text) for text in OURS]


def test_an_address_with_nul_is_not_read_at_all(doors):
    for path in (
        "/report/?site=%00",
        "/cases/?kind=%00",
        "/p/cases/?kind=a%00b",
        "/p/s/%00/",
        "/search/?q=%00",
    ):
        assert doors.desk.get(path).status_code == 400, path
