"""The engine itself: reactions of upper apps, offers, and what a refused step leaves behind."""

from __future__ import annotations

import pytest

from chuangwen.kernel.models import Entry
from chuangwen.kernel.workflow import flow
from chuangwen.kernel.workflow.flow import Refused, reacts_to
from chuangwen.problems.actions import Told, confirm_case, take_report
from chuangwen.problems.flow import CaseFlow


@pytest.fixture
def case(town):
    return confirm_case(take_report(Told(text="垃圾", lon=113.0, lat=34.76), by=None).case, by=town.people["office"])


@pytest.fixture
def reactions(monkeypatch):
    monkeypatch.setattr(flow, "_reactions", {})


def test_an_upper_app_learns_of_a_step_in_the_same_transaction(town, case, reactions):
    seen = []
    reacts_to("problems.case", "accept")(lambda matter, entry, by: seen.append((matter.state, entry.step, by)))
    CaseFlow.take(case, "accept", by=town.people["liaison"])
    assert seen == [("fixing", "accept", town.people["liaison"])]


def test_a_reaction_that_fails_takes_the_step_back(town, case, reactions):
    def refuse(matter, entry, by):
        raise Refused("满了")

    reacts_to("problems.case", "accept")(refuse)
    with pytest.raises(Refused, match="满了"):
        CaseFlow.take(case, "accept", by=town.people["liaison"])
    case.refresh_from_db()
    assert (case.state, Entry.objects.filter(step="accept").count()) == ("assigned", 0)


def test_offers_are_what_the_post_may_do_now_and_say_why_not(town, case):
    offers = {offer.step.code: offer for offer in CaseFlow.offers(case, town.people["liaison"])}
    assert set(offers) == {"accept", "answer", "return", "ask_extension"}
    assert offers["accept"].allowed
    assert (offers["answer"].allowed, "先传一张" in offers["answer"].why) == (False, True)
    assert CaseFlow.offers(case, town.people["liaison2"]) == []
    assert CaseFlow.offers(case, town.people["leader"]) == []


def test_every_offer_can_be_taken_or_says_its_reason(town, case):
    for person in town.people.values():
        for offer in CaseFlow.offers(case, person):
            assert (CaseFlow.why_not(case, offer.step, person) is None) is offer.allowed
