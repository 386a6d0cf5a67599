"""What the documents say exists, exists; what is written from the code is fresh."""

from __future__ import annotations

import re
from functools import cache

from django.core.management import call_command, get_commands

from tests.architecture.source import ROOT, name_of, tracked_files

PAGES = sorted(p for p in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")] if "generated" not in p.parts)
PICTURES = ROOT / "docs" / "pictures"


@cache
def known_names():
    """Ends of the paths of tracked files and folders, so that `flow.py` and `kernel/city.py` are found."""
    ends = set()
    for path in tracked_files():
        parts = name_of(path).split("/")
        for start in range(len(parts)):
            ends.update("/".join(parts[start:end]) for end in range(start + 1, len(parts) + 1))
    return ends


def test_generated_pages_are_fresh():
    call_command("docs", check=True)


def test_links_lead_somewhere():
    dead = []
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            path = (page.parent / target).resolve()
            is_later = path.parent == PICTURES and not PICTURES.exists()
            if "://" not in target and not path.exists() and not is_later:
                dead.append(f"{name_of(page)}: {target}")
    assert dead == []


def test_files_named_in_the_documents_exist():
    pattern = re.compile(r"`((?:[\w.-]+/)*[\w.-]+\.(?:py|html|css|js|toml|csv|md|txt|mjs))(?::\d+)?`")
    missing = [
        f"{name_of(page)}: {name}"
        for page in PAGES
        for name in pattern.findall(page.read_text(encoding="utf-8"))
        if name not in known_names()
    ]
    assert missing == []


def test_commands_named_in_the_documents_exist():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))
    wrong = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        wrong += [
            f"{name_of(page)}: make {t}" for t in re.findall(r"`make ([a-z]+)", text) if t not in targets
        ]
        wrong += [
            f"{name_of(page)}: {c}"
            for c in re.findall(r"`chuangwen ([a-z]+)", text)
            if c not in get_commands()
        ]
    assert wrong == []


def test_variables_named_in_the_documents_exist():
    from django.conf import settings

    known = {variable.name for variable in settings.VARIABLES}
    named = {
        (name_of(page), name)
        for page in PAGES
        for name in re.findall(r"\bCHUANGWEN_[A-Z]+(?:_[A-Z]+)*\b", page.read_text(encoding="utf-8"))
    }
    assert {(page, name) for page, name in named if name not in known} == set()
