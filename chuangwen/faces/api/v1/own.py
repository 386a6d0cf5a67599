"""The person behind the token: who it is, what the posts are, and the notices."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from ninja import Query, Router, Schema
from pydantic import Field

from chuangwen.faces.api.v1.operations import Asked, Following, Page, get
from chuangwen.faces.api.v1.paging import cut
from chuangwen.faces.api.v1.values import OneOf
from chuangwen.kernel.models import Post
from chuangwen.kernel.people.models import Role
from chuangwen.kernel.people.token_models import Scope
from chuangwen.kernel.workflow.notices import received_by

router = Router(tags=["own"])


class PostLine(Schema):
    """One role held in a unit or area."""

    role: Annotated[str, OneOf(Role)]
    label: str = Field(description="The role in words.")
    unit: str | None = Field(description="Code of the unit.")
    area: str | None = Field(description="Code of the area.")
    from_on: dt.date
    to_on: dt.date | None


class Me(Schema):
    """Whose rights the token has, and for what."""

    username: str
    name: str
    posts: list[PostLine] = Field(description="Posts of today; rights come from these only.")
    scopes: list[Annotated[str, OneOf(Scope)]] = Field(description="What the token may be used for.")
    token_ends_on: dt.date = Field(description="Last day of the token.")


@get(router, "me", Me, "Read who I am")
def read_me(request: Asked) -> Any:
    """The person whose rights this token has."""
    posts = (
        Post.objects.in_force()
        .filter(person=request.person)
        .select_related("unit", "area")
        .defer("area__shape")
    )
    return {
        "username": request.person.username, "name": request.person.name, "scopes": request.token.scopes,
        "token_ends_on": request.token.ends_on,
        "posts": [
            {
                "role": row.role, "label": str(Role(row.role).label), "unit": row.unit.code if row.unit else None,
                "area": row.area.code if row.area else None, "from_on": row.from_on, "to_on": row.to_on,
            }
            for row in posts.order_by("role", "pk")
        ],
    }  # fmt: skip


class NoticeLine(Schema):
    """One sentence about one thing."""

    text: str
    url: str = Field(description="Page it is about; empty for none.")
    is_urgent: bool
    at: dt.datetime
    seen_at: dt.datetime | None = Field(
        description="When it was seen on the page; reading it here does not count."
    )


class NoticePage(Following):
    """One page of notices."""

    items: list[NoticeLine]


@get(router, "notices", NoticePage, "List notices")
def list_notices(request: Asked, asked: Query[Page]) -> Any:
    """What the person and the person's units were told, the newest first."""
    found = cut(received_by(request.person), ("-at", "-id"), asked.cursor, asked.limit)
    names = ("text", "url", "is_urgent", "at", "seen_at")
    return {
        "items": [{name: getattr(row, name) for name in names} for row in found["items"]],
        "next": found["next"],
    }
