"""Every address answers every post as the table says; the table is written by hand and misses no address."""

from __future__ import annotations

import csv
import datetime as dt
import math
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from chuangwen.faces.cli.docs.addresses import addresses

HERE = Path(__file__).parent
# What `signed in` and the columns after it speak of.
POSTS = (
    "nobody", "office", "clerk", "dispatcher", "checker", "leader", "head", "liaison", "inspector",
    "grid_keeper", "supervisor", "discipline", "auditor", "admin",
)  # fmt: skip


def rows():
    with (HERE / "addresses.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def expected(row):
    """Post → status: `signed in`, but for those `except` names, as "200: office clerk; 302: head"."""
    wanted = dict.fromkeys(POSTS, int(row["signed in"]))
    for part in filter(None, row["except"].split(";")):
        status, names = part.split(":")
        assert set(names.split()) <= set(POSTS), row
        wanted |= dict.fromkeys(names.split(), int(status))
    return {"stranger": int(row["stranger"]), **wanted}


def test_every_address_is_in_the_table():
    known = {address.route for address in addresses() if address.is_ours}
    written = [row["address"] for row in rows()]
    assert len({row["example"] for row in rows()}) == len(rows())
    assert known - set(written) == set(), "write what each post should get"
    assert set(written) - known == set(), "no such address any more"


def tile(zoom, lon, lat):
    """The web map tile that holds a point, as zoom/x/y."""
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return f"{zoom}/{int((lon + 180) / 360 * 2**zoom)}/{int(y * 2**zoom)}"


@pytest.fixture
def names(life):
    """What the examples of the table may put in: {case} is a case of 城市管理局, {photo} a picture of it."""
    case, handed, today = life.cases["ours"], life.cases["handed"], timezone.localdate()
    return {
        "from": today - dt.timedelta(days=2), "to": today,
        "item": life.item.pk, "proof": life.proof.pk, "export": life.export.uid,
        "thing": life.thing.code, "job": life.job.uid,
        "tile18": tile(18, case.lon, case.lat), "tile10": tile(10, case.lon, case.lat),
        "case": case.number, "case_id": case.pk, "handed": handed.number,
        "covert": life.cases["covert"].number, "photo": life.photos["ours"].pk,
        "reported": life.cases["reported"].number, "handed_photo": life.photos["handed"].pk,
        "photo_uid": life.photos["ours"].uid, "sha": life.photos["ours"].blob.sha256,
        "handover": life.handover.pk, "handover_uid": life.handover.uid,
        "site": life.town.site.code, "street": life.town.street.code, "unit": life.town.units["cgj"].code,
        "site_id": life.town.site.pk, "unit_id": life.town.units["cgj"].pk, "kind": life.town.kind.code,
        "kind_id": life.town.kind.pk, "task": life.task.number, "task_cell": life.task_cell.pk, "plan": life.plan.pk,
        "drive": life.drive.pk, "drive_template": life.drive_template.pk, "demo": life.demo.pk,
        "round": life.round.number, "team": life.team.pk, "visit": life.visit.uid, "opinion": life.opinion.pk,
        "edition": life.edition.pk, "standard": life.standard.code, "old_standard": life.old_standard.pk, "need": life.need.pk,
        "series": life.series.pk, "series_value": life.series_value.pk, "duty_notice": life.duty_notice.number,
        "tree_import": life.tree_import.uid,
        "paper": life.paper.code, "body": life.issuing_body.pk, "regulation": life.regulation.pk,
        "ranking": life.ranking.pk, "rank_key": life.rank_line.key, "rank_rule": life.ranking.rule_id,
        "objection": life.objection.number, "consequence": life.consequence.pk, "special": life.special.pk,
        "export_map": life.export_map.pk,
        "pack": life.pack.pk, "meeting": life.meeting.pk, "referral": life.referral.number, "group": life.group.code,
        "study": life.study.pk, "webhook": life.webhook.pk, "submission": life.submission.pk,
        "submission_secret": life.submission_secret, "submission_like": life.submission.like,
        "idea": life.idea.number, "idea_secret": life.idea_secret, "aside": life.aside.pk,
        "publication": life.publication.pk, "publication_uid": life.publication.uid, "campaign": life.campaign.pk,
        "partner": life.partner.code, "exchange_uid": life.exchange.uid,
        "batch": life.batch.pk, "result": life.result.pk, "incident": life.incident.pk,
    }  # fmt: skip


def clients(life):
    found = {"stranger": Client()}
    for post in POSTS:
        found[post] = Client()
        found[post].force_login(life.people[post])
    return found


def test_every_address_answers_every_post_as_the_table_says(life, names):
    """One test for all: the city behind it is dear to make."""
    people, wrong = clients(life), []
    for row in rows():
        path = row["example"].format(**names)
        for post, status in expected(row).items():
            response = people[post].get(path)
            if response.streaming:  # a file that is served stays open until it is read
                list(response.streaming_content)
            got = response.status_code
            if got != status:
                wrong.append(f"{path} as {post}: {got} instead of {status}")
    assert wrong == []


@pytest.mark.django_db
def test_nobody_signs_up_by_himself(client):
    from chuangwen.kernel.models import Person

    given = {"username": "somebody", "password1": "a-long-enough-word", "password2": "a-long-enough-word"}
    client.post("/accounts/signup/", given)
    client.post("/accounts/3rdparty/signup/", given)
    assert Person.objects.count() == 0


def test_pages_of_the_sign_in_library_do_not_fail(life):
    """Their own doors are tested by the library; that they stand in our frame is ours to see."""
    people = clients(life)
    paths = [a.route for a in addresses() if not a.is_ours and not set("<(^") & set(a.route)]
    assert "/accounts/login/" in paths
    for path in paths:
        for post in ("stranger", "liaison"):
            assert people[post].get(path).status_code < 500, (path, post)
