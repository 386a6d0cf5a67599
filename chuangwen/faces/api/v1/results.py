"""What the city is measured by and how it stands: standards, facts, frozen rankings, forecasts kept."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from decimal import Decimal
from typing import Annotated, Any

from django.db.models import Q
from django.http import Http404
from ninja import Query, Router, Schema
from pydantic import Field

from chuangwen.assessment import rules as score_rules
from chuangwen.assessment.models import Forecast
from chuangwen.assessment.ranking_models import Ranking, RankLine, RankState, RankSubject
from chuangwen.faces.api.v1.operations import Asked, Following, Page, WordPage, get
from chuangwen.faces.api.v1.paging import cut
from chuangwen.faces.api.v1.values import OneOf
from chuangwen.kernel.screens.access import row_or_404
from chuangwen.registers import rules as fact_rules
from chuangwen.registers.models import Fact
from chuangwen.standards.models import Edition, Method, Node, Part, Requirement, Share, Tier

router = Router(tags=["results"])


class EditionLine(Schema):
    """One edition of a scheme."""

    id: int
    scheme: str = Field(description="Code of the scheme.")
    name: str
    year: int
    full: Decimal = Field(description="Full points.")
    is_current: bool = Field(description="Whether it is in use.")
    is_sample: bool = Field(description="Whether it is a sample in words of our own.")


class EditionPage(Following):
    """One page of editions."""

    items: list[EditionLine]


@get(router, "standards", EditionPage, "List editions of standards", shared=True)
def list_editions(request: Asked, asked: Query[Page]) -> Any:
    """Every edition, the newest first."""
    found = cut(Edition.objects.select_related("scheme"), ("-year", "-id"), asked.cursor, asked.limit)
    names = ("id", "name", "year", "full", "is_current", "is_sample")
    items = [
        {name: getattr(row, name) for name in names} | {"scheme": row.scheme.code} for row in found["items"]
    ]
    return {"items": items, "next": found["next"]}


class Need(Schema):
    """One requirement of a standard: how it is tested, and who answers."""

    method: Annotated[str, OneOf(Method)]
    full: Decimal
    lead: str | None = Field(description="Code of the leading unit.")
    assists: list[str] = Field(description="Codes of the units that help.")


class NodeLine(Schema):
    """One node of the tree; a leaf is a standard."""

    id: int
    parent: int | None = Field(description="`id` of the node above.")
    tier: Annotated[str, OneOf(Tier)]
    code: str
    name: str
    text: str
    full: Decimal | None
    needs: list[Need]


class NodePage(Following):
    """One page of a tree, in the tree's order."""

    items: list[NodeLine]


def _needs(nodes: list[Node]) -> dict[int, list[dict[str, Any]]]:
    """The requirements of these nodes by node; two queries."""
    shares: dict[int, list[Share]] = defaultdict(list)
    for share in (
        Share.objects.filter(requirement__node__in=nodes).select_related("unit").order_by("unit__code", "pk")
    ):
        shares[share.requirement_id].append(share)
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for need in Requirement.objects.filter(node__in=nodes).order_by("method", "pk"):
        mine = shares[need.pk]
        found[need.node_id].append({
            "method": need.method, "full": need.full,
            "lead": next((s.unit.code for s in mine if s.part == Part.LEAD), None),
            "assists": [s.unit.code for s in mine if s.part == Part.ASSIST],
        })  # fmt: skip
    return found


@get(router, "standards/{edition}", NodePage, "Read the tree of an edition", shared=True)
def read_tree(request: Asked, edition: int, asked: Query[Page]) -> Any:
    """The nodes of one edition by rank; `edition` is the `id` of the list of editions."""
    if not Edition.objects.filter(pk=edition).exists():
        raise Http404
    found = cut(Node.objects.filter(edition=edition), ("rank", "id"), asked.cursor, asked.limit)
    needs = _needs(found["items"])
    names = ("id", "tier", "code", "name", "text", "full")
    items = [
        {name: getattr(row, name) for name in names}
        | {"parent": row.parent_id, "needs": needs.get(row.pk, [])}
        for row in found["items"]
    ]
    return {"items": items, "next": found["next"]}


class FactLine(Schema):
    """One number papers may quote."""

    code: str
    name: str
    value: Decimal
    relation: str = Field(description="=, ≥ (more than) or ≈ (about).")
    measure: str = Field(description="What it is counted in.")
    period: str
    source: str
    dated_on: dt.date | None = Field(description="Day of the source.")
    unit: str | None = Field(description="Code of the unit that owns it.")
    version: int
    is_confirmed: bool = Field(description="Whether a second person confirmed it.")


class FactPage(Following):
    """One page of facts."""

    items: list[FactLine]


@get(router, "facts", FactPage, "List facts", shared=True)
def list_facts(request: Asked, asked: Query[WordPage]) -> Any:
    """The ledger of facts by code."""
    rows = fact_rules.read.filter(Fact.objects.select_related("unit"), request.person)
    if asked.text:
        rows = rows.filter(Q(name__contains=asked.text) | Q(code__contains=asked.text))
    found = cut(rows, ("code",), asked.cursor, asked.limit)
    names = ("code", "name", "value", "relation", "measure", "period", "source", "dated_on", "version")
    items = [
        {name: getattr(row, name) for name in names}
        | {"unit": row.unit.code if row.unit else None, "is_confirmed": row.confirmed_by_id is not None}
        for row in found["items"]
    ]
    return {"items": items, "next": found["next"]}


class RankingLine(Schema):
    """One frozen ranking of one month."""

    id: int
    subject: Annotated[str, OneOf(RankSubject)] = Field(description="What is ranked.")
    month: dt.date = Field(description="First day of the month.")
    frozen_at: dt.datetime | None
    digest: str = Field(description="SHA-256 over the frozen lines.")


class RankingPage(Following):
    """One page of rankings."""

    items: list[RankingLine]


def _frozen(request: Asked) -> Any:
    return score_rules.see_ranking.filter(Ranking.objects.filter(state=RankState.FROZEN), request.person)


@get(router, "rankings", RankingPage, "List frozen rankings")
def list_rankings(request: Asked, asked: Query[Page]) -> Any:
    """The published rankings the person may see, the newest month first."""
    found = cut(_frozen(request), ("-month", "-id"), asked.cursor, asked.limit)
    items = [
        {"id": row.pk, "subject": row.subject_kind, "month": row.month, "frozen_at": row.frozen_at, "digest": row.digest}
        for row in found["items"]
    ]  # fmt: skip
    return {"items": items, "next": found["next"]}


class Ranked(Schema):
    """One line of a ranking."""

    name: str = Field(description="As it was called then.")
    unit: str | None = Field(description="Code of the unit.")
    score: Decimal | None
    margin: Decimal | None = Field(description="Half the width of the interval of the score.")
    rank: int | None
    rank_low: int | None = Field(description="Best rank within the margin.")
    rank_high: int | None = Field(description="Worst rank within the margin.")
    why_not: str = Field(description="Why it has no rank; empty where it has one.")


class RankedPage(Following):
    """One page of the lines of a ranking."""

    items: list[Ranked]


@get(router, "rankings/{ranking}", RankedPage, "Read the lines of a ranking")
def read_ranking(request: Asked, ranking: int, asked: Query[Page]) -> Any:
    """The lines the person may see."""
    of = row_or_404(
        score_rules.see_ranking, Ranking.objects.filter(state=RankState.FROZEN), request.person, pk=ranking
    )
    rows = RankLine.objects.filter(ranking=of).select_related("unit")
    found = cut(score_rules.see_line.filter(rows, request.person), ("id",), asked.cursor, asked.limit)
    names = ("name", "score", "margin", "rank", "rank_low", "rank_high", "why_not")
    items = [
        {name: getattr(row, name) for name in names} | {"unit": row.unit.code if row.unit else None}
        for row in found["items"]
    ]
    return {"items": items, "next": found["next"]}


class ForecastLine(Schema):
    """One kept forecast of the official score."""

    year: int
    at: dt.datetime
    value: Decimal = Field(description="Points expected.")
    margin: Decimal = Field(description="Half the width of the interval.")


class ForecastPage(Following):
    """One page of forecasts."""

    items: list[ForecastLine]


@get(router, "forecasts", ForecastPage, "List kept forecasts")
def list_forecasts(request: Asked, asked: Query[Page]) -> Any:
    """Forecasts of the official score as they were kept, the newest first; for the office, leaders and auditors."""
    rows = score_rules.read.filter(Forecast.objects.all(), request.person)
    found = cut(rows, ("-at", "-id"), asked.cursor, asked.limit)
    names = ("year", "at", "value", "margin")
    return {
        "items": [{name: getattr(row, name) for name in names} for row in found["items"]],
        "next": found["next"],
    }
