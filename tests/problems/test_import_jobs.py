"""Imports through the pages and the worker: looked at, confirmed, stopped, killed, taken up again."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from chuangwen.kernel.places.datum import Datum
from chuangwen.kernel.workflow.flow import NotAllowed, Refused
from chuangwen.problems import import_jobs
from chuangwen.problems.import_jobs import (
    cancel_job,
    draft_job,
    preview_job,
    run_imports,
    set_reading,
    start_job,
)
from chuangwen.problems.models import ColumnMapping, ImportJob, Report


@pytest.fixture(autouse=True)
def _fresh_process():
    import_jobs._read.clear()


def sheet(n, head="工单号,诉求内容,经度,纬度", point=",113.0,34.7601", bad=()):
    rows = [
        f"G{i},第 {i} 件,{'x,' if i in bad else ''}" if i in bad else f"G{i},第 {i} 件{point}"
        for i in range(n)
    ]
    return "\n".join([head, *rows]).encode()


def started(town, data, name="一月.csv"):
    job = draft_job(data, name, by=town.people["dispatcher"])
    start_job(job, by=town.people["dispatcher"])
    return job


def test_only_who_takes_orders_in_may_import(town, client):
    with pytest.raises(NotAllowed):
        draft_job(sheet(1), "x.csv", by=town.people["liaison"])
    job = draft_job(sheet(1), "x.csv", by=town.people["dispatcher"])
    with pytest.raises(NotAllowed):
        start_job(job, by=town.people["grid_keeper"])
    client.force_login(town.people["liaison"])
    for address in ("/import/", job.get_absolute_url(), f"{job.get_absolute_url()}reports/"):
        assert client.get(address).status_code == 404


def test_worker_takes_the_file_in_and_starting_twice_is_harmless(town):
    job = started(town, sheet(45, bad=(3,)))
    start_again = ImportJob.objects.get(pk=job.pk)
    start_job(start_again, by=town.people["dispatcher"])
    assert run_imports() == 44
    assert run_imports() == 0
    job.refresh_from_db()
    assert (job.state, job.made, job.known, job.total, len(job.faults)) == ("done", 44, 0, 45, 1)
    assert job.faults[0][0] == 5  # the sheet's own row number
    assert job.reports.count() == Report.objects.count() == 44


def test_turn_ends_in_time_and_the_next_goes_on(town):
    job = started(town, sheet(65))
    turns = [run_imports(seconds=0), run_imports(seconds=0), run_imports(seconds=60)]
    job.refresh_from_db()
    assert (sum(turns), job.state, job.made) == (65, "done", 65)


def test_cancelled_keeps_what_is_in_and_the_same_file_goes_on(town, monkeypatch):
    by = town.people["dispatcher"]
    job = started(town, sheet(65))
    real, calls = import_jobs.import_orders, []

    def stopped(*args, going, **more):
        def going_on():
            calls.append(1)
            if len(calls) == 2:
                cancel_job(ImportJob.objects.get(pk=job.pk), by=by)
            return going()

        return real(*args, going=going_on, **more)

    monkeypatch.setattr(import_jobs, "import_orders", stopped)
    assert run_imports() == 20
    job.refresh_from_db()
    assert (job.state, job.made) == ("cancelled", 20)
    assert run_imports() == 0
    with pytest.raises(Refused, match="不能再取消"):
        cancel_job(job, by=by)
    monkeypatch.setattr(import_jobs, "import_orders", real)
    again = started(town, sheet(65))
    assert (again.known, run_imports()) == (20, 45)
    assert Report.objects.count() == 65


def test_worker_killed_in_the_middle_is_relieved_by_another(town, monkeypatch):
    class Killed(BaseException):
        pass

    job = started(town, sheet(65))
    monkeypatch.setattr(import_jobs, "TURN", 60)
    from chuangwen.problems import exchange

    real, calls = exchange.take_report, []

    def dies(*args, **more):
        calls.append(1)
        if len(calls) == 50:
            raise Killed
        return real(*args, **more)

    monkeypatch.setattr(exchange, "take_report", dies)
    with pytest.raises(Killed):
        run_imports(60)
    monkeypatch.setattr(exchange, "take_report", real)
    import_jobs._read.clear()  # the process is gone
    assert run_imports(60) == 0  # its lease still holds
    ImportJob.objects.filter(pk=job.pk).update(changed_at=timezone.now() - dt.timedelta(minutes=3))
    assert run_imports(60) == 25
    job.refresh_from_db()
    assert (job.state, job.made, Report.objects.count()) == ("done", 65, 65)


def test_mapping_is_kept_for_files_with_the_same_titles(town):
    by = town.people["dispatcher"]
    strange = sheet(3, head="流水,讲了什么,东,北")
    job = draft_job(strange, "一月.csv", by=by)
    with pytest.raises(Refused, match="没有新的行"):
        start_job(job, by=by)
    chosen = {
        "number": "流水",
        "text": "讲了什么",
        "lon": "东",
        "lat": "北",
        "title": "没有的",
        "nonsense": "东",
    }
    set_reading(job, by=by, channel=" 12319 ", datum=Datum.WGS84, mapping=chosen)
    assert len(preview_job(job).orders) == 3
    assert set(ColumnMapping.objects.get().mapping) == {"number", "text", "lon", "lat"}
    next_month = draft_job(sheet(5, head="流水,讲了什么,东,北"), "二月.csv", by=by)
    assert len(preview_job(next_month).orders) == 5


def test_lost_file_fails_with_words(town):
    job = started(town, sheet(3))
    import_jobs.default_storage.delete(job.path)
    assert run_imports() == 0
    job.refresh_from_db()
    assert job.state == "failed"
    assert job.error


def test_old_files_are_removed_and_running_ones_kept(town):
    done, running = started(town, sheet(2)), draft_job(sheet(2), "b.csv", by=town.people["dispatcher"])
    run_imports()
    assert import_jobs.sweep_drafts() == 0
    later = timezone.now() + dt.timedelta(days=8)
    ImportJob.objects.filter(pk=running.pk).update(state="waiting")
    assert import_jobs.sweep_drafts(later) == 1
    assert not import_jobs.default_storage.exists(done.path)
    assert import_jobs.default_storage.exists(running.path)


def test_pages_from_upload_to_reports(town, client):
    client.force_login(town.people["dispatcher"])
    file = SimpleUploadedFile("一月.csv", sheet(25, bad=(3,)))
    answer = client.post("/import/", {"file": file, "channel": "12319"})
    address = answer["Location"]
    text = client.get(address).content.decode()
    assert "导入 24 件" in text
    assert re.search(r"<td class=\"cw-num\">5</td>", text)
    assert Report.objects.count() == 0
    left_out = client.get(f"{address}left-out/").content.decode("utf-8-sig")
    assert left_out.splitlines()[1].startswith("5,")

    given = {"act": "start", "channel": "12319", "datum": "wgs84"}
    assert client.post(address, given)["Location"] == address
    text = client.get(address).content.decode()
    assert "排队" in text
    assert 'hx-trigger="every 2s"' in text
    run_imports()
    part = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "已导入" in part
    assert "hx-trigger" not in part
    assert "<html" not in part
    text = client.get(f"{address}reports/").content.decode()
    assert text.count('<a href="/cases/SL-') == 24
    assert set(Report.objects.values_list("channel", flat=True)) == {"12319"}
    assert "一月.csv" in client.get("/import/").content.decode()


def test_page_tells_what_is_wrong_with_a_file(town, client):
    client.force_login(town.people["dispatcher"])
    answer = client.post("/import/", {"file": SimpleUploadedFile("x.xlsx", b"%PDF-1.7")})
    assert answer.status_code == 400
    assert 'role="alert"' in answer.content.decode()
    assert client.post("/import/", {}).status_code == 400
    assert ImportJob.objects.count() == 0


def test_doubted_datum_needs_a_word_of_its_own(town, client):
    from chuangwen.kernel.places.datum import from_wgs84

    rows = ["工单号,诉求内容,经度,纬度"]
    for n in range(30):
        x, y = from_wgs84(112.965 + 0.0015 * n, 34.76, Datum.GCJ02)
        rows.append(f"G{n},第 {n} 件,{x:.6f},{y:.6f}")
    client.force_login(town.people["dispatcher"])
    address = client.post("/import/", {"file": SimpleUploadedFile("x.csv", "\n".join(rows).encode())})[
        "Location"
    ]
    assert "坐标像是 GCJ-02" in client.get(address).content.decode()
    given = {"act": "start", "channel": "12345", "datum": "wgs84"}
    assert client.post(address, given).status_code == 400
    assert client.post(address, {**given, "datum": "gcj02"}).status_code == 302
    assert run_imports() == 30
    assert set(Report.objects.values_list("case__datum", flat=True)) == {"gcj02"}


def test_pages_refuse_what_means_nothing(town, client):
    client.force_login(town.people["dispatcher"])
    job = draft_job(sheet(1), "x.csv", by=town.people["dispatcher"])
    address = job.get_absolute_url()
    assert client.post(address, {"act": "fly"}).status_code == 404
    assert client.post(address, {"act": "read", "datum": "mars"}).status_code == 400
    assert client.get("/import/7d444840-9dc0-11d1-b245-5ffdce74fad2/").status_code == 404
    assert client.get(f"{address}reports/?after=x").status_code == 404
    assert client.post(address, {"act": "cancel"}).status_code == 302
    assert client.post(address, {"act": "cancel"}).status_code == 400
