"""Survey pages: who may, a file that fills the form and writes nothing, double submits, bad counts."""

from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from chuangwen.kernel.models import Entry
from chuangwen.kernel.screens.tables import read_table, write_csv
from chuangwen.surveys.actions import save_counts
from chuangwen.surveys.exchange import COUNT_COLUMNS, read_answers
from chuangwen.surveys.models import AnswerCount, Batch
from chuangwen.surveys.queries import questions_of
from tests.surveys.conftest import survey  # noqa: F401  (a fixture)

GIVEN = {
    "name": "九月网上", "channel": "web", "from_on": "2026-09-01", "to_on": "2026-09-10", "given": "500", "valid": "400",
    "source": "",
}  # fmt: skip


def sign_in(town, role):
    client = Client()
    client.force_login(town.people[role])
    return client


@pytest.fixture
def office(town):
    return sign_in(town, "office")


def boxes(survey, *rows):  # noqa: F811
    return {
        f"n_{q.pk}_{i}": n for q, row in zip(survey.questions, rows, strict=False) for i, n in enumerate(row)
    }


def upload(titles, rows, name="答案.csv"):
    out = io.BytesIO()
    write_csv(out, titles, rows)
    return {"file": SimpleUploadedFile(name, out.getvalue())}


def test_readers_read_and_only_the_office_writes(town, survey):  # noqa: F811
    here = f"/surveys/{survey.batch.pk}/"
    for role, read, write in (
        ("office", 200, 200),
        ("leader", 200, 404),
        ("auditor", 200, 404),
        ("liaison", 404, 404),
    ):
        client = sign_in(town, role)
        for address in ("/surveys/", here, f"{here}export.xlsx"):
            assert client.get(address).status_code == read, (role, address)
        for address in ("/surveys/new/", f"{here}edit/", f"{here}answers/"):
            assert client.get(address).status_code == write, (role, address)
        if write == 404:
            assert client.post(f"{here}answers/", boxes(survey, [1, 1, 1])).status_code == 404
            assert client.post(f"{here}import/", upload(("Q1",), [("满意",)])).status_code == 404
            assert "/surveys/new/" not in client.get("/surveys/").content.decode()
    assert not AnswerCount.objects.exists()


def test_a_batch_submitted_twice_is_one_batch(office, survey):  # noqa: F811
    given = {**GIVEN, "edition": survey.edition.pk}
    first, second = (office.post("/surveys/new/", given) for _ in range(2))
    assert first.status_code == second.status_code == 302 and first.url == second.url
    assert Batch.objects.filter(name="九月网上").count() == 1
    other = office.post("/surveys/new/", {**given, "valid": "399"})
    assert other.status_code == 400 and "已有名为“九月网上”的批次" in other.content.decode()
    bad = office.post("/surveys/new/", {**given, "name": "坏", "valid": "501"})
    assert bad.status_code == 400 and "有效 501 份多于发放 500 份" in bad.content.decode()


def test_answers_saved_twice_change_once_and_show_with_margins(office, survey):  # noqa: F811
    here = f"/surveys/{survey.batch.pk}/"
    given = boxes(survey, [100, 60, ""], [150, 50], ["", "", ""])
    for _ in range(2):
        assert office.post(f"{here}answers/", given).status_code == 302
    assert Entry.objects.filter(subject="surveys.batch", step="change").count() == 1
    assert AnswerCount.objects.count() == 5  # the third question was not asked
    page = office.get(here).content.decode()
    assert "62.5%" in page and "未答 40" in page and "3 题中录入 2 题" in page
    assert (
        "选项与题目不大合，核对题目" not in page
    )  # only the third question is doubtful, and it was not asked
    save_counts(survey.batch, {survey.questions[2].pk: [1, 1, 1]}, by=survey.by)
    assert office.get(here).content.decode().count("选项与题目不大合，核对题目") == 1


@pytest.mark.parametrize(("first", "said"), [
    (["150", "40", "11"], "合计 201 份，多于有效 200 份"), (["-1", "", ""], "“-1”不是份数"), (["多", "", ""], "“多”不是份数"),
    (["1e3", "", ""], "“1e3”不是份数"),
])  # fmt: skip
def test_bad_counts_save_nothing_and_stay_in_the_form(office, survey, first, said):  # noqa: F811
    answer = office.post(f"/surveys/{survey.batch.pk}/answers/", boxes(survey, first, ["7", "8"]))
    page = answer.content.decode()
    assert answer.status_code == 400
    assert said in page and 'value="7"' in page and "什么都没有保存" in page
    assert not AnswerCount.objects.exists()


def test_a_file_fills_the_form_and_writes_nothing(office, survey):  # noqa: F811
    first, second, _third = survey.questions
    save_counts(survey.batch, {first.pk: [1, 2, 3], second.pk: [9, 9]}, by=survey.by)
    before = list(AnswerCount.objects.order_by("pk").values_list("question", "option", "n"))
    answer = office.post(
        f"/surveys/{survey.batch.pk}/import/",
        upload(("问题编号", "选项", "份数"), [("Q1", "满意", 111), ("Q2", "也许", 5)]),
    )
    page = answer.content.decode()
    assert answer.status_code == 200 and 'value="111"' in page and "已存：1、2、3" in page
    assert "问题 Q2 没有这个选项" in page and 'value="9"' in page
    assert list(AnswerCount.objects.order_by("pk").values_list("question", "option", "n")) == before


@pytest.mark.parametrize("file", [{}, {"file": SimpleUploadedFile("a.xlsx", b"PK\x03\x04 broken")}])
def test_no_file_and_a_broken_file_say_so(office, survey, file):  # noqa: F811
    answer = office.post(f"/surveys/{survey.batch.pk}/import/", file)
    assert answer.status_code == 400 and 'role="alert"' in answer.content.decode()


def test_a_sheet_with_names_is_refused_and_no_name_is_shown(office, survey):  # noqa: F811
    answer = office.post(f"/surveys/{survey.batch.pk}/import/", upload(("姓名", "Q1"), [("王小明", "满意")]))
    page = answer.content.decode()
    assert answer.status_code == 400 and "“姓名”一列" in page and "王小明" not in page


def test_the_export_reads_back(office, survey):  # noqa: F811
    first, second, _third = survey.questions
    save_counts(survey.batch, {first.pk: [100, 60, 30], second.pk: [150, 50]}, by=survey.by)
    data = office.get(f"/surveys/{survey.batch.pk}/export.xlsx").content
    assert len(read_table(data, "a.xlsx", columns=COUNT_COLUMNS).rows) == 8
    got = read_answers(data, "a.xlsx", survey.batch, questions_of(survey.batch))
    assert got.counts == {first.pk: [100, 60, 30], second.pk: [150, 50]}
    assert [bad.title for bad in got.bad] == ["份数"] * 3  # the question not asked has no counts


def test_the_pages_ask_a_fixed_number_of_queries(office, survey, django_assert_max_num_queries):  # noqa: F811
    with django_assert_max_num_queries(12):
        office.get("/surveys/")
    with django_assert_max_num_queries(12):
        office.get(f"/surveys/{survey.batch.pk}/")
