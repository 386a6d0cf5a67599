"""What the pre-check may find: stable codes with figures, whether it holds the sending, and the sentence for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

STOP, WARN = "stop", "warn"

# code → (severity, sentence). `stop` holds the sending, `warn` asks for a word of explanation.
CODES: Final[dict[str, tuple[str, Promise]]] = {
    "no_report": (STOP, _("还没有写说明报告。")),
    "report_long": (STOP, _("说明报告 %(count)s 字，超过 %(limit)s 字的上限，删去 %(over)s 字再报。")),
    "too_few": (STOP, _("要 %(wanted)s 份，现在 %(count)s 份，还差 %(lacking)s 份。")),
    "too_big": (STOP, _("佐证共 %(size)s MB，超过 %(limit)s MB。压缩图片，或去掉用不着的文件再报。")),
    "wrong_kind": (STOP, _("要的是%(wanted)s，“%(title)s”是 %(found)s 文件。换成 %(accepted)s 再报。")),
    "out_of_period": (STOP, _("“%(title)s”的日期是 %(date)s，不在 %(first)s 至 %(last)s 之间，不能作证。")),
    "doubled": (STOP, _("“%(title)s”和“%(other)s”是同一个文件，去掉一个。")),
    "no_title": (STOP, _("有一份佐证没有名称，补上名称再报。")),
    "no_number": (WARN, _("“%(title)s”没有文号。没有文号的文件，写一句是怎么定的。")),
    "no_date": (WARN, _("“%(title)s”没有成文日期，看不出在不在测评的年度内。")),
    "photo_no_time": (STOP, _("“%(title)s”看不出是哪天拍的：照片里没有时间，也没有填。补上拍摄日期再报。")),
    "date_differs": (WARN, _("“%(title)s”填的是 %(date)s，照片里记的是 %(taken)s，写一句以哪个为准。")),
    "reused": (WARN, _("“%(title)s”在%(where)s里用过，写一句为什么再用。")),
    "copied": (WARN, _("说明报告有 %(share)s%% 和 %(year)s 年的相同，写一句今年有什么不同，或改写。")),
    "clash": (
        WARN,
        _("%(where)s写“%(words)s”，事实台账 %(code)s %(name)s是 %(value)s%(measure)s（%(source)s）。"),
    ),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found. `figures` fills the sentence and is plain JSON; `document` is the paper it stands at, if any."""

    code: str
    figures: dict[str, Any] = field(default_factory=dict)
    document: int | None = None
    passages: tuple[str, ...] = ()

    @property
    def severity(self) -> str:
        return CODES[self.code][0]

    @property
    def holds(self) -> bool:
        return self.severity == STOP

    @property
    def sentence(self) -> str:
        """In the language active when it is read."""
        shown = {name: str(value) for name, value in self.figures.items()}
        return str(CODES[self.code][1]) % shown

    def as_json(self) -> dict[str, Any]:
        return {
            "code": self.code, "figures": {k: str(v) for k, v in self.figures.items()},
            "document": self.document, "passages": list(self.passages),
        }  # fmt: skip

    @classmethod
    def from_json(cls, given: dict[str, Any]) -> Finding:
        return cls(given["code"], given["figures"], given.get("document"), tuple(given.get("passages", ())))
