"""What is left of a schedule: the phones' receipts against the rows of the database, both ways."""

from __future__ import annotations

import uuid
from collections import Counter
from typing import Any


def look(outcome: Any, plans: list[list[dict[str, Any]]], phones: list[Any], made: Any) -> None:
    """Notes every record that is not exactly once where its receipt says, and every row no record accounts for."""
    from chuangwen.inspections.models import Observation
    from chuangwen.kernel.models import Entry, Evidence
    from chuangwen.kernel.workflow.arrival_models import SetAside
    from chuangwen.problems.models import Report
    from chuangwen.registers.models import PatrolRound

    records = [(phone, record) for phone, plan in zip(phones, plans, strict=True) for record in plan]
    uids = [uuid.UUID(record["uid"]) for _phone, record in records]
    visits = [visit.pk for visit in made.visits]
    asides = {row.uid: row for row in SetAside.objects.filter(uid__in=uids)}
    entries = {row.uid: row for row in Entry.objects.filter(uid__in=uids)}
    looks = {row.uid: row for row in PatrolRound.objects.filter(uid__in=uids)}
    reports = {row.uid: row for row in Report.objects.filter(uid__in=uids)}
    seen = Counter(Observation.objects.filter(visit__in=visits).values_list("visit__uid", flat=True))
    told = {phone: phone.rows() for phone in phones}
    wanted_seen: Counter[uuid.UUID] = Counter()
    wanted_files: dict[str, Counter[str]] = {"visit": Counter(), "case": Counter()}
    for phone, record in records:
        uid = uuid.UUID(record["uid"])
        row = told[phone].get(record["uid"])
        if row is None or row["state"] not in ("kept", "aside") or not row["receipt"]:
            outcome.lost.append(f"{record['kind']} {uid}: on the phone {row}")
            continue
        outcome.figures[row["state"]] += 1
        places = [uid in asides, uid in entries or uid in looks]
        if sum(places) != 1:
            (outcome.doubled if sum(places) else outcome.lost).append(f"{record['kind']} {uid}: {places}")
            continue
        if uid in asides:
            kept = {one["uid"]: one["sha256"] for one in asides[uid].files}
            if kept != {one["uid"]: one["sha256"] for one in record["files"]}:
                outcome.lost.append(f"files of {uid} set aside: {kept}")
            if asides[uid].hash != row["receipt"]["hash"]:
                outcome.lost.append(f"receipt of {uid}")
            continue
        if uid in entries and entries[uid].hash != row["receipt"]["hash"]:
            outcome.lost.append(f"receipt of {uid}")
        if record["kind"] == "visit":
            wanted_seen[uuid.UUID(record["given"]["visit"])] += 3
            _reported(outcome, uid, record)
        sort = "case" if record["kind"] == "report" else "visit"
        wanted_files[sort].update(one["sha256"] for one in record["files"])
        if record["kind"] == "report" and uid not in reports:
            outcome.lost.append(f"report {uid}")
    _compare(outcome, "observations", wanted_seen, seen)
    of_visits = Evidence.objects.filter(subject="inspections.visit", subject_id__in=visits)
    _compare(
        outcome,
        "files of visits",
        wanted_files["visit"],
        Counter(of_visits.values_list("blob__sha256", flat=True)),
    )
    of_cases = Evidence.objects.filter(
        subject="problems.case", subject_id__in=[row.case_id for row in reports.values()]
    )
    ours = of_cases.filter(added_at__in=[row.case.reported_at for row in reports.values()])
    _compare(
        outcome,
        "files of reports",
        wanted_files["case"],
        Counter(ours.values_list("blob__sha256", flat=True)),
    )
    steps = Counter(
        entry.step for entry in Entry.objects.filter(subject="inspections.round", subject_id=made.row.pk)
    )
    if steps["visit"] + steps["skip"] != len({r["given"].get("visit") for _p, r in records} - {None}):
        outcome.doubled.append(f"steps of the round: {dict(steps)}")
    for phone in phones:
        left = phone.page.evaluate("() => storm.files()")
        if left:
            outcome.lost.append(f"{left} files still on a phone that has all receipts")


def _reported(outcome: Any, uid: uuid.UUID, record: dict[str, Any]) -> None:
    """Each wrong item of a visit kept has told of itself exactly once."""
    from chuangwen.problems.models import Report

    for one in record["given"]["seen"]:
        found = Report.objects.filter(uid=uuid.uuid5(uuid.uuid5(uid, str(one["item"])), "case")).count()
        if found != 1:
            (outcome.doubled if found else outcome.lost).append(f"case of {uid}: {found}")


def _compare(outcome: Any, what: str, wanted: Counter[Any], found: Counter[Any]) -> None:
    outcome.lost += [f"{what} {key}" for key in wanted - found]
    outcome.doubled += [f"{what} {key}" for key in found - wanted]
