"""The things behind a figure of the ranking as rows one may see: cases with their photos, tasks, materials, visits, papers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from chuangwen.assessment.measures import CASE, ITEM, NOTICE, RECEIPT, TASK, VISIT
from chuangwen.assessment.ranking_facts import KINDS
from chuangwen.assessment.ranking_models import RankFact
from chuangwen.dossier.models import State as ItemState
from chuangwen.faces.desk.rows import shape_of
from chuangwen.faces.desk.tasks import state_of
from chuangwen.kernel.models import Evidence, Person
from chuangwen.kernel.screens import words
from chuangwen.standards.models import NoticeState

PHOTOS = 3  # thumbs in a row
RELATED = {CASE: ("street",), ITEM: ("material",), NOTICE: ("edition__scheme",), VISIT: ("street",)}


class Thing(NamedTuple):
    """One thing in a row: where it opens, what it is, where, by when it was due and when done, its state, its photos."""

    href: str
    number: str
    what: str
    where: str
    due: str
    done: str
    shape: str
    state: str
    photos: tuple[int, ...] = ()


def things_of(sees: str, facts: Iterable[RankFact], person: Person) -> dict[int, Thing]:
    """Object id → the thing, for those this person may see; two queries at most, whatever the number of rows."""
    if sees not in KINDS:
        return {}
    ids = [fact.object_id for fact in facts]
    rows = KINDS[sees].rows(person).filter(pk__in=ids)
    if sees in RELATED:
        rows = rows.select_related(*RELATED[sees], *_already(rows))
    photos = _photos(ids) if sees == CASE else {}
    return {row.pk: WORDS[sees](row)._replace(photos=tuple(photos.get(row.pk, ())[:PHOTOS])) for row in rows}


def _already(rows: Any) -> tuple[str, ...]:
    """What the rows are joined with as they come."""
    joined = rows.query.select_related
    return tuple(joined) if isinstance(joined, dict) else ()


def _photos(ids: Collection[int]) -> dict[int, list[int]]:
    rows = Evidence.objects.filter(subject=CASE, subject_id__in=ids, blob__mime__startswith="image/")
    found: dict[int, list[int]] = defaultdict(list)
    for pk, subject_id in rows.order_by("pk").values_list("pk", "subject_id"):
        found[subject_id].append(pk)
    return found


def _case(row: Any) -> Thing:
    shape, state = shape_of(row)
    where = " · ".join(filter(None, [row.address, str(row.street or "")]))
    due, done = words.moment(row.fix_due_at), words.moment(row.answered_at)
    return Thing(row.get_absolute_url(), row.number, row.what, where, due, done, shape, state)


def _task(row: Any) -> Thing:
    shape, state = state_of(row)
    return Thing(row.get_absolute_url(), row.number, row.title, "", words.day(row.due_on), "", shape, state)


def _item(row: Any) -> Thing:
    shape = "done" if row.state == "accepted" else "doing"
    due, sent, state = words.day(row.due_on), words.moment(row.sent_at), str(ItemState(row.state).label)
    return Thing(row.get_absolute_url(), row.material.code, row.material.text, "", due, sent, shape, state)


def _notice(row: Any) -> Thing:
    shape = "done" if row.state == "replied" else "doing"
    due, state = words.day(row.reply_on), str(NoticeState(row.state).label)
    return Thing(row.get_absolute_url(), row.number, str(row.edition), "", due, "", shape, state)


def _visit(row: Any) -> Thing:
    state = _("%(n)d 项不合格") % {"n": row.failed} if row.failed else _("全部合格")
    shape, done = "fail" if row.failed else "done", words.moment(row.done_at)
    return Thing(
        f"/visits/{row.uid}/", row.round.number, str(row.place), str(row.street), "", done, shape, state
    )


def _receipt(row: Any) -> Thing:
    paper, due, done = row.paper, words.day(row.paper.reply_on), words.moment(row.replied_at)
    shape, state = ("done", _("已回复")) if row.replied_at else ("doing", _("没有回复"))
    return Thing(paper.get_absolute_url(), paper.number, paper.title, "", due, done, shape, state)


WORDS: dict[str, Callable[[Any], Thing]] = {
    CASE: _case, TASK: _task, ITEM: _item, NOTICE: _notice, VISIT: _visit, RECEIPT: _receipt,
}  # fmt: skip
