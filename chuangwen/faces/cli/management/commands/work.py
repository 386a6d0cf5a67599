"""The worker: clock, outbox, checkpoints, and jobs; a loop that may be stopped and started at any time."""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import close_old_connections

from chuangwen.assessment.gathering import prepare_due
from chuangwen.assessment.reactions import keep_today
from chuangwen.dossier import export_jobs
from chuangwen.inspections.releasing import open_waiting
from chuangwen.kernel.evidence import arrival
from chuangwen.kernel.workflow import history, limits, notices, webhooks
from chuangwen.problems import actions, import_jobs, learning, mask_jobs
from chuangwen.problems.exchanging.sending import send_exchange
from chuangwen.problems.resident_reactions import forget_origins
from chuangwen.tasks.actions import remind_tasks

log = logging.getLogger("chuangwen.work")

def learn() -> None:
    """Learns in a process of its own: scikit-learn would stay in the worker's memory for good."""
    if learning.is_worthwhile():
        subprocess.run([sys.executable, "-m", "chuangwen", "learn"], check=True)


# What runs how often, in seconds. Each is safe to run twice and by two workers at once.
DUTIES: tuple[tuple[float, Callable[[], Any]], ...] = (
    (10, actions.look_at_cases),
    (30, open_waiting),
    (30, notices.bundle),
    (10, notices.deliver),
    (1, import_jobs.run_imports),
    (10, send_exchange),
    (3600, import_jobs.sweep_drafts),
    (3600, limits.sweep_limits),
    (3600, forget_origins),
    (2, webhooks.send_due),
    (3600, webhooks.sweep_deliveries),
    (600, remind_tasks),
    (1, export_jobs.run_exports),
    (3600, export_jobs.sweep_exports),
    (600, history.make_checkpoints),
    (3600, arrival.sweep),
    (86400, keep_today),
    (600, prepare_due),
    (3600, learn),
    (5, mask_jobs.find_faces),
)


class Command(BaseCommand):
    help = "Runs the worker beside the web processes: deadlines, reminders, messages, checkpoints, learning."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="one turn of everything, then stop")

    def handle(self, *args: Any, once: bool, **options: Any) -> None:
        going = [True]
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_a: going.__setitem__(0, False))
        due = [0.0] * len(DUTIES)
        while going[0]:
            for i, (every, duty) in enumerate(DUTIES):
                if time.monotonic() >= due[i]:
                    self.turn(duty)
                    due[i] = time.monotonic() + every
            if once:
                break
            time.sleep(0.5)

    def turn(self, duty: Callable[[], Any]) -> None:
        close_old_connections()
        try:
            duty()
        except Exception:  # one failing duty must not stop the others; the log names it
            log.exception("%s failed, tried again later", duty.__name__)
