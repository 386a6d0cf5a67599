"""Writes the folder `month` of one pack: rank rules, groups, issuing bodies, regulations, minutes, relations of facts."""

from __future__ import annotations

import csv
from pathlib import Path

from packs.sample import bodies
from packs.sample.plan import SINCE, Plan
from packs.sample.score_files import read_rows

Row = dict[str, str]
OWN = "示例，本项目自拟"
TITLES = {
    "rank_rules": "排名对象,版本,指标,最少样本,小样本收缩,置信水平,加分上限,减分上限,并列,申诉工作日,答复工作日,起用,示例,来源",
    "peer_groups": "编号,名称,顺序,来源",
    "peer_units": "组编号,单位编号",
    "issuing_bodies": "编号,单位编号,署名,发文机关标志,机关代字,签发人,示例,来源",
    "regulations": "编号,名称,版本,施行,废止,负责单位编号,文号,正文,示例,来源",
    "export_maps": "名称,列,满分,小数位,来源",
    "burden_minutes": "事项,分钟,来源",
    "fact_sums": "编号,名称,关系,组成,总数编号,写明的总数,来源",
}
MEASURES = {
    "unit": "fixed_in_time:35|passed_first:20|not_recurred:15|tasks_in_time:15|dossier_whole:15",
    "street": "fixed_in_time:45|passed_first:30|not_recurred:25",
    "road_chief": "fixed_in_time:45|passed_first:30|not_recurred:25",
    "dispatcher": "accurate:100",
    "checker": "spot_good:100",
    "inspector": "valid_reports:100",
}
GROUPS = (
    ("a", "甲 主责部门"), ("b", "乙 配合部门"), ("c", "丙 区县创建处"), ("d", "丁 街道"), ("e", "戊 镇"), ("f", "己 窗口与企业"),
)  # fmt: skip
EXPORT = "序号=serial|单位=name|组别=group|全年得分=score|计入月数=months|加减分=bonus|备注=note"

MINUTES = {"fix": 120, "photo": 10, "form": 30, "visit": 60, "paper": 180, "task": 120, "meeting": 90}
# The source documents' own sums; of a whole the document does not write, the source says that it was worked out.
WORKED_OUT = "，总数原文未写，由两数算出"
SUMS = {
    "gongyi": (
        ("GY-S1", "注册志愿者占全市人口", "share", "GY-047|GY-048", "", "850000",
         f"「注册志愿者达到14.7万余人」「占全市人口比例达到17.3%」{WORKED_OUT}约 85 万人"),
        ("GY-S2", "文明村占全市的村", "share", "GY-161|GY-162", "", "268",
         f"「巩义市文明村173个」「文明村占比达64.6%」{WORKED_OUT}约 268 个"),
    ),
    "luohe": (
        ("LH-S1", "文明实践中心、所、站", "sum", "LH-023|LH-024|LH-025", "LH-021", "",
         "「全市共建成新时代文明实践中心（所、站）1274个」「中心5个」「所59个」「站1210个」"),
        ("LH-S2", "分包的三无楼院", "sum", "LH-045|LH-046", "", "994",
         f"「392个底子薄弱的“三无楼院”」「另外602个现状一般的“三无楼院”」{WORKED_OUT}"),
        ("LH-S3", "不文明行为问卷", "sum", "LH-015|LH-016", "", "19479",
         f"「实地调查问卷1.28万份」「网上调查共接收调查问卷6679份」{WORKED_OUT}"),
    ),
}  # fmt: skip


def write_month(plan: Plan, folder: Path) -> None:
    """Writes all files into `folder`; units are read from the pack's own list beside it."""
    units = read_rows(folder.parent / "units.csv")
    groups = {unit["单位编号"]: group_of(plan, unit) for unit in units if unit["参加排名"] == "yes"}
    used = [group for group in GROUPS if group[0] in groups.values()]
    signs = "甲乙丙丁戊己"
    files = {
        "rank_rules": [rule(subject) for subject in MEASURES],
        "peer_groups": [
            {"编号": code, "名称": signs[n] + name[1:], "顺序": str(n + 1), "来源": OWN} for n, (code, name) in enumerate(used)
        ],
        "peer_units": [{"组编号": group, "单位编号": unit} for unit, group in groups.items()],
        "issuing_bodies": issuing_bodies(plan),
        "regulations": regulations(plan),
        "export_maps": [{"名称": "目标责任制考核报送表", "列": EXPORT, "满分": "100", "小数位": "2", "来源": OWN}],
        "burden_minutes": [
            {"事项": kind, "分钟": str(minutes), "来源": f"{OWN}，由本市核定"} for kind, minutes in MINUTES.items()
        ],
        "fact_sums": [dict(zip(TITLES["fact_sums"].split(","), line, strict=True)) for line in SUMS[plan.folder]],
    }  # fmt: skip
    folder.mkdir(exist_ok=True)
    for name, rows in files.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.DictWriter(file, TITLES[name].split(","), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


def rule(subject: str) -> Row:
    """The first version of one subject's rule."""
    return {
        "排名对象": subject, "版本": "2026-1", "指标": MEASURES[subject], "最少样本": "3", "小样本收缩": "yes", "置信水平": "0.95",
        "加分上限": "5", "减分上限": "20", "并列": "min", "申诉工作日": "3", "答复工作日": "3", "起用": SINCE, "示例": "yes",
        "来源": "指标和权重为示例；考核对象按 CJ/T 292 分区域、部门、岗位、采集员" if subject != "unit" else OWN,
    }  # fmt: skip


def group_of(plan: Plan, unit: Row) -> str:
    """The group a ranked unit belongs to, by its kind; the leading departments apart from those that help."""
    kind = unit["类型"]
    if kind == "department":
        working = {code for code, _name, _short in bodies.lines(bodies.WORKING_DEPARTMENTS)}
        return "a" if unit["单位编号"] in working else "b"
    if kind == "street":
        return (
            "d"
            if unit["单位编号"].removeprefix("street-") in plan.urban or unit["名称"].endswith("街道办事处")
            else "e"
        )
    return {"district_office": "c"}.get(kind, "f")


def issuing_bodies(plan: Plan) -> list[Row]:
    """The command and its office; short characters are samples."""
    city, short = plan.name, plan.name[0]
    name = f"{city}创建全国文明城市指挥部"
    more = {"签发人": "", "示例": "yes", "来源": "名称依来源文件，机关代字为示例"}
    return [
        {"编号": "creation_office", "单位编号": "creation_office", "署名": f"{name}办公室", "发文机关标志": f"{name}办公室文件",
         "机关代字": f"{short}创建办", **more},
        {"编号": "headquarters", "单位编号": "command", "署名": name, "发文机关标志": f"{name}文件", "机关代字": f"{short}创建指", **more},
    ]  # fmt: skip


def regulations(plan: Plan) -> list[Row]:
    """Standing rules named in the source documents; their texts are short samples."""
    city = plan.name
    title = f"{city}创建全国文明城市工作奖惩问责暂行办法"
    named = plan.level == "prefecture"
    rows = [
        ("reward", title, "2026", "对创建工作中的表扬、加分、扣分、通报、表态发言和移交问责作出规定。",
         "名称：来源文件「《漯河市创建全国文明城市工作奖惩问责暂行办法》」；正文为示例" if named else OWN),
        ("ranking", f"{city}创建工作月考核办法", "2026", "考核对象、指标、权重、同类分组、申诉和定稿按系统中当月在用的规则执行。", OWN),
        ("rhythm", f"{city}创建工作例会制度", "2026", "周例会、月考核、季讲评；议定事项当天转为任务，下次会议先报落实情况。", OWN),
    ]  # fmt: skip
    return [
        {"编号": code, "名称": name, "版本": version, "施行": SINCE, "废止": "", "负责单位编号": "creation_office", "文号": "",
         "正文": text, "示例": "yes", "来源": source}
        for code, name, version, text, source in rows
    ]  # fmt: skip
