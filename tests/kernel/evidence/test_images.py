"""Taking in photos: real, odd and hostile files; what the copies keep and what they must not keep."""

from __future__ import annotations

import csv
import struct
import subprocess
import sys
import zipfile
import zlib
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from chuangwen.kernel.evidence.images import PUBLIC_EDGE, THUMB_EDGE, BadPicture, Picture, public_of, take_in

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
ABSENT = "left out: ../shared/data is absent"


def files_of(folder: str) -> list[Any]:
    files = [f for f in sorted((DATA / folder).glob("*")) if f.suffix not in (".md", ".csv")]
    return [pytest.param(f, id=f.name) for f in files] or [
        pytest.param(None, marks=pytest.mark.skip(reason=ABSENT))
    ]


def encoded(picture: Image.Image, kind: str, **options: Any) -> bytes:
    stream = BytesIO()
    picture.save(stream, kind, **options)
    return stream.getvalue()


def halves(size: tuple[int, int] = (80, 40)) -> Image.Image:
    """Left half red, right half blue: turning and flipping can be seen."""
    picture = Image.new("RGB", size, "blue")
    picture.paste("red", (0, 0, size[0] // 2, size[1]))
    return picture


def refused(data: bytes, **limits: int) -> str:
    with pytest.raises(BadPicture) as caught:
        take_in(data, **limits)
    assert caught.value.sentence.endswith("。")
    assert "%" not in caught.value.sentence
    return caught.value.code


def opened(data: bytes) -> Image.Image:
    picture = Image.open(BytesIO(data))
    picture.load()
    return picture


@dataclass(frozen=True)
class Taken:
    """A photo taken in, and the copy made when somebody looks at it."""

    picture: Picture
    public: bytes

    def __getattr__(self, name: str) -> Any:
        return getattr(self.picture, name)


def seen_of(data: bytes, **limits: int) -> Taken:
    return Taken(take_in(data, **limits), public_of(data))


def check_whole(picture: Taken) -> None:
    for copy, edge in ((picture.public, PUBLIC_EDGE), (picture.thumb, THUMB_EDGE)):
        seen = opened(copy)
        assert (seen.format, seen.mode) == ("JPEG", "RGB")
        assert max(seen.size) <= edge
        assert not dict(seen.getexif())
        assert not {"exif", "icc_profile", "comment", "xmp", "photoshop", "mp"} & set(seen.info)
        assert not any(0xE1 <= byte <= 0xEF or byte == 0xFE for byte in markers(copy))
    assert -(2**63) <= picture.phash < 2**63
    assert (picture.lon is None) == (picture.lat is None)


def markers(jpeg: bytes) -> list[int]:
    """Marker bytes of the segments before the scan (ITU-T T.81 annex B)."""
    found, at = [], 2
    while jpeg[at + 1] != 0xDA:
        found.append(jpeg[at + 1])
        at += 2 + struct.unpack(">H", jpeg[at + 2 : at + 4])[0]
    return found


@pytest.mark.parametrize("file", files_of("images-malformed"))
def test_each_malformed_file_is_taken_or_refused(file: Path) -> None:
    try:
        picture = seen_of(file.read_bytes())
    except BadPicture as bad:
        assert bad.sentence.endswith("。")
    else:
        check_whole(picture)


@pytest.mark.parametrize(
    "name, code",
    [
        ("decompression_bomb.gif", "too_many_pixels"),
        ("decompression_bomb.ico", "not_picture"),
        ("truncated_jpeg.jpg", "truncated"),
        ("truncated_image.png", "truncated"),
        ("broken.png", "broken"),
        ("pngtest_bad.png.bin", "not_picture"),
    ],
)
def test_refusals_name_their_reason(name: str, code: str) -> None:
    file = DATA / "images-malformed" / name
    if not file.exists():
        pytest.skip(ABSENT)
    assert refused(file.read_bytes()) == code


@pytest.mark.parametrize("file", files_of("photos/exif"))
def test_size_time_and_place_are_as_in_the_manifest(file: Path) -> None:
    rows = csv.DictReader((DATA / "photos/manifest.csv").read_text(encoding="utf-8-sig").splitlines())
    told = next(row for row in rows if row["file"] == f"exif/{file.name}")
    picture = seen_of(file.read_bytes())
    check_whole(picture)
    if told["size"]:
        width, height = map(int, told["size"].split("x"))
        turned = told["exif_orientation"] in ("5", "6", "7", "8")
        assert (picture.width, picture.height) == ((height, width) if turned else (width, height))
    taken = datetime.strptime(told["taken"], "%Y:%m:%d %H:%M:%S") if told["taken"] else None
    assert picture.taken_at == taken
    if told["gps_lat_lon"]:
        lat, lon = map(float, told["gps_lat_lon"].split(","))
        assert picture.lat == pytest.approx(lat, abs=2e-6)
        assert picture.lon == pytest.approx(lon, abs=2e-6)
    else:
        assert picture.lat is None


def with_exif(gps: dict[int, Any] | None = None, **tags: Any) -> bytes:
    exif = Image.Exif()
    if "orientation" in tags:
        exif[0x0112] = tags["orientation"]
    if "original" in tags:
        exif.get_ifd(0x8769)[0x9003] = tags["original"]
    if "changed" in tags:
        exif[0x0132] = tags["changed"]
    if gps is not None:
        exif.get_ifd(0x8825).update(gps)
    return encoded(halves(), "JPEG", exif=exif, quality=95, comment=b"<script>secret</script>")


@pytest.mark.parametrize(
    "orientation, size, red_at",
    [  # red_at: a point that must be red when upright
        (1, (80, 40), (10, 20)),
        (2, (80, 40), (70, 20)),
        (3, (80, 40), (70, 20)),
        (4, (80, 40), (10, 20)),
        (5, (40, 80), (20, 10)),
        (6, (40, 80), (20, 10)),
        (7, (40, 80), (20, 70)),
        (8, (40, 80), (20, 70)),
    ],
)
def test_orientation_is_applied(orientation: int, size: tuple[int, int], red_at: tuple[int, int]) -> None:
    picture = seen_of(with_exif(orientation=orientation))
    assert (picture.width, picture.height) == size == opened(picture.public).size
    red, _green, blue = opened(picture.public).getpixel(red_at)  # type: ignore[misc]
    assert red > 200 and blue < 60


WUHAN = {1: "N", 2: (30.0, 35.0, 36.0), 3: "E", 4: (114.0, 18.0, 0.0)}


def test_place_in_degrees_minutes_seconds() -> None:
    picture = seen_of(with_exif(WUHAN))
    assert (picture.lon, picture.lat) == (pytest.approx(114.3), pytest.approx(30.5933333))


def test_south_and_west_are_negative() -> None:
    picture = seen_of(with_exif({**WUHAN, 1: "S", 3: "W"}))
    assert (picture.lon, picture.lat) == (pytest.approx(-114.3), pytest.approx(-30.5933333))


@pytest.mark.parametrize(
    "wrong",
    [
        {2: (91.0, 0.0, 0.0)},
        {4: (181.0, 0.0, 0.0)},
        {1: "Q"},
        {18: "TOKYO"},
        {18: "GCJ-02"},
        {2: (0.0, 0.0, 0.0), 4: (0.0, 0.0, 0.0)},
    ],
    ids=str,
)
def test_a_place_that_cannot_be_trusted_is_none(wrong: dict[int, Any]) -> None:
    picture = seen_of(with_exif({**WUHAN, **wrong}))
    assert picture.lon is None and picture.lat is None


@pytest.mark.parametrize("datum", ["WGS-84", "WGS84", "CGCS2000"])
def test_a_stated_equal_datum_is_accepted(datum: str) -> None:
    assert seen_of(with_exif({**WUHAN, 18: datum})).lon == pytest.approx(114.3)


@pytest.mark.parametrize("text", ["0000:00:00 00:00:00", "昨天", "2026:13:45 99:00:00", ""])
def test_a_broken_camera_time_is_none(text: str) -> None:
    assert seen_of(with_exif(original=text.encode().decode("latin-1"))).taken_at is None


def test_the_time_of_the_shot_counts_before_the_time_of_a_change() -> None:
    picture = seen_of(with_exif(original="2026:03:01 08:09:10", changed="2026:04:01 00:00:00"))
    assert picture.taken_at == datetime(2026, 3, 1, 8, 9, 10)


def test_the_copies_keep_nothing_of_the_original_but_its_look() -> None:
    picture = seen_of(with_exif(WUHAN, original="2026:03:01 08:09:10"))
    check_whole(picture)
    assert b"secret" not in picture.public + picture.thumb
    assert b"2026" not in picture.public + picture.thumb


@pytest.mark.parametrize(
    "kind, mime",
    [
        ("JPEG", "image/jpeg"),
        ("PNG", "image/png"),
        ("WEBP", "image/webp"),
        ("GIF", "image/gif"),
        ("BMP", "image/bmp"),
        ("HEIF", "image/heic"),
        ("AVIF", "image/avif"),
    ],
)
def test_formats_are_known_by_content(kind: str, mime: str) -> None:
    if kind == "HEIF":
        from pillow_heif import register_heif_opener

        register_heif_opener()
    data = encoded(halves(), kind)
    picture = seen_of(data)
    assert (picture.mime, picture.width, picture.height) == (mime, 80, 40)
    red, _green, blue = opened(picture.public).getpixel((10, 20))  # type: ignore[misc]
    assert red > 180 and blue < 80
    codes = {refused(data[:cut]) for cut in (len(data) // 2, 12)} if kind != "GIF" else {"broken"}
    assert codes <= {"truncated", "broken", "not_picture"}


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16"])
def test_each_pixel_mode_becomes_plain_rgb(mode: str) -> None:
    picture = Image.new(mode, (30, 20))
    data = encoded(picture, "JPEG" if mode == "CMYK" else "PNG")
    check_whole(seen_of(data))


def test_sixteen_bit_grey_keeps_its_brightness_and_clear_parts_become_white() -> None:
    grey = seen_of(encoded(Image.new("I;16", (16, 16), 0x8000), "PNG"))
    assert abs(opened(grey.public).getpixel((8, 8))[0] - 0x80) <= 2  # type: ignore[index]
    clear = seen_of(encoded(Image.new("RGBA", (16, 16), (0, 0, 0, 0)), "PNG"))
    assert min(opened(clear.public).getpixel((8, 8))) > 250  # type: ignore[type-var, arg-type]


def test_large_pictures_are_made_smaller_in_proportion() -> None:
    picture = seen_of(encoded(halves((5000, 2500)), "PNG"))
    assert (picture.width, picture.height) == (5000, 2500)
    assert opened(picture.public).size == (2048, 1024)
    assert opened(picture.thumb).size == (512, 256)
    red, _green, blue = opened(picture.public).getpixel((1000, 1020))  # type: ignore[misc]
    assert red > 200 and blue < 60


def test_only_the_first_frame_of_an_animation_is_kept() -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue", "lime")]
    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    red, _green, blue = opened(seen_of(data).public).getpixel((5, 5))  # type: ignore[misc]
    assert red > 200 and blue < 60


def png(width: int, height: int, body: bytes) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(body))
        + chunk(b"IEND", b"")
    )


WEBP_BOMB = b"RIFF\x64\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0" + b"\xff\x3f\0" * 2 + b"\0" * 60
BMP_BOMB = b"BM" + struct.pack("<IHHIIiiHHIIiiII", 54, 0, 0, 54, 40, 50_000, 50_000, 1, 24, 0, 0, 1, 1, 0, 0)
GIF_BOMB = (
    b"GIF89a"
    + struct.pack("<HHBBB", 50_000, 50_000, 0, 0, 0)
    + b",\0\0\0\0"
    + struct.pack("<HHB", 50_000, 50_000, 0)
    + b"\x02\x02D\x01\0;"
)


def jpeg_of_claimed_size(width: int, height: int) -> bytes:
    data = bytearray(encoded(halves(), "JPEG"))
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(data)


@pytest.mark.parametrize(
    "bomb",
    [
        pytest.param(png(50_000, 50_000, bytes(1000)), id="png"),
        pytest.param(WEBP_BOMB, id="webp"),
        pytest.param(BMP_BOMB, id="bmp"),
        pytest.param(GIF_BOMB, id="gif"),
        pytest.param(jpeg_of_claimed_size(50_000, 50_000), id="jpeg"),
        pytest.param(jpeg_of_claimed_size(8_000, 8_000), id="jpeg a little too large"),
    ],
)
def test_bombs_are_refused_by_their_header(bomb: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    def decoded(*_args: object) -> None:
        raise AssertionError("a pixel was decoded")

    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", decoded)
    assert refused(bomb) == "too_many_pixels"


def test_a_jpeg_with_thousands_of_scans_is_refused_before_decoding() -> None:
    data = encoded(halves((640, 640)), "JPEG", progressive=True)
    assert seen_of(data).mime == "image/jpeg"
    last = data.rindex(b"\xff\xda")
    assert refused(data[:-2] + data[last:-2] * 5000 + data[-2:]) == "broken"


def test_limits_are_the_callers() -> None:
    data = encoded(halves(), "JPEG")
    assert refused(data, max_pixels=80 * 40 - 1) == "too_many_pixels"
    assert seen_of(data, max_pixels=80 * 40).width == 80
    assert refused(data, max_bytes=len(data) - 1) == "too_large"
    assert seen_of(data, max_bytes=len(data)).width == 80


def a_zip() -> bytes:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("照片.jpg", b"x")
    return stream.getvalue()


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    "data, code",
    [
        (b"", "empty"),
        (SVG, "svg"),
        (b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- -->\n" + SVG, "svg"),
        (SVG.decode().encode("utf-16"), "svg"),
        (b"<!DOCTYPE html><html><body>", "page"),
        (b"  \n<script>alert(1)</script>", "page"),
        (b"%PDF-1.7\n", "pdf"),
        (a_zip(), "archive"),
        (b"MZ\x90\0", "not_picture"),
        (b"\xff\xd8\xff<script>alert(1)</script>", "broken"),
        (b"GIF8;<?php ?>", "page"),
        (b"GIF87a<script>", "broken"),
        (b"hello", "not_picture"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR<script>", "broken"),
        (b"BM", "broken"),
        (b"RIFF\0\0\0\0WEBP", "truncated"),
        (b"\0\0\0\x18ftypheic", "broken"),
    ],
)
def test_pretenders_are_refused(data: bytes, code: str) -> None:
    if code == "broken":
        assert refused(data) in ("broken", "truncated")
    else:
        assert refused(data) == code


@pytest.mark.parametrize(
    "tail", [a_zip(), b"<html><script>alert(1)</script>", b"%PDF-1.7"], ids=["zip", "html", "pdf"]
)
def test_what_hangs_behind_a_picture_is_cut_off(tail: bytes) -> None:
    picture = seen_of(encoded(halves(), "JPEG") + tail)
    check_whole(picture)
    assert tail not in picture.public + picture.thumb


@settings(max_examples=60, deadline=None)
@given(
    st.binary(max_size=400),
    st.sampled_from(
        [
            b"",
            b"\xff\xd8\xff",
            b"\x89PNG\r\n\x1a\n",
            b"GIF89a",
            b"BM",
            b"RIFF\x20\0\0\0WEBP",
            b"\0\0\0\x18ftypheic",
            b"\0\0\0\x18ftypavif",
            b"\xff\xd8\xff\xe1\x00\x20Exif\0\0",
        ]
    ),
)
def test_random_bytes_raise_nothing_but_bad_picture(data: bytes, head: bytes) -> None:
    try:
        picture = seen_of(head + data)
    except BadPicture as bad:
        assert bad.sentence
    else:
        check_whole(picture)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damaged_photos_raise_nothing_but_bad_picture(draw: st.DataObject) -> None:
    kind = draw.draw(st.sampled_from(["JPEG", "PNG", "WEBP", "GIF", "BMP", "AVIF"]))
    data = bytearray(with_exif(WUHAN) if kind == "JPEG" else encoded(halves(), kind))
    for _ in range(draw.draw(st.integers(1, 8))):
        data[draw.draw(st.integers(0, len(data) - 1))] = draw.draw(st.integers(0, 255))
    try:
        check_whole(seen_of(bytes(data), max_pixels=1_000_000))
    except BadPicture as bad:
        assert bad.sentence


def test_taking_in_a_jpeg_loads_no_numpy() -> None:
    code = (
        "import sys\nfrom io import BytesIO\nfrom PIL import Image\n"
        "from chuangwen.kernel.evidence.images import take_in\n"
        "stream = BytesIO(); Image.new('RGB', (9, 9)).save(stream, 'JPEG'); take_in(stream.getvalue())\n"
        "sys.exit(any(m in sys.modules for m in ('numpy', 'scipy', 'imagehash', 'pillow_heif')))"
    )
    root = Path(__file__).resolve().parents[3]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0
