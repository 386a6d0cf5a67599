"""The doors to the street, the public and other programs, measured in one process and thread, without the line to it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import random
import statistics
import time
import uuid
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chuangwen.faces.cli.bench.measures import picture
from chuangwen.faces.cli.management.commands.serve import gather_static
from chuangwen.inspections.models import Round, RoundKind, State, Team, Visit
from chuangwen.kernel.models import Person, Place, Term
from chuangwen.kernel.places.cells import tile_of
from chuangwen.problems.models import Case, Publication
from chuangwen.standards.models import CheckItem, Edition, Grading, Method, Node, Requirement, Scheme, Tier

SITES, ITEMS, PHOTOS, PIECE, BATCH = 60, 20, 40, 262_144, 20
SYNC_S, TILE_MS, LIST_MS = 10.0, 50.0, 300.0
TILES, LISTS = 90, 10
HEAD = f"{'':<52} {'n':>4} {'p50 ms':>9} {'p95 ms':>9} {'x floor':>8} {'budget':>8} {'':<4} {'queries':>7}"
Ask = Callable[[], Any]


def run() -> Iterator[str]:
    """Yields the lines of the table; the day in the street is rolled back, publications stay for the next time."""
    if not Case.objects.exists():
        yield "doors: left out, this city has no cases; build one with `city`"
        return
    gather_static()
    filled = fill_publications()
    if filled:
        yield f"{filled:,} publications made for this city"
    yield f"{Publication.objects.count():,} publications; in one process and thread"
    yield HEAD
    floor, line = _line("floor: a page that asks nothing", partial(Client().get, "/healthz"), 30, 0.0)
    yield line
    yield from _public(floor)
    yield from _street(floor)


def _line(name: str, ask: Ask, times: int, floor: float, budget_ms: float | None = None) -> tuple[float, str]:
    ask()
    with CaptureQueriesContext(connection) as captured:
        answer = ask()
        queries = len(captured)
    if getattr(answer, "status_code", 200) not in (200, 204):
        return 0.0, f"{name:<52} NOT GOOD: {answer.status_code}"
    found = []
    for _n in range(times):
        began = time.perf_counter()
        ask()
        found.append((time.perf_counter() - began) * 1000)
    middle, p95 = statistics.median(found), sorted(found)[int(times * 0.95)]
    verdict = "" if budget_ms is None else "ok" if p95 <= budget_ms else "OVER"
    line = (
        f"{name:<52} {times:>4} {middle:>9.1f} {p95:>9.1f} {middle / (floor or middle):>8.1f} "
        f"{budget_ms or '':>8} {verdict:<4} {queries:>7}"
    )
    return middle, line


def _public(floor: float) -> Iterator[str]:
    client, chance = Client(headers={"accept-language": "zh-CN"}), random.Random(5)
    points = list(Place.objects.filter(kind="site", lon__isnull=False).values_list("lon", "lat")[:2000])

    def tile() -> Any:
        zoom, (lon, lat) = chance.choice((9, 11, 13, 15)), chance.choice(points)
        x, y = tile_of(lon, lat, zoom)
        return client.get(f"/p/map/tiles/{zoom}/{x}/{y}.json")

    yield _line("public map tile, zoom 9 to 15", tile, TILES, floor, TILE_MS)[1]
    pages = (
        ("Open311 list of 1,000, json", "/open311/v2/requests.json?page_size=1000", LIST_MS),
        ("Open311 list of 1,000, xml", "/open311/v2/requests.xml?page_size=1000", LIST_MS),
        ("OGC items, 1,000 public cases", "/ogc/collections/cases/items?limit=1000&f=json", None),
        ("public list", "/p/cases/", None),
        ("month's figures", "/p/figures/", None),
        ("report form", "/p/report/", None),
    )
    for name, path, budget in pages:
        yield _line(name, partial(client.get, path), LISTS, floor, budget)[1]


def fill_publications() -> int:
    """Makes every filed case of this city public, for measuring; nothing where some are. Returns how many."""
    if Publication.objects.exists():
        return 0
    fresh = "lower(hex(randomblob(16)))" if connection.vendor == "sqlite" else "gen_random_uuid()"
    sql = f"""
        INSERT INTO problems_publication (
            uid, state, entries, head, created_at, changed_at, lon, lat, datum, cell, case_id, what, answer, address,
            kind_id, street_id, reported_at, closed_at, is_open, published_at, updated_at)
        SELECT {fresh}, 'public', 0, '', c.created_at, c.changed_at, c.lon, c.lat, 'wgs84', c.cell, c.id, k.name, '', '',
            c.kind_id, c.street_id, c.reported_at, c.closed_at, c.closed_at IS NULL, c.reported_at, c.changed_at
        FROM problems_case c JOIN problems_casekind k ON k.id = c.kind_id
        WHERE c.source <> 'covert' AND c.state NOT IN ('reported', 'verified', 'merged', 'void')
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
        made = cursor.rowcount
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE problems_publication")
    return made


def _street(floor: float) -> Iterator[str]:
    """A day's round of one phone: the day fetched, photos in pieces, records in batches; server time of it all."""
    person = Person.objects.filter(posts__role="inspector", is_active=True).order_by("pk").first()
    if person is None:
        yield "day's round: left out, this city has no inspector"
        return
    with transaction.atomic():
        lines = _day(person, floor)
        transaction.set_rollback(True)
    yield from lines


def _day(person: Person, floor: float) -> list[str]:
    visits = plan_day(person)
    client = Client(headers={"accept-language": "zh-CN"})
    client.force_login(person)
    _middle, line = _line("the day for the phone", lambda: client.get("/field/day.json"), 5, floor)
    photos = [picture(10_000 + n) for n in range(PHOTOS)]
    parts = {"photos in pieces": 0.0, "records": 0.0}
    began = time.perf_counter()
    files = [_send_photo(client, data) for data in photos]
    parts["photos in pieces"] = time.perf_counter() - began
    began = time.perf_counter()
    kept = _send_records(client, visits, files)
    parts["records"] = time.perf_counter() - began
    whole = sum(parts.values())
    verdict = "ok" if whole <= SYNC_S and kept == len(visits) else "OVER"
    said = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in parts.items())
    sync = (
        f"sync of a day: {SITES} sites × {ITEMS} items, {PHOTOS} photos: {whole:.2f} s of server time "
        f"({said}), {kept} receipts; budget {SYNC_S:.0f} s {verdict}"
    )
    return [line, sync]


def _send_photo(client: Client, data: bytes) -> tuple[str, str]:
    """One photo in pieces; returns its id and hash."""
    uid, sha = str(uuid.uuid4()), hashlib.sha256(data).hexdigest()
    for at in range(0, len(data), PIECE):
        part = data[at : at + PIECE]
        answer = client.post(
            f"/field/pieces/{uid}/", part, content_type="application/octet-stream",
            headers={"content-range": f"bytes {at}-{at + len(part) - 1}/{len(data)}", "x-sha256": sha},
        )  # fmt: skip
        assert answer.status_code == 200, answer.content
    return uid, sha


def _send_records(client: Client, visits: list[Visit], files: list[tuple[str, str]]) -> int:
    """All visits in batches, a wrong item with a photo on two of three; returns how many got a receipt."""
    now = timezone.now().isoformat()
    items = [item.pk for item in CheckItem.objects.filter(source=MARK).order_by("pk")]
    records, waiting = [], list(files)
    for visit in visits:
        wrong = items[0] if waiting else None
        attached = []
        if wrong:
            uid, sha = waiting.pop()
            attached = [{"uid": uid, "role": "found", "item": wrong, "taken_at": now, "sha256": sha, "lon": visit.lon,
                         "lat": visit.lat, "datum": "wgs84", "accuracy_m": 8}]  # fmt: skip
        seen = [
            {"item": pk, "result": 0 if pk == wrong else 1, "note": "有垃圾" if pk == wrong else ""}
            for pk in items
        ]
        given = {"visit": str(visit.uid), "seen": seen, "note": ""}
        records.append(
            {"uid": str(uuid.uuid4()), "kind": "visit", "at": now, "given": given, "files": attached}
        )
    kept = 0
    for at in range(0, len(records), BATCH):
        body = {"clock": timezone.now().isoformat(), "records": records[at : at + BATCH]}
        answer = client.post("/field/send/", json.dumps(body), content_type="application/json")
        assert answer.status_code == 200, answer.content
        kept += sum(one["status"] == "kept" for one in answer.json()["answers"])
    return kept


MARK = "chuangwen bench, a day in the street"


def plan_day(person: Person) -> list[Visit]:
    """An edition of twenty items for one type of site and a running round of sixty sites today; the caller rolls back."""
    today = timezone.localdate()
    kind = Term.objects.filter(list="site_type").order_by("pk")[0]
    scheme = Scheme.objects.create(code="bench-street", name="测量", kind="other", source=MARK)
    edition = Edition.objects.create(
        scheme=scheme, name="day", year=today.year, full=Decimal(100), source=MARK
    )
    node = Node.objects.create(
        edition=edition, tier=Tier.STANDARD, code="1", rank=1, name="测量", source=MARK
    )
    requirement = Requirement.objects.create(node=node, method=Method.SITE, full=Decimal(20), source=MARK)
    grading = Grading.objects.create(code="bench_pass", name="达标", way="pass_fail", params={}, source=MARK)
    CheckItem.objects.bulk_create(
        CheckItem(requirement=requirement, code=f"b-{n}", site_type=kind, full=Decimal(1), text=f"检查项 {n}",
                  grading=grading, source=MARK)
        for n in range(ITEMS)
    )  # fmt: skip
    row = Round.objects.create(
        number="B-STREET", kind=RoundKind.PATROL, name="测量", state=State.RUNNING, from_on=today, to_on=today + dt.timedelta(1),
        maker=person, is_sample=True,
    )  # fmt: skip
    row.editions.add(edition)
    team = Team.objects.create(round=row, name="1组")
    team.members.add(person)
    sites = Place.objects.filter(kind="site", lon__isnull=False, is_active=True).order_by("pk")[:SITES]
    street = Place.objects.filter(kind="street").order_by("pk")[0]
    return Visit.objects.bulk_create(
        Visit(round=row, team=team, place=site, site_type=kind, street=street, day=today, seq=n + 1)
        for n, site in enumerate(sites)
    )
