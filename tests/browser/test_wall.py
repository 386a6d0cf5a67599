"""The big screen in Chromium at both sizes: nothing sticks out, letters are large, a closed case arrives by itself."""

from __future__ import annotations

import pytest
from django.utils import timezone

from chuangwen.kernel.city import forget
from chuangwen.kernel.models import City
from chuangwen.problems.actions import Told, confirm_case, take_report
from chuangwen.problems.models import Case, State

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SMALLEST = """() => Math.min(...[...document.querySelectorAll(".cw-wall *")]
  .filter(e => e.checkVisibility() && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
  .map(e => parseFloat(getComputedStyle(e).fontSize)))"""
OUTSIDE = """() => [...document.querySelectorAll(".cw-wall header > *, .cw-wall section > *, .cw-wall nav > *, .cw-wall li, .cw-wall tr")]
  .filter(e => e.checkVisibility()).map(e => [e.outerHTML.slice(0, 60), e.getBoundingClientRect()])
  .filter(([, r]) => r.right > innerWidth + 1 || r.bottom > innerHeight + 1 || r.left < -1).map(([html]) => html)"""


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (3840, 2160)])
def test_wall_fits_is_large_and_lives(town, desk, width, height):
    told = Told(text="南门垃圾桶满溢", source="resident", kind=town.kind, lon=113.0, lat=34.7601)
    case = confirm_case(take_report(told, by=None).case, by=town.people["office"])
    City.objects.update(settings={"wall_seconds": 1})
    forget()
    one = desk(town.people["office"], width=width, height=height)
    page = one.open("/wall/")
    figure = page.locator('[data-part="figs"] a').first.locator("b")

    assert figure.text_content() == "1"
    assert page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]") == [
        width,
        height,
    ]
    assert page.evaluate(OUTSIDE) == []
    assert page.evaluate(SMALLEST) >= 22
    sizes = page.evaluate("document.querySelector('#told').getBoundingClientRect().height")
    assert sizes >= 22 * width / 1920  # the larger screen has larger letters

    Case.objects.filter(pk=case.pk).update(state=State.CLOSED, closed_at=timezone.now())
    page.locator('[data-part="figs"] a').first.locator("b", has_text="0").wait_for()
    assert page.locator("#told").is_visible()
    assert one.errors == []


def test_a_cut_line_and_an_ended_session_are_said(town, desk):
    City.objects.update(settings={"wall_seconds": 1})
    forget()
    one = desk(town.people["office"], width=1920, height=1080)
    page = one.open("/wall/")
    one.context.clear_cookies()
    page.locator("#ended").wait_for(state="visible")
    assert page.locator("#told").is_hidden()
    assert page.locator("#ended a").get_attribute("href") == "/accounts/login/?next=/wall/"
    assert all(
        "text/event-stream" in error for error in one.errors
    )  # the browser's own word for the sign-in page
    one.errors.clear()
