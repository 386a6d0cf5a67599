"""What people do with rounds: plan, team up, draw, compare draws, note opinions; each one transaction."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.inspections import draw as pure
from chuangwen.inspections import forms, rules
from chuangwen.inspections.flow import RoundFlow
from chuangwen.inspections.models import Opinion, Round, RoundKind, State, Team, Visit
from chuangwen.inspections.planning import DrawRefused, drawn_of, plan
from chuangwen.inspections.spec import Spec
from chuangwen.kernel.city import city
from chuangwen.kernel.models import Counter, Demand, Entry, Person, Place, Unit
from chuangwen.kernel.people.models import Role
from chuangwen.kernel.workflow.flow import NotAllowed, Refused
from chuangwen.kernel.workflow.notices import Tell, tell
from chuangwen.standards.models import Edition


def next_number(at: dt.datetime, *, is_secret: bool = False) -> str:
    """The next number of the year, such as GY-KC-2026-001; secret rounds count apart, or gaps would tell of them."""
    year, series = timezone.localtime(at).year, "AF" if is_secret else "KC"
    row = city()
    return f"{row.prefix if row else 'CW'}-{series}-{year}-{Counter.next(f'round {series} {year}'):03d}"


def plan_round(
    *, kind: str, name: str, from_on: dt.date, to_on: dt.date, by: Person, spec: Mapping[str, Any] | None = None,
    is_secret: bool | None = None, editions: Iterable[Edition] | None = None, is_sample: bool = False,
    at: dt.datetime | None = None, uid: uuid.UUID | None = None,
) -> Round:  # fmt: skip
    """Plans a round; covert ones are secret unless said otherwise. The same `uid` returns the first one.

    Raises NotAllowed, Refused (dates the wrong way round, a kind that cannot be secret) or BadSpec.
    """
    at = at or timezone.now()
    if not rules.make.allows(by, None):
        raise NotAllowed(_("拟定考察由创建办或督导员办。"))
    secret = kind == RoundKind.COVERT if is_secret is None else is_secret
    try:
        forms.check_secret(kind, secret)
    except ValidationError as fault:
        raise Refused(fault.message) from fault
    if to_on < from_on:
        raise Refused(_("止的日期早于起的日期。"))
    Spec.of(spec or {})
    before = Entry.objects.filter(uid=uid).first() if uid else None
    if before is not None:
        return Round.objects.get(pk=before.subject_id)
    with transaction.atomic():
        row = Round(number=next_number(at, is_secret=secret), kind=kind, name=name[:80], is_secret=secret, from_on=from_on, to_on=to_on,
                    maker=by, spec=dict(spec or {}), state=State.PLANNED, is_sample=is_sample, created_at=at)  # fmt: skip
        row.save(force_insert=True)
        row.editions.set(editions if editions is not None else Edition.objects.filter(is_current=True))
        said = {"kind": kind, "from": from_on, "to": to_on, "secret": secret, "spec": row.spec}
        RoundFlow.record(row, RoundFlow.by_code["plan"], by=by, cleaned=said, at=at, uid=uid, from_state="")
    return row


def _locked(row: Round, code: str, by: Person) -> Round:
    """The round's row locked, if this person may take that step now; raises Refused or NotAllowed."""
    found = Round.objects.select_for_update(of=("self",)).get(pk=row.pk)
    step = RoundFlow.by_code[code]
    if not step.rule.allows(by, found):
        raise NotAllowed(_("“%(step)s”不归你的岗位办。") % {"step": step.label})
    why = RoundFlow.why_not(found, step, by)
    if why:
        raise Refused(why)
    return found


def revise_round(
    row: Round, *, by: Person, spec: Mapping[str, Any] | None = None, name: str = "",
    from_on: dt.date | None = None, to_on: dt.date | None = None,
) -> Round:  # fmt: skip
    """Changes scope, sizes, name or days before it runs; what was drawn is dropped."""
    if spec is not None:
        Spec.of(spec)
    with transaction.atomic():
        row = _locked(row, "revise", by)
        row.from_on, row.to_on = from_on or row.from_on, to_on or row.to_on
        if row.to_on < row.from_on:
            raise Refused(_("止的日期早于起的日期。"))
        row.name, row.spec = name[:80] or row.name, dict(spec) if spec is not None else row.spec
        row.save(update_fields=["from_on", "to_on", "name", "spec"])
        _undraw(row, by, {"spec": row.spec, "from": row.from_on, "to": row.to_on})
    return row


def _undraw(row: Round, by: Person, said: Mapping[str, Any], at: dt.datetime | None = None) -> None:
    Visit.objects.filter(round=row).delete()
    row.seed = row.draw_hash = row.register_hash = ""
    row.strata = {}
    row.save(update_fields=["seed", "draw_hash", "register_hash", "strata"])
    RoundFlow.record(row, RoundFlow.by_code["revise"], by=by, cleaned=dict(said), at=at or timezone.now())


def set_team(
    row: Round,
    *,
    name: str,
    members: Iterable[Person],
    by: Person,
    start: Place | None = None,
    team: Team | None = None,
    at: dt.datetime | None = None,
) -> Team:
    """Adds a team, or changes one; what was drawn is dropped, since who goes where hangs on it."""
    people = list(members)
    if not people:
        raise Refused(_("至少选一人。"))
    try:
        with transaction.atomic():
            row = _locked(row, "revise", by)
            team = team or Team(round=row)
            team.name, team.start = name[:40], start
            team.save()
            team.members.set(people)
            _undraw(row, by, {"team": name, "members": [person.pk for person in people]}, at)
    except IntegrityError as fault:
        raise Refused(_("已有叫“%(name)s”的组，换一个名称。") % {"name": name}) from fault
    return team


def drop_team(team: Team, *, by: Person) -> None:
    """Takes a team away before the round runs."""
    with transaction.atomic():
        row = _locked(team.round, "revise", by)
        _undraw(row, by, {"dropped_team": team.name})
        team.delete()


def draw_round(
    row: Round,
    seed: str,
    *,
    by: Person,
    reason: str = "",
    at: dt.datetime | None = None,
    uid: uuid.UUID | None = None,
) -> Round:
    """Draws the round's places and freezes them with seed and hashes; all or nothing.

    A second draw needs a new seed and a reason. The sums are done before the transaction, so that nobody waits for
    them. Raises DrawRefused (its `faults` name stratum by stratum what is wrong), Refused or NotAllowed.
    """
    seed, at = seed.strip(), at or timezone.now()
    if len(seed) > 40:
        raise Refused(_("种子最长 40 个字。"))
    if row.state == State.DRAWN and (seed == row.seed or not reason.strip()):
        raise Refused(_("重抽要换一个种子，并写明理由。"))
    found = plan(row, seed, by)
    with transaction.atomic():
        locked = _locked(row, "draw", by)
        if uid and Entry.objects.filter(uid=uid).exists():
            return locked
        if locked.entries != row.entries:
            raise Refused(_("刚才有人改过这一轮，打开看过再抽。"))
        Visit.objects.filter(round=locked).delete()
        Visit.objects.bulk_create(Visit(round=locked, **each._asdict()) for each in found.visits)
        locked.seed, locked.strata = seed, found.strata
        locked.draw_hash, locked.register_hash = found.drawn.draw_hash, found.drawn.register_hash
        locked.save(update_fields=["seed", "strata", "draw_hash", "register_hash"])
        said = {
            "seed": seed, "reason": reason.strip(), "draw_hash": locked.draw_hash, "register_hash": locked.register_hash,
            "places": len(found.drawn.sites), "second": sum(v.is_second for v in found.visits),
            "resting": sum(out.why == "resting" for out in found.drawn.left_out),
            "excluded": sum(out.why == "excluded" for out in found.drawn.left_out),
            "not_twice": list(found.no_second),
        }  # fmt: skip
        RoundFlow.record(locked, RoundFlow.by_code["draw"], by=by, cleaned=said, at=at, uid=uid)
    return locked


def compare_draws(row: Round, other: str) -> bool:
    """Whether a hash read to us by somebody else is this draw's. Raises Refused for text that is no hash."""
    if not row.draw_hash:
        raise Refused(_("还没有抽点，没有可比的。"))
    try:
        return pure.compare(row.draw_hash, other)
    except pure.DrawFault as fault:
        raise Refused(str(fault)) from fault


def redraw(row: Round, seed: str, by: Person) -> pure.Drawn:
    """What this seed gives with the register as it is now; changes nothing. Raises DrawRefused."""
    return drawn_of(row, seed.strip(), maker=by)


def note_opinion(
    row: Round, *, giver: str, text: str, by: Person, place: Place | None = None, unit: Unit | None = None,
    at: dt.datetime | None = None, uid: uuid.UUID | None = None,
) -> Opinion:  # fmt: skip
    """Notes an opinion given on a round (rows 46, 47), by capacity, not by name; a unit named is asked to answer."""
    at = at or timezone.now()
    if unit is not None and row.is_hidden:
        raise Refused(_("保密的轮次公布前不能要单位答复。"))
    with transaction.atomic():
        locked = _locked(row, "opine", by)
        before = Entry.objects.filter(uid=uid).first() if uid else None
        if before is not None:
            return Opinion.objects.get(pk=before.given["opinion"])
        opinion = Opinion.objects.create(round=locked, giver=giver[:40], text=text, place=place, unit=unit)
        RoundFlow.record(
            locked,
            RoundFlow.by_code["opine"],
            by=by,
            at=at,
            uid=uid,
            cleaned={"opinion": opinion.pk, "giver": giver},
        )
        if unit is not None:
            _tell_unit(locked, unit, at)
            Demand.objects.create(unit=unit, kind="form", subject=locked.subject, subject_id=locked.pk, asked_by=by,
                                  asked_at=at, purpose=_("答复意见"))  # fmt: skip
    return opinion


def _tell_unit(row: Round, unit: Unit, at: dt.datetime) -> None:
    words = _("%(kind)s提到你单位，要答复。") % {"kind": row.get_kind_display()}
    tell([Tell(row, "opinion", words, unit_id=unit.pk, role=Role.LIAISON, url="/rounds/opinions/")], at)


def answer_opinion(
    opinion: Opinion, answer: str, *, by: Person, at: dt.datetime | None = None, uid: uuid.UUID | None = None
) -> Opinion:
    """The unit asked (or the desk) answers, once; changing an answer is another entry of the round."""
    at = at or timezone.now()
    if not (
        rules.answerer.allows(by, opinion) or rules.desk.allows(by, None)
    ) or not rules.see_opinion.allows(by, opinion):
        raise NotAllowed(_("答复由被问的单位或创建办写。"))
    if not answer.strip():
        raise Refused(_("写明怎么办的，意见人要看得懂。"))
    with transaction.atomic():
        row = Round.objects.select_for_update(of=("self",)).get(pk=opinion.round_id)
        if uid and Entry.objects.filter(uid=uid).exists():
            return Opinion.objects.get(pk=opinion.pk)
        opinion.answer, opinion.answered_at, opinion.answered_by = answer.strip(), at, by
        opinion.save(update_fields=["answer", "answered_at", "answered_by"])
        said = {"opinion": opinion.pk, "answer": opinion.answer}
        RoundFlow.record(row, RoundFlow.by_code["answer"], by=by, cleaned=said, at=at, uid=uid)
    return opinion


__all__ = [
    "DrawRefused", "answer_opinion", "compare_draws", "draw_round", "drop_team", "next_number", "note_opinion",
    "plan_round", "redraw", "revise_round", "set_team",
]  # fmt: skip
