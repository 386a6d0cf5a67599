"""Messages as JSON: {"function": "TaskDispatch", "params": {…, "EventPictures": [{"name": …, "url": …}]}}."""

from __future__ import annotations

import json
from typing import Any

from chuangwen.problems.exchanging.messages import (
    SHAPES,
    Message,
    Picture,
    Unreadable,
    is_picture_list,
    understand,
)


def read_json(text: str) -> Message:
    """The message in this text; numbers are kept as they are written. Raises Unreadable, and nothing else."""
    given = parse(text)
    params = given.get("params") if isinstance(given, dict) else None
    if not isinstance(params, dict) or not isinstance(given.get("function"), str):
        raise Unreadable("shape")
    fields: dict[str, str] = {}
    pictures: list[Picture] = []
    for name, value in params.items():
        if is_picture_list(name) and isinstance(value, list):
            pictures += [
                Picture(str(each.get("name") or ""), str(each.get("url") or ""))
                for each in value
                if isinstance(each, dict)
            ]
        elif isinstance(value, str | bool | int | float):
            fields[name] = value if isinstance(value, str) else json.dumps(value)
    return understand(given["function"], fields, pictures)


def parse(text: str) -> Any:
    """JSON with its numbers as text, so that no long number loses its end. Raises Unreadable."""
    try:
        return json.loads(text, parse_float=str, parse_int=str, parse_constant=str)
    except json.JSONDecodeError as fault:
        raise Unreadable("json", line=fault.lineno, column=fault.colno) from fault
    except RecursionError as fault:
        raise Unreadable("json", line=1, column=1) from fault


def write_json(message: Message) -> str:
    """The message with its fields in their order."""
    shape = SHAPES[message.kind]
    names = [*(name for name in shape.fields if name in message.fields),
             *(name for name in message.fields if name not in shape.fields)]  # fmt: skip
    params: dict[str, Any] = {name: message.fields[name] for name in names}
    if shape.pictures:
        params[shape.pictures] = [each._asdict() for each in message.pictures]
    return json.dumps({"function": shape.function, "params": params}, ensure_ascii=False)
