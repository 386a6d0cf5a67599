"""Suggestions for a whole table: a CSV goes in, the same CSV with two more columns comes out."""

from __future__ import annotations

import csv
import gzip
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from django.utils.translation import gettext as _

from chuangwen.problems.suggest.measure import Report, train_and_measure
from chuangwen.problems.suggest.model import Suggester

SUGGESTED, CONFIDENCE = "suggested", "confidence"
LONGEST_CELL = 10 * 2**20  # characters; the csv module stops at 131,072 unless told
PART_BREAK = "\u3000"  # between title and body; features.headline reads the first part as the title


class SuggestFileError(ValueError):
    """The table cannot be read or lacks what is asked for; the sentence is for the person at the keyboard."""


@dataclass(frozen=True)
class Table:
    """A CSV as it came: heads, rows of as many cells, and the encoding to write it back in."""

    heads: list[str]
    rows: list[list[str]]
    encoding: str


@dataclass(frozen=True)
class Summary:
    """What was done: rows read, rows given a suggestion, their mean confidence, counts, measurement."""

    rows: int
    suggested: int
    mean_confidence: float
    counts: dict[str, int] = field(default_factory=dict)
    report: Report | None = None
    warning: str = ""

    def __str__(self) -> str:
        told = _("共 {rows} 条，给出建议 {suggested} 条，平均置信度 {confidence:.4f}").format(
            rows=self.rows, suggested=self.suggested, confidence=self.mean_confidence
        )
        return "\n".join(
            part for part in (str(self.report) if self.report else "", self.warning, told) if part
        )


def suggest_file(
    in_path: Path | str,
    column: str,
    out_path: Path | str,
    train_path: Path | str | None = None,
    train_column: str | None = None,
    label: str | None = None,
    model: Suggester | None = None,
) -> Summary:
    """Write `in_path` with the columns `suggested` and `confidence` (0–1) added to `out_path`.

    Columns may be joined: "title+body". With `train_path` a full model is learnt from its column `label` and
    measured by cross-validation; otherwise `model` is asked. Files are CSV or CSV.gz in UTF-8 or GB 18030;
    the output keeps the input's encoding. Raises SuggestFileError, also where neither is given.
    """
    table = read_table(Path(in_path))
    texts = column_texts(table, column, Path(in_path))
    report, warning = None, ""
    if train_path is not None:
        if not label:
            raise SuggestFileError(_("有训练文件时要用 --label 写明类别所在的列"))
        learnt = read_table(Path(train_path))
        known = column_texts(learnt, train_column or column, Path(train_path))
        labels = column_texts(learnt, label, Path(train_path))
        if not any(labels):
            raise SuggestFileError(
                _("{file} 的列“{column}”全部为空，没有可学的类别").format(
                    file=Path(train_path).name, column=label
                )
            )
        model, report = train_and_measure(known, labels)
        if report is None:
            warning = _("可学的留言太少，未做交叉验证，置信度仅供参考")
    elif model is None:
        raise SuggestFileError(_("没有训练文件也没有已学的模型，用 --train 给出带类别的文件"))
    answers = _answers(model, texts)
    write_table(_with_answers(table, answers), Path(out_path))
    given = [confidence for suggested, confidence in answers if suggested]
    return Summary(
        rows=len(answers),
        suggested=len(given),
        mean_confidence=sum(given) / len(given) if given else 0.0,
        counts=dict(Counter(suggested for suggested, _confidence in answers if suggested).most_common()),
        report=report,
        warning=warning,
    )


def read_table(path: Path) -> Table:
    """Read a CSV or CSV.gz. Raises SuggestFileError when absent, empty, ragged or in another encoding."""
    try:
        raw = path.read_bytes()
        data = gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
    except FileNotFoundError as problem:
        raise SuggestFileError(_("找不到文件 {file}，核对路径后再试").format(file=path)) from problem
    except (OSError, EOFError) as problem:
        raise SuggestFileError(
            _("读不了文件 {file}：{problem}").format(file=path, problem=problem)
        ) from problem
    text, encoding = _decoded(data, path)
    csv.field_size_limit(LONGEST_CELL)
    try:
        lines = [row for row in csv.reader(io.StringIO(text, newline="")) if row]
    except csv.Error as problem:
        raise SuggestFileError(
            _("{file} 不是有效的CSV：{problem}").format(file=path.name, problem=problem)
        ) from problem
    if not lines:
        raise SuggestFileError(_("{file} 是空的，第一行要写列名").format(file=path.name))
    heads = [head.strip() for head in lines[0]]
    for number, row in enumerate(lines[1:], start=2):
        if len(row) > len(heads):
            raise SuggestFileError(
                _("{file} 第 {number} 行有 {cells} 格，列名只有 {heads} 个；检查这一行的逗号和引号").format(
                    file=path.name, number=number, cells=len(row), heads=len(heads)
                )
            )
    return Table(heads, [row + [""] * (len(heads) - len(row)) for row in lines[1:]], encoding)


def column_texts(table: Table, column: str, path: Path) -> list[str]:
    """The text of each row in `column`, or in several joined with "+", the first being the title."""
    names = [column] if column in table.heads else [name.strip() for name in column.split("+")]
    for name in names:
        if name not in table.heads:
            raise SuggestFileError(
                _("{file} 里没有列“{name}”，现有的列：{heads}").format(
                    file=path.name, name=name, heads="、".join(table.heads)
                )
            )
    places = [table.heads.index(name) for name in names]
    return [PART_BREAK.join(part for i in places if (part := row[i].strip())) for row in table.rows]


def write_table(table: Table, path: Path) -> None:
    """Write a CSV, compressed when the name ends in .gz; an older file goes only when all is written."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(table.heads)
    writer.writerows(table.rows)
    data = out.getvalue().encode(table.encoding)
    part = path.with_name(path.name + ".part")
    try:
        part.write_bytes(gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)
        part.replace(path)
    except OSError as problem:
        raise SuggestFileError(
            _("写不了文件 {file}：{problem}").format(file=path, problem=problem)
        ) from problem


def _decoded(data: bytes, path: Path) -> tuple[str, str]:
    attempts = ["utf-8-sig"] if data.startswith(b"\xef\xbb\xbf") else ["utf-8", "gb18030"]
    for encoding in attempts:
        try:
            return data.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise SuggestFileError(_("{file} 的编码不是UTF-8或GB18030，另存为UTF-8后再试").format(file=path.name))


def _answers(model: Suggester, texts: Sequence[str]) -> list[tuple[str, float]]:
    """The first suggestion for each text; an empty name and 0 where there is none."""
    found: dict[str, tuple[str, float]] = {}
    for text in texts:
        if text not in found:
            found[text] = next(iter(model.predict(text, top=1)), ("", 0.0))
    return [found[text] for text in texts]


def _with_answers(table: Table, answers: Sequence[tuple[str, float]]) -> Table:
    """The table with both columns, in place where it came with them from an earlier run."""
    heads = table.heads + [head for head in (SUGGESTED, CONFIDENCE) if head not in table.heads]
    first, second = heads.index(SUGGESTED), heads.index(CONFIDENCE)
    rows = []
    for row, (suggested, confidence) in zip(table.rows, answers, strict=True):
        wide = row + [""] * (len(heads) - len(row))
        wide[first], wide[second] = suggested, f"{confidence:.4f}"
        rows.append(wide)
    return Table(heads, rows, table.encoding)
