"""Public cases: the list with its filters, one case with before and after, and its pictures with everybody hidden."""

from __future__ import annotations

import uuid
from typing import cast

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.functional import cached_property
from django.views.decorators.http import require_safe

from chuangwen.faces.portal.pages import show
from chuangwen.kernel.evidence import masking
from chuangwen.kernel.models import Place
from chuangwen.kernel.places.models import PlaceKind
from chuangwen.problems import public_queries, public_tiles
from chuangwen.problems.models import Publication
from chuangwen.problems.publishing import public

SHOW = 30
SIDES = ("before", "after")
COUNT_TO = 1000  # pages end there; who wants all takes the files of the open data
KEEP = "public, max-age=300"  # what is taken down is gone everywhere after five minutes


class Bounded(Paginator):
    """Pages of a list that is counted to COUNT_TO and one more at most, however long it is."""

    @cached_property
    def count(self) -> int:
        rows = cast(QuerySet[Publication], self.object_list)
        return rows.order_by()[: COUNT_TO + 1].count()

    @property
    def words(self) -> str:
        return f"{COUNT_TO:,}+" if self.count > COUNT_TO else f"{self.count:,}"


@require_safe
def cases(request: HttpRequest) -> HttpResponse:
    """GET /p/cases/?kind=&street=&state=&at=&page=: public cases, the last reported first."""
    asked = {name: request.GET.get(name, "") for name in ("kind", "street", "state", "at")}
    rows = public_queries.public_list(asked["kind"], asked["street"], asked["state"])
    if asked["at"]:
        square = public_tiles.in_square(asked["at"])
        if square is None:
            raise Http404
        rows = rows.filter(square)
    shown = Bounded(rows, SHOW).get_page(request.GET.get("page"))
    context = {
        "shown": shown, "rows": list(shown), "asked": asked, "kinds": public_queries.kinds_shown(),
        "streets": list(Place.objects.filter(kind=PlaceKind.STREET, is_active=True).order_by("code")),
        "query": "&".join(f"{name}={value}" for name, value in asked.items() if value),
    }  # fmt: skip
    return show(request, "portal/open_cases.html", context)


@require_safe
def case(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """GET /p/cases/<public id>/: what, where by street or site, since when, the answer, before and after."""
    row = public_queries.public_one(uid)
    if row is None:
        raise Http404
    return show(request, "portal/open_case.html", {"row": row})


@require_safe
def picture(request: HttpRequest, uid: uuid.UUID, side: str, size: str = "large") -> HttpResponseBase:
    """GET /p/picture/<public id>/<before|after>/[small/]: the picture with faces and plates hidden; else 404."""
    if side not in SIDES:
        raise Http404
    row = public().filter(uid=uid).select_related(f"{side}__blob").first()
    chosen = getattr(row, side) if row else None
    drawn = masking.drawn(chosen.blob, size) if chosen else None
    if drawn is None:
        raise Http404
    version, path = drawn
    etag = f'"{version[:32]}"'
    answer = get_conditional_response(request, etag=etag) or FileResponse(
        path.open("rb"), content_type="image/jpeg"
    )
    answer["ETag"], answer["Cache-Control"] = etag, KEEP
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer
