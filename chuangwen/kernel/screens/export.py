"""A list as a file: written row by row to a temporary file, sent in pieces, never whole in memory."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import quote

from django.http import FileResponse, Http404

from chuangwen.kernel.screens.tables import write_csv, write_table

TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


def stream(
    name: str, kind: str, titles: Sequence[tuple[str, int]], rows: Iterable[Sequence[Any]], *, note: str = ""
) -> FileResponse:
    """An answer that downloads the rows as xlsx or csv; raises Http404 for another kind."""
    if kind not in TYPES:
        raise Http404
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the answer closes it when it was sent
    if kind == "xlsx":
        write_table(file, titles, rows, sheet=name[:31], note=note or None)
    else:
        write_csv(file, [title for title, _width in titles], rows)
    file.seek(0)
    answer = FileResponse(file, content_type=TYPES[kind])
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(f'{name}.{kind}')}"
    return answer
