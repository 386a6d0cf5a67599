"""The frame of the phone pages: what the worker keeps, what changes with a release, and every word of the scripts."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client

from chuangwen.faces.field import shell
from chuangwen.faces.field.words import WORDS

pytestmark = pytest.mark.django_db
FOLDER = Path(settings.ROOT) / "frontend" / "src" / "js" / "field"


def test_the_worker_keeps_every_script_of_the_folder():
    assert {path.stem for path in FOLDER.glob("*.js")} == set(shell.MODULES)
    named = {
        name for name in FOLDER.glob("*.js") for name in re.findall(r'from "(\.[^"]+)"', name.read_text())
    }
    wanted = {(FOLDER / name).resolve() for name in named}
    kept = {Path(finders.find(name)).resolve() for name in shell.SCRIPTS if "vendor" not in name}
    assert {path for path in wanted if "vendor" not in path.parts} <= kept


def test_every_word_of_the_scripts_can_be_translated():
    said = {word for path in FOLDER.glob("*.js") for word in re.findall(r'\bt\("([^"]+)"', path.read_text())}
    assert said == set(WORDS)
    assert len(WORDS) == len(set(WORDS))


def test_the_worker_names_its_release_and_files_that_are_there():
    text = Client().get("/field/sw.js").content.decode()
    assert f'"{shell.version()}"' in text
    files = json.loads(re.search(r"FILES = (\[.*\]);", text).group(1))
    missing = [name for name in files if not finders.find(name.removeprefix(settings.STATIC_URL))]
    assert missing == []
    assert not [name for name in files if name.endswith(".json")]  # nothing of a person


def test_the_manifest_installs_the_pages():
    told = json.loads(Client().get("/field/manifest.webmanifest").content)
    assert (told["start_url"], told["scope"], told["display"]) == ("/field/", "/field/", "standalone")
    for icon in told["icons"][1:]:
        png = Client().get(icon["src"])
        width = int.from_bytes(png.content[16:20], "big")
        assert (png["Content-Type"], f"{width}x{width}") == ("image/png", icon["sizes"])
    assert Client().get("/field/icon-7.png").status_code == 404


def test_the_frame_holds_nothing_of_a_person(town):
    client = Client()
    assert client.get("/field/").status_code == 302
    client.force_login(town.people["checker"])
    answer = client.get("/field/")
    assert answer["X-Field-Version"] == shell.version()
    text = answer.content.decode()
    assert town.people["checker"].name not in text
    assert "csrf" not in text


def test_the_first_view_stays_under_100_kb(town):
    client = Client()
    client.force_login(town.people["checker"])
    whole = len(gzip.compress(client.get("/field/").content))
    for name in (*shell.SCRIPTS, *shell.STYLES, *shell.IMAGES):
        whole += len(gzip.compress(Path(finders.find(name)).read_bytes()))
    assert whole < 100 * 1024
