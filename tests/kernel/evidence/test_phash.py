"""The perceptual hash: the same photo is found after small changes, unrelated pictures are not."""

from __future__ import annotations

import random
from collections.abc import Iterator
from io import BytesIO
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from chuangwen.kernel.evidence.phash import SAME_PHOTO, likeness, phash, phash_of_grey

STREET = Path(__file__).resolve().parents[4] / "shared" / "data" / "photos" / "street_problems"


def drawn(seed: int) -> Image.Image:
    """A picture of random rectangles and ellipses."""
    dice = random.Random(seed)

    def colour() -> tuple[int, int, int]:
        return dice.randrange(256), dice.randrange(256), dice.randrange(256)

    picture = Image.new("RGB", (640, 480), colour())
    pen = ImageDraw.Draw(picture)
    for _ in range(dice.randrange(12, 40)):
        x, y = dice.randrange(-60, 640), dice.randrange(-60, 480)
        box = (x, y, x + dice.randrange(20, 260), y + dice.randrange(20, 260))
        dice.choice([pen.rectangle, pen.ellipse])(box, fill=colour())
    return picture


def recompressed(picture: Image.Image, quality: int) -> Image.Image:
    stream = BytesIO()
    picture.save(stream, "JPEG", quality=quality)
    return Image.open(stream)


def cropped(picture: Image.Image, part: float) -> Iterator[Image.Image]:
    """Without `part` of width and height: from the middle and from each corner."""
    width, height = picture.size
    dx, dy = int(width * part), int(height * part)
    for x, y in ((dx // 2, dy // 2), (0, 0), (dx, 0), (0, dy), (dx, dy)):
        yield picture.crop((x, y, x + width - dx, y + height - dy))


def changed(picture: Image.Image) -> Iterator[Image.Image]:
    """The hardest change that must still be recognised, in five ways, and the single changes."""
    for crop in cropped(picture, 0.05):
        yield crop
        yield recompressed(crop.resize((crop.width // 2, crop.height // 2)), 60)
    yield picture.resize((picture.width // 4, picture.height // 4))
    yield recompressed(picture, 30)


def recall(pictures: list[Image.Image]) -> float:
    found = [likeness(phash(picture), phash(other)) <= SAME_PHOTO
             for picture in pictures for other in changed(picture)]
    return sum(found) / len(found)


def false_matches(pictures: list[Image.Image]) -> float:
    hashes = [phash(picture) for picture in pictures]
    matches = [likeness(a, b) <= SAME_PHOTO for a, b in combinations(hashes, 2)]
    return sum(matches) / len(matches)


def test_drawn_pictures() -> None:
    assert recall([drawn(seed) for seed in range(40)]) >= 0.95
    assert false_matches([drawn(seed) for seed in range(1000, 1150)]) < 0.001


def test_street_photos() -> None:
    if not STREET.exists():
        pytest.skip("left out: ../shared/data is absent")
    photos = [Image.open(file).convert("RGB") for file in sorted(STREET.glob("*.jpg"))]
    assert recall(photos) >= 0.95
    assert false_matches(photos) == 0


def test_brightness_and_contrast_do_not_change_the_hash_much() -> None:
    picture = drawn(7).convert("L")
    darker = picture.point([value // 2 + 20 for value in range(256)])
    assert likeness(phash(picture), phash(darker)) <= 4


def test_a_mirrored_picture_is_another_picture() -> None:
    picture = drawn(3)
    assert likeness(phash(picture), phash(picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT))) > SAME_PHOTO


@given(st.binary(min_size=1024, max_size=1024))
def test_every_hash_fits_a_signed_bigint(grey: bytes) -> None:
    assert -(2**63) <= phash_of_grey(grey) < 2**63


@given(st.integers(-(2**63), 2**63 - 1), st.integers(-(2**63), 2**63 - 1), st.integers(0, 63))
def test_likeness_counts_differing_bits(a: int, b: int, bit: int) -> None:
    assert likeness(a, a) == 0
    assert likeness(a, b) == likeness(b, a) <= 64
    assert likeness(a, a ^ (1 << bit)) == 1
    assert likeness(a, ~a) == 64
