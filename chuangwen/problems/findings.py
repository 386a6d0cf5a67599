"""What the truth check found about a photo, in words: each finding says what is wrong and what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

PHOTO_WITHIN_M = (
    50  # how near to its case a photo counts as taken there; the accuracy told by the phone comes on top
)


def findings_words(findings: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(shape, sentence) per finding, the gravest first.

    `fail` speaks against the photo, `late` leaves it open, `done` is for it.

    `findings` is what `kernel.evidence.store.findings` wrote; an empty mapping (not checked) gives nothing.
    """
    if not findings:
        return []
    found: list[tuple[str, str]] = []
    if findings.get("reused_of"):
        found.append(("fail", _("这张照片以前用过，到现场另拍一张。")))
    if findings.get("far"):
        words = {"n": findings["metres"], "limit": PHOTO_WITHIN_M}
        found.append(("fail", _("拍摄处离案件 %(n)d 米（限 %(limit)d 米），到现场再拍一张。") % words))
    if findings.get("early"):
        found.append(("fail", _("照片拍在派给单位之前，整改后再拍一张。")))
    if findings.get("future"):
        found.append(("fail", _("照片的时间晚于现在，校准手机时钟后再拍一张。")))
    if findings.get("no_place"):
        found.append(("late", _("照片没有拍摄位置，开定位再拍一张更可信。")))
    if findings.get("no_time"):
        found.append(("late", _("照片没有拍摄时间，用手机现拍一张更可信。")))
    if not found:
        found.append(("done", _("时间对得上，离案件 %(n)d 米。") % {"n": findings.get("metres", 0)}))
    return found
