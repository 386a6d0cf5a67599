"""The pages of the rates: who sees whose, figures that open, paper and Excel."""

from __future__ import annotations

import re
from io import BytesIO

import pytest

LINK = re.compile(r'href="(/rates/cases/\?[^"]+)">([\d,]+)</a>')


@pytest.fixture
def open_as(client, month):
    def open_as(who, address):
        client.force_login(month.people[who])
        return client.get(address)

    return open_as


@pytest.mark.parametrize("subject", ["unit", "street", "kind", "dispatcher", "checker"])
def test_every_link_opens_as_many_cases_as_it_says(open_as, subject):
    text = open_as("office", f"/rates/?by={subject}&month=2026-11").content.decode()
    links = LINK.findall(text)
    assert len(links) >= 4
    for address, figure in links:
        opened = open_as("office", address.replace("&amp;", "&")).content.decode()
        assert opened.count('<a href="/cases/SL-') == int(figure), address


def test_liaison_sees_the_own_unit_only(open_as, month):
    text = open_as("liaison", "/rates/?month=2026-11").content.decode()
    assert "城市管理局" in text
    assert "交通运输局" not in text
    other = f"/rates/cases/?rate=fixed&side=whole&by=unit&key={month.units['jtj'].pk}&from=2026-11-01&to=2026-11-30"
    opened = open_as("liaison", other).content.decode()
    assert "/cases/SL-" not in opened
    assert "交通运输局" not in opened
    assert open_as("nobody", "/rates/").status_code == 404
    assert open_as("grid_keeper", "/rates/open/").status_code == 404


@pytest.mark.parametrize("address", [
    "/rates/?by=planet", "/rates/?month=2026-13", "/rates/?from=2026-11-02&to=2026-11-01", "/rates/?from=x&to=y",
    "/rates/cases/?rate=nothing&side=part", "/rates/cases/?rate=fixed&side=left", "/rates/cases/?rate=filed&by=unit&key=1",
    "/rates/cases/?rate=fixed&key=x", "/rates/open/?side=part&key=²",
])  # fmt: skip
def test_an_address_that_means_nothing_is_not_found(open_as, address):
    assert open_as("office", address).status_code == 404


def test_sorted_by_a_rate_and_unknown_last(open_as):
    text = open_as("office", "/rates/?month=2026-11&sort=-fixed").content.decode()
    assert text.index("城市管理局") < text.index("交通运输局")
    assert 'aria-sort="descending"' in text
    text = open_as("office", "/rates/?month=2026-11&sort=fixed").content.decode()
    assert text.index("城市管理局") > text.index("交通运输局")
    # Never looked at again: no rate, and so last whichever way it is sorted.
    for sort in ("spot_good", "-spot_good"):
        text = open_as("office", f"/rates/?month=2026-11&sort={sort}").content.decode()
        assert text.index("城市管理局") < text.index("交通运输局")


def test_excel_holds_the_same_figures(open_as):
    from openpyxl import load_workbook

    answer = open_as("office", "/rates/?month=2026-11&export=xlsx")
    rows = list(load_workbook(BytesIO(answer.content)).active.iter_rows(values_only=True))
    head = rows[1]
    at = head.index("处置率%")
    own = next(row for row in rows if row[0] == "城市管理局")
    assert own[at : at + 3] == (60, 3, 5)
    assert rows[-1][0] == "合计"
    assert rows[-1][at : at + 3] == (50, 3, 6)


def test_open_cases_by_kind(open_as):
    text = open_as("office", "/rates/open/").content.decode()
    assert "暴露垃圾" in text
    for side, key in re.findall(r"\?side=(part|whole)&amp;key=(\w+)", text):
        opened = open_as("office", f"/rates/open/?side={side}&key={key}").content.decode()
        figure = re.search(rf'\?side={side}&amp;key={key}">([\d,]+)</a>', text)[1]
        assert opened.count('<a href="/cases/SL-') == int(figure)


def test_empty_month_says_what_to_do(open_as):
    assert "这一期没有案件" in open_as("office", "/rates/?month=2020-01").content.decode()
