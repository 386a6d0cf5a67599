"""A secret round exists for its maker and its teams only: walked over every address, file, search, count and notice.

The walk is done twice over. Every answer to every post outside is read for the round's own words; and everything the
office sees is the same, to the letter, as before the round was made: a count that grew by one would show.
"""

from __future__ import annotations

import datetime as dt
import re
import uuid
from types import SimpleNamespace

import pytest
from django.test import Client
from django.utils import timezone

from chuangwen.inspections.actions import draw_round, plan_round, set_team
from chuangwen.inspections.checklist import checklist
from chuangwen.inspections.flow import RoundFlow
from chuangwen.inspections.models import Opinion, PairTally, Round, Visit
from chuangwen.inspections.planning import register_of
from chuangwen.inspections.recording import Circumstance, Seen, record_visit, skip_visit
from chuangwen.inspections.releasing import open_waiting, release_round
from chuangwen.kernel.models import Demand, Evidence, Message, Notice, Place
from chuangwen.kernel.workflow import notices
from chuangwen.problems.models import Case
from tests.architecture.conftest import life
from tests.architecture.test_addresses import POSTS, names, rows
from tests.architecture.test_visibility import read

__all__ = ["life", "names"]
pytestmark = pytest.mark.django_db
INSIDE = ("clerk", "inspector")
OUTSIDE = ("stranger", *(post for post in POSTS if post not in INSIDE))
# What nobody outside may read anywhere; the month is that of the round's last day.
WORDS = ("绝密竹节", "竹节暗组", "竹节种子", "竹节污渍", "竹节整处", "竹节闭门", "2031-03")


def clients(life):
    found = {"stranger": Client()}
    for post in POSTS:
        found[post] = Client()
        found[post].force_login(life.people[post])
    return found


def _places(life):
    """Two more markets with something to look at, and both raters' rights settled, before anything secret is made."""
    from chuangwen.standards.models import CheckItem, Edition, Grading, Node, Requirement, Scheme

    town = life.town
    sites = []
    for i in range(2):
        site = Place(
            kind="site", code=f"Z{i}", name=f"示例集市{i}", short_name=f"示例集市{i}", parent=town.village, type=town.site.type,
            path=f"{town.village.path}/Z{i}",
        )  # fmt: skip
        site.locate(113.0, 34.764 + i / 1000)
        site.save()
        sites.append(site)
    scheme = Scheme.objects.create(code="secrecy", name="示例体系乙", kind="other")
    edition = Edition.objects.create(scheme=scheme, name="示例", year=2026, full=10, is_current=True)
    node = Node.objects.create(edition=edition, tier="standard", code="9-9", name="集市")
    need = Requirement.objects.create(node=node, method="site", full=2)
    way = Grading.objects.create(code="pf", name="达标", way="pass_fail")
    CheckItem.objects.create(
        requirement=need,
        code="9-9-1",
        site_type=town.site.type,
        text="地面干净",
        grading=way,
        full=2,
        case_kind="0301",
    )
    return SimpleNamespace(sites=sites, edition=edition)


def _secret(life, ground, make_picture):
    """A covert round that runs: one visit with a fault and a photo, one that could not be made."""
    maker, member, today = life.people["clerk"], life.people["inspector"], timezone.localdate()
    row = plan_round(
        kind="covert", name="绝密竹节轮", from_on=today, to_on=dt.date(2031, 3, 7), by=maker,
        spec={"places": [site.code for site in ground.sites], "workdays": False}, editions=[ground.edition],
    )  # fmt: skip
    set_team(row, name="竹节暗组", members=[member], by=maker)
    row.refresh_from_db()
    row = RoundFlow.take(draw_round(row, "竹节种子", by=maker), "start", by=maker).matter
    visits = list(Visit.objects.filter(round=row).select_related("place", "round", "team").order_by("pk"))
    seen = [Seen(checklist(visits[0])[0].pk, 0, note="竹节污渍", photos=[make_picture(199)])]
    record_visit(visits[0], seen, by=member, uid=uuid.uuid4(), how=Circumstance(note="竹节整处"))
    skip_visit(visits[1], "竹节闭门", by=member, uid=uuid.uuid4())
    open_waiting()
    notices.bundle(timezone.now() + dt.timedelta(hours=2))
    return row, visits


def own_addresses(row, visits):
    """The addresses of the round itself, which nobody outside may find."""
    page = f"/rounds/{row.number}/"
    photo = Evidence.objects.get(subject="inspections.visit").pk
    pages = [page, f"{page}print/", f"{page}import/", f"{page}export.csv", f"{page}export.xlsx"]
    pages += [f"/visits/{visit.uid}/" for visit in visits]
    return pages + [f"/evidence/{photo}/{kind}/" for kind in ("thumb", "public", "original")]


def posts_of(row, visits):
    page = f"/rounds/{row.number}/"
    steps = [f"{page}steps/{code}/" for code in ("end", "release", "cancel")]
    parts = [f"{page}{part}/" for part in ("draw", "teams", "opinions", "import")]
    return [*steps, *parts, *(f"/visits/{visits[0].uid}/{what}" for what in ("", "skip/", "reopen/"))]


def leaks(row, visits, path, text):
    """Which of the round's words an answer holds; what was typed into the address may be said back."""
    text = text.replace(path.partition("q=")[2] or "\0", "")
    signs = (*WORDS, row.number, row.draw_hash, *(str(visit.uid) for visit in visits))
    return [sign for sign in signs if sign in text]


def walk(names):
    paths = [row["example"].format(**names) for row in rows()]
    return [*paths, "/search/?q=竹节", "/search/?q=竹节&all=1", "/rounds/?tab=open", "/rounds/?kind=covert", "/sites/Z0/", "/sites/Z1/",
            "/notices/", "/rounds/export.xlsx", "/rounds/today/", "/burden/", "/sites/?q=Z0"]  # fmt: skip


# What differs from one answer to the next without anybody having done anything.
NONCES = re.compile(
    r'name="csrfmiddlewaretoken" value="[^"]*"|"X-CSRFToken": "[^"]*"|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}'
    r'|name="token" value="[^"]*"|/p/puzzle/[^"]*|"csrf": "[^"]*"|\w+加\w+是几'  # of a resident's form, of a phone's day
    r"|\d{4}-\d{2}-\d{2} \d{4}(?!\d)"  # the sheet of an export is named by the minute
    r"|(?<!\d)\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?(?!\d)|\d+(\.\d+)? (工作时|紧急工作时|分)|剩 [^<]*|name=\"seed\" maxlength=\"40\" value=\"\w+\""
)


def plain(text):
    return NONCES.sub("·", text)


def test_nothing_outside_tells_of_a_secret_round(life, names, make_picture):
    ground, people = _places(life), clients(life)
    paths = walk(names)
    office = people["office"]
    for path in paths:
        read(office, path)  # opening notices marks them seen; the second look is the baseline
    before = {path: plain(read(office, path)[1]) for path in paths}
    counts = Case.objects.count(), PairTally.objects.count(), Demand.objects.count()
    row, visits = _secret(life, ground, make_picture)

    found = []
    for post in OUTSIDE:
        for path in paths:
            status, text = read(people[post], path)
            found += (
                [f"{path} as {post}: {sign}" for sign in leaks(row, visits, path, text)]
                if status == 200
                else []
            )
        for path in own_addresses(row, visits):
            status, _text = read(people[post], path)
            if status not in ((302,) if post == "stranger" else (404,)):
                found.append(f"{path} as {post}: {status}")
        for path in posts_of(row, visits):
            status = (
                people[post]
                .post(path, {"reason": "试", "seed": "x", "why": "试", "uid": uuid.uuid4()})
                .status_code
            )
            if status not in ((302,) if post == "stranger" else (404,)):
                found.append(f"POST {path} as {post}: {status}")
    assert found == []
    changed = [path for path in paths if plain(read(office, path)[1]) != before[path]]
    assert changed == []
    assert (Case.objects.count(), PairTally.objects.count(), Demand.objects.count()) == counts
    told = Notice.objects.filter(subject="inspections.round", subject_id=row.pk)
    assert {notice.person for notice in told} == {life.people["inspector"]}
    assert not [
        m for m in Message.objects.all() if any(word in m.body + m.title for word in (*WORDS, row.number))
    ]
    assert Opinion.objects.filter(round=row).count() == 0


def test_who_is_inside_sees_it_and_everybody_after_release(life, make_picture):
    ground, people = _places(life), clients(life)
    row, visits = _secret(life, ground, make_picture)
    for post in INSIDE:
        assert "绝密竹节轮" in read(people[post], "/rounds/")[1], post
        status, text = read(people[post], f"/rounds/{row.number}/")
        assert status == 200 and "竹节暗组" in text, post
        assert "竹节污渍" in read(people[post], f"/visits/{visits[0].uid}/")[1], post
        assert read(people[post], own_addresses(row, visits)[-3])[0] == 200
    assert read(people["inspector"], own_addresses(row, visits)[-1])[0] == 404  # the original is the desk's
    RoundFlow.take(Round.objects.get(pk=row.pk), "end", by=life.people["clerk"])
    assert "绝密竹节轮" not in read(people["office"], "/rounds/")[1]
    release_round(Round.objects.get(pk=row.pk), by=life.people["clerk"])
    assert "绝密竹节轮" in read(people["office"], "/rounds/")[1]
    assert "竹节污渍" in read(people["office"], f"/visits/{visits[0].uid}/")[1]
    assert f"/visits/{visits[0].uid}/" in read(people["office"], "/sites/Z0/")[1]
    assert Case.objects.filter(source="covert", what="竹节污渍").count() == 1


def test_an_open_draw_does_not_rest_places_of_a_colleagues_secret_round(life, make_picture):
    ground = _places(life)
    _secret(life, ground, make_picture)
    today = timezone.localdate()

    def resting(by):
        row = plan_round(
            kind="open",
            name="公开",
            from_on=today,
            to_on=today,
            by=by,
            spec={"total": 1, "site_types": ["farm_market"], "rest_days": 9},
        )
        return {site.code for site in register_of(row).sites if site.last_drawn}

    market = life.town.site.code  # in the open round of this city, which everybody may know of
    assert resting(life.people["office"]) == {market}
    assert resting(life.people["clerk"]) == {market, "Z0", "Z1"}


@pytest.mark.parametrize(
    ("post", "rounds"), [("office", 0), ("leader", 0), ("auditor", 0), ("clerk", 1), ("inspector", 1)]
)
def test_rule_and_filter_say_the_same(life, make_picture, post, rounds):
    from chuangwen.inspections import rules
    from chuangwen.inspections.models import Observation
    from chuangwen.kernel.models import Person

    row, _visits = _secret(life, _places(life), make_picture)
    person = Person.objects.get(pk=life.people[post].pk)
    row.refresh_from_db()
    assert rules.see_round.filter(Round.objects.filter(pk=row.pk), person).count() == rounds
    assert rules.see_round.allows(person, row) == bool(rounds)
    for visit in Visit.objects.filter(round=row).select_related("round", "place"):
        assert rules.see_visit.allows(person, visit) == bool(rounds) == rules.see_result.allows(person, visit)
    assert rules.see_visit.filter(Visit.objects.filter(round=row), person).count() == 2 * rounds
    seen = Observation.objects.filter(visit__round=row).select_related("visit__round", "visit__place")
    assert rules.see_observation.filter(seen, person).count() == rounds
    assert rules.see_observation.allows(person, seen.get()) == bool(rounds)


def test_a_picture_is_not_called_used_because_of_a_secret_visit(life, make_picture):
    from chuangwen.kernel.evidence import reuse, store

    row, _visits = _secret(life, _places(life), make_picture)
    case = Case.objects.order_by("pk").first()

    def taken():
        found = store.attach(store.read(make_picture(199)), case, role="fixed", by=None, at=timezone.now())
        again = reuse.earlier_use(
            found.blob, subject="dossier.item", subject_id=0, also=("inspections.visit",)
        )
        used = found.findings.get("reused_of"), again
        found.delete()
        return used

    assert taken() == (None, None)
    RoundFlow.take(row, "end", by=life.people["clerk"])
    release_round(row, by=life.people["clerk"])
    hidden_no_more = Evidence.objects.get(subject="inspections.visit").pk
    assert taken() == (hidden_no_more, hidden_no_more)
