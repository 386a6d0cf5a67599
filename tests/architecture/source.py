"""The files the architecture tests look at, and small readings of Python source."""

from __future__ import annotations

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PYTHON_FOLDERS = ("chuangwen", "tests", "packs", "tools")


@cache
def python_files() -> tuple[Path, ...]:
    found = [path for folder in PYTHON_FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]
    return tuple(path for path in found if "migrations" not in path.parts)


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def templates() -> tuple[Path, ...]:
    pages = sorted((ROOT / "chuangwen").rglob("*.html"))
    return tuple(page for page in pages if {"jinja2", "templates"} & set(page.parts))


@cache
def tracked_files() -> tuple[Path, ...]:
    """Every file git has or would take; the folder itself where there is no git (an unpacked archive)."""
    done = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        left_out = {".venv", "var", "node_modules", "dist", "__pycache__"}
        return tuple(p for p in ROOT.rglob("*") if p.is_file() and not left_out & set(p.parts))
    names = [name for name in done.stdout.decode().split("\0") if name]
    return tuple(path for path in (ROOT / name for name in names) if path.is_file())
