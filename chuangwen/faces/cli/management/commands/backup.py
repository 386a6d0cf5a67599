"""Copies database, evidence and secrets into one file while the city goes on working."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from chuangwen.faces.cli.backup import BadBackup, backup


class Command(BaseCommand):
    help = "Copies database, evidence and secrets into one file while the city goes on working."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file")

    def handle(self, *args: Any, file: str, **options: Any) -> None:
        try:
            size = backup(Path(file))
        except BadBackup as fault:
            raise CommandError(str(fault)) from fault
        self.stdout.write(_("已备份到 %(file)s，%(size)d 字节。") % {"file": file, "size": size})
