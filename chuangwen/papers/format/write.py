"""Writes a paper as .docx from the built-in template or an office's own one; equal papers give equal files.

After the tags are filled, what a template cannot say is set: the width of the mark, 署名 centred on 成文日期, column widths.
"""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from chuangwen.kernel.evidence.office_files import Hostile, kind_of
from chuangwen.papers.format.breaks import title_lines
from chuangwen.papers.format.content import Attachment, PaperText, Part, Table, date_words, numbered
from chuangwen.papers.format.sheet import zipped
from chuangwen.papers.format.template import template as built_in

if TYPE_CHECKING:
    from docxtpl import DocxTemplate
    from jinja2 import Environment

LABELS: Final = (("出席", "attend"), ("请假", "leave"), ("列席", "observe"))


class BadTemplate(ValueError):
    """A template that cannot be filled; the message is a sentence for who changed it."""


def write(text: PaperText, template: bytes | None = None) -> bytes:
    """The paper as .docx. `template` is an office's own .docx with tags; without it the built-in one of the form.

    Raises BadTemplate with what is wrong in the template.
    """
    from jinja2 import TemplateError
    from lxml.etree import XMLSyntaxError

    from chuangwen.papers.format.settle import settle

    paper = _opened(template if template is not None else built_in(text.form))
    try:
        paper.render(context(text), jinja_env=_environment(), autoescape=True)
    except TemplateError as fault:
        raise BadTemplate(f"模板填不了：{fault}。核对双花括号里的名称，或下载内置模板重新改。") from fault
    except (XMLSyntaxError, KeyError, ValueError) as fault:
        raise BadTemplate("模板填好后不是完整的文档，标签没有成对。下载内置模板重新改。") from fault
    settle(paper.docx, text)
    out = io.BytesIO()
    core = paper.docx.core_properties
    core.title, core.author, core.last_modified_by = (
        text.title.replace("\n", "")[:250],
        "、".join(text.signature)[:250],
        "",
    )
    core.created = core.modified = dt.datetime.combine(text.dated_on or dt.date(1980, 1, 1), dt.time())
    core.revision = 1
    paper.docx.save(out)
    with zipfile.ZipFile(out) as archive:
        return zipped({name: archive.read(name) for name in sorted(archive.namelist(), key=_order)})


def _order(name: str) -> tuple[bool, bool, str]:
    """Word wants the content types first; the rest by name."""
    return name != "[Content_Types].xml", name != "_rels/.rels", name


# What the tags mean --------------------------------------------------------------------------------


def context(text: PaperText) -> dict[str, Any]:
    """The names a template may use; docs/recipes.md lists them."""
    copy_no = f"{int(text.copy_no):06d}" if text.copy_no.isdigit() else text.copy_no
    people = [
        {"label": label, "names": "、".join(getattr(text, name)).replace(" ", "\xa0")}
        for label, name in LABELS
        if getattr(text, name)
    ]
    return {
        "copy_no": copy_no, "urgency": text.urgency, "beside": "" if copy_no else text.urgency,
        "mark": text.mark, "number": text.number, "signer": "　".join(text.signer),
        "title": "\n".join(title_lines(text.title)), "to": text.to.rstrip("：:"),
        "blocks": _blocks(text.blocks), "notes": text.noted, "signature": text.signature,
        "issuer": "、".join(text.signature), "date": date_words(text.dated_on) if text.dated_on else "",
        "sealed": text.sealed, "note": text.note.strip("（）()"), "cc": text.cc.rstrip("。"),
        "printed_by": text.printed_by, "printed_on": date_words(text.printed_on) if text.printed_on else "",
        "people": people, "attachments": _attachments(text.attachments),
    }  # fmt: skip


def _blocks(parts: Iterable[Part]) -> list[Mapping[str, Any]]:
    return [
        {"head": part.head, "rows": part.rows, "caption": part.caption}
        if isinstance(part, Table)
        else {"number": number, "level": part.level, "text": part.text, "more": part.more}
        for number, part in numbered(parts)
    ]


def _attachments(given: tuple[Attachment, ...]) -> list[Mapping[str, Any]]:
    return [
        {"label": f"附件{at}" if len(given) > 1 else "附件", "title": "\n".join(title_lines(one.title)),
         "blocks": _blocks(one.blocks)}
        for at, one in enumerate(given, 1)
    ]  # fmt: skip


# Filling -------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _environment() -> Environment:
    """A sandbox, since an office's template is foreign code; each text is compiled once."""
    from jinja2 import StrictUndefined, Template
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Kept(ImmutableSandboxedEnvironment):
        @lru_cache(maxsize=64)  # noqa: B019 (one environment lives as long as the process)
        def _compiled(self, source: str) -> Template:
            return super().from_string(source)

        def from_string(self, source: Any, globals: Any = None, template_class: Any = None) -> Template:
            return self._compiled(source)

    return Kept(autoescape=True, undefined=StrictUndefined)


def _opened(data: bytes) -> DocxTemplate:
    _accepted(data)
    return _template_class()(io.BytesIO(data))


@lru_cache(maxsize=1)
def _template_class() -> type[DocxTemplate]:
    from docxtpl import DocxTemplate

    class Kept(DocxTemplate):  # type: ignore[misc]
        """Keeps the source that was made fit for the template language: most of the time of a page goes there."""

        def patch_xml(self, src_xml: str) -> str:
            return _patched(src_xml)

        def render_footnotes(self, context: Any, jinja_env: Any = None) -> None:
            """A paper has none of its own; looking for them costs a walk through the package."""

    return Kept


@lru_cache(maxsize=64)
def _patched(source: str) -> str:
    from docxtpl import DocxTemplate

    return str(DocxTemplate(None).patch_xml(source))


@lru_cache(maxsize=32)
def _accepted(data: bytes) -> None:
    try:
        kind = kind_of(data)
    except Hostile as fault:
        raise BadTemplate(f"模板不能用（{fault.code}）：要的是没有宏、没有嵌入对象的 .docx。") from fault
    if kind != "docx":
        raise BadTemplate("模板要的是 .docx 文件，用 Word 或 WPS 另存为 .docx。")


__all__ = ["BadTemplate", "context", "write"]
