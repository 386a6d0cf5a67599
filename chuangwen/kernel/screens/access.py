"""Who may open a page: a decorator that carries the page's rule, and the one way to fetch a row for a person."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.contrib.auth.views import redirect_to_login
from django.db.models import Model, QuerySet
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)

from chuangwen.kernel.people.models import Person
from chuangwen.kernel.people.rules import Anyone, Rule

View = Callable[..., HttpResponseBase]
M = TypeVar("M", bound=Model)


class SignedIn(HttpRequest):
    """A request whose person is known."""

    user: Person
    htmx: Any


def page(rule: Rule | None = None, *, methods: tuple[str, ...] = ("GET",)) -> Callable[[View], View]:
    """Lets signed-in persons in for whom `rule` holds without a row; others get 404, strangers the sign-in page.

    The rule stays readable on the view (`view.rule`), so that tests can walk every address for every post.
    """
    rule = rule or Anyone()
    allowed = (*methods, "HEAD") if "GET" in methods else methods

    def wrap(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if not rule.allows(request.user, None):
                raise Http404
            if request.method not in allowed:
                return HttpResponseNotAllowed(allowed)
            return view(request, *args, **kwargs)

        guarded.rule = rule  # type: ignore[attr-defined]
        guarded.methods = allowed  # type: ignore[attr-defined]
        return guarded

    return wrap


def row_or_404(rule: Rule, rows: QuerySet[M], person: Person, **lookup: Any) -> M:
    """The one row this person may see; a row one may not see does not exist."""
    found = rule.filter(rows, person).filter(**lookup).first()
    if found is None:
        raise Http404
    return found


def go(request: SignedIn, to: str) -> HttpResponse:
    """To another page of ours after a step, also where only a part of this page was asked for."""
    if request.htmx:
        return HttpResponse(status=204, headers={"HX-Redirect": to})
    return HttpResponseRedirect(to)
