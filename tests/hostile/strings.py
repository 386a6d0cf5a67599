"""Strings that break software: our own short list, and the long one of ../shared where it is."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
# Each breaks something else: markup, attributes, templates, formats, queries, rare and double-width letters, direction,
# what is joined from many points, what is not seen, line ends of other systems, cells a spreadsheet would work out.
OURS = (
    "<script>alert('eingedrungen')</script>", "\"><img src=x onerror=alert(1)>", "' onmouseover='alert(1)", "javascript:alert(1)",
    "<svg/onload=alert(1)>", "</textarea></title><script>alert(2)</script>", "{{ 7*7 }} {% raw %} {# x", "%s %(x)s %d 100%",
    "Robert'); DROP TABLE problems_case;--", "]]><x/>&amp;&#60;", "𠮷野家前𡃁𪚥的井盖 🧑🏽‍🤝‍🧑🏻🏳️‍🌈", "垃圾\u202egnp.exe\u202c桶",
    "Z̴̢̛a̷l̸g̵o̶", "垃圾桶\u200b\u200d\ufeff满了两天", "一行\u2028两行\u2029三行",
    "=cmd|' /C calc'!'A1'", "@SUM(1+1)", "＝1+1", "../../../etc/passwd",
    "\\u0000 \\x00 &#0; %00", "null", "ﷺ مرحبا שלום", "e\u0301 ≠ é", "🇨🇳" * 20,
)  # fmt: skip
# What no column can hold: refused with a sentence, or kept with a mark in its place.
BROKEN = ("桶\0满", "桶\ud800满", "\udfff")


def blns() -> list[str]:
    """The big list; skips where ../shared is absent."""
    path = SHARED / "strings-and-tables" / "blns.json"
    if not path.exists():
        pytest.skip("left out: ../shared/data is absent")
    found: list[str] = json.loads(path.read_text(encoding="utf-8"))
    return found


def some(number: int, shift: int = 0) -> list[str]:
    """Ours, and `number` of the big list spread evenly over it (none where it is absent); the same each time."""
    path = SHARED / "strings-and-tables" / "blns.json"
    long = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    return [*OURS, *long[shift :: max(1, len(long) // max(1, number))][:number]]


def kept(text: str) -> str:
    """The text as it should be kept and shown: outer blanks off."""
    return text.strip()


class Page(HTMLParser):
    """A page as a browser reads it: its words, and everything in it that would run."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.runs: list[str] = []
        self._inside = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._inside = tag
        self.words += [given[name] for name in ("value", "content", "alt", "title") if name in given]
        self.runs += [f"{tag} {name}" for name in given if name.startswith("on") or name == "srcdoc"]
        for name in ("href", "src", "action", "formaction"):
            if given.get(name, "").strip().lower().startswith(("javascript:", "vbscript:", "data:text")):
                self.runs.append(f"{tag} {name}={given[name]}")
        if (
            tag == "script"
            and "src" not in given
            and given.get("type", "") not in ("application/json", "speculationrules")
        ):
            self.runs.append("script")
        if tag in ("iframe", "object", "embed", "base"):
            self.runs.append(tag)

    def handle_data(self, data: str) -> None:
        if self._inside != "script":
            self.words.append(data)

    def shows(self, text: str) -> bool:
        """Whether these words stand in the page, blanks and line ends aside."""
        return "".join(text.split()) in "".join("".join(self.words).split())
