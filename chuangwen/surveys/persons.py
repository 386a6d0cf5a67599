"""Columns of an answer sheet that tell who answered: known by title or by content, and never read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_TITLE: Final = re.compile(
    r"姓名|名字|电话|手机|联系方式|身份证|证件|微信|QQ|邮箱|住址|地址|门牌|家庭成员|签名|openid|昵称|IP|"
    r"\b(?:name|phone|mobile|tel|email|e-mail|address|wechat|ip)\b",
    re.IGNORECASE,
)
_PHONE: Final = re.compile(r"(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}|0\d{2,3}[- ]?\d{7,8}")
_IDENTITY: Final = re.compile(r"\d{17}[\dXx]|\d{15}")
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}")
_HAN: Final = re.compile(r"[\u4e00-\u9fff·]{2,4}")
# The commonest surnames; they bear some nine tenths of all names (general knowledge, used for a guess only).
_SURNAMES: Final = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈"
    "钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤"
)
_SHARE: Final = 0.5  # of a column's cells that must look alike before the column counts as such


def is_personal(value: str) -> bool:
    """Whether one cell is a phone number, an identity number or an e-mail address."""
    text = value.strip()
    return any(pattern.fullmatch(text) for pattern in (_PHONE, _IDENTITY, _EMAIL))


def tells_persons(title: str, values: Sequence[str]) -> bool:
    """Whether a column tells who answered: by its title, or because half of its filled cells look like it.

    Names are two to four Chinese characters that begin with a common surname and are mostly all different.
    """
    if _TITLE.search(title):
        return True
    filled = [value.strip() for value in values if value.strip()]
    if not filled:
        return False
    if sum(map(is_personal, filled)) >= _SHARE * len(filled):
        return True
    named = [v for v in filled if _HAN.fullmatch(v) and v[0] in _SURNAMES]
    return len(named) >= max(3, _SHARE * len(filled)) and len(set(named)) > _SHARE * len(named)
