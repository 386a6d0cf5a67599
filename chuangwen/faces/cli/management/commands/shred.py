"""Destroys personal data of cases that ended long enough ago; the history stays provable."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction
from django.utils import timezone

from chuangwen.kernel.shred import shred_before


class Command(BaseCommand):
    help = "Destroys contacts and sealed personal values of what ended more than --days ago; history still verifies."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=int, default=365)
        parser.add_argument("--dry-run", action="store_true", help="only count")

    def handle(self, *args: Any, days: int, dry_run: bool, **options: Any) -> None:
        with transaction.atomic():
            for what, count in shred_before(timezone.now() - dt.timedelta(days=days)):
                self.stdout.write(f"{what}: {count}")
            if dry_run:
                transaction.set_rollback(True)
