"""The wall map: as a page, on paper of the right size with its words, without overlap, and what it says without a font."""

from __future__ import annotations

import datetime as dt
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from chuangwen.faces.wall import labels, map_pdf
from chuangwen.faces.wall.labels import Box
from chuangwen.faces.wall.map_page import atlas_of
from chuangwen.faces.wall.outline import Area, frame_over, short
from chuangwen.faces.wall.placing import Taken
from chuangwen.faces.wall.sites import Site
from chuangwen.kernel.city import forget
from chuangwen.kernel.models import Duty, Place
from chuangwen.kernel.screens import fonts
from chuangwen.problems.actions import Told, confirm_case, take_report
from chuangwen.problems.models import Case
from chuangwen.problems.situation import Load

pypdfium2 = pytest.importorskip("pypdfium2")


@pytest.fixture
def font():
    try:
        return fonts.chinese_font()
    except fonts.NoFont:
        pytest.skip("left out: no Chinese font on this machine")


def texts(data):
    document = pypdfium2.PdfDocument(data)
    try:
        sizes = [tuple(round(side / 72 * 25.4) for side in page.get_size()) for page in document]
        return sizes, [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()


@pytest.fixture
def mapped(town):
    told = Told(text="市场漏水", source="resident", kind=town.kind, site=town.site)
    case = confirm_case(take_report(told, by=None).case, by=town.people["office"])
    Case.objects.filter(pk=case.pk).update(due_at=timezone.now() - dt.timedelta(days=1))
    Duty.objects.create(
        kind="site_unit", place=town.site, unit=town.units["cgj"], from_on=dt.date(2026, 1, 1)
    )
    forget()
    return town


@pytest.mark.django_db
@pytest.mark.parametrize(("size", "sides"), [("A0", (1189, 841)), ("A3", (420, 297))])
def test_paper_has_its_size_and_words(mapped, font, size, sides):
    data = map_pdf.pdf_of(atlas_of(mapped.people["office"], timezone.now()), size)
    sizes, pages = texts(data)

    assert sizes == [sides]
    for words in ("示例市创建点位挂图", "新华路街道", "文化街农贸市场 1", "有超期案件 1 处", "示意图形"):
        assert words in pages[0], words


def crowd(n):
    return [
        Site(
            i,
            f"S{i}",
            f"拥挤点位{i}号",
            "",
            1,
            "城管局",
            dt.date(2026, 11, 3),
            Load(i % 3, int(i % 3 == 2)),
            113.0 + i % 7 * 1e-4,
            34.76,
        )
        for i in range(1, n + 1)
    ]


def test_what_has_no_room_stands_in_lists(font):
    street = Place(pk=1, kind="street", code="1", name="新华路街道", short_name="新华路街道")
    street.shape = {
        "type": "Polygon",
        "coordinates": [[[112.9, 34.7], [113.1, 34.7], [113.1, 34.8], [112.9, 34.8]]],
    }
    atlas = map_pdf.Atlas("示例市", timezone.localtime(), [street], [], crowd(300), False)
    sizes, pages = texts(map_pdf.pdf_of(atlas, "A3"))

    assert len(sizes) > 2
    assert "个点位只有编号，见后面各镇街页" in pages[0]
    listed = "".join(pages[1:])
    for site in atlas.sites:
        assert site.name in listed, site.name
    assert "2026-11-03" in listed


@given(st.lists(st.tuples(st.floats(0, 200), st.floats(0, 150), st.floats(1, 40)), max_size=60))
@settings(max_examples=30)
def test_no_two_labels_overlap(points):
    taken, boxes = Taken(Box(0, 0, 200, 150)), []
    for x, y, width in points:
        box = taken.spot(x, y, width, 3, 1)
        if box:
            assert box.left >= 0
            assert box.bottom <= 150
            assert not any(box.meets(other) for other in boxes)
            boxes.append(box)


@given(
    st.lists(
        st.tuples(st.floats(100, 900), st.floats(100, 600), st.integers(0, 5000)), min_size=1, max_size=25
    )
)
@settings(max_examples=30)
def test_names_on_the_screen_never_overlap_and_lose_no_case(points):
    areas = [Area(i, str(i), "新华路", "", x, y, 10.0) for i, (x, y, _n) in enumerate(points)]
    loads = {i: Load(n, n // 9) for i, (_x, _y, n) in enumerate(points)}
    placed = labels.place(areas, loads)

    assert sum(label.load.open for label in placed) == sum(n for _x, _y, n in points)
    assert sum(label.areas for label in placed) == len(areas)
    boxes = [label.box for label in placed]
    assert not any(a.meets(b) for i, a in enumerate(boxes) for b in boxes[:i])


def test_frame_keeps_lengths_even_and_inside():
    frame = frame_over([(112.0, 34.0), (114.0, 35.0)], 1000, 800, 10)
    corners = [frame.at(lon, lat) for lon in (112.0, 114.0) for lat in (34.0, 35.0)]
    assert all(9.9 <= x <= 990.1 and 9.9 <= y <= 790.1 for x, y in corners)
    assert frame.at(112, 35)[1] < frame.at(112, 34)[1]  # north is up
    assert frame_over([], 1, 1, 0) is None
    assert [short(name) for name in ("新华路街道", "米河镇", "东镇")] == ["新华路", "米河", "东镇"]


@pytest.mark.django_db
def test_page_by_street_and_as_pdf(mapped, font):
    client = Client()
    client.force_login(mapped.people["leader"])
    whole = client.get("/wall/map/").content.decode()
    one = client.get(f"/wall/map/?street={mapped.street.code}").content.decode()

    assert '<a href="/wall/map/?street=410181001000">' in whole
    assert "文化街农贸市场" in one
    assert "城市管理局" in one
    assert client.get("/wall/map/?street=nowhere").status_code == 404
    assert client.get("/wall/map/map.pdf?size=A7").status_code == 404
    answer = client.get(f"/wall/map/map.pdf?size=A3&street={mapped.street.code}")
    assert answer["Content-Type"] == "application/pdf"
    assert "新华路街道创建点位挂图" in texts(answer.content)[1][0]


@pytest.mark.django_db
def test_map_counts_only_what_one_may_see(mapped):
    """A unit sees its own cases; a person without a post none."""
    now, among = timezone.now(), [mapped.street]
    from chuangwen.faces.wall.sites import sites_of

    counted = {
        role: sites_of(mapped.people[role], now, among)[0].load
        for role in ("office", "liaison", "liaison2", "nobody")
    }
    assert counted == {"office": Load(1, 1), "liaison": Load(1, 1), "liaison2": Load(), "nobody": Load()}


@pytest.mark.django_db
def test_command_writes_a_file_or_says_why_not(mapped, font, tmp_path):
    out = tmp_path / "map.pdf"
    call_command("wallmap", size="A3", out=out, stdout=StringIO())
    assert texts(out.read_bytes())[0] == [(420, 297)]
    with pytest.raises(CommandError, match="没有编码为 nowhere 的镇街"):
        call_command("wallmap", size="A3", out=out, street="nowhere", stdout=StringIO())


def test_without_a_font_it_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setattr(fonts, "FOLDERS", (str(tmp_path),))
    monkeypatch.delenv("CHUANGWEN_FONT", raising=False)
    fonts.chinese_font.cache_clear()
    with pytest.raises(fonts.NoFont, match="fonts-noto-cjk"):
        fonts.chinese_font()
    with pytest.raises(fonts.NoFont, match="核对 CHUANGWEN_FONT"):
        fonts.chinese_font(str(tmp_path / "none.ttf"))
    fonts.chinese_font.cache_clear()
