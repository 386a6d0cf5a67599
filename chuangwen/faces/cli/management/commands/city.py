"""Makes the big sample city for measurements, the same for one seed: sites, units, and up to millions of
cases.
"""

from __future__ import annotations

import datetime as dt
import time
from itertools import chain
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.faces.cli.bigcity.build import add_rounds, build
from chuangwen.inspections.models import Round
from chuangwen.problems.models import Case


class Command(BaseCommand):
    help = (
        "Makes the big sample city in an empty database (DATABASE_URL): 1,000,000 cases with their history."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--cases", type=int, default=1_000_000)
        parser.add_argument("--sites", type=int, default=5_000)
        parser.add_argument("--units", type=int, default=150)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--until", default="", help="end moment, ISO 8601; now when not given")
        parser.add_argument("--pack", default="gongyi")
        parser.add_argument(
            "--observations",
            type=int,
            default=0,
            help="adds three years of rounds, also to a big city that has none",
        )

    def handle(
        self,
        *args: Any,
        cases: int,
        sites: int,
        units: int,
        seed: int,
        until: str,
        pack: str,
        observations: int,
        **more: Any,
    ) -> None:
        call_command("migrate", verbosity=0)
        only_rounds = bool(observations) and Case.objects.exists() and not Round.objects.exists()
        if Case.objects.exists() and not only_rounds:
            raise CommandError(
                _("这个数据库里已有案件，大样本只建在空库里。换一个 DATABASE_URL 或 CHUANGWEN_DATA。")
            )
        if not only_rounds:
            call_command("setup", pack=pack, empty=True, stdout=self.stdout)
        end = dt.datetime.fromisoformat(until) if until else timezone.now()
        end = end if end.tzinfo else timezone.make_aware(end)
        began = time.monotonic()
        parts = [] if only_rounds else [build(seed=seed, cases=cases, sites=sites, units=units, until=end)]
        if observations:
            parts.append(add_rounds(seed=seed, observations=observations, until=end))
        for line in chain.from_iterable(parts):
            self.stdout.write(f"{time.monotonic() - began:7.1f} s  {line}")
            self.stdout.flush()
        self.stdout.write(_("完成：%(engine)s，%(n)d 件。") % {"engine": connection.vendor, "n": cases})
