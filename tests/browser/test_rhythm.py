"""Slides turned with keys and a meeting typed with the keyboard, in Chromium."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from chuangwen.assessment.gathering import prepare_pack
from chuangwen.tasks.meeting_flow import MeetingFlow
from chuangwen.tasks.meetings import hold_meeting, plan_meeting
from chuangwen.tasks.models import Decision, Task
from chuangwen.tasks.packs import edit_pack

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ON_SCREEN = "[...document.querySelectorAll('.cw-slide')].filter((s) => s.offsetParent || s.offsetHeight).map((s) => s.id)"


@pytest.fixture
def pack(town):
    row = prepare_pack("weekly", timezone.localdate(), by=town.people["office"])
    return edit_pack(row, by=town.people["office"], focus="夜市占道")


def test_slides_turn_with_keys_and_fill_the_screen_one_at_a_time(town, pack, desk):
    one = desk(town.people["leader"], width=1920, height=1080)
    page = one.open(f"{pack.get_absolute_url()}slides/")
    last = page.locator(".cw-slide").count()
    assert last == 2 + len(pack.sections)
    steps = (
        ("ArrowRight", 2), ("Space", 3), ("PageDown", 4), ("ArrowLeft", 3), ("Home", 1), ("ArrowLeft", 1), ("End", last),
        ("ArrowRight", last),
    )  # fmt: skip
    assert page.evaluate(ON_SCREEN) == ["p1"]
    for key, at in steps:
        page.keyboard.press(key)
        assert page.evaluate(ON_SCREEN) == [f"p{at}"], key
        assert page.locator(f"#p{at} footer").inner_text().endswith(f"{at} / {last}")
    page.reload()
    assert page.evaluate(ON_SCREEN) == [f"p{last}"]
    # Read from five metres: words no smaller than 1/40 of the height, and nothing runs off the slide.
    page.keyboard.press("Home")
    for _n in range(last):
        sizes = page.evaluate(
            "[...document.querySelectorAll('.cw-slide[data-at] :is(p, td, h2, .cw-slide-focus)')]"
            ".map((e) => parseFloat(getComputedStyle(e).fontSize))"
        )
        assert min(sizes) >= 1080 / 40
        assert page.evaluate("document.documentElement.scrollHeight <= innerHeight + 1")
        page.keyboard.press("ArrowRight")
    page.emulate_media(media="print")
    assert len(page.evaluate(ON_SCREEN)) == last
    page.emulate_media(media="screen")
    page.keyboard.press("Escape")
    page.wait_for_url(f"**{pack.get_absolute_url()}")


def test_a_meeting_is_typed_with_the_keyboard_alone(town, desk):
    office, ahead = town.people["office"], timezone.localdate() + dt.timedelta(days=20)
    units = [town.units[code] for code in ("cgj", "jtj", "xhl")]
    start = timezone.now() + dt.timedelta(minutes=30)
    meeting = plan_meeting("周例会", start, "三楼", by=office, cadence="weekly", units=units)
    meeting = hold_meeting(MeetingFlow.take(meeting, "invite", by=office).matter, by=office)
    page = desk(office).open(meeting.get_absolute_url())

    page.locator(".cw-came tr").first.focus()
    for key in ("1", "4", "2", "3"):  # came; the next spoke and is on leave; the third is absent
        page.keyboard.press(key)
    page.keyboard.press("Control+s")
    page.locator("#attendance", has_text="到 1/3，请假 1，缺席 1，表态 1").wait_for()

    rows = page.locator("tr[data-blank]")
    before = rows.count()
    rows.first.locator("[name=text]").focus()
    for n in range(before + 1):  # Enter on the last row adds one
        page.keyboard.type(f"决定{n}")
        if n < before:
            page.keyboard.press("Enter")
    assert rows.count() == before + 1
    rows.first.locator("[name=unit]").fill("城市管理局")
    rows.first.locator("[name=due_on]").fill(ahead.isoformat())
    page.keyboard.press("Control+s")
    page.get_by_role("button", name="1 项转任务").click()
    page.locator("#decisions .cw-state", has_text="推进").wait_for()
    assert list(Decision.objects.order_by("rank").values_list("text", flat=True)) == [
        f"决定{n}" for n in range(before + 1)
    ]
    assert (Task.objects.get().title, Task.objects.get().due_on) == ("决定0", ahead)


def test_pages_of_the_rhythm_fit_a_phone_in_the_dark(town, pack, desk):
    meeting = plan_meeting(
        "周例会",
        timezone.now() + dt.timedelta(days=1),
        "三楼",
        by=town.people["office"],
        pack=pack,
        units=[town.units["cgj"]],
    )
    one = desk(town.people["office"], width=390, theme="dark")
    for path in (
        "/rhythm/", pack.get_absolute_url(), f"{pack.get_absolute_url()}slides/", "/meetings/", "/meetings/new/",
        meeting.get_absolute_url(), "/referrals/", "/structure/", "/studies/",
    ):  # fmt: skip
        page = one.open(path)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth + 1"), path
