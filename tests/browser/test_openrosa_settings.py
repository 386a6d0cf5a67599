"""The page that sets a phone up: its code read back by a reader of codes, on paper-white in the dark too."""

from __future__ import annotations

import base64
import json
import os
import zlib

import pytest

from tests.inspections.conftest import ground, planned, running

__all__ = ["ground", "planned", "running"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def read_code(png: bytes) -> str:
    import cv2
    import numpy as np

    picture = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)
    return cv2.QRCodeDetector().detectAndDecode(picture)[0]


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (390, "dark")])
def test_the_code_holds_the_settings_a_phone_needs(running, ground, desk, width, theme):
    running()
    rater = ground.raters[0]
    one = desk(rater, width=width, theme=theme, device_scale_factor=2)
    page = one.open("/openrosa/settings/")
    code = page.locator("img[src$='/qr.svg']")
    code.scroll_into_view_if_needed()
    told = json.loads(zlib.decompress(base64.b64decode(read_code(code.screenshot()))))
    assert told["general"]["server_url"] == f"{one.url}/openrosa"
    assert told["general"]["username"] == rater.username and "password" not in told["general"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.get_by_text("farm_market").count() == 0 and page.get_by_text("农贸市场（").count() == 1
    if os.environ.get("SHOTS"):
        page.screenshot(path=f"{os.environ['SHOTS']}/openrosa-{width}-{theme}.png", full_page=True)
    assert one.errors == []
