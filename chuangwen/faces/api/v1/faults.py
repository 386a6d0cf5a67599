"""What this interface says when something is wrong: problem details (RFC 9457), in the caller's language."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from django import forms
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

MEDIA_TYPE = "application/problem+json"
# Every status this interface answers with when it does not do what was asked: title for people, meaning for developers.
TITLES = {
    400: (_("送来的读不懂"), "The request is not readable: broken JSON or form data."),
    401: (_("没有有效的令牌"), "No token was shown, or it is wrong, has ended or was revoked."),
    403: (_("不归你办"), "The token lacks the scope, or the person's posts do not allow it."),
    404: (_("没有这一项"), "There is no such row for this person; a row one may not see does not exist."),
    405: (_("不能这样用"), "The address knows other methods; see `Allow`."),
    409: (_("现在不能办"), "The state does not allow it now, or the id was used for something else."),
    413: (_("内容太大"), "The body is larger than allowed."),
    415: (_("内容类型不对"), "The body has another content type than the operation takes."),
    422: (_("内容不合要求"), "A parameter or field is unknown, missing or wrong; `errors` names each."),
    429: (_("太频繁"), "Too many requests with this token; `Retry-After` says when to go on."),
}


class Fault(NamedTuple):
    """One thing wrong: where (as ("query", "from")), and what."""

    loc: tuple[str | int, ...]
    msg: str


class Problem(Exception):
    """Raised anywhere in an operation to end it with this answer."""

    def __init__(
        self,
        status: int,
        detail: str = "",
        errors: Iterable[Fault] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.detail = status, str(detail)
        self.errors, self.headers = list(errors), headers or {}

    def response(self) -> HttpResponse:
        title = str(TITLES[self.status][0])
        body: dict[str, Any] = {"type": f"/api/v1/#{self.status}", "title": title, "status": self.status,
                                "detail": self.detail or title}  # fmt: skip
        if self.errors:
            body["errors"] = [{"loc": list(fault.loc), "msg": fault.msg} for fault in self.errors]
        answer = HttpResponse(
            json.dumps(body, ensure_ascii=False), status=self.status, content_type=MEDIA_TYPE
        )
        for name, value in {"Cache-Control": "no-store", **self.headers}.items():
            answer[name] = value
        return answer


def of_form(form: forms.Form, *at: str) -> Problem:
    """What is wrong with a step's form, by field; the first sentence as the detail."""
    errors = [
        Fault(("body", *at) if name == "__all__" else ("body", *at, name), str(message))
        for name, messages in form.errors.items()
        for message in messages
    ]
    return Problem(422, errors[0].msg if errors else "", errors)


def of_rows(rows: Iterable[Mapping[str, Any]]) -> Problem:
    """What pydantic found wrong, as it lists it."""
    errors = [Fault(tuple(row["loc"]), str(row["msg"])) for row in rows]
    names = "、".join(dict.fromkeys(str(fault.loc[-1]) for fault in errors if fault.loc))
    return Problem(422, str(_("这几处不合要求：%(names)s")) % {"names": names} if names else "", errors)
