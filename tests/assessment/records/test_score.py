"""Scores against values worked out by hand, and what holds for any records."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chuangwen.assessment.records.match import Record, distance, match, nearest
from chuangwen.assessment.records.scheme import Item, Scheme, TableRule
from chuangwen.assessment.records.score import assess, rounded
from chuangwen.assessment.records.write import printed

RULE = TableRule(full=1, score=2, rate=3)
SCHEME = Scheme(
    title="例",
    columns={},
    ignored_columns=(),
    separator=";",
    full=Fraction(1),
    items=(
        Item("环境卫生", "环境卫生", (), "city"),
        Item("文明行为", "文明行文", ("文明行文",), "city"),
        Item("公共秩序", "公共秩序", ("秩序",), "city"),
        Item("村容", "村容", (), "county"),
    ),
    unnamed_published="left_out",
    unnamed_corrected="between_neighbours",
    rounding="half_up",
    tables={
        "items": RULE,
        "departments": RULE,
        "streets": replace(RULE, only_matched=True),
        "total": replace(RULE, name="总分"),
    },
)


def record(number, item, branch, score, street="", departments=()):
    return Record(number + 1, f"甲{number}", item, branch, Fraction(score), street, tuple(departments))


BY_HAND = [
    record(1, "环境卫生", "1", "1", "东街", ["城管局", "住建局"]),
    record(2, "环境卫生", "1", "0.5", "东街", ["城管局"]),
    record(3, "环境卫生", "2", "0.8", "西街"),
    record(4, "", "0", "0", "西街", ["住建局"]),
    record(5, "文明行为", "1", "0.4", "", ["公安局"]),
    record(6, "公共秩序", "1", "1", "东街", ["公安局"]),
]


def lines(table):
    return [(line.name, line.full, line.score, line.rank) for line in table]


def test_tables_as_published():
    # 环境卫生: (1 + 0.5) / 2 + 0.8 = 1.55 of 2; 公共秩序: 1 of 1; 文明行为 is spelt 文明行文 in the dictionary.
    found = assess(BY_HAND, SCHEME).published
    assert lines(found.items) == [("公共秩序", 1, 1, 1), ("环境卫生", 2, Fraction("1.55"), 2)]
    assert lines(found.total) == [("总分", 3, Fraction("2.55"), 1)]
    assert lines(found.departments) == [
        ("城管局", 2, Fraction("1.5"), 1),
        ("公安局", 2, Fraction("1.4"), 2),
        ("住建局", 2, 1, 3),
    ]


def test_streets_may_count_matched_records_only():
    # 西街: 0.8 of its one known record; its other has no item. Counting all, (0.8 + 0) of 2.
    assert lines(assess(BY_HAND, SCHEME).published.streets) == [
        ("东街", 3, Fraction("2.5"), 1), ("西街", 1, Fraction("0.8"), 2)]  # fmt: skip
    everywhere = replace(SCHEME, tables={**SCHEME.tables, "streets": RULE})
    assert lines(assess(BY_HAND, everywhere).published.streets)[1] == ("西街", 2, Fraction("0.8"), 2)


def test_aliases_count_in_the_corrected_tables_only():
    result = assess(BY_HAND, SCHEME)
    assert [BY_HAND[at].record for at in result.unmatched] == ["甲4", "甲5"]
    assert lines(result.corrected.items)[2] == ("文明行为", 1, Fraction("0.4"), 3)
    assert lines(result.corrected.total) == [("总分", 4, Fraction("2.95"), 1)]
    assert result.differing() == ["items", "total"]


def test_unnamed_run_goes_to_the_only_item_between_its_neighbours():
    first, last = record(1, "环境卫生", "1", 1), record(4, "公共秩序", "1", 1)
    run = [record(2, "", "1", 1), record(3, "", "1", 0)]
    found = match([last, run[1], first, run[0]], SCHEME)
    assert found.corrected == ("公共秩序", "文明行为", "环境卫生", "文明行为")
    assert found.published == ("公共秩序", None, "环境卫生", None)
    assert found.how[1] == "neighbours"


@pytest.mark.parametrize(
    "around",
    [
        ("环境卫生", "环境卫生"),  # nothing between
        ("公共秩序", "环境卫生"),  # against the order of the list
        ("环境卫生", "村容"),  # another edition
        ("环境卫生", "没有的项目"),  # no neighbour
        ("环境卫生", None),  # the end of the list
    ],
)
def test_unnamed_run_stays_unmatched_where_its_place_tells_nothing(around):
    rows = [record(1, around[0], "1", 1), record(2, "", "1", 1)]
    rows += [record(3, around[1], "1", 1)] if around[1] else []
    assert match(rows, SCHEME).corrected[1] is None


def test_item_with_records_of_its_own_takes_no_run():
    rows = [record(1, "环境卫生", "1", 1), record(2, "", "1", 1), record(3, "公共秩序", "1", 1)]
    assert match(rows, SCHEME).corrected[1] == "文明行为"
    assert match([*rows, record(9, "文明行文", "1", 1)], SCHEME).corrected[1] is None


def test_equal_rates_stand_in_the_order_the_scheme_asks_for():
    rows = [record(1, "环境卫生", "1", 1, "", ["乙"]), record(2, "公共秩序", "1", 1, "", ["丙", "乙"])]

    def names(ties, which):
        tables = {**SCHEME.tables, which: replace(RULE, ties=ties)}
        return [line.name for line in assess(rows, replace(SCHEME, tables=tables)).published.of(which)]

    assert names("name", "departments") == ["丙", "乙"]  # U+4E19, U+4E59
    assert names("records", "departments") == ["乙", "丙"]
    assert names("listed", "items") == ["环境卫生", "公共秩序"]
    assert names(("公共秩序",), "items") == ["公共秩序", "环境卫生"]


def test_nearest_name():
    assert nearest("文明行为", SCHEME) == "文明行文"
    assert nearest("公共秩", SCHEME) == "公共秩序"
    assert nearest("水利工程", SCHEME) == ""
    assert nearest("", SCHEME) == ""
    assert distance("文明行文", "文明行为") == 1
    assert distance("", "三个字") == 3


def test_rounding_is_decided_on_the_exact_value():
    assert str(rounded(Fraction("2.4375"), 3, "half_up")) == "2.438"
    assert str(rounded(Fraction("2.4385"), 3, "half_even")) == "2.438"
    assert str(rounded(Fraction("2.4375"), 3, "half_even")) == "2.438"
    assert str(rounded(Fraction("2.4379"), 3, "down")) == "2.437"
    assert str(rounded(Fraction(2, 3), 0, "half_up")) == "1"
    assert printed(assess(BY_HAND, SCHEME).published.items[1], RULE, "half_up") == (
        "环境卫生", "2.0", "1.55", "0.775", "2")  # fmt: skip


records = st.lists(
    st.tuples(
        st.sampled_from(["环境卫生", "文明行为", "文明行文", "公共秩序", "秩序", "别的", ""]),
        st.sampled_from("0123"),
        st.decimals(0, 1, places=3),
        st.sampled_from(["", "东街", "西街"]),
        st.sets(st.sampled_from(["甲局", "乙局", "丙局"])),
    ),
    max_size=25,
).map(lambda rows: [record(n, i, b, s, t, sorted(d)) for n, (i, b, s, t, d) in enumerate(rows, 1)])


@settings(max_examples=40)
@given(records, st.randoms(use_true_random=False))
def test_order_of_records_is_no_matter(rows, random):
    shuffled = list(rows)
    random.shuffle(shuffled)
    one, other = assess(rows, SCHEME), assess(shuffled, SCHEME)
    assert (one.published, one.corrected) == (other.published, other.corrected)
    assert [rows[at] for at in one.unmatched] == [shuffled[at] for at in other.unmatched]


@settings(max_examples=40)
@given(records)
def test_nothing_is_lost_or_made_up(rows):
    result = assess(rows, SCHEME)
    for tables in (result.published, result.corrected):
        for which in ("items", "departments", "streets", "total"):
            for line in tables.of(which):
                assert isinstance(line.score, Fraction)
                assert 0 <= line.score <= line.full
            assert [line.rank for line in tables.of(which)] == [*range(1, len(tables.of(which)) + 1)]
            rates = [line.rate for line in tables.of(which)]
            assert rates == sorted(rates, reverse=True)
        assert sum(line.score for line in tables.items) == sum(line.score for line in tables.total)
    assert sum(line.records for line in result.published.items) + len(result.unmatched) == len(rows)
    assert sum(line.score for line in result.published.departments) == sum(
        each.score * len(each.departments) for each in rows
    )


@settings(max_examples=40)
@given(st.fractions(0, 50), st.integers(0, 8))
def test_rounding_is_off_by_at_most_half_a_digit(value, places):
    got = rounded(value, places, "half_up")
    assert isinstance(got, Decimal)
    assert -Fraction(1, 2) <= (value - Fraction(got)) * 10**places < Fraction(1, 2)
