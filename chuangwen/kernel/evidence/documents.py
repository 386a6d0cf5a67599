"""Documents as evidence: recognised by content, hostile ones refused with a sentence, kept once by their hash.

PDF, OFD, DOCX, XLSX and the old DOC and XLS (WPS and ET files are the same inside) come through here; pictures go
through `images`, so that they get their time, place and clean copies.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, ClassVar, Final

from django.utils.translation import gettext_lazy as _

from chuangwen.kernel.evidence import images, office_files, sniffing, store
from chuangwen.kernel.evidence.models import Blob
from chuangwen.kernel.worded import WordedError

MIB: Final = 1024 * 1024
_ACCEPTED: Final = _("可以传 PDF、OFD、Word（doc、docx、wps）、Excel（xls、xlsx、et）和照片。")
_SENTENCES: Final = {
    "empty": _("文件是空的，没有收到内容。重新选择文件再传。"),
    "too_large": _("文件有 %(size)s MB，超过 %(limit)s MB 的上限。压缩图片或拆成几份再传。"),
    "page": _("这个文件是网页或标记文本，不是文件或照片。%(accepted)s"),
    "running": _("这个文件是程序，不能作为材料。%(accepted)s"),
    "archive": _("这个文件是压缩包。解压后把里面的文件逐个传。%(accepted)s"),
    "not_accepted": _("认不出这个文件的格式。%(accepted)s"),
    "macro": _("文件里有宏，可能带病毒，没有收下。另存为不带宏的格式，或导出 PDF 再传。"),
    "embedded": _("文件里嵌有别的文件或控件，没有收下。去掉嵌入的对象，或导出 PDF 再传。"),
    "remote": _("文件打开时会从别处取内容，没有收下。另存一份，或导出 PDF 再传。"),
    "script": _("PDF 里有脚本或附件，没有收下。重新打印成 PDF 再传。"),
    "password": _("文件设有密码或使用限制，审核的人打不开。去掉密码再传。"),
    "bomb": _("文件解开后过大或结构异常，没有收下。另存一份，或导出 PDF 再传。"),
    "broken": _("文件不完整或已损坏，打不开。用 Word、Excel 或 WPS 打开并另存，再传。"),
    "polyglot": _("一个文件里藏着另一个文件，没有收下。用 Word、Excel 或 WPS 打开并另存，再传。"),
    "wrong_name": _("文件名说是 %(named)s，内容却是 %(found)s，没有收下。核对是不是选错了文件；没选错就改成 .%(suffix)s 再传。"),
}  # fmt: skip

#: kind → media type, how it is called, endings its name may have (the first one is given to a download).
KINDS: Final[dict[str, tuple[str, str, tuple[str, ...]]]] = {
    "pdf": ("application/pdf", "PDF", ("pdf",)),
    "ofd": ("application/ofd", "OFD", ("ofd",)),
    "docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "Word", ("docx", "wps")),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "Excel", ("xlsx", "et")),
    "doc": ("application/msword", "Word 97", ("doc", "wps", "dot")),
    "xls": ("application/vnd.ms-excel", "Excel 97", ("xls", "et", "xlt")),
    "jpeg": ("image/jpeg", "JPEG", ("jpg", "jpeg", "jfif", "mpo")),
    "png": ("image/png", "PNG", ("png",)),
    "webp": ("image/webp", "WebP", ("webp",)),
    "gif": ("image/gif", "GIF", ("gif",)),
    "bmp": ("image/bmp", "BMP", ("bmp",)),
    "heic": ("image/heic", "HEIC", ("heic", "heif")),
    "avif": ("image/avif", "AVIF", ("avif",)),
}  # fmt: skip
KIND_OF_MIME: Final = {mime: kind for kind, (mime, _name, _endings) in KINDS.items()}
PICTURES: Final = frozenset(kind for kind, (mime, *_rest) in KINDS.items() if mime.startswith("image/"))
_ENDINGS: Final = {ending for _mime, _name, endings in KINDS.values() for ending in endings}


class BadDocument(WordedError):
    """A file refused as a document."""

    sentences = _SENTENCES
    always: ClassVar = {"accepted": _ACCEPTED}


@dataclass(frozen=True, slots=True)
class Paper:
    """A document or picture taken in: its SHA-256, its kind (a key of KINDS), and the picture where it is one."""

    sha256: str
    kind: str
    picture: images.Picture | None = None

    @property
    def mime(self) -> str:
        return KINDS[self.kind][0]


def take_in(data: bytes, name: str = "", *, max_bytes: int = 30 * MIB) -> Paper:
    """Recognise a file of unknown origin by its content; `name` must not contradict it.

    Raises BadDocument, or BadPicture for a picture that cannot be used, and nothing else, whatever the bytes are.
    """
    if len(data) > max_bytes:
        raise BadDocument("too_large", size=f"{len(data) / MIB:.1f}", limit=f"{max_bytes / MIB:.0f}")
    if sniffing.formats_of(data):
        picture = images.take_in(data, max_bytes=max_bytes)
        kind = KIND_OF_MIME[picture.mime]
        if _holds_package(data):
            raise BadDocument("polyglot")
        _fits_name(kind, name)
        return Paper(picture.sha256, kind, picture)
    try:
        kind = office_files.kind_of(data)
    except office_files.Hostile as fault:
        raise BadDocument(fault.code) from fault
    _fits_name(kind, name)
    return Paper(sha256(data).hexdigest(), kind)


def _holds_package(data: bytes) -> bool:
    """A zip directory behind a picture, or a PDF's head at its front: a viewer and an unpacker would see two files."""
    end = data.rfind(b"PK\x05\x06", max(0, len(data) - 66_000))
    whole = end >= 0 and b"PK\x01\x02" in data and b"PK\x03\x04" in data
    return whole or b"%PDF-" in data[:1024]


def ending_of(name: str) -> str:
    """The last ending of a file's name, without dot, in small letters; empty where there is none."""
    stem, dot, ending = plain_name(name).rpartition(".")
    return ending.lower() if dot and stem else ""


def _fits_name(kind: str, name: str) -> None:
    ending = ending_of(name)
    known, found = KINDS[kind][2], KINDS[kind][1]
    if not ending or ending in known:
        return
    # Any picture format under any picture's name is a phone's doing, and harmless: its kind is known.
    if kind in PICTURES and any(ending in KINDS[each][2] for each in PICTURES):
        return
    if ending in _ENDINGS or re.fullmatch(r"[a-z][a-z0-9]{1,4}", ending):
        raise BadDocument("wrong_name", named=f".{ending}", found=found, suffix=known[0])


_CONTROL: Final = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


def plain_name(name: str, most: int = 120) -> str:
    """A sender's file name as text only: no folders, control or turning characters, blanks or dots at its ends."""
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rstrip("/").rpartition("/")[2]
    name = "".join(letter for letter in name if unicodedata.category(letter) not in _CONTROL)
    name = re.sub(r'[<>:"|?*]', "_", name).strip(" .")
    stem, dot, ending = name.rpartition(".")
    if dot and len(name) > most:
        return f"{stem[: most - len(ending) - 1]}.{ending}"
    return name[:most]


def download_name(title: str, kind: str) -> str:
    """The name a download gets: its title, and the ending of what the file really is."""
    stem, name = "", plain_name(title, 100)
    stem, dot, ending = name.rpartition(".")
    if dot and ending.lower() in _ENDINGS:
        name = stem
    return f"{name or 'file'}.{KINDS[kind][2][0]}"


def read(upload: Any, *, max_bytes: int = 30 * MIB) -> tuple[Paper, bytes]:
    """Reads and checks an uploaded file (or bytes); one that is too large is refused unread."""
    size = getattr(upload, "size", None)
    if size is not None and size > max_bytes:
        raise BadDocument("too_large", size=f"{size / MIB:.1f}", limit=f"{max_bytes / MIB:.0f}")
    data = upload if isinstance(upload, bytes) else upload.read()
    return take_in(data, str(getattr(upload, "name", "") or ""), max_bytes=max_bytes), data


def keep(paper: Paper, data: bytes) -> Blob:
    """Stores a document once by its hash; storing it again returns the first row."""
    if paper.picture is not None:
        return store.keep(paper.picture, data)
    store.put(store.path_of(paper.sha256, "original"), data)
    fresh = {"mime": paper.mime, "size": len(data)}
    return Blob.objects.get_or_create(sha256=paper.sha256, defaults=fresh)[0]
