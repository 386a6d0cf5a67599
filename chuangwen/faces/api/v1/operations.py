"""How an operation is declared: its scope stands in the description, which is also what the door reads it from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from chuangwen.faces.api.v1.values import Count, Word
from chuangwen.kernel.models import Person, Token

READ = ("read",)


class Asked(HttpRequest):
    """A request whose token was checked by the door."""

    person: Person
    token: Token


class Page(Schema):
    """Which part of a list."""

    cursor: str | None = Field(
        None, max_length=400, description="`next` of the page before; none: the first page."
    )
    limit: Count | None = Field(None, description="Rows of one page, 1 to 200; 50 where it is not said.")


class WordPage(Page):
    """Which part of a list that can be searched."""

    text: Word | None = Field(None, description="Only rows whose name or code has this in it.")


class Following(Schema):
    """The tail of every page."""

    next: str | None = Field(description="`cursor` of the next page; null on the last one.")


def extra(scopes: tuple[str, ...], *, shared: bool = False, **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"security": [{"token": list(scopes)}], **more}
    if shared:  # the same for every person: may be kept and asked again by ETag
        found["x-shared"] = True
    return found


def get(
    router: Router, path: str, answer: Any, summary: str, *, shared: bool = False, **more: Any
) -> Callable[[Callable[..., Any]], Any]:
    """A read with the scope `read`."""
    return router.get(
        path, response=answer, summary=summary, openapi_extra=extra(READ, shared=shared, **more)
    )
