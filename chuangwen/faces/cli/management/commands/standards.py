"""The trees of standards from the command line.

`standards coverage` prints every hole and fails if there is one; `export` and `import` write and read the template.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.assessment.coverage import HOLES, coverage
from chuangwen.faces.cli.pack.faults import Fault
from chuangwen.kernel.models import Unit
from chuangwen.kernel.screens.tables import BadTable
from chuangwen.problems.models import CaseKind
from chuangwen.standards.exchange.loading import BadTree, Mode, check_here, known_here, load_tables
from chuangwen.standards.exchange.reading import read_folder, read_workbook
from chuangwen.standards.exchange.writing import write_folder, write_workbook
from chuangwen.standards.models import Edition, Method


class Command(BaseCommand):
    help = "Trees of standards: coverage prints the holes of the editions in force; exit status 1 while there are any."

    def add_arguments(self, parser: CommandParser) -> None:
        parts = parser.add_subparsers(dest="part", required=True)
        cover = parts.add_parser("coverage", help="print every standard × method without unit, task or evidence")
        cover.add_argument("--scheme", default="", help="code of one scheme; all in force otherwise")
        cover.add_argument("--edition", default="", help="name of an edition that is not in force")
        cover.add_argument("--year", type=int, default=0, help="year of the evidence; this year otherwise")

        away = parts.add_parser("export", help="write editions as one workbook, or as CSV files into a folder")
        away.add_argument("file", type=Path, help="a name ending in .xlsx, or a folder")
        away.add_argument("--scheme", default="", help="code of one scheme; all otherwise")
        away.add_argument("--edition", default="", help="name of one edition; all otherwise")
        take = parts.add_parser("import", help="load a workbook or a folder of CSV files, all rows or none")
        take.add_argument("file", type=Path)
        take.add_argument("--replace", action="store_true", help="the file wins over an edition of the same name")
        take.add_argument("--dry-run", action="store_true", help="only say what is wrong")

    def handle(self, *args: Any, part: str, **options: Any) -> None:
        getattr(self, f"do_{part}")(**options)

    def do_coverage(self, scheme: str, edition: str, year: int, **options: Any) -> None:
        """One line a hole: scheme, standard, method, what is missing, who leads."""
        wanted = Edition.objects.select_related("scheme").order_by("scheme__kind", "scheme_id", "-year")
        wanted = wanted.filter(name=edition) if edition else wanted.filter(is_current=True)
        editions = [e for e in wanted if not scheme or e.scheme.code == scheme]
        if not editions:
            raise CommandError(_("没有这样的测评体系。先用 standards import 载入，或写对体系编号和版本。"))
        units = {u.pk: str(u) for u in Unit.objects.all()}
        holes = 0
        for each in editions:
            matrix = coverage(each, year or timezone.localdate().year)
            for line, cell in matrix.holes:
                holes += 1
                self.stdout.write(
                    f"{each.scheme.code} {line.code} {line.name} · {Method(cell.method).label}：{HOLES[cell.hole]}"
                    + (f"（{units[cell.lead]}）" if cell.lead else "")
                )
            for line in matrix.untested:
                holes += 1
                self.stdout.write(f"{each.scheme.code} {line.code} {line.name}：{_('没有测法')}")
            cells = sum(1 for cell in matrix.cells if not cell.is_waived)
            self.stdout.write(
                _("%(edition)s %(year)d 年：%(lines)d 条标准，%(cells)d 格，缺 %(holes)d 格。")
                % {"edition": each, "year": matrix.year, "lines": len(matrix.lines), "cells": cells,
                   "holes": len(matrix.holes) + len(matrix.untested)}
            )  # fmt: skip
        if holes:
            sys.exit(1)

    def do_export(self, file: Path, scheme: str, edition: str, **options: Any) -> None:
        """Writes the template; the same file comes back in by `import`."""
        wanted = Edition.objects.select_related("scheme").order_by("scheme__kind", "scheme_id", "year", "name")
        editions = [e for e in wanted if (not scheme or e.scheme.code == scheme) and (not edition or e.name == edition)]
        if not editions:
            raise CommandError(_("没有这样的测评体系。写对体系编号和版本，或两项都不写。"))
        if file.suffix.lower() == ".xlsx":
            with file.open("wb") as stream:
                rows = write_workbook(stream, editions)
        else:
            rows = write_folder(file, editions)
        self.stdout.write(_("写出 %(editions)d 个版本，%(rows)d 行：%(file)s") % {
            "editions": len(editions), "rows": rows, "file": file})  # fmt: skip

    def do_import(self, file: Path, replace: bool, dry_run: bool, **options: Any) -> None:
        """Every fault with its place, exit status 1; 2 for what is no table."""
        if not file.exists():
            raise CommandError(_("没有文件 %(file)s，核对路径。") % {"file": file}, returncode=2)
        try:
            tables = read_folder(file) if file.is_dir() else read_workbook(file.read_bytes(), file.name)
        except BadTable as fault:
            raise CommandError(fault.sentence, returncode=2) from fault
        known = known_here(CaseKind.objects.values_list("code", flat=True))
        mode: Mode = "replace" if replace else "new"
        faults = check_here(tables, known, mode)
        for note in tables.notes:
            self.stdout.write(note)
        for each in faults:
            self.stdout.write(str(Fault(each.file, each.sheet, each.row or 0, each.title, each.value, each.sentence)))
        if faults:
            self.stdout.write(_("共 %(rows)d 行，%(n)d 处问题，一行都没有导入。") % {"rows": tables.rows_in, "n": len(faults)})
            sys.exit(1)
        if dry_run:
            self.stdout.write(_("共 %(rows)d 行，没有问题；只看一遍，没有导入。") % {"rows": tables.rows_in})
            return
        try:
            done = load_tables(tables, known=known, mode=mode)
        except BadTree as bad:
            raise CommandError(bad.faults[0].sentence) from bad
        counts = {"rows": done.rows_in, "made": done.made, "changed": done.changed, "same": done.same, "removed": done.removed}
        self.stdout.write(
            _("共 %(rows)d 行：新增 %(made)d，改动 %(changed)d，不变 %(same)d；删去 %(removed)d。") % counts
        )
