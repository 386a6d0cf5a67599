"""Flow and Step: a workflow is one readable table of steps, and `Flow.take` is the only door to a state.

Order inside `take`: lock row → sent before? → state → rule → guard → form → work → state → clocks → one
history entry → notices and demands (rows, sent after commit) → reactions of upper apps, all in one transaction.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, NamedTuple, cast

from django import forms
from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chuangwen.kernel.fixed_query import FixedQuery
from chuangwen.kernel.people.models import Person
from chuangwen.kernel.people.rules import Rule
from chuangwen.kernel.workflow import burden, clocks, history, notices
from chuangwen.kernel.workflow.calendar import Limit
from chuangwen.kernel.workflow.models import Entry, Matter


class Refused(Exception):
    """A step that cannot be taken now; the text says why, in the user's words."""


class NotAllowed(Refused):
    """This person may not take this step."""


class BadInput(Refused):
    """The step's form has faults; `form` carries them per field."""

    def __init__(self, form: forms.Form) -> None:
        self.form = form
        first = next(iter(form.errors.values()))[0] if form.errors else ""
        super().__init__(str(first))


class Asked(NamedTuple):
    """A demand on a unit that a step makes: who is asked, for what kind of thing, why.

    `about` names the very thing asked for; asking the same unit for it twice is refused (kernel.workflow.burden).
    """

    unit_id: int | None
    kind: str
    purpose: str
    about: str = ""


Text = str | Promise


@dataclass(frozen=True)
class Step:
    """One row of the table.

    `to` is the next state, or a function of the matter (its result must be in `ends`), or None for no change.
    `rule` says who may; `guard` returns a sentence when it may not be taken now, else None.
    `work` changes the matter's columns and may return more values for the entry; it gets the cleaned form.
    `starts` pairs a clock's name with a function giving its Limit (None: no clock); `pauses`/`resumes`/`stops` name clocks.
    `personal` names form fields that are sealed instead of written into the chain.
    """

    code: str
    label: Text
    sources: tuple[str, ...]
    to: str | Callable[[Any], str] | None
    rule: Rule
    form: type[forms.Form] | None = None
    guard: Callable[[Any], str | None] | None = None
    work: Callable[..., Mapping[str, Any] | None] | None = None
    starts: tuple[tuple[str, Callable[[Any], Limit | None]], ...] = ()
    stops: tuple[str, ...] = ()
    pauses: tuple[str, ...] = ()
    resumes: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    personal: tuple[str, ...] = ()
    tells: Callable[[Any, Entry], list[notices.Tell]] | None = None
    asks: Callable[[Any], Asked] | None = None
    frees: bool = False  # takes back what was asked, which may then be asked anew
    by_clock: bool = False  # taken by the system's clock, never by a button
    is_main: bool = False
    is_quiet: bool = False  # no button of its own (composed into another action)

    def targets(self, state: str) -> tuple[str, ...]:
        """The states this step may lead to from that state."""
        if self.ends:
            return self.ends
        return (self.to if isinstance(self.to, str) else state,)


@dataclass(frozen=True)
class Offer:
    """A step as the page shows it: its button, or the reason why not."""

    step: Step
    allowed: bool
    why: str = ""


class Taken(NamedTuple):
    matter: Any
    entry: Entry
    repeated: bool = False


Reaction = Callable[[Any, Entry, Person | None], None]
_reactions: dict[tuple[str, str], list[Reaction]] = {}
EVERY = "*"


def reacts_to(subject: str, step: str) -> Callable[[Reaction], Reaction]:
    """Registers an upper app's reaction to a step of a lower app, or to EVERY one; runs in the same transaction."""

    def register(reaction: Reaction) -> Reaction:
        _reactions.setdefault((subject, step), []).append(reaction)
        return reaction

    return register


def _columns(matter: Matter) -> dict[str, Any]:
    return {field.attname: getattr(matter, field.attname) for field in matter._meta.concrete_fields}


@cache
def _locked(subject: type[Matter]) -> FixedQuery[Any]:
    """One row of that model, locked until the transaction ends."""
    return FixedQuery(lambda pk: subject._default_manager.select_for_update(of=("self",)).filter(pk=pk), pk=int)


_sent = FixedQuery(lambda uid: Entry.objects.filter(uid=uid), uid=uuid.UUID)


class Flow:
    """Base of all workflows; a subclass is the table."""

    subject: ClassVar[type[Matter]]
    title: ClassVar[Text]
    states: ClassVar[type[models.TextChoices]]
    start: ClassVar[str]
    closed: ClassVar[frozenset[str]] = frozenset()  # states in which nothing is owed any more
    steps: ClassVar[tuple[Step, ...]]
    registry: ClassVar[dict[str, type[Flow]]] = {}

    def __init_subclass__(cls) -> None:
        cls.by_code = {step.code: step for step in cls.steps}
        Flow.registry[cls.subject._meta.label_lower] = cls

    by_code: ClassVar[dict[str, Step]]

    @classmethod
    def why_not(cls, matter: Any, step: Step, by: Person | None) -> str | None:
        """The sentence why this step cannot be taken now by this person; None when it can."""
        if matter.state not in step.sources:
            where = "、".join(str(cls.states(state).label) for state in step.sources[:4])
            return _("“%(step)s”只在%(where)s时可办，现在是%(state)s。") % {
                "step": step.label, "where": where, "state": cls.states(matter.state).label,
            }  # fmt: skip
        if by is not None and not step.rule.allows(by, matter):
            return _("“%(step)s”不归你的岗位办。") % {"step": step.label}
        return step.guard(matter) if step.guard else None

    @classmethod
    def offers(cls, matter: Any, by: Person) -> list[Offer]:
        """The steps this person's posts allow in this state, those held up by a guard with their reason. No query."""
        found = []
        for step in cls.steps:
            if step.by_clock or step.is_quiet or matter.state not in step.sources or not step.rule.allows(by, matter):
                continue
            why = step.guard(matter) if step.guard else None
            found.append(Offer(step, why is None, why or ""))
        return found

    @classmethod
    def take(
        cls, matter: Any, code: str, *, by: Person | None, given: Mapping[str, Any] | None = None,
        files: Mapping[str, Any] | None = None, at: dt.datetime | None = None, uid: uuid.UUID | None = None,
        noted: Mapping[str, Any] | None = None,
    ) -> Taken:  # fmt: skip
        """Takes one step; `by=None` is the system's clock, which is bound by state and guard but not by rule.

        `noted` is written into the entry beside what the form gave, such as how it came here.

        Raises Refused (wrong state, guard), NotAllowed (rule) or BadInput (form). Sending the same `uid`
        again changes nothing and returns the first entry.
        """
        step = cls.by_code[code]
        try:
            with transaction.atomic():
                return cls._take(matter.pk, step, by, given or {}, files, at, uid, noted)
        except IntegrityError:
            before = Entry.objects.filter(uid=uid).first() if uid else None
            if before is None:
                raise
            return Taken(cls.subject._default_manager.get(pk=before.subject_id), before, repeated=True)

    @classmethod
    def _take(
        cls, pk: int, step: Step, by: Person | None, given: Mapping[str, Any],
        files: Mapping[str, Any] | None, at: dt.datetime | None, uid: uuid.UUID | None, noted: Mapping[str, Any] | None,
    ) -> Taken:  # fmt: skip
        matter = _locked(cls.subject).one(pk=pk)
        if matter is None:
            raise cls.subject.DoesNotExist(f"{cls.subject._meta.label} {pk}")
        if uid:
            before = _sent.one(uid=uid)
            if before:
                return Taken(matter, before, repeated=True)
        matter.moment = at
        why = cls.why_not(matter, step, by)
        if why:
            denied = by is not None and matter.state in step.sources and not step.rule.allows(by, matter)
            raise NotAllowed(why) if denied else Refused(why)
        cleaned = cls._cleaned(matter, step, by, given, files)
        entry = cls.record(matter, step, by=by, cleaned=cleaned, at=at or timezone.now(), uid=uid, noted=noted)
        return Taken(matter, entry)

    @classmethod
    def _cleaned(
        cls, matter: Any, step: Step, by: Person | None, given: Mapping[str, Any], files: Mapping[str, Any] | None
    ) -> dict[str, Any]:
        if step.form is None:
            return {}
        form = step.form(given, cast(Any, files))
        form.matter, form.by = matter, by  # type: ignore[attr-defined]
        if not form.is_valid():
            raise BadInput(form)
        return form.cleaned_data

    @classmethod
    def record(
        cls, matter: Any, step: Step, *, by: Person | None, cleaned: dict[str, Any], at: dt.datetime,
        uid: uuid.UUID | None = None, from_state: str | None = None, noted: Mapping[str, Any] | None = None,
    ) -> Entry:  # fmt: skip
        """Work, state, clocks, entry, notices, reactions. The caller holds the row's lock inside a transaction."""
        before = matter.state if from_state is None else from_state
        known = _columns(matter)
        more = step.work(matter, by=by, at=at, **cleaned) if step.work else None
        if step.to is not None:
            matter.state = step.to if isinstance(step.to, str) else step.to(matter)
        cls._wind(matter, step, at)
        plain = {k: v for k, v in cleaned.items() if k not in step.personal and v not in (None, "", [])}
        entry = history.add_entry(
            matter, step.code, before, by_id=by.pk if by else None, at=at, given={**plain, **(more or {}), **(noted or {})},
            personal={k: str(cleaned[k]) for k in step.personal if cleaned.get(k)}, uid=uid,
        )  # fmt: skip
        matter.changed_at = at
        # Only what changed: fewer index entries to move, and on PostgreSQL often none.
        matter.save(update_fields=[name for name, value in _columns(matter).items() if known[name] != value])
        if step.tells:
            with translation.override(settings.LANGUAGE_CODE):  # read by others than who acts
                notices.tell(step.tells(matter, entry), at)
        if step.asks:
            asked = step.asks(matter)
            first = burden.asked_before(
                asked.unit_id, asked.kind, asked.about, but=(matter.subject, matter.pk), at=at
            )
            if first is not None:
                raise Refused(burden.pointer_to(first))
            notices.demand(matter, asked, by, at)
        if step.frees:
            burden.take_back(matter)
        for code in (step.code, EVERY):
            for reaction in _reactions.get((matter.subject, code), ()):
                reaction(matter, entry, by)
        return entry

    @classmethod
    def _wind(cls, matter: Any, step: Step, at: dt.datetime) -> None:
        """Stops, pauses, resumes and starts the clocks a step names, then lets the matter note its next due moment."""
        if not (step.stops or step.pauses or step.resumes or step.starts):
            return
        rows = clocks.clocks_of(matter) if matter.entries else []
        live = clocks.running(rows)
        for clock in live:
            if clock.name in step.stops:
                clocks.stop(clock, at)
            elif clock.name in step.pauses:
                clocks.pause(clock, at)
            elif clock.name in step.resumes:
                clocks.resume(clock, at)
        for name, limit_of in step.starts:
            limit = limit_of(matter)
            if limit is not None and not any(c.name == name and c.stopped_at is None for c in live):
                rounds = sum(1 for c in rows if c.name == name)
                live.append(clocks.start(matter, name, limit, at, rounds + 1))
        matter.wound(clocks.running(live))


NO_REASON = gettext_lazy("写明理由，对方要看得懂。")


class ReasonForm(forms.Form):
    """Any step that owes the other side a reason."""

    reason = forms.CharField(
        label=gettext_lazy("理由"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": NO_REASON},
    )  # fmt: skip


class RulingForm(ReasonForm):
    """A ruling on a request: granted or not, always with a reason."""

    granted = forms.TypedChoiceField(
        label=gettext_lazy("结论"),
        choices=[("yes", gettext_lazy("同意")), ("no", gettext_lazy("不同意"))],
        coerce=lambda v: v == "yes",
        error_messages={"required": gettext_lazy("选同意或不同意。")},
    )
