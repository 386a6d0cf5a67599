"""Where a number of the ledger is quoted: dossier items and papers one may see, rightly or wrongly."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Q

from chuangwen.dossier import rules as dossier_rules
from chuangwen.dossier.models import Item
from chuangwen.kernel.models import Person
from chuangwen.papers import rules as paper_rules
from chuangwen.papers.models import Paper
from chuangwen.registers.claims import answered, bare_name
from chuangwen.registers.models import Fact
from chuangwen.registers.queries import ledger

NEWEST = 200  # papers and items of each sort that are looked through


class Use(NamedTuple):
    """One place where a fact is quoted."""

    title: str
    url: str
    words: str
    sentence: str
    agrees: bool


def text_of(content: Any) -> str:
    """Every text of a paper's content, in order, one a line."""
    return "\n".join(_texts(content))


def _texts(content: Any) -> Iterator[str]:
    if isinstance(content, str):
        yield content
    elif isinstance(content, dict):
        for value in content.values():
            yield from _texts(value)
    elif isinstance(content, list):
        for value in content:
            yield from _texts(value)


def writings(value: Decimal) -> list[str]:
    """How a number may be written: 147000, 147,000, 14.7万."""
    plain = f"{value.normalize():f}"
    found = [plain]
    if value == value.to_integral_value() and value >= 1000:
        found.append(f"{int(value):,}")
    for scale, _word in ((10**4, "万"), (10**8, "亿")):
        if value >= scale:
            found.append(f"{(value / scale).normalize():f}")
    return found


def uses_of(fact: Fact, person: Person) -> list[Use]:
    """Quotes of a fact in dossier items and papers this person may see: found by its number or its name (two queries)."""
    words = [*writings(fact.value), bare_name(fact.name)]
    about: Any = Q()
    for word in words:
        about |= Q(report__contains=word)
    items = dossier_rules.see_item.filter(Item.objects.filter(about), person)
    papers = paper_rules.see_paper.filter(Paper.objects.exclude(state__in=("withdrawn", "dropped")), person)
    texts = [
        (str(item), item.get_absolute_url(), item.report)
        for item in items.select_related("material").order_by("-year", "pk")[:NEWEST]
    ]
    for paper in papers.order_by("-pk")[:NEWEST]:
        text = text_of(paper.content)
        if any(word in text for word in words):
            texts.append((str(paper), paper.get_absolute_url(), text))
    kept = ledger()
    return [
        Use(title, url, clash.words, clash.sentence, agrees)
        for title, url, text in texts
        for clash, agrees in answered(text, kept)
        if clash.fact.code == fact.code
    ]
