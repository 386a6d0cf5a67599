"""Taking in a photo: what it is, when and where it was taken, and the two copies that others may see."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from hashlib import sha256
from io import BytesIO
from typing import ClassVar, Final, TypeVar

from django.utils.translation import gettext_lazy as _
from PIL import Image

from chuangwen.kernel.evidence import sniffing
from chuangwen.kernel.evidence.exif import read_exif
from chuangwen.kernel.evidence.phash import phash
from chuangwen.kernel.worded import WordedError

T = TypeVar("T")
MIB: Final = 1024 * 1024
PUBLIC_EDGE: Final = 2048
THUMB_EDGE: Final = 512  # a quarter of what phones send: a JPEG is decoded at that size, without resampling
_MIMES: Final = {
    "JPEG": "image/jpeg",
    "MPO": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "GIF": "image/gif",
    "BMP": "image/bmp",
    "HEIF": "image/heic",
    "AVIF": "image/avif",
}
_ACCEPTED: Final = _("上传 JPEG、PNG、WebP、GIF、BMP、HEIC 或 AVIF 格式的照片。")
_SENTENCES: Final = {
    "empty": _("照片文件是空的，没有收到内容。重新选择照片再上传。"),
    "too_large": _("照片文件有 %(size)s MB，超过 %(limit)s MB 的上限。缩小尺寸后再上传。"),
    "too_many_pixels": _("照片的像素超过 %(limit)s 万的上限。缩小尺寸后再上传。"),
    "truncated": _("照片不完整，后面的部分缺失，多半是传送中断。重新上传原照片。"),
    "broken": _("照片已损坏，无法打开。重新拍摄，或换一个文件再上传。"),
    "svg": _("这个文件是 SVG 矢量图，其中可以藏有脚本，不能作为照片。%(accepted)s"),
    "page": _("这个文件是网页或标记文本，不是照片。%(accepted)s"),
    "pdf": _("这个文件是 PDF 文档，不是照片。%(accepted)s"),
    "archive": _("这个文件是压缩包或办公文档，不是照片。%(accepted)s"),
    "not_picture": _("这个文件不是照片。%(accepted)s"),
}


class BadPicture(WordedError):
    """A file refused as a photo."""

    sentences = _SENTENCES
    always: ClassVar = {"accepted": _ACCEPTED}


@dataclass(frozen=True, slots=True)
class Picture:
    """A photo taken in.

    `sha256` of the bytes as sent (hexadecimal); `mime` by content; `width`, `height` in pixels as it is
    looked at (orientation applied); `taken_at` camera time without zone; `lon`, `lat` WGS-84 degrees, both
    or neither; `phash` signed 64-bit; `thumb` JPEG bytes without any metadata.
    """

    sha256: str
    mime: str
    width: int
    height: int
    taken_at: datetime | None
    lon: float | None
    lat: float | None
    phash: int
    thumb: bytes


def take_in(data: bytes, *, max_bytes: int = 20 * MIB, max_pixels: int = 60_000_000) -> Picture:
    """Read a photo of unknown origin: what it is, its hashes, its small copy. The large one is made by `public_of`.

    The size is known from the header before a pixel is decoded, so memory is bounded by about
    5 bytes × `max_pixels`; a JPEG is decoded at reduced size. Of an animation only the first frame is kept.
    Raises `BadPicture`, and nothing else, whatever the bytes are.
    """
    if not data:
        raise BadPicture("empty")
    if len(data) > max_bytes:
        raise BadPicture("too_large", size=f"{len(data) / MIB:.1f}", limit=f"{max_bytes / MIB:.0f}")
    return _decoded(data, max_pixels, _taken)


def public_of(data: bytes, *, max_pixels: int = 60_000_000) -> bytes:
    """The copy others may see: upright JPEG, long edge at most PUBLIC_EDGE, without any metadata.

    Made when somebody first looks (`store.file_of`): it costs ten times what taking a photo in costs. Raises `BadPicture`.
    """
    return _decoded(data, max_pixels, lambda data, picture: _jpeg(_shown(picture, PUBLIC_EDGE)[0], 85))


def _decoded(data: bytes, max_pixels: int, make: Callable[[bytes, Image.Image], T]) -> T:
    try:
        with _opened(data, max_pixels) as picture:
            return make(data, picture)
    except BadPicture:
        raise
    except Image.DecompressionBombError:
        raise BadPicture("too_many_pixels", limit=max_pixels // 10_000) from None
    except MemoryError:
        raise BadPicture("too_many_pixels", limit=max_pixels // 10_000) from None
    except Exception as error:  # decoders raise OSError, SyntaxError, struct.error, IndexError and more
        raise BadPicture("truncated" if "truncated" in str(error).lower() else "broken") from error


@cache
def _know_heif() -> None:
    """HEIC support is loaded by the first HEIC photo, not by each web process."""
    from pillow_heif import register_heif_opener

    register_heif_opener()


def _opened(data: bytes, max_pixels: int) -> Image.Image:
    formats = sniffing.formats_of(data)
    if not formats:
        raise BadPicture(sniffing.pretender_of(data))
    if formats == sniffing.BOXED:
        _know_heif()
    _check_before_opening(data, formats, max_pixels)
    # A picture with a doubtful header is judged by whether it decodes; catch_warnings is not thread-safe.
    warnings.filterwarnings("ignore", module=r"PIL\.")
    picture = Image.open(BytesIO(data), formats=formats)
    if picture.width * picture.height > max_pixels:
        raise BadPicture("too_many_pixels", limit=max_pixels // 10_000)
    return picture


def _check_before_opening(data: bytes, formats: tuple[str, ...], max_pixels: int) -> None:
    if formats == sniffing.JPEG and not sniffing.jpeg_is_sane(data):
        raise BadPicture("broken")
    if formats == ("WEBP",):
        size = sniffing.webp_size(data)
        if size is None:
            raise BadPicture("truncated")
        if size[0] * size[1] > max_pixels:
            raise BadPicture("too_many_pixels", limit=max_pixels // 10_000)


def _taken(data: bytes, picture: Image.Image) -> Picture:
    mime = _MIMES[picture.format or ""]
    width, height = picture.size
    shown, orientation, taken_at, point = _shown(picture, THUMB_EDGE)
    if orientation >= 5:
        width, height = height, width
    lon, lat = point or (None, None)
    return Picture(
        sha256(data).hexdigest(), mime, width, height, taken_at, lon, lat, phash(shown), _jpeg(shown, 80)
    )


def _shown(
    picture: Image.Image, edge: int
) -> tuple[Image.Image, int, datetime | None, tuple[float, float] | None]:
    """The picture upright, long edge at most `edge`, without metadata; with what its EXIF says.

    Every byte is decoded, so a cut-off file is noticed; of a JPEG no more pixels are made than needed.
    """
    shrink = min(1.0, edge / max(picture.size))
    picture.draft("RGB", (int(picture.width * shrink) + 1, int(picture.height * shrink) + 1))
    picture.load()
    orientation, taken_at, point = read_exif(picture)  # after load: a PNG may carry EXIF behind the pixels
    return _upright(_plain(picture, edge), orientation), orientation, taken_at, point


def _plain(picture: Image.Image, edge: int) -> Image.Image:
    """Opaque RGB on white, long edge at most `edge`, with nothing of the original's metadata.

    Converted band by band, so that a large picture is never held twice.
    """
    width, height = picture.size
    factor = max(1, max(width, height) // edge)
    plain = Image.new("RGB", (-(-width // factor), -(-height // factor)))
    step = 64 * factor if factor > 1 else height
    for top in range(0, height, step):
        band = _opaque(picture.crop((0, top, width, min(height, top + step))))
        plain.paste(band.reduce(factor), (0, top // factor))
    plain.thumbnail((edge, edge), Image.Resampling.LANCZOS)
    return plain


def _opaque(band: Image.Image) -> Image.Image:
    if band.mode.startswith("I"):  # 16-bit grey: keep the upper eight bits
        return band.convert("I").point(lambda value: value * (1 / 256)).convert("L").convert("RGB")
    if not band.has_transparency_data:
        return band.convert("RGB")
    band = band.convert("RGBA")
    ground = Image.new("RGB", band.size, "white")
    ground.paste(band, mask=band.getchannel("A"))
    return ground


_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def _upright(picture: Image.Image, orientation: int) -> Image.Image:
    turn = _TURNS.get(orientation)
    return picture if turn is None else picture.transpose(turn)


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    stream = BytesIO()
    picture.save(stream, "JPEG", quality=quality)
    return stream.getvalue()
