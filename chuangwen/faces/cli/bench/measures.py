"""What is measured, by whom, against which budget; a page that does not exist yet is named as missing."""

from __future__ import annotations

import io
import random
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.urls import Resolver404, resolve

from chuangwen.faces.cli.bench.client import Call
from chuangwen.faces.cli.bigcity.tree import SCHEME
from chuangwen.inspections.models import Round, State
from chuangwen.kernel.models import Person, Place
from chuangwen.kernel.places.cells import tile_of
from chuangwen.problems.models import Case, CaseKind
from chuangwen.standards.models import Edition

NINETY_DAYS = "90d"
SCORE_MS = 1000  # CPU of a page of scores


@dataclass(frozen=True)
class Measure:
    """`calls(n)` gives n requests; `budget` is CPU ms per request of server and database, None where none
    is set. `least` and `slowest` are what must be reached where the issue names a rate.
    """

    name: str
    calls: Callable[[int], list[Call]]
    budget: float | None = None
    who: str = "office"
    most: int = 10_000  # no more requests than this, for dear ones
    good: tuple[int, ...] = (200,)
    lines: int = 2  # connections at the same time
    least: float | None = None  # requests per second
    slowest: float | None = None  # p95 in ms


def exists(path: str) -> bool:
    try:
        resolve(path.partition("?")[0])
    except Resolver404:
        return False
    return True


def first_of(*paths: str) -> str:
    """The first address that exists, else the first one, which is then reported as missing."""
    return next((path for path in paths if exists(path)), paths[0])


class Material:
    """Rows of the city the requests are about, chosen by a seed."""

    def __init__(self) -> None:
        self.chance = random.Random(5)
        self.kinds = list(CaseKind.objects.filter(is_active=True).order_by("code"))
        newest = Case.objects.order_by("-reported_at")
        self.numbers = list(newest.values_list("number", flat=True)[:4000])
        self.reported = list(
            newest.filter(state="reported").values_list("number", "suggested_kind_id")[:3000]
        )
        self.points = list(
            Place.objects.filter(kind="site", lon__isnull=False).values_list("lon", "lat")[:2000]
        )
        self.pick = self.chance.choice
        self.edition = Edition.objects.filter(scheme__code=SCHEME).first()
        self.round = (
            Round.objects.filter(editions=self.edition, state=State.RELEASED).order_by("-from_on").first()
        )

    def person(self, role: str) -> Person:
        return Person.objects.filter(posts__role=role, is_active=True).order_by("pk")[0]

    def score_pages(self) -> list[Measure]:
        """The pages over ten million observations, where this city has any."""
        if self.edition is None or self.round is None:
            return []
        paths = {
            "coverage matrix": f"/standards/coverage/?edition={self.edition.pk}&year={self.round.to_on.year}",
            "round with its results": f"/rounds/{self.round.number}/",
            "agreement of raters": "/rounds/agreement/",
            "forecast": "/scores/",
        }
        return [
            Measure(name, lambda n, path=path: [Call(path)] * n, SCORE_MS, most=20)  # type: ignore[misc]
            for name, path in paths.items()
        ]

    def lists(self, n: int) -> list[Call]:
        states = ("closed", "fixing", "assigned", "answered")
        return [
            Call(
                f"/cases/?kind={self.pick(self.kinds).code}&state={self.pick(states)}&reported={NINETY_DAYS}"
            )
            for _n in range(n)
        ]

    def pages(self, n: int) -> list[Call]:
        return [Call(f"/cases/{self.pick(self.numbers)}/") for _n in range(n)]

    def tiles(self, n: int) -> list[Call]:
        found = []
        for _n in range(n):
            zoom = self.pick((11, 13, 15))
            lon, lat = self.pick(self.points)
            x, y = tile_of(lon, lat, zoom)
            found.append(Call(f"/map/cases/{zoom}/{x}/{y}.json"))
        return found

    def reports(self, n: int, photo: Sequence[bytes] = ()) -> list[Call]:
        path = first_of("/cases/new/", "/report/")
        found = []
        for at in range(n):
            lon, lat = self.pick(self.points)
            said = self.pick(self.pick(self.kinds).keywords.split())
            form = {
                "uid": str(uuid.uuid4()), "what": f"路边{said}两天了", "source": "patrol", "lon": str(lon),
                "lat": str(lat),
                "datum": "wgs84", "accuracy_m": "8", "address": "测量用",
            }  # fmt: skip
            files = [("photos", photo[at % len(photo)])] if photo else ()
            found.append(Call(path, form, files))
        return found

    def photo_reports(self, n: int) -> list[Call]:
        return self.reports(n, [picture(number) for number in range(n)])

    def steps(self, n: int) -> list[Call]:
        """核实: settles the kind and looks for an earlier closed case at the place; each report once."""
        found = []
        for number, kind in self.reported[:n]:
            path = f"/cases/{number}/steps/verify/"
            found.append(Call(path, {"kind": str(kind or ""), "what": "", "uid": str(uuid.uuid4())}))
        del self.reported[:n]
        return found


def picture(number: int) -> bytes:
    """A JPEG of about 300 KB with a long edge of 2,048 pixels, different for each number: what a phone sends."""
    from PIL import Image

    chance = random.Random(number)
    small = Image.frombytes("RGB", (80, 60), chance.randbytes(80 * 60 * 3))
    out = io.BytesIO()
    small.resize((2048, 1536), Image.Resampling.BICUBIC).save(out, "JPEG", quality=70)
    return out.getvalue()


def measures(m: Material) -> list[Measure]:
    unique = uuid.uuid4().hex[:8]
    return [
        Measure("floor: a view that does nothing", lambda n: [Call("/floor/")] * n),
        Measure(
            "floor: one commit of one row",
            lambda n: [Call(f"/floor/commit/?n={unique}-{i}") for i in range(n)],
        ),
        Measure("report intake", m.reports, 9, "dispatcher", good=(200, 201, 302, 303)),
        Measure(
            "report intake with a 300 KB photo",
            m.photo_reports,
            None,
            "dispatcher",
            300,
            (200, 201, 302, 303),
            lines=4,
            least=60,
            slowest=250,
        ),
        Measure("list of 50 by kind, state, 90 days", m.lists, 20),
        Measure("case page", m.pages, 9),
        Measure("step (verify)", m.steps, 11, "dispatcher", good=(200, 204, 302, 303)),
        Measure("map tile", m.tiles, 6),
        Measure("first page of the day", lambda n: [Call("/")] * n, None, "clerk", 60),
        Measure("month's rates by unit", lambda n: [Call("/rates/")] * n, None, most=20),
        Measure("open cases by kind", lambda n: [Call("/rates/open/")] * n, 60, most=60),
        *m.score_pages(),
    ]
