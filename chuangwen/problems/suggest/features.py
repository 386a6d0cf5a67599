"""What a message is turned into: hashed characters and words, the same for segmented and for raw text."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from zlib import crc32

# A message says its matter first: the title, or the opening words where there is none, counts again.
HEAD_CHARACTERS = 24
HEAD_WORDS = 12
LONGEST_TITLE = 60

# Function words only; a segmented corpus has usually lost them already, so they must go from raw text too.
_FUNCTION_WORDS = """
的 了 是 在 我 我们 和 不 有 都 也 没有 就 为 到 与 对 要 给 还
被 这 等 去 能 上 可以 又 但 将 让 并 吗 而 他们 向 不能 该 来
及 从 作为 什么 有关 本人 多 这样 就是 把 一 以 这个 没 会 个 这些
自己 关于 不是 为什么 但是 由 因为 您 通过 按 你 人民 他 于 大 才
多次 可 更 其 过 很 或 如果 为了 任何 还是 们 你们 着 开始 因 根据
只有 还有 很多 由于 其他 此 而且 怎么 所 地 结果 呢 时候 之 内 谁
这么 按照 或者 得 二 同时 用 那 打 必须 非常 看 至 并且 所以 且
可能 如此 三 如何 基本 经过 啊 甚至 为何 拿 不要
"""
FUNCTION_WORDS = frozenset(_FUNCTION_WORDS.split())
# Safe to cut out of the middle of a sentence without segmenting it: few content words hold these.
_LOOSE = "的了是在我你他她您们和与及也都就还又但吗呢啊吧把被让给这那很着并而且或则其之"
_LOOSE_WORDS = sorted((word for word in FUNCTION_WORDS if len(word) > 1), key=lambda word: (-len(word), word))
_LOOSE_RE = re.compile("|".join(_LOOSE_WORDS) + f"|[{_LOOSE}]")
_IDEOGRAPH = "\u3400-\u9fff"
_GAP = re.compile(rf"(?<=[{_IDEOGRAPH}0-9a-z])\s+(?=[{_IDEOGRAPH}])|(?<=[{_IDEOGRAPH}])\s+(?=[0-9a-z])")
_OTHER = re.compile(rf"[^{_IDEOGRAPH}0-9a-z]+")
_DIGITS = re.compile(r"[0-9]+")
_TITLE_END = re.compile(r"[\u3000\r\n。！？!?]")


def normalise(text: str) -> str:
    """One form for every spelling: compatibility forms folded, lower case, no gaps between words."""
    folded = unicodedata.normalize("NFKC", text).lower().replace("_x000d_", " ")
    return _GAP.sub("", folded)


def skeleton(text: str) -> str:
    """The text without function words, punctuation and exact figures (every run of digits is one 0)."""
    return _DIGITS.sub("0", _OTHER.sub("", _LOOSE_RE.sub("", normalise(text))))


def words(text: str) -> list[str]:
    """Content words by jieba, in order. Its dictionary takes 70 MB, so never on a web page's path."""
    cut = _segmenter()(normalise(text))
    kept = (_DIGITS.sub("0", _OTHER.sub("", word)) for word in cut if word not in FUNCTION_WORDS)
    return [word for word in kept if word]


@lru_cache(maxsize=1)
def _segmenter() -> Callable[[str], list[str]]:
    import logging

    import jieba

    jieba.setLogLevel(logging.ERROR)
    cut: Callable[[str], list[str]] = jieba.Tokenizer().lcut
    return cut


def _grams(text: str, longest: int) -> list[str]:
    return [text[i : i + n] for n in range(1, longest + 1) for i in range(len(text) - n + 1)]


@dataclass(frozen=True)
class Reading:
    """One text as the blocks see it: skeleton and words of the whole, and of its head."""

    bare: str
    bare_head: str
    found: list[str]
    found_head: list[str]


def read(text: str, *, with_words: bool) -> Reading:
    """Read a text once for all blocks; `found` stays empty unless `with_words`."""
    title = headline(text)
    bare, found = skeleton(text), words(text) if with_words else []
    if not title:
        return Reading(bare, bare[:HEAD_CHARACTERS], found, found[:HEAD_WORDS])
    return Reading(bare, skeleton(title), found, words(title) if with_words else [])


def headline(text: str) -> str:
    """The title: what stands before the first wide space, line or sentence end; empty when that is long."""
    first = _TITLE_END.split(text.strip(), maxsplit=1)[0]
    return first if len(first) <= LONGEST_TITLE else ""


# Each block: (its features, its weight beside the others of the same member).
BLOCKS: dict[str, tuple[Callable[[Reading], list[str]], float]] = {
    "loose": (lambda it: _grams(it.bare, 2), 1.0),
    "loose_head": (lambda it: _grams(it.bare_head, 3), 1.0),
    "tight": (lambda it: _grams("".join(it.found), 2), 1.0),
    "tight_head": (lambda it: _grams("".join(it.found_head), 3), 0.7),
    "word": (lambda it: it.found, 1.0),
}
# A plan is a list of members (one linear model each); a member is a list of blocks in one hashed table.
PLANS: dict[str, list[list[str]]] = {
    "light": [["loose", "loose_head"]],
    "full": [["loose", "loose_head", "tight", "tight_head", "word"]],
}


def needs_words(blocks: list[str]) -> bool:
    """Whether any of these blocks needs jieba."""
    return any(not block.startswith("loose") for block in blocks)


def hashed(text: str, blocks: list[str], buckets: int) -> list[dict[int, int]]:
    """For each block, how often each bucket (0 … buckets-1, a power of two) occurs in the text."""
    reading = read(text, with_words=needs_words(blocks))
    out = []
    for block in blocks:
        counts = Counter(BLOCKS[block][0](reading))
        salt = crc32(block.encode())
        row: dict[int, int] = {}
        for feature, count in counts.items():
            bucket = crc32(feature.encode(), salt) & (buckets - 1)
            row[bucket] = row.get(bucket, 0) + count
        out.append(row)
    return out
