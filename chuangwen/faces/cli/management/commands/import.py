"""Imports one file: hotline orders row by row, or one sheet of the city's own tables all or none."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from chuangwen.faces.cli.pack.one import KINDS, load_one, read_one
from chuangwen.kernel.places.datum import Datum
from chuangwen.kernel.screens.tables import BadTable
from chuangwen.problems.exchange import Bad, WrongDatum, import_orders, read_order_table, read_orders


class Command(BaseCommand):
    help = "Imports a table; prints counts and every row left out. Exit status 1 when any was, 2 for what is no table."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", choices=("orders", *KINDS))
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="only say what would happen")
        parser.add_argument(
            "--datum", choices=[str(d) for d in Datum], default=str(Datum.WGS84), help="of all points"
        )
        parser.add_argument("--channel", default="12345", help="of rows that name none")
        parser.add_argument(
            "--column", action="append", default=[], metavar="KEY=TITLE", help="a column under another title"
        )
        parser.add_argument(
            "--sure", action="store_true", help="the datum is right, whatever the points look like"
        )

    def handle(self, *args: Any, kind: str, file: Path, dry_run: bool, **options: Any) -> None:
        if not file.is_file():
            raise CommandError(_("没有文件 %(file)s，核对路径。") % {"file": file})
        faulty = self.orders(file, dry_run, options) if kind == "orders" else self.sheet(file, kind, dry_run)
        if faulty:
            sys.exit(1)

    def orders(self, file: Path, dry_run: bool, options: dict[str, Any]) -> bool:
        mapping = dict(pair.split("=", 1) for pair in options["column"] if "=" in pair)
        try:
            table = read_order_table(file.read_bytes(), file.name, mapping)
        except BadTable as fault:
            raise CommandError(fault.sentence, returncode=2) from fault
        preview = read_orders(table, channel=options["channel"], datum=Datum(options["datum"]))
        for note in [*preview.notes, *filter(None, [preview.datum_sentence])]:
            self.stdout.write(note)
        bad, made, known = list(preview.bad), len(preview.orders), preview.known
        if not dry_run:
            try:
                result = import_orders(preview, by=None, sure=options["sure"])
            except WrongDatum:
                raise CommandError(_("一行都没有导入。坐标系没错就加 --sure。")) from None
            bad, made, known = bad + result.bad, result.made, result.known
        for each in sorted(bad, key=lambda each: each.row or 0):
            self.stdout.write(_line(each))
        left_out = len({each.row for each in bad})
        counts = {"total": preview.total, "made": made, "known": known, "bad": left_out}
        self.stdout.write(_("共 %(total)d 行：新收 %(made)d，已有 %(known)d，有误 %(bad)d。") % counts)
        if dry_run:
            self.stdout.write(_("只看一遍，一行都没有导入。"))
        return bool(bad or preview.notes)

    def sheet(self, file: Path, kind: str, dry_run: bool) -> bool:
        pack = read_one(file, kind)
        for fault in pack.faults:
            self.stdout.write(str(fault))
        if pack.faults:
            self.stdout.write(_("有 %(n)d 处问题，一行都没有导入。") % {"n": len(pack.faults)})
            return True
        if dry_run:
            self.stdout.write(_("共 %(n)d 行，没有问题。") % {"n": len(pack.rows(kind))})
            return False
        loaded = load_one(pack, kind)
        for name in loaded.made:
            self.stdout.write(f"{name}: +{loaded.made[name]} ~{loaded.changed[name]} ={loaded.same[name]}")
        return False


def _line(bad: Bad) -> str:
    where = _("第 %(row)s 行") % {"row": bad.row or "—"}
    return f"{where} {bad.column} {bad.title}：{bad.sentence}"
