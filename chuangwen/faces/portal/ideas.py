"""建言 in public (row 75): what is asked of everybody, "so do I", one's own idea followed by its secret link."""

from __future__ import annotations

import hashlib
import hmac
import uuid

from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuangwen.faces.portal.pages import YEAR, show, unseen
from chuangwen.faces.portal.sender import network
from chuangwen.kernel.workflow.flow import Refused
from chuangwen.kernel.workflow.limits import Limit, is_within
from chuangwen.tasks import ideas as domain
from chuangwen.tasks.idea_models import IdeaState
from chuangwen.tasks.ideas import LONGEST, Proposed, propose, support

SHOW = 30
COOKIE = "ideas"  # a random name of this browser, set at the first idea or support, used for nothing else
SENT = Limit(6, 3600)  # of one network in an hour
SUPPORTED = Limit(60, 3600)
STATES = (IdeaState.OPEN, IdeaState.ADOPTED, IdeaState.DECLINED)


class IdeaForm(forms.Form):
    """A sentence or two; a name only if one likes."""

    uid = forms.UUIDField(widget=forms.HiddenInput)
    text = forms.CharField(
        label=_("想让城市怎么改"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("写几个字：想让城市怎么改，在哪里。"), "max_length": _("最多 1000 字，写最要紧的。")},
    )  # fmt: skip
    name = forms.CharField(label=_("称呼"), max_length=20, required=False)


def _device(request: HttpRequest) -> tuple[str, str]:
    """This browser's random name (a new one where it has none) and what is stored of it."""
    name = request.COOKIES.get(COOKIE, "")
    if len(name) != 32 or not name.isalnum():
        name = uuid.uuid4().hex
    return name, hmac.new(
        settings.SECRET_KEY.encode(), f"idea device {name}".encode(), hashlib.sha256
    ).hexdigest()


def _named(answer: HttpResponse, name: str) -> HttpResponse:
    answer.set_cookie(
        COOKIE, name, max_age=YEAR, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
    )
    return answer


def _listed(request: HttpRequest, form: IdeaForm, status: int = 200) -> HttpResponse:
    state = request.GET.get("state", "")
    if state and state not in STATES:
        raise Http404
    rows = domain.public().filter(state=state) if state else domain.public()
    rows = rows.order_by("-supports", "-received_at", "-pk")
    context = {
        "shown": Paginator(rows, SHOW).get_page(request.GET.get("page")), "form": form, "state": state,
        "states": [(code, IdeaState(code).label) for code in STATES], "names": dict(IdeaState.choices),
        "longest": LONGEST,
    }  # fmt: skip
    return show(request, "portal/ideas.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def ideas(request: HttpRequest) -> HttpResponse:
    """GET, POST /p/ideas/: public ideas, the most supported first, and one's own."""
    if request.method != "POST":
        return _listed(request, IdeaForm(initial={"uid": uuid.uuid4()}))
    form = IdeaForm(request.POST)
    if not form.is_valid():
        return _listed(request, form, 422)
    if not is_within("idea", network(request), SENT):
        form.add_error(None, _t("这里一小时内收到的建言太多，过一小时再写；写好的字先留着。"))
        return _listed(request, form, 429)
    name, device = _device(request)
    data = form.cleaned_data
    try:
        _idea, secret = propose(Proposed(data["uid"], data["text"], name=data["name"], device=device))
    except Refused as fault:
        form.add_error("text", str(fault))
        return _listed(request, form, 422)
    return _named(HttpResponseRedirect(f"/p/ideas/of/{secret}/"), name)


@require_safe
def idea(request: HttpRequest, number: str) -> HttpResponse:
    """GET /p/ideas/<number>/: one public idea with its answer and what was done."""
    row = domain.public().filter(number=number).first()
    if row is None:
        raise Http404
    return show(
        request, "portal/idea.html", {"row": row, "state": IdeaState(row.state).label, "is_own": False}
    )


@require_safe
def own(request: HttpRequest, secret: str) -> HttpResponse:
    """GET /p/ideas/of/<secret>/: how one's own idea goes; who has the link may read it."""
    row = domain.by_secret(secret)
    if row is None:
        raise Http404
    context = {
        "row": row,
        "state": IdeaState(row.state).label,
        "is_own": True,
        "link": request.build_absolute_uri(),
    }
    return unseen(show(request, "portal/idea.html", context))


@require_POST
def so_do_i(request: HttpRequest, number: str) -> HttpResponse:
    """POST /p/ideas/<number>/support/: 我也这么想, once for each browser."""
    row = domain.public().filter(number=number).first()
    if row is None:
        raise Http404
    name, device = _device(request)
    if is_within("support", network(request), SUPPORTED):
        try:
            support(row, device)
        except Refused as fault:
            context = {"row": row, "state": IdeaState(row.state).label, "is_own": False, "fault": str(fault)}
            return show(request, "portal/idea.html", context, status=409)
    return _named(HttpResponseRedirect(f"/p/ideas/{row.number}/"), name)
