"""The frame of the phone pages: one page, its worker that keeps it for days without network, and what installs it."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _

from chuangwen.faces.field.icon import icon_png
from chuangwen.faces.field.words import words
from chuangwen.kernel.screens.access import SignedIn, page

# Modules name each other without a hash, so the worker keeps both under the one version of all of them.
MODULES = (
    "app", "call", "camera", "case", "courier", "day", "db", "dom", "draft", "item", "lock", "map", "outbox", "pages",
    "patrol", "pieces", "queue", "receipt", "recheck", "rescue", "sender", "session", "sha256", "shotbox", "shots",
    "skip", "spare", "stops", "swipe", "today", "visit", "voice", "words",
)  # fmt: skip
WORKER = "js/field-worker.js"
SCRIPTS = (*(f"js/field/{name}.js" for name in MODULES), "js/photos.js", "vendor/dexie.min.mjs")
STYLES = ("css/tokens.css", "css/field.css")
IMAGES = ("img/mark.svg",)
ICON_EDGES = (180, 192, 512)


@lru_cache(maxsize=1)
def version() -> str:
    """A hash of everything the worker keeps: a new release has another one, and the phone takes the new files."""
    found = hashlib.sha256()
    for name in (*SCRIPTS, *STYLES, *IMAGES, WORKER):
        path = finders.find(name)
        if path:
            found.update(Path(path).read_bytes())
        else:  # an installed copy may have the collected files only
            with staticfiles_storage.open(name) as file:
                found.update(file.read())
    found.update(_template())
    return found.hexdigest()[:16]


def _template() -> bytes:
    return (Path(__file__).parent / "jinja2" / "field" / "app.html").read_bytes()


def plain(name: str) -> str:
    """The address of a script without the hash of the manifest, as modules name each other."""
    return f"{settings.STATIC_URL}{name}"


@page()
def shell(request: SignedIn) -> HttpResponse:
    """GET /field/: the frame; holds nothing of a person, so that the worker may keep it."""
    modules = [
        plain(name) for name in SCRIPTS
    ]  # all at once, not one after the other as they name each other
    context = {
        "script": plain("js/field/app.js"),
        "modules": modules,
        "words": json.dumps(words(), ensure_ascii=False),
    }
    answer = render(request, "field/app.html", context)
    answer["X-Field-Version"] = version()
    patch_cache_control(answer, private=True, no_cache=True)
    return answer


def worker(request: HttpRequest) -> HttpResponse:
    """GET /field/sw.js: the worker of this release; public, it names files only."""
    files = [*map(plain, SCRIPTS), *map(static, (*STYLES, *IMAGES))]
    text = f'const VERSION = "{version()}";\nconst FILES = {json.dumps(files)};\nimportScripts("{static(WORKER)}");\n'
    answer = HttpResponse(text, content_type="text/javascript; charset=utf-8")
    patch_cache_control(answer, no_cache=True)
    return answer


def manifest(request: HttpRequest) -> HttpResponse:
    """GET /field/manifest.webmanifest: what a phone needs to put the pages on its home screen."""
    icons = [{"src": static("img/mark.svg"), "sizes": "any", "type": "image/svg+xml"}]
    icons += [
        {"src": f"/field/icon-{edge}.png", "sizes": f"{edge}x{edge}", "type": "image/png"}
        for edge in ICON_EDGES
    ]
    told = {
        "name": _("创文外勤"), "short_name": _("创文外勤"), "start_url": "/field/", "scope": "/field/", "id": "/field/",
        "display": "standalone", "lang": "zh-CN", "background_color": "#ffffff", "theme_color": "#0b5c85", "icons": icons,
    }  # fmt: skip
    answer = JsonResponse(
        told, content_type="application/manifest+json", json_dumps_params={"ensure_ascii": False}
    )
    patch_cache_control(answer, max_age=3600)
    return answer


def icon(request: HttpRequest, edge: int) -> HttpResponse:
    """GET /field/icon-<edge>.png: the mark as PNG, for phones that take no SVG."""
    if edge not in ICON_EDGES:
        raise Http404
    answer = HttpResponse(icon_png(edge), content_type="image/png")
    patch_cache_control(answer, public=True, max_age=86400)
    return answer
