"""Writes the folder `scores` of one pack: the rule, the negative list, official results, and sample surveys from the seed.

The words stand once in `scores` beside this file. The answers are made household by household: each has a mood that
leans all its answers one way, so the answers of one question spread as real ones do, and some leave a question out.
"""

from __future__ import annotations

import csv
from pathlib import Path
from random import Random

from packs.sample.plan import SEED_NOTE, Plan
from packs.sample.trees import CITY_SCHEMES

Row = dict[str, str]
MASTERS = Path(__file__).resolve().parent / "scores"
TITLES = {
    "score_rules": "体系编号,版本,未成年人体系编号,未成年人版本,版本号,材料权重,实地权重,问卷权重,三年权重,周期首年,"
    "未成年人占比,未成年人门槛,目标分,置信水平,缺数据办法,未校准离散,来源",
    "negative_rules": "体系编号,编号,情形,后果,扣分,有效月数,来源",
    "official_results": "体系编号,年度,范围,得分,名次,排名范围,参评数,来源",
    "batches": "体系编号,版本,名称,渠道,起,止,发放,有效,示例,来源",
    "answers": "体系编号,版本,批次,问题编号,选项,份数",
}
WITHOUT_FLOOR = 0.85
LEAN = 0.25  # how far a mood moves an answer


def write_scores(plan: Plan, folder: Path) -> None:
    """Writes all files into `folder`; the questions are read from the folder `standards` beside it."""
    city = CITY_SCHEMES[plan.level]
    schemes = {"city": city, "minors": "minors"}
    asked = read_rows(folder.parent / "standards" / "questions.csv")
    batches = [
        {**row, "体系编号": schemes[row["体系"]], "示例": "yes", "来源": SEED_NOTE}
        for row in read_rows(MASTERS / "batches.csv")
        if row["资料包"] == plan.folder
    ]
    files = {
        "score_rules": [{**row, "体系编号": city} for row in read_rows(MASTERS / "score_rules.csv")],
        "negative_rules": [{**row, "体系编号": city} for row in read_rows(MASTERS / "negative_rules.csv")],
        "official_results": [
            {**row, "体系编号": city}
            for row in read_rows(MASTERS / "official_results.csv")
            if row["资料包"] == plan.folder
        ],
        "batches": batches,
        "answers": [line for batch in batches for line in answers_of(plan, batch, asked)],
    }
    folder.mkdir(exist_ok=True)
    for name, rows in files.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.DictWriter(file, TITLES[name].split(","), lineterminator="\n", extrasaction="ignore")
            writer.writeheader()
            writer.writerows(rows)


def read_rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def answers_of(plan: Plan, batch: Row, asked: list[Row]) -> list[Row]:
    """The counted answers of one batch to the questions of its edition that are put to its people."""
    edition = (batch["体系编号"], batch["版本"])
    moods = _moods(plan.random(f"moods:{batch['名称']}"), int(batch["有效"]))
    lines = []
    for question in asked:
        if (question["体系编号"], question["版本"]) != edition or question["对象"] != batch["对象"]:
            continue
        source = plan.random(f"answers:{batch['名称']}:{question['问题编号']}")
        for words, n in zip(question["选项"].split("|"), _counts(source, question, moods), strict=True):
            lines.append({
                "体系编号": edition[0], "版本": edition[1], "批次": batch["名称"], "问题编号": question["问题编号"],
                "选项": words, "份数": str(n),
            })  # fmt: skip
    return lines


def _moods(source: Random, count: int) -> list[float]:
    """One number from −1 to 1 for each household, most near 0; sums and differences only, the same on any machine."""
    return [source.random() + source.random() - 1 for _ in range(count)]


def _counts(source: Random, question: Row, moods: list[float]) -> list[int]:
    """How many chose each option, first to last, when the mean mark lies near the floor."""
    marks = [float(mark) for mark in question["计分"].split("|")]
    wanted = float(question["门槛"] or WITHOUT_FLOOR) + source.uniform(-0.05, 0.06)
    middle = source.uniform(0.06, 0.16)
    first = min(0.97, max(0.3, wanted - sum(marks[1:-1]) * middle))
    bounds = [first] + [min(0.995, first + middle * place) for place in range(1, len(marks) - 1)]
    left_out = source.uniform(0.0, 0.035)
    counts = [0] * len(marks)
    for mood in moods:
        if source.random() < left_out:
            continue
        point = source.random() + LEAN * mood * (1 - first)
        counts[sum(1 for bound in bounds if point >= bound)] += 1
    return counts
