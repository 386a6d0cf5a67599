"""Shredding destroys persons of what is over, and nothing else; the chain still verifies."""

from __future__ import annotations

import datetime as dt

from django.core.management import call_command
from django.utils import timezone

from chuangwen.kernel.models import Sealed
from chuangwen.kernel.workflow import history
from chuangwen.problems.actions import Told, take_report
from chuangwen.problems.flow import CaseFlow
from chuangwen.problems.models import Report


def test_contacts_and_sealed_values_of_old_cases_go_and_history_stays_whole(town, capsys):
    old_time = timezone.now() - dt.timedelta(days=400)
    told = {"text": "垃圾", "lon": 113.0, "lat": 34.76, "contact": "13812345678"}
    old = take_report(Told(**told), by=None, at=old_time).case
    CaseFlow.take(old, "void", by=town.people["clerk"], given={"reason": "重复"}, at=old_time)
    old.refresh_from_db()
    history.add_entry(old, "call", old.state, by_id=None, at=old_time, given={}, personal={"phone": "13812345678"})
    old.save()
    fresh = take_report(Told(**told), by=None)

    call_command("shred", "--dry-run")
    assert "contacts of reports: 1" in capsys.readouterr().out
    assert Report.objects.filter(contact="").count() == 0

    call_command("shred")
    assert Report.objects.get(case=old).contact == ""
    fresh.refresh_from_db()
    assert fresh.contact == "13812345678"
    assert Sealed.objects.count() == 0
    assert list(history.verify()) == []
