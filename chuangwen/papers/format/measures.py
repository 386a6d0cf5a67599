"""The measures and fonts of GB/T 9704-2012, for the writer and the checker; lengths in mm and pt, clause beside each.

Chinese sizes: size 2 is 22 pt, size 3 is 16 pt, size 4 is 14 pt. Where the standard gives none, the comment says so.
"""

from __future__ import annotations

from typing import Final

MM: Final = 1440 / 25.4  # twips in a millimetre
POINT: Final = 20  # twips in a point

PAPER: Final = (210.0, 297.0)  # 5.1
MARGINS: Final = {"top": 37.0, "bottom": 35.0, "left": 28.0, "right": 26.0}  # 5.2.1; right and bottom follow
AREA: Final = (156.0, 225.0)  # 5.2.1
LINES, CHARACTERS = 22, 28  # 5.2.3

SIZE_2: Final = 22.0
SIZE_3: Final = 16.0
SIZE_4: Final = 14.0

#: 225 mm in 22 lines is 28.99 pt; one twip more and the 22nd line goes to the next page.
LINE: Final = 579  # twips, 28.95 pt
#: 156 mm in 28 characters. Word's grid would set that by `w:charSpace`, but LibreOffice gives a character wider than its
#: cell two of them; so every style draws characters 0.3 pt together, 28 fit, and justifying spreads the 0.9 mm left over.
CHARACTER: Final = AREA[0] * 72 / 25.4 / CHARACTERS  # pt
SPACING: Final = -6  # twips
CHAR_SPACE: Final = -848  # of the grid named in the section, 1/4096 pt

MARK_TOP: Final = 35.0  # mm, from the top of the text area (7.2.4)
LETTER_TOP: Final = 30.0  # mm, from the edge of the paper (10.1)
LETTER_FOOT: Final = 20.0
LETTER_RULE: Final = 170.0
RED_RULE_GAP: Final = 4.0  # mm under the number (7.2.7)
RULES: Final = (0.35, 0.25)  # mm, outer and inner rules of 版记 (7.4.1)
PAGE_NUMBER_GAP: Final = 7.0  # mm, dash under the text area (7.5)
RED: Final = "FF0000"

#: Every name under which a face is sold; the first is what we write, the rest are `altName` and what a checker accepts.
SONG_TITLE: Final = (
    "方正小标宋简体", "FZXiaoBiaoSong-B05S", "方正小标宋_GBK", "方正小标宋_GB2312", "方正小标宋_GB18030", "FZXiaoBiaoSong-B05",
    "方正小标宋体", "方正小标宋", "小标宋体", "小标宋", "文星标宋", "华康标宋体", "汉仪小标宋简", "创艺简标宋", "长城小标宋体",
)  # fmt: skip
FANGSONG: Final = (
    "仿宋_GB2312", "FangSong_GB2312", "仿宋", "FangSong", "方正仿宋_GB2312", "方正仿宋_GBK", "方正仿宋简体", "方正仿宋_GB18030",
    "FZFangSong-Z02", "FZFangSong-Z02S", "华文仿宋", "STFangsong", "汉仪仿宋简", "仿宋体",
)  # fmt: skip
HEI: Final = (
    "黑体",
    "SimHei",
    "方正黑体_GBK",
    "方正黑体简体",
    "方正黑体_GB2312",
    "FZHei-B01",
    "FZHei-B01S",
    "华文黑体",
    "STHeiti",
)
KAI: Final = (
    "楷体_GB2312", "KaiTi_GB2312", "楷体", "KaiTi", "方正楷体_GB2312", "方正楷体_GBK", "方正楷体简体", "FZKai-Z03", "FZKai-Z03S",
    "华文楷体", "STKaiti", "楷体_GB18030",
)  # fmt: skip
SONG: Final = (
    "宋体",
    "SimSun",
    "新宋体",
    "NSimSun",
    "方正书宋_GBK",
    "方正书宋简体",
    "方正宋体",
    "华文宋体",
    "STSong",
)

#: Free faces that stand in where the named one is not installed; the name in the file stays.
FREE: Final = {
    SONG_TITLE[0]: "Noto Serif CJK SC", FANGSONG[0]: "Noto Serif CJK SC", HEI[0]: "Noto Sans CJK SC",
    KAI[0]: "Noto Serif CJK SC", SONG[0]: "Noto Serif CJK SC",
}  # fmt: skip


def twips(millimetres: float) -> int:
    """Millimetres in twentieths of a point, as Word writes lengths."""
    return round(millimetres * MM)
