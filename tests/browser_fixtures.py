"""A real Chromium on a real server: pages that count clicks and fail on any console error. Used by tests/browser and tests/stories."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest

ARGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
]  # fmt: skip
COUNT = """
window.__clicks = Number(sessionStorage.getItem("clicks") || 0);
const count = () => sessionStorage.setItem("clicks", ++window.__clicks);
addEventListener("click", (e) => { if (e.isTrusted && e.detail > 0) count(); }, true);
const typed = "input:not([type=checkbox]):not([type=radio]), textarea, select";
addEventListener("change", (e) => { if (e.target.matches(typed)) count(); }, true);
const keys = (e) => e.isTrusted && !e.target.closest("input, textarea, select") && !["Tab", "Shift"].includes(e.key);
addEventListener("keydown", (e) => { if (keys(e)) count(); }, true);
"""


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    path = os.environ.get("CHUANGWEN_CHROMIUM")
    if not path:
        pytest.skip("left out: no Chromium (set CHUANGWEN_CHROMIUM)")
    # Playwright runs a loop of its own in this thread; Django would take the test for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGS)
        yield browser
        browser.close()


class Desk:
    """One signed-in browser: opens pages, counts clicks, keeps every console error."""

    def __init__(self, browser: Any, url: str, **options: Any) -> None:
        self.url = url
        self.context = browser.new_context(**options)
        self.context.add_init_script(COUNT)
        self.page = self.context.new_page()
        self.page.set_default_timeout(15000)
        self.errors: list[str] = []
        self.page.on("console", lambda m: self.errors.append(m.text) if m.type == "error" else None)
        self.page.on("pageerror", lambda e: self.errors.append(str(e)))

    def sign_in(self, person: Any) -> Desk:
        from django.conf import settings
        from django.test import Client

        client = Client()
        client.force_login(person)
        value = client.cookies[settings.SESSION_COOKIE_NAME].value
        self.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": self.url}])
        return self

    def open(self, path: str) -> Any:
        self.page.goto(self.url + path)
        return self.page

    @property
    def clicks(self) -> int:
        return int(self.page.evaluate("Number(sessionStorage.getItem('clicks') || 0)"))


@pytest.fixture
def desk(chromium: Any, live_server: Any) -> Iterator[Any]:
    """Makes signed-in browsers: `desk(person, width=1440, theme="light", language="zh-hans")`."""
    made: list[Desk] = []

    def make(person: Any, *, width: int = 1440, height: int = 900, theme: str = "light", language: str = "zh-hans", **more: Any) -> Desk:
        one = Desk(chromium, live_server.url, viewport={"width": width, "height": height}, color_scheme=theme, **more)
        one.context.add_cookies([{"name": "django_language", "value": language, "url": live_server.url}])
        made.append(one.sign_in(person))
        return one

    yield make
    for one in made:
        one.context.close()
    assert [error for one in made for error in one.errors] == []
