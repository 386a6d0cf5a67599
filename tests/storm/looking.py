"""What is left of a schedule: the phones' receipts against the rows of the database, both ways."""

from __future__ import annotations

import uuid
from collections import Counter
from typing import Any


class Rows:
    """The rows of the database that a schedule's records may have become, by the records' ids."""

    def __init__(self, uids: list[uuid.UUID]) -> None:
        from chuangwen.kernel.models import Entry
        from chuangwen.kernel.workflow.arrival_models import SetAside
        from chuangwen.problems.models import Report
        from chuangwen.registers.models import PatrolRound

        self.asides = {row.uid: row for row in SetAside.objects.filter(uid__in=uids)}
        self.entries = {row.uid: row for row in Entry.objects.filter(uid__in=uids)}
        self.looks = {row.uid: row for row in PatrolRound.objects.filter(uid__in=uids)}
        self.reports = {row.uid: row for row in Report.objects.filter(uid__in=uids).select_related("case")}


def look(outcome: Any, plans: list[list[dict[str, Any]]], phones: list[Any], made: Any) -> None:
    """Notes every record that is not exactly once where its receipt says, and every row no record accounts for."""
    records = [(phone, record) for phone, plan in zip(phones, plans, strict=True) for record in plan]
    rows = Rows([uuid.UUID(record["uid"]) for _phone, record in records])
    told = {phone: phone.rows() for phone in phones}
    kept = [
        record for phone, record in records if _one(outcome, rows, record, told[phone].get(record["uid"]))
    ]
    _against_the_database(outcome, kept, rows, made)
    _steps(outcome, records, made)
    for phone in phones:
        left = phone.page.evaluate("() => storm.files()")
        if left:
            outcome.lost.append(f"{left} files still on a phone that has all receipts")


def _one(outcome: Any, rows: Rows, record: dict[str, Any], told: dict[str, Any] | None) -> bool:
    """Looks at one record; True where it was kept as what it is."""
    uid = uuid.UUID(record["uid"])
    if told is None or told["state"] not in ("kept", "aside") or not told["receipt"]:
        outcome.lost.append(f"{record['kind']} {uid}: on the phone {told}")
        return False
    outcome.figures[told["state"]] += 1
    aside, entry = rows.asides.get(uid), rows.entries.get(uid)
    places = [aside is not None, entry is not None or uid in rows.looks]
    if sum(places) != 1:
        (outcome.doubled if sum(places) else outcome.lost).append(f"{record['kind']} {uid}: {places}")
        return False
    row = aside or entry
    if row is not None and row.hash != told["receipt"]["hash"]:
        outcome.lost.append(f"receipt of {uid}")
    if aside is not None:
        stored = {one["uid"]: one["sha256"] for one in aside.files}
        if stored != {one["uid"]: one["sha256"] for one in record["files"]}:
            outcome.lost.append(f"files of {uid} set aside: {stored}")
    if record["kind"] == "report" and uid not in rows.reports:
        outcome.lost.append(f"report {uid}")
    return aside is None


def _against_the_database(outcome: Any, kept: list[dict[str, Any]], rows: Rows, made: Any) -> None:
    """Observations and files: as many as the records kept say, of each, and no more."""
    from chuangwen.inspections.models import Observation
    from chuangwen.kernel.models import Evidence

    visits = [visit.pk for visit in made.visits]
    wanted: Counter[uuid.UUID] = Counter()
    files: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}
    for record in kept:
        if record["kind"] == "visit":
            wanted[uuid.UUID(record["given"]["visit"])] += 3
            _reported(outcome, uuid.UUID(record["uid"]), record)
        files[record["kind"] == "report"].update(one["sha256"] for one in record["files"])
    seen = Observation.objects.filter(visit__in=visits).values_list("visit__uid", flat=True)
    _compare(outcome, "observations", wanted, Counter(seen))
    of_visits = Evidence.objects.filter(subject="inspections.visit", subject_id__in=visits)
    _compare(
        outcome, "files of visits", files[False], Counter(of_visits.values_list("blob__sha256", flat=True))
    )
    cases = [row.case for row in rows.reports.values()]
    of_cases = Evidence.objects.filter(
        subject="problems.case", subject_id__in=[case.pk for case in cases],
        added_at__in=[case.reported_at for case in cases],
    )  # fmt: skip
    _compare(
        outcome, "files of reports", files[True], Counter(of_cases.values_list("blob__sha256", flat=True))
    )


def _steps(outcome: Any, records: list[Any], made: Any) -> None:
    """Each place of the round that somebody recorded has one step in its history, whoever was first."""
    from chuangwen.kernel.models import Entry

    steps = Counter(
        Entry.objects.filter(subject="inspections.round", subject_id=made.row.pk).values_list(
            "step", flat=True
        )
    )
    done, wanted = (
        steps["visit"] + steps["skip"],
        len({one["given"].get("visit") for _p, one in records} - {None}),
    )
    if done != wanted:
        (outcome.doubled if done > wanted else outcome.lost).append(f"steps of the round: {dict(steps)}")


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
