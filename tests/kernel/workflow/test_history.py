"""History can be proven, sealed values shredded, days tied together; notices go out once and bundled."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal

import pytest
from django.core import mail
from django.utils import timezone

from chuangwen.kernel import gates
from chuangwen.kernel.models import Checkpoint, Entry, Message, Notice, Sealed
from chuangwen.kernel.workflow import history, notices
from chuangwen.problems.actions import Told, take_report


def test_typed_values_name_their_type():
    when = dt.datetime(2026, 11, 16, 9, 0, tzinfo=dt.timezone(dt.timedelta(hours=8)))
    given = {"n": 3, "d": Decimal("1.50"), "t": when, "on": dt.date(2026, 11, 16), "u": uuid.UUID(int=7), "l": [1, "a"]}
    assert history.typed(given) == {
        "n": 3, "d": {"decimal": "1.50"}, "t": {"time": "2026-11-16T01:00:00+00:00"}, "on": {"date": "2026-11-16"},
        "u": {"uuid": "00000000-0000-0000-0000-000000000007"}, "l": [1, "a"],
    }  # fmt: skip
    with pytest.raises(TypeError, match="object"):
        history.typed({"x": object()})


@pytest.fixture
def case(town):
    return take_report(Told(text="垃圾", lon=113.0, lat=34.76), by=None).case


def test_sealed_value_is_shredded_and_the_chain_stays_whole(case):
    phone = "13800000000"
    history.add_entry(case, "call", case.state, by_id=None, at=timezone.now(), given={}, personal={"phone": phone})
    case.save()
    entry = Entry.objects.get(step="call")
    assert phone not in str(entry.given)
    assert Sealed.objects.get().value == phone
    assert list(history.verify()) == []

    Sealed.objects.update(value="13900000000")
    assert [b.what for b in history.verify()] == ["sealed"]
    assert history.shred(Entry.objects.filter(pk=entry.pk)) == 1
    assert list(history.verify()) == []
    assert not Sealed.objects.filter(value__contains="13").exists()


def test_checkpoints_tie_days_and_notice_a_removed_matter(case):
    yesterday = timezone.now() - dt.timedelta(days=2)
    other = take_report(Told(text="旧垃圾", lon=113.0, lat=34.76), by=None, at=yesterday).case
    assert history.make_checkpoints() == 2
    assert history.make_checkpoints() == 0
    assert Checkpoint.objects.order_by("day").first().count == 1
    assert list(history.verify()) == []

    # A whole matter taken out with its history leaves no broken chain; only the day's checkpoint tells.
    from chuangwen.kernel.models import Clock
    from chuangwen.problems.models import Report

    Entry.objects.filter(subject_id=other.pk).delete()
    Clock.objects.filter(subject_id=other.pk).delete()
    Report.objects.filter(case=other).delete()
    other.delete()
    assert "checkpoint" in {b.what for b in history.verify()}


def test_notices_are_bundled_into_one_message_per_unit_and_sent_once(town, case, settings):
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    liaison = town.people["liaison"]
    liaison.email = "liaison@example.org"
    liaison.save()
    old = timezone.now() - dt.timedelta(hours=1)
    unit = town.units["cgj"].pk
    notices.tell([notices.Tell(case, "remind", f"第 {i} 件", unit_id=unit, role="liaison") for i in range(5)], old)
    notices.tell([notices.Tell(case, "remind", "刚到", unit_id=town.units["jtj"].pk)], timezone.now())

    assert notices.bundle() == 1
    assert notices.bundle() == 0
    assert notices.deliver() == (1, 0)
    assert notices.deliver() == (0, 0)
    assert len(mail.outbox) == 1
    assert all(f"第 {i} 件" in mail.outbox[0].body for i in range(5))
    assert Notice.objects.filter(told_at__isnull=True).count() == 1  # the fresh one waits for company


def test_a_failed_message_waits_and_is_tried_again(town, case):
    message = Message.objects.create(channel="robot", target="ftp://nowhere", title="t", body="b")
    assert notices.deliver() == (0, 1)
    message.refresh_from_db()
    assert (message.tries, message.sent_at) == (1, None)
    assert "群机器人地址读不懂" in message.error
    assert notices.deliver() == (0, 0)
    assert notices.deliver(timezone.now() + dt.timedelta(minutes=5)) == (0, 1)


def test_gates_are_closed_open_only_for_a_reason_and_close_by_themselves(town):
    office, now = town.people["office"], timezone.now()
    with pytest.raises(gates.Closed, match="12号"):
        gates.require("check_in")
    with pytest.raises(gates.Closed, match="任何情况"):
        gates.open_gate("usage_ranking", ground="emergency", reason="防汛", until=now + dt.timedelta(days=1), by=office)
    with pytest.raises(ValueError, match="写明理由"):
        gates.open_gate("check_in", ground="emergency", reason=" ", until=now + dt.timedelta(days=1), by=office)
    with pytest.raises(ValueError, match="晚于现在"):
        gates.open_gate("check_in", ground="emergency", reason="防汛", until=now, by=office)
    gates.open_gate("check_in", ground="emergency", reason="防汛", until=now + dt.timedelta(hours=2), by=office)
    gates.require("check_in")
    assert not gates.is_open("check_in", now + dt.timedelta(hours=3))
