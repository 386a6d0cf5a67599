"""The filled samples: read from `data/samples.txt`, a plain text that whoever knows papers can change.

A line `[kind]` opens a paper; `name: value` fills a part; `# ## ### ####` open headings of level 1–4, where `|` divides the
heading from text that goes on in the paragraph; a line with tabs is a row of a table (the first its head), `表：` its caption;
`附件：` opens an attachment; any other line is a paragraph.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any, Final

from chuangwen.papers.format.content import PaperText, from_data
from chuangwen.papers.format.kinds import Kind

HOUSE: Final = "示例市全国文明城市创建工作指挥部办公室"
DAY: Final = dt.date(2026, 11, 22)
LISTS: Final = ("signer", "signature", "attend", "leave", "observe", "attachments_note")
TEXTS: Final = ("title", "mark", "number", "copy_no", "urgency", "to", "note", "cc", "printed_by")


@cache
def sample_of(kind: Kind) -> PaperText:
    """The sample of a kind, with what every paper of the made-up office has. Raises KeyError where the text has none."""
    marks = {"file": f"{HOUSE}文件", "letter": HOUSE, "minutes": "创建工作会议纪要"}
    given: dict[str, Any] = {
        "form": kind.form, "kind": kind.code, "mark": marks[kind.form], "dated_on": DAY.isoformat(),
        "signature": [HOUSE], "cc": "市委办公室，市政府办公室，市纪委监委，市委组织部。",
    }  # fmt: skip
    if kind.form != "letter":
        given |= {"printed_by": HOUSE, "printed_on": DAY.isoformat()}
    return from_data(given | _parsed(_texts()[kind.code]))


@cache
def _texts() -> dict[str, tuple[str, ...]]:
    """The lines of every sample by kind."""
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    text = (files("chuangwen.papers.format") / "data" / "samples.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        if line.startswith("[") and line.endswith("]"):
            lines = found.setdefault(line[1:-1], [])
        elif line.strip():
            lines.append(line)
    return {kind: tuple(each) for kind, each in found.items()}


def _parsed(lines: Iterable[str]) -> dict[str, Any]:
    blocks: list[dict[str, Any]] = []
    given: dict[str, Any] = {"blocks": blocks}
    for line in lines:
        name, _colon, value = line.partition(": ")
        if name in TEXTS:
            given[name] = value
        elif name in LISTS:
            given[name] = value.split("、")
        elif line.startswith("附件："):
            blocks = []
            given.setdefault("attachments", []).append({"title": line[3:], "blocks": blocks})
        else:
            _add(blocks, line)
    return given


def _add(blocks: list[dict[str, Any]], line: str) -> None:
    if line.startswith("表："):
        blocks.append({"head": [], "rows": [], "caption": line[2:]})
    elif "\t" in line:
        if not blocks or "head" not in blocks[-1]:
            blocks.append({"head": [], "rows": []})
        cells = line.split("\t")
        if blocks[-1]["head"]:
            blocks[-1]["rows"].append(cells)
        else:
            blocks[-1]["head"] = cells
    else:
        marks, _space, rest = line.partition(" ")
        if marks and set(marks) == {"#"}:
            text, _bar, more = rest.partition("|")
            blocks.append({"text": text, "level": len(marks), "more": more})
        else:
            blocks.append({"text": line})
