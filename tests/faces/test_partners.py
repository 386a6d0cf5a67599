"""对接: the page of other systems, one's log, its codes, one message; and the command that does the same."""

from __future__ import annotations

import io
import uuid

import pytest
from django.core.management import CommandError, call_command

from chuangwen.problems.actions import Told, confirm_case, take_report
from chuangwen.problems.exchanging.messages import compose
from chuangwen.problems.exchanging.taking import receive
from chuangwen.problems.exchanging.xml_form import write_xml
from chuangwen.problems.models import Case, ExchangeMessage, Partner
from tests.problems.exchanging.conftest import dispatch, platform

__all__ = ["platform"]


@pytest.fixture
def failed(platform):
    platform.kinds, platform.units = {}, {}
    platform.save()
    return receive(platform, write_xml(dispatch()))


@pytest.fixture
def clerk(client, town):
    client.force_login(town.people["clerk"])
    return client


def test_codes_are_offered_mapped_and_played_again(clerk, failed, platform):
    page = clerk.get("/partners/szcg/").content.decode()
    assert 'value="2/11/112"' in page and 'value="1670"' in page and "重放没办成的 1 条" in page
    for what, theirs, ours in (("kinds", "2/11", "0301"), ("units", "1670", "cgj")):
        given = {"act": "map", "what": what, "theirs": theirs, "ours": ours}
        assert clerk.post("/partners/szcg/", given).status_code == 302
    answer = clerk.post("/partners/szcg/", {"act": "replay"})
    assert "办成 1 条" in answer.content.decode() and Case.objects.get().state == "assigned"
    assert "重放没办成的" not in clerk.get("/partners/szcg/").content.decode()


def test_the_log_is_filtered(clerk, failed, platform):
    receive(platform, write_xml(compose("feedback", {"TaskNum": "77", "FeedbackMemo": "x"})))
    for query, numbers in (("kind=feedback", {"77"}), ("state=done", set()), ("way=out", set()), ("q=77", {"77"}),
                           ("before=0", set()), ("kind=x&before=x", {"77", "26112200007"})):  # fmt: skip
        page = clerk.get(f"/partners/szcg/?{query}").content.decode()
        assert {n for n in ("77", "26112200007") if f"<td>{n}</td>" in page} == numbers, query


def test_one_message_as_it_was(clerk, platform):
    row = receive(platform, "<Request><script>alert(1)</script>")
    path = f"/partners/szcg/{row.uid}/"
    page = clerk.get(path).content.decode()
    assert "&lt;script&gt;alert(1)" in page and "<script>alert" not in page
    assert clerk.post(path, {}).status_code == 302
    row.refresh_from_db()
    assert row.tries == 1 and row.state == "failed"
    assert clerk.post(path, {"act": "settle", "reason": ""}).status_code == 409
    assert clerk.post(path, {"act": "settle", "reason": "试发的"}).status_code == 302
    row.refresh_from_db()
    assert row.state == "done" and "试发的" in row.error
    assert clerk.get(f"/partners/szcg/{uuid.uuid4()}/").status_code == 404


def test_a_case_is_given(clerk, platform, town):
    case = confirm_case(
        take_report(Told(text="垃圾桶满溢", lon=113.0, lat=34.7601), by=None).case, by=town.people["clerk"]
    )
    assert clerk.post("/partners/szcg/", {"act": "give", "number": "none"}).status_code == 409
    assert (
        case.number in clerk.post("/partners/szcg/", {"act": "give", "number": case.number}).content.decode()
    )
    assert ExchangeMessage.objects.get(is_out=True).their_id == case.number


def test_setting_up_a_partner(client, town):
    client.force_login(town.people["admin"])
    given = {"code": "12345", "name": "热线", "projection": "gcj02", "url": "", "is_on": "on",
             "person": town.people["dispatcher"].pk, "source": ""}  # fmt: skip
    assert client.post("/partners/", given).status_code == 302
    assert client.post("/partners/", given).status_code == 400  # the code is taken
    assert client.post("/partners/", {**given, "code": "a b"}).status_code == 400
    assert client.post("/partners/", {**given, "code": "x", "projection": "2433"}).status_code == 400
    assert (
        client.post("/partners/?edit=12345", {**given, "url": "https://a:secret@x.invalid/"}).status_code
        == 302
    )
    assert Partner.objects.get().url == "https://a:secret@x.invalid/"
    client.force_login(town.people["clerk"])
    page = client.get("/partners/").content.decode()
    assert "https://x.invalid/" in page and "secret" not in page
    client.post("/partners/?edit=12345", {**given, "name": "别的"})
    assert Partner.objects.get().name == "热线"


def test_the_log_costs_the_same_for_one_message_and_for_many(
    clerk, failed, platform, django_assert_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    clerk.get("/partners/szcg/")
    with CaptureQueriesContext(
        connection,
    ) as one:
        clerk.get("/partners/szcg/")
    for n in range(5):
        receive(platform, write_xml(dispatch(TaskNum=str(n))))
    with django_assert_num_queries(len(one)):
        clerk.get("/partners/szcg/")


def test_the_command_lists_and_plays_again(failed, platform):
    def run(*words):
        out = io.StringIO()
        call_command("exchange", *words, stdout=out)
        return out.getvalue()

    assert str(failed.uid) in run("list", "--failed") and "2/11/112" in run("list", "--partner", "szcg")
    with pytest.raises(CommandError, match="1 条没办成"):
        run("replay")
    Partner.objects.update(kinds={"2": "0301"}, units={"1670": "cgj"})
    assert " done " in run("replay", str(failed.uid)) and run("list", "--failed") == ""
    for words in (("list", "--partner", "none"), ("replay", "x"), ("replay", str(uuid.uuid4()))):
        with pytest.raises(CommandError):
            run(*words)
