"""A front opened: what each requirement adds and loses, summed up the tree; with the score the losses make 100."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from chuangwen.assessment.counted_fronts import CountedFront
from chuangwen.assessment.forecasting import Fronts, Standing
from chuangwen.assessment.models import Front
from chuangwen.assessment.site_front import SiteFront
from chuangwen.standards.models import Edition, Method, Node, Requirement

AnyFront = SiteFront | CountedFront


class Cell(NamedTuple):
    """One requirement in its front: points of the front's 100 that hang on it and that it loses, and what it was told from.

    `n` places looked at (site), answers (survey) or things counted (dossier); `short` places with points lost.
    """

    stake: Fraction
    loss: Fraction
    n: int
    short: int | None = None

    @property
    def rate(self) -> Fraction:
        return 1 - self.loss / self.stake


@dataclass
class Line:
    """One line of an opened front: a node of the tree with its sum, or one requirement (`need`) of a standard."""

    node: Node
    depth: int
    need: Requirement | None
    stake: Fraction = Fraction()
    loss: Fraction = Fraction()
    cell: Cell | None = None

    @property
    def rate(self) -> Fraction | None:
        """What is reached of what hangs on it; None where nothing does."""
        return 1 - self.loss / self.stake if self.stake else None


def front_of(fronts: Fronts, front: str) -> AnyFront | None:
    """The front of that name as it was read; None without data. Raises KeyError for a name that is none."""
    found: dict[str, AnyFront | None] = {
        Front.SITE.value: fronts.site,
        Front.DOSSIER.value: fronts.paper,
        Front.SURVEY.value: fronts.survey,
    }
    return found[front]


def front_by_method(method: str) -> str:
    """On which front a requirement of that method counts."""
    return {Method.SITE.value: Front.SITE.value, Method.SURVEY.value: Front.SURVEY.value}.get(
        method, Front.DOSSIER.value
    )


def cells_of(front: AnyFront) -> dict[int, Cell]:
    """By requirement id; stakes add up to 100, losses and the front's score too."""
    if isinstance(front, SiteFront):
        return {
            key: Cell(100 * row.stake, 100 * row.loss, row.places, row.short)
            for key, row in front.found.items()
        }
    whole = sum((Fraction(row.full) for row in front.found.values()), Fraction())
    return {
        key: Cell(100 * Fraction(row.full) / whole, 100 * front.losses[key], row.parts)
        for key, row in front.found.items()
        if row.full
    }


def weight_in_total(found: Standing, fronts: Fronts, front: str) -> Fraction:
    """What one point of that front is worth in the year's total, minors' share included; 0 where it does not count."""
    is_minors = found.minors is not None and fronts is found.minors
    score = found.minors_score if is_minors else found.year_score
    own = (
        next((part.weight for part in score.parts if part.key == front), Fraction()) if score else Fraction()
    )
    if found.minors_score is None:
        return Fraction() if is_minors else own
    share = Fraction(found.rule.minors) / 100
    return own * (share if is_minors else 1 - share)


def lines_of(edition: Edition, cells: Mapping[int, Cell]) -> list[Line]:
    """The opened front in the order of the tree: nodes with the sum of what stands below, then requirements (two queries)."""
    nodes = {node.pk: node for node in edition.nodes.order_by("rank", "pk").defer("text", "scoring", "note")}
    needs = Requirement.objects.filter(pk__in=list(cells)).order_by("method")
    by_node: dict[int, list[Requirement]] = {}
    for need in needs:
        by_node.setdefault(need.node_id, []).append(need)
    lines = {pk: Line(node, _depth(node, nodes), None) for pk, node in nodes.items()}
    for pk, own in by_node.items():
        stake = sum((cells[need.pk].stake for need in own), Fraction())
        loss = sum((cells[need.pk].loss for need in own), Fraction())
        for above in _path(nodes[pk], nodes):
            lines[above.pk].stake += stake
            lines[above.pk].loss += loss
    return [
        line for pk, top in lines.items() if top.stake for line in _opened(top, by_node.get(pk, []), cells)
    ]


def _opened(top: Line, own: list[Requirement], cells: Mapping[int, Cell]) -> list[Line]:
    """A node with its requirements below it; a node that has one only and no children is that requirement."""
    below = [
        Line(top.node, top.depth + 1, need, cells[need.pk].stake, cells[need.pk].loss, cells[need.pk])
        for need in own
    ]
    if len(below) == 1 and below[0].stake == top.stake:
        below[0].depth = top.depth
        return below
    return [top, *below]


def _path(node: Node, nodes: Mapping[int, Node]) -> list[Node]:
    """The node and all above it."""
    found = [node]
    while found[-1].parent_id is not None and len(found) < 12:  # a tree is no deeper; a loop would be
        found.append(nodes[found[-1].parent_id])
    return found


def _depth(node: Node, nodes: Mapping[int, Node]) -> int:
    return len(_path(node, nodes)) - 1
