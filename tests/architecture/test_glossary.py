"""Every word of the data on the screen stands in docs/glossary.md, and stands there once."""

from __future__ import annotations

import re
from collections import Counter

from django.db.models import Choices
from django.utils import translation

from chuangwen.faces.cli.docs.tables import our_models
from chuangwen.kernel.workflow.flow import Flow
from tests.architecture.source import ROOT


def glossary():
    """(English words, Chinese words) of every line of a table."""
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if (
            line.startswith("|")
            and len(cells) > 1
            and cells[0] != "English"
            and not cells[0].startswith("---")
        ):
            yield cells[0], set(re.split("、", cells[1]))


KNOWN = {word for _english, words in glossary() for word in words}


def is_chinese(text):
    return any("\u4e00" <= letter <= "\u9fff" for letter in text)


def test_names_of_tables_and_fields_are_in_the_glossary():
    with translation.override("zh-hans"):
        labels = {
            str(name)
            for model in our_models()
            for name in (
                model._meta.verbose_name,
                *(field.verbose_name for field in model._meta.concrete_fields),
            )
        }
    assert {label for label in labels if is_chinese(label)} - KNOWN == set()


def all_choices(base=Choices):
    for found in base.__subclasses__():
        if found.__module__.startswith("chuangwen."):
            yield found
        yield from all_choices(found)


def test_roles_states_and_kinds_are_in_the_glossary():
    with translation.override("zh-hans"):
        labels = {str(label) for choices in all_choices() for label in choices.labels}
        labels |= {str(flow.title) for flow in Flow.registry.values()}
    assert {label for label in labels if is_chinese(label)} - KNOWN == set()


def test_one_english_word_means_one_thing():
    """The first part of the page, where meanings are told, names nothing twice."""
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").split("## Roles")[0]
    words = Counter(line.split("|")[1].strip() for line in text.splitlines() if line.startswith("| "))
    assert [word for word, times in words.items() if times > 1 and word != "English"] == []
