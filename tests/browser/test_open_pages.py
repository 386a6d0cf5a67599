"""Public pages in Chromium: axe finds nothing in light and dark on a phone, nothing overflows, the map draws; one stroke hides."""

from __future__ import annotations

import pytest
from django.utils import timezone

from chuangwen.kernel.evidence import masking
from chuangwen.kernel.models import Mask
from chuangwen.problems.actions import Told, confirm_case, take_report
from chuangwen.problems.flow import CaseFlow
from chuangwen.problems.models import Campaign, Publication, Submission
from chuangwen.problems.photos import add_photo
from chuangwen.problems.publication_flow import PublicationFlow
from tests.architecture.source import ROOT
from tests.browser_fixtures import Desk

AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
RULES = "{runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'], resultTypes: ['violations']}"


def faults(page):
    """What axe finds by the rules of WCAG 2.2 A and AA, each with the first place."""
    if not AXE.exists():
        pytest.skip("left out: axe-core is not installed (npm ci in frontend)")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(
        f"axe.run(document, {RULES}).then((r) => r.violations.map((v) => [v.id, v.nodes[0].html]))"
    )
    return [tuple(fault) for fault in found]


@pytest.fixture
def shown(town, make_picture):
    """One public case solved with both pictures, one draft whose picture has a proposal, figures and a campaign."""
    clerk, today, rows = town.people["clerk"], timezone.localdate(), []
    for shade in (20, 70):
        told = Told(
            "门口有垃圾", kind=town.kind, lon=113.002 + shade / 1e4, lat=34.763, photos=[make_picture(shade)]
        )
        rows.append(confirm_case(take_report(told, by=None).case, by=clerk, kind=town.kind))
    add_photo(rows[0], make_picture(150), role="fixed", by=town.people["liaison"])
    done = CaseFlow.take(rows[0], "answer", by=town.people["liaison"], given={"note": "清走"}).matter
    CaseFlow.take(done, "pass", by=clerk)
    first, draft = Publication.objects.select_related("before__blob", "after__blob").order_by("pk")
    for picture in (first.before, first.after):
        masking.decide(picture.blob, [("other", masking.Box(100, 100, 200, 200))], by=clerk)
    masking.propose(draft.before.blob, [("face", masking.Box(600, 100, 120, 160))])
    PublicationFlow.take(first, "publish", by=clerk)
    for i in range(6):
        Submission.objects.create(
            secret=f"{i:064x}",
            text="x",
            state="taken",
            case=done,
            rated_at=timezone.now(),
            is_satisfied=i > 0,
        )
    Campaign.objects.create(name="大家来找茬", rules="拍清楚\n写位置", from_on=today, to_on=today)
    return first, draft


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_public_pages_on_a_phone(chromium, live_server, shown, theme):
    visitor = Desk(chromium, live_server.url, viewport={"width": 390, "height": 844}, color_scheme=theme)
    campaign, wrong = Campaign.objects.get(), []
    paths = [
        "/p/cases/", f"/p/cases/{shown[0].uid}/", "/p/figures/", "/p/done/", "/p/data/", "/p/campaigns/",
        f"/p/campaigns/{campaign.pk}/", "/p/map/",
    ]  # fmt: skip
    for path in paths:
        page = visitor.open(path)
        if path == "/p/map/":
            page.wait_for_selector("#map[data-ready]")
            assert int(page.get_attribute("#map", "data-shown")) >= 1
        wrong += [(path, fault) for fault in faults(page)]
        if page.evaluate("document.documentElement.scrollWidth") > 390:
            wrong.append((path, "wider than the phone"))
    visitor.context.close()
    assert wrong == [] and visitor.errors == []


def test_the_desk_hides_with_one_stroke_and_with_keys(desk, town, shown):
    draft = shown[1]
    clerk = desk(town.people["clerk"])
    page = clerk.open(f"/publications/{draft.pk}/picture/{draft.before_id}/")
    page.wait_for_selector("form[data-ready]")
    assert faults(page) == []
    page.locator("[data-canvas] rect").first.click()  # the proposal is no face: off
    frame = page.locator("[data-canvas]").bounding_box()
    page.mouse.move(frame["x"] + frame["width"] * 0.2, frame["y"] + frame["height"] * 0.2)
    page.mouse.down()
    page.mouse.move(frame["x"] + frame["width"] * 0.4, frame["y"] + frame["height"] * 0.5, steps=4)
    page.mouse.up()
    page.keyboard.press("n")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    page.get_by_role("button", name="保存").click()
    page.wait_for_url(f"**/publications/{draft.pk}/")
    assert Mask.objects.get(blob=draft.before.blob, is_proposed=True).is_on is False
    drawn = sorted(masking.boxes_on(draft.before.blob))
    assert len(drawn) == 2 and drawn[1] == (460, 450, 100, 110)
    assert all(abs(a - b) <= 6 for a, b in zip(drawn[0], (200, 200, 200, 300), strict=True))
    assert faults(page) == []
    assert faults(clerk.open("/publications/")) == []
