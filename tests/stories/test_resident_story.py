"""Story 9: a resident with an old phone scans the code on a bin, reports in seconds, and says two days later it is not solved."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.utils import timezone

from chuangwen.kernel.evidence import masking
from chuangwen.problems.actions import confirm_case
from chuangwen.problems.flow import CaseFlow
from chuangwen.problems.models import Case, Publication, Submission
from chuangwen.problems.photos import add_photo
from chuangwen.problems.publication_flow import PublicationFlow
from tests.browser_fixtures import Desk

pytestmark = [pytest.mark.browser, pytest.mark.story, pytest.mark.django_db(transaction=True)]


def mend(town, make_picture):
    """The city mends it and shows the picture."""
    people, now = town.people, timezone.now() + dt.timedelta(seconds=5)
    case = confirm_case(Case.objects.get(), by=people["dispatcher"], kind=town.kind, at=now)
    add_photo(case, make_picture(150), role="fixed", by=people["liaison"], at=now)
    case = CaseFlow.take(case, "answer", by=people["liaison"], given={"note": "清走"}, at=now).matter
    CaseFlow.take(case, "pass", by=people["checker"], at=now)
    shown = Publication.objects.get()
    for picture in (shown.before, shown.after):
        masking.decide(picture.blob, [], by=people["office"])
    PublicationFlow.take(shown, "publish", by=people["office"])


def test_9_a_resident_with_an_old_phone(town, chromium, live_server, make_picture, tmp_path):
    photo = tmp_path / "bin.jpg"
    photo.write_bytes(make_picture(66))
    phone = Desk(chromium, live_server.url, viewport={"width": 390, "height": 844}, has_touch=True, locale="zh-CN",
                 geolocation={"latitude": 34.765, "longitude": 113.0}, permissions=["geolocation"])  # fmt: skip
    page = phone.open(f"/p/s/{town.site.code}/")
    page.locator("#photo").set_input_files(str(photo))
    page.locator("[data-photos-shown] img").wait_for()
    page.get_by_label("怎么了").fill("垃圾桶满了两天")
    page.get_by_role("button", name="上报").click()
    page.wait_for_url(re.compile("/p/f/"))
    link = page.url
    # The camera's shutter and its tick are two taps the browser does not see.
    assert phone.clicks + 2 <= 6
    assert page.get_by_text("你报了").count() == 1 and page.get_by_role("heading", name="收好这个网址").count() == 1
    row = Submission.objects.get()
    assert (row.channel, row.case.site, row.phone, row.name) == ("qr", town.site, "", "")

    mend(town, make_picture)
    page.goto(link)
    for alt in ("你拍的照片", "办好后的照片"):
        assert page.get_by_alt_text(alt).evaluate("(e) => e.decode().then(() => e.naturalWidth)") > 100
    assert page.get_by_text("交给城市管理局").count() == 1
    assert not [name for name in town.people if f"示例 {name}" in page.content()]
    page.get_by_role("button", name="没解决").click()
    page.get_by_text("你评了：没解决").wait_for()
    assert Case.objects.get().state == "spot"
    page.get_by_text("有人说没解决，派人到现场再看").wait_for()
    assert phone.errors == []
    phone.context.close()
