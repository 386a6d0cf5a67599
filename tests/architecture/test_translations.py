"""Every interface text has a sound English form; no text breaks the manners of the interface."""

from __future__ import annotations

import gettext
import re
import sys
from io import BytesIO

import pytest
from babel.messages.mofile import write_mo
from django.db.models import Choices
from django.utils import translation

from chuangwen.faces.cli.docs.tables import our_models
from chuangwen.kernel.workflow.flow import Flow
from tests.architecture.source import ROOT

CHINESE = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
PERCENT = re.compile(r"%%|%(?:\(\w+\))?[-+ #0]*\d*(?:\.\d+)?[a-zA-Z]")
BRACES = re.compile(r"\{\w+(?::[^}]*)?\}")
# 请 is right inside 申请 (to apply), 提请 (to submit), 请假 (on leave), 请示 (a kind of paper).
RUDE_OR_SERVILE = re.compile("(?<![申提])请(?![假示])|您|成功|！")


@pytest.fixture(scope="module")
def tool():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "path", [str(ROOT / "tools"), *sys.path])
        import translations
    return translations


@pytest.fixture(scope="module")
def found(tool):
    return [message for message in tool.collect_messages() if message.id]


@pytest.fixture(scope="module")
def pairs(tool):
    """(Chinese, English) of the catalogue, plural forms one by one."""
    messages = [message for message in tool.read_catalogue() if message.id]
    return [pair for message in messages for pair in _forms(message)]


def _forms(message):
    if isinstance(message.id, str):
        return [(message.id, message.string)]
    return [(message.id[min(n, 1)], text) for n, text in enumerate(message.string)]


def _holes(text):
    """What is filled in later: %(name)s with its letter, %%, {name} with its format; in any order."""
    return sorted(PERCENT.findall(text)), sorted(BRACES.findall(text))


def test_nothing_is_missing_or_fuzzy(tool, found):
    catalogue = tool.read_catalogue()
    wrong = {
        message.id: reason
        for message in found
        if (reason := tool.what_is_wrong(catalogue.get(message.id, message.context)))
    }
    assert wrong == {}
    assert [message.id for message in catalogue if message.id and message.fuzzy] == []


def test_holes_and_line_ends_are_equal(pairs):
    wrong = [
        (chinese, english)
        for chinese, english in pairs
        if _holes(chinese) != _holes(english)
        or chinese.count("\n") != english.count("\n")
        or (chinese[:1].isspace() and not english[:1].isspace())
    ]
    assert wrong == []


def test_english_holds_no_chinese(pairs):
    assert [english for _, english in pairs if CHINESE.search(english)] == []


def test_english_keeps_full_stops_where_chinese_has_them(pairs):
    """A sentence ends like one; a label or button does not."""
    closed = re.compile(r"[。.]”?$")
    wrong = [
        (chinese, english)
        for chinese, english in pairs
        if chinese != english
        and english != "No."
        and bool(closed.search(chinese)) != bool(closed.search(english))
    ]
    assert wrong == []


def test_seven_letters_for_seven_days(pairs):
    assert len(dict(pairs)["一二三四五六日"]) == 7


def test_texts_keep_the_manners_of_the_interface(found):
    texts = [
        text for message in found for text in ([message.id] if isinstance(message.id, str) else message.id)
    ]
    assert [text for text in texts if RUDE_OR_SERVILE.search(text)] == []


def all_choices(base=Choices):
    for kind in base.__subclasses__():
        if kind.__module__.startswith("chuangwen."):
            yield kind
        yield from all_choices(kind)


def test_labels_of_tables_choices_and_steps_are_marked(found):
    """A label written without `_(…)` stays Chinese on an English page; Django's own labels turn English."""
    with translation.override("en"):
        labels = {str(label) for choices in all_choices() for label in choices.labels}
        for model in our_models():
            labels.add(str(model._meta.verbose_name))
            labels |= {str(field.verbose_name) for field in model._meta.concrete_fields}
        for flow in Flow.registry.values():
            labels |= {str(flow.title), *(str(step.label) for step in flow.steps)}
    marked = {message.id for message in found}
    assert {label for label in labels if CHINESE.search(label)} - marked == set()


def test_the_compiled_catalogue_reads_back(tool, pairs):
    stream = BytesIO()
    write_mo(stream, tool.read_catalogue())
    read = gettext.GNUTranslations(BytesIO(stream.getvalue()))
    lost = [chinese for chinese, english in pairs if chinese != english and read.gettext(chinese) == chinese]
    with_context = {message.id for message in tool.read_catalogue() if message.id and message.context}
    assert set(lost) - with_context == set()
