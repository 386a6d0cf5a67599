"""Which forms a person has: one per checklist of the visits his teams still owe, and those visits as files beside it.

The form itself is the same for everybody; which rounds and places there are is in two CSV files that differ from
person to person, so a form tells nobody of a round he is not in.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from django.utils.translation import gettext as _

from chuangwen.inspections.checklist import checklists
from chuangwen.inspections.models import Round, State, Visit, VisitState
from chuangwen.inspections.xlsform import ROUNDS, VISITS, Ask, Checklist, XlsForm, plain, xform_of, xlsform_of
from chuangwen.kernel.models import Person, Term
from chuangwen.standards.models import CheckItem, Edition

Key = tuple[int, tuple[int, ...]]  # the type of place, the editions
MOST_VISITS = 2000  # of one person at a time
_CODE = re.compile(r"[a-z0-9_]{1,40}")
_FORM_ID = re.compile(r"cw_[a-z0-9_]{1,77}")


@dataclass(frozen=True)
class Form:
    """One checklist as a form, and the visits of one person it is for (none: nobody in particular)."""

    checklist: Checklist
    visits: tuple[Visit, ...] = ()

    @property
    def form_id(self) -> str:
        return self.checklist.form_id

    @property
    def title(self) -> str:
        return self.checklist.title

    def xlsform(self) -> XlsForm:
        return xlsform_of(self.checklist)

    def media(self) -> dict[str, bytes]:
        """The files that come with the form, by name."""
        return {ROUNDS: _rounds_csv(self.visits), VISITS: _visits_csv(self.visits)}


def form_id_of(site_type: Term, editions: Iterable[int]) -> str:
    """The form's name, the same as long as type and editions are: what a phone knows it by."""
    pks = "_".join(map(str, sorted(editions)))
    kind = site_type.code if _CODE.fullmatch(site_type.code) else f"t{site_type.pk}"
    if len(pks) > 30:
        pks = hashlib.sha256(pks.encode()).hexdigest()[:16]
    return f"cw_{kind}_{pks}"


def may_be_form(form_id: str) -> bool:
    """Whether it has the look of a name we give."""
    return _FORM_ID.fullmatch(form_id) is not None


def form_id_at(visit: Visit) -> str:
    """The form a visit is recorded with; empty where its place has no type."""
    if visit.site_type is None:
        return ""
    return form_id_of(visit.site_type, visit.round.editions.values_list("pk", flat=True))


def forms_of(person: Person) -> list[Form]:
    """The forms of this person now, in order of their names (five queries)."""
    rows = Visit.objects.filter(
        team__members=person, round__state=State.RUNNING, state=VisitState.PLANNED, site_type__isnull=False
    )
    rows = rows.select_related("round", "site_type", "place", "street").defer("place__shape", "street__shape")
    visits = list(rows.order_by("round", "day", "seq", "pk")[:MOST_VISITS])
    editions = _editions_of({visit.round_id for visit in visits})
    kept: dict[Key, list[Visit]] = {}
    for visit in visits:
        if visit.round_id in editions and visit.site_type_id:
            kept.setdefault((visit.site_type_id, editions[visit.round_id]), []).append(visit)
    return _forms(kept)


def forms_in_force() -> list[Form]:
    """Every checklist of the editions in force, for whoever wants to look at them (four queries)."""
    rows = CheckItem.objects.filter(
        requirement__node__edition__is_current=True, requirement__waived_reason=""
    )
    pairs = rows.order_by().values_list("site_type", "requirement__node__edition").distinct()
    return _forms({(kind, (edition,)): [] for kind, edition in pairs})


def _editions_of(rounds: set[int]) -> dict[int, tuple[int, ...]]:
    found: dict[int, list[int]] = {}
    through = Round.editions.through.objects.filter(round__in=rounds).order_by("edition_id")
    for round_id, edition in through.values_list("round_id", "edition_id"):
        found.setdefault(round_id, []).append(edition)
    return {pk: tuple(editions) for pk, editions in found.items()}


def _forms(visits: dict[Key, list[Visit]]) -> list[Form]:
    kinds = Term.objects.in_bulk({kind for kind, _pks in visits})
    editions = Edition.objects.select_related("scheme").in_bulk({pk for _kind, pks in visits for pk in pks})
    items = checklists({(kind, pks) for kind, pks in visits})
    found = []
    for (kind, pks), part in visits.items():
        if not items[kind, pks]:
            continue
        names = "、".join(f"{editions[pk].scheme.name}{editions[pk].name}" for pk in pks)
        groups = _groups(items[kind, pks])
        checklist = Checklist(form_id_of(kinds[kind], pks), f"{kinds[kind].name}（{names}）", groups)
        found.append(Form(checklist, tuple(part)))
    return sorted(found, key=lambda form: form.form_id)


def _groups(items: Iterable[CheckItem]) -> list[tuple[int, str, list[Ask]]]:
    """The items under the standard they belong to, in order; a standard's items are asked together."""
    found: dict[int, tuple[int, str, list[Ask]]] = {}
    for item in items:
        node = item.requirement.node
        group = found.setdefault(node.pk, (node.pk, f"{node.code} {node.name}", []))
        group[2].append(Ask(item.pk, item.text, item.grading.way, item.grading.params))
    return list(found.values())


def xml_of(form: Form) -> str:
    """The XForm as it is served; converting takes a tenth of a second, so it is kept by its content."""
    return _converted(json.dumps(form.xlsform().sheets(), ensure_ascii=False))


@lru_cache(maxsize=128)
def _converted(sheets: str) -> str:
    told = json.loads(sheets)
    return xform_of(XlsForm(told["survey"], told["choices"], told["settings"][0]))


def _rounds_csv(visits: Iterable[Visit]) -> bytes:
    rounds = {visit.round_id: visit.round for visit in visits}
    return _csv(["name", "label"], [[row.number, plain(row.name)] for row in rounds.values()])


def _visits_csv(visits: Iterable[Visit]) -> bytes:
    rows = [[str(v.uid), _label(v), v.round.number, v.round.kind] for v in visits]
    return _csv(["name", "label", "round", "kind"], rows)


def _label(visit: Visit) -> str:
    told = [visit.place.name, visit.street.short_name or visit.street.name]
    told += [f"{visit.day:%m-%d}"] if visit.day else []
    told += [_("复评")] if visit.is_second else []
    return plain(" · ".join(told))


def _csv(columns: list[str], rows: Iterable[list[str]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return out.getvalue().encode()
