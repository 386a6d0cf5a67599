"""Harmless files that look like harmful ones: sizes that are claimed only, pictures that are something else as well.

The polyglots are built from the descriptions in ../shared/data/upload-hostile-lists (polyglots_described.csv); what they
carry would only show that it ran.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

SCRIPT = b"<script>document.title='eingedrungen'</script>"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'


def jpeg(size: tuple[int, int] = (320, 240), **options: Any) -> bytes:
    """A real small photo of nothing."""
    from PIL import Image, ImageDraw

    picture = Image.new("RGB", size, (90, 120, 60))
    ImageDraw.Draw(picture).ellipse((40, 40, 200, 160), fill=(200, 60, 30))
    stream = io.BytesIO()
    picture.save(stream, "JPEG", **options)
    return stream.getvalue()


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, *, depth: int = 2, palette: bytes = b"", body: bytes = b"") -> bytes:
    """A PNG that claims this size; `palette` is kept as PLTE (colour type 3)."""
    head = struct.pack(">IIBBBBB", width, height, 8, 3 if palette else depth, 0, 0, 0)
    plte = _chunk(b"PLTE", palette) if palette else b""
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", head)
        + plte
        + _chunk(b"IDAT", zlib.compress(body))
        + _chunk(b"IEND", b"")
    )


def jpeg_claiming(width: int, height: int) -> bytes:
    data = bytearray(jpeg())
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def gif_claiming(width: int, height: int) -> bytes:
    frame = b",\0\0\0\0" + struct.pack("<HHB", width, height, 0) + b"\x02\x02D\x01\0;"
    return b"GIF89a" + struct.pack("<HHBBB", width, height, 0, 0, 0) + frame


def a_zip() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as package:
        package.writestr("../x.html", SCRIPT.decode())
    return stream.getvalue()


def _palette() -> bytes:
    text = SCRIPT + b" " * (-len(SCRIPT) % 3)
    return text + bytes(768 - len(text))


def _in_exif() -> bytes:
    from PIL import Image

    exif = Image.Exif()
    exif[0x010E], exif[0x9286] = SCRIPT.decode(), SCRIPT.decode()
    return jpeg(exif=exif, comment=SCRIPT)


def abroad(year: int = 2008) -> bytes:
    """A photo whose EXIF says Arezzo in Italy."""
    from PIL import Image

    exif = Image.Exif()
    exif.get_ifd(0x8825).update({1: "N", 2: (43.0, 28.0, 2.8), 3: "E", 4: (11.0, 53.0, 6.4)})
    exif.get_ifd(0x8769)[0x9003] = f"{year:04d}:10:22 16:28:39"
    return jpeg(exif=exif)


# What is refused, with a sentence, at every door.
REFUSED: dict[str, Callable[[], bytes]] = {
    "png of 50,000 × 50,000": lambda: png(50_000, 50_000),
    "jpeg of 50,000 × 50,000": lambda: jpeg_claiming(50_000, 50_000),
    "gif of 50,000 × 50,000": lambda: gif_claiming(50_000, 50_000),
    "PNG signature and script": lambda: bytes.fromhex("89504E470D0A1A0A0000000D49484452") + SCRIPT,
    "JPEG signature and script": lambda: bytes.fromhex("FFD8FF") + SCRIPT,
    "GIF signature and script": lambda: bytes.fromhex("474946383761") + SCRIPT,
    "GIF8; and script": lambda: b"GIF8;" + SCRIPT,
    "SVG sent as PNG": lambda: SVG,
    "HTML sent as JPEG": lambda: b"<html>" + SCRIPT,
    "PDF in a JPEG's name": lambda: b"%PDF-1.4\n%\xff\xd8\xff" + SCRIPT,
    "nothing": lambda: b"",
    "zip": a_zip,
    "truncated JPEG": lambda: jpeg((1200, 900))[:4000],
}  # fmt: skip
# What is a picture, and something else beside it that must not come out again.
TAKEN: dict[str, Callable[[], bytes]] = {
    "script in comment and EXIF": _in_exif,
    "script kept in PLTE": lambda: png(64, 64, palette=_palette(), body=b"".join(b"\0" + bytes(range(64)) for _ in range(64))),
    "zip behind a JPEG": lambda: jpeg() + a_zip(),
    "script behind a JPEG": lambda: jpeg() + SCRIPT,
}  # fmt: skip
