"""The phone pages in a real browser: a whole day without network, a phone that dies in between, receipts at the end."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings

from chuangwen.inspections.models import Observation, Visit
from tests.inspections.conftest import ground, planned, running

__all__ = ["ground", "planned", "running"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
AXE = Path(settings.ROOT) / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
FOUND = """axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"] })
  .then((all) => all.violations.map((one) => one.id + ": " + one.nodes[0].html))"""
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


def test_every_page_is_clean_for_axe_in_light_and_dark(ground, phone):
    if not AXE.exists():
        pytest.skip("left out: axe-core is not installed")
    page = phone.page
    uid = visits_of(ground).first().uid
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        for address, sign in (
            ("#/", "#stored"), ("#/map", ".cw-fieldmap"), (f"#/visit/{uid}", ".cw-q"), ("#/case", "#what"),
            ("#/outbox", "form"), ("#/patrol", ".cw-empty"),
        ):  # fmt: skip
            page.evaluate("(hash) => { location.hash = hash; }", address)
            page.locator(sign).first.wait_for()
            if sign == ".cw-q":
                page.locator(".cw-q .btn").nth(2).click()  # a lower band: what a wrong item asks for is open
            page.evaluate(AXE.read_text())
            assert (theme, address, page.evaluate(FOUND)) == (theme, address, [])
            assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_undo_takes_back_a_tap_and_a_kept_record(ground, phone):
    page = phone.page
    stop = visits_of(ground).select_related("place").first()
    page.get_by_role("link", name=str(stop.place)).click()
    item = page.locator(".cw-q").filter(has_text="pass")
    item.get_by_role("button", name="不适用").click()
    assert item.get_by_role("button", name="不适用").get_attribute("aria-pressed") == "true"
    page.locator("#foot").get_by_role("button", name="撤销").click()
    assert item.get_by_role("button", name="不适用").get_attribute("aria-pressed") == "false"
    page.get_by_role("button", name="存好，下一处").click()
    page.get_by_text("还有 3 项没记，记了再存。").wait_for()
    phone.context.set_offline(True)
    page.get_by_role("button", name="其余合格").click()
    page.get_by_role("button", name="存好，下一处").click()
    page.locator("#say").get_by_role("button", name="撤销").click()
    page.locator("#bar").get_by_text("3/3").wait_for()
    assert page.evaluate("document.querySelector('#bar h1').textContent") == str(stop.place)
    phone.context.set_offline(False)


def test_signing_out_drops_the_day_and_keeps_what_is_unsent_for_its_person(ground, phone):
    page = phone.page
    stop = visits_of(ground).select_related("place").first()
    phone.context.set_offline(True)
    page.get_by_role("link", name=str(stop.place)).click()
    page.get_by_role("button", name="其余合格").click()
    page.get_by_role("button", name="存好，下一处").click()
    page.get_by_text("已存手机：").wait_for()
    page.close()  # before the queue knows of the network
    phone.context.set_offline(False)
    page = phone.context.new_page()
    page.goto(phone.url + "/me/")
    page.get_by_role("button", name="退出").click()
    page.wait_for_url("**/accounts/login/**")
    phone.sign_in(ground.raters[1])
    page.goto(phone.url + "/field/#/outbox")
    page.get_by_text("这部手机上另有 1 条别人的记录").wait_for()
    assert Visit.objects.filter(state="done").count() == 0
    phone.sign_in(ground.raters[0])
    page.goto(phone.url + "/field/#/outbox")
    page.reload()
    page.locator('[data-state="kept"]').wait_for(timeout=30_000)
    assert Visit.objects.get(uid=stop.uid).by == ground.raters[0]
