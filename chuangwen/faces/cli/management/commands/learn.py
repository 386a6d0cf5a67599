"""Learns which words mean which kind from finished cases."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from chuangwen.problems import learning


class Command(BaseCommand):
    help = "Learns kinds from finished cases when there are enough new ones; the worker calls it by itself."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(learning.learn_if_worthwhile())
