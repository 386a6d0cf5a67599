"""`chuangwen paper` from the command line: exit status, JSON, samples, templates; no city is needed."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command

from chuangwen.papers.format.kinds import KINDS, sample
from chuangwen.papers.format.write import write


def test_check_tells_by_its_exit_status(tmp_path, capsys):
    clean, wrong, torn = (tmp_path / f"{name}.docx" for name in ("clean", "wrong", "torn"))
    call_command("paper", "sample", "notice", "--out", str(clean))
    call_command("paper", "check", str(clean))
    assert "没有发现问题" in capsys.readouterr().out
    from dataclasses import replace

    wrong.write_bytes(write(replace(sample("notice"), number="示创建办〔2026〕012号")))
    with pytest.raises(SystemExit) as ended:
        call_command("paper", "check", str(wrong))
    assert ended.value.code == 1
    assert "7.2.5" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        call_command("paper", "check", str(wrong), "--json")
    (found,) = json.loads(capsys.readouterr().out)["findings"]
    assert (found["code"], found["element"]) == ("number_zero", "发文字号")
    torn.write_bytes(b"no paper")
    for path in (torn, tmp_path / "absent.docx"):
        with pytest.raises(CommandError) as refused:
            call_command("paper", "check", str(path))
        assert refused.value.returncode == 2


def test_kinds_samples_and_templates(tmp_path, capsys):
    call_command("paper", "kinds")
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(KINDS)
    call_command("paper", "template", "minutes", "--out", str(tmp_path / "t.docx"))
    made = write(sample("minutes"), (tmp_path / "t.docx").read_bytes())
    assert made == write(sample("minutes"))
    with pytest.raises(CommandError, match="circular"):
        call_command("paper", "sample", "letter", "--out", str(tmp_path / "x.docx"))


def test_without_a_city(tmp_path):
    """A data folder that does not exist stays so."""
    given = os.environ | {
        "CHUANGWEN_DATA": str(tmp_path / "none"),
        "CHUANGWEN_SECRET_KEY": "x",
        "DATABASE_URL": "",
    }
    command = [sys.executable, "-m", "chuangwen", "paper", "kinds"]
    done = subprocess.run(command, env=given, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0 and "通报" in done.stdout, done.stderr
    assert not (tmp_path / "none").exists()
