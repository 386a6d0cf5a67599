"""Screen: list, filters, bulk steps and export from one declaration, all under one rule.

The list never counts its rows (it reads one more than it shows), and its rows are joined from the columns'
Python functions: a template loop over 500 cells costs more than the rest of the page (docs/decisions/0002).
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from django.db.models import Model, Q, QuerySet
from django.http import Http404, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from chuangwen.kernel.people.rules import Anyone, Rule
from chuangwen.kernel.screens.access import SignedIn, page
from chuangwen.kernel.screens.declare import Asked, Bulk, Column, Filter, Look, Tab, Text
from chuangwen.kernel.workflow.flow import Refused

PAGE = 50
LAST_PAGE = 100  # deeper than this nobody reads; a filter is quicker


class Screen:
    """Base of all lists; a subclass is the declaration."""

    slug: ClassVar[str]
    title: ClassVar[Text]
    model: ClassVar[type[Model]]
    rule: ClassVar[Rule]
    open_to: ClassVar[Rule] = Anyone()  # who may open the page at all, before any row is asked
    columns: ClassVar[tuple[Column, ...]]
    filters: ClassVar[tuple[Filter, ...]] = ()
    tabs: ClassVar[tuple[Tab, ...]] = ()
    bulk: ClassVar[tuple[Bulk, ...]] = ()
    order: ClassVar[tuple[str, ...]] = ("pk",)
    key: ClassVar[str] = "pk"  # the column a row is known by in addresses and forms
    related: ClassVar[tuple[str, ...]] = ()
    only: ClassVar[tuple[str, ...]] = ()
    create: ClassVar[tuple[str, Text] | None] = None  # address and words of the main button
    create_rule: ClassVar[Rule] = Anyone()  # who sees that button
    links: ClassVar[
        tuple[tuple[str, Text, Rule], ...]
    ] = ()  # pages beside the list: address, words, who may open it
    note: ClassVar[Text] = ""

    # Reading ------------------------------------------------------------------------------------

    @classmethod
    def asked(cls, given: QueryDict) -> Asked:
        keys = {f.key for f in cls.filters}
        number = given.get("page", "1")
        return Asked(
            tab=given.get("tab", "") if any(t.key == given.get("tab") for t in cls.tabs) else "",
            chosen={k: v for k, v in given.items() if k in keys and isinstance(v, str) and v},
            sort=given.get("sort", "") if cls._order_of(given.get("sort", "")) else "",
            page=min(max(int(number), 1), LAST_PAGE) if number.isdigit() else 1,
        )

    @classmethod
    def _order_of(cls, sort: str | None) -> str:
        name = (sort or "").removeprefix("-")
        column = next((c for c in cls.columns if c.key == name and c.sort), None)
        if column is None:
            return ""
        return f"-{column.sort}" if (sort or "").startswith("-") else column.sort

    @classmethod
    def rows(cls, asked: Asked, look: Look) -> QuerySet[Any]:
        """Exactly the rows the list shows and the export writes: the rule, the tab, the filters, the order."""
        rows = cls.rule.filter(cls.model._default_manager.all(), look.person)
        q = Q()
        tab = next((t for t in cls.tabs if t.key == asked.tab), None)
        if tab:
            q &= tab.q(look)
        by_key = {f.key: f for f in cls.filters}
        for key, value in asked.chosen.items():
            q &= by_key[key].q(value, look)
        order = cls._order_of(asked.sort)
        orders = (order, "pk") if order else (tab.order if tab and tab.order else cls.order)
        rows = rows.filter(q).select_related(*cls.related).order_by(*orders)
        return rows.only(*cls.only) if cls.only else rows

    @classmethod
    def html_rows(cls, rows: Iterable[Any], look: Look) -> SafeString:
        """The table's rows as markup, joined once."""
        parts: list[str] = []
        is_chosen = bool(cls.offered(look))
        for row in rows:
            key = conditional_escape(getattr(row, cls.key))
            parts.append("<tr>")
            if is_chosen:
                parts.append(
                    f'<td><input class="form-check-input" type="checkbox" name="row" value="{key}" aria-label="{key}"></td>'
                )
            for column in cls.columns:
                css = f' class="{column.css}"' if column.css else ""
                parts.append(f"<td{css}>{conditional_escape(column.cell(row, look))}</td>")
            parts.append("</tr>")
        return mark_safe("".join(parts))  # every value above went through conditional_escape

    @classmethod
    def offered(cls, look: Look) -> list[Bulk]:
        """The bulk steps this person may take at all; without one, no row is chosen."""
        return [b for b in cls.bulk if b.rule is None or b.rule.reaches(look.person)]

    # Pages --------------------------------------------------------------------------------------

    @classmethod
    def list_page(cls, request: SignedIn) -> HttpResponse:
        look, asked = Look(request.user, timezone.now()), cls.asked(request.GET)
        start = (asked.page - 1) * PAGE
        found = list(cls.rows(asked, look)[start : start + PAGE + 1])
        context = {
            "screen": cls, "asked": asked, "look": look, "rows": cls.html_rows(found[:PAGE], look), "count": len(found[:PAGE]),
            "start": start, "has_next": len(found) > PAGE and asked.page < LAST_PAGE, "page_size": PAGE,
            "chips": [(f, asked.chosen[f.key], f.words(asked.chosen[f.key], look)) for f in cls.filters if f.key in asked.chosen],
            "free": [f for f in cls.filters if f.key not in asked.chosen],
            "has_bulk": bool(cls.offered(look)), "may_create": bool(cls.create) and cls.create_rule.allows(look.person, None),
            "density": request.COOKIES.get("density", ""), **cls.more(request, asked, look),
        }  # fmt: skip
        part = request.htmx and request.htmx.target == "list"
        return render(request, "screens/_list.html" if part else "screens/list.html", context)

    @classmethod
    def more(cls, request: SignedIn, asked: Asked, look: Look) -> dict[str, Any]:
        """More for the page's template; a screen that needs nothing leaves it."""
        return {}

    @classmethod
    def choices_page(cls, request: SignedIn, key: str) -> HttpResponse:
        """The choices of one filter, as links that keep everything else asked."""
        chosen = next((f for f in cls.filters if f.key == key), None)
        if chosen is None:
            raise Http404
        look, asked = Look(request.user, timezone.now()), cls.asked(request.GET)
        context = {"screen": cls, "asked": asked, "filter": chosen, "choices": chosen.choices(look)}
        return render(request, "screens/_choices.html" if request.htmx else "screens/choices.html", context)

    @classmethod
    def export(cls, request: SignedIn, kind: str) -> HttpResponse | StreamingHttpResponse:
        """The rows of the list as Excel or CSV: same rule, same filters, no page."""
        from chuangwen.kernel.screens.export import stream  # openpyxl: only for who exports

        look, asked = Look(request.user, timezone.now()), cls.asked(request.GET)
        titles = [(str(c.title), c.width) for c in cls.columns]

        def lines() -> Iterator[list[Any]]:
            for row in cls.rows(asked, look).iterator(chunk_size=500):
                yield [column.plain(row, look) for column in cls.columns]

        name = f"{cls.title} {timezone.localtime(look.now):%Y-%m-%d %H%M}"
        return stream(name, kind, titles, lines(), note=str(cls.note))

    # Many at once -------------------------------------------------------------------------------

    @classmethod
    def _chosen(cls, request: SignedIn, look: Look) -> list[Any]:
        keys = request.POST.getlist("row")[:500]
        rows = cls.rule.filter(cls.model._default_manager.all(), look.person)
        return list(rows.filter(**{f"{cls.key}__in": keys}).select_related(*cls.related).order_by("pk"))

    @classmethod
    def bulk_bar(cls, request: SignedIn) -> HttpResponse:
        """What can be done with the chosen rows, and for which of them not and why."""
        look = Look(request.user, timezone.now())
        rows = cls._chosen(request, look)
        offers = []
        for bulk in cls.offered(look):
            reasons: dict[str, int] = {}
            for row in rows:
                why = bulk.why(row, look)
                if why:
                    reasons[why] = reasons.get(why, 0) + 1
            able = len(rows) - sum(reasons.values())
            offers.append((bulk, bulk.label(able), able, reasons))
        context = {"screen": cls, "rows": rows, "offers": offers, "look": look, "uid": uuid.uuid4()}
        return render(request, "screens/_bulk.html", context)

    @classmethod
    def bulk_act(cls, request: SignedIn, code: str) -> HttpResponse:
        """Takes the step for each chosen row in its own transaction, and says which were left and why."""
        look = Look(request.user, timezone.now())
        bulk = next((b for b in cls.offered(look) if b.code == code), None)
        if bulk is None:
            raise Http404
        done, left = [], []
        for row in cls._chosen(request, look):
            why = bulk.why(row, look)
            try:
                if why is None:
                    bulk.act(row, look, request.POST.get("uid", ""))
            except Refused as fault:
                why = str(fault)
            if why:
                left.append((row, why))
            else:
                done.append(row)
        return render(
            request, "screens/_bulk_done.html", {"screen": cls, "bulk": bulk, "done": done, "left": left}
        )

    @classmethod
    def urls(cls) -> list[URLPattern]:
        """The screen's addresses; a page that is not declared has none."""
        found = [
            path(f"{cls.slug}/", page(cls.open_to)(cls.list_page)),
            path(f"{cls.slug}/choices/<str:key>/", page(cls.open_to)(cls.choices_page)),
            path(f"{cls.slug}/export.<str:kind>", page(cls.open_to)(cls.export)),
        ]
        if cls.bulk:
            found += [
                path(f"{cls.slug}/bulk/", page(cls.open_to, methods=("POST",))(cls.bulk_bar)),
                path(f"{cls.slug}/bulk/<str:code>/", page(cls.open_to, methods=("POST",))(cls.bulk_act)),
            ]
        return found
