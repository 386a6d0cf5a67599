"""What `make run` calls: sets the city up if there is none, then serves it."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError

from chuangwen.kernel.models import City


class Command(BaseCommand):
    help = "Sets the city up at the first start, then serves it; a second start changes no data."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--pack", default="gongyi")

    def handle(self, *args: Any, pack: str, **options: Any) -> None:
        try:
            is_new = not City.objects.exists()
        except DatabaseError:  # no tables yet
            is_new = True
        if is_new:
            # A process of its own: simulating a demo city takes memory that serving does not need.
            done = subprocess.run([sys.executable, "-m", "chuangwen", "setup", "--pack", pack], check=False)
            if done.returncode:
                raise SystemExit(done.returncode)
        else:
            call_command("migrate", verbosity=0)
        call_command("serve")
