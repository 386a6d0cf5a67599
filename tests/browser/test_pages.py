"""Every page opened in Chromium, wide and narrow, in both languages, light and dark: no console error, nothing sticks out."""

from __future__ import annotations

import pytest
from django.utils import timezone

from chuangwen.kernel.evidence import store
from chuangwen.kernel.places.datum import Datum
from chuangwen.problems.actions import Told, confirm_case, hand_over, take_report
from chuangwen.problems.models import Handover

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGES = {
    "office": ("/", "/today/new/", "/cases/", "/cases/?tab=open&kind=0301&reported=90d", "/cases/{case}/", "/cases/new/", "/map/",
               "/sites/", "/sites/S1/", "/duties/", "/organisation/", "/things/", "/rates/", "/rates/open/", "/gaps/", "/notices/",
               "/gates/", "/burden/", "/handovers/", "/import/", "/search/?q=%E5%9E%83%E5%9C%BE", "/me/"),
    "liaison": ("/", "/cases/", "/cases/{case}/", "/cases/{case}/steps/return/"),
    "leader": ("/", "/map/"),
    "inspector": ("/", "/report/", "/patrol/"),
    "supervisor": ("/", "/handovers/{handover}/", "/handovers/{handover}/file/"),
    "auditor": ("/", "/verify/"),
    "admin": ("/",),
    "nobody": ("/",),
}  # fmt: skip
YEAR = {
    "office": ("/standards/", "/standards/{edition}/1-01/", "/standards/{edition}/1-02/", "/standards/{edition}/difference/",
               "/standards/coverage/", "/standards/coverage/?need={need}", "/standards/import/", "/standards/notices/",
               "/standards/notices/{notice}/",
               "/tasks/", "/tasks/new/", "/tasks/{task}/", "/tasks/{task}/edit/", "/tasks/import/", "/tasks/projects/",
               "/plans/", "/plans/new/", "/plans/{plan}/", "/plans/{plan}/table/", "/plans/{plan}/months/",
               "/drives/", "/drives/{drive}/", "/drives/{drive}/edit/", "/drives/templates/{template}/", "/demos/", "/demos/{demo}/",
               "/dossier/", "/dossier/{item}/", "/dossier/complete/", "/dossier/exports/",
               "/rounds/", "/rounds/new/", "/rounds/{round}/", "/rounds/{round}/print/", "/rounds/agreement/", "/rounds/opinions/",
               "/surveys/", "/surveys/new/", "/surveys/{survey}/", "/surveys/{survey}/answers/",
               "/scores/", "/scores/weak/", "/scores/official/", "/scores/official/{result}/", "/scores/negative/",
               "/scores/negative/new/", "/scores/rule/",
               "/scores/rule/new/"),
    "liaison": ("/", "/standards/", "/standards/coverage/", "/standards/notices/{notice}/", "/tasks/", "/tasks/{task}/",
                "/dossier/", "/dossier/{item}/", "/drives/", "/demos/"),
    "leader": ("/tasks/", "/standards/coverage/", "/rounds/", "/scores/official/"),
    "checker": ("/rounds/today/", "/visits/{visit}/"),
}  # fmt: skip
LOOKS = [(1440, "light", "zh-hans"), (1440, "dark", "en"), (390, "light", "en"), (390, "dark", "zh-hans")]


@pytest.fixture
def shown(town, make_picture):
    def told(**more):
        return Told(text="南门垃圾桶满溢两天了没人管", lon=113.0, lat=34.7601, kind=town.kind, **more)

    take_report(told(contact="13812345678"), by=None)
    case = confirm_case(take_report(told(photos=[make_picture(10)]), by=None).case, by=town.people["office"])
    kept = store.read(make_picture(99))
    store.attach(
        kept,
        case,
        role="fixed",
        by=None,
        at=timezone.now(),
        taken_at=timezone.now(),
        point=(113.0, 34.7601, Datum.WGS84),
    )
    other = confirm_case(take_report(told(), by=None).case, by=town.people["office"])
    hand_over(
        other, kind="supervision", to_unit=town.units["dcj"], reason="久拖不改", by=town.people["clerk"]
    )
    return {"case": case.number, "handover": Handover.objects.get().pk}


def walk(town, desk, pages, keys, **look):
    """Opens every page of every post; what stands out of the window is told together."""
    wide = []
    for name, paths in pages.items():
        one = desk(town.people[name], height=900, **look)
        for path in paths:
            page = one.page
            answer = page.goto(one.url + path.format(**keys))
            assert answer.ok, (name, path, answer.status)
            assert page.locator("main").inner_text().strip(), path
            over = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            if over > 0:
                wide.append((name, path, over))
            assert page.locator("html").get_attribute("lang") == (
                "en" if look["language"] == "en" else "zh-CN"
            ), path
    assert wide == []


@pytest.mark.parametrize(("width", "theme", "language"), LOOKS)
def test_every_page_of_every_post(town, desk, shown, width, theme, language):
    walk(town, desk, PAGES, shown, width=width, theme=theme, language=language)


@pytest.mark.parametrize(("width", "theme", "language"), [(1440, "light", "zh-hans"), (390, "dark", "en")])
def test_every_page_of_a_year(town, desk, year, width, theme, language):
    walk(town, desk, YEAR, year, width=width, theme=theme, language=language)


def test_keys_alone_open_a_case_and_come_back(town, desk, shown):
    one = desk(town.people["office"])
    page = one.open("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
    page = one.open("/cases/")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.locator(".cw-bulk").wait_for()
    assert "已选 1 件" in page.locator(".cw-bulk").inner_text()
    page.keyboard.press("Enter")
    page.wait_for_url("**/cases/SL-*/")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.name") == "q"


def test_a_filter_is_chosen_in_two_clicks_and_kept_in_the_address(town, desk, shown):
    one = desk(town.people["office"])
    page = one.open("/cases/")
    page.locator("summary", has_text="状态").click()
    page.locator(".cw-choices a", has_text="待核实").click()
    page.wait_for_url("**/cases/?state=reported")
    assert page.locator("#list tbody tr").count() == 1
    assert one.clicks == 2
    page.go_back()
    page.wait_for_url("**/cases/")
    page.locator("#list tbody tr").nth(1).wait_for()


def test_touch_targets_are_large_enough_on_the_phone(town, desk, shown):
    one = desk(town.people["inspector"], width=390, height=844, has_touch=True)
    small = []
    for path in ("/", "/report/"):
        page = one.open(path)
        for box in page.locator(
            "main button:visible, main a.btn:visible, main input:not([type=hidden]):visible"
        ).all():
            size = box.bounding_box()
            if size and 1 < size["height"] < 43.5:  # a file field is one pixel behind its label
                small.append((path, box.evaluate("e => e.outerHTML.slice(0, 80)"), size["height"]))
    assert small == []
