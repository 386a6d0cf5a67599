"""One schedule of the storm: what two phones record on one round while the network breaks, and what must be left of it."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import random
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from django.utils import timezone

from tests.conftest import picture
from tests.storm.phone import Phone

VOICE = b"\x1a\x45\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x84webm"
_PICTURES = [picture(shade, (48, 36)) for shade in range(20, 230, 10)]


def make_round(ground: Any, seed: int) -> Any:
    """A running round with three places and one team of both phones' people."""
    from chuangwen.inspections.models import Round, Team, Visit

    today = timezone.localdate()
    row = Round.objects.create(
        number=f"STORM-{seed}", kind="open", name="示例", from_on=today, to_on=today + dt.timedelta(days=5),
        maker=ground.people["office"], state="running",
    )  # fmt: skip
    row.editions.add(ground.edition)
    team = Team.objects.create(round=row, name="一组")
    team.members.set(ground.raters[:2])
    visits = [
        Visit.objects.create(round=row, team=team, place=site, site_type=site.type, street=site.parent, seq=n)
        for n, site in enumerate(ground.sites[:3])
    ]
    return SimpleNamespace(row=row, visits=visits)


def _file(chance: random.Random, role: str, item: int | None) -> dict[str, Any]:
    data = (VOICE if role == "voice" else chance.choice(_PICTURES)) + chance.randbytes(12)
    return {
        "uid": str(uuid.UUID(int=chance.getrandbits(128), version=4)), "role": role, "item": item,
        "sha256": hashlib.sha256(data).hexdigest(), "bytes": base64.b64encode(data).decode(),
    }  # fmt: skip


def _record(
    chance: random.Random, kind: str, given: dict[str, Any], files: list[dict[str, Any]]
) -> dict[str, Any]:
    uid = str(uuid.UUID(int=chance.getrandbits(128), version=4))
    return {"uid": uid, "kind": kind, "given": given, "files": files, "draft": f"storm:{uid}"}


def _visit(chance: random.Random, visit: Any, items: list[int]) -> dict[str, Any]:
    wrong = chance.choice(items)
    seen = [{"item": wrong, "result": 0, "count": 9, "note": "有问题"}] if chance.random() < 0.3 else []
    files = [_file(chance, "found", wrong if seen else None) for _n in range(chance.choice((0, 1, 1, 2)))]
    files += [_file(chance, "voice", None)] if chance.random() < 0.25 else []
    return _record(
        chance, "visit", {"visit": str(visit.uid), "seen": seen, "rest": True, "note": "示例"}, files
    )


def _skip(chance: random.Random, visit: Any) -> dict[str, Any]:
    return _record(chance, "skip", {"visit": str(visit.uid), "why": "关门"}, [])


def records_of(chance: random.Random, made: Any, items: list[int]) -> list[list[dict[str, Any]]]:
    """What each of two phones records: one place both, the others one or both, a report, a look on a patrol."""
    first, second, third = made.visits
    both = [[_visit(chance, first, items)] for _phone in range(2)]
    both[0].append(_visit(chance, second, items) if chance.random() < 0.5 else _skip(chance, second))
    if chance.random() < 0.5:
        both[1].append(_skip(chance, second))
    both[1].append(_visit(chance, third, items))
    report = {"what": "垃圾桶满溢", "kind": "0301", "lon": 113.0, "lat": 34.76, "address": "示例"}
    pictures = [_file(chance, "found", None)] if chance.random() < 0.5 else []
    chance.choice(both).append(_record(chance, "report", report, pictures))
    if chance.random() < 0.5:
        chance.choice(both).append(
            _record(chance, "patrol", {"key": "site:S1", "is_fine": True, "note": ""}, [])
        )
    return both


@dataclass
class Outcome:
    """What one schedule came to: figures, and every loss or doubling in words."""

    seed: int
    figures: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)


def play(seed: int, phones: list[Phone], ground: Any, items: list[int], *, kills: bool) -> Outcome:
    """Plays one schedule to its end and looks at what is left."""
    from chuangwen.inspections.releasing import open_cases
    from tests.storm.looking import look

    chance, made = random.Random(seed), make_round(ground, seed)
    plans = records_of(chance, made, items)
    for n, phone in enumerate(phones):
        phone.network.seed(f"{seed} {n}")
        phone.network.quiet = False
        phone.open(f"storm-{seed}", 600)
    todo = [(n, record) for n, plan in enumerate(plans) for record in plan]
    chance.shuffle(todo)
    deaths = set(chance.sample(range(len(todo)), k=min(2, len(todo)))) if kills else set()
    for step, (n, record) in enumerate(todo):
        phone = phones[n]
        phone.network.is_off = chance.random() < 0.15
        if step in deaths:
            _die(chance, phone, record, seed)
        else:
            phone.end()
            phone.keep(record)
        if chance.random() < 0.7:
            phone.begin("storm.run()")
        if chance.random() < 0.4:
            time.sleep(chance.uniform(0, 0.03))
    for _turn in range(2):  # the phones try on while the network is bad
        for phone in phones:
            phone.network.is_off = False
            phone.end()
            phone.begin("storm.run()")
    _calm(phones)
    open_cases(made.row)  # a turn of the worker: what a process did not come to after its commit
    outcome = Outcome(seed, Counter(records=len(todo), files=sum(len(r["files"]) for _n, r in todo)))
    look(outcome, plans, phones, made)
    return outcome


def _die(chance: random.Random, phone: Phone, record: dict[str, Any], seed: int) -> None:
    """The browser dies while it keeps a record, or while it sends; what it had not said to be kept is recorded anew."""
    if chance.random() < 0.5:
        phone.end()
        phone.begin("storm.keep(one)", record)
        time.sleep(chance.uniform(0, 0.02))
    else:
        phone.end()
        phone.keep(record)
        phone.begin("storm.run()")
        time.sleep(chance.uniform(0, 0.1))
    phone.kill()
    phone.open(f"storm-{seed}", 600)
    if record["uid"] not in phone.rows():
        phone.page.evaluate("(draft) => storm.drop(draft)", record["draft"])
        phone.keep(record)


def _calm(phones: list[Phone]) -> None:
    """The network is good again: the queues empty."""
    for phone in phones:
        phone.network.quiet, phone.network.is_off = True, False
    for _turn in range(8):
        for phone in phones:
            phone.end()
            phone.begin("storm.run()")
        for phone in phones:
            phone.end()
        if all(row["state"] in ("kept", "aside") for phone in phones for row in phone.rows().values()):
            break
    for phone in phones:
        phone.network.settle()
