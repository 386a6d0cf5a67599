"""The zip: a tree with safe names, an index that opens, a hash list that holds, the same bytes every time, nothing half."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import os
import signal
import subprocess
import sys
import zipfile

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from chuangwen.dossier import export_jobs
from chuangwen.dossier.actions import open_items, write_report
from chuangwen.dossier.export import export_file, plan_export, write_export
from chuangwen.dossier.export_jobs import ask_export, cancel_export, path_of, run_exports, sweep_exports
from chuangwen.dossier.flow import ItemFlow
from chuangwen.dossier.models import ExportJob, Item
from chuangwen.dossier.naming import PATH, Names, natural, safe, safe_file
from chuangwen.kernel.evidence import store
from chuangwen.kernel.workflow.flow import NotAllowed, Refused
from tests.dossier.conftest import pdf


@pytest.fixture(autouse=True)
def _fresh_process():
    export_jobs._going.clear()
    yield
    for going in export_jobs._going.values():
        going.stream.close()
    export_jobs._going.clear()


@pytest.fixture
def accepted(asked, add):
    """The document item is in the dossier, with a report, two papers and an address; another waits as a draft."""
    people, item = asked.people, asked.items["doc"]
    add("doc", title='方案: "2026"/CON', number="示创〔2026〕3号")
    add("doc", pdf("two"), title="方案: 2026/con")
    write_report(item, "今年出台方案。\n成效明显。", by=people["liaison"])
    for code, who in (("send_up", "liaison"), ("pass_unit", "head"), ("accept", "clerk")):
        item = ItemFlow.take(item, code, by=people[who], given={"note": "说明"}).matter
    add("photo", pdf("three"), title="没报的", by=people["liaison"])
    return asked


def packed(edition, **more):
    out = io.BytesIO()
    list(write_export(plan_export(edition, 2026, by=None, **more), out))
    return out.getvalue()


def test_the_tree_is_named_by_rule_and_the_hash_list_holds(accepted):
    data = packed(accepted.edition)
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        assert package.testzip() is None
        names = package.namelist()
        root = "城市测评体系 2026 版 2026"
        folder = f"{root}/1-1 志愿服务/M1 规范文件 志愿服务工作方案"
        assert names == [
            f"{folder}/00 说明报告.docx", f"{folder}/01 方案_ _2026__CON（示创〔2026〕3号）.pdf",
            f"{folder}/02 方案_ 2026_con（示创〔2026〕3号）.pdf", f"{root}/目录.xlsx", f"{root}/目录.docx", f"{root}/SHA256.txt",
        ]  # fmt: skip
        lines = package.read(f"{root}/SHA256.txt").decode().splitlines()
        sums = dict(reversed(line.split("  ", 1)) for line in lines)
        assert set(sums) == {name.removeprefix(f"{root}/") for name in names[:-1]}
        for name, sha in sums.items():
            assert hashlib.sha256(package.read(f"{root}/{name}")).hexdigest() == sha


def test_the_index_opens_and_names_every_file_and_every_use(accepted):
    from docx import Document as Book
    from openpyxl import load_workbook

    with zipfile.ZipFile(io.BytesIO(packed(accepted.edition))) as package:
        root = package.namelist()[0].split("/")[0]
        sheet = load_workbook(io.BytesIO(package.read(f"{root}/目录.xlsx"))).active
        book = Book(io.BytesIO(package.read(f"{root}/目录.docx")))
        report = Book(io.BytesIO(package.read(package.namelist()[0])))
        rows = list(sheet.iter_rows(min_row=3, values_only=True))
        paths = [row[9] for row in rows]
        assert paths[:3] == package.namelist()[:3]
        assert [row[10] for row in rows][:3] == [
            hashlib.sha256(package.read(path)).hexdigest() for path in paths[:3]
        ]
    assert (rows[3][0], rows[3][2], rows[3][6]) == ("1-2", "M4", "共用")
    assert rows[1][8].date() == dt.date(2026, 3, 5)
    assert "示创〔2026〕3号" in "\n".join(p.text for p in book.paragraphs)
    assert [p.text for p in report.paragraphs][1:] == ["今年出台方案。", "成效明显。"]


def test_the_same_rows_give_the_same_bytes(accepted):
    import time

    first = packed(accepted.edition)
    time.sleep(1.1)  # office files keep whole seconds
    assert packed(accepted.edition) == first


def test_only_what_is_accepted_and_what_the_rule_shows(accepted):
    def count(by, **more):
        return len(plan_export(accepted.edition, 2026, by=by, **more).entries)

    people = accepted.people
    assert count(None) == count(people["clerk"]) == count(people["liaison"]) == 3
    assert count(None, is_whole=True) == 4
    assert count(people["liaison2"]) == count(people["inspector"]) == 0
    with pytest.raises(NotAllowed):
        ask_export(accepted.edition, 2026, by=people["inspector"])
    with pytest.raises(Refused, match="没有可打包"):
        ask_export(accepted.edition, 2025, by=people["clerk"])


def test_a_file_that_changed_on_disk_is_not_exported(accepted, tmp_path):
    sha = plan_export(accepted.edition, 2026, by=None).entries[1].sha256
    path = store.path_of(sha, "original")
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(Refused, match="不一样"):
        export_file(accepted.edition, 2026, tmp_path / "a.zip", by=None)
    path.unlink()
    with pytest.raises(Refused, match="原件不在了"):
        export_file(accepted.edition, 2026, tmp_path / "a.zip", by=None)
    assert list(tmp_path.glob("a.zip*")) == []


def test_stopped_in_the_middle_leaves_nothing(accepted, tmp_path):
    with pytest.raises(Refused, match="已停下"):
        export_file(accepted.edition, 2026, tmp_path / "a.zip", by=None, going=lambda done, total: done < 2)
    assert list(tmp_path.glob("a.zip*")) == []


def test_the_worker_writes_it_in_turns_and_asking_twice_is_one(accepted):
    by = accepted.people["clerk"]
    job = ask_export(accepted.edition, 2026, by=by)
    assert ask_export(accepted.edition, 2026, by=by) == job
    assert run_exports(seconds=-1) == 1
    job.refresh_from_db()
    assert (job.state, job.done, job.total, path_of(job).exists()) == ("running", 1, 3, False)
    while run_exports(seconds=-1):
        pass
    job.refresh_from_db()
    assert job.state == "done"
    assert hashlib.sha256(path_of(job).read_bytes()).hexdigest() == job.sha256
    assert path_of(job).read_bytes() == packed(accepted.edition)
    assert not list(path_of(job).parent.glob("*.part"))
    assert sweep_exports(timezone.now() + dt.timedelta(days=8)) == 1
    assert not path_of(job).exists()


def test_cancelled_while_it_goes_on_leaves_nothing(accepted):
    job = ask_export(accepted.edition, 2026, by=accepted.people["clerk"])
    run_exports(seconds=-1)
    cancel_export(job)
    assert run_exports() == 0
    assert list(path_of(job).parent.iterdir()) == []
    with pytest.raises(Refused):
        cancel_export(job)


def test_another_worker_begins_anew_when_one_died(accepted):
    job = ask_export(accepted.edition, 2026, by=accepted.people["clerk"])
    run_exports(seconds=-1)
    export_jobs._going.pop(job.pk).stream.close()  # the process is gone
    assert run_exports() == 0  # its lease is still held
    ExportJob.objects.filter(pk=job.pk).update(changed_at=timezone.now() - dt.timedelta(minutes=3))
    assert run_exports() == 3
    job.refresh_from_db()
    assert path_of(job).read_bytes() == packed(accepted.edition)


def test_a_fault_ends_the_job_with_its_sentence(accepted):
    job = ask_export(accepted.edition, 2026, by=accepted.people["clerk"])
    sha = plan_export(accepted.edition, 2026, by=None).entries[1].sha256
    store.path_of(sha, "original").unlink()
    run_exports()
    job.refresh_from_db()
    assert job.state == "failed" and "原件不在了" in job.error
    assert list(path_of(job).parent.iterdir()) == []


KILLED = """
import io, os, signal, sys
from pathlib import Path
from chuangwen.dossier import export
class Plan:
    entries = [export.Entry("r/a", lambda: b"a"), export.Entry("r/b", lambda: os.kill(os.getpid(), signal.SIGKILL))]
    lines, root, title = [], "r", "t"
export.plan_export = lambda *a, **k: Plan()
export.export_file(None, 2026, Path(sys.argv[1]), by=None)
"""


def test_killed_in_the_middle_there_is_no_zip(tmp_path):
    code = f"import django; django.setup()\n{KILLED}"
    command, env = (
        [sys.executable, "-c", code, str(tmp_path / "a.zip")],
        {**os.environ, "CHUANGWEN_DATA": str(tmp_path)},
    )
    done = subprocess.run(command, env=env, check=False)
    assert done.returncode == -signal.SIGKILL
    assert not (tmp_path / "a.zip").exists()


def test_the_command_writes_the_zip_and_says_how_complete_the_year_is(accepted, tmp_path):
    out = io.StringIO()
    call_command("dossier", "export", edition="city/2026 版", year=2026, out=tmp_path / "a.zip", stdout=out)
    assert (tmp_path / "a.zip").read_bytes() == packed(accepted.edition)
    call_command("dossier", "check", edition="2026 版", year=2026, stdout=out)
    assert "共 5 份：入卷 2，还没要的 1。" in out.getvalue()
    with pytest.raises(CommandError, match="体系编号/版本名"):
        call_command("dossier", "check", edition="2031", year=2026, stdout=out)
    with pytest.raises(CommandError, match="没有可打包"):
        call_command("dossier", "export", edition="2026 版", year=2031, out=tmp_path / "b.zip", stdout=out)
    assert not (tmp_path / "b.zip").exists()


def test_whole_export_of_two_years_keeps_them_apart(accepted):
    open_items(accepted.edition, 2027, by=accepted.people["clerk"])
    assert Item.objects.count() == 6
    assert len(plan_export(accepted.edition, 2026, by=None, is_whole=True).entries) == 4


# Names -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("CON", "_CON"), ("com1.pdf", "_com1.pdf"), ("a/b\\c:d", "a_b_c_d"), ("尾点...", "尾点"), ("", "_"), ("  ", "_"),
        ("换\n行\t名", "换 行 名"), ("a\u202egnp", "agnp"),
    ],
)  # fmt: skip
def test_names_are_safe(text, name):
    assert safe(text) == name


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(max_size=90), min_size=1, max_size=6))
def test_paths_are_safe_short_and_never_the_same_without_case(titles):
    names, given_out = Names(), []
    for title in titles:
        path = names.give("根", safe(title), safe(title.upper()), safe_file(f"01 {title}", "pdf"))
        given_out.append(path.casefold())
        assert len(path) <= PATH and path.endswith(".pdf")
        for part in path.split("/"):
            assert part and not set(part) & set('<>:"\\|?*\n\0') and part == part.rstrip(" .")
    assert len(set(given_out)) == len(titles)


def test_codes_are_sorted_as_people_count():
    assert sorted(["1-10", "2-1", "1-2", "A1-9", "1-2-M10", "1-2-M2"], key=natural) == [
        "1-2", "1-2-M2", "1-2-M10", "1-10", "2-1", "A1-9",
    ]  # fmt: skip
