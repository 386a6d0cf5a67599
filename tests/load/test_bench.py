"""The bench itself on a small city: every page that exists answers well, and no process is left behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.load


def chuangwen(folder, *arguments):
    env = {
        **os.environ,
        "CHUANGWEN_DATA": str(folder),
        "DATABASE_URL": f"sqlite:///{folder / 'city.sqlite3'}",
    }
    done = subprocess.run(
        [sys.executable, "-m", "chuangwen", *arguments],
        env=env,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_bench_on_a_small_city(tmp_path):
    chuangwen(tmp_path, "city", "--cases", "3000", "--sites", "800", "--units", "120")
    assert "未改动" in chuangwen(tmp_path, "verify")

    table = chuangwen(tmp_path, "bench", "--here", "--requests", "10")

    assert "floor: one commit of one row" in table
    assert "two web processes" in table
    assert "NOT GOOD" not in table
    running = [path for path in Path("/proc").glob("[0-9]*/environ") if str(tmp_path) in _environment(path)]
    assert running == []


def _environment(path):
    try:
        return path.read_bytes().decode(errors="replace")
    except OSError:  # ended meanwhile, or another user's
        return ""
