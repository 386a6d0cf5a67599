"""材料: `dossier export` writes a year's dossier as a zip, `dossier check` says how complete it is."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.dossier import queries
from chuangwen.dossier.export import export_file
from chuangwen.kernel.workflow.flow import Refused
from chuangwen.standards.models import Edition


class Command(BaseCommand):
    help = "The dossier of a year: export as a zip with index and hash list, or its completeness by unit."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=("export", "check"))
        parser.add_argument("--edition", required=True, help="the edition's name, or its scheme's code and name: city/2026")
        parser.add_argument("--year", type=int, help="this year when none is given")
        parser.add_argument("--out", type=Path, help="the zip to write (export)")
        parser.add_argument("--all", action="store_true", help="also what is not accepted yet")

    def handle(self, *args: Any, what: str, edition: str, year: int | None, **options: Any) -> None:
        found = edition_named(edition)
        year = year or timezone.localdate().year
        if what == "check":
            return self.check_year(found, year)
        if options["out"] is None:
            raise CommandError(_("写明 --out 文件名.zip。"))
        self.export(found, year, options["out"], is_whole=options["all"])
        return None

    def export(self, edition: Edition, year: int, target: Path, *, is_whole: bool) -> None:
        started = dt.datetime.now(dt.UTC)

        def going(done: int, total: int) -> bool:
            if done % 200 == 0 and self.stdout.isatty():
                self.stdout.write(f"{done}/{total}", ending="\r")
            return True

        try:
            plan = export_file(edition, year, target, by=None, is_whole=is_whole, going=going)
        except Refused as fault:
            raise CommandError(str(fault)) from None
        words = {"n": len(plan.entries), "path": target, "s": (dt.datetime.now(dt.UTC) - started).total_seconds()}
        self.stdout.write(_("%(n)d 个文件，写入 %(path)s，用时 %(s).1f 秒。") % words)

    def check_year(self, edition: Edition, year: int) -> None:
        found = queries.completeness(edition, year)
        for line in found.units:
            words = {"unit": line.unit or _("没有主责单位"), "n": line.count.accepted, "total": line.count.total}
            self.stdout.write(_("%(unit)s：入卷 %(n)d/%(total)d") % words + f" · {line.count.none}")
        whole = {"n": found.whole.accepted, "total": found.whole.total, "none": found.whole.none}
        self.stdout.write(_("共 %(total)d 份：入卷 %(n)d，还没要的 %(none)d。") % whole)


def edition_named(words: str) -> Edition:
    """The one edition called so; raises CommandError where there is none or more."""
    scheme, _slash, name = words.rpartition("/")
    rows = Edition.objects.filter(name=name) if not scheme else Edition.objects.filter(name=name, scheme__code=scheme)
    found = list(rows.select_related("scheme")[:2])
    if len(found) == 1:
        return found[0]
    known = "、".join(f"{one.scheme.code}/{one.name}" for one in Edition.objects.select_related("scheme")[:20])
    raise CommandError(_("版本写成 体系编号/版本名。现有：%(known)s") % {"known": known or "—"})
