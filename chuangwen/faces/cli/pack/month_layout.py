"""The eight tables of a pack's folder `month`: what closing a month, issuing papers and checking facts stand on."""

from __future__ import annotations

from chuangwen.faces.cli.pack.layout import Column, Kind, Sheet

MONTH = "month"
# The values of assessment RankSubject and RankRule.ties; a test holds both sides together.
SUBJECTS = {
    "unit": "单位",
    "street": "镇街",
    "road_chief": "路长单位",
    "dispatcher": "派遣员",
    "checker": "核查员",
    "inspector": "巡查员",
}
TIES = {"min": "并列取小", "dense": "并列不跳号"}

# The kinds the burden ledger counts and registers SumKind; a test holds both sides together.
DEMANDS = {
    "fix": "整改", "photo": "照片", "form": "填表", "visit": "现场", "paper": "材料", "task": "任务", "meeting": "会议",
}  # fmt: skip
SUM_KINDS = {"sum": "合计", "share": "占比"}


def _column(key: str, title: str, required: bool = True, kind: Kind = "text", length: int = 0) -> Column:
    return Column(key, title, required, kind, max_length=length)


_CODE, _SOURCE = _column("code", "编号", length=20), _column("source", "来源", length=200)
_SAMPLE = Column("sample", "示例", False, "bool")
RANK_RULES = Sheet("rank_rules", "考核规则", (
    Column("subject", "排名对象", True, "choice", SUBJECTS), _column("version", "版本", length=20),
    _column("measures", "指标", length=400), _column("least_rows", "最少样本", kind="int"),
    _column("shrinks", "小样本收缩", kind="bool"), _column("confidence", "置信水平", kind="decimal"),
    _column("bonus_most", "加分上限", kind="decimal"), _column("malus_most", "减分上限", kind="decimal"),
    Column("ties", "并列", True, "choice", TIES), _column("objection_days", "申诉工作日", kind="int"),
    _column("answer_days", "答复工作日", kind="int"), _column("from_on", "起用", kind="date"), _SAMPLE, _SOURCE,
))  # fmt: skip
GROUPS = Sheet("peer_groups", "同类组", (
    _CODE, _column("name", "名称", length=40), _column("rank", "顺序", kind="int"), _SOURCE,
))  # fmt: skip
MEMBERS = Sheet("peer_units", "同类组单位", (_column("group", "组编号"), _column("unit", "单位编号")))
BODIES = Sheet("issuing_bodies", "发文机关", (
    _CODE, _column("unit", "单位编号"), _column("name", "署名", length=60), _column("mark", "发文机关标志", length=60),
    _column("character", "机关代字", length=20), _column("signer", "签发人", False, length=30), _SAMPLE, _SOURCE,
))  # fmt: skip
REGULATIONS = Sheet("regulations", "制度", (
    _column("code", "编号", length=30), _column("title", "名称", length=120), _column("version", "版本", length=20),
    _column("from_on", "施行", kind="date"), _column("to_on", "废止", False, "date"), _column("owner", "负责单位编号", False),
    _column("document", "文号", False, length=60), _column("text", "正文", False), _SAMPLE, _SOURCE,
))  # fmt: skip
MAPS = Sheet("export_maps", "报送格式", (
    _column("name", "名称", length=80), _column("columns", "列", length=600), _column("full", "满分", kind="decimal"),
    _column("decimals", "小数位", kind="int"), _SOURCE,
))  # fmt: skip
MINUTES = Sheet("burden_minutes", "每件约要几分钟", (
    Column("kind", "事项", True, "choice", DEMANDS), _column("minutes", "分钟", kind="int"), _SOURCE,
))  # fmt: skip
SUMS = Sheet("fact_sums", "数量关系", (
    _CODE, _column("name", "名称", length=120), Column("kind", "关系", True, "choice", SUM_KINDS),
    _column("parts", "组成", length=400), _column("total", "总数编号", False), _column("stated", "写明的总数", False, "decimal"),
    _SOURCE,
))  # fmt: skip
SHEETS = (RANK_RULES, GROUPS, MEMBERS, BODIES, REGULATIONS, MAPS, MINUTES, SUMS)
KEYS = {
    "rank_rules": ("subject", "version"), "peer_groups": ("code",), "peer_units": ("unit",), "issuing_bodies": ("code",),
    "regulations": ("code", "version"), "export_maps": ("name",), "burden_minutes": ("kind",), "fact_sums": ("code",),
}  # fmt: skip
