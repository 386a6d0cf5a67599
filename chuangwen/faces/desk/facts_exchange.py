"""The fact ledger out as Excel, and in from a table: looked at first, taken in when confirmed."""

from __future__ import annotations

import base64
import zlib

from django.core import signing
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from chuangwen.kernel.screens.access import SignedIn, page
from chuangwen.kernel.screens.tables import BadTable
from chuangwen.kernel.workflow.flow import Refused
from chuangwen.registers import rules
from chuangwen.registers.exchange import (
    COLUMNS,
    WIDTHS,
    FactPreview,
    fact_cells,
    preview_facts,
    take_in_facts,
)
from chuangwen.registers.queries import facts

MOST = 1 * 2**20
SALT = "facts.import"
SHOWN = 300


@page(rules.read)
def export(request: SignedIn) -> HttpResponseBase:
    """GET /facts/export/?q=&unit=&source=: the list as Excel; the file can be mended and imported again."""
    from chuangwen.kernel.screens.export import stream  # openpyxl: only for who exports

    asked = request.GET
    rows = facts(
        word=asked.get("q", "").strip(), unit=asked.get("unit", ""), source=asked.get("source", ""),
        unsigned=bool(asked.get("unsigned")),
    ).order_by("code")  # fmt: skip
    titles = [(column.titles[0], width) for column, width in zip(COLUMNS, WIDTHS, strict=True)]
    return stream(_("事实台账"), "xlsx", titles, (fact_cells(fact) for fact in rows))


@page(rules.edit, methods=("GET", "POST"))
def take_in(request: SignedIn) -> HttpResponse:
    """/facts/import/: a table is shown with what it would change; the same file comes back signed to be taken in."""
    if request.method != "POST":
        return _shown(request)
    try:
        data, name = _file(request)
        preview = preview_facts(data, name)
        if request.POST.get("act") == "take" and not preview.faults:
            take_in_facts(preview, request.POST.get("reason", ""), by=request.user)
            return redirect("/facts/")
    except BadTable as fault:
        return _shown(request, error=fault.sentence)
    except signing.BadSignature:
        return _shown(request, error=_("文件变了，重新选一次。"))
    except Refused as fault:
        return _shown(request, preview, _signed(data, name), str(fault))
    return _shown(request, preview, _signed(data, name))


def _file(request: SignedIn) -> tuple[bytes, str]:
    file = request.FILES.get("file")
    if file is not None:
        if (file.size or 0) > MOST:
            raise Refused(_("文件超过 1 MB，分成几份再导入。"))
        return file.read(), file.name or ""
    kept = request.POST.get("kept", "")
    if not kept:
        raise Refused(_("选一个 Excel 或 CSV 文件。"))
    name, data = signing.loads(kept, salt=SALT)
    return zlib.decompress(base64.b85decode(data)), name


def _signed(data: bytes, name: str) -> str:
    return signing.dumps((name, base64.b85encode(zlib.compress(data)).decode()), salt=SALT)


def _shown(
    request: SignedIn, preview: FactPreview | None = None, kept: str = "", error: str = ""
) -> HttpResponse:
    context = {
        "preview": preview, "kept": kept, "error": error, "columns": COLUMNS, "shown": SHOWN,
        "corrections": sum(bool(one.old and one.is_number) for one in preview.changes) if preview else 0,
    }  # fmt: skip
    return render(request, "desk/facts_import.html", context, status=400 if error else 200)
