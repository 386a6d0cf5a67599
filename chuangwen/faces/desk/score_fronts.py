"""Where a front's points went: the site front by requirement and stratum, and the two fronts that are counted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chuangwen.assessment import rules
from chuangwen.assessment.counted_fronts import CountedFront, paper_front, survey_front
from chuangwen.assessment.forecasting import current_rule, points
from chuangwen.assessment.models import Front, ScoreRule
from chuangwen.assessment.site_front import SiteFront, round_front, scoring_round
from chuangwen.kernel.scoring import estimate as scoring
from chuangwen.kernel.scoring.fronts import Score
from chuangwen.kernel.scoring.quantiles import CONFIDENCE
from chuangwen.kernel.screens.access import SignedIn, page
from chuangwen.standards.models import Edition, Node, Requirement

# Where the spread of a stratum comes from, in words.
SPREADS: dict[str, Promise] = {
    scoring.OWN: gettext_lazy("本层"),
    scoring.POOLED: gettext_lazy("借自其他层"),
    scoring.COLLAPSED: gettext_lazy("各单点层合并"),
    scoring.UNKNOWN: gettext_lazy("没有依据，取最大"),
    scoring.ALL_VISITED: gettext_lazy("全部看过，无误差"),
    scoring.NOT_VISITED: gettext_lazy("没有去看"),
}
NOTES: dict[str, Promise] = {
    scoring.POOLED: gettext_lazy("只看了 1 处，离散借自另外 %(n)s 层。"),
    scoring.COLLAPSED: gettext_lazy("只看了 1 处，离散取 %(n)s 个单点层之间的。"),
    scoring.UNKNOWN: gettext_lazy("只看了 1 处，没有可借的离散，按最大算。"),
    scoring.NOT_VISITED: gettext_lazy("没有去看，占 %(share)s%%，按其他层的平均算，误差已放宽。"),
    scoring.NO_SPREAD: gettext_lazy("各层内得分都一样，离散取全部 %(n)s 处之间的。"),
}


class Asked:
    """What the address asks for: the edition, else that of the rule in force, and the year."""

    def __init__(self, request: SignedIn) -> None:
        self.rule: ScoreRule | None = current_rule()
        self.year = year_of(request)
        known = [self.rule.edition, self.rule.minors] if self.rule else []
        self.editions: list[Edition] = [edition for edition in known if edition]
        wanted = request.GET.get("edition", "")
        self.edition = next((e for e in self.editions if not wanted or str(e.pk) == wanted), None)
        if wanted and self.edition is None:
            raise Http404

    @property
    def confidence(self) -> Decimal:
        return self.rule.confidence if self.rule else CONFIDENCE

    def context(self) -> dict[str, Any]:
        return {"asked": self, "edition": self.edition, "year": self.year, "points": points, "here": "scores"}

    @staticmethod
    def short(edition: Edition) -> str:
        """A scheme's name for a narrow tab: without what stands in brackets."""
        return edition.scheme.name.split("（")[0]


def year_of(request: SignedIn) -> int:
    """The year in the address, else this one. Raises Http404 for what is no year."""
    given = request.GET.get("year") or ""
    if given and not (given.isascii() and given.isdigit() and 2000 <= int(given) <= 2100):
        raise Http404
    return int(given) if given else timezone.localdate().year


@dataclass
class Group:
    """A node of the tree above the standards, with its rows: what hangs on them and what they lose, points of 100."""

    node: Node
    depth: int
    stake: Fraction = Fraction()
    loss: Fraction = Fraction()
    rows: list[Any] = field(default_factory=list)


class Placed(NamedTuple):
    """A requirement with its figures on a front, and the nodes above its standard, the top one first."""

    need: Requirement
    figures: Any
    above: tuple[Node, ...]
    stake: Fraction
    loss: Fraction


def _above(node: Node) -> tuple[Node, ...]:
    """The nodes above a standard that was read with its parents; no query."""
    found: list[Node] = []
    here = node.parent
    while here is not None and len(found) < 2:
        found.insert(0, here)
        here = here.parent if len(found) < 2 else None
    return tuple(found)


def grouped(
    figures: Mapping[int, Any], stakes: Mapping[int, Fraction], losses: Mapping[int, Fraction]
) -> list[Group]:
    """The rows of a front under 项目 and 内容, in the order of the tree; one query. Shares are of 1, groups of 100."""
    needs = Requirement.objects.filter(pk__in=figures).select_related("node__parent__parent")
    found: dict[int, Group] = {}
    for need in needs.order_by("node__rank", "method"):
        above = _above(need.node) or (need.node,)
        row = Placed(need, figures[need.pk], above, 100 * stakes[need.pk], 100 * losses[need.pk])
        for depth, node in enumerate(above):
            group = found.setdefault(node.pk, Group(node, depth))
            group.stake += row.stake
            group.loss += row.loss
        found[above[-1].pk].rows.append(row)
    return list(_in_tree(found.values()))


def _in_tree(groups: Iterable[Group]) -> Iterator[Group]:
    """Each item before its contents: the first row of a content may come after one of another item."""
    every = list(groups)
    for top in (group for group in every if group.depth == 0):
        yield top
        yield from (group for group in every if group.depth and group.node.parent_id == top.node.pk)


def _said(front: SiteFront) -> list[tuple[str, str]]:
    """What makes the estimate less sure than it looks: strata of which the same is to be said, and the sentence."""
    found: dict[str, list[str]] = {}
    for note in front.estimate.notes:
        figures = {"n": points(note.figure, 0), "share": points(100 * note.figure, 1)}
        found.setdefault(str(NOTES[note.code]) % figures, []).append(note.stratum)
    return [("、".join(filter(None, strata)), said) for said, strata in found.items()]


@page(rules.read)
def site(request: SignedIn) -> HttpResponse:
    """GET /scores/front/site/: the requirements of the tree as the scoring round saw them, and the strata it was drawn in."""
    asked = Asked(request)
    round_ = scoring_round(asked.edition, asked.year) if asked.edition else None
    front = round_front(round_, asked.edition, asked.confidence) if round_ and asked.edition else None
    context = {**asked.context(), "round": round_, "front": front}
    if front is not None:
        found = front.found
        context |= {
            "score": Score.of_estimate(front.estimate), "notes": _said(front), "spreads": SPREADS,
            "groups": grouped(found, {k: r.stake for k, r in found.items()}, {k: r.loss for k, r in found.items()}),
            "lost": sum((100 * row.loss for row in found.values()), Fraction()),
            "deviation": lambda spread: points(100 * spread.sqrt(), 1),
        }  # fmt: skip
    return render(request, "desk/score_front_site.html", context)


def _counted(request: SignedIn, which: Front, asked: Asked, front: CountedFront | None) -> HttpResponse:
    context = {
        **asked.context(),
        "which": which,
        "front": front,
        "title": _("%(front)s得分") % {"front": which.label},
    }
    if front is not None:
        whole = sum((Fraction(row.full) for row in front.found.values()), Fraction())
        stakes = {key: Fraction(row.full) / whole for key, row in front.found.items()}
        context |= {
            "groups": grouped(front.found, stakes, front.losses),
            "lost": sum((100 * loss for loss in front.losses.values()), Fraction()),
            "whole": sum(row.share == 1 for row in front.found.values()),
        }  # fmt: skip
    return render(request, "desk/score_front_counted.html", context)


@page(rules.read)
def dossier(request: SignedIn) -> HttpResponse:
    """GET /scores/front/dossier/: what is proved on paper, by requirement."""
    asked = Asked(request)
    front = paper_front(asked.edition, asked.year) if asked.edition else None
    return _counted(request, Front.DOSSIER, asked, front)


@page(rules.read)
def survey(request: SignedIn) -> HttpResponse:
    """GET /scores/front/survey/: what residents answered, by requirement."""
    asked = Asked(request)
    front = survey_front(asked.edition, asked.year, asked.confidence) if asked.edition else None
    return _counted(request, Front.SURVEY, asked, front)
