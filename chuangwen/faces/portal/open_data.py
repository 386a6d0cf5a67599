"""Open data: public cases as CSV and GeoJSON by year, figures as CSV, feeds; read row by row, never held whole."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import feedgenerator, timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from chuangwen.faces.portal.pages import show
from chuangwen.kernel.city import city, setting
from chuangwen.kernel.screens.table_writing import guarded
from chuangwen.problems import public_figures, public_queries
from chuangwen.problems.models import Publication

FEED = 50
KEEP = "public, max-age=300"


def columns() -> list[tuple[str, str]]:
    """The columns of the cases: name and meaning, as the page and both files have them."""
    return [
        ("id", _("公开编号")), ("kind_code", _("类别编码")), ("kind", _("类别")), ("what", _("公开的事项")),
        ("street", _("镇街")), ("address", _("公开的位置")), ("lon", _("经度，WGS-84；点位的，或约 60 米方格的中心")),
        ("lat", _("纬度")), ("reported_on", _("上报日期")), ("closed_on", _("办结日期，在办为空")),
        ("state", _("open 在办，done 办好了")), ("answer", _("公开的答复")), ("url", _("网址")),
    ]  # fmt: skip


def _day(moment: Any) -> str:
    return timezone.localtime(moment).date().isoformat() if moment else ""


def _values(row: Publication, root: str) -> list[Any]:
    return [
        str(row.uid), row.kind.code if row.kind else "", row.kind.name if row.kind else "", row.what,
        row.street.short_name if row.street else "", row.address,
        round(row.lon, 6) if row.lon is not None else None, round(row.lat, 6) if row.lat is not None else None,
        _day(row.reported_at), _day(row.closed_at), "open" if row.is_open else "done", row.answer,
        f"{root}/p/cases/{row.uid}/",
    ]  # fmt: skip


def _csv(rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """Lines of a CSV file with a byte order mark, so that Excel knows the encoding, and no cell that is a formula."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    yield "\ufeff"
    for row in rows:
        writer.writerow([guarded(value) for value in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def _file(parts: Iterator[str], name: str, mime: str) -> StreamingHttpResponse:
    answer = StreamingHttpResponse(parts, content_type=mime)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = KEEP
    return answer


def _year(request: HttpRequest) -> int:
    years = public_queries.years() or [timezone.localdate().year]
    given = request.GET.get("year", str(years[0]))
    if not given.isdigit() or int(given) not in years:
        raise Http404
    return int(given)


def _root(request: HttpRequest) -> str:
    return request.build_absolute_uri("/").rstrip("/")


@require_safe
def data(request: HttpRequest) -> HttpResponse:
    """GET /p/data/: what there is to take, under which terms, with every column said."""
    context = {
        "years": public_queries.years(), "columns": columns(), "figure_columns": figure_columns(),
        "licence": setting("open_data_licence", ""),
    }  # fmt: skip
    return show(request, "portal/open_data.html", context)


@require_safe
def cases_csv(request: HttpRequest) -> StreamingHttpResponse:
    """GET /p/data/cases.csv?year=: public cases reported in that year."""
    year, root = _year(request), _root(request)
    rows = public_queries.stream(public_queries.of_year(year))

    def lines() -> Iterator[Sequence[Any]]:
        yield [name for name, _meaning in columns()]
        for row in rows:
            yield _values(row, root)

    return _file(_csv(lines()), f"cases-{year}.csv", "text/csv; charset=utf-8")


@require_safe
def cases_geojson(request: HttpRequest) -> StreamingHttpResponse:
    """GET /p/data/cases.geojson?year=: the same as features (RFC 7946); without a point the geometry is null."""
    year, root = _year(request), _root(request)
    names = [name for name, _meaning in columns()]

    def parts() -> Iterator[str]:
        yield '{"type":"FeatureCollection","features":['
        comma = ""
        for row in public_queries.stream(public_queries.of_year(year)):
            told = dict(zip(names, _values(row, root), strict=True))
            point = [told.pop("lon"), told.pop("lat")]
            shape = None if point[0] is None else {"type": "Point", "coordinates": point}
            found = {"type": "Feature", "id": told["id"], "geometry": shape, "properties": told}
            yield comma + json.dumps(found, ensure_ascii=False, separators=(",", ":"))
            comma = ",\n"
        yield "]}"

    return _file(parts(), f"cases-{year}.geojson", "application/geo+json")


def figure_columns() -> list[tuple[str, str]]:
    return [
        ("month", _("月份")), ("by", _("city 全市，street 镇街，kind 类别")), ("name", _("名称")),
        ("received", _("收到")), ("taken", _("受理")), ("due", _("当月到期的件数")), ("on_time", _("其中按期办好的")),
        ("rated", _("评价的人数")), ("satisfied", _("其中满意的")),
    ]  # fmt: skip


def _figure_lines() -> Iterator[Sequence[Any]]:
    yield [name for name, _meaning in figure_columns()]
    today = timezone.localdate()
    for line in public_figures.by_month(today):
        yield [line.name, "city", "", *_figures(line)]
    for month in public_figures.months_until(today):
        for part in ("street", "kind"):
            for line in public_figures.by_part(month, part, today):
                yield [month, part, line.name, *_figures(line)]


def _figures(line: public_figures.Line) -> list[int | None]:
    rates = [
        (rate.denominator, rate.numerator) if rate else (None, None)
        for rate in (line.on_time, line.satisfied)
    ]
    return [line.received, line.taken, *rates[0], *rates[1]]


@require_safe
def figures_csv(request: HttpRequest) -> StreamingHttpResponse:
    """GET /p/data/figures.csv: 12 months by city, street and kind; empty where fewer than five."""
    return _file(_csv(_figure_lines()), "figures.csv", "text/csv; charset=utf-8")


@require_safe
def feed(request: HttpRequest, form: str) -> HttpResponse:
    """GET /p/rss.xml, /p/atom.xml: what was made public last."""
    root, row = _root(request), city()
    feeds: dict[str, Any] = {"rss": feedgenerator.Rss201rev2Feed, "atom": feedgenerator.Atom1Feed}
    kind = feeds[form]
    made = kind(
        title=f"{row.name if row else ''}{_('办好的事')}", link=f"{root}/p/cases/",
        description=_("居民报来、看过后公开的事，和办的结果"), language="zh-CN", feed_url=f"{root}{request.path}",
        author_name=row.name if row else _("创文"),
    )  # fmt: skip
    for item in public_queries.newest(FEED):
        made.add_item(
            title=f"{item.what} {item.address}".strip(), link=f"{root}/p/cases/{item.uid}/",
            description=item.answer or (_("在办") if item.is_open else _("办好了")),
            unique_id=f"urn:uuid:{item.uid}", unique_id_is_permalink=False,
            pubdate=item.published_at, updateddate=item.updated_at,
        )  # fmt: skip
    answer = HttpResponse(made.writeString("utf-8"), content_type=made.content_type)
    answer["Cache-Control"] = KEEP
    return answer
