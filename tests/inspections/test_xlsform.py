"""Checklists as forms: what pyxform and ODK Validate say of them, and when their version changes."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyxform.validators import odk_validate
from pyxform.xls2xform import convert

from chuangwen.inspections.xlsform import Ask, Checklist, bands_named, workbook_of, xform_of, xlsform_of

ROOT = Path(__file__).resolve().parents[2]
XF = "{http://www.w3.org/2002/xforms}"
WAYS = [
    Ask(1, "垃圾桶盖好", "pass_fail"),
    Ask(2, "地面干净", "points", {"each": "0.25"}),
    Ask(3, "秩序", "bands", {"A": "1", "优 好": "0.8", "C": "0"}),
    Ask(4, "宣传", "count_per_metre", {"count": 5, "metres": 300, "each": "0.2"}),
    Ask(5, "热线", "hotline", {"rings": 6}),
    Ask(6, "闯灯", "timed", {"minutes": 10, "most": 0}),
    Ask(7, "播出", "timed", {"minutes": 120, "least": 8}),
    Ask(8, "没有参数", "points"),
    Ask(9, "坏的分档", "bands", {"A": "7"}),
]


def checklist_of(asks, title="农贸市场", form_id="cw_market_1"):
    return Checklist(form_id, title, [(11, "一 环境", asks[:3]), (12, "二 秩序", asks[3:])])


def parts(form):
    root = ET.fromstring(form)
    binds = {b.get("nodeset", "").rpartition("/")[2]: b.attrib for b in root.iter(f"{XF}bind")}
    return root, binds


def test_every_way_of_grading_has_its_questions():
    root, binds = parts(xform_of(xlsform_of(checklist_of(WAYS))))
    data = next(iter(next(root.iter(f"{XF}instance"))))
    assert (data.get("id"), bool(data.get("version"))) == ("cw_market_1", True)
    assert {name for name in binds if name[0] == "c" and name[1:].isdigit()} == {
        "c2",
        "c4",
        "c5",
        "c6",
        "c7",
        "c8",
    }
    assert all(f"r{ask.pk}" in binds and f"p{ask.pk}_3" in binds for ask in WAYS)
    assert "< 5" in binds["c4"]["constraint"] and "> 6" in binds["c5"]["constraint"]
    assert "> 0" in binds["c6"]["constraint"] and "< 8" in binds["c7"]["constraint"]
    assert binds["why"]["required"] == "true()" and binds["here"]["type"] == "geopoint"
    sources = {one.get("src") for one in root.iter(f"{XF}instance") if one.get("src")}
    assert sources == {"jr://file-csv/rounds.csv", "jr://file-csv/visits.csv"}
    assert not {"deviceid", "phonenumber", "username"} & set(binds)


def test_the_version_changes_exactly_with_the_content():
    first = xlsform_of(checklist_of(WAYS))
    assert first.version == xlsform_of(checklist_of(WAYS)).version
    others = [
        checklist_of([Ask(1, "垃圾桶盖紧", "pass_fail"), *WAYS[1:]]),
        checklist_of([*WAYS, Ask(10, "新的", "pass_fail")]),
        checklist_of([WAYS[0], Ask(2, "地面干净", "points", {"each": "0.5"}), *WAYS[2:]]),
        checklist_of(WAYS, title="市场"),
        checklist_of([WAYS[1], WAYS[0], *WAYS[2:]]),
    ]
    versions = [xlsform_of(one).version for one in others]
    # How much a fault costs is in no question: the third form is the first.
    assert [version != first.version for version in versions] == [True, True, False, True, True]


def test_both_languages_are_in_the_form():
    root, _binds = parts(xform_of(xlsform_of(checklist_of(WAYS))))
    found = {one.get("lang"): one for one in root.iter(f"{XF}translation")}
    assert set(found) == {"中文 (zh)", "English (en)"}
    words = [{value.text for value in one.iter(f"{XF}value")} for one in found.values()]
    assert "不合格" in words[0] and "1. 垃圾桶盖好" in words[1]


@pytest.mark.parametrize("before", [0, 60])  # columns that come late are columns too
def test_the_sheet_and_the_rows_are_the_same_form(tmp_path, before):
    many = [Ask(100 + n, f"第 {n} 项", "pass_fail") for n in range(before)]
    form = xlsform_of(checklist_of([*many, *WAYS]))
    path = tmp_path / "form.xlsx"
    path.write_bytes(workbook_of(form))
    assert convert(path, validate=False, form_name="data").xform == xform_of(form)


def test_bands_have_names_a_form_can_hold():
    assert list(bands_named({"A": "1", "C": "0"})) == ["b_A", "b_C"]
    odd = bands_named({"优 好": "1", "差": "0"})
    assert list(odd.values()) == ["优 好", "差"] and all(name.isascii() and " " not in name for name in odd)
    assert bands_named({"A": "7"}) == bands_named({}) == {}


figures = st.one_of(st.integers(-5, 10**6), st.decimals(allow_nan=True), st.text(max_size=5), st.none())
params = st.dictionaries(
    st.sampled_from(["each", "count", "metres", "rings", "minutes", "most", "least", "A", "乙 ${x}", ""]),
    figures.map(str), max_size=5,
)  # fmt: skip
words = st.one_of(
    st.text(max_size=40), st.sampled_from(["${visit}", "<b>&amp;", "# 一", "a\x00b", "𠮷𠀀", "-", " "])
)
ways = st.sampled_from(["pass_fail", "points", "bands", "count_per_metre", "hotline", "timed", "unknown"])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(words, ways, params), min_size=1, max_size=5), words)
def test_whatever_a_city_writes_becomes_a_form(rows, title):
    asks = [Ask(pk, *row) for pk, row in enumerate(rows, 1)]
    form = xlsform_of(Checklist("cw_any_1", title, [(1, title, asks)]))
    _root, binds = parts(xform_of(form))
    assert all(f"r{ask.pk}" in binds for ask in asks)


def pack_forms(pack):
    """The checklists of a sample pack, straight from its files."""

    def read(name):
        with (ROOT / "packs" / pack / "standards" / name).open(encoding="utf-8-sig") as file:
            return list(csv.DictReader(file))

    rules = {row["编号"]: (row["方式"], json.loads(row["参数"])) for row in read("grading.csv")}
    found: dict[tuple[str, str], list[tuple[int, dict[str, str]]]] = {}
    for pk, row in enumerate(read("check_items.csv"), 1):
        found.setdefault((row["体系编号"], row["点位类型"]), []).append((pk, row))
    for (scheme, kind), rows in sorted(found.items()):
        groups: dict[str, list[Ask]] = {}
        for pk, row in rows:
            groups.setdefault(row["标准编号"], []).append(Ask(pk, row["检查内容"], *rules[row["评分办法"]]))
        parts = [(n, name, asks) for n, (name, asks) in enumerate(groups.items(), 1)]
        yield xlsform_of(Checklist(f"cw_{kind}_{scheme}", f"{kind} {scheme}", parts))


def test_odk_validate_accepts_the_forms_of_both_packs(tmp_path):
    """The largest and the smallest of each, in one JVM; all 146 were accepted at once (docs/decisions/0031)."""
    if shutil.which("java") is None:
        pytest.skip("left out: no Java for ODK Validate")
    paths = []
    for pack in ("gongyi", "luohe"):
        forms = sorted(pack_forms(pack), key=lambda form: len(form.survey))
        assert len(forms) >= 44
        for form in (forms[0], forms[-1]):
            paths.append(tmp_path / f"{len(paths)}.xml")
            paths[-1].write_text(xform_of(form), encoding="utf-8")
    broken = tmp_path / "broken.xml"
    broken.write_text(
        paths[0].read_text(encoding="utf-8").replace("/data/gone", "/data/gnoe", 1), encoding="utf-8"
    )
    assert judged(paths) == (0, len(paths))
    assert judged([broken])[0] != 0  # it does look


def judged(paths):
    """What ODK Validate says: its exit code, and how many forms it called valid."""
    done = subprocess.run(
        ["java", "-Djava.awt.headless=true", "-jar", odk_validate.ODK_VALIDATE_PATH, *map(str, paths)],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    return done.returncode, (done.stdout + done.stderr).count("Xform is valid")
