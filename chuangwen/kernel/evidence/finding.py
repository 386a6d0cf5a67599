"""Looking for faces and number plates in a picture, to propose what to hide; a person decides (kernel.evidence.masking).

Faces: the cascades that come with OpenCV 4, frontal and profile, both ways round (P. Viola, M. Jones, "Rapid object
detection using a boosted cascade of simple features", CVPR 2001). Plates: areas in the colours of Chinese plates (GA
36: blue, yellow, green for new-energy vehicles) that have a plate's shape and strokes in them. Proposals are set for
finding more rather than fewer: what is too much is one tap.
"""

from __future__ import annotations

from functools import cache
from io import BytesIO
from typing import Any

from chuangwen.kernel.evidence import store
from chuangwen.kernel.evidence.arrival_models import MaskKind
from chuangwen.kernel.evidence.masking import Box, kept_within
from chuangwen.kernel.evidence.models import Blob

EDGE = 1280  # pictures are looked at with this longest edge, in pixels
SMALLEST_FACE = 24  # pixels at that size
# Hue (0 to 179), saturation and value, both ends, of each plate's ground; wider than the standard's paint, for shade.
GROUNDS = {
    "blue": ((98, 90, 45), (130, 255, 255)),
    "yellow": ((14, 100, 90), (34, 255, 255)),
    "green": ((38, 45, 80), (92, 255, 255)),
}
PLATE_WIDTHS = (22, 420)  # pixels at EDGE
PLATE_RATIOS = (1.7, 5.2)  # width over height: 3.14 as made (440 × 140 mm), less when seen from the side
FILLED = 0.55  # of its rectangle, at least
STROKES = (0.08, 0.65)  # share of the rectangle that are strokes of letters, not ground

Found = list[tuple[str, Box]]


def find(data: bytes) -> Found:
    """Faces and plates in a JPEG: kind and rectangle in thousandths, each once, faces first.

    The picture is the clean copy made when it was taken in, whose size is bounded. Raises OSError for no picture.
    """
    import cv2
    import numpy
    from PIL import Image

    with Image.open(BytesIO(data), formats=("JPEG",)) as opened:
        opened.draft("RGB", (EDGE, EDGE))
        shown = opened.convert("RGB")
    shown.thumbnail((EDGE, EDGE))
    pixels = cv2.cvtColor(numpy.asarray(shown), cv2.COLOR_RGB2BGR)
    found = [(MaskKind.FACE.value, r) for r in _faces(cv2, pixels)]
    found += [(MaskKind.PLATE.value, r) for r in _plates(cv2, pixels)]
    height, width = pixels.shape[:2]
    scaled = ((kind, kept_within(x / width * 1000, y / height * 1000, w / width * 1000, h / height * 1000))
              for kind, (x, y, w, h) in found)  # fmt: skip
    return [(kind, box) for kind, box in scaled if box]


@cache
def _cascades() -> list[Any]:
    import cv2

    names = ("haarcascade_frontalface_alt2.xml", "haarcascade_profileface.xml")
    folder = cv2.data.haarcascades  # type: ignore[attr-defined]
    return [cv2.CascadeClassifier(f"{folder}{name}") for name in names]


Rectangle = tuple[int, int, int, int]


def _faces(cv2: Any, pixels: Any) -> list[Rectangle]:
    grey = cv2.equalizeHist(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY))
    front, profile = _cascades()
    wanted = {"scaleFactor": 1.1, "minNeighbors": 3, "minSize": (SMALLEST_FACE, SMALLEST_FACE)}
    width = grey.shape[1]
    found: list[Rectangle] = []
    for cascade in (front, profile):
        found += [(int(x), int(y), int(w), int(h)) for x, y, w, h in cascade.detectMultiScale(grey, **wanted)]
    mirrored = profile.detectMultiScale(cv2.flip(grey, 1), **wanted)
    found += [(int(width - x - w), int(y), int(w), int(h)) for x, y, w, h in mirrored]
    return apart(found)


def _plates(cv2: Any, pixels: Any) -> list[Rectangle]:
    tones, found = cv2.cvtColor(pixels, cv2.COLOR_BGR2HSV), []
    grey = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)
    for low, high in GROUNDS.values():
        ground = cv2.inRange(tones, low, high)
        # Closes the gaps the letters leave; twice, for a plate near by and one far off.
        for kernel in ((5, 3), (17, 5)):
            closed = cv2.morphologyEx(ground, cv2.MORPH_CLOSE, cv2.getStructuringElement(0, kernel))
            outlines, _tree = cv2.findContours(closed, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
            found += [r for line in outlines if (r := _plate_of(cv2, line, ground, grey))]
    return apart(found)


def _plate_of(cv2: Any, line: Any, ground: Any, grey: Any) -> Rectangle | None:
    """The upright rectangle around an outline, if it has the shape of a plate, its ground and strokes in it."""
    x, y, w, h = (int(n) for n in cv2.boundingRect(line))
    (_middle, (a, b), _angle) = cv2.minAreaRect(line)
    long, short = max(a, b), min(a, b)
    if not PLATE_WIDTHS[0] <= long <= PLATE_WIDTHS[1] or short < 7:
        return None
    if not PLATE_RATIOS[0] <= long / short <= PLATE_RATIOS[1] or w < h:
        return None
    if cv2.contourArea(line) < FILLED * long * short:
        return None
    inside = ground[y : y + h, x : x + w]
    strokes = 1 - cv2.countNonZero(inside) / (w * h)
    if not STROKES[0] <= strokes <= STROKES[1]:
        return None
    # Letters change between light and dark many times across; a sign's ground, a sky or a roof does not.
    middle = grey[y + h // 3 : y + h - h // 3, x : x + w]
    return (x, y, w, h) if _changes(cv2, middle) >= 6 else None


def _changes(cv2: Any, band: Any) -> int:
    """How often a band of a picture changes between light and dark from left to right: the median of its rows."""
    if band.size == 0:
        return 0
    _level, parted = cv2.threshold(band, 0, 1, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    counts = sorted(int((row[1:] != row[:-1]).sum()) for row in parted)
    return counts[len(counts) // 2]


def apart(found: list[Rectangle]) -> list[Rectangle]:
    """The rectangles without those that lie mostly in a larger one; largest first."""
    kept: list[Rectangle] = []
    for x, y, w, h in sorted(found, key=lambda r: (-r[2] * r[3], r)):
        for left, top, width, height in kept:
            over = max(0, min(x + w, left + width) - max(x, left)) * max(
                0, min(y + h, top + height) - max(y, top)
            )
            if over > 0.5 * w * h:
                break
        else:
            kept.append((x, y, w, h))
    return kept


def find_in(blob: Blob) -> Found:
    """What the software finds in a stored picture; nothing when its file is gone."""
    path = store.file_of(blob.sha256, "public")
    return find(path.read_bytes()) if path else []
