"""Figures by month, 你说我做, and find-fault campaigns, as everybody sees them."""

from __future__ import annotations

from itertools import islice

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from chuangwen.faces.portal.open_cases import Bounded
from chuangwen.faces.portal.pages import show
from chuangwen.problems import public_figures, public_queries
from chuangwen.problems.models import Campaign
from chuangwen.tasks import ideas

PAIRS = 12


@require_safe
def figures(request: HttpRequest) -> HttpResponse:
    """GET /p/figures/?month=: the last 12 months, and one of them by street and by kind."""
    today = timezone.localdate()
    months = public_figures.months_until(today)
    month = request.GET.get("month", months[-1])
    if month not in months:
        raise Http404
    context = {
        "month": month, "lines": list(reversed(public_figures.by_month(today))), "least": public_figures.LEAST,
        "streets": public_figures.by_part(month, "street", today),
        "kinds": public_figures.by_part(month, "kind", today),
    }  # fmt: skip
    return show(request, "portal/open_figures.html", context)


@require_safe
def done(request: HttpRequest) -> HttpResponse:
    """GET /p/done/?page=: what was asked and what was done: pictures before and after, ideas with their answers."""
    shown = Bounded(public_queries.pairs(), PAIRS).get_page(request.GET.get("page"))
    answered = list(islice(ideas.answered(), 20)) if shown.number == 1 else []
    context = {"shown": shown, "rows": list(shown), "ideas": answered}
    return show(request, "portal/open_done.html", context)


@require_safe
def campaigns(request: HttpRequest) -> HttpResponse:
    """GET /p/campaigns/: 大家来找茬, running ones and those that are over."""
    context = {"rows": list(public_queries.campaigns()[:100]), "today": timezone.localdate()}
    return show(request, "portal/open_campaigns.html", context)


@require_safe
def campaign(request: HttpRequest, pk: int) -> HttpResponse:
    """GET /p/campaigns/<id>/: rules, days, thanks, and what it found and solved."""
    row = get_object_or_404(Campaign, pk=pk)
    today = timezone.localdate()
    context = {
        "row": row, "figures": public_queries.campaign_figures(row),
        "rows": list(public_queries.cases_of_campaign(row)),
        "is_on": row.from_on <= today <= row.to_on, "is_over": row.to_on < today,
        "least": public_figures.LEAST,
    }  # fmt: skip
    return show(request, "portal/open_campaign.html", context)
