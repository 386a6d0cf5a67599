"""Limits by address and device, and keys for programs."""

import datetime as dt

import pytest
from django.utils import timezone

from chuangwen.kernel.models import Person, RateCount, Token
from chuangwen.kernel.people.tokens import BadToken, make_token, token_of
from chuangwen.kernel.workflow.limits import Limit, is_within, network_of, sweep_limits, veiled

NOW = dt.datetime(2026, 11, 20, 8, 30, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("not an address", ""),
        ("", ""),
    ],
)
def test_one_subscriber_is_one_network(address, network):
    assert network_of(address) == network


@pytest.mark.django_db
def test_the_fourth_in_an_hour_is_too_many_and_the_next_hour_begins_anew():
    limit = Limit(3, 3600)
    assert [is_within("report", "a", limit, NOW) for _ in range(4)] == [True, True, True, False]
    assert is_within("report", "b", limit, NOW)
    assert is_within("idea", "a", limit, NOW)
    assert is_within("report", "a", limit, NOW + dt.timedelta(hours=1))
    assert all(is_within("report", "", limit, NOW) for _ in range(9))


@pytest.mark.django_db
def test_counts_belong_to_nobody_the_next_day():
    assert veiled("report", "203.0.113.9", NOW) != veiled("report", "203.0.113.9", NOW + dt.timedelta(days=1))
    is_within("report", "203.0.113.9", Limit(3, 3600), NOW)
    assert "203.0.113.9" not in RateCount.objects.get().key
    assert sweep_limits(NOW + dt.timedelta(days=3)) == 1


@pytest.fixture
def person(db):
    return Person.objects.create(username="robot", name="对接程序")


def test_a_key_works_within_its_scope_until_its_end(person):
    today = timezone.localdate()
    token, secret = make_token(person, name="地图", scopes=["read"], ends_on=today, by=person)
    assert secret not in f"{token.digest}{token.hint}" and token.ha1 == ""
    assert token_of(secret, "read").person == person
    assert token_of(secret, "report") is None
    assert token_of(secret[:-1], "read") is None
    assert token_of(secret, "read", timezone.now() + dt.timedelta(days=1)) is None
    Token.objects.update(revoked_at=timezone.now())
    assert token_of(secret, "read") is None


def test_a_key_ends_with_its_person(person):
    _token, secret = make_token(person, name="地图", scopes=["read"], ends_on=timezone.localdate(), by=person)
    Person.objects.update(is_active=False)
    assert token_of(secret, "read") is None


@pytest.mark.parametrize(("scopes", "days"), [([], 1), (["everything"], 1), (["read"], -1), (["read"], 400)])
def test_a_key_without_scope_or_end_is_not_made(person, scopes, days):
    with pytest.raises(BadToken):
        make_token(
            person, name="x", scopes=scopes, ends_on=timezone.localdate() + dt.timedelta(days=days), by=person
        )
    assert not Token.objects.exists()
