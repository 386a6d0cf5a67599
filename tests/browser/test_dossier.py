"""One material written, its files dropped and pasted, sent and reviewed with keys in Chromium."""

from __future__ import annotations

import base64

import pytest

from chuangwen.dossier.models import Document, Item
from tests.conftest import picture
from tests.dossier.conftest import PDF, add, asked, dossier

__all__ = ["add", "asked", "dossier"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

GIVE = """([kind, name, type, data]) => {
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  const bag = new DataTransfer();
  bag.items.add(new File([bytes], name, { type }));
  const how = { bubbles: true, cancelable: true };
  document.body.dispatchEvent(kind === "drop" ? new DragEvent("drop", { ...how, dataTransfer: bag })
    : new ClipboardEvent("paste", { ...how, clipboardData: bag }));
}"""


def give(page, kind, name, media, data):
    page.evaluate(GIVE, [kind, name, media, base64.b64encode(data).decode()])


def test_written_dropped_sent_and_reviewed_with_keys(asked, desk):
    item = asked.items["doc"]
    one = desk(asked.people["liaison"])
    page = one.open(item.get_absolute_url())
    text = page.locator("textarea[name=report]")
    text.fill("今年 出台\n方案。")
    assert page.locator("#count").inner_text() == "7"
    page.keyboard.press("Control+s")
    page.locator("#said", has_text="已存").wait_for()
    assert Item.objects.get(pk=item.pk).report == "今年 出台\n方案。"

    give(page, "drop", "关于志愿服务的通知.pdf", "application/pdf", PDF)
    page.locator("#papers:not(.htmx-added):not(.htmx-settling) li").wait_for()  # its fields listen from then on
    page.locator("input[name=number]").fill("示创〔2026〕3号")
    page.locator("input[name=dated_on]").fill("2026-03-05")
    page.locator("textarea[name=report]").focus()
    page.locator("#checks", has_text="没有查出问题").wait_for()
    document = Document.objects.get()
    assert (document.title, document.number, str(document.dated_on)) == (
        "关于志愿服务的通知",
        "示创〔2026〕3号",
        "2026-03-05",
    )

    give(page, "paste", "截图.png", "image/png", picture(30))
    page.locator("#checks", has_text="实景图片").or_(
        page.locator("#checks", has_text="JPEG 文件")
    ).first.wait_for()
    page.get_by_role("button", name="去掉").last.click()
    page.get_by_role("button", name="恢复").wait_for()
    page.locator("h1").click()
    page.keyboard.press("1")
    page.locator("#step form").wait_for()
    page.locator("#step button.btn-primary").click()
    page.locator(".cw-casehead .cw-state", has_text="单位审核").wait_for()

    head = desk(asked.people["head"], width=390, theme="dark")
    page = head.open(item.get_absolute_url())
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth + 1")
    page.locator(".cw-steps .btn-primary").click()
    page.locator("#step button.btn-primary").click()
    page.locator(".cw-casehead .cw-state", has_text="创建办审核").wait_for()


@pytest.mark.parametrize(("width", "theme", "language"), [(1440, "dark", "en"), (390, "light", "zh-hans")])
def test_pages_stand_in_their_width(asked, add, desk, width, theme, language):
    add("doc")
    one = desk(asked.people["clerk"], width=width, theme=theme, language=language)
    for path in (
        "/dossier/",
        f"/dossier/{asked.items['doc'].pk}/",
        "/dossier/complete/?year=2026",
        "/dossier/exports/",
    ):
        page = one.open(path)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth + 1"), path
