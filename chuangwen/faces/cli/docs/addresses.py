"""Every address with its methods and the rule at its door."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.urls import URLPattern, get_resolver

from chuangwen.faces.cli.docs.markdown import page, table
from chuangwen.faces.cli.docs.permissions import NO, OWN, YES, may
from chuangwen.kernel.people.models import Role
from chuangwen.kernel.people.rules import NOTHING, Standing


class Address(NamedTuple):
    """One URL pattern: its route as written, its view, and the name it is reversed by."""

    route: str
    view: Any
    name: str

    @property
    def is_ours(self) -> bool:
        return str(self.view.__module__).startswith("chuangwen.")


def addresses() -> list[Address]:
    """All URL patterns, in the order they are tried."""
    return list(_walk(get_resolver().url_patterns, "/"))


def _walk(patterns: Any, prefix: str) -> Iterator[Address]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield Address(route, pattern.callback, pattern.name or "")
        else:
            yield from _walk(pattern.url_patterns, route)


def door(view: Any) -> str:
    """Who passes the door of a view; what is behind it may ask more of the row."""
    rule = getattr(view, "rule", None)
    if rule is None:
        return "everybody, signed in or not"
    answers = {role: may(rule, role) for role in Role}
    roles = "、".join(str(role.label) for role, answer in answers.items() if answer != NO)
    if set(answers.values()) == {YES}:
        return "every post" if rule.q(Standing(1)) == NOTHING else "everybody signed in"
    return roles + (" (own rows)" if OWN in answers.values() else "")


def text() -> str:
    rows = [
        (
            f"`{a.route}`",
            ", ".join(getattr(a.view, "methods", ())) or "any",
            door(a.view),
            f"`{a.view.__module__}.{a.view.__name__}`",
        )
        for a in addresses()
    ]
    ours = [row for row, a in zip(rows, addresses(), strict=True) if a.is_ours]
    others = [row for row, a in zip(rows, addresses(), strict=True) if not a.is_ours]
    return page(
        "Addresses",
        "The door is the rule of `@page`; a row one may not see is 404 behind it. What each post gets:\n"
        "`tests/architecture/addresses.csv`, written by hand and walked by a test.\n",
        "## Ours\n",
        table(["Address", "Methods", "Door", "View"], ours),
        "## Of the sign-in library (allauth)\n",
        table(["Address", "View"], [(row[0], row[3]) for row in others]),
    )
