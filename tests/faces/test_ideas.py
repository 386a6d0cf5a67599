"""建言 in public and at the desk: without an account, read first, supported once, answered."""

from __future__ import annotations

import uuid

import pytest
from django.test import Client

from chuangwen.tasks.idea_flow import IdeaFlow
from chuangwen.tasks.idea_models import Idea, IdeaSupport
from chuangwen.tasks.ideas import Proposed, propose

TEXT = "我住紫荆路 12 号，路口多画一段电动车停车线"
WORDS = "路口多画一段停车线"


def send(client, text=TEXT, uid=None, **more):
    return client.post("/p/ideas/", {"uid": uid or uuid.uuid4(), "text": text, **more})


@pytest.fixture
def public(town):
    idea, _secret = propose(Proposed(uuid.uuid4(), TEXT, name="王某"))
    return IdeaFlow.take(idea, "release", by=town.people["office"], given={"public_text": WORDS}).matter


def test_an_idea_is_sent_without_account_and_followed_by_its_link(town, client):
    uid = uuid.uuid4()
    first, again = send(client, uid=uid, name="王某"), send(client, uid=uid, name="王某")
    assert first.status_code == again.status_code == 302
    assert first["Location"] == again["Location"]
    assert Idea.objects.count() == 1
    own = client.get(first["Location"])
    assert TEXT in own.content.decode()
    assert own["Referrer-Policy"] == "same-origin" and "noindex" in own["X-Robots-Tag"]
    assert TEXT not in Client().get("/p/ideas/").content.decode()


def test_faults_say_what_to_do_and_keep_what_was_written(town, client):
    page = send(client, text="太短", name="王某")
    assert page.status_code == 422
    assert (
        "多写几个字" in page.content.decode()
        and "太短" in page.content.decode()
        and "王某" in page.content.decode()
    )
    assert not Idea.objects.exists()


def test_a_flood_from_one_network_is_stopped_and_keeps_the_words(town, client):
    codes = [send(client, text=f"第 {n} 个想法要写长一点").status_code for n in range(8)]
    assert codes == [302] * 6 + [429] * 2
    assert "第 9 个想法" in send(client, text="第 9 个想法要写长一点").content.decode()


def test_the_public_reads_released_words_only(public):
    for path in ("/p/ideas/", f"/p/ideas/{public.number}/"):
        said = Client().get(path).content.decode()
        assert WORDS in said
        assert "紫荆路" not in said and "王某" not in said
    hidden, _secret = propose(Proposed(uuid.uuid4(), "另一条还没有人看过"))
    assert Client().get(f"/p/ideas/{hidden.number}/").status_code == 404
    assert Client().post(f"/p/ideas/{hidden.number}/support/").status_code == 404


def test_so_do_i_counts_once_for_a_browser(public):
    browser, other = Client(), Client()
    for client in (browser, browser, other):
        assert client.post(f"/p/ideas/{public.number}/support/").status_code == 302
    assert IdeaSupport.objects.count() == 2
    assert "2 人赞同" in browser.get(f"/p/ideas/{public.number}/").content.decode()


def test_the_desk_releases_and_answers_with_clear_faults(town, client):
    idea, _secret = propose(Proposed(uuid.uuid4(), TEXT))
    client.force_login(town.people["office"])
    address = f"/ideas/{idea.number}/"
    assert TEXT in client.get(address).content.decode()
    bad = client.post(f"{address}steps/release/", {"public_text": ""})
    assert bad.status_code == 400 and "写公开的话" in bad.content.decode()
    uid = uuid.uuid4()
    for _twice in range(2):
        done = client.post(f"{address}steps/release/", {"public_text": WORDS, "uid": uid})
        assert done.status_code == 302
    late = client.post(f"{address}steps/release/", {"public_text": WORDS, "uid": uuid.uuid4()})
    assert late.status_code == 409
    unit = town.units["cgj"].pk
    client.post(f"{address}steps/adopt/", {"answer": "年内补画", "unit": unit, "due_on": "2027-03-31"})
    client.post(f"{address}steps/done/", {"done_text": "补画 30 米"})
    said = Client().get(f"/p/ideas/{idea.number}/").content.decode()
    assert "年内补画" in said and "补画 30 米" in said
    assert "我也这么想" not in said


def test_lists_ask_the_same_however_many(public, client, town, django_assert_max_num_queries):
    for n in range(12):
        idea, _secret = propose(Proposed(uuid.uuid4(), f"第 {n} 个想法要写长一点"))
        IdeaFlow.take(idea, "release", by=town.people["office"], given={"public_text": f"想法 {n}"})
    with django_assert_max_num_queries(3):
        assert client.get("/p/ideas/").status_code == 200
    client.force_login(town.people["office"])
    client.get("/ideas/")
    with django_assert_max_num_queries(7):
        assert client.get("/ideas/").status_code == 200
