"""Reading what a request brings: JSON as written, or a form with files; nothing unknown is passed over."""

from __future__ import annotations

from typing import Any, TypeVar

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from pydantic import BaseModel, ValidationError

from chuangwen.faces.api.v1.faults import Fault, Problem, of_rows

B = TypeVar("B", bound=BaseModel)


def body_of(
    request: HttpRequest, model: type[B], files: tuple[str, ...] = ()
) -> tuple[B, dict[str, list[Any]]]:
    """(the body, its files by name); `files` names those a form may bring, () where only JSON is taken.

    Raises Problem: 400 unreadable, 413 too large, 415 another type, 422 wrong fields.
    """
    kind = request.content_type or ""
    try:
        if kind == "application/json":
            return model.model_validate_json(request.body, strict=True), {}
        if files and kind == "multipart/form-data":
            return _form(request, model, files)
    except ValidationError as fault:
        rows = fault.errors(include_url=False, include_context=False, include_input=False)
        if any(row["type"] == "json_invalid" for row in rows):
            raise Problem(400) from fault
        raise of_rows({**row, "loc": ("body", *row["loc"])} for row in rows) from fault
    except RequestDataTooBig as fault:
        raise Problem(413) from fault
    except (MultiPartParserError, SuspiciousOperation, UnreadablePostError) as fault:
        raise Problem(400) from fault
    raise Problem(415)


def _form(request: HttpRequest, model: type[B], files: tuple[str, ...]) -> tuple[B, dict[str, list[Any]]]:
    twice = [name for name, values in request.POST.lists() if len(values) > 1]
    wrong = [name for name in request.FILES if name not in files]
    if twice or wrong:
        errors = [Fault(("body", name), "given more than once") for name in twice]
        raise Problem(422, errors=errors + [Fault(("body", name), "no such file field") for name in wrong])
    body = model.model_validate(request.POST.dict())
    return body, {name: request.FILES.getlist(name) for name in files}
