"""The pages of one's own account: in our look, with nothing the content policy would block."""

from __future__ import annotations

import re

import pytest
from django.test import Client

# A block of JSON is data, not code; the policy lets it be.
CODE = re.compile(r"<script(?![^>]*src=)(?![^>]*application/json)|<style|\sstyle=|\son\w+=|src=\"data:", re.I)
PAGES = ("/accounts/2fa/", "/accounts/2fa/totp/activate/", "/accounts/2fa/webauthn/add/", "/accounts/password/change/", "/me/")


@pytest.fixture
def client(town):
    office = town.people["office"]
    office.set_password("a-long-password")
    office.save()
    client = Client()
    client.post("/accounts/login/", {"login": "office", "password": "a-long-password"})
    client.post("/accounts/reauthenticate/", {"password": "a-long-password"})
    return client


@pytest.mark.parametrize("url", PAGES)
def test_account_pages_keep_the_content_policy_and_our_frame(client, url):
    answer = client.get(url)
    assert answer.status_code == 200
    html = answer.content.decode()
    assert CODE.findall(html) == []
    assert html.count('class="cw-top"') == 1 and "css/tokens.css" in html
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]


def test_code_for_the_authenticator_is_drawn_in_the_page(client):
    html = client.get("/accounts/2fa/totp/activate/").content.decode()
    assert "<svg" in html and 'name="code"' in html


def test_a_sensitive_page_asks_again_who_one_is(town):
    client = Client()
    client.force_login(town.people["office"])
    answer = client.get("/accounts/2fa/totp/activate/")
    assert answer.status_code == 302 and "/reauthenticate/" in answer.headers["Location"]
    again = client.get(answer.headers["Location"])
    assert again.status_code == 200 and CODE.findall(again.content.decode()) == []


def test_no_second_language_breaks_the_pages(client):
    client.post("/language/", {"language": "en", "next": "/me/"})
    assert "Two-Factor Authentication" in client.get("/accounts/2fa/").content.decode()
