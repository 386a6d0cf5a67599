"""The same moment by two: one send, one file, one asking; nothing doubled, nothing half."""

from __future__ import annotations

import uuid

import pytest

from chuangwen.dossier.actions import add_document, ask_item, open_items
from chuangwen.dossier.flow import ItemFlow
from chuangwen.dossier.models import Document, Item, Version
from chuangwen.kernel.models import Blob, Demand, Evidence
from chuangwen.kernel.workflow import history
from chuangwen.kernel.workflow.flow import Refused
from tests.dossier.conftest import pdf
from tests.problems.test_at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_one_file_sent_five_times_at_once_is_one(asked):
    uid, item, by = uuid.uuid4(), asked.items["doc"], asked.people["liaison"]
    results = at_once(lambda i: add_document(item, pdf(), by=by, uid=uid), 5)
    assert [r for r in results if isinstance(r, Exception)] == []
    assert {r.pk for r in results} == {Document.objects.get().pk}
    assert (Blob.objects.count(), Evidence.objects.count()) == (1, 1)


def test_head_and_liaison_send_at_once_and_one_version_is_made(asked, add):
    add("doc")
    people = [asked.people["liaison"], asked.people["head"]]
    results = at_once(lambda i: ItemFlow.take(asked.items["doc"], "send_up", by=people[i]), 2)
    assert sum(isinstance(r, Refused) for r in results) == 1
    assert Version.objects.count() == 1
    assert list(history.verify()) == []


def test_two_clerks_ask_at_once_and_each_unit_is_asked_once(dossier):
    people = [dossier.people["clerk"], dossier.people["office"]]
    results = at_once(lambda i: open_items(dossier.edition, 2026, by=people[i]), 2)
    made = [len(r.made) for r in results if not isinstance(r, Exception)]
    assert all(isinstance(r, Refused) for r in results if isinstance(r, Exception))
    assert (sum(made), Item.objects.count(), Demand.objects.count()) == (3, 3, 3)
    results = at_once(lambda i: ask_item(dossier.orphan, 2026, by=people[i], unit=dossier.units["cgj"]), 2)
    assert sum(isinstance(r, Refused) for r in results) == 1
