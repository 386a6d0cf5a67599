"""The folder `scores` of a pack: the shipped ones are whole and made from their seed, bad rows are named, loading twice is harmless."""

from __future__ import annotations

import filecmp
import shutil
from collections import Counter
from pathlib import Path

import pytest

from chuangwen.assessment.models import Front, NegativeRule, OfficialResult, Sanction, ScoreRule
from chuangwen.faces.cli.pack import score_layout
from chuangwen.faces.cli.pack.check import check
from chuangwen.faces.cli.pack.load_scores import load_scores
from chuangwen.faces.cli.pack.read import read_pack
from chuangwen.faces.cli.pack.scores import score_faults
from chuangwen.standards.exchange.loading import known_here, load_tables
from chuangwen.surveys.models import AnswerCount, Batch, Channel
from chuangwen.surveys.queries import batch_figures
from packs.sample.plan import PLANS
from packs.sample.score_files import TITLES, write_scores

PACKS = Path(__file__).resolve().parents[3] / "packs"


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.folder)
def test_the_shipped_folder_is_what_the_seed_makes(plan, tmp_path):
    shutil.copytree(PACKS / plan.folder / "standards", tmp_path / "standards")
    write_scores(plan, tmp_path / "scores")
    names = [f"{name}.csv" for name in TITLES]
    assert filecmp.cmpfiles(PACKS / plan.folder / "scores", tmp_path / "scores", names, shallow=False) == (
        names,
        [],
        [],
    )


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.folder)
def test_the_shipped_folder_has_no_fault_and_says_its_sources(plan):
    pack = read_pack(PACKS / plan.folder)
    assert [fault for fault in pack.faults if fault.file.startswith("scores/")] == []
    assert list(score_faults(pack)) == []
    entries = pack.rows("scores/negative_rules")
    assert len(entries) >= 20 and {row.text("sanction") for row in entries} == set(Sanction.values)
    for sheet in ("score_rules", "negative_rules", "official_results", "batches"):
        assert all(row.text("source") for row in pack.rows(f"scores/{sheet}"))
    assert all(row.values["sample"] for row in pack.rows("scores/batches"))


def test_official_results_are_the_documents_ones():
    pools = {}
    for plan in PLANS:
        rows = read_pack(PACKS / plan.folder).rows("scores/official_results")
        pools[plan.folder] = {
            (r.values["year"], r.text("pool"), r.values["rank"], r.values["score"]) for r in rows
        }
    assert pools == {
        "gongyi": {(year, "河南省县市", 1, None) for year in (2018, 2019, 2020)},
        "luohe": {(2020, "河南省", 2, None), (2020, "全国", 18, None)},
    }


def test_the_words_are_those_of_the_tables():
    assert {c.value: str(c.label) for c in Front} == score_layout.FRONTS
    assert {c.value: str(c.label) for c in Sanction} == score_layout.SANCTIONS
    assert {c.value: str(c.label) for c in Channel} == score_layout.CHANNELS
    choices = ScoreRule._meta.get_field("missing").choices
    assert {code: str(label) for code, label in choices} == score_layout.MISSING


@pytest.fixture
def copied(tmp_path):
    shutil.copytree(PACKS / "gongyi", tmp_path / "gongyi")
    return tmp_path / "gongyi"


def change(folder, name, *pairs):
    path = folder / "scores" / f"{name}.csv"
    text = path.read_text(encoding="utf-8-sig")
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf-8-sig")


def test_every_bad_row_is_named(copied):
    change(copied, "score_rules", ("40,40,20", "40,40,30"), ("15|25|60", "15|25|x"))
    change(copied, "negative_rules", ("K02", "K01"), ("stop_year", "banish"))
    change(copied, "official_results", (",,1,", ",,,"), ("city_county,2019", "city_moon,2019"))
    change(copied, "batches", ("1000,962", "1000,1962"), ("2025-10-11", "2025-12-11"))
    change(
        copied, "answers", ("1-03-Q1,偶尔看到", "1-03-Q1,天天看到"), ("1-04-Q1", "1-99-Q1"), (",813", ",-5")
    )
    found = [fault for fault in check(read_pack(copied)) if fault.file.startswith("scores/")]
    at = Counter((fault.file[7:-4], fault.row, fault.column) for fault in found)
    for place in (
        ("score_rules", 2, "材料权重"), ("score_rules", 2, "三年权重"), ("negative_rules", 3, "编号"), ("negative_rules", 16, "后果"),
        ("official_results", 2, "得分"), ("official_results", 3, "体系编号"), ("batches", 2, "止"), ("batches", 2, "有效"),
        ("answers", 3, "选项"), ("answers", 8, "问题编号"), ("answers", 5, "份数"),
    ):  # fmt: skip
        assert place in at, (place, sorted(at))


@pytest.mark.django_db
def test_loading_twice_makes_one_of_each_and_keeps_what_the_city_changed():
    pack = read_pack(PACKS / "gongyi")
    assert pack.standards is not None
    from chuangwen.kernel.models import Term, Unit

    for row in pack.rows("units"):
        Unit.objects.create(
            code=row.text("code"),
            name=row.text("name"),
            short_name=row.text("short_name"),
            path=row.text("code"),
        )
    for row in pack.rows("terms"):
        Term.objects.create(list=row.text("词表"), code=row.text("编码"), name=row.text("名称"))
    kinds = frozenset(row.text("编码") for row in pack.rows("catalogue"))
    load_tables(pack.standards, known=known_here(kinds), mode="merge", keep_shares=True)
    said = []
    load_scores(pack, lambda *counts: said.append(counts))
    models = (ScoreRule, NegativeRule, OfficialResult, Batch, AnswerCount)
    before = [model.objects.count() for model in models]
    assert before == [1, 25, 3, 4, 216]
    rule = ScoreRule.objects.get()
    assert (rule.fronts, rule.years, rule.first_year) == (
        {"dossier": "40", "site": "40", "survey": "20"},
        ["15", "25", "60"],
        2024,
    )
    autumn = Batch.objects.get(name="2026年秋季模拟入户调查")
    figures = batch_figures(autumn)
    assert figures.score is not None and 75 < figures.score[0] < 95 and len(figures.asked) == 30

    OfficialResult.objects.filter(year=2020).update(rank=2)
    NegativeRule.objects.filter(code="K01").update(points=9)
    AnswerCount.objects.filter(batch=autumn, option=0).update(n=1)
    load_scores(pack, lambda *counts: None)
    assert [model.objects.count() for model in models] == before
    assert (
        OfficialResult.objects.get(year=2020).rank == 2 and NegativeRule.objects.get(code="K01").points == 1
    )
    assert set(AnswerCount.objects.filter(batch=autumn, option=0).values_list("n", flat=True)) == {1}
