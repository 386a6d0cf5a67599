"""The mark as PNG: the few shapes of frontend/src/img/mark.svg drawn by Pillow, since phones want PNG on the home screen."""

from __future__ import annotations

import io
from functools import lru_cache

_SIDE = 32  # of the SVG's view box
_BLUE, _WHITE = (11, 92, 133), (255, 255, 255)
_SMOOTH = 4  # drawn so many times larger, then made smaller


@lru_cache(maxsize=4)
def icon_png(edge: int) -> bytes:
    """The PNG of a square of `edge` pixels, without round corners: phones cut their own."""
    from PIL import Image, ImageDraw

    unit = edge * _SMOOTH / _SIDE
    picture = Image.new("RGB", (edge * _SMOOTH, edge * _SMOOTH), _BLUE)
    pen = ImageDraw.Draw(picture)
    width = round(3 * unit)
    box = [value * unit for value in (16 - 8.5 - 1.5, 16 - 8.5 - 1.5, 16 + 8.5 + 1.5, 16 + 8.5 + 1.5)]
    pen.arc(box, 7, 328, fill=_WHITE, width=width)  # clockwise from the east: open at the upper right
    tick = [(x * unit, y * unit) for x, y in ((11.5, 16), (15, 19.5), (24, 9))]
    pen.line(tick, fill=_WHITE, width=width, joint="curve")
    out = io.BytesIO()
    picture.resize((edge, edge), Image.Resampling.LANCZOS).save(out, "PNG", optimize=True)
    return out.getvalue()
