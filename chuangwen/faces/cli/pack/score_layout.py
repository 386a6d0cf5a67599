"""The five tables of a pack's folder `scores`: each with its columns, and the columns a row is known by."""

from __future__ import annotations

from chuangwen.faces.cli.pack.layout import Column, Kind, Sheet

SCORES = "scores"
# The values of assessment Front and Sanction, surveys Channel and ScoreRule.missing; a test holds both sides together.
FRONTS = {"dossier": "材料", "site": "实地", "survey": "问卷", "total": "总分"}
SANCTIONS = {
    "deduct": "扣分",
    "stop_nomination": "停止提名资格",
    "stop_year": "停止资格一年",
    "cancel": "取消称号",
}
CHANNELS = {"door": "入户", "street": "街头", "web": "网上", "phone": "电话"}
MISSING = {"skip": "按已有部分折算", "zero": "按零分", "carry": "沿用上年"}


def _column(key: str, title: str, required: bool = True, kind: Kind = "text", length: int = 0) -> Column:
    return Column(key, title, required, kind, max_length=length)


_SCHEME, _EDITION = _column("scheme", "体系编号", length=40), _column("edition", "版本", length=40)
_SOURCE = _column("source", "来源", length=200)
RULES = Sheet("score_rules", "计分规则", (
    _SCHEME, _EDITION, _column("minors_scheme", "未成年人体系编号", False), _column("minors_edition", "未成年人版本", False),
    _column("version", "版本号", kind="int"), _column("dossier", "材料权重", kind="decimal"),
    _column("site", "实地权重", kind="decimal"), _column("survey", "问卷权重", kind="decimal"),
    _column("years", "三年权重", False), _column("first_year", "周期首年", False, "int"),
    _column("minors_share", "未成年人占比", False, "decimal"), _column("minors_floor", "未成年人门槛", False, "decimal"),
    _column("goal", "目标分", False, "decimal"), _column("confidence", "置信水平", kind="decimal"),
    Column("missing", "缺数据办法", True, "choice", MISSING), _column("prior_spread", "未校准离散", False, "decimal"), _SOURCE,
))  # fmt: skip
NEGATIVE = Sheet("negative_rules", "负面清单", (
    _SCHEME, _column("code", "编号", length=20), _column("text", "情形", length=200),
    Column("sanction", "后果", True, "choice", SANCTIONS), _column("points", "扣分", kind="decimal"),
    _column("months", "有效月数", kind="int"), _SOURCE,
))  # fmt: skip
RESULTS = Sheet("official_results", "正式结果", (
    _SCHEME, _column("year", "年度", kind="int"), Column("front", "范围", True, "choice", FRONTS),
    _column("score", "得分", False, "decimal"), _column("rank", "名次", False, "int"),
    _column("pool", "排名范围", False, length=40), _column("among", "参评数", False, "int"), _SOURCE,
))  # fmt: skip
BATCHES = Sheet("batches", "问卷批次", (
    _SCHEME, _EDITION, _column("name", "名称", length=80), Column("channel", "渠道", True, "choice", CHANNELS),
    _column("from_on", "起", kind="date"), _column("to_on", "止", kind="date"), _column("given", "发放", kind="int"),
    _column("valid", "有效", kind="int"), _column("sample", "示例", False, "bool"), _SOURCE,
))  # fmt: skip
ANSWERS = Sheet("answers", "答案汇总", (
    _SCHEME, _EDITION, _column("batch", "批次"), _column("question", "问题编号"), _column("option", "选项"),
    _column("n", "份数", kind="int"),
))  # fmt: skip
SHEETS = (RULES, NEGATIVE, RESULTS, BATCHES, ANSWERS)
KEYS = {
    "score_rules": ("scheme", "edition", "version"), "negative_rules": ("scheme", "code"),
    "official_results": ("scheme", "year", "front", "pool"), "batches": ("scheme", "edition", "name"),
    "answers": ("scheme", "edition", "batch", "question", "option"),
}  # fmt: skip
