"""Collects the interface texts of code and templates, and checks or compiles their English catalogue.

Runs on Babel alone, so that no gettext programs are needed. Call: translations.py update | check | compile
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir, extract_javascript
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

PACKAGE = Path(__file__).resolve().parents[1] / "chuangwen"
CATALOGUE = PACKAGE / "locale" / "en" / "LC_MESSAGES" / "django.po"
METHODS = [
    ("**/jinja2/**.html", "jinja2.ext:babel_extract"),
    ("**/jinja2/**.txt", "jinja2.ext:babel_extract"),
    ("**/templates/**.html", "django"),
    ("**/migrations/**.py", "ignore"),
    ("**.py", "python"),
]
KEYWORDS: dict[str, Any] = {
    "_": None,
    "_t": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}


def extract_django(
    file: IO[bytes], keywords: dict[str, Any], comment_tags: Iterable[str], options: dict[str, Any]
) -> Iterator[tuple[int, Any, list[str], str | None]]:
    """Texts of a Django template; what Django leaves of it reads as JavaScript, not always as Python."""
    from django.utils.translation.template import templatize

    calls = BytesIO(templatize(file.read().decode()).encode())
    yield from extract_javascript(calls, keywords, list(comment_tags), {"encoding": "utf-8"})


def collect_messages() -> Catalog:
    """All texts marked for translation in the package."""
    methods = [(pattern, extract_django if name == "django" else name) for pattern, name in METHODS]
    options = {"**/jinja2/**.html": {"trimmed": "true", "silent": "false"}}
    found = Catalog(charset="utf-8")
    for name, line, text, comments, context in extract_from_dir(
        PACKAGE,
        methods,  # type: ignore[arg-type]  # Babel takes functions as well as names
        options,
        KEYWORDS,
        ["Translators:"],
    ):
        found.add(text, None, [(name, line)], auto_comments=comments, context=context)
    return found


def read_catalogue() -> Catalog:
    if not CATALOGUE.exists():
        return Catalog(locale="en", project="chuangwen", charset="utf-8")
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="en", charset="utf-8")


def what_is_wrong(known: Message | None) -> str | None:
    """Why a text is not ready in English, or None."""
    if known is None:
        return "not in the catalogue"
    parts = known.string if isinstance(known.string, (tuple, list)) else (known.string,)
    if known.fuzzy or not all(parts):
        return "not translated"
    return next((f"placeholders differ: {error}" for error in known.check()), None)


def check() -> int:
    """Say each text without a sound English form, with its place; return how many there are."""
    catalogue, wrong = read_catalogue(), 0
    for message in collect_messages():
        if not message.id:
            continue
        reason = what_is_wrong(catalogue.get(message.id, message.context))
        if reason:
            wrong += 1
            name, line = message.locations[0]
            print(f"chuangwen/{name}:{line}: {reason}: {message.id!r}")
    if wrong:
        print(f"{wrong} texts lack English. Run `make translations`, then fill in {CATALOGUE.name}.")
    return wrong


def update() -> None:
    """Bring the catalogue to the texts in the code: new ones empty, unused ones gone, others kept."""
    catalogue = read_catalogue()
    catalogue.update(collect_messages(), no_fuzzy_matching=True, update_creation_date=False)
    catalogue.obsolete.clear()
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    with CATALOGUE.open("wb") as file:
        # No line numbers: they would change in every commit and collide between people.
        write_po(file, catalogue, width=0, no_location=True, sort_output=True)


def compile_catalogue() -> None:
    """Write the .mo that Django reads beside the .po."""
    if CATALOGUE.exists():
        with CATALOGUE.with_suffix(".mo").open("wb") as file:
            write_mo(file, read_catalogue())


def main(arguments: list[str]) -> int:
    match arguments:
        case ["check"]:
            return 1 if check() else 0
        case ["update"]:
            update()
            compile_catalogue()
        case ["compile"]:
            compile_catalogue()
        case _:
            print(__doc__)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
