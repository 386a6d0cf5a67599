"""What a document is by its content, and the hostile things that must be found before anybody opens it.

Only structure is read here: the directory of a zip, the directory of an old Office file, the objects of a PDF.
Nothing is unpacked beyond a limit, nothing is run, and no name given by the sender is believed.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Final
from xml.parsers import expat

MIB: Final = 1024 * 1024
MAX_UNPACKED: Final = 300 * MIB
MAX_RATIO: Final = 250  # of a package above 20 MiB unpacked; office files pack about 10 times, dull sheets 50
MAX_PARTS: Final = 5_000
MAX_XML: Final = 60 * MIB  # of one part that is looked through

_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_RUNNING: Final = (b"MZ", b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"\xfe\xed\xfa")
_MARKUP: Final = re.compile(rb"<(svg|html|!doctype|script|head|body|iframe|\?xml|\?php)", re.IGNORECASE)
#: Relations that fetch or run something when the file is opened; a plain hyperlink is harmless.
_FETCHES: Final = ("attachedtemplate", "oleobject", "subdocument", "frame")
_ACTIVE: Final = re.compile(
    r"vbaproject|vbadata|/activex/|oleobject\d*\.bin$|/macrosheets/|intlmacrosheets", re.I
)


class Hostile(Exception):
    """Why a file is refused, as a stable code; the sentences stand in `documents`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def kind_of(data: bytes) -> str:
    """pdf, docx, xlsx, ofd, doc or xls, found by content alone.

    Raises Hostile with empty, page, running, archive, not_accepted, macro, embedded, remote, password, bomb,
    broken, polyglot, script.
    """
    if not data:
        raise Hostile("empty")
    if data.startswith(b"%PDF-"):
        return _pdf(data)
    if data.startswith(b"PK\x03\x04"):
        return _package(data)
    if data.startswith(_OLE):
        return _old_office(data)
    if data.startswith(_RUNNING):
        raise Hostile("running")
    if data.startswith((b"Rar!", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b", b"PK")):
        raise Hostile("archive")
    if _MARKUP.search(data[:1024].replace(b"\0", b"")):
        raise Hostile("page")
    raise Hostile("not_accepted")


# Zipped office files -----------------------------------------------------------------------------


def _package(data: bytes) -> str:
    try:
        with zipfile.ZipFile(BytesIO(data)) as package:
            return _looked_through(package, data)
    except Hostile:
        raise
    except RuntimeError as error:  # zipfile's word for an encrypted member
        raise Hostile("password" if "encrypted" in str(error) else "broken") from error
    except Exception as error:  # BadZipFile, zlib.error, struct.error, OSError, expat's own
        raise Hostile("broken") from error


def _looked_through(package: zipfile.ZipFile, data: bytes) -> str:
    members = package.infolist()
    total = sum(member.file_size for member in members)
    if total > MAX_UNPACKED or len(members) > MAX_PARTS or total > max(20 * MIB, MAX_RATIO * len(data)):
        raise Hostile("bomb")
    names = [member.filename.replace("\\", "/").lower() for member in members]
    _one_file_only(package, data, members, names)
    if any(_ACTIVE.search(name) for name in names):
        raise Hostile("embedded" if any("oleobject" in name for name in names) else "macro")
    kind = _kind_of_names(set(names))
    for member, name in zip(members, names, strict=True):
        if name.endswith(".rels") or name == "[content_types].xml" or name == "ofd.xml":
            _plain_xml(package, member)
    return kind


def _one_file_only(
    package: zipfile.ZipFile, data: bytes, members: list[zipfile.ZipInfo], names: list[str]
) -> None:
    """Nothing before the first member, nothing behind the directory, no name twice: else two programs see two files."""
    end = data.rfind(b"PK\x05\x06")
    comment = int.from_bytes(data[end + 20 : end + 22], "little")
    if len(data) != end + 22 + comment or comment or len(set(names)) != len(names):
        raise Hostile("polyglot")
    if not members or min(member.header_offset for member in members) != 0:
        raise Hostile("polyglot")
    if any(name.startswith("/") or ".." in name.split("/") or ":" in name for name in names):
        raise Hostile("broken")


def _kind_of_names(names: set[str]) -> str:
    if "ofd.xml" in names:
        return "ofd"
    if "[content_types].xml" not in names:
        raise Hostile("archive")
    if "xl/workbook.bin" in names:
        raise Hostile("not_accepted")
    if "word/document.xml" in names:
        return "docx"
    if "xl/workbook.xml" in names:
        return "xlsx"
    raise Hostile("not_accepted")


def _plain_xml(package: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """Reads one part that says what the others are: no document type, no macro type, nothing fetched on opening."""
    if member.file_size > MAX_XML:
        raise Hostile("bomb")

    def opened(_name: str, given: dict[str, str]) -> None:
        if "macroenabled" in given.get("ContentType", "").lower():
            raise Hostile("macro")
        relation = given.get("Type", "").rpartition("/")[2].lower()
        if given.get("TargetMode", "").lower() == "external" and relation in _FETCHES:
            raise Hostile("remote")

    parser = expat.ParserCreate()

    def declared(*_args: object) -> None:  # office files have none (ECMA-376 part 2, section 8.2.5)
        raise Hostile("bomb")

    parser.StartElementHandler, parser.StartDoctypeDeclHandler = opened, declared
    with package.open(member) as stream:
        while chunk := stream.read(256 * 1024):
            parser.Parse(chunk, False)
    parser.Parse(b"", True)


# Old office files: the compound file's directory ([MS-CFB] sections 2.2, 2.3, 2.6) -----------------


def _old_office(data: bytes) -> str:
    try:
        names = {name.lower() for name in _streams(data)}
    except (struct.error, IndexError) as error:
        raise Hostile("broken") from error
    if "encryptedpackage" in names:
        raise Hostile("password")
    if names & {"vba", "_vba_project", "macros", "_vba_project_cur"}:
        raise Hostile("macro")
    if names & {"objectpool", "\x01ole10native"}:
        raise Hostile("embedded")
    if "worddocument" in names:
        return "doc"
    if names & {"workbook", "book"}:
        return "xls"
    raise Hostile("not_accepted")


def _streams(data: bytes) -> Iterator[str]:
    """The names in the directory of a compound file; loops and offsets outside the file end the walk."""
    shift = struct.unpack_from("<H", data, 30)[0]
    if shift not in (9, 12):
        raise Hostile("broken")
    size = 1 << shift
    (sector,) = struct.unpack_from("<I", data, 48)
    fat = list(_fat(data, size))
    seen: set[int] = set()
    while sector < len(fat) and sector not in seen:
        seen.add(sector)
        start = (sector + 1) * size
        for at in range(start, start + size, 128):
            length = struct.unpack_from("<H", data, at + 64)[0]
            if data[at + 66] and 2 <= length <= 64:
                yield data[at : at + length - 2].decode("utf-16-le", "replace")
        sector = fat[sector]
    if not seen:
        raise Hostile("broken")


def _fat(data: bytes, size: int) -> Iterator[int]:
    """The chain of sectors, from the first 109 parts that the header names: enough for 7 MB of 512-byte sectors.

    A directory that lies beyond is read from further parts, as [MS-CFB] 2.5.1 says.
    """
    parts = list(struct.unpack_from("<109I", data, 76))
    (following,) = struct.unpack_from("<I", data, 68)
    for _part in range(len(data) // size + 1):
        if following >= 0xFFFFFFFA:
            break
        more = struct.unpack_from(f"<{size // 4}I", data, (following + 1) * size)
        parts += more[:-1]
        following = more[-1]
    for part in parts:
        if part < 0xFFFFFFFA:
            yield from struct.unpack_from(f"<{size // 4}I", data, (part + 1) * size)


# PDF -----------------------------------------------------------------------------------------------

_STREAM: Final = re.compile(rb"stream\r?\n.*?endstream", re.DOTALL)
_PACKED: Final = re.compile(rb"/ObjStm.{0,400}?stream\r?\n(.*?)endstream", re.DOTALL)
_NAME: Final = re.compile(rb"#([0-9A-Fa-f]{2})")
_ACTS: Final = re.compile(rb"/(JavaScript|JS|Launch|RichMedia|EmbeddedFiles?)(?![A-Za-z0-9])")


def _pdf(data: bytes) -> str:
    end = data.rfind(b"%%EOF")
    if end < 0:
        raise Hostile("broken")
    if len(data) - end > 1024 or b"PK\x05\x06" in data[-66_000:]:
        raise Hostile("polyglot")
    outside = _STREAM.sub(b"", data)
    if re.search(rb"/Encrypt\b", outside):
        raise Hostile("password")
    for text in (outside, *_unpacked(data)):
        if _ACTS.search(_NAME.sub(lambda found: bytes([int(found[1], 16)]), text)):
            raise Hostile("script")
    return "pdf"


def _unpacked(data: bytes) -> Iterator[bytes]:
    """The object streams of a PDF, where a script may be hidden from a plain search; bounded in all."""
    left = 64 * MIB
    for found in _PACKED.finditer(data):
        opener = zlib.decompressobj()
        try:
            text = opener.decompress(found[1], left)
        except zlib.error:
            continue  # another filter, or none: a viewer that reads it is not what is guarded here
        left -= len(text)
        if left <= 0 or opener.unconsumed_tail:
            raise Hostile("bomb")
        yield text
