"""Writes the folder `standards` of one pack, and says which titles each of its files has."""

from __future__ import annotations

import csv
from pathlib import Path

from packs.sample import trees
from packs.sample.plan import Plan

TITLES = {
    "schemes": "体系编号,体系名称,类别,版本,年份,适用,满分,在用,示例,来源",
    "nodes": "体系编号,版本,编号,上级编号,层级,名称,全文,分值,计分规则,适用,说明,工作量,来源",
    "requirements": "体系编号,版本,标准编号,方法,分值,要求,应达水平,主责单位编号,协办单位编号,来源",
    "materials": "体系编号,版本,标准编号,材料编号,类别,要求,份数,字数上限,起,止,报送日期,同材料编号,来源",
    "check_items": "体系编号,版本,标准编号,检查项编号,点位类型,检查内容,评分办法,分值,问题类别编号,来源",
    "grading": "编号,名称,方式,参数,来源",
    "questions": "体系编号,版本,标准编号,问题编号,对象,问题,选项,计分,门槛,来源",
    "series": "体系编号,版本,标准编号,序列编号,指标名称,计量单位,目标,比较,数据单位编号,来源",
}


def write_standards(plan: Plan, terms: Path, folder: Path) -> None:
    """Writes all files into `folder`; `terms` is the pack's terms.csv, which names the site types."""
    with terms.open(encoding="utf-8-sig", newline="") as file:
        names = {row["编码"]: row["名称"] for row in csv.DictReader(file) if row["词表"] == "site_type"}
    folder.mkdir(exist_ok=True)
    for name, rows in trees.files_of(plan, names.__getitem__).items():
        titles = TITLES[name].split(",")
        with (folder / f"{name}.csv").open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.DictWriter(file, titles, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
