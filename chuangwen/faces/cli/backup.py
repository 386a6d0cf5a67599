"""Whole copies of an installation in one file: database, evidence and secrets, checked before anything is replaced."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, connections
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen import __version__


class BadBackup(Exception):
    """The file cannot be made or used; the text says why and what next."""


def backup(target: Path) -> int:
    """Writes a whole copy to `target` (.tar.gz); returns its size in bytes. The city goes on working meanwhile."""
    if target.exists():
        raise BadBackup(_("文件已经在那里：%(file)s。换一个名字。") % {"file": target.name})
    with tempfile.TemporaryDirectory(dir=target.parent if target.parent.is_dir() else None) as scratch:
        dump = Path(scratch) / "database"
        _dump(dump)
        facts = {"version": __version__, "engine": connection.vendor, "made_at": timezone.now().isoformat(), "sha256": _hash(dump)}
        (Path(scratch) / "manifest.json").write_text(json.dumps(facts))
        part = Path(scratch) / "whole"
        with tarfile.open(part, "w:gz", compresslevel=3) as archive:
            archive.add(Path(scratch) / "manifest.json", "manifest.json")
            archive.add(dump, "database")
            for folder in ("files", "secrets"):
                if (settings.DATA / folder).is_dir():
                    archive.add(settings.DATA / folder, folder)
        os.chmod(part, 0o600)  # it holds secrets and originals
        os.replace(part, target)
    return target.stat().st_size


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _dump(path: Path) -> None:
    if connection.vendor == "sqlite":
        source = sqlite3.connect(settings.DATABASES["default"]["NAME"])
        with sqlite3.connect(path) as copy:
            source.backup(copy)  # a consistent copy while others write
        source.close()
        return
    _tool(["pg_dump", "--format=custom", "--no-owner", f"--file={path}"])


def _tool(command: list[str]) -> None:
    """Runs a PostgreSQL tool on the configured database; the password goes by environment, never by argument."""
    base = dict(settings.DATABASES["default"])
    names = {"HOST": "PGHOST", "PORT": "PGPORT", "USER": "PGUSER", "PASSWORD": "PGPASSWORD", "NAME": "PGDATABASE"}
    env = {**os.environ, **{pg: str(base[key]) for key, pg in names.items() if base.get(key)}}
    if shutil.which(command[0]) is None:
        raise BadBackup(_("这台机器没有 %(tool)s：装上 PostgreSQL 客户端再试。") % {"tool": command[0]})
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BadBackup(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else command[0])


def restore(source: Path) -> dict[str, Any]:
    """Replaces database, evidence and secrets by those of the file; returns its manifest.

    Everything is unpacked and checked beside the old data first, so a broken file changes nothing; the old
    data stays in `before-restore` inside the data folder. Stop the server before.
    """
    with tempfile.TemporaryDirectory(dir=settings.DATA) as scratch:
        facts = _unpack(source, Path(scratch))
        if facts["engine"] != connection.vendor:
            raise BadBackup(
                _("备份来自 %(there)s，这里是 %(here)s：用同一种数据库恢复。") % {"there": facts["engine"], "here": connection.vendor}
            )
        dump = Path(scratch) / "database"
        if _hash(dump) != facts["sha256"]:
            raise BadBackup(_("备份文件损坏：数据库部分的校验值不符。"))
        kept = settings.DATA / "before-restore"
        shutil.rmtree(kept, ignore_errors=True)
        kept.mkdir()
        _put_back(dump, kept)
        for folder in ("files", "secrets"):
            if (settings.DATA / folder).exists():
                os.replace(settings.DATA / folder, kept / folder)
            if (Path(scratch) / folder).exists():
                os.replace(Path(scratch) / folder, settings.DATA / folder)
    return facts


def _is_plain(member: tarfile.TarInfo) -> bool:
    """A file or folder of ours: no link, no device, no way out of the folder it is unpacked into."""
    parts = Path(member.name).parts
    ours = bool(parts) and parts[0] in ("manifest.json", "database", "files", "secrets")
    return ours and ".." not in parts and (member.isreg() or member.isdir())


def _unpack(source: Path, scratch: Path) -> dict[str, Any]:
    try:
        with tarfile.open(source, "r:gz") as archive:
            members = archive.getmembers()
            if not all(_is_plain(member) for member in members):
                raise ValueError("not our own archive")
            # Python before 3.11.4 has no filter; what it would refuse is refused above.
            safe: dict[str, Any] = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
            archive.extractall(scratch, members, **safe)
        facts: dict[str, Any] = json.loads((scratch / "manifest.json").read_text())
    except FileNotFoundError as fault:
        raise BadBackup(_("没有这个文件，或它不是创文的备份：%(file)s") % {"file": source.name}) from fault
    except (tarfile.TarError, EOFError, OSError, ValueError) as fault:
        raise BadBackup(_("备份文件读不出来，可能没有传完：%(file)s") % {"file": source.name}) from fault
    return facts


def _put_back(dump: Path, kept: Path) -> None:
    connections.close_all()
    if connection.vendor != "sqlite":
        name = settings.DATABASES["default"]["NAME"]
        keep = ["--clean", "--if-exists", "--no-owner", "--single-transaction"]
        _tool(["pg_restore", *keep, f"--dbname={name}", str(dump)])
        return
    here = Path(settings.DATABASES["default"]["NAME"])
    for suffix in ("", "-wal", "-shm"):
        old = here.with_name(here.name + suffix)
        if old.exists():
            os.replace(old, kept / old.name)
    os.replace(dump, here)
