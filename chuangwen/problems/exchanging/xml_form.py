"""Messages as XML, plain or in a SOAP 1.1 envelope: read with nothing resolved, written so that it reads back the same."""

from __future__ import annotations

import re
from typing import Final, NamedTuple
from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import escape, quoteattr

from chuangwen.problems.exchanging.messages import (
    SHAPES,
    Message,
    Picture,
    Unreadable,
    is_picture_list,
    understand,
)

MOST_BYTES: Final = 2 * 2**20
_DECLARATION: Final = re.compile(r"\s*<\?xml[^>]*\?>")
# Characters XML 1.0 has no way to write (section 2.2).
_UNWRITABLE: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ELEMENT: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_SECRET: Final = re.compile(
    r"(<(?:[\w.-]+:)?SPPWD\b[^>]*>)(.*?)(</(?:[\w.-]+:)?SPPWD\s*>)", re.IGNORECASE | re.DOTALL
)
SOAP: Final = "http://schemas.xmlsoap.org/soap/envelope/"
SERVICE: Final = "http://service.egova.com.cn/"  # the namespace of their service description


class Wrapped(NamedTuple):
    """What came: the message, whether in an envelope, and the account and password the envelope shows."""

    message: Message
    is_soap: bool = False
    account: str = ""
    password: str = ""


class Opened(NamedTuple):
    """An envelope opened, its content not yet understood."""

    request: Element
    is_soap: bool = False
    account: str = ""
    password: str = ""


def decode(data: bytes) -> str:
    """The text of a message whatever it declares: UTF-8 where that reads, else GB18030, UTF-16 by its mark. Raises
    Unreadable."""
    if not data.strip():
        raise Unreadable("empty")
    if len(data) > MOST_BYTES:
        raise Unreadable("too_large", size=len(data) // 1024, limit=MOST_BYTES // 1024)
    marked = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable("encoding")


def without_password(text: str) -> str:
    """The text as it may be kept: the password in an envelope replaced by stars."""
    return _SECRET.sub(r"\1***\3", text)


def open_envelope(text: str) -> Opened:
    """The Request element of a plain message or of an envelope, with the account shown. Raises Unreadable."""
    root = _parse(text)
    if _name(root) == "request":
        return Opened(root)
    if _name(root) != "envelope":
        raise Unreadable("shape")
    body = next((child for child in root if _name(child) == "body"), None)
    call = next(iter(body), None) if body is not None else None
    if call is None:
        raise Unreadable("shape")
    parts = {_name(part): part for part in call}
    inner = parts.get("request")
    if inner is None:
        raise Unreadable("shape")
    request = inner if len(inner) else _parse(inner.text or "")
    if len(request) == 1 and _name(request[0]) == "request":
        request = request[0]
    account, password = (
        (parts[name].text or "").strip() if name in parts else "" for name in ("spid", "sppwd")
    )
    return Opened(request, True, account, password)


def read_request(request: Element) -> Message:
    """The message in a Request element. Raises Unreadable."""
    parts = {_name(part): part for part in request}
    function, params = parts.get("function"), parts.get("params")
    if function is None or params is None:
        raise Unreadable("shape")
    fields: dict[str, str] = {}
    pictures: list[Picture] = []
    for part in params:
        name = part.tag.rpartition("}")[2] if isinstance(part.tag, str) else ""
        if is_picture_list(name):
            pictures += [Picture(each.get("name", ""), each.get("url", "")) for each in part]
        elif name and not len(part):
            fields[name] = part.text or ""
    return understand(function.get("name") or function.text or "", fields, pictures)


def read_xml(data: bytes) -> Wrapped:
    """The message in these bytes. Raises Unreadable, and nothing else."""
    opened = open_envelope(decode(data))
    return Wrapped(read_request(opened.request), opened.is_soap, opened.account, opened.password)


def _parse(text: str) -> Element:
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    text = _DECLARATION.sub("", text.lstrip("\ufeff"), count=1).strip()
    if not text:
        raise Unreadable("empty")
    try:
        root: Element = fromstring(text, forbid_dtd=True)
    except DefusedXmlException as fault:
        raise Unreadable("entities") from fault
    except ParseError as fault:
        line, column = fault.position
        raise Unreadable("xml", line=line, column=column + 1) from fault
    except (ValueError, UnicodeError, RecursionError, MemoryError) as fault:
        raise Unreadable("xml", line=1, column=1) from fault
    return root


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2].casefold() if isinstance(element.tag, str) else ""


def _text(value: str) -> str:
    return escape(_UNWRITABLE.sub("\ufffd", value), {"\r": "&#13;"})


def _attribute(value: str) -> str:
    return quoteattr(_UNWRITABLE.sub("\ufffd", value))


def write_xml(message: Message) -> str:
    """The message as their platform reads it: all its fields in their order, empty ones too."""
    shape = SHAPES[message.kind]
    more = (name for name in message.fields if name not in shape.fields and _ELEMENT.fullmatch(name))
    names = [*shape.fields, *more]
    lines = [f"\t\t<{name}>{_text(message.get(name))}</{name}>" for name in names]
    if shape.pictures:
        pictures = "".join(
            f"\n\t\t\t<picture name={_attribute(each.name)} url={_attribute(each.url)}/>"
            for each in message.pictures
        )
        lines.append(f"\t\t<{shape.pictures} num='{len(message.pictures)}'>{pictures}</{shape.pictures}>")
    inner = "\n".join(lines)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<Request>\n'
        f"\t<function name='{shape.function}'/>\n\t<params>\n{inner}\n\t</params>\n</Request>\n"
    )


def wrap_call(xml: str, function: str, account: str = "", password: str = "") -> str:
    """A message as the call `process` of their service, in an envelope."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<soap:Envelope xmlns:soap="{SOAP}"><soap:Body>'
        f'<tns:process xmlns:tns="{SERVICE}"><SPID>{_text(account)}</SPID><SPPWD>{_text(password)}</SPPWD>'
        f"<func>{_text(function)}</func><Request>{_text(xml)}</Request></tns:process></soap:Body></soap:Envelope>"
    )


def write_answer(task: str, code: int, sentence: str) -> str:
    """What the sender is told: 0 taken in, 1 kept but not done, 2 not readable."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Response><TaskNum>{_text(task)}</TaskNum><code>{code}</code>'
        f"<desc>{_text(sentence)}</desc></Response>\n"
    )


def wrap_answer(xml: str) -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<soap:Envelope xmlns:soap="{SOAP}"><soap:Body>'
        f'<tns:processResponse xmlns:tns="{SERVICE}"><result>{_text(xml)}</result></tns:processResponse>'
        "</soap:Body></soap:Envelope>"
    )
