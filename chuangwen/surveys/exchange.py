"""Answers from office tables: counted ones, or one row per questionnaire; every bad row named, nobody's name read.

Two shapes are known by their titles: 问题编号, 选项, 份数 (one row per option), or one column per question with the option's
words, letter or number in each cell. Reading changes nothing; what was read fills the form, and the form is saved.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from chuangwen.kernel.screens.table_cells import plain
from chuangwen.kernel.screens.tables import Bad, Column, Fault, Row, TableRead, read_table
from chuangwen.standards.models import Question
from chuangwen.surveys.models import Batch
from chuangwen.surveys.persons import is_personal, tells_persons

COUNT_COLUMNS = (
    Column("question", ("问题编号", "题号", "question"), required=True, max_length=60, fill_down=True),
    Column("option", ("选项", "option"), required=True, max_length=200),
    Column("n", ("份数", "人数", "n"), required=True, kind="int"),
)
NUMBER = Column("number", ("问卷编号", "答卷编号", "序号"), max_length=40)
MOST_SHEETS = 50_000
SAMPLE = 500  # cells of a column nobody asked for that are looked at for persons
_RAW = "raw:"


@dataclass
class Reading:
    """What a file says: how often each option of each question (by key) was chosen, and what was left out.

    `sheets` is the number of questionnaires in a sheet of answers, None in a table of counts. A refused file has
    counts of nothing.
    """

    name: str
    counts: dict[int, list[int]] = field(default_factory=dict)
    bad: list[Bad] = field(default_factory=list)
    sheets: int | None = None
    ignored: list[str] = field(default_factory=list)
    is_refused: bool = False


def read_answers(data: bytes, name: str, batch: Batch, questions: Sequence[Question]) -> Reading:
    """Reads either shape for the questions of the batch's edition. Raises BadTable for what is no table."""
    table = read_table(data, name, columns=COUNT_COLUMNS)
    if not table.faults and table.header_row is not None:
        return _counted(table, batch, questions)
    wide = read_table(data, name, columns=_wide_columns(questions), max_rows=MOST_SHEETS)
    if wide.header_row is None:
        said = _("表头认不出来。汇总表写问题编号、选项、份数三列；答卷表每题一列，表头写问题编号或原文。")
        return Reading(name, bad=[Bad(None, "", "", "", said)], is_refused=True)
    return _sheets(data, wide, batch, questions)


def _bad(fault: Fault) -> Bad:
    value = _("（不显示）") if is_personal(fault.value) else fault.value[:60]
    return Bad(fault.row, fault.column, fault.title, value, fault.sentence)


def _at(table: TableRead, row: Row, key: str, value: object, sentence: str) -> Bad:
    letters, title = table.places.get(key, ("", ""))
    shown = _("（不显示）") if is_personal(str(value)) else str(value)[:60]
    return Bad(row.number, letters, title, shown, sentence)


def option_of(words: Sequence[str], given: str) -> int | None:
    """Which option a cell means: its words, else its number from 1, else its letter from A; None for none of them."""
    text = plain(given).casefold().rstrip(".、．")
    known = [plain(word).casefold() for word in words]
    if text in known:
        return known.index(text)
    if text.endswith(".0"):
        text = text[:-2]
    if text.isascii() and text.isdigit() and len(text) < 4 and 1 <= int(text) <= len(words):
        return int(text) - 1
    if len(text) == 1 and "a" <= text <= "z" and ord(text) - ord("a") < len(words):
        return ord(text) - ord("a")
    return None


def _words(question: Question) -> list[str]:
    return [str(words) for words, _share in question.options]


def _listed(question: Question) -> str:
    return "、".join(f"“{word}”" for word in _words(question))


# A table of counts ----------------------------------------------------------------------------------


def _counted(table: TableRead, batch: Batch, questions: Sequence[Question]) -> Reading:
    by_code = {plain(q.code).casefold(): q for q in questions}
    found: dict[int, dict[int, tuple[int, int]]] = {}  # question -> option -> (count, row)
    spoiled: set[int] = set()
    reading = Reading(table.file, ignored=table.unknown)
    for row in table.rows:
        code = row.values.get("question")
        question = by_code.get(plain(code).casefold()) if code else None
        wrong = _wrong_count(table, row, batch, question, found)
        if wrong or row.faults:
            reading.bad += [*map(_bad, row.faults), *([wrong] if wrong else [])]
            spoiled |= {question.pk} if question else set()
        elif question:
            option = option_of(_words(question), row.values["option"])
            found.setdefault(question.pk, {})[option or 0] = (row.values["n"], row.number)
    reading.bad += _too_many(batch, questions, found, spoiled)
    for question in questions:
        if question.pk in found and question.pk not in spoiled:
            by_option = found[question.pk]
            reading.counts[question.pk] = [by_option.get(i, (0, 0))[0] for i in range(len(question.options))]
    return reading


def _wrong_count(
    table: TableRead, row: Row, batch: Batch, question: Question | None,
    found: dict[int, dict[int, tuple[int, int]]],
) -> Bad | None:  # fmt: skip
    """What is wrong with one row of counts beyond unreadable cells; None where nothing is."""
    code, given, n = (row.values.get(key) for key in ("question", "option", "n"))
    if code is None:
        return None
    if question is None:
        return _at(table, row, "question", code, _("“%(edition)s”里没有问题“%(code)s”。核对问题编号。") % {
            "edition": batch.edition, "code": code})  # fmt: skip
    if given is None or n is None:
        return None
    option = option_of(_words(question), given)
    if option is None:
        return _at(table, row, "option", given, _("问题 %(code)s 没有这个选项，可以是%(options)s。改正后再导入。") % {
            "code": question.code, "options": _listed(question)})  # fmt: skip
    if not 0 <= n <= batch.valid:
        return _at(
            table, row, "n", n, _("份数应在 0 到有效份数 %(valid)s 之间。核对份数。") % {"valid": batch.valid}
        )
    if option in found.get(question.pk, {}):
        return _at(table, row, "option", given, _("与第 %(row)s 行重复：同一问题同一选项。只留一行。") % {
            "row": found[question.pk][option][1]})  # fmt: skip
    return None


def _too_many(
    batch: Batch, questions: Sequence[Question], found: dict[int, dict[int, tuple[int, int]]], spoiled: set[int]
) -> Iterable[Bad]:  # fmt: skip
    """Questions answered more often than there are questionnaires; they join the spoiled ones."""
    for question in questions:
        by_option = found.get(question.pk, {})
        total = sum(n for n, _row in by_option.values())
        if total > batch.valid:
            spoiled.add(question.pk)
            last = max(row for _n, row in by_option.values())
            yield Bad(last, "", "", str(total), _(
                "问题 %(code)s 各选项合计 %(total)s 份，多于有效 %(valid)s 份。核对份数或批次的有效份数。") % {
                    "code": question.code, "total": total, "valid": batch.valid})  # fmt: skip


# A sheet of answers ---------------------------------------------------------------------------------


def _wide_columns(questions: Sequence[Question]) -> list[Column]:
    """One column per question, called by its code, its words or both; the number of the questionnaire beside."""
    texts = Counter(question.text for question in questions)
    columns = [NUMBER]
    for question in questions:
        both = (
            f"{question.code} {question.text}",
            f"{question.code}{question.text}",
            f"{question.code}、{question.text}",
        )
        own = (question.text,) if texts[question.text] == 1 else ()
        columns.append(Column(str(question.pk), (question.code, *own, *both)))
    return columns


def _sheets(data: bytes, table: TableRead, batch: Batch, questions: Sequence[Question]) -> Reading:
    persons = _person_columns(data, table, questions)
    reading = Reading(
        table.file, sheets=len(table.rows), ignored=[t for t in table.unknown if t not in persons]
    )
    if persons:
        reading.is_refused = True
        reading.bad = [Bad(table.header_row, "", title, "", _(
            "“%(title)s”一列像是答卷人的个人信息，文件没有读取。删去这一列再导入。") % {"title": title})
            for title in persons]  # fmt: skip
        return reading
    reading.bad = [_bad(fault) for fault in table.faults]
    asked = [q for q in questions if str(q.pk) in table.places]
    if not asked:
        reading.is_refused = True
        reading.bad.append(Bad(table.header_row, "", "", "", _(
            "没有一列是“%(edition)s”的问题。表头写问题编号或问题原文。") % {"edition": batch.edition}))  # fmt: skip
        return reading
    if len(table.rows) > batch.valid:
        reading.is_refused = True
        reading.bad.append(Bad(None, "", "", str(len(table.rows)), _(
            "文件有 %(rows)s 份，多于批次的有效 %(valid)s 份。先改批次的有效份数，或核对文件。") % {
                "rows": len(table.rows), "valid": batch.valid}))  # fmt: skip
        return reading
    _count_sheets(reading, table, asked)
    return reading


def _count_sheets(reading: Reading, table: TableRead, asked: Sequence[Question]) -> None:
    words = {q.pk: _words(q) for q in asked}
    reading.counts = {q.pk: [0] * len(q.options) for q in asked}
    numbers: dict[str, int] = {}
    for row in table.rows:
        number = row.values.get("number")
        if number and number in numbers:
            reading.bad.append(_at(table, row, "number", number, _(
                "与第 %(row)s 行的问卷编号相同，这一份不计。核对是不是录了两次。") % {"row": numbers[number]}))  # fmt: skip
            continue
        if number:
            numbers[number] = row.number
        reading.bad += map(_bad, row.faults)
        for question in asked:
            given = row.values.get(str(question.pk))
            if given is None:
                continue
            option = option_of(words[question.pk], given)
            if option is None:
                reading.bad.append(_at(table, row, str(question.pk), given, _(
                    "问题 %(code)s 没有这个选项，可以是%(options)s；这一答案算作未答。") % {
                        "code": question.code, "options": _listed(question)}))  # fmt: skip
            else:
                reading.counts[question.pk][option] += 1


def _person_columns(data: bytes, table: TableRead, questions: Sequence[Question]) -> list[str]:
    """Titles of the columns that tell who answered, among those nobody asked for and that of the number."""
    if not table.unknown and "number" not in table.places:
        return []
    more = [Column(f"{_RAW}{title}", (title,)) for title in dict.fromkeys(table.unknown)]
    again = read_table(
        data,
        table.file,
        sheet=table.sheet or None,
        columns=[*_wide_columns(questions), *more],
        max_rows=MOST_SHEETS,
    )
    looked = [(column.key, column.titles[0]) for column in more]
    if "number" in table.places:
        looked.append(("number", table.places["number"][1]))
    return [
        title for key, title in looked
        if tells_persons(title, [str(row.values.get(key) or "") for row in again.rows[:SAMPLE]])
    ]  # fmt: skip
