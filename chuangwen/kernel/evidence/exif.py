"""When and where a photo says it was taken. What cannot be read is None; nothing here refuses a photo."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from math import isfinite
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from PIL.Image import Image

# Tag numbers: CIPA DC-008-2019 (Exif 2.32), sections 4.6.4–4.6.6.
_ORIENTATION: Final = 0x0112
_EXIF, _GPS = 0x8769, 0x8825
_ORIGINAL, _DIGITISED, _CHANGED = 0x9003, 0x9004, 0x0132
_LAT_REF, _LAT, _LON_REF, _LON, _DATUM = 1, 2, 3, 4, 18
#: Datums that agree with WGS-84 within a metre; under another one the point is dropped, not guessed.
_SAME_DATUM: Final = {"", "WGS84", "CGCS2000"}


def read_exif(picture: Image) -> tuple[int, datetime | None, tuple[float, float] | None]:
    """(orientation 1–8, camera time without zone, (lon, lat) in WGS-84 degrees) of an opened picture."""
    try:
        tags: Any = picture.getexif()
    except Exception:  # Pillow's reader raises many kinds on broken tags; broken means absent
        return 1, None, None
    orientation = _quiet(tags.get, _ORIENTATION)
    inner = _quiet(tags.get_ifd, _EXIF) or {}
    gps = _quiet(tags.get_ifd, _GPS) or {}
    changed = _quiet(tags.get, _CHANGED)
    taken = _time(inner.get(_ORIGINAL)) or _time(inner.get(_DIGITISED)) or _time(changed)
    good = isinstance(orientation, int) and 1 <= orientation <= 8
    return (orientation if good else 1), taken, _point(gps)


def _quiet(read: Any, tag: int) -> Any:
    try:
        return read(tag)
    except Exception:  # as above
        return None


def _text(value: object) -> str:
    if isinstance(value, bytes):
        value = value.decode("ascii", "ignore")
    return value.strip("\0 \t\r\n") if isinstance(value, str) else ""


def _time(value: object) -> datetime | None:
    try:
        found = datetime.strptime(_text(value)[:19], "%Y:%m:%d %H:%M:%S")
    except ValueError:  # also 0000:00:00, what a camera without a set clock writes
        return None
    return found if 1900 <= found.year < 9999 else None  # a moment at the ends of the calendar has no UTC


def _degrees(parts: object, ref: object, signs: Mapping[str, int], limit: int) -> float | None:
    sign = signs.get(_text(ref).upper()[:1])
    if sign is None or not isinstance(parts, tuple) or not 1 <= len(parts) <= 3:
        return None
    try:
        value = sum(float(part) / 60**power for power, part in enumerate(parts))
    except (TypeError, ValueError, ArithmeticError):
        return None
    return sign * value if isfinite(value) and 0 <= value <= limit else None


def _point(gps: Mapping[int, Any]) -> tuple[float, float] | None:
    datum = "".join(c for c in _text(gps.get(_DATUM)).upper() if c.isalnum())
    lat = _degrees(gps.get(_LAT), gps.get(_LAT_REF), {"N": 1, "S": -1}, 90)
    lon = _degrees(gps.get(_LON), gps.get(_LON_REF), {"E": 1, "W": -1}, 180)
    if lat is None or lon is None or datum not in _SAME_DATUM:
        return None
    return None if lon == 0 and lat == 0 else (lon, lat)  # 0, 0 is written where there was no fix
