"""The person himself: his posts, language and look; and one-click entry as a sample person in a demo city."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from chuangwen.kernel.city import city
from chuangwen.kernel.models import Person, Post
from chuangwen.kernel.screens.access import SignedIn, page

THEMES = ("", "light", "dark")
YEAR = 365 * 86400


def is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address.strip("[]")).is_loopback
    except ValueError:
        return address == "localhost"


def samples_open(request: HttpRequest) -> bool:
    """Sample sign-in exists only in a demo city, listening on loopback, asked from loopback, behind no proxy."""
    here = city()
    host = settings.LISTEN.rpartition(":")[0]
    return bool(
        here
        and here.is_demo
        and is_loopback(host)
        and is_loopback(request.META.get("REMOTE_ADDR", ""))
        and "HTTP_X_FORWARDED_FOR" not in request.META
    )


@require_POST
def sample(request: HttpRequest, username: str) -> HttpResponse:
    """POST /accounts/sample/<username>/: in as that sample person, where sample sign-in is open."""
    if not samples_open(request):
        raise Http404
    person = Person.objects.filter(username=username, is_sample=True, is_active=True).first()
    if person is None:
        raise Http404
    login(request, person, backend=settings.AUTHENTICATION_BACKENDS[0])
    return redirect("/")


@page()
def me(request: SignedIn) -> HttpResponse:
    posts = Post.objects.in_force().filter(person=request.user).select_related("unit", "area", "stand_in_for__person")
    return render(request, "desk/me.html", {"posts": list(posts.order_by("pk")), "languages": settings.LANGUAGES, "title": _("我")})


@page(methods=("POST",))
def look(request: SignedIn) -> HttpResponse:
    """POST /me/look/: light, dark, or as the machine has it."""
    theme = request.POST.get("theme", "")
    answer = redirect("/me/")
    if theme in THEMES:
        answer.set_cookie("theme", theme, max_age=YEAR, samesite="Lax", secure=settings.BEHIND_TLS)
    return answer
