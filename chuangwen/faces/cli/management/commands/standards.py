"""The trees of standards from the command line: `standards coverage` prints every hole and fails if there is one."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.assessment.coverage import HOLES, coverage
from chuangwen.kernel.models import Unit
from chuangwen.standards.models import Edition, Method


class Command(BaseCommand):
    help = "Trees of standards: coverage prints the holes of the editions in force; exit status 1 while there are any."

    def add_arguments(self, parser: CommandParser) -> None:
        parts = parser.add_subparsers(dest="part", required=True)
        cover = parts.add_parser("coverage", help="print every standard × method without unit, task or evidence")
        cover.add_argument("--scheme", default="", help="code of one scheme; all in force otherwise")
        cover.add_argument("--edition", default="", help="name of an edition that is not in force")
        cover.add_argument("--year", type=int, default=0, help="year of the evidence; this year otherwise")

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
