"""Screen on a plain table: rows, pages, filters, export and bulk from a declaration made for this test alone."""

from __future__ import annotations

import csv
import io

import pytest
from django.db.models import Q
from django.http import Http404, QueryDict
from django.test import RequestFactory
from django.utils import timezone
from django.utils.html import format_html

from chuangwen.kernel.models import Term
from chuangwen.kernel.people.rules import holds, where
from chuangwen.kernel.screens.declare import Asked, Bulk, Choice, Column, Filter, Look, Tab
from chuangwen.kernel.screens.screen import PAGE, Screen
from chuangwen.kernel.workflow.flow import Refused


def refuse_odd(row, look, uid):
    if row.rank % 2:
        raise Refused("单数不办。")
    Term.objects.filter(pk=row.pk).update(note=f"办了 {uid}")


class Words(Screen):
    slug = "words"
    title = "词"
    model = Term
    rule = holds("office") | where("list", "open")
    key = "code"
    order = ("rank", "pk")
    columns = (
        Column("name", "名", lambda r, k: format_html("<b>{}</b>", r.name), lambda r, k: r.name, sort="name"),
        Column("rank", "序", lambda r, k: r.rank, lambda r, k: r.rank),
    )
    filters = (Filter("list", "表", lambda v, k: Q(list=v), lambda k: [Choice("open", "公开"), Choice("shut", "内部")]),)
    tabs = (Tab("", "全部", lambda k: Q()), Tab("high", "靠后", lambda k: Q(rank__gte=50)))
    bulk = (Bulk("do", lambda n: f"办 {n} 条", lambda r, k: "第零条不办" if r.rank == 0 else None, refuse_odd),)


@pytest.fixture
def words(town):
    Term.objects.all().exclude(list="site_type").delete()
    Term.objects.bulk_create(Term(list="open" if i % 2 else "shut", code=f"w{i:03}", name=f"词<{i}>", rank=i) for i in range(120))
    Term.objects.filter(list="site_type").update(list="shut", rank=999, code="w999")
    return town


def look(town, name):
    return Look(town.people[name], timezone.now())


def ask(town, name, method="get", **given):
    request = getattr(RequestFactory(), method)("/words/", given)
    request.user, request.htmx, request.COOKIES = town.people[name], False, {}
    return request


def codes(rows):
    return [row.code for row in rows]


def test_rows_follow_rule_tab_filter_and_order(words):
    all_rows = codes(Words.rows(Asked(), look(words, "office")))
    assert len(all_rows) == 121 and all_rows[:3] == ["w000", "w001", "w002"]
    assert codes(Words.rows(Asked(), look(words, "liaison"))) == [f"w{i:03}" for i in range(1, 120, 2)]
    assert codes(Words.rows(Asked(chosen={"list": "shut"}), look(words, "liaison"))) == []
    assert codes(Words.rows(Asked(tab="high", chosen={"list": "open"}), look(words, "office")))[0] == "w051"
    assert codes(Words.rows(Asked(sort="-name"), look(words, "office")))[0] == codes(Term.objects.order_by("-name"))[0]


def test_what_the_address_asks_is_read_without_trust(words):
    asked = Words.asked(QueryDict("tab=nonsense&sort=rank&page=-3&list=open&other=1"))
    assert asked == Asked(tab="", chosen={"list": "open"}, sort="", page=1)
    assert Words.asked(QueryDict("page=99999999999")).page == 100
    assert Asked(chosen={"list": "a&b"}, page=3).query() == "?list=a%26b&page=3"
    assert Asked(chosen={"list": "x"}, page=3).query(list="") == "?"


def test_pages_hold_fifty_and_know_whether_more_follow(words, django_assert_num_queries):
    first = Words.list_page(ask(words, "office")).content.decode()
    assert first.count("<tr><td>") == PAGE and "page=2" in first
    last = Words.list_page(ask(words, "office", page="3")).content.decode()
    assert last.count("<tr><td>") == 21 and "page=4" not in last
    assert "词&lt;1&gt;" in first and "词<1>" not in first
    words.people["office"].standing  # noqa: B018 – read once before counting
    with django_assert_num_queries(1):
        Words.list_page(ask(words, "office", page="2"))


def test_export_is_the_whole_list_and_nothing_else(words):
    answer = Words.export(ask(words, "liaison", list="open"), "csv")
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    answer.close()
    assert rows[0] == ["名", "序"]
    assert [int(row[1]) for row in rows[1:]] == list(range(1, 120, 2))
    with pytest.raises(Http404):
        Words.export(ask(words, "liaison"), "exe")


def test_choices_are_read_only_when_asked(words):
    assert 'href="/words/?list=shut"' in Words.choices_page(ask(words, "office"), "list").content.decode()
    with pytest.raises(Http404):
        Words.choices_page(ask(words, "office"), "name")


def test_bulk_tells_each_row_left_and_never_touches_a_row_out_of_sight(words):
    request = ask(words, "office", "post", row=["w000", "w001", "w002"])
    bar = Words.bulk_bar(request).content.decode()
    assert "办 2 条" in bar and "第零条不办" in bar and 'name="uid"' in bar
    done = Words.bulk_act(ask(words, "office", "post", row=["w000", "w001", "w002"], uid="u"), "do").content.decode()
    assert "已办 1 件" in done and "单数不办" in done
    assert codes(Term.objects.exclude(note="")) == ["w002"]
    Words.bulk_act(ask(words, "liaison", "post", row=["w004"], uid="u"), "do")
    assert codes(Term.objects.exclude(note="")) == ["w002"]
    with pytest.raises(Http404):
        Words.bulk_act(ask(words, "office", "post", row=["w004"]), "nothing")
