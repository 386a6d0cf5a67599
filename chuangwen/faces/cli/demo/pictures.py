"""Drawn street scenes in place of photos: each one different to the duplicate finder, each marked 示例 in
strokes.

No font is needed for the mark (a machine may have none with Chinese characters): its strokes are lines here.
"""

from __future__ import annotations

import io
import os
import random
from typing import TYPE_CHECKING

from chuangwen.kernel.evidence import store
from chuangwen.kernel.evidence.images import Picture
from chuangwen.kernel.evidence.phash import SAME_PHOTO, likeness

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

SIZE = (480, 360)
# Strokes of 示 and 例 on a grid of 10 by 10, the second shifted by 12.
_MARK = (
    ((2, 1), (8, 1)), ((0, 4), (10, 4)), ((5, 4), (5, 10), (4, 9)), ((3, 6), (1, 9)), ((7, 6), (9, 9)),
    ((14, 0), (12, 4)), ((13, 3), (13, 10)), ((15, 1), (19, 1)), ((17, 1), (15, 6)), ((16, 3), (18.5, 3),
        (15.5, 10)),
    ((16.3, 5), (17.6, 6.5)), ((20, 1), (20, 8)), ((22, 0), (22, 10), (21, 9)),
)  # fmt: skip
_WALLS = (
    "#b98a6a",
    "#8d99a6",
    "#c9b79c",
    "#7d8f7a",
    "#a3746b",
    "#d8d2c4",
    "#5f6f86",
    "#caa45d",
    "#4d5a52",
    "#e3dccf",
)
_SKIES = ("#cfe3f2", "#f4ead8", "#8fa3b8", "#dfe7ea", "#39465a", "#a9c7e8")
_ROADS = ("#5b5e63", "#777a7d", "#44474b", "#8c857c", "#b5b2ab")
_THINGS = ("#2f6b3a", "#1f4e9e", "#c23b22", "#e0b020", "#202020", "#efefef")


class Album:
    """Draws from its own seed; `scene` returns a picture taken in, already kept on disk, unlike all
    before.
    """

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._seen: list[int] = []

    def scene(
        self, problem: bool, tone: int = 0, tries: int = 6, *, small: bool = False
    ) -> tuple[Picture, bytes]:
        """A street with (before) or without (after) something wrong on it, 480 × 360, as `store.read`
        gives it.

        Scenes of one `tone` share sky and road, so that before and after look like one place.
        """
        for _try in range(tries):
            kept = store.read(self._draw(problem, tone, small))
            if all(likeness(kept[0].phash, other) > SAME_PHOTO for other in self._seen):
                break
        self._seen.append(kept[0].phash)
        _lay_down(kept)
        return kept

    def _draw(self, problem: bool, tone: int, small: bool) -> bytes:
        from PIL import Image, ImageDraw

        chance = self._random
        image = Image.new("RGB", SIZE, _SKIES[tone % len(_SKIES)])
        draw = ImageDraw.Draw(image)
        horizon = chance.randrange(120, 260)
        self._houses(draw, horizon)
        self._ground(draw, horizon, _ROADS[tone % len(_ROADS)])
        for _thing in range(chance.randrange(2, 6)):
            self._furniture(draw, horizon)
        if problem:
            self._mess(draw, horizon)
        _mark(draw)
        if small:  # a quarter of the work to read and keep
            image = image.resize((SIZE[0] // 2, SIZE[1] // 2))
        out = io.BytesIO()
        image.save(out, "JPEG", quality=78)
        return out.getvalue()

    def _houses(self, draw: ImageDraw, horizon: int) -> None:
        chance, x = self._random, -self._random.randrange(120)
        while x < SIZE[0]:
            width, top = chance.randrange(50, 170), chance.randrange(0, horizon - 30)
            if chance.random() < 0.75:
                draw.rectangle((x, top, x + width, horizon), fill=chance.choice(_WALLS))
                for wx in range(x + 10, x + width - 12, 26):
                    for wy in range(top + 12, horizon - 20, 34):
                        draw.rectangle((wx, wy, wx + 12, wy + 16), fill="#33414f")
            x += width + chance.randrange(0, 40)

    def _ground(self, draw: ImageDraw, horizon: int, road: str) -> None:
        chance = self._random
        draw.rectangle((0, horizon, *SIZE), fill=road)
        edge, slope = chance.randrange(-200, 680), chance.randrange(-300, 300)
        walk = (
            (edge, horizon),
            (edge + chance.randrange(60, 320), horizon),
            (edge + slope + 420, 360),
            (edge + slope, 360),
        )
        draw.polygon(walk, fill=chance.choice(_WALLS))

    def _furniture(self, draw: ImageDraw, horizon: int) -> None:
        chance = self._random
        x, base = chance.randrange(0, 440), chance.randrange(horizon, 345)
        kind = chance.randrange(4)
        if kind == 0:  # a tree
            draw.rectangle((x + 14, base - 90, x + 24, base), fill="#5a4030")
            draw.ellipse(
                (x - 30, base - 190, x + 70, base - 70), fill=chance.choice(("#3f7a3c", "#6b9a4a", "#2d5a34"))
            )
        elif kind == 1:  # a lamp
            draw.rectangle((x, base - 210, x + 6, base), fill="#303438")
            draw.ellipse((x - 14, base - 224, x + 20, base - 204), fill="#fff3c0")
        elif kind == 2:  # a bin
            draw.rectangle((x, base - 62, x + 46, base), fill=chance.choice(_THINGS))
            draw.rectangle((x - 4, base - 70, x + 50, base - 60), fill="#1c1c1c")
        else:  # a sign or a van
            draw.rectangle((x, base - 100, x + 130, base - 20), fill=chance.choice(_THINGS))

    def _mess(self, draw: ImageDraw, horizon: int) -> None:
        """What is wrong: a heap, bicycles, a pit or a slogan pasted where it should not be."""
        chance = self._random
        x, y = chance.randrange(60, 380), chance.randrange(horizon + 10, 340)
        kind = chance.randrange(4)
        if kind == 0:
            for _bag in range(chance.randrange(5, 14)):
                bx, by = x + chance.randrange(-60, 60), y + chance.randrange(-30, 20)
                draw.ellipse((bx, by, bx + 34, by + 24), fill=chance.choice(_THINGS + _WALLS))
        elif kind == 1:
            for row in range(chance.randrange(2, 5)):
                bx = x - 80 + row * 46
                for wheel in (bx, bx + 34):
                    draw.ellipse((wheel, y - 30, wheel + 28, y - 2), outline="#101010", width=4)
                draw.line(
                    (bx + 14, y - 16, bx + 26, y - 40, bx + 48, y - 16), fill=chance.choice(_THINGS), width=4
                )
        elif kind == 2:
            draw.ellipse((x - 90, y - 22, x + 70, y + 18), fill="#15171a")
            draw.ellipse((x - 70, y - 14, x + 50, y + 10), fill="#5d6a72")
        else:
            for sheet in range(chance.randrange(3, 8)):
                bx, by = x - 70 + sheet * 22, horizon - chance.randrange(30, 90)
                draw.rectangle((bx, by, bx + 18, by + 26), fill="#fbfbf4", outline="#b02020", width=2)


def _mark(draw: ImageDraw) -> None:
    draw.rectangle((8, 8, 84, 46), fill="#ffffff")
    for stroke in _MARK:
        draw.line([(14 + x * 2.8, 12 + y * 2.8) for x, y in stroke], fill="#b3261e", width=3)


def _lay_down(kept: tuple[Picture, bytes]) -> None:
    """Writes the files without waiting for the disk, which the store does for real photos; a demo can be
    made again.
    """
    picture, data = kept
    for kind, content in (("original", data), ("thumb", picture.thumb)):
        path = store.path_of(picture.sha256, kind)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            beside = path.with_name(f"{path.name}.part")
            beside.write_bytes(content)
            os.replace(beside, path)
