"""The tables of a test as CSV files, put into their folder whole or not at all."""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from chuangwen.assessment.records.scheme import TABLES, Scheme, TableRule
from chuangwen.assessment.records.score import Line, Result, rounded
from chuangwen.kernel.screens.table_sources import RISKY

HEAD: Final = ("name", "full", "score", "rate", "rank")
#: Every file that may be written; one of an earlier run that is not written again is taken away.
FILES: Final = (
    *(f"{name}.csv" for name in TABLES), *(f"{name}_corrected.csv" for name in TABLES), "unmatched.csv", "bad_rows.csv",
)  # fmt: skip
ALWAYS_CORRECTED: Final = ("items", "total")
_RISK: Final = re.compile(f"'*[{RISKY}]")


class NoFolder(OSError):
    """The place asked for cannot take the files; the message is its path."""


def printed(line: Line, rule: TableRule, rounding: str) -> tuple[str, str, str, str, str]:
    """A row as printed: name, full, score, rate, rank; each number rounded once, from its exact value."""
    numbers = ((line.full, rule.full), (line.score, rule.score), (line.rate, rule.rate))
    full, score, rate = (f"{rounded(value, places, rounding):f}" for value, places in numbers)
    return line.name, full, score, rate, str(line.rank)


def csv_bytes(head: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """UTF-8 without a mark at its front; text a spreadsheet would run gets an apostrophe, as in every export."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([["'" + cell if _RISK.match(cell) else cell for cell in row] for row in rows])
    return out.getvalue().encode()


def result_files(result: Result, scheme: Scheme) -> dict[str, bytes]:
    """The tables by file name: all as published; corrected items and total, and what else differs."""
    files = {}
    differing = {*result.differing(), *ALWAYS_CORRECTED}
    for which in TABLES:
        rule = scheme.tables[which]
        for tables, ending, wanted in (
            (result.published, "", True),
            (result.corrected, "_corrected", which in differing),
        ):
            if wanted:
                rows = [printed(line, rule, scheme.rounding) for line in tables.of(which)]
                files[f"{which}{ending}.csv"] = csv_bytes(HEAD, rows)
    return files


def write_folder(out: Path, files: Mapping[str, bytes]) -> None:
    """Put `files` into `out`, made where absent; other files there stay. All are written before any is moved.

    Raises NoFolder where `out`, or a folder above it, is a file, or a folder bears the name of a table; OSError
    for a full or forbidden disk.
    """
    blocked = [path for path in (out, *out.parents) if path.exists() and not path.is_dir()]
    blocked += [out / name for name in FILES if (out / name).is_dir()]
    if blocked:
        raise NoFolder(str(blocked[0]))
    out.parent.mkdir(parents=True, exist_ok=True)
    part = out.parent / f".{out.name or 'out'}.{os.getpid()}.part"
    try:
        part.mkdir()
        for name, data in files.items():
            (part / name).write_bytes(data)
        if not out.exists():
            part.rename(out)
            return
        for name in files:
            (part / name).replace(out / name)
        for name in set(FILES) - set(files):
            (out / name).unlink(missing_ok=True)
    finally:
        shutil.rmtree(part, ignore_errors=True)
