"""What a file is by its first bytes, and the guards that must hold before any decoder sees it."""

from __future__ import annotations

import re
from typing import Final

#: Pillow format names asked of the decoder for each family of first bytes.
JPEG: Final = ("JPEG", "MPO")
BOXED: Final = ("AVIF", "HEIF")  # both are ISO base media files; which one is decided by the plugins

#: More scans than any camera or editor writes (progressive JPEG has about 10): each scan walks every block
#: again, so a small file with thousands of empty scans costs hours. Source: libjpeg-turbo, "Two issues with
#: the JPEG standard" (LJT-01-005); its own tools take -maxscans for the same reason.
MAX_SCANS: Final = 64
MAX_SEGMENTS: Final = 5_000

_BRANDS: Final = {b"avif", b"avis", b"mif1", b"msf1", b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"}
_ARCHIVES: Final = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08", b"Rar!", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b",
                    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
_MARKUP: Final = re.compile(rb"<(svg|html|!doctype|script|head|body|iframe|\?xml|\?php)", re.IGNORECASE)
_NEXT_MARKER: Final = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")


def formats_of(data: bytes) -> tuple[str, ...]:
    """Pillow format names that the first bytes allow; empty when they are of no accepted picture."""
    if data.startswith(b"\xff\xd8\xff"):
        return JPEG
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return ("PNG",)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return ("WEBP",)
    if data[:6] in (b"GIF87a", b"GIF89a"):
        return ("GIF",)
    if data[:2] == b"BM":
        return ("BMP",)
    if data[4:8] == b"ftyp" and data[8:12] in _BRANDS:
        return BOXED
    return ()


def pretender_of(data: bytes) -> str:
    """Code of what a file that is no picture is: svg, page, pdf, archive or not_picture."""
    if data.startswith(_ARCHIVES):
        return "archive"
    head = data[:1024]
    for encoding in ("utf-16-le", "utf-16-be"):
        if head.startswith("\ufeff".encode(encoding)):
            head = head.decode(encoding, "ignore").encode("utf-8", "ignore")
    if b"%PDF-" in head:
        return "pdf"
    found = _MARKUP.search(head)
    if found is None:
        return "not_picture"
    return "svg" if b"<svg" in head.lower() else "page"


def webp_size(data: bytes) -> tuple[int, int] | None:
    """Width and height in pixels from a WebP header, None where it is cut short.

    Read here because the decoder allocates its canvas when the file is opened, before a size can be asked.
    Source: WebP Container Specification; RFC 6386 section 9.1; WebP Lossless Bitstream section 3.
    """
    if len(data) < 30:
        return None
    kind = data[12:16]
    if kind == b"VP8X":
        return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
    if kind == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 ":
        return int.from_bytes(data[26:28], "little") & 0x3FFF, int.from_bytes(data[28:30], "little") & 0x3FFF
    return None


def jpeg_is_sane(data: bytes) -> bool:
    """Whether the first JPEG image in `data` has a believable number of segments and scans."""
    at, scans = 2, 0
    for _segment in range(MAX_SEGMENTS):
        found = _NEXT_MARKER.search(data, at)
        if found is None:
            return True
        marker = data[found.start() + 1]
        if marker == 0xD9:  # end of the image; what follows is never read
            return True
        scans += marker == 0xDA
        if scans > MAX_SCANS:
            return False
        length = int.from_bytes(data[found.end():found.end() + 2], "big")
        at = found.end() + (length if marker not in (0x01, 0xD8) else 0)
    return False
