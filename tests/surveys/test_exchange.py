"""Answers from tables: both shapes read, every bad row named, persons refused."""

from __future__ import annotations

import io

import pytest

from chuangwen.kernel.screens.tables import write_csv, write_table
from chuangwen.surveys.exchange import option_of, read_answers
from chuangwen.surveys.queries import questions_of


def table(titles, rows):
    out = io.BytesIO()
    write_csv(out, titles, rows)
    return out.getvalue()


def read(survey, titles, rows, name="表.csv"):
    return read_answers(table(titles, rows), name, survey.batch, questions_of(survey.batch))


COUNTS = ("问题编号", "选项", "份数")


def test_a_table_of_counts_is_read_by_words_numbers_and_letters(survey):
    got = read(survey, COUNTS, [
        ("Q1", "满意", 100), ("Q1", "2", 60), ("Q1", "C", 30), ("Q2", "知道", 150), ("Q2", "不知道", 50),
    ])  # fmt: skip
    first, second, _third = survey.questions
    assert got.bad == [] and got.sheets is None
    assert got.counts == {first.pk: [100, 60, 30], second.pk: [150, 50]}


def test_every_bad_row_is_named_and_spoils_only_its_question(survey):
    got = read(survey, COUNTS, [
        ("Q1", "满意", 100), ("Q1", "非常满意", 3), ("Q9", "满意", 1), ("Q2", "知道", 150), ("Q2", "知道", 20),
        ("Q3", "好", -4), ("Q3", "一般", "许多"), ("Q3", "", 1),
    ])  # fmt: skip
    assert [bad.row for bad in got.bad] == [3, 4, 6, 7, 8, 9]
    said = "".join(bad.sentence for bad in got.bad)
    for part in ("“满意”、“一般”、“不满意”", "没有问题“Q9”", "第 5 行重复", "0 到有效份数 200", "C8"):
        assert part in said
    assert got.counts == {}


def test_more_answers_than_questionnaires_are_named(survey):
    got = read(survey, COUNTS, [("Q1", "满意", 150), ("Q1", "一般", 51), ("Q2", "知道", 200)])
    assert [bad.row for bad in got.bad] == [3] and "201" in got.bad[0].sentence
    assert list(got.counts) == [survey.questions[1].pk]


def test_a_sheet_of_answers_is_counted_in_one_go(survey):
    got = read(survey, ("问卷编号", "Q1", "Q2 您知道本市在创建文明城市吗？", "备注"), [
        ("1", "满意", 1, "x"), ("2", "3", "不知道", ""), ("3", "很好", "", ""), ("2", "满意", "1", ""),
    ])  # fmt: skip
    first, second, _third = survey.questions
    assert got.sheets == 4 and got.ignored == ["备注"]
    assert got.counts == {first.pk: [1, 0, 1], second.pk: [1, 1]}
    assert [(bad.row, bad.value) for bad in got.bad] == [(4, "很好"), (5, "2")]


def test_an_excel_sheet_reads_the_same(survey):
    out = io.BytesIO()
    write_table(out, [("您对窗口服务满意吗？", 20), ("Q3", 8)], [("满意", 2), ("一般", 3)], sheet="答卷")
    got = read_answers(out.getvalue(), "a.xlsx", survey.batch, questions_of(survey.batch))
    assert got.counts == {survey.questions[0].pk: [1, 1, 0], survey.questions[2].pk: [0, 1, 1]}


@pytest.mark.parametrize(("title", "cells"), [
    ("姓名", ("甲", "乙", "丙")), ("联系电话", ("", "", "")), ("备注", ("13812345678", "13912345678", "138 1234 5679")),
    ("编码", ("410181199001011234", "41018119900101123X", "")), ("户主", ("王小明", "李四", "张建国")),
    ("问卷编号", ("13812345678", "13812345679", "13812345670")),
])  # fmt: skip
def test_a_file_that_tells_who_answered_is_refused_by_column(survey, title, cells):
    got = read(survey, (title, "Q1"), [(cell, "满意") for cell in cells])
    assert got.is_refused and got.counts == {}
    assert [bad.title for bad in got.bad] == [title] and "个人信息" in got.bad[0].sentence
    assert not any(cell and cell in str(got) for cell in cells)


def test_a_remark_is_no_person(survey):
    got = read(survey, ("备注", "Q1"), [("路灯坏了", "满意"), ("王府井附近", "满意"), ("马路不平", "一般")])
    assert not got.is_refused and got.ignored == ["备注"]


def test_more_sheets_than_the_batch_has_are_refused(survey):
    got = read(survey, ("Q1",), [("满意",)] * 201)
    assert got.is_refused and "201" in got.bad[0].sentence and got.counts == {}


@pytest.mark.parametrize("titles", [("甲", "乙"), ("问题编号", "选项"), ("Q8", "Q9")])
def test_a_table_of_something_else_says_what_is_wanted(survey, titles):
    got = read(survey, titles, [("1", "2")])
    assert got.is_refused and got.counts == {} and "问题编号" in got.bad[0].sentence


def test_words_come_before_numbers():
    assert option_of(["2", "1"], "1") == 1
    assert option_of(["好", "一般"], "ｂ") == 1
    assert [option_of(["好", "一般"], given) for given in ("0", "3", "C", "好吧", "1.5")] == [None] * 5
