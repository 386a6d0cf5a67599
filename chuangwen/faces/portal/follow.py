"""The page behind a message's secret link: before and after, the path, the sender's say; nobody else finds it."""

from __future__ import annotations

from typing import Any

from django.core import signing
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuangwen.faces.portal import sender
from chuangwen.faces.portal.pages import show, unseen
from chuangwen.kernel.evidence import store
from chuangwen.kernel.screens.words import masked
from chuangwen.kernel.workflow import phone_codes, sms
from chuangwen.kernel.workflow.flow import Refused
from chuangwen.problems import following
from chuangwen.problems.models import Submission
from chuangwen.problems.submission_steps import why_no_rating
from chuangwen.problems.submitting import by_secret

PHONE_SALT = "portal.phone"


def _row(secret: str) -> Submission:
    found = by_secret(secret)
    if found is None:
        raise Http404
    return found


@require_safe
def follow(request: HttpRequest, secret: str) -> HttpResponse:
    """GET /p/f/<secret>/: what came of one message."""
    return _shown(request, secret, _row(secret))


def _shown(
    request: HttpRequest, secret: str, row: Submission, status: int = 200, **more: Any
) -> HttpResponse:
    publication = following.publication_of(row)
    link = request.build_absolute_uri(reverse("portal-follow", args=[secret]))
    context = {
        "row": row, "secret": secret, "link": link, "back": reverse("portal-follow", args=[secret]),
        "path": following.path_of(row), "own": following.own_photos(row),
        "after": following.after_picture(publication) is not None, "publication": publication,
        "others": following.others_words(following.others_of(row)), "why_no_rating": why_no_rating(row),
        "public_moment": following.public_moment, "asks_phone": sms.is_offered() and not row.phone,
        "phone": masked(row.phone) if row.phone else "", "fault": "", "phone_fault": "", "asked": "", "shown": "",
        "text": row.rating_text, "typed": "", **more,
    }  # fmt: skip
    return unseen(show(request, "portal/follow.html", context, status=status))


@require_safe
def photo(request: HttpRequest, secret: str, number: int) -> HttpResponseBase:
    """GET /p/f/<secret>/photo/<n>/: the sender's n-th photo, without what a camera writes into it."""
    blobs = following.own_photos(_row(secret))
    if number >= len(blobs):
        raise Http404
    return _file(store.file_of(blobs[number].sha256, "public"))


@require_safe
def after(request: HttpRequest, secret: str) -> HttpResponseBase:
    """GET /p/f/<secret>/after/: the picture of the mended place, once it is public, as everybody sees it."""
    return _file(following.after_picture(following.publication_of(_row(secret))))


def _file(path: Any) -> HttpResponseBase:
    if path is None:
        raise Http404
    answer = FileResponse(path.open("rb"), content_type="image/jpeg")
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return unseen(answer)


@require_safe
def qr(request: HttpRequest, secret: str) -> HttpResponse:
    """GET /p/f/<secret>/qr.svg: the link as a code, to keep on another phone."""
    import io

    import segno  # only this address draws it

    _row(secret)
    stream = io.BytesIO()
    link = request.build_absolute_uri(reverse("portal-follow", args=[secret]))
    segno.make(link, error="m", micro=False).save(
        stream, kind="svg", scale=4, border=2, svgclass=None, lineclass=None
    )
    return unseen(HttpResponse(stream.getvalue(), content_type="image/svg+xml"))


@require_POST
def rate(request: HttpRequest, secret: str) -> HttpResponse:
    """POST /p/f/<secret>/rate/: 满意 or 没解决, with a few words."""
    row, said = _row(secret), request.POST.get("satisfied", "")
    text = request.POST.get("text", "")
    try:
        if said not in ("yes", "no"):
            raise Refused(_("选满意或没解决。"))
        following.rate(row, satisfied=said == "yes", text=text)
    except Refused as fault:
        return _shown(request, secret, _row(secret), 409, fault=str(fault), text=text)
    return unseen(redirect("portal-follow", secret))


@require_http_methods(["POST"])
def phone(request: HttpRequest, secret: str) -> HttpResponse:
    """POST /p/f/<secret>/phone/: a number asks for a code; number and code together are kept."""
    row = _row(secret)
    asked = request.POST.get("asked", "")
    typed = request.POST.get("phone", "")
    try:
        if not asked:
            found = phone_codes.ask_code(typed, network=sender.network(request))
            ticket = signing.dumps([secret, found.phone], salt=PHONE_SALT)
            return _shown(request, secret, row, asked=ticket, shown=found.shown, typed=masked(found.phone))
        number = _ticket(asked, secret)
        phone_codes.check_code(number, request.POST.get("code", ""))
        following.keep_phone(row, number)
    except Refused as fault:
        kept = {"asked": asked, "typed": masked(_ticket(asked, secret, "")) if asked else typed}
        return _shown(request, secret, row, 409, phone_fault=str(fault), **kept)
    return unseen(redirect("portal-follow", secret))


def _ticket(asked: str, secret: str, default: str | None = None) -> str:
    """The number a code was asked for on this page; raises Refused when that is too long ago."""
    try:
        of, number = signing.loads(asked, salt=PHONE_SALT, max_age=phone_codes.MINUTES * 60)
    except (signing.BadSignature, ValueError, TypeError):
        of = number = ""
    if of == secret:
        return str(number)
    if default is not None:
        return default
    raise Refused(_("验证码过了 10 分钟或已用过，重新要一个。"))
