"""公文: `paper check` holds any .docx against the standard; `kinds`, `sample` and `template` show the built-in forms."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

FORMS = {"file": "文件", "letter": "信函", "minutes": "纪要"}
CLEAN, FOUND, UNREADABLE = 0, 1, 2


class Command(BaseCommand):
    """Needs no city: no database is opened."""

    help = "Check a .docx against GB/T 9704-2012 (exit 0 clean, 1 findings, 2 unreadable); list kinds, write samples."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parts = parser.add_subparsers(dest="part", required=True)
        check = parts.add_parser(
            "check", help="every fault with what is there, what should be, and the clause"
        )
        check.add_argument("file", type=Path)
        check.add_argument("--json", action="store_true", help="one JSON object instead of lines")
        parts.add_parser("kinds", help="list the kinds of paper")
        for name, words in (("sample", "write a filled sample"), ("template", "write the built-in template")):
            one = parts.add_parser(name, help=words)
            one.add_argument("kind", help="a code from `paper kinds`")
            one.add_argument("--out", type=Path, required=True, help="the .docx to write")
            if name == "sample":
                one.add_argument("--pdf", action="store_true", help="a PDF beside it, through LibreOffice")

    def handle(self, *args: Any, part: str, **options: Any) -> None:
        getattr(self, f"do_{part}")(**options)

    def do_check(self, file: Path, json: bool, **options: Any) -> None:
        from chuangwen.papers.format.check import Unreadable, check

        try:
            report = check(file.read_bytes())
        except OSError as fault:
            raise CommandError(
                _("读不了 %(file)s，核对路径。") % {"file": file}, returncode=UNREADABLE
            ) from fault
        except Unreadable as fault:
            raise CommandError(f"{file}: {fault}", returncode=UNREADABLE) from fault
        if json:
            self._as_json(file, report)
        else:
            for one in report.findings:
                self.stdout.write(f"{one.sentence} [{one.code}]")
            words = {"file": file.name, "form": FORMS[report.form], "n": len(report.findings)}
            if report.findings:
                self.stdout.write(_("%(file)s（%(form)s）：%(n)d 处不合格式。") % words)
            else:
                self.stdout.write(_("%(file)s（%(form)s）：没有发现问题。") % words)
        if report.findings:
            sys.exit(FOUND)

    def _as_json(self, file: Path, report: Any) -> None:
        found = {
            "file": file.name, "form": report.form, "title": report.title,
            "findings": [one.as_data() for one in report.findings],
        }  # fmt: skip
        self.stdout.write(json.dumps(found, ensure_ascii=False, indent=1))

    def do_kinds(self, **options: Any) -> None:
        from chuangwen.papers.format.kinds import KINDS

        for kind in KINDS.values():
            self.stdout.write(f"{kind.code:14}{kind.label}\t{FORMS[kind.form]}\t{kind.title}")

    def do_sample(self, kind: str, out: Path, pdf: bool, **options: Any) -> None:
        from chuangwen.papers.format.kinds import sample
        from chuangwen.papers.format.write import write

        made = write(sample(_known(kind)))
        self._write(out, made)
        if pdf:
            from chuangwen.papers.pdf import NoPdf, to_pdf

            try:
                self._write(out.with_suffix(".pdf"), to_pdf(made))
            except NoPdf as fault:
                raise CommandError(str(fault)) from fault

    def do_template(self, kind: str, out: Path, **options: Any) -> None:
        from chuangwen.papers.format.kinds import KINDS
        from chuangwen.papers.format.template import template

        self._write(out, template(KINDS[_known(kind)].form))

    def _write(self, out: Path, data: bytes) -> None:
        try:
            out.write_bytes(data)
        except OSError as fault:
            raise CommandError(_("写不了 %(file)s，核对路径。") % {"file": out}) from fault
        self.stdout.write(_("写出 %(file)s") % {"file": out})


def _known(kind: str) -> str:
    """The kind itself; raises CommandError that lists the kinds."""
    from chuangwen.papers.format.kinds import KINDS

    if kind not in KINDS:
        known = "、".join(f"{one.code}（{one.label}）" for one in KINDS.values())
        raise CommandError(_("没有文种 %(kind)s。现有：%(known)s") % {"kind": kind, "known": known})
    return kind
