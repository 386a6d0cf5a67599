"""The template environment: what every page may call."""

from __future__ import annotations

import uuid
from functools import lru_cache
from typing import Any

import jinja2
from django.conf import settings
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone, translation

from chuangwen.faces.desk import signin
from chuangwen.faces.desk.nav import nav_for
from chuangwen.faces.desk.public_tabs import public_tabs_for
from chuangwen.kernel.city import city
from chuangwen.kernel.screens import words
from chuangwen.problems import queries
from chuangwen.problems.findings import findings_words

# Pages that stand under another item of the main navigation than their address begins with.
PARTS = dict.fromkeys(("plans", "drives", "demos"), "tasks") | dict.fromkeys(
    ("packs", "meetings", "referrals", "structure", "studies"), "rhythm"
)
PARTS |= dict.fromkeys(("objections", "consequences", "specials"), "rankings")
PARTS |= dict.fromkeys(("publications", "ideas", "campaigns", "asides", "partners", "tokens"), "submissions")


def environment(**options: Any) -> jinja2.Environment:
    options.setdefault("undefined", jinja2.StrictUndefined)
    env = jinja2.Environment(
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"], trim_blocks=True, lstrip_blocks=True, **options
    )
    env.install_gettext_callables(  # type: ignore[attr-defined]
        _gettext, translation.ngettext, newstyle=True, pgettext=translation.pgettext
    )
    env.globals.update(sample_people=_samples, static=static, url=reverse, now=timezone.now, words=words, settings=settings)
    env.globals.update(sample_people=_samples, new_uid=uuid.uuid4, findings_words=findings_words)
    env.globals.update(public_tabs_for=public_tabs_for)
    env.filters.update(
        day=words.day,
        moment=words.moment,
        full_moment=words.full_moment,
        number=words.number,
        percent=words.percent,
        plain_number=words.plain_number,
    )
    return env


@lru_cache(maxsize=4096)
def _said(language: str | None, message: str) -> str:
    return translation.gettext(message)


def _gettext(message: str) -> str:
    """The word in the language of this answer; a list asks for the same few words a thousand times."""
    return _said(translation.get_language(), message)


def _samples(request: HttpRequest) -> list[Any]:
    return queries.sample_people() if signin.samples_open(request) else []


def page_context(request: HttpRequest) -> dict[str, Any]:
    """What the frame of every page needs; no query of its own (the person is lazy)."""
    person = getattr(request, "user", None)
    path = request.path
    return {
        "city": city(),
        "nav": nav_for(person),
        "here": "today" if path == "/" else PARTS.get(path.split("/")[1], path.split("/")[1]),
        "person": person,
        "language": translation.get_language() or "zh-hans",
        "theme": request.COOKIES.get("theme", ""),
    }
