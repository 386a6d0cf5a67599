"""A tiny city whose scores are reckoned by hand: material 75, site 65, survey 80; minors 80."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pytest

YEAR = 2026


def _edition(code, kind, needs):
    """An edition with one standard a requirement; requirement by its method."""
    from chuangwen.standards.models import Edition, Node, Requirement, Scheme

    scheme = Scheme.objects.create(code=code, name=f"示例{code}", kind=kind)
    edition = Edition.objects.create(scheme=scheme, name="示例", year=YEAR, full=100, is_current=True)
    item = Node.objects.create(edition=edition, tier="item", code="1", name="环境", rank=1)
    content = Node.objects.create(
        edition=edition, parent=item, tier="content", code="1-1", name="市容", rank=2
    )
    found = {}
    for rank, (method, full) in enumerate(needs, 3):
        node = Node.objects.create(
            edition=edition,
            parent=content,
            tier="standard",
            code=f"1-1-{rank}",
            name=f"标准{method}",
            rank=rank,
        )
        found[method] = Requirement.objects.create(node=node, method=method, full=full)
    return edition, found


def _papers(need, unit, states):
    from chuangwen.dossier.models import Item
    from chuangwen.standards.models import Material

    items = []
    for n, state in enumerate(states):
        material = Material.objects.create(requirement=need, code=f"M{n}", kind="report", text=f"说明{n}")
        items.append(Item.objects.create(material=material, year=YEAR, unit=unit, state=state))
    return items


def _place(town, n):
    from chuangwen.kernel.models import Place

    return Place.objects.create(
        kind="site", code=f"T{n}", name=f"示例点{n}", short_name=f"示例点{n}", parent=town.street,
        path=f"{town.street.path}/T{n}",
    )  # fmt: skip


def _round(town, edition, need):
    """Markets 1 and 1/2 of two visited of eight, both squares at 1/2 and 0; a second rating that does not count."""
    from chuangwen.inspections.models import Observation, Round, Tally, Visit
    from chuangwen.standards.models import CheckItem, Grading

    round_ = Round.objects.create(
        number="T-1", kind="mock", name="示例模拟", from_on=dt.date(YEAR, 3, 2), to_on=dt.date(YEAR, 3, 6), state="released",
        strata={"市场": {"N": 8, "n": 2}, "广场": {"N": 2, "n": 2}}, maker=town.people["office"],
    )  # fmt: skip
    round_.editions.add(edition)
    grading = Grading.objects.create(code="bands", name="分档", way="bands")
    check = CheckItem.objects.create(
        requirement=need, code="C1", site_type=town.site.type, text="地面干净", grading=grading, full=1
    )
    visits = []
    for n, (stratum, points) in enumerate((("市场", 1000), ("市场", 500), ("广场", 500), ("广场", 0))):
        visit = Visit.objects.create(
            round=round_, place=_place(town, n), street=town.street, stratum=stratum, state="done", points=points, full=1000,
            day=dt.date(YEAR, 3, 3), failed=points < 1000, sums={str(need.pk): [points, 1000]},
        )  # fmt: skip
        result = {1000: 1, 500: 2, 0: 0}[points]
        Observation.objects.create(
            visit=visit, check_item=check, result=result, points=points, full=1000, note=f"看到{n}"
        )
        visits.append(visit)
    Visit.objects.create(
        round=round_, place=visits[0].place, street=town.street, stratum="市场", state="done", is_second=True, full=1000,
        sums={str(need.pk): [0, 1000]},
    )  # fmt: skip
    Tally.objects.create(
        round=round_, check_item=check, street=town.street, n=4, failed=3, points=2000, full=4000
    )
    return round_, visits


def _answers(edition, need):
    """Eight of ten are content, two are not."""
    from chuangwen.standards.models import Question
    from chuangwen.surveys.models import AnswerCount, Batch

    question = Question.objects.create(
        requirement=need, code="Q1", text="满意吗", options=[["满意", "1"], ["一般", "0.5"], ["不满意", "0"]]
    )
    batch = Batch.objects.create(
        edition=edition, name="示例批", channel="door", from_on=dt.date(YEAR, 4, 1), to_on=dt.date(YEAR, 4, 2), given=10, valid=10
    )  # fmt: skip
    for option, n in ((0, 8), (2, 2)):
        AnswerCount.objects.create(batch=batch, question=question, option=option, n=n)


@pytest.fixture
def tiny(town):
    """Editions, fronts, a rule 40/40/20 with the minors at 20 % and floor 85, one event of two points."""
    from chuangwen.assessment.models import Incident, NegativeRule, ScoreRule

    unit = town.units["cgj"]
    edition, needs = _edition("city", "city", (("site", 10), ("material", 6), ("survey", 4)))
    minors, theirs = _edition("minors", "minors", (("material", 5),))
    items = _papers(needs["material"], unit, ("accepted", "accepted", "accepted", "office_check"))
    _papers(theirs["material"], unit, ("accepted",) * 4 + ("draft",))
    round_, visits = _round(town, edition, needs["site"])
    _answers(edition, needs["survey"])
    rule = ScoreRule.objects.create(
        edition=edition, minors=minors, fronts={"dossier": "40", "site": "40", "survey": "20"}, minors_share=20,
        minors_floor=85, goal=85, source="示例",
    )  # fmt: skip
    entry = NegativeRule.objects.create(
        scheme=edition.scheme, code="A1", text="通报", sanction="deduct", points=2, source="示例"
    )
    for on, expires, lifted in ((YEAR, YEAR + 1, ""), (YEAR - 3, YEAR - 2, ""), (YEAR, YEAR + 1, "复核撤销")):
        Incident.objects.create(
            rule=entry, on=dt.date(on, 2, 1), what="示例事件", document="示例〔1〕号", points=2,
            expires_on=dt.date(expires, 2, 1), lifted_reason=lifted,
        )  # fmt: skip
    rule.refresh_from_db()
    return SimpleNamespace(
        town=town, people=town.people, edition=edition, minors=minors, needs=needs, items=items, round=round_, visits=visits,
        rule=rule, year=YEAR,
    )  # fmt: skip
