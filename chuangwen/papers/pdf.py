"""A .docx as PDF, through LibreOffice without a window; where it is not installed the .docx is all there is."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _

from chuangwen.papers.format.measures import FANGSONG, FREE, HEI, KAI, SONG, SONG_TITLE

#: Where packages put it when it is not on the search path.
PLACES: Final = (
    "/usr/lib/libreoffice/program/soffice",
    "/opt/libreoffice/program/soffice",
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
    r"C:\Program Files\LibreOffice\program\soffice.exe",
)
SECONDS: Final = 60  # for the first file; starting takes a few of them
SECONDS_MORE: Final = 5  # for each further one


class NoPdf(Exception):
    """No PDF could be made; the message is a sentence for the person at the screen."""


def office_program() -> str | None:
    """Path of LibreOffice: the variable CHUANGWEN_SOFFICE, else the search path, else the usual places; None without."""
    if settings.SOFFICE:
        return str(settings.SOFFICE) if Path(settings.SOFFICE).is_file() else shutil.which(settings.SOFFICE)
    found = shutil.which("soffice") or shutil.which("libreoffice")
    return found or next((place for place in PLACES if Path(place).is_file()), None)


def to_pdf(docx: bytes) -> bytes:
    """One .docx as PDF. Raises NoPdf where LibreOffice is absent, fails or takes more than a minute."""
    return all_to_pdf({"paper": docx})["paper"]


def all_to_pdf(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Several .docx in one start of LibreOffice, under the same keys. Raises NoPdf."""
    program = office_program()
    if program is None:
        raise NoPdf(
            _(
                "这台机器没有 LibreOffice，做不了 PDF。装上 libreoffice-writer，或下载 .docx 后在 Word、WPS 里导出。"
            )
        )
    with tempfile.TemporaryDirectory(prefix="chuangwen-pdf-") as folder:
        here = Path(folder)
        for at, content in enumerate(files.values()):
            (here / f"{at}.docx").write_bytes(content)
        (here / "fonts.conf").write_text(font_aliases(), encoding="utf-8")
        _convert(program, here, len(files))
        made = {}
        for at, name in enumerate(files):
            try:
                made[name] = (here / f"{at}.pdf").read_bytes()
            except FileNotFoundError as fault:
                raise NoPdf(
                    _("LibreOffice 没有转成 PDF：这份 .docx 打不开。用 paper check 看它哪里不对。")
                ) from fault
        return made


def _convert(program: str, here: Path, count: int) -> None:
    """Runs in a profile of its own, so that an office window a person has open is neither used nor disturbed."""
    command = [
        program, f"-env:UserInstallation={(here / 'profile').as_uri()}", "--headless", "--norestore", "--nolockcheck",
        "--convert-to", "pdf", "--outdir", str(here), *(str(here / f"{at}.docx") for at in range(count)),
    ]  # fmt: skip
    given = os.environ | {
        "FONTCONFIG_FILE": str(here / "fonts.conf"),
        "HOME": str(here),
        "SAL_USE_VCLPLUGIN": "svp",
    }
    try:
        started = subprocess.Popen(
            command, env=given, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
    except OSError as fault:
        raise NoPdf(
            _("LibreOffice 启动不了：%(fault)s。核对 CHUANGWEN_SOFFICE。") % {"fault": fault}
        ) from fault
    limit = SECONDS + SECONDS_MORE * count
    try:
        started.wait(limit)
    except subprocess.TimeoutExpired as fault:
        raise NoPdf(_("LibreOffice %(limit)d 秒没有转完，已停止。稍后再试。") % {"limit": limit}) from fault
    finally:
        _end(started)


def _end(started: subprocess.Popen[bytes]) -> None:
    """Ends what was started, with the program that `soffice` starts in its turn."""
    if started.poll() is not None:
        return
    if hasattr(os, "killpg"):
        os.killpg(started.pid, signal.SIGKILL)
    else:
        started.kill()
    started.wait()


def font_aliases() -> str:
    """Fontconfig: every name of a face may stand for every other, and the free one for all of them."""
    rows = []
    for names in (SONG_TITLE, FANGSONG, HEI, KAI, SONG):
        for name in names:
            others = "".join(f"<family>{each}</family>" for each in (*names, FREE[names[0]]) if each != name)
            rows.append(f'<alias binding="same"><family>{name}</family><prefer>{others}</prefer></alias>')
    return (
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
        '<include ignore_missing="yes">/etc/fonts/fonts.conf</include>' + "".join(rows) + "</fontconfig>"
    )
