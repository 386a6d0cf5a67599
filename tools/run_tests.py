"""Runs the whole test suite on every engine this machine offers, and says plainly what was left out.

SQLite always; PostgreSQL where TEST_DATABASE_URL is set, there only what touches the database; browser tests, once,
where Chromium is found.
Needs only the standard library. Further arguments go to pytest: tools/run_tests.py -k flow
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
NOTHING_COLLECTED = 5  # pytest's exit status when no test fits the marker


def find_browser() -> str | None:
    """The Chromium to use: CHUANGWEN_CHROMIUM, or the first known name on the search path."""
    return os.environ.get("CHUANGWEN_CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)


def run_pytest(title: str, database: str | None, browser: str | None, arguments: list[str]) -> int:
    """One run of pytest in its own process; with a browser, the tests marked `browser` are in it.

    On a second engine only the tests that touch the database are run again.
    """
    environment = {k: v for k, v in os.environ.items() if k not in ("TEST_DATABASE_URL", "DATABASE_URL")}
    if database:
        environment |= {"TEST_DATABASE_URL": database, "ONLY_DATABASE_TESTS": "1"}
    if browser:
        environment["CHUANGWEN_CHROMIUM"] = browser
    marker = [] if browser else ["-m", "not browser"]
    workers = os.environ.get("TEST_WORKERS") or str(min(os.cpu_count() or 1, 8))
    command = [sys.executable, "-m", "pytest", "-n", workers, *marker, *arguments]
    print(f"\n── Tests on {title}", flush=True)
    status = subprocess.call(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL)
    return 0 if status == NOTHING_COLLECTED and arguments else status


def main(arguments: list[str]) -> int:
    database, browser = os.environ.get("TEST_DATABASE_URL"), find_browser()
    left_out = []
    if not database:
        left_out.append("PostgreSQL (set TEST_DATABASE_URL to run the same tests there)")
    if not browser:
        left_out.append("browser tests (no Chromium found; install it or set CHUANGWEN_CHROMIUM)")
    with_browser = " with browser tests" if browser else ""
    # The browser tests run once, on the engine that lets several connections write.
    if database:
        runs = [("SQLite", None, None), ("PostgreSQL" + with_browser, database, browser)]
    else:
        runs = [("SQLite" + with_browser, None, browser)]
    failed = [title for title, url, chromium in runs if run_pytest(title, url, chromium, arguments)]
    for what in left_out:
        print(f"Left out: {what}.")
    if failed:
        print(f"Failed on {' and on '.join(failed)}.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
