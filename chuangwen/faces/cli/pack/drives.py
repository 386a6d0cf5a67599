"""The campaigns every generated year begins with, as the pack's drives.csv names them (row 53)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chuangwen.faces.cli.pack.faults import Fault
from chuangwen.faces.cli.pack.read import Pack
from chuangwen.tasks.models import DriveKind

FILE = "drives"
TITLES = ("名称", "类型", "月份", "衡量", "来源")
KINDS = {word: kind.value for kind in DriveKind for word in (kind.value, str(kind.label))}


def drive_faults(pack: Pack) -> Iterator[Fault]:
    """Rows without a name or source, of an unknown kind or month, or named twice."""
    seen: dict[str, int] = {}
    for row in pack.rows(FILE):
        for title in ("名称", "来源"):
            if not row.text(title):
                yield row.fault(title, title, f"{title}没有填写，补上。")
        if row.text("类型") not in KINDS:
            known = "、".join(str(kind.label) for kind in DriveKind)
            yield row.fault("类型", "类型", f"类型应是其中之一：{known}。")
        if not _month(row.text("月份")):
            yield row.fault("月份", "月份", "月份写 1 到 12 的整数。")
        if row.text("名称") in seen:
            yield row.fault("名称", "名称", f"与第 {seen[row.text('名称')]} 行同名，删去一行。")
        seen.setdefault(row.text("名称"), row.number)


def _month(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 3 and 1 <= int(text) <= 12 else 0


def drive_rows(pack: Pack) -> list[dict[str, Any]]:
    """The columns of DriveTemplate, row by row; the pack was checked."""
    return [
        {"name": row.text("名称")[:80], "kind": KINDS[row.text("类型")], "month": _month(row.text("月份")),
         "measure": row.text("衡量")[:120], "source": row.text("来源")[:200]}
        for row in pack.rows(FILE)
    ]  # fmt: skip
