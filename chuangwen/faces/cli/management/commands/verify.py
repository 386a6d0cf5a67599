"""Proves that history was not altered: every chain, every sealed value, every daily checkpoint."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _

from chuangwen.inspections.models import Round
from chuangwen.inspections.tallies import recount
from chuangwen.kernel.models import Checkpoint, Entry
from chuangwen.kernel.workflow.history import verify

SHOWN = 100
WHAT = {
    "altered": _("这一条被改过"), "missing": _("缺一条或整件被删"), "cut": _("末尾被截掉或添加"), "state": _("状态被绕过流程改动"),
    "sealed": _("封存的个人信息被改过"), "checkpoint": _("当日校验不符：有整条增删"),
}  # fmt: skip


class Command(BaseCommand):
    help = "Verifies all history; exit status 0 when whole, 1 when anything was altered or removed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--sums", action="store_true", help="also count the sums of all rounds anew and mend them")

    def handle(self, *args: Any, sums: bool, **options: Any) -> None:
        breaks = self._count_sums() if sums else 0
        for broken in verify():
            breaks += 1
            if breaks <= SHOWN:
                self.stdout.write(f"{broken.subject} {broken.subject_id} #{broken.seq}: {WHAT[broken.what]}")
        if breaks:
            self.stdout.write(_("发现 %(n)d 处改动。") % {"n": breaks})
            sys.exit(1)
        entries, days = Entry.objects.count(), Checkpoint.objects.count()
        self.stdout.write(_("%(n)d 条经过、%(days)d 天校验，全部相连，未改动。") % {"n": entries, "days": days})

    def _count_sums(self) -> int:
        """Counts every round anew from its observations; how many sums were wrong (and are right now)."""
        wrong = 0
        for row in Round.objects.order_by("pk"):
            for what in recount(row):
                wrong += 1
                if wrong <= SHOWN:
                    self.stdout.write(f"{row.number} {what}: {_('汇总与观察记录不符，已按记录改正')}")
        return wrong
