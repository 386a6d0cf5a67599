"""Naughty strings in a real browser: no dialog opens, nothing is written to the console, the words stand there."""

from __future__ import annotations

import pytest

from chuangwen.problems.actions import Told, take_report
from chuangwen.problems.submitting import Sent, submit
from tests.hostile.strings import OURS

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_nothing_of_a_stranger_runs(desk, town):
    import uuid

    number = ""
    for n, text in enumerate(OURS[:12]):
        told = Told(text=text, what=text[:60], address=text[:100], lon=113.0 + n / 5000, lat=34.7601)
        number = take_report(told, by=town.people["office"]).case.number
    _row, secret = submit(Sent(uid=uuid.uuid4(), text=" ".join(OURS[:8]), name=OURS[1][:20], address=OURS[0]))
    one, dialogs = desk(town.people["office"]), []
    one.page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    for path in (f"/cases/{number}/", "/cases/", "/submissions/", "/map/", f"/p/f/{secret}/"):
        page = one.open(path)
        page.wait_for_load_state("networkidle")
        assert "eingedrungen" not in page.title()
    assert page.get_by_text("alert('eingedrungen')").first.is_visible()
    assert dialogs == [] and one.errors == []
