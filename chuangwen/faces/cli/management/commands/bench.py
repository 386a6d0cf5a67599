"""`make bench`: builds a big city in CHUANGWEN_DATA/bench at first use and measures it on each engine
there is.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from itertools import chain
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection
from django.utils.translation import gettext as _

from chuangwen.faces.cli.bench import doors, month, scores, wall
from chuangwen.faces.cli.bench.run import run

SECTIONS = ("pages", "scores", "month", "wall", "doors")


class Command(BaseCommand):
    help = "Measures pages on a big city: SQLite, and PostgreSQL where BENCH_ or TEST_DATABASE_URL answers."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--requests", type=int, default=300, help="requests per page")
        parser.add_argument(
            "--cases", type=int, default=1_000_000, help="size of the city built at first use"
        )
        parser.add_argument(
            "--observations",
            type=int,
            default=10_000_000,
            help="seen on its rounds, added at first use; 0: none",
        )
        parser.add_argument("--only", choices=SECTIONS, default="", help="one section and not all")
        parser.add_argument(
            "--here", action="store_true", help="measure this database as it stands (adds some reports)"
        )

    def handle(self, *args: Any, requests: int, cases: int, here: bool, only: str, **options: Any) -> None:
        if here:
            self._here(requests, only)
            return
        self.more = ["--only", only] if only else []
        self.observations = 0 if only in ("pages", "wall", "doors") else options["observations"]
        folder = settings.DATA / "bench" / str(cases)
        self._engine(
            "sqlite",
            f"sqlite:///{folder / 'sqlite' / 'chuangwen.sqlite3'}",
            folder / "sqlite",
            requests,
            cases,
        )
        url = os.environ.get("BENCH_DATABASE_URL") or _beside(
            os.environ.get("TEST_DATABASE_URL") or "", cases
        )
        if url:
            self._engine("postgresql", url, folder / "postgresql", requests, cases)
        else:
            self.stdout.write(_("没有测 PostgreSQL：设好 BENCH_DATABASE_URL 或 TEST_DATABASE_URL 再测。"))

    def _here(self, requests: int, only: str) -> None:
        sections = {
            "pages": lambda: run(requests), "scores": scores.run, "month": month.run, "wall": wall.run, "doors": doors.run,
        }  # fmt: skip
        lines: list[Iterable[str]] = [section() for name, section in sections.items() if only in ("", name)]
        self.stdout.write(f"{connection.vendor}, {requests} requests per page")
        for line in chain.from_iterable(lines):
            self.stdout.write(line)
            self.stdout.flush()

    def _engine(self, name: str, url: str, folder: Any, requests: int, cases: int) -> None:
        """Own processes with their own settings, so that both engines are measured by the same code."""
        folder.mkdir(parents=True, exist_ok=True)
        env = {**os.environ, "CHUANGWEN_DATA": str(folder), "DATABASE_URL": url}
        chuangwen = [sys.executable, "-m", "chuangwen"]
        ready = subprocess.run(
            [*chuangwen, "shell", "-c", _COUNT], env=env, cwd=settings.ROOT, capture_output=True, text=True
        )
        words = ready.stdout.split()
        if "cases" not in words or (self.observations and "rounds" not in words):
            self.stdout.write(_("先在 %(where)s 建大样本……") % {"where": name})
            self.stdout.flush()
            subprocess.run(
                [*chuangwen, "city", "--cases", str(cases), "--observations", str(self.observations)],
                env=env,
                cwd=settings.ROOT,
                check=True,
            )
        subprocess.run(
            [*chuangwen, "bench", "--here", "--requests", str(requests), *self.more],
            env=env,
            cwd=settings.ROOT,
            check=True,
        )


_COUNT = (
    "from chuangwen.problems.models import Case; from chuangwen.inspections.models import Round; "
    "print('cases' if Case.objects.exists() else '', 'rounds' if Round.objects.exists() else '')"
)


def _beside(url: str, cases: int) -> str:
    """A database of its own beside the one for tests, made where it does not exist; empty when the server
    does not answer.
    """
    if not url.startswith("postgres"):
        return ""
    import psycopg

    parts = urlsplit(url)
    name = f"chuangwen_bench_{cases}"
    try:
        with psycopg.connect(url, autocommit=True, connect_timeout=5) as line:
            if not line.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                line.execute(f'CREATE DATABASE "{name}"')
    except psycopg.Error:
        return ""
    return urlunsplit(parts._replace(path=f"/{name}"))
