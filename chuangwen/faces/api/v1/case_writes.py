"""Writing cases: report one, take a step, add a photo. Every write carries its own id and may be sent again."""

from __future__ import annotations

import uuid
from typing import Any, Literal

from django import forms
from django.db import IntegrityError
from django.utils.translation import gettext as _
from ninja import Schema, Status
from pydantic import ConfigDict, Field

from chuangwen.faces.api.v1.bodies import body_of
from chuangwen.faces.api.v1.case_rows import CaseWhole, Photo, case_whole, photo_line
from chuangwen.faces.api.v1.cases import case_of, router
from chuangwen.faces.api.v1.faults import Fault, Problem, of_form
from chuangwen.faces.api.v1.operations import Asked, extra
from chuangwen.faces.api.v1.values import Line, Moment, Uid, Word, moment_of
from chuangwen.kernel.evidence.images import BadPicture
from chuangwen.kernel.workflow.flow import BadInput, NotAllowed, Refused
from chuangwen.problems import rules
from chuangwen.problems.actions import Told, take_report
from chuangwen.problems.flow import CaseFlow
from chuangwen.problems.forms import PointForm, QuickReportForm
from chuangwen.problems.intake import source_of
from chuangwen.problems.models import Case, Report
from chuangwen.problems.photos import MOST_BYTES, MOST_PHOTOS, add_photo


class Spot(Schema):
    """Where and when, as a phone says it."""

    model_config = ConfigDict(extra="forbid")
    uid: Uid = Field(
        description="Your own id of this write, a new random UUID; sending it again changes nothing."
    )
    lon: float | None = Field(None, description="Longitude in degrees.", allow_inf_nan=False)
    lat: float | None = Field(None, description="Latitude in degrees.", allow_inf_nan=False)
    datum: Literal["wgs84", "cgcs2000", "gcj02", "bd09"] | None = Field(
        None, description="What the degrees are measured on; WGS-84 where it is not said."
    )
    accuracy_m: float | None = Field(
        None, ge=0, le=100_000, description="How far the point may be off, metres.", allow_inf_nan=False
    )
    taken_at: Moment | None = Field(None, description="When the photo was taken.")

    def given(self) -> dict[str, Any]:
        """As a form reads it: what was not said is left out."""
        return {name: value for name, value in self.model_dump(mode="json").items() if value is not None}


class NewCase(Spot):
    """A problem to report: a point, a site or an address must say where."""

    what: Line = Field(min_length=2, description="What is wrong, in a few words.", examples=["垃圾桶满溢"])
    kind: Word | None = Field(None, description="Code of the kind; left out, it is suggested from the words.")
    site: Word | None = Field(None, description="Code of the site.")
    address: Line | None = Field(None, description="Where, in words.", max_length=120)


class NewStep(Schema):
    """A step to take."""

    model_config = ConfigDict(extra="forbid")
    uid: Uid = Field(
        description="Your own id of this write, a new random UUID; sending it again changes nothing."
    )
    fields: dict[str, str | list[str]] = Field(
        default_factory=dict, max_length=20, examples=[{"note": "已清走"}],
        description="What the step asks for, by name (see the steps on offer); rows by their code.",
    )  # fmt: skip


class NewPhoto(Spot):
    """A photo to add to a case."""

    role: str = Field(description="found: the problem; fixed: the fix; check: the re-check.",
                      pattern="^(found|fixed|check)$")  # fmt: skip


def _schema(model: type[Schema]) -> dict[str, Any]:
    return model.model_json_schema(ref_template="#/components/schemas/{model}")


def _with_files(model: type[Schema], name: str, *, many: bool) -> dict[str, Any]:
    """The same fields as a form, with the photos beside them."""
    one = {"type": "string", "format": "binary"}
    schema = _schema(model)
    more: dict[str, Any] = {"type": "array", "items": one, "maxItems": MOST_PHOTOS} if many else one
    schema["properties"] = {**schema["properties"], name: more}
    schema["required"] = [*schema["required"], *([] if many else [name])]
    return schema


def _is_own_uid(found: bool) -> None:
    if not found:
        raise Problem(
            409, _("这个 uid 已用在别处，换一个新的。"), [Fault(("body", "uid"), "used for something else")]
        )


def _picture_problem(fault: Exception, name: str) -> Problem:
    return Problem(422, str(fault), [Fault(("body", name), str(fault))])


def _photos(files: dict[str, list[Any]]) -> list[Any]:
    photos = files.get("photos", [])
    if len(photos) > MOST_PHOTOS or any((photo.size or 0) > MOST_BYTES for photo in photos):
        why = _("最多 %(n)d 张照片，每张不超过 20 MB。") % {"n": MOST_PHOTOS}
        raise Problem(422, why, [Fault(("body", "photos"), why)])
    return photos


REPORT_BODY = {"content": {
    "application/json": {"schema": _schema(NewCase)},
    "multipart/form-data": {"schema": _with_files(NewCase, "photos", many=True)},
}, "required": True}  # fmt: skip


@router.post("cases", response={200: CaseWhole, 201: CaseWhole}, summary="Report a case",
             openapi_extra=extra(("report",), requestBody=REPORT_BODY))  # fmt: skip
def report_case(request: Asked) -> Any:
    """Opens a case for one problem. 201 the first time, 200 when the same `uid` was sent before by the same person."""
    if not rules.report.allows(request.person, None):
        raise Problem(403, _("没有岗位的人员不能上报。"))
    body, files = body_of(request, NewCase, ("photos",))
    photos, uid = _photos(files), uuid.UUID(body.uid)
    before = Report.objects.filter(uid=uid).select_related("case").first()
    report = before or _report(request, body, uid, photos)
    _is_own_uid(report.case.reporter_id == request.person.pk)
    return Status(200 if before else 201, case_whole(case_of(request.person, report.case.number)))


def _report(request: Asked, body: NewCase, uid: uuid.UUID, photos: list[Any]) -> Report:
    form = QuickReportForm(body.given())
    if not form.is_valid():
        raise of_form(form)
    data, point = form.cleaned_data, form.point()
    told = Told(text=data["what"], source=source_of(request.person), uid=uid, kind=data["kind"], site=data["site"],
                address=data["address"], accuracy_m=data["accuracy_m"], photos=photos, channel="api",
                taken_at=moment_of(body.taken_at) if body.taken_at else None)  # fmt: skip
    if point:
        told.lon, told.lat, told.datum = point
    try:
        return take_report(told, by=request.person)
    except Refused as fault:
        raise Problem(422, str(fault)) from fault
    except BadPicture as fault:
        raise _picture_problem(fault, "photos") from fault
    except IntegrityError as fault:  # the id belongs to a step or a photo
        _is_own_uid(False)
        raise AssertionError from fault


STEP_BODY = {"content": {"application/json": {"schema": _schema(NewStep)}}, "required": True}


def _rows_by_code(form: type[forms.Form] | None, given: dict[str, Any]) -> dict[str, Any]:
    """Rows are named by their code here and by their key in the pages' forms; an unknown code is left as it is."""
    known = form.base_fields if form else {}
    unknown = [Fault(("body", "fields", name), "unknown field") for name in given if name not in known]
    if unknown:
        names = "、".join(str(fault.loc[-1])[:40] for fault in unknown)
        raise Problem(422, _("这一步没有这些栏：%(names)s。") % {"names": names}, unknown)
    found = dict(given)
    for name, value in given.items():
        field = known[name]
        if (
            isinstance(field, forms.ModelChoiceField)
            and not field.to_field_name
            and field.queryset is not None
        ):
            codes = value if isinstance(value, list) else [value]
            rows = field.queryset.filter(code__in=[code for code in codes if "\0" not in code])
            keys = {code: str(pk) for code, pk in rows.values_list("code", "pk")}
            named = [keys.get(code, "0") for code in codes]
            found[name] = named if isinstance(value, list) else named[0]
    return found


@router.post("cases/{number}/steps/{code}", response=CaseWhole, summary="Take a step of a case",
             openapi_extra=extra(("work",), requestBody=STEP_BODY))  # fmt: skip
def take_step(request: Asked, number: str, code: str) -> Any:
    """Takes one step, as the page's button does; the case afterwards.

    403 when it is not this person's, 409 when the state does not allow it now, 422 when a field is missing or wrong.
    """
    case = case_of(request.person, number)
    step = CaseFlow.by_code.get(code)
    if step is None or step.by_clock or step.is_quiet:
        raise Problem(404)
    body, _files = body_of(request, NewStep)
    uid = uuid.UUID(body.uid)
    try:
        taken = CaseFlow.take(
            case,
            code,
            by=request.person,
            given=_rows_by_code(step.form, body.fields),
            uid=uid,
            noted={"via": "api"},
        )
    except BadInput as fault:
        raise of_form(fault.form, "fields") from fault
    except NotAllowed as fault:
        raise Problem(403, str(fault)) from fault
    except Refused as fault:
        raise Problem(409, str(fault)) from fault
    entry = taken.entry
    same = (entry.subject, entry.subject_id, entry.step, entry.by_id)
    _is_own_uid(same == (case.subject, case.pk, code, request.person.pk))
    return _now(case, request)


def _now(case: Case, request: Asked) -> dict[str, Any]:
    """The case after the step, for who took it, even where the step took it out of his sight."""
    fresh = Case.objects.select_related("kind", "unit", "street", "site").get(pk=case.pk)
    whole = case_whole(fresh)
    if not rules.see_case.allows(request.person, fresh):
        whole |= {"steps": whole["steps"][:0], "photos": []}
    return whole


PHOTO_BODY = {
    "content": {"multipart/form-data": {"schema": _with_files(NewPhoto, "photo", many=False)}},
    "required": True,
}


@router.post("cases/{number}/photos", response=Photo, summary="Add a photo to a case",
             openapi_extra=extra(("report", "work"), requestBody=PHOTO_BODY))  # fmt: skip
def send_photo(request: Asked, number: str) -> Any:
    """Adds one photo. What speaks against it as proof (too far, too early, used before) is noted with it, not refused."""
    case = case_of(request.person, number)
    body, files = body_of(request, NewPhoto, ("photo",))
    photos, form = files.get("photo", []), PointForm(body.given())
    if len(photos) != 1:
        raise Problem(422, _("带上一张照片。"), [Fault(("body", "photo"), "one file is needed")])
    if "work" not in request.token.scopes and body.role != "found":
        raise Problem(403, _("这个令牌没有需要的范围：%(scopes)s。") % {"scopes": "work"})
    if not form.is_valid():
        raise of_form(form)
    try:
        found = add_photo(
            case, photos[0], role=body.role, by=request.person, uid=uuid.UUID(body.uid), point=form.point(),
            accuracy_m=body.accuracy_m, taken_at=moment_of(body.taken_at) if body.taken_at else None,
        )  # fmt: skip
    except BadPicture as fault:
        raise _picture_problem(fault, "photo") from fault
    except NotAllowed as fault:
        raise Problem(403, str(fault)) from fault
    except Refused as fault:
        raise Problem(409, str(fault)) from fault
    _is_own_uid(found.by_id == request.person.pk)
    return photo_line(found)
