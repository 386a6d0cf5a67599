"""Names of folders and files in an export: readable, alike every time, safe on Windows. Pure."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

PART: Final = 40  # characters of one folder
FILE: Final = 60  # characters of one file's name with its ending
#: Windows opens paths of up to 259 characters; what is unpacked lies in some folder of its own.
PATH: Final = 200
_ILLEGAL: Final = re.compile(r'[<>:"/\\|?*]')
_INVISIBLE: Final = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_DEVICE: Final = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?$", re.IGNORECASE)


def safe(text: str, most: int = PART) -> str:
    """A text as the name of a folder or file: no character Windows refuses, no device name, not empty, at most `most`.

    Source of the rules: Microsoft, "Naming Files, Paths, and Namespaces".
    """
    text = unicodedata.normalize("NFC", text)
    text = "".join(" " if letter.isspace() else letter for letter in text)
    text = "".join(letter for letter in text if unicodedata.category(letter) not in _INVISIBLE)
    text = re.sub(" +", " ", _ILLEGAL.sub("_", text))[:most].strip(" .")
    return f"_{text}"[:most] if _DEVICE.match(text) else text or "_"


def safe_file(stem: str, ending: str, most: int = FILE) -> str:
    """A file's name: its stem cut so that the ending stays."""
    return f"{safe(stem, most - len(ending) - 1)}.{ending}"


def natural(code: str) -> tuple[tuple[int, int | str], ...]:
    """A key that sorts codes as people count: 1-2 before 1-10."""
    return tuple(
        (0, int(part)) if part.isdecimal() else (1, part) for part in re.split(r"([0-9]+)", code) if part
    )


class Names:
    """Gives out paths, each once; what would be the same to a file system that ignores case gets a number."""

    def __init__(self) -> None:
        self._given: set[str] = set()

    def give(self, *parts: str) -> str:
        """The path of these parts joined by "/"; the last one is numbered where it is taken, cut where it is too long."""
        folder, name = "/".join(parts[:-1]), parts[-1]
        stem, dot, ending = name.rpartition(".")
        if not dot:
            stem, ending = name, ""
        room = PATH - len(folder) - len(ending) - 8
        stem = stem[: max(room, 8)].strip(" .") or "_"
        for number in range(1, 10_000):
            again = f" ({number})" if number > 1 else ""
            path = "/".join(part for part in (folder, f"{stem}{again}{dot}{ending}") if part)
            if path.casefold() not in self._given:
                self._given.add(path.casefold())
                return path
        raise ValueError(f"too many files called {name!r}")
