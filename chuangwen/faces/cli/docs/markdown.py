"""Tables in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

HEAD = "<!-- Written by `make docs` from the code; do not edit. -->\n"


def table(titles: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; a bar inside a cell is escaped so that it cannot end the cell."""
    lines = [titles, ["---"] * len(titles), *rows]
    return "".join(
        "| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |\n" for line in lines
    )


def page(title: str, *parts: str) -> str:
    return "\n".join([HEAD + f"# {title}\n", *parts])
