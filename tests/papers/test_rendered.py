"""Every kind is laid out by LibreOffice and measured: margins, lines and characters, page number, rules, 版记."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chuangwen.papers.format.content import Block
from chuangwen.papers.format.kinds import KINDS, sample
from chuangwen.papers.format.write import write
from chuangwen.papers.pdf import NoPdf, all_to_pdf, font_aliases, office_program, to_pdf

OFF = 1.0  # mm
ABOVE = 3.4  # a line is 10.2 mm high, its characters 5.6: so much is empty above them
FILLS = range(14, 24, 2)  # paragraphs; the last page is full to another line with each


def _files():
    files = {kind: write(sample(kind)) for kind in KINDS}
    plain = replace(sample("notice"), attachments=(), attachments_note=(), note="")
    files["full"] = write(replace(plain, blocks=tuple(Block("测" * 400) for _ in range(6))))
    files["upward"] = write(replace(sample("report"), sealed=False))
    for count in FILLS:
        files[f"fill{count}"] = write(replace(plain, blocks=tuple(Block("整治工作") for _ in range(count))))
    return files


@pytest.fixture(scope="module")
def pages():
    if office_program() is None:
        pytest.skip("left out: LibreOffice is not installed (Debian: libreoffice-writer-nogui)")
    pypdfium2 = pytest.importorskip("pypdfium2")
    from tests.papers.rendered import Page

    return {
        name: [Page(page) for page in pypdfium2.PdfDocument(made)]
        for name, made in all_to_pdf(_files()).items()
    }


def numbered(page):
    """The page number, alone below the text area."""
    return [line for line in page.lines if line.middle > 263]


def is_footer(line):
    return line.middle > 263


def test_paper_is_a4_and_nothing_stands_in_the_margins(pages):
    for name, each in pages.items():
        is_letter = name in KINDS and KINDS[name].form == "letter"
        for at, page in enumerate(each):
            assert (round(page.width), round(page.height)) == (210, 297), name
            for line in page.lines:
                if is_footer(line) or (is_letter and at == 0 and line.bottom < 48):
                    continue
                assert line.left >= 28 - OFF, (name, at, line)
                # LibreOffice lets a comma hang over the edge where Word pushes it back into the line.
                assert line.right <= 184 + OFF + (4 if line.text[-1] in "，。、；：" else 0), (name, at, line)
                assert line.top >= 37 - OFF and line.bottom <= 262 + OFF, (name, at, line)


def test_a_full_page_has_22_lines_of_28_characters(pages):
    page = pages["full"][1]
    lines = [line for line in page.lines if not is_footer(line)]
    assert len(lines) == 22
    whole = [line for line in lines if line.left < 30 and line is not lines[-1] and line.right > 180]
    assert len(whole) > 15
    assert {len(line.text) for line in whole} == {28}
    assert all(abs(line.left - 28) < OFF and abs(line.right - 184) < OFF for line in whole)
    assert abs(lines[0].top - (37 + ABOVE)) < OFF
    assert abs((lines[-1].top - lines[0].top) - 21 * 225 / 22) < OFF
    first = next(line for line in lines if 30 < line.left < 60 and line.right > 180)
    assert abs(first.left - (28 + 2 * 156 / 28)) < OFF and len(first.text) == 26


def test_page_numbers_stand_outside_7_mm_below_the_text(pages):
    for name, each in pages.items():
        is_letter = name in KINDS and KINDS[name].form == "letter"
        for at, page in enumerate(each, 1):
            found = numbered(page)
            if is_letter and at == 1:
                assert found == [], name
                continue
            (line,) = found
            assert line.text.replace(" ", "") == f"—{at}—", name
            assert abs(line.middle - (262 + 7)) < OFF, (name, line)
            if at % 2:
                assert abs(line.right - (184 - 156 / 28)) < OFF, (name, line)
            else:
                assert abs(line.left - (28 + 156 / 28)) < OFF, (name, line)


@pytest.mark.parametrize("kind", [kind for kind, one in KINDS.items() if one.form == "file"])
def test_mark_stands_35_mm_down_and_the_red_rule_4_mm_under_the_number(pages, kind):
    page = pages[kind][0]
    top, _bottom = page.ink(page.red, 37, 100)
    assert abs(top - (37 + 35)) < OFF
    ((left, right, upper, _lower),) = page.rules(page.red, 120)
    assert abs(left - 28) < OFF and abs(right - 184) < OFF
    number = next(line for line in page.lines if "〔2026〕" in line.text)
    low = page.ink(page.dark, number.middle, upper - 0.5)[1]
    assert abs(upper - low - 4) < OFF


def test_an_upward_paper_has_its_signer_on_the_right(pages):
    line = next(line for line in pages["report"][0].lines if "〔2026〕" in line.text)
    assert "签发人：王某某" in line.text
    assert abs(line.left - (28 + 156 / 28)) < 2 * OFF and abs(line.right - (184 - 156 / 28)) < 2 * OFF


@pytest.mark.parametrize("kind", [kind for kind, one in KINDS.items() if one.form == "letter"])
def test_letters_have_two_red_rules_of_170_mm(pages, kind):
    page = pages[kind][0]
    assert abs(page.ink(page.red, 20, 60)[0] - 30) < OFF
    rules = page.rules(page.red, 150)
    head, foot = [rule for rule in rules if rule[2] < 100], [rule for rule in rules if rule[2] > 200]
    assert head and foot
    for left, right, _top, _bottom in rules:
        assert abs(right - left - 170) < OFF and abs((left + right) / 2 - 105) < OFF
    mark = page.ink(page.red, 25, head[0][2] - 0.5)[1]
    assert abs(head[0][2] - mark - 4) < OFF
    assert abs(foot[-1][3] - (297 - 20)) < OFF


def test_the_imprint_ends_with_the_text_area_and_covers_no_text(pages):
    for name, each in pages.items():
        if name in KINDS and KINDS[name].form == "letter":
            continue
        page = each[-1]
        rules = [rule for rule in page.rules(page.dark, 150) if rule[2] > 180]
        assert len(rules) == 3, (name, rules)
        assert abs(rules[-1][2] - 262) < OFF, (name, rules)
        assert all(abs(left - 28) < OFF and abs(right - 184) < OFF for left, right, *_rest in rules[:1]), name
        inside = [line.text for line in page.lines if rules[0][2] < line.middle < rules[-1][2]]
        assert inside[0].startswith("抄送：") and inside[-1].endswith("印发") and len(inside) <= 3, (
            name,
            inside,
        )


def test_the_date_stands_four_characters_from_the_right_under_its_centred_name(pages):
    page = pages["upward"][-1]
    date = next(line for line in page.lines if line.text.replace(" ", "") == "2026年11月22日")
    name = page.lines[page.lines.index(date) - 1]
    assert abs(date.left - name.left - 2 * 156 / 28) < 3 * OFF
    sealed = next(
        page for page in pages["request"] if any(line.text == "2026年11月22日" for line in page.lines)
    )
    at = next(at for at, line in enumerate(sealed.lines) if line.text == "2026年11月22日")
    date, name = sealed.lines[at], sealed.lines[at - 1]
    assert abs((date.left + date.right) - (name.left + name.right)) / 2 < OFF


def test_an_attachment_begins_a_page(pages):
    page = next(page for page in pages["test_report"] if page.lines[0].text == "附件1")
    assert abs(page.lines[0].left - 28) < OFF
    assert page.lines[1].text == "测评点位一览表"
    assert abs((page.lines[1].left + page.lines[1].right) / 2 - 106) < OFF


# Without LibreOffice -----------------------------------------------------------------------------


def test_without_libreoffice_a_sentence_says_so(settings):
    settings.SOFFICE = "/nowhere/soffice"
    assert office_program() is None
    with pytest.raises(NoPdf, match="没有 LibreOffice"):
        to_pdf(b"")


def test_what_libreoffice_cannot_open_is_told(settings, tmp_path):
    """A program that ends without writing a PDF, as LibreOffice does with a broken file."""
    fake = tmp_path / "soffice"
    fake.write_text("#!/bin/sh\nexit 0\n")
    fake.chmod(0o755)
    settings.SOFFICE = str(fake)
    with pytest.raises(NoPdf, match="没有转成"):
        to_pdf(b"PK")


def test_every_face_has_a_free_one_behind_it():
    import xml.etree.ElementTree as tree

    root = tree.fromstring(font_aliases().replace('<!DOCTYPE fontconfig SYSTEM "fonts.dtd">', ""))
    last = {
        alias.find("family").text: alias.findall("prefer/family")[-1].text for alias in root.findall("alias")
    }
    assert last["仿宋_GB2312"] == "Noto Serif CJK SC" and last["黑体"] == "Noto Sans CJK SC"
