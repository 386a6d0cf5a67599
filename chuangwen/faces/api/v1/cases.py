"""Reading cases, the steps they offer and their photos: the rows the person behind the token may see, and no other."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from django import forms
from django.db.models import Q
from django.http import Http404, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.cache import get_conditional_response
from ninja import Query, Router, Schema
from pydantic import Field

from chuangwen.faces.api.v1.case_rows import (
    ROW,
    CasePage,
    CaseWhole,
    case_line,
    case_whole,
)
from chuangwen.faces.api.v1.operations import Asked, Page, get
from chuangwen.faces.api.v1.paging import cut
from chuangwen.faces.api.v1.values import Day, OneOf, Truth, Word
from chuangwen.kernel.evidence import store
from chuangwen.kernel.models import Evidence, Person
from chuangwen.kernel.screens.access import row_or_404
from chuangwen.problems import rules
from chuangwen.problems.flow import CaseFlow
from chuangwen.problems.models import Case, State

router = Router(tags=["cases"])
ORDER = ("-reported_at", "id")


class CaseFilter(Page):
    """Which cases."""

    state: Annotated[str, OneOf(State)] | None = Field(None, description="Only cases that stand here.")
    open: Truth | None = Field(None, description="true: not closed yet; false: closed.")
    kind: Word | None = Field(None, description="Code of the kind of problem.", examples=["0301"])
    unit: Word | None = Field(None, description="Code of the responsible unit.")
    street: Word | None = Field(None, description="Code of the street.")
    from_: Day | None = Field(
        None, alias="from", description="Reported on this day of the city's time or later."
    )
    to: Day | None = Field(None, description="Reported on this day or earlier.")
    text: Word | None = Field(None, description="Has this in what it is about, its address or its number.")


def _start(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))


def _days(asked: CaseFilter) -> Q:
    q = Q()
    if asked.from_:
        q &= Q(reported_at__gte=_start(max(asked.from_, dt.date(1970, 1, 1))))
    if asked.to and asked.to < dt.date(9999, 1, 1):
        q &= Q(reported_at__lt=_start(max(asked.to, dt.date(1970, 1, 1)) + dt.timedelta(days=1)))
    return q


@get(router, "cases", CasePage, "List cases")
def list_cases(request: Asked, asked: Query[CaseFilter]) -> Any:
    """The newest report first; exactly the cases the person behind the token may see."""
    q = _days(asked)
    for name, column in (
        ("state", "state"),
        ("kind", "kind__code"),
        ("unit", "unit__code"),
        ("street", "street__code"),
    ):
        if value := getattr(asked, name):
            q &= Q(**{column: value})
    if asked.open is not None:
        q &= Q(closed_at__isnull=asked.open)
    if asked.text:
        q &= Q(what__contains=asked.text) | Q(address__contains=asked.text) | Q(number__contains=asked.text)
    rows = rules.see_case.filter(Case.objects.select_related(*ROW), request.person).filter(q)
    found = cut(rows, ORDER, asked.cursor, asked.limit)
    return {"items": [case_line(case) for case in found["items"]], "next": found["next"]}


def case_of(person: Person, number: str) -> Case:
    """The case of that number if this person may see it; Http404."""
    if "\0" in number:
        raise Http404
    return row_or_404(
        rules.see_case,
        Case.objects.select_related(*ROW, "suggested_kind", "suggested_unit"),
        person,
        number=number,
    )


@get(router, "cases/{number}", CaseWhole, "Read one case")
def read_case(request: Asked, number: str) -> Any:
    """One case with its history and photos."""
    return case_whole(case_of(request.person, number))


class FormField(Schema):
    """One field a step asks for."""

    name: str
    label: str = Field(description="What it is called in the interface.")
    is_required: bool
    type: Literal["text", "number", "date", "choice", "choices", "row", "rows"] = Field(
        description="row: code of a unit, kind or place; rows: several of them."
    )
    choices: list[str] | None = Field(description="Values of a choice.")
    most: int | None = Field(description="Most characters of a text.")


class StepOffered(Schema):
    """One step the person's posts allow in this state."""

    code: str
    label: str = Field(description="What the button says.")
    is_allowed: bool = Field(description="Whether it can be taken now.")
    why_not: str = Field(description="The sentence why not; empty when it can.")
    fields: list[FormField]


class StepsOffered(Schema):
    """The steps on offer."""

    items: list[StepOffered]


def _pairs(field: Any) -> list[tuple[Any, Any]]:
    return list(field.choices)


def _field(name: str, field: forms.Field) -> dict[str, Any]:
    choices = None
    if isinstance(field, forms.ModelChoiceField):
        kind = "rows" if isinstance(field, forms.ModelMultipleChoiceField) else "row"
    elif isinstance(field, forms.ChoiceField):
        many = isinstance(field, forms.MultipleChoiceField)
        kind, choices = (
            "choices" if many else "choice",
            [str(key) for key, _label in _pairs(field) if key != ""],
        )
    elif isinstance(field, forms.DateField):
        kind = "date"
    else:
        kind = "number" if isinstance(field, forms.IntegerField | forms.DecimalField) else "text"
    return {
        "name": name, "label": str(field.label or name), "is_required": field.required, "type": kind, "choices": choices,
        "most": getattr(field, "max_length", None) if kind == "text" else None,
    }  # fmt: skip


@get(router, "cases/{number}/steps", StepsOffered, "List the steps of a case on offer")
def list_steps(request: Asked, number: str) -> Any:
    """What this person may do with the case now, with the fields each step asks for."""
    case = case_of(request.person, number)
    return {
        "items": [
            {
                "code": offer.step.code, "label": str(offer.step.label), "is_allowed": offer.allowed,
                "why_not": offer.why,
                "fields": [_field(*one) for one in offer.step.form.base_fields.items()] if offer.step.form else [],
            }
            for offer in CaseFlow.offers(case, request.person)
        ]
    }  # fmt: skip


JPEG = {
    "200": {"description": "The picture.",
            "content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}},
    "304": {"description": "Not changed since it was read with this ETag."},
}  # fmt: skip


@get(router, "photos/{photo}/{form}", None, "Read a photo of a case", responses=JPEG)
def read_photo(request: Asked, photo: int, form: Literal["thumb", "public"]) -> HttpResponseBase:
    """The small or the large copy of a photo whose case the person may see. Never the original."""
    found = Evidence.objects.filter(pk=photo, subject="problems.case").select_related("blob").first()
    if found is None:
        raise Http404
    row_or_404(rules.see_case, Case.objects.only("pk"), request.person, pk=found.subject_id)
    etag = f'"{found.blob.sha256}-{form}"'
    answer: HttpResponseBase | None = get_conditional_response(request, etag=etag)
    if answer is None:
        path = store.file_of(found.blob.sha256, form)
        if path is None:
            raise Http404
        answer = HttpResponse(path.read_bytes(), content_type="image/jpeg")
    answer["ETag"], answer["Cache-Control"] = etag, "private, max-age=600"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
