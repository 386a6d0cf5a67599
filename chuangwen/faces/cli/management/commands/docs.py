"""Writes docs/generated from the code, or says whether it is fresh."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from chuangwen.faces.cli.docs import addresses, choices, permissions, states, tables

PAGES: dict[str, Callable[[], str]] = {
    "permissions.md": permissions.text,
    "states.md": states.text,
    "settings.md": choices.text,
    "addresses.md": addresses.text,
    "models.md": tables.text,
}


class Command(BaseCommand):
    help = (
        "Writes docs/generated from the code; with --check only compares, exit status 1 when a page is stale."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing, exit 1 when a page is stale")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        folder = settings.ROOT / "docs" / "generated"
        stale = []
        for name, text in PAGES.items():
            path, wanted = folder / name, text()
            if path.exists() and path.read_text(encoding="utf-8") == wanted:
                continue
            stale.append(name)
            if not check:
                folder.mkdir(parents=True, exist_ok=True)
                path.write_text(wanted, encoding="utf-8")
        if check and stale:
            self.stdout.write(f"Stale: {', '.join(stale)}. Run `make docs` and commit docs/generated.")
            sys.exit(1)
        self.stdout.write(f"Written: {', '.join(stale)}." if stale else "Fresh.")
