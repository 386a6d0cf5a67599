"""The lines of a ranking made from its frozen facts, as often as wanted; a frozen month must give the same digits again."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Sum
from django.utils import translation
from django.utils.translation import gettext as _

from chuangwen.assessment.consequence_models import Consequence, ConsequenceKind
from chuangwen.assessment.ranking_models import RankFact, Ranking, RankLine, RankRule, RankState, RankSubject
from chuangwen.kernel.scoring.estimate import round_half_up
from chuangwen.kernel.scoring.rank_intervals import Peer, places
from chuangwen.kernel.scoring.ranking import (
    Joint,
    Limits,
    MissingPart,
    Scored,
    Ties,
    Weighed,
    correlation,
    score,
)
from chuangwen.kernel.scoring.shrinkage import Counted, Shrunk, shrink
from chuangwen.kernel.workflow.flow import Refused

FULL = 10_000  # a fact's value that is wholly good
ADDS = (ConsequenceKind.BONUS, ConsequenceKind.COMMEND)
# What counting sets on a line; key, name, unit and group stay as they were at the closing.
COUNTED = (
    "score", "margin", "rank", "rank_low", "rank_high", "band", "bonus", "veto", "why_not", "parts",
)  # fmt: skip


class Drifted(Exception):
    """A frozen month gives other figures than it had; the text names the lines."""


@dataclass(frozen=True)
class Tallied:
    """The facts of one subject on one measure: how many, their sum, how many of them are late ones."""

    counted: Counted
    late: int


@dataclass(frozen=True)
class Given:
    """What is added to and taken from a score that is no fact: net points and the veto's ground."""

    net: Decimal = Decimal()
    veto: str = ""


def recount(ranking: Ranking) -> list[RankLine]:
    """Makes all lines anew from facts and consequences; lines keep their ids. Saves lines and digest.

    Raises Refused for a frozen or void ranking.
    """
    with transaction.atomic():
        row = Ranking.objects.select_for_update(of=("self",)).select_related("rule").get(pk=ranking.pk)
        if row.state not in (RankState.DRAFT, RankState.PREVIEW):
            raise Refused(_("%(month)s 的排名已经定稿或作废，不再重算。") % {"month": f"{row.month:%Y-%m}"})
        lines = _lines(row)
        _count(row, lines, _given(row, lines))
        RankLine.objects.bulk_update(lines, COUNTED, batch_size=100)
        ranking.digest = row.digest = digest_of(lines)
        row.save(update_fields=["digest"])
    return lines


def recompute(ranking: Ranking) -> str:
    """Counts a frozen month again from its rows and compares; the digest when all is the same.

    Bonus and veto are taken as they were at the freezing, since a consequence may be lifted later. Raises Drifted when a
    line or the digest differs.
    """
    row = Ranking.objects.select_related("rule").get(pk=ranking.pk)
    stored, again = _lines(row), _lines(row)
    _count(row, again, {line.key: Given(line.bonus, line.veto) for line in stored})
    differing = [old.name for old, new in zip(stored, again, strict=True) if _as_data(old) != _as_data(new)]
    found = digest_of(again)
    if differing or found != row.digest:
        raise Drifted(
            _("%(month)s 的排名重算与定稿不同：%(names)s。核对排名依据和备份。")
            % {"month": f"{row.month:%Y-%m}", "names": "、".join(differing[:5]) or _("校验值")}
        )
    return found


def weighed(rule: RankRule) -> list[Weighed]:
    """The rule's measures as the arithmetic takes them. Raises ValueError for weights and limits that cannot be."""
    from chuangwen.assessment.measures import MEASURES  # reads many apps; the arithmetic alone does without

    def number(text: str | None) -> Fraction | None:
        return None if text in (None, "") else Fraction(str(text))

    return [
        Weighed(
            row["code"], Fraction(str(row["weight"])), MissingPart(row.get("missing", "skip")), number(row.get("cap")),
            number(row.get("floor")), number(row.get("veto_below")),
            sees=MEASURES[row["code"]].sees if row["code"] in MEASURES else "",
        )
        for row in rule.measures
    ]  # fmt: skip


def digest_of(lines: Iterable[RankLine]) -> str:
    """SHA-256 over all lines as text, by key."""
    data = [_as_data(line) for line in sorted(lines, key=lambda line: line.key)]
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _as_data(line: RankLine) -> list[Any]:
    """A line as it is compared; numbers in the form the table keeps them."""

    def number(value: Decimal | None, digits: int) -> str | None:
        return None if value is None else str(round_half_up(Decimal(value), digits))

    return [
        line.key, line.name, line.unit_id, line.group_id, number(line.score, 4), number(line.margin, 4), line.rank,
        line.rank_low, line.rank_high, line.band, number(line.bonus, 2), line.veto, line.why_not, line.parts,
    ]  # fmt: skip


def _lines(ranking: Ranking) -> list[RankLine]:
    return list(RankLine.objects.filter(ranking=ranking).order_by("key"))


def _tallied(ranking: Ranking) -> dict[str, dict[int, Tallied]]:
    """measure → key → facts that count; those a granted objection took out do not."""
    facts = RankFact.objects.filter(ranking=ranking, objection__isnull=True).order_by()
    rows = facts.values_list("measure", "key").annotate(
        n=Count("pk"), sum=Sum("value"), late=Count("late_from")
    )
    found: dict[str, dict[int, Tallied]] = defaultdict(dict)
    for measure, key, n, total, late in rows:
        found[measure][key] = Tallied(Counted(Fraction(total, FULL), n), late)
    return found


# What two measures of the same things say of each member: how many both looked at, sums, squares, products. Brought side by
# side by grouping, since a join of the table with itself is only as fast as the planner's guess.
_BOTH = """
    SELECT q.key, COUNT(*), SUM(q.one), SUM(q.other), SUM(q.one * q.one), SUM(q.other * q.other), SUM(q.one * q.other)
    FROM (
        SELECT f.key, f.object_id, CAST(MAX(CASE WHEN f.measure = %s THEN f.value END) AS bigint) AS one,
            CAST(MAX(CASE WHEN f.measure = %s THEN f.value END) AS bigint) AS other
        FROM assessment_rankfact f
        WHERE f.ranking_id = %s AND f.measure IN (%s, %s) AND f.objection_id IS NULL
        GROUP BY f.key, f.object_id
    ) q
    WHERE q.one IS NOT NULL AND q.other IS NOT NULL
    GROUP BY q.key
"""


def _joint(ranking: Ranking, measures: Sequence[Weighed]) -> dict[tuple[str, str], dict[int, Joint]]:
    """For each pair of measures of the same things, key → what both say; one query a pair."""
    found: dict[tuple[str, str], dict[int, Joint]] = {}
    with connection.cursor() as cursor:
        for one, other in combinations(measures, 2):
            if one.sees and one.sees == other.sees:
                cursor.execute(_BOTH, [one.code, other.code, ranking.pk, one.code, other.code])
                found[one.code, other.code] = {row[0]: _as_joint(row) for row in cursor.fetchall()}
    return found


def _as_joint(row: Sequence[Any]) -> Joint:
    single, squared = (
        [Fraction(int(x), FULL) for x in row[2:4]],
        [Fraction(int(x), FULL**2) for x in row[4:7]],
    )
    return Joint(row[1], *single, *squared)


def _given(ranking: Ranking, lines: Sequence[RankLine]) -> dict[int, Given]:
    """Bonus, malus and veto of the month, for units only; lifted ones do not count."""
    if ranking.subject_kind != RankSubject.UNIT:
        return {}
    rows = Consequence.objects.filter(
        month=ranking.month, unit__in=[line.key for line in lines], lifted_on__isnull=True
    ).order_by("unit_id", "pk")
    sums: dict[int, list[Fraction]] = defaultdict(lambda: [Fraction(), Fraction()])
    vetoes: dict[int, str] = {}
    for row in rows:
        if row.kind == ConsequenceKind.VETO:
            vetoes.setdefault(row.unit_id, row.ground)
        sums[row.unit_id][0 if row.kind in ADDS else 1] += abs(Fraction(row.points))
    limits = Limits(Fraction(ranking.rule.bonus_most), Fraction(ranking.rule.malus_most))
    return {
        key: Given(round_half_up(limits.net(*both), 2), _cut(vetoes.get(key, "")))
        for key, both in sums.items()
    }


def _count(ranking: Ranking, lines: Sequence[RankLine], given: Mapping[int, Given]) -> None:
    """Sets the counted columns of all lines, group by group."""
    measures, tallied = weighed(ranking.rule), _tallied(ranking)
    joint = _joint(ranking, measures)
    groups: dict[int | None, list[RankLine]] = defaultdict(list)
    for line in lines:
        groups[line.group_id].append(line)
    with translation.override(settings.LANGUAGE_CODE):  # the words are kept, whoever counts
        for members in groups.values():
            keys = {line.key for line in members}
            together = {
                pair: correlation(row for key, row in rows.items() if key in keys)
                for pair, rows in joint.items()
            }
            _count_group(ranking.rule, measures, tallied, members, given, together)


def _count_group(
    rule: RankRule, measures: Sequence[Weighed], tallied: Mapping[str, Mapping[int, Tallied]],
    lines: Sequence[RankLine], given: Mapping[int, Given], together: Mapping[tuple[str, str], Fraction],
) -> None:  # fmt: skip
    means: dict[str, Fraction] = {}
    found: dict[int, dict[str, Shrunk]] = {line.key: {} for line in lines}
    for measure in measures:
        own = tallied.get(measure.code, {})
        prior, members = shrink({key: own[key].counted for key in found if key in own}, shrinks=rule.shrinks)
        if prior is not None:
            means[measure.code] = prior.mean
        for key, figure in members.items():
            found[key][measure.code] = figure
    scored: dict[int, Scored] = {}
    for line in lines:
        gift = given.get(line.key, Given())
        result = score(measures, found[line.key], means, net=Fraction(gift.net), together=together)
        _set_score(line, result, gift, rule, measures, means, tallied)
        if result is not None and not line.why_not:
            scored[line.key] = result
    _set_places(rule, lines, scored)


def _set_score(
    line: RankLine, result: Scored | None, gift: Given, rule: RankRule, measures: Sequence[Weighed],
    means: Mapping[str, Fraction], tallied: Mapping[str, Mapping[int, Tallied]],
) -> None:  # fmt: skip
    rows = _things(line.key, measures, tallied)
    line.score = round_half_up(result.value, 4) if result else None
    line.margin = round_half_up(result.margin(rule.confidence), 4) if result else None
    line.bonus, line.veto = gift.net, gift.veto or _veto_of(result)
    line.parts = _parts(line.key, result, means, tallied) if result else {}
    if result is None:
        line.why_not = _("没有可计的数据")
    elif line.veto:
        line.why_not = _("一票否决")
    elif rows < rule.least_rows:
        line.why_not = _("样本 %(n)d 件，少于 %(least)d 件") % {"n": rows, "least": rule.least_rows}
    else:
        line.why_not = ""


def _things(key: int, measures: Sequence[Weighed], tallied: Mapping[str, Mapping[int, Tallied]]) -> int:
    """How many things the score rests on: a case that three measures look at is one case."""
    most: dict[str, int] = defaultdict(int)
    for measure in measures:
        own = tallied.get(measure.code, {}).get(key)
        if own:
            kind = measure.sees or measure.code
            most[kind] = max(most[kind], own.counted.count)
    return sum(most.values())


def _veto_of(result: Scored | None) -> str:
    """The measures that fell below their least rate, in words."""
    from chuangwen.assessment.measures import MEASURES

    if result is None or not result.vetoed_by:
        return ""
    names = [str(MEASURES[code].label) if code in MEASURES else code for code in result.vetoed_by]
    return _cut(_("%(names)s低于底线") % {"names": "、".join(names)})


def _parts(
    key: int, result: Scored, means: Mapping[str, Fraction], tallied: Mapping[str, Mapping[int, Tallied]]
) -> dict[str, dict[str, Any]]:
    found = {}
    for part in result.parts:
        own = tallied.get(part.code, {}).get(key)
        found[part.code] = {
            "good": _text(own.counted.total) if own else "0",
            "count": own.counted.count if own else 0,
            "rate": _text(own.counted.rate) if own else None,
            "mean": _text(means.get(part.code)),
            "shrunk": _text(part.shrunk.rate) if part.shrunk else None,
            "weight": _text(part.weight),
            "points": _text(part.points),
            "late": own.late if own else 0,
        }
    return found


def _set_places(rule: RankRule, lines: Sequence[RankLine], scored: Mapping[int, Scored]) -> None:
    peers = {key: Peer(result.value, result.variance) for key, result in scored.items()}
    found = places(peers, rule.confidence, Ties(rule.ties)) if peers else {}
    for line in lines:
        place = found.get(line.key)
        line.rank, line.rank_low, line.rank_high, line.band = (
            (place.rank, place.low, place.high, place.band) if place else (None, None, None, None)
        )


def _text(value: Fraction | None) -> str | None:
    """Twelve decimals at most, without zeros at the end."""
    if value is None:
        return None
    plain = f"{round_half_up(value, 12):f}"
    return (plain.rstrip("0").rstrip(".") or "0") if "." in plain else plain


def _cut(text: str) -> str:
    return text[:120]
