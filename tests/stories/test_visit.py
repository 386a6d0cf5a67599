"""Story 1, the part that needs a network: twelve items at one place, ten right, two wrong with photo and words, 18 taps."""

from __future__ import annotations

import pytest

from chuangwen.inspections.models import Observation, Visit
from chuangwen.problems.models import Case
from chuangwen.standards.models import CheckItem
from tests.inspections.conftest import ground, planned, running

__all__ = ["ground", "planned", "running"]
pytestmark = [pytest.mark.browser, pytest.mark.story, pytest.mark.django_db(transaction=True)]


def test_1_the_inspector_sends_twelve_items_in_eighteen_taps(ground, running, desk, make_picture, tmp_path):
    way = ground.items["m", "pass"].grading
    for i in range(9):
        CheckItem.objects.create(
            requirement=ground.need,
            code=f"m-more{i}",
            site_type=ground.market,
            text=f"检查{i}",
            grading=way,
            full=1,
        )
    row = running(site_types=["farm_market"], total=2)
    visit = Visit.objects.filter(round=row, team__members=ground.raters[0]).select_related("place").first()
    photo = tmp_path / "wrong.jpg"
    photo.write_bytes(make_picture(88))
    phone = desk(ground.raters[0], width=390, height=844, has_touch=True,
                 geolocation={"latitude": 34.76, "longitude": 113.0}, permissions=["geolocation"])  # fmt: skip
    page = phone.open("/rounds/today/")
    page.get_by_role("link", name=str(visit.place)).click()
    assert page.locator(".cw-q").count() == 12
    for text, words in (("检查3", "东门地面积水"), ("检查7", "两处乱贴")):
        item = page.locator(".cw-q").filter(has_text=text)
        item.get_by_role("radio", name="不合格").check(force=True)
        item.locator("input[type=file]").set_input_files(str(photo))
        item.locator(".cw-photos img").wait_for()
        item.locator("textarea").fill(words)
    page.get_by_role("button", name="其余都合格").click()
    page.locator("[data-count]").get_by_text("12/12").wait_for()
    page.get_by_role("button", name="发送").click()
    page.get_by_text("2 项不合格").wait_for()

    # The camera's shutter and its tick are two taps a photo that the browser does not see.
    assert phone.clicks + 2 * 2 <= 18
    assert Observation.objects.filter(visit=visit, result=1).count() == 10
    assert sorted(Observation.objects.filter(visit=visit, result=0).values_list("note", flat=True)) == [
        "东门地面积水",
        "两处乱贴",
    ]
    assert Case.objects.filter(site=visit.place).count() == 2
