"""版本对比: what changed between two editions, what it means for work already there, and one decision a standard."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from chuangwen.dossier.models import Item
from chuangwen.kernel.screens.access import SignedIn, page
from chuangwen.kernel.workflow.flow import Refused
from chuangwen.standards import carrying, rules
from chuangwen.standards.difference import Change, Pair
from chuangwen.standards.models import Change as Words
from chuangwen.standards.models import Edition, Method, Node, Share
from chuangwen.tasks.models import Task


def hanging(nodes: Iterable[int]) -> dict[int, dict[str, int]]:
    """How much hangs on each old standard: units given, tasks, materials of the dossier; three queries."""
    wanted = list(nodes)
    counts: dict[str, Counter[int]] = {}
    for name, rows, path in (
        ("units", Share.objects.filter(requirement__node__in=wanted), "requirement__node"),
        ("tasks", Task.objects.filter(requirement__node__in=wanted), "requirement__node"),
        ("items", Item.objects.filter(material__requirement__node__in=wanted), "material__requirement__node"),
    ):
        found = rows.order_by().values_list(path).annotate(n=Count("pk"))
        counts[name] = Counter(dict(found))
    return {pk: {name: counter[pk] for name, counter in counts.items()} for pk in wanted}


def _edition(pk: int) -> Edition:
    return get_object_or_404(Edition.objects.select_related("scheme", "follows__scheme"), pk=pk)


def _before(request: SignedIn, edition: Edition) -> tuple[Edition | None, list[Edition]]:
    """The edition compared with: as asked, else the one this one follows, else the one before it."""
    others = list(
        Edition.objects.filter(scheme=edition.scheme_id)
        .exclude(pk=edition.pk)
        .select_related("scheme")
        .order_by("-year", "-pk")
    )
    wanted = request.GET.get("with", "") or request.POST.get("with", "")
    if wanted:
        found = next((e for e in others if str(e.pk) == wanted), None)
        if found is None:
            raise Http404
        return found, others
    return next((e for e in others if e.pk == edition.follows_id), others[0] if others else None), others


@page(rules.overview)
def difference(request: SignedIn, pk: int) -> HttpResponse:
    """GET /standards/<edition>/difference/?with=&change=: all that changed, the decisions, and what waits for one."""
    return _shown(request, _edition(pk))


def _shown(request: SignedIn, edition: Edition, fault: str = "") -> HttpResponse:
    old, others = _before(request, edition)
    if old is None:
        return render(
            request, "desk/standards_difference.html", {"edition": edition, "old": None, "fault": fault}
        )
    found = carrying.compare_editions(old, edition)
    done = carrying.decisions(edition)
    wanted = request.GET.get("change", "")
    if wanted and wanted not in (*Change, "undecided"):
        raise Http404
    shown = [pair for pair in found.pairs if _fits(pair, wanted, done)]
    counts = hanging([pair.old.pk for pair in found.pairs if pair.old])
    undecided = [pair for pair in found.pairs if pair.old and pair.new and pair.old.pk not in done]
    taken = {row.new_id for row in done.values()}
    context: dict[str, Any] = {
        "edition": edition, "old": old, "others": others, "counts": found.counts, "pairs": shown, "done": done, "fault": fault,
        "wanted": wanted, "labels": {change.value: Words(change.value).label for change in Change}, "hanging": counts,
        "undecided": len(undecided), "unchanged": sum(1 for pair in undecided if pair.is_same and pair.new and pair.new.pk not in taken),
        "methods": dict(Method.choices), "may_edit": rules.edit.allows(request.user, None),
        "free": [p.new for p in found.pairs if p.new and p.old is None and p.new.pk not in taken],
        "all": sum(1 for pair in found.pairs if pair.old),
    }  # fmt: skip
    return render(request, "desk/standards_difference.html", context, status=409 if fault else 200)


def _fits(pair: Pair, wanted: str, done: dict[int, Any]) -> bool:
    if wanted == "undecided":
        return pair.old is not None and pair.old.pk not in done
    return wanted in pair.changes if wanted else not pair.is_same


def _back(request: SignedIn, edition: Edition) -> HttpResponse:
    kept = {key: request.POST.get(key, "") for key in ("with", "change")}
    query = "&".join(f"{key}={value}" for key, value in kept.items() if value.isascii() and value.isalnum())
    return redirect(f"/standards/{edition.pk}/difference/?{query}")


@page(rules.edit, methods=("POST",))
def carry_all(request: SignedIn, pk: int) -> HttpResponse:
    """POST /standards/<edition>/carry/: carries every unchanged standard over in one go; again does nothing."""
    edition = _edition(pk)
    old, _others = _before(request, edition)
    if old is None:
        raise Http404
    carrying.carry_unchanged(old, edition, by=request.user)
    return _back(request, edition)


@page(rules.edit, methods=("POST",))
def carry_one(request: SignedIn, pk: int, old: int) -> HttpResponse:
    """POST /standards/<edition>/carry/<old standard>/: `decision` and, where it goes, `new`."""
    edition = _edition(pk)
    before = get_object_or_404(
        Node.objects.select_related("edition__scheme"), pk=old, edition__scheme=edition.scheme_id
    )
    wanted = request.POST.get("new", "")
    new = edition.nodes.filter(pk=int(wanted)).first() if wanted.isdecimal() else None
    try:
        if wanted and new is None:
            raise Refused(_("没有这条新标准，刷新页面再选。"))
        carrying.decide_carry(
            edition,
            before,
            new,
            request.POST.get("decision", ""),
            by=request.user,
            note=request.POST.get("note", ""),
        )
    except Refused as fault:
        return _shown(request, edition, str(fault))
    return _back(request, edition)
