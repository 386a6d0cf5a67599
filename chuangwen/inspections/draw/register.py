"""The register a draw is made from: its places, what can be wrong with them, and its hash."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from chuangwen.inspections.draw.faults import DrawFault, Fault, FaultKind, fault


@dataclass(frozen=True)
class Site:
    """One place that may be drawn.

    `lon`, `lat`: WGS-84 degrees; None where nobody entered them, which a draw refuses. `minutes`: how long a visit
    stays. `answers`: codes of the units that answer for it. `last_drawn`: the last day an earlier round drew it; to
    repeat a draw later, give the day as it was then, not one that the draw itself has set.
    """

    code: str
    stratum: str
    area: str
    lon: float | None
    lat: float | None
    minutes: int = 20
    answers: frozenset[str] = frozenset()
    last_drawn: date | None = None

    @property
    def point(self) -> tuple[float, float]:
        """Longitude and latitude. Raises DrawFault where there are none, or no such point on earth."""
        faults = _point_faults(self)
        if self.lon is None or self.lat is None or faults:
            raise DrawFault(faults)
        return self.lon, self.lat


def has_break(text: str) -> bool:
    """Whether the text is not one line; seeds and codes are joined by a line feed before hashing."""
    return "\n" in text or "\r" in text


def register_faults(sites: Sequence[Site]) -> Iterator[Fault]:
    """Everything wrong with a register, place by place."""
    if not sites:
        yield fault(FaultKind.EMPTY_REGISTER)
    for row, site in enumerate(sites, 1):
        if not site.code or has_break(site.code):
            yield fault(FaultKind.NO_CODE, row=row, code=site.code)
        if not site.stratum:
            yield fault(FaultKind.NO_STRATUM, code=site.code)
        if site.minutes < 0:
            yield fault(FaultKind.BAD_MINUTES, code=site.code, minutes=site.minutes)
        yield from _point_faults(site)
    for code, times in sorted(Counter(site.code for site in sites).items()):
        if times > 1:
            yield fault(FaultKind.DOUBLED_CODE, code=code, times=times)


def register_hash(sites: Iterable[Site]) -> str:
    """SHA-256 (hexadecimal) of the register in its canonical form, whatever order it comes in.

    Canonical: one JSON array in ASCII per place, sorted by code, each ended by a line feed: code, stratum, area,
    longitude and latitude with 7 decimals (a centimetre), minutes, sorted units, last day drawn (ISO) or null.
    """
    digest = sha256()
    for site in sorted(sites, key=lambda site: site.code):
        digest.update(json.dumps(_canonical(site), separators=(",", ":")).encode() + b"\n")
    return digest.hexdigest()


def _canonical(site: Site) -> list[object]:
    return [
        site.code, site.stratum, site.area, _degrees(site.lon), _degrees(site.lat), site.minutes,
        sorted(site.answers), site.last_drawn.isoformat() if site.last_drawn else None,
    ]  # fmt: skip


def _degrees(value: float | None) -> str | None:
    return None if value is None else f"{value:.7f}"


def _point_faults(site: Site) -> list[Fault]:
    if site.lon is None or site.lat is None:
        return [fault(FaultKind.NO_POINT, code=site.code)]
    # Not a number compares false with everything.
    if not (-180 <= site.lon <= 180 and -90 <= site.lat <= 90):
        return [fault(FaultKind.BAD_POINT, code=site.code, lon=site.lon, lat=site.lat)]
    return []
