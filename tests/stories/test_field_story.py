"""Story 1: an inspector in an alley without network, twelve items in 18 taps; in the office the queue empties itself."""

from __future__ import annotations

import pytest

from chuangwen.inspections.models import Observation, Visit
from chuangwen.problems.models import Case
from chuangwen.standards.models import CheckItem
from tests.inspections.conftest import ground, planned, running

__all__ = ["ground", "planned", "running"]
pytestmark = [pytest.mark.browser, pytest.mark.story, pytest.mark.django_db(transaction=True)]


def test_1_an_alley_without_network_in_eighteen_taps(ground, running, desk, make_picture, tmp_path):
    way = ground.items["m", "pass"].grading
    more = {"requirement": ground.need, "site_type": ground.market, "grading": way, "full": 1}
    for i in range(9):
        CheckItem.objects.create(code=f"m-more{i}", text=f"检查{i}", **more)
    row = running(site_types=["farm_market"], total=2)
    visit = Visit.objects.filter(round=row, team__members=ground.raters[0]).select_related("place").first()
    photo = tmp_path / "wrong.jpg"
    photo.write_bytes(make_picture(88))
    phone = desk(ground.raters[0], width=390, height=844, has_touch=True,
                 geolocation={"latitude": 34.76, "longitude": 113.0}, permissions=["geolocation"])  # fmt: skip
    page = phone.open("/field/")
    page.locator("#stored").get_by_text("在线").wait_for()
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    phone.context.set_offline(True)
    before = phone.clicks

    page.get_by_role("link", name=str(visit.place)).click()
    page.locator(".cw-q").first.wait_for()
    for text, words in (("检查3", "东门地面积水"), ("检查7", "两处乱贴")):
        item = page.locator(".cw-q").filter(has_text=text)
        item.get_by_role("button", name="不合格").click()
        item.locator("input[type=file]").set_input_files(str(photo))
        item.locator("img").wait_for()
        item.locator("textarea").fill(words)
    page.get_by_role("button", name="其余合格").click()
    page.locator("#bar").get_by_text("12/12").wait_for()
    page.get_by_role("button", name="存好，下一处").click()
    page.get_by_text("已存手机：").wait_for()
    # The camera's shutter and its tick are two taps a photo that the browser does not see.
    assert phone.clicks - before + 2 * 2 <= 18
    assert not Visit.objects.filter(state="done").exists()

    phone.context.set_offline(False)  # the office: nothing is tapped
    page.get_by_text("有回执", exact=True).wait_for(timeout=30_000)
    assert Observation.objects.filter(visit=visit, result=1).count() == 10
    notes = Observation.objects.filter(visit=visit, result=0).values_list("note", flat=True)
    assert sorted(notes) == ["东门地面积水", "两处乱贴"]
    assert Case.objects.filter(site=visit.place).count() == 2
    assert page.evaluate("indexedDB.databases().then((all) => all.length)") == 1
