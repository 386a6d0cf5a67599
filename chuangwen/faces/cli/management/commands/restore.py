"""Replaces everything by a backup; the old data is kept in before-restore. Stop the server first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from chuangwen.faces.cli.backup import BadBackup, restore


class Command(BaseCommand):
    help = "Replaces everything by a backup; the old data is kept in before-restore. Stop the server first."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file")

    def handle(self, *args: Any, file: str, **options: Any) -> None:
        try:
            facts = restore(Path(file))
        except BadBackup as fault:
            raise CommandError(str(fault)) from fault
        self.stdout.write(_("已恢复 %(at)s 的备份。") % {"at": facts["made_at"]})
