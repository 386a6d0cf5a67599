"""Brings a pack's `scores` in: what the city has entered or decided since stays as it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from chuangwen.assessment.models import NegativeRule, OfficialResult, ScoreRule
from chuangwen.faces.cli.pack.read import Pack, Row
from chuangwen.faces.cli.pack.score_layout import ANSWERS, BATCHES, NEGATIVE, RESULTS, RULES
from chuangwen.faces.cli.pack.scores import rows_of, years_of
from chuangwen.standards.models import Edition, Question, Scheme
from chuangwen.surveys.models import AnswerCount, Batch

Note = Callable[[str, int, int, int], None]  # name, made, changed, same
Editions = Mapping[tuple[str, str], Edition]


def load_scores(pack: Pack, note: Note) -> None:
    """Loads the five tables; the pack must have been checked, and its trees must be here.

    Rules, results and surveys already here are left alone: a version of a rule is never edited, and an entered result or
    answer is the city's own. Entries of the negative list are brought up to the pack.
    """
    schemes = {scheme.code: scheme for scheme in Scheme.objects.all()}
    editions = {(e.scheme.code, e.name): e for e in Edition.objects.select_related("scheme")}
    _rules(pack, editions, note)
    _negative(pack, schemes, note)
    _results(pack, schemes, note)
    _surveys(pack, editions, note)


def _rules(pack: Pack, editions: Editions, note: Note) -> None:
    made = same = 0
    for row in rows_of(pack, RULES):
        edition = editions[row.text("scheme"), row.text("edition")]
        rules = ScoreRule.objects.filter(edition=edition)
        if rules.filter(version=row.values["version"]).exists():
            same += 1
            continue
        fronts = {key: f"{row.values[key].normalize():f}" for key in ("dossier", "site", "survey")}
        optional = {
            key: row.values[key] for key in ("first_year", "minors_floor", "goal", "prior_spread") if row.values.get(key) is not None
        }  # fmt: skip
        ScoreRule.objects.create(
            edition=edition, minors=editions.get((row.text("minors_scheme"), row.text("minors_edition"))), fronts=fronts,
            version=row.values["version"], years=years_of(row), minors_share=row.values.get("minors_share") or Decimal(),
            confidence=row.values["confidence"], missing=row.text("missing"), source=row.text("source"),
            is_current=not rules.filter(is_current=True).exists(), **optional,
        )  # fmt: skip
        made += 1
    note(RULES.title, made, 0, same)


def _negative(pack: Pack, schemes: Mapping[str, Scheme], note: Note) -> None:
    known = {(rule.scheme_id, rule.code): rule for rule in NegativeRule.objects.all()}
    made = changed = same = 0
    for row in rows_of(pack, NEGATIVE):
        scheme = schemes[row.text("scheme")]
        values = {key: row.values[key] for key in ("text", "sanction", "points", "months", "source")}
        rule = known.get((scheme.pk, row.text("code")))
        if rule is None:
            NegativeRule.objects.create(scheme=scheme, code=row.text("code"), **values)
            made += 1
        elif all(getattr(rule, key) == value for key, value in values.items()):
            same += 1
        else:
            NegativeRule.objects.filter(pk=rule.pk).update(**values)
            changed += 1
    note(NEGATIVE.title, made, changed, same)


def _results(pack: Pack, schemes: Mapping[str, Scheme], note: Note) -> None:
    made = same = 0
    for row in rows_of(pack, RESULTS):
        key: dict[str, Any] = {
            "scheme": schemes[row.text("scheme")], "year": row.values["year"], "front": row.text("front"), "pool": row.text("pool"),
        }  # fmt: skip
        values = {name: row.values.get(name) for name in ("score", "rank", "among", "source")}
        _result, is_new = OfficialResult.objects.get_or_create(**key, defaults=values)
        made, same = made + is_new, same + (not is_new)
    note(RESULTS.title, made, 0, same)


def _surveys(pack: Pack, editions: Editions, note: Note) -> None:
    answers: dict[tuple[str, str, str], list[Row]] = {}
    for row in rows_of(pack, ANSWERS):
        answers.setdefault((row.text("scheme"), row.text("edition"), row.text("batch")), []).append(row)
    questions: dict[tuple[int, str], Question] = {
        (q.requirement.node.edition_id, q.code): q
        for q in Question.objects.select_related("requirement__node")
    }
    made = same = 0
    counts: list[AnswerCount] = []
    for row in rows_of(pack, BATCHES):
        edition = editions[row.text("scheme"), row.text("edition")]
        values = {key: row.values[key] for key in ("channel", "from_on", "to_on", "given", "valid", "source")}
        batch, is_new = Batch.objects.get_or_create(
            edition=edition,
            name=row.text("name"),
            defaults={**values, "is_sample": bool(row.values.get("sample"))},
        )
        made, same = made + is_new, same + (not is_new)
        for line in (
            answers.get((row.text("scheme"), row.text("edition"), row.text("name")), []) if is_new else []
        ):
            question = questions[edition.pk, line.text("question")]
            words = [option for option, _mark in question.options]
            counts.append(AnswerCount(
                batch=batch, question=question, option=words.index(line.text("option")), n=line.values["n"]
            ))  # fmt: skip
    AnswerCount.objects.bulk_create(counts, batch_size=500)
    note(BATCHES.title, made, 0, same)
    note(ANSWERS.title, len(counts), 0, 0)
