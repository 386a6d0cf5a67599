"""Two at the same button: numbers without gaps, one signing, one receipt."""

from __future__ import annotations

import pytest
from django.utils import timezone

from chuangwen.kernel.models import Blob, Entry
from chuangwen.kernel.workflow import history
from chuangwen.kernel.workflow.flow import Refused
from chuangwen.papers import rendering
from chuangwen.papers.actions import receive_paper
from chuangwen.papers.flow import PaperFlow
from chuangwen.papers.models import Paper
from chuangwen.papers.numbering import last_serial
from tests.papers.conftest import draft, issued
from tests.problems.test_at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)
YEAR = timezone.localdate().year


def in_review(town, n):
    rows = [draft(town, title=f"关于第{i}件事的通知") for i in range(n)]
    return [PaperFlow.take(row, "send", by=town.people["office"]).matter for row in rows]


def test_papers_signed_at_once_get_numbers_without_gaps(office):
    rows = in_review(office, 4)
    results = at_once(lambda i: PaperFlow.take(rows[i], "sign", by=office.people["office2"]), 4)
    assert [r for r in results if isinstance(r, Exception)] == []
    assert sorted(Paper.objects.values_list("serial", flat=True)) == [1, 2, 3, 4]
    assert list(history.verify()) == []


def test_a_signing_that_fails_in_the_middle_leaves_no_gap(office, monkeypatch):
    rows, whole = in_review(office, 4), rendering.keep

    def sometimes(data):
        if Paper.objects.filter(serial__isnull=False).count() in (1,) and not failed:
            failed.append(1)
            raise OSError("the disk is full")
        return whole(data)

    failed = []
    monkeypatch.setattr(rendering, "keep", sometimes)
    results = at_once(lambda i: PaperFlow.take(rows[i], "sign", by=office.people["office2"]), 4)
    assert len(failed) == len([r for r in results if isinstance(r, OSError)]) == 1
    assert [r for r in results if isinstance(r, Exception) and not isinstance(r, OSError)] == []
    left = Paper.objects.get(state="review")
    PaperFlow.take(left, "sign", by=office.people["office2"])
    assert sorted(Paper.objects.values_list("serial", flat=True)) == [1, 2, 3, 4]
    assert last_serial(office.body, YEAR) == 4


def test_one_paper_signed_by_two_has_one_number(office):
    (row,) = in_review(office, 1)
    results = at_once(lambda i: PaperFlow.take(row, "sign", by=office.people["office2"]), 2)
    refused = [r for r in results if isinstance(r, Exception)]
    assert len(refused) == 1 and isinstance(refused[0], Refused)
    assert (last_serial(office.body, YEAR), Blob.objects.count()) == (1, 1)


def test_one_receipt_by_liaison_and_head_at_once(office):
    paper = issued(office)
    people = [office.people["liaison"], office.people["head"]]
    results = at_once(lambda i: receive_paper(paper, by=people[i]), 2)
    refused = [r for r in results if isinstance(r, Exception)]
    assert len(refused) == 1 and isinstance(refused[0], Refused)
    assert Entry.objects.filter(step="receive").count() == 1
