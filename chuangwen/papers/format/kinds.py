"""The kinds of paper this work produces: form, how a title ends, parts each needs, and a filled sample (示例)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from chuangwen.papers.format.content import Form, PaperText


@dataclass(frozen=True)
class Kind:
    """One kind. `title` is the pattern with 〈…〉 for what a person fills in; `needs` are names of PaperText's parts."""

    code: str  # of PaperKind
    label: str
    form: Form
    title: str
    needs: tuple[str, ...]
    is_upward: bool = False


_SIGNED: Final = ("mark", "number", "to", "blocks", "signature", "dated_on")
_OPEN: Final = ("mark", "number", "blocks", "signature", "dated_on")

KINDS: Final = {
    kind.code: kind
    for kind in (
        Kind("notice", "通知", "file", "关于〈事项〉的通知", _SIGNED),
        Kind("duty_notice", "提示通知", "letter", "关于做好〈时段〉〈事项〉的提示通知", _SIGNED),
        Kind("assignment", "交办通知", "letter", "关于交办〈问题〉的通知", (*_SIGNED, "attachments")),
        Kind("rectification", "整改通知书", "letter", "关于〈问题〉的整改通知书", _SIGNED),
        Kind("supervision", "督办通知", "letter", "关于〈事项〉的督办通知", _SIGNED),
        Kind("circular", "通报", "file", "关于〈时段〉〈事项〉情况的通报", _SIGNED),
        Kind("report", "报告", "file", "关于〈事项〉情况的报告", (*_SIGNED, "signer"), is_upward=True),
        Kind("request", "请示", "file", "关于〈事项〉的请示", (*_SIGNED, "signer", "note"), is_upward=True),
        Kind("scheme", "方案", "file", "〈事项〉实施方案", _OPEN),
        Kind(
            "minutes",
            "会议纪要",
            "minutes",
            "〈会议〉纪要",
            ("mark", "number", "blocks", "dated_on", "attend"),
        ),
        Kind(
            "bulletin", "简报", "minutes", "〈要点〉", ("mark", "number", "blocks", "signature", "dated_on")
        ),
        Kind("test_report", "测评报告", "file", "〈时段〉〈范围〉测评报告", (*_OPEN, "attachments")),
    )
}


def missing_parts(text: PaperText) -> tuple[str, ...]:
    """Names of the parts this kind needs and the paper has not; empty when it is whole. Raises KeyError for no kind."""
    return tuple(name for name in KINDS[text.kind].needs if not getattr(text, name))


def sample(kind: str) -> PaperText:
    """A filled paper of the kind, every name and figure in it made up. Raises KeyError for no kind."""
    from chuangwen.papers.format.samples import sample_of

    return sample_of(KINDS[kind])
