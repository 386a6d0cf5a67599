"""Takes the README's pictures of a running demo city: tools/pictures.py http://127.0.0.1:8000

Signs in by the sign-in page's own sample people, so it works only on a demo city at loopback. Needs Chromium
(CHUANGWEN_CHROMIUM or on the search path) and the packages of requirements/lock-dev.txt.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import sync_playwright

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "pictures"
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
]
WIDE: Any = {"width": 1440, "height": 900}
PHONE: Any = {"width": 390, "height": 844}


def save(page: Any, name: str) -> None:
    """A picture of what the window shows, in 256 colours: small enough for a repository."""
    path = FOLDER / f"{name}.png"
    page.wait_for_timeout(1200)
    page.screenshot(path=path)
    Image.open(path).convert("RGB").quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)
    print(f"{name}: {path.stat().st_size // 1024} kB")


def sign_in(context: Any, address: str, role: str) -> Any:
    page = context.new_page()
    page.goto(f"{address}/accounts/login/")
    page.get_by_role("button", name=role).first.click()
    page.wait_for_url(f"{address}/")
    return page


def closed(page: Any, address: str) -> None:
    """The month that was closed last, and its circular."""
    page.goto(f"{address}/rankings/")
    links = [link.get_attribute("href") for link in page.locator("main td a[href^='/rankings/']").all()]
    page.goto(f"{address}{links[0]}")
    save(page, "ranking")
    page.goto(f"{address}/papers/?kind=circular&state=issued")
    page.locator("main tbody a[href^='/papers/']").first.click()
    page.wait_for_url(f"{address}/papers/GW-*/")
    save(page, "paper")


def scored(page: Any, address: str) -> None:
    """From standard to forecast, as the office sees it."""
    page.goto(f"{address}/standards/coverage/")
    save(page, "coverage")
    page.goto(f"{address}/scores/")
    save(page, "forecast")
    page.goto(f"{address}/rounds/?kind=mock&state=released")
    page.locator("#list tbody a").first.click()
    page.wait_for_url(f"{address}/rounds/*-*/")
    page.locator("details.cw-more summary").first.click()
    save(page, "round")
    page.goto(f"{address}/dossier/?state=office_check")
    items = [link.get_attribute("href") for link in page.locator("#list tbody a").all()]
    for item in items:  # the first one the pre-check asked a word about
        page.goto(f"{address}{item}")
        if page.get_by_text("处要说明").count():
            break
    save(page, "dossier")


def main(address: str) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        path = os.environ.get("CHUANGWEN_CHROMIUM") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=path, args=ARGS)
        stranger = browser.new_context(viewport=WIDE, locale="zh-CN").new_page()
        stranger.goto(f"{address}/accounts/login/")
        save(stranger, "signin")
        page = sign_in(browser.new_context(viewport=WIDE, locale="zh-CN"), address, "督导员")
        save(page, "today")
        page.goto(f"{address}/cases/?tab=open")
        save(page, "cases")
        page.goto(f"{address}/cases/?state=answered&source=patrol")
        page.locator("#list tbody a").first.click()
        page.wait_for_url(f"{address}/cases/*-*/")
        save(page, "case")
        page.goto(f"{address}/map/")
        page.wait_for_timeout(3000)
        save(page, "map")
        office = sign_in(browser.new_context(viewport=WIDE, locale="zh-CN"), address, "创建办")
        scored(office, address)
        closed(office, address)
        phone = sign_in(browser.new_context(viewport=PHONE, locale="zh-CN"), address, "巡查员")
        phone.goto(f"{address}/report/")
        phone.get_by_label("什么问题").first.fill("南门垃圾桶满溢两天")
        phone.wait_for_timeout(800)
        save(phone, "report")
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000")
