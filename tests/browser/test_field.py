"""The phone pages in a real browser: a whole day without network, a phone that dies in between, receipts at the end."""

from __future__ import annotations

import pytest

from chuangwen.inspections.models import Observation, Visit
from tests.inspections.conftest import ground, planned, running

__all__ = ["ground", "planned", "running"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PLACE = {"geolocation": {"latitude": 34.76, "longitude": 113.0}, "permissions": ["geolocation"]}


@pytest.fixture
def phone(ground, running, desk):
    """A phone of the first inspector with today's stops on it."""
    running(site_types=["farm_market"], total=4, days=0)
    one = desk(ground.raters[0], width=390, height=844, has_touch=True, **PLACE)
    page = one.open("/field/")
    page.locator("#stored").get_by_text("在线").wait_for()
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    return one


def visits_of(ground):
    return Visit.objects.filter(team__members=ground.raters[0]).order_by("seq", "pk")


def test_a_whole_day_without_network_then_receipts(ground, phone, tmp_path, make_picture):
    page, context = phone.page, phone.context
    photo = tmp_path / "wrong.jpg"
    photo.write_bytes(make_picture(88))
    stops = list(visits_of(ground).select_related("place"))
    context.set_offline(True)
    page.reload()
    page.locator("#stored").get_by_text("离线").wait_for()
    page.get_by_role("link", name=str(stops[0].place)).click()
    item = page.locator(".cw-q").filter(has_text="pass")
    item.get_by_role("button", name="不合格").click()
    item.locator("input[type=file]").set_input_files(str(photo))
    item.locator("img").wait_for()
    item.locator("textarea").fill("东门积水")
    page.close()  # the phone dies

    page = context.new_page()
    page.goto(phone.url + "/field/")
    page.get_by_role("link", name=str(stops[0].place)).click()
    item = page.locator(".cw-q").filter(has_text="pass")
    assert item.locator("textarea").input_value() == "东门积水"
    assert item.locator("img").count() == 1
    page.get_by_role("button", name="其余合格").click()
    page.get_by_role("button", name="存好，下一处").click()
    page.get_by_text("已存手机：").wait_for()
    for _stop in stops[1:]:
        page.get_by_role("button", name="其余合格").click()
        page.get_by_role("button", name="存好，下一处").click()
    page.get_by_role("link", name="未送").click()
    page.locator("[data-record]").nth(len(stops) - 1).wait_for()
    assert Visit.objects.filter(state="done").count() == 0

    context.set_offline(False)
    page.get_by_role("button", name="现在送").click()
    page.get_by_text("都送到了").wait_for()
    assert page.locator('[data-state="kept"]').count() == len(stops)
    assert visits_of(ground).filter(state="done").count() == len(stops)
    wrong = Observation.objects.filter(result=0)
    assert [o.note for o in wrong] == ["东门积水"]
