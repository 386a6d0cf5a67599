"""Codes by short message: ten minutes, five tries, few an hour; what goes out is forgotten."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from chuangwen.kernel.models import Message
from chuangwen.kernel.workflow import notices, phone_codes, sms
from chuangwen.kernel.workflow.arrival_models import PhoneCode
from chuangwen.kernel.workflow.flow import Refused

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 16, 1, 0, tzinfo=dt.UTC)
PHONE = "13912345678"


def ask(network="198.51.100.7", phone=PHONE, at=NOW):
    return phone_codes.ask_code(phone, network=network, now=at)


def test_a_code_counts_once_and_only_for_ten_minutes(town):
    code = ask().shown
    assert PHONE not in str(PhoneCode.objects.values().get()) and code not in str(PhoneCode.objects.values().get())
    with pytest.raises(Refused):
        phone_codes.check_code(PHONE, code, now=NOW + dt.timedelta(minutes=10))
    phone_codes.check_code(PHONE, f"{code[:3]} {code[3:]}", now=NOW + dt.timedelta(minutes=9))
    with pytest.raises(Refused):
        phone_codes.check_code(PHONE, code, now=NOW)


def test_after_five_wrong_tries_the_right_one_is_refused(town):
    code = ask().shown
    for _try in range(5):
        with pytest.raises(Refused):
            phone_codes.check_code(PHONE, "x", now=NOW)
    with pytest.raises(Refused, match="5 次"):
        phone_codes.check_code(PHONE, code, now=NOW)


def test_a_new_code_ends_the_old_one_and_three_an_hour_are_enough(town):
    first = ask().shown
    second = ask(at=NOW + dt.timedelta(minutes=1)).shown
    if first != second:
        with pytest.raises(Refused):
            phone_codes.check_code(PHONE, first, now=NOW + dt.timedelta(minutes=2))
    ask(at=NOW + dt.timedelta(minutes=2))
    with pytest.raises(Refused, match="3 次"):
        ask(at=NOW + dt.timedelta(minutes=3))


def test_one_network_cannot_make_many_phones_ring(town):
    for n in range(10):
        ask(phone=f"1391234{n:04d}")
    with pytest.raises(Refused):
        ask(phone="13912349999")


@pytest.mark.parametrize("typed", ["", "12345", "139123456789", "abc", "23912345678", "1391234567８９", "'; --"])
def test_what_is_no_number_is_refused(typed):
    with pytest.raises(Refused):
        phone_codes.number_of(typed)


def test_without_a_gateway_outside_the_demo_no_phone_is_asked_for(town):
    from chuangwen.kernel.city import forget
    from chuangwen.kernel.models import City

    City.objects.update(is_demo=False)
    forget()
    assert not sms.is_offered()
    with pytest.raises(Refused):
        ask()


def test_a_message_goes_through_the_gateway_and_is_forgotten(town, settings, monkeypatch):
    settings.SMS_URL = "json://gateway.invalid/send?to={phone}"
    sent = []
    monkeypatch.setattr(sms, "send", lambda phone, body: sent.append((phone, body)))
    assert ask().shown == ""  # a real gateway: the page does not show it
    notices.deliver(timezone.now())
    assert sent[0][0] == PHONE and "验证码" in sent[0][1]
    message = Message.objects.get()
    assert (message.target, message.body) == ("139****5678", "") and message.sent_at is not None


@pytest.mark.logs_errors
def test_a_gateway_address_without_the_phone_is_named(settings):
    settings.SMS_URL = "json://gateway.invalid/send"
    with pytest.raises(ValueError, match="CHUANGWEN_SMS_URL"):
        sms.send(PHONE, "x")
