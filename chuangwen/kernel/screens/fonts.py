"""A Chinese font of the machine for drawn PDF files: none is shipped, one is looked for, or named by CHUANGWEN_FONT."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from django.utils.translation import gettext as _

FOLDERS = (
    "/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts", "/System/Library/Fonts",
    "/Library/Fonts", "C:/Windows/Fonts",
)  # fmt: skip
# The beginnings of file names, the best first; sans serif, because a wall is read from afar.
WANTED = (
    "NotoSansCJK-Regular", "NotoSansCJKsc-Regular", "NotoSansSC-Regular", "NotoSansSC", "SourceHanSansSC-Regular",
    "SourceHanSansCN-Regular", "SourceHanSans", "msyh", "PingFang", "Deng", "simhei", "wqy-microhei", "wqy-zenhei",
    "HarmonyOS_Sans_SC", "simsun", "NotoSerifCJK-Regular", "AR PL", "uming", "ukai",
)  # fmt: skip
ENDS = (".ttf", ".otf", ".ttc", ".otc")


class NoFont(Exception):
    """No Chinese font on this machine; the text says what to do."""


class Font(NamedTuple):
    """A font file and which of its faces."""

    path: Path
    face: int


@lru_cache(maxsize=4)
def chinese_font(named: str = "") -> Font:
    """The font to draw Chinese with: the file `named`, else CHUANGWEN_FONT, else the first of WANTED in FOLDERS.

    Raises NoFont where there is none, or the named file is none.
    """
    given = named or os.environ.get("CHUANGWEN_FONT", "")
    if given:
        path = Path(given).expanduser()
        if not path.is_file():
            raise NoFont(_("没有字体文件 %(path)s，核对 CHUANGWEN_FONT。") % {"path": given})
        return Font(path, _face(path))
    files = [
        path
        for folder in FOLDERS
        for path in sorted(Path(folder).expanduser().rglob("*"))
        if path.suffix.lower() in ENDS
    ]
    for start in WANTED:
        for path in files:
            if path.name.lower().startswith(start.lower()):
                return Font(path, _face(path))
    raise NoFont(
        _(
            "这台电脑没有中文字体，画不了 PDF。装上 fonts-noto-cjk（或思源黑体），或用 CHUANGWEN_FONT 写明字体文件。"
        )
    )


def _face(path: Path) -> int:
    """Which face of a collection is the one for Simplified Chinese; the first where none says so."""
    if path.suffix.lower() not in (".ttc", ".otc"):
        return 0
    from fontTools.ttLib import TTCollection  # type: ignore[import-untyped]  # heavy, and seldom wanted

    with TTCollection(path, lazy=True) as collection:
        names = [str(font["name"].getBestFullName() or "") for font in collection.fonts]
    simplified = [i for i, name in enumerate(names) if " SC" in f"{name} " and "Mono" not in name]
    return simplified[0] if simplified else 0
