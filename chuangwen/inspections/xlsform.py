"""A checklist as an XLSForm: rows of survey, choices and settings, and the XForm they convert to.

Everything here is pure: a checklist in, rows out. The same rows are written to .xlsx and served to phones, so what a
city opens in Excel is what its phones show. Names of questions: `r` and the item's number is its result, `c` its
count, `n` its words, `p` its photos. Source of the columns: the XLSForm specification.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from chuangwen.inspections.grading import BadGrade, bands_of

Row = dict[str, str]
LANGUAGES: Final = (("zh-hans", "中文 (zh)"), ("en", "English (en)"))  # the language of Django, its column
PASS, FAIL, NOT_HERE = "pass", "fail", "not_here"
MOST_PHOTOS: Final = 3
MOST_PIXELS: Final = 2048  # the long edge a phone makes its photos smaller to
ROUNDS, VISITS = "rounds.csv", "visits.csv"
GONE = "${gone}='yes'"
COLUMNS: Final = (
    "type", "name", "label", "hint", "required", "relevant", "appearance", "choice_filter", "calculation", "default",
    "constraint", "constraint_message", "parameters",
)  # fmt: skip
_SAFE = re.compile(r"[A-Za-z0-9_]{1,20}")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # no characters of XML 1.0


@dataclass(frozen=True)
class Ask:
    """One check item: its number, its words, how it is graded (`standards.Grading`)."""

    pk: int
    text: str
    way: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Checklist:
    """What is looked at on one type of place: the items under the standard they belong to, (number, name, items)."""

    form_id: str
    title: str
    groups: Sequence[tuple[int, str, Sequence[Ask]]]


@dataclass(frozen=True)
class XlsForm:
    """The three sheets; `version` is a digest of them, so it changes exactly when they change."""

    survey: list[Row]
    choices: list[Row]
    settings: Row

    @property
    def version(self) -> str:
        return self.settings["version"]

    def sheets(self) -> dict[str, list[Row]]:
        return {"survey": self.survey, "choices": self.choices, "settings": [self.settings]}


def plain(text: str) -> str:
    """Words as they may stand in a form: no reference to a question (${…}), nothing XML cannot carry."""
    return _UNPRINTABLE.sub("", text).replace("${", "＄{").strip() or "—"


def _said(words: Any, column: str = "label", **values: Any) -> Row:
    """The words in each language, as columns; what has no translation stays Chinese."""
    found = {}
    for code, name in LANGUAGES:
        with translation.override(code):
            found[f"{column}::{name}"] = str(words) % values if values else str(words)
    return found


def _ask(kind: str, name: str, words: Any = "", **columns: Any) -> Row:
    row = {"type": kind, "name": name} | (_said(words) if words else {})
    return row | {key: str(value) for key, value in columns.items() if value}


def xlsform_of(checklist: Checklist) -> XlsForm:
    """The form of a checklist: which visit, gone or not, every item under its standard, place, note, voice note."""
    asks = [ask for _pk, _name, part in checklist.groups for ask in part]
    lists: dict[str, list[Row]] = {}
    survey = [_ordered(row) for row in (*_opening(), *_items(checklist, lists), *_closing(asks))]
    choices = [{"list_name": name, **row} for name, rows in _lists(lists).items() for row in rows]
    settings = {
        "form_title": plain(checklist.title), "form_id": checklist.form_id, "default_language": LANGUAGES[0][1],
        "instance_name": "${place}",
    }  # fmt: skip
    told = json.dumps([survey, choices, settings], ensure_ascii=False, sort_keys=True)
    return XlsForm(survey, choices, settings | {"version": hashlib.sha256(told.encode()).hexdigest()[:16]})


def _ordered(row: Row) -> Row:
    """The columns in one order, so that the sheet and the rows convert to the same form."""
    return dict(sorted(row.items(), key=lambda pair: COLUMNS.index(pair[0].split("::")[0])))


def _opening() -> list[Row]:
    """When, which visit, and whether somebody could go; the visits are a file that differs from person to person."""
    root = "instance('visits')/root"
    of_visit = f"{root}/item[name=${{visit}}]"
    return [
        _ask("start", "start"),
        _ask("end", "end"),
        _ask(f"select_one_from_file {ROUNDS}", "round", _("哪一轮"), required="yes"),
        _ask(f"select_one_from_file {VISITS}", "visit", _("哪一处"), required="yes", choice_filter="round=${round}",
             appearance="minimal autocomplete"),
        _ask("calculate", "place", calculation=f"{of_visit}/label"),
        _ask("calculate", "kind", calculation=f"{of_visit}/kind"),
        _ask("select_one gone", "gone", _("去成了没有"), required="yes", appearance="columns-pack"),
        _ask("text", "why", _("为什么没去成"), required="yes", relevant="${gone}='no'") | _said(
            _("闭店、施工、找不到"), "hint"),
        _ask("geopoint", "here", _("在这里（定一次位）"), relevant=GONE),
    ]  # fmt: skip


def _items(checklist: Checklist, lists: dict[str, list[Row]]) -> list[Row]:
    found, number = [], 0
    for pk, name, part in checklist.groups:
        found.append(_ask("begin_group", f"g{pk}", plain(name), relevant=GONE, appearance="field-list"))
        for ask in part:
            number += 1
            found += _item(ask, number, lists)
        found.append({"type": "end_group"})
    return found


def _item(ask: Ask, number: int, lists: dict[str, list[Row]]) -> list[Row]:
    """One check item: its result, and once it is wrong the count, a few words and photos."""
    pk, choices, right = ask.pk, "result", PASS
    bands = bands_named(ask.params) if ask.way == "bands" else {}
    if bands:
        choices = "bands_" + hashlib.sha256("\0".join(bands.values()).encode()).hexdigest()[:8]
        right = next(iter(bands))
        lists[choices] = [{"name": name} | _said(plain(band)) for name, band in bands.items()]
    wrong = f"${{r{pk}}}!='' and ${{r{pk}}}!='{right}' and ${{r{pk}}}!='{NOT_HERE}'"
    rows = [
        _ask(f"select_one {choices}", f"r{pk}", f"{number}. {plain(ask.text)}", appearance="columns-pack")
    ]
    rows += _count(ask, wrong)
    rows.append(
        _ask(
            "text", f"n{pk}", _("哪里、什么样，几个字"), relevant=wrong, constraint="string-length(.) <= 200"
        )
    )
    for n in range(1, MOST_PHOTOS + 1):
        when = wrong if n == 1 else f"${{p{pk}_{n - 1}}}!=''"
        words = _("拍照") if n == 1 else _("再拍一张")
        rows.append(_ask("image", f"p{pk}_{n}", words, relevant=when, parameters=f"max-pixels={MOST_PIXELS}"))
    return rows


def bands_named(params: Mapping[str, Any]) -> dict[str, str]:
    """The bands of a rule, best first, by the name a form gives them; none where the rule's figures are wrong."""
    try:
        bands = [name for name, _share in bands_of(params)]
    except BadGrade:
        return {}
    return {f"b_{b if _SAFE.fullmatch(b) else hashlib.sha256(b.encode()).hexdigest()[:12]}": b for b in bands}


def _figure(params: Mapping[str, Any], name: str) -> str:
    """A figure of the rule as XPath reads it; empty where it is none."""
    try:
        value = Decimal(str(params.get(name, "")))
    except InvalidOperation:
        return ""
    return f"{value:f}" if value.is_finite() else ""


def _count(ask: Ask, wrong: str) -> list[Row]:
    """What a wrong item asks to be counted, and what the count must be for the item to be wrong."""
    n, m = (plain(str(ask.params.get(key, ""))) for key in ("count", "metres"))
    least, minutes = (plain(str(ask.params.get(key, ""))) for key in ("least", "minutes"))
    given: dict[str, Any] = {"required": "yes"}
    if ask.way == "points":
        words, given["default"], bound = _said(_("发现几处")), "1", ". >= 1"
    elif ask.way == "count_per_metre":
        words = _said(_("找到几处（%(m)s 米内要 %(n)s 处）"), n=n, m=m)
        bound = _below(ask.params, "count")
    elif ask.way == "timed" and "least" in ask.params:
        words = _said(_("%(m)s 分钟里有几次（满 %(n)s 次得满分）"), n=least, m=minutes)
        bound = _below(ask.params, "least")
    elif ask.way == "timed":
        words, given, bound = _said(_("%(m)s 分钟里看到几次"), m=minutes), {}, _above(ask.params, "most")
    elif ask.way == "hotline":
        words, given, bound = _said(_("响了几声（没人接不填）")), {}, _above(ask.params, "rings")
    else:
        return []
    said = _said(_("这个数和“不合格”对不上，改其中一个。"), "constraint_message")
    limit = f"{bound} and . <= 9999" if bound else ". >= 0 and . <= 9999"
    row = _ask("integer", f"c{ask.pk}", relevant=wrong, constraint=limit, **given)
    return [row | words | said]


def _below(params: Mapping[str, Any], name: str) -> str:
    figure = _figure(params, name)
    return f". >= 0 and . < {figure}" if figure else ""


def _above(params: Mapping[str, Any], name: str) -> str:
    figure = _figure(params, name)
    return f". > {figure}" if figure else ""


def _closing(asks: Iterable[Ask]) -> list[Row]:
    """How many items are open (one tap says they are right), the verdict of an acceptance, words and a voice note."""
    still = "+".join(f"if(${{r{ask.pk}}}='',1,0)" for ask in asks) or "0"
    return [
        _ask("calculate", "left", calculation=still),
        _ask("select_one rest", "rest", _("还有 %(n)s 项没点。漏了就退回去点；都合格就选下面这一个") % {"n": "${left}"},
             required="yes", relevant=f"{GONE} and ${{left}} > 0"),
        _ask("select_one accepted", "accepted", _("验收结论"), required="yes",
             relevant=f"{GONE} and ${{kind}}='acceptance'", appearance="columns-pack"),
        _ask("text", "note", _("整处说明"), relevant=GONE, constraint="string-length(.) <= 300"),
        _ask("audio", "voice", _("录一段话"), relevant=GONE, parameters="quality=voice-only"),
    ]  # fmt: skip


def _lists(bands: Mapping[str, list[Row]]) -> dict[str, list[Row]]:
    not_here = {"name": NOT_HERE} | _said(_("不适用"))
    fixed = {
        "gone": [{"name": "yes"} | _said(_("去了")), {"name": "no"} | _said(_("没去成"))],
        "result": [{"name": PASS} | _said(_("合格")), {"name": FAIL} | _said(_("不合格")), not_here],
        "rest": [{"name": "yes"} | _said(_("没点的都合格"))],
        "accepted": [{"name": "yes"} | _said(_("通过")), {"name": "no"} | _said(_("不通过"))],
    }
    return fixed | {name: [*rows, not_here] for name, rows in bands.items()}


def xform_of(form: XlsForm, *, is_checked: bool = False) -> str:
    """The XForm a phone reads, as pyxform converts it; `is_checked`: ODK Validate looks at it too (needs Java).

    Raises pyxform's PyXFormError for rows that are no form, ODKValidateError for one ODK Validate refuses.
    """
    from pyxform.xls2xform import convert

    # It mends what it is given, so it gets a copy; columns it has not met in a hundred rows it does not know.
    sheets: Any = {name: [dict(row) for row in rows] for name, rows in form.sheets().items()}
    sheets |= {f"{name}_header": [dict.fromkeys(columns_of(rows))] for name, rows in form.sheets().items()}
    return convert(sheets, validate=is_checked, form_name="data", pretty_print=False).xform


def columns_of(rows: Iterable[Row]) -> list[str]:
    """The columns these rows have, in the order they come up."""
    return list(dict.fromkeys(key for row in rows for key in row))


def workbook_of(form: XlsForm) -> bytes:
    """The form as .xlsx, one sheet each, as any XLSForm tool reads it."""
    import io

    from openpyxl import Workbook

    book = Workbook(write_only=True)
    for name, rows in form.sheets().items():
        sheet = book.create_sheet(name)
        columns = columns_of(rows)
        sheet.append(columns)
        for row in rows:
            sheet.append([row.get(column, "") for column in columns])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
