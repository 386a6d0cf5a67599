"""Schemes: the shipped one is whole, and a fault is told with its key."""

from __future__ import annotations

from fractions import Fraction

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from chuangwen.assessment.records.load import BadScheme, find_scheme, load_scheme, shipped_schemes


def shipped():
    return yaml.safe_load(find_scheme("suzhou-2016").read_bytes())


def faults(tree):
    with pytest.raises(BadScheme) as caught:
        load_scheme(yaml.safe_dump(tree, allow_unicode=True).encode())
    return [(fault.key, fault.code) for fault in caught.value.faults]


def test_shipped_scheme_is_read():
    assert shipped_schemes() == ["suzhou-2016"]
    scheme = load_scheme(find_scheme("suzhou-2016").read_bytes())
    assert scheme.full == Fraction(1)
    # The test's dictionary held 25 names; one more is known to have been missing.
    assert sum(item.as_published is not None for item in scheme.items) == 25
    assert len(scheme.items) == 26


def test_path_goes_before_name(tmp_path):
    own = tmp_path / "own.yaml"
    own.write_bytes(find_scheme("suzhou-2016").read_bytes())
    assert find_scheme(str(own)) == own
    with pytest.raises(BadScheme) as caught:
        find_scheme("nowhere-1999")
    assert caught.value.faults[0].given["shipped"] == "suzhou-2016"


def test_faults_are_all_told_with_their_keys():
    tree = shipped()
    tree["colour"] = "red"
    tree["columns"]["street"] = "street"
    tree["full"] = 0
    tree["items"][1]["name"] = 7
    tree["items"][3]["aliases"] = ["文明旅游"]
    tree["items"][4]["published"] = "no"
    tree["unnamed_records"]["corrected"] = "guess"
    tree["tables"]["items"]["decimals"]["rate"] = "six"
    del tree["tables"]["total"]["name"]
    assert sorted(faults(tree)) == [
        ("colour", "unknown_key"),
        ("columns.street", "not_list"),
        ("full", "not_positive"),
        ("items.2.name", "not_text"),
        ("items.4", "doubled"),
        ("items.5.published", "not_yes_or_no"),
        ("tables.items.decimals.rate", "not_decimals"),
        ("tables.total.name", "missing"),
        ("unnamed_records.corrected", "not_a_choice"),
    ]


@pytest.mark.parametrize("full", [0.1, True, "abc", "NaN", "-1", "1e999"])
def test_full_marks_are_an_exact_positive_number(full):
    assert faults(shipped() | {"full": full}) == [("full", "not_positive")]


def test_one_title_means_one_column():
    tree = shipped()
    tree["columns"]["lost"] = ["score"]
    assert ("columns.lost", "doubled") in faults(tree)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"a: [", "yaml"),
        (b"full: '1'\nfull: '2'\n", "yaml"),
        (b"a: &x [1]\nb: *x\n", "yaml"),
        (b"!!python/object/apply:os.getcwd []", "yaml"),
        (b"title: 2016-99-99", "yaml"),
        (b"\xff\xfe\x00", "encoding"),
        (b" " * (2**20 + 1), "too_large"),
        (b"just words", "not_mapping"),
        (b"", "missing"),
    ],
)
def test_what_is_no_scheme(data, code):
    with pytest.raises(BadScheme) as caught:
        load_scheme(data)
    assert caught.value.faults[0].code == code


@settings(max_examples=40)
@given(
    st.one_of(st.binary(max_size=60), st.text(alphabet="ab:[]{}-?!&*'\"\n 1.", max_size=60).map(str.encode))
)
def test_any_bytes_are_refused_as_a_bad_scheme_and_not_otherwise(data):
    with pytest.raises(BadScheme):
        load_scheme(data)
