"""Pages, files and feeds of what is public: what they hold, in which form, in how many queries, and what never."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import xml.etree.ElementTree as ET
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from shapely.geometry import shape

from chuangwen.kernel.city import forget
from chuangwen.kernel.evidence import masking, store
from chuangwen.kernel.models import Blob, City, Evidence, Unit
from chuangwen.problems import publishing
from chuangwen.problems.actions import Told, confirm_case, hand_over, take_report
from chuangwen.problems.flow import CaseFlow
from chuangwen.problems.models import Campaign, Case, Publication, Submission
from chuangwen.problems.photos import add_photo
from chuangwen.problems.publication_flow import PublicationFlow

pytestmark = pytest.mark.django_db
# Planted: the sender's words, name, phone, door number, a hand-over's reason, a unit's note.
SECRETS = ("竹节原话", "王桂芬", "13800138000", "3 号楼", "竹节移交", "竹节备注", "竹节暗访", "纪委", "督查")
PAGES = (
    "/p/cases/", "/p/cases/?state=done", "/p/cases/?state=open", "/p/map/", "/p/figures/", "/p/done/", "/p/campaigns/",
    "/p/data/", "/p/data/cases.csv", "/p/data/cases.geojson", "/p/data/figures.csv", "/p/rss.xml", "/p/atom.xml",
    "/p/map/base.geojson",
)  # fmt: skip


def body(answer):
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def text(client, path, status=200):
    answer = client.get(path)
    assert answer.status_code == status, path
    return body(answer).decode("utf-8", errors="replace")


def case_of(town, make_picture, shade, **more):
    given = {
        "kind": town.kind,
        "lon": 113.0012 + shade / 1e4,
        "lat": 34.7634,
        "address": "文化街 3 号楼",
        "contact": "13800138000",
    }
    told = Told("竹节原话：王桂芬家门口有垃圾", photos=[make_picture(shade)], **(given | more))
    return confirm_case(take_report(told, by=None).case, by=town.people["clerk"], kind=town.kind)


def made_public(case, town):
    Blob.objects.update(scanned_at=timezone.now())
    row = Publication.objects.select_related("case", "before__blob", "after__blob").get(case=case)
    return PublicationFlow.take(row, "publish", by=town.people["clerk"]).matter


@pytest.fixture
def open_city(town, make_picture):
    """One public and open, one public and solved with both pictures, one draft, one covert, one handed over, one withdrawn."""
    clerk = town.people["clerk"]
    rows = {
        name: case_of(town, make_picture, 10 + 20 * i)
        for i, name in enumerate(("open", "done", "draft", "handed", "gone"))
    }
    rows["covert"] = case_of(town, make_picture, 200, source="covert", what="竹节暗访")
    done = rows["done"]
    add_photo(done, make_picture(150), role="fixed", by=town.people["liaison"])
    done = CaseFlow.take(done, "answer", by=town.people["liaison"], given={"note": "竹节备注"}).matter
    rows["done"] = CaseFlow.take(done, "pass", by=clerk).matter
    shown = {name: made_public(rows[name], town) for name in ("open", "done", "handed", "gone")}
    PublicationFlow.take(shown["gone"], "withdraw", by=clerk, given={"reason": "竹节备注"})
    hand_over(
        rows["handed"], kind="discipline", to_unit=Unit.objects.get(code="jw"), reason="竹节移交", by=clerk
    )
    today = timezone.localdate()
    campaign = Campaign.objects.create(
        name="一起找茬", rules="拍清楚", thanks="谢谢大家", from_on=today, to_on=today
    )
    return SimpleNamespace(
        cases=rows, shown=shown, town=town, campaign=campaign, pictures=Evidence.objects.order_by("pk")
    )


def test_the_list_has_what_is_public_and_nothing_else(open_city, client):
    found = text(client, "/p/cases/")
    uids = {
        name: str(Publication.objects.get(case=case).uid)
        for name, case in open_city.cases.items()
        if name != "covert"
    }
    assert {name for name, uid in uids.items() if uid in found} == {"open", "done", "handed"}
    assert uids["done"] in text(client, "/p/cases/?state=done") and uids["open"] not in text(
        client, "/p/cases/?state=done"
    )
    assert uids["open"] not in text(client, f"/p/cases/?kind={open_city.town.street_kind.code}")
    for name in ("draft", "gone"):
        text(client, f"/p/cases/{uids[name]}/", 404)
        text(client, f"/p/picture/{uids[name]}/before/", 404)


def test_one_case_shows_both_pictures_drawn_anew(open_city, client):
    row = open_city.shown["done"]
    page = text(client, f"/p/cases/{row.uid}/")
    assert (
        f"/p/picture/{row.uid}/before/" in page
        and f"/p/picture/{row.uid}/after/" in page
        and "办好了" in page
    )
    answer = client.get(f"/p/picture/{row.uid}/after/")
    drawn = body(answer)
    assert answer["Cache-Control"].startswith("public") and "sandbox" in answer["Content-Security-Policy"]
    assert (
        client.get(f"/p/picture/{row.uid}/after/", headers={"If-None-Match": answer["ETag"]}).status_code
        == 304
    )
    sha = row.after.blob.sha256
    assert drawn not in [store.file_of(sha, kind).read_bytes() for kind in store.KINDS]
    PublicationFlow.take(row, "withdraw", by=open_city.town.people["clerk"], given={"reason": "x"})
    text(client, f"/p/picture/{row.uid}/after/", 404)
    text(client, f"/p/cases/{row.uid}/", 404)


def test_a_picture_somebody_reopened_for_deciding_is_gone_at_once(open_city, client):
    from chuangwen.kernel.models import Mask

    row = open_city.shown["open"]
    Mask.objects.create(blob=row.before.blob, left=1, top=1, width=9, height=9, is_proposed=True)
    text(client, f"/p/picture/{row.uid}/before/", 404)


def every_address(city):
    uids = [str(p.uid) for p in Publication.objects.all()]
    yield from PAGES
    yield f"/p/campaigns/{city.campaign.pk}/"
    for uid in uids:
        yield from (
            f"/p/cases/{uid}/",
            *(f"/p/picture/{uid}/{side}/" for side in ("before", "after", "before/small")),
        )
    for zoom in (3, 10, 14, 16, 18):
        yield f"/p/map/tiles/{tile(zoom, 113.0012, 34.7634)}.json"
    for row in Evidence.objects.all():
        yield from (f"/evidence/{row.pk}/{form}/" for form in store.KINDS)
        for publication in Publication.objects.all():
            yield from (f"/publications/{publication.pk}/{door}/{row.pk}/" for door in ("shown", "picture"))


def tile(zoom, lon, lat):
    import math

    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return f"{zoom}/{int((lon + 180) / 360 * 2**zoom)}/{int(y * 2**zoom)}"


def test_nothing_planted_is_found_anywhere_by_a_stranger(open_city):
    stranger, leaks = Client(), []
    numbers = [case.number for case in Case.objects.all()]
    raw = {store.file_of(b.sha256, kind).read_bytes() for b in Blob.objects.all() for kind in store.KINDS}
    hashes = [blob.sha256 for blob in Blob.objects.all()]
    exact = f"{open_city.cases['open'].lon:.5f}"
    for path in every_address(open_city):
        answer = stranger.get(path)
        data = body(answer)
        if data in raw:
            leaks.append((path, "an unmasked picture"))
        said = data.decode("utf-8", errors="replace")
        leaks += [(path, word) for word in (*SECRETS, *numbers, *hashes, exact) if word in said]
        assert answer.status_code in (200, 302, 404), path
    assert leaks == []


def test_pages_need_the_same_few_queries_for_one_and_for_many(open_city, client):
    paths = (
        "/p/cases/",
        "/p/done/",
        f"/p/campaigns/{open_city.campaign.pk}/",
        "/p/rss.xml",
        "/p/map/",
        "/p/data/cases.csv",
    )

    def counted():
        found = {}
        for path in paths:
            with CaptureQueriesContext(connection) as queries:
                body(client.get(path))
            found[path] = len(queries)
        return found

    counted()  # fills what a process keeps
    before = counted()
    row = Publication.objects.get(pk=open_city.shown["done"].pk)
    source = open_city.cases["done"]
    for i in range(20):
        case = Case.objects.get(pk=source.pk)
        case.pk, case.number = None, f"X{i}"
        import uuid

        case.uid = uuid.uuid4()
        case.save(force_insert=True)
        row.pk, row.uid, row.case = None, uuid.uuid4(), case
        row.save(force_insert=True)
    assert counted() == before
    assert max(before.values()) <= 8


def test_tiles_group_far_out_and_part_near_by(open_city, client):
    row = open_city.shown["open"]

    def pins(zoom, query=""):
        found = json.loads(text(client, f"/p/map/tiles/{tile(zoom, row.lon, row.lat)}.json{query}"))
        return [feature["properties"] for feature in found["features"]]

    assert sum(p.get("n", 1) for p in pins(10)) == 3
    assert len(pins(10)) == 1 and pins(10)[0]["open"] == 2
    assert sum(p.get("n", 1) for p in pins(10, "?state=done")) == 1
    near = pins(18)
    assert [p.get("what") for p in near] == ["暴露垃圾"]
    name = pins(10)[0]["at"]
    assert "共 3 件" in text(client, f"/p/cases/?at={name}")
    for bad in ("x", "17.", "99.1", "17.999999999999999", "-1.2"):
        text(client, f"/p/cases/?at={bad}", 404)
    text(client, "/p/map/tiles/3/9/9.json", 404)
    text(client, f"/p/map/tiles/{tile(10, 113, 34.7)}.json?kind=none", 404)


def test_what_was_taken_down_since_the_squares_were_counted_is_no_pin(open_city, client):
    row = open_city.shown["open"]
    path = f"/p/map/tiles/{tile(17, row.lon, row.lat)}.json"
    assert json.loads(text(client, path))["features"]
    PublicationFlow.take(
        open_city.shown["open"], "withdraw", by=open_city.town.people["clerk"], given={"reason": "x"}
    )
    assert str(open_city.shown["open"].uid) not in text(client, path)


def test_csv_is_read_back_and_runs_no_formula(open_city, client):
    row = open_city.shown["open"]
    given = {"what": "=1+1", "address": "@文化街", "before": row.before_id}
    PublicationFlow.take(row, "revise", by=open_city.town.people["clerk"], given=given)
    found = text(client, "/p/data/cases.csv")
    assert found.startswith("\ufeffid,kind_code,kind,")
    lines = {line["id"]: line for line in csv.DictReader(io.StringIO(found.removeprefix("\ufeff")))}
    assert len(lines) == 3
    assert lines[str(row.uid)]["what"] == "'=1+1" and lines[str(row.uid)]["address"] == "'@文化街"
    assert lines[str(open_city.shown["done"].uid)]["state"] == "done"
    text(client, "/p/data/cases.csv?year=1999", 404)


def test_geojson_is_read_back_within_the_grid(open_city, client):
    found = json.loads(text(client, "/p/data/cases.geojson"))
    points = [shape(feature["geometry"]) for feature in found["features"]]
    assert len(points) == 3 and all(112 < point.x < 114 and 34 < point.y < 35 for point in points)
    assert {f["properties"]["url"] for f in found["features"]} == {
        f"http://testserver/p/cases/{open_city.shown[name].uid}/" for name in ("open", "done", "handed")
    }


def test_without_anything_public_files_are_whole(town, client):
    assert json.loads(text(client, "/p/data/cases.geojson"))["features"] == []
    assert text(client, "/p/data/cases.csv").count("\n") == 1
    for path in PAGES:
        text(client, path)


def test_feeds_have_what_their_formats_ask_for(open_city, client):
    channel = ET.fromstring(text(client, "/p/rss.xml")).find("channel")
    assert all(channel.findtext(name) for name in ("title", "link", "description"))
    items = channel.findall("item")
    assert len(items) == 3
    for item in items:
        guid = item.find("guid")
        assert guid.text.startswith("urn:uuid:") and guid.get("isPermaLink") == "false"
        assert item.findtext("pubDate").endswith("+0000") or item.findtext("pubDate").endswith("+0800")
    atom = "{http://www.w3.org/2005/Atom}"
    feed = ET.fromstring(text(client, "/p/atom.xml"))
    assert feed.tag == f"{atom}feed" and all(
        feed.findtext(f"{atom}{name}") for name in ("id", "title", "updated")
    )
    assert feed.findtext(f"{atom}author/{atom}name") == "示例市"
    for entry in feed.findall(f"{atom}entry"):
        assert all(entry.findtext(f"{atom}{name}") for name in ("id", "title", "updated"))
    assert {link.get("rel") for link in feed.findall(f"{atom}link")} >= {"self", "alternate"}


def submissions(town, count, case=None, **more):
    now = timezone.now()
    for _n in range(count):
        n = Submission.objects.count()
        given = {
            "secret": f"{n:064x}",
            "text": "竹节原话",
            "received_at": now,
            "state": "taken",
            "case": case,
        } | more
        Submission.objects.create(**given)


def test_figures_by_hand(open_city, client):
    submissions(open_city.town, 7, open_city.cases["done"], rated_at=timezone.now(), is_satisfied=True)
    submissions(open_city.town, 1, open_city.cases["done"], rated_at=timezone.now(), is_satisfied=False)
    submissions(open_city.town, 3, None, state="waiting")
    submissions(open_city.town, 50, open_city.cases["covert"])
    forget()
    lines = list(csv.DictReader(io.StringIO(text(client, "/p/data/figures.csv").removeprefix("\ufeff"))))
    month = f"{timezone.localdate():%Y-%m}"
    whole = next(line for line in lines if line["month"] == month and line["by"] == "city")
    assert (whole["received"], whole["taken"], whole["rated"], whole["satisfied"]) == ("11", "8", "8", "7")
    streets = {
        line["name"]: line["received"] for line in lines if line["month"] == month and line["by"] == "street"
    }
    assert streets == {"新华路街道": "", "": ""}  # three without a street; the other one would tell them
    assert len([line for line in lines if line["by"] == "city"]) == 12
    page = text(client, "/p/figures/")
    assert "87.5%" in page and "7/8" in page


def test_small_numbers_are_not_told_nor_given_away_by_the_sum():
    from chuangwen.problems.public_figures import told_counts

    assert told_counts([10, 4, 7]) == [10, None, None]
    assert told_counts([10, 4, 3]) == [10, None, None]
    assert told_counts([0, 5, 4]) == [0, None, None]
    assert told_counts([0, 0, 4]) == [0, 0, None]
    assert told_counts([5, 0]) == [5, 0]


def test_months_go_back_over_the_year():
    from chuangwen.problems.public_figures import months_until

    assert months_until(dt.date(2026, 2, 3), 4) == ["2025-11", "2025-12", "2026-01", "2026-02"]


def test_a_campaign_says_what_it_found(open_city, client):
    page = text(client, f"/p/campaigns/{open_city.campaign.pk}/")
    assert "/p/report/?campaign=" in page and "拍清楚" in page and "谢谢大家" in page
    text(client, "/p/campaigns/99999/", 404)


def test_the_licence_line_is_the_citys(town, client):
    City.objects.update(settings={"open_data_licence": "示例许可 1.0"})
    forget()
    assert "示例许可 1.0" in text(client, "/p/data/")


def desk(town):
    client = Client()
    client.force_login(town.people["clerk"])
    return client


def test_the_desk_reads_hides_and_makes_public(open_city):
    client, draft = desk(open_city.town), Publication.objects.get(case=open_city.cases["draft"])
    for tab in ("draft", "solved", "public", "withdrawn"):
        text(client, f"/publications/?tab={tab}")
    evidence = draft.before_id
    assert "竹节原话" in text(client, f"/publications/{draft.pk}/")
    text(client, f"/publications/{draft.pk}/picture/{evidence}/")
    sent = client.post(
        f"/publications/{draft.pk}/picture/{evidence}/", {"box": ["face,100,100,80,80", "other,990,0,300,50"]}
    )
    assert sent.status_code == 302
    boxes = masking.boxes_on(Evidence.objects.get(pk=evidence).blob)
    assert [tuple(box) for box in boxes] == [(100, 100, 80, 80), (990, 0, 10, 50)]
    bad = client.post(f"/publications/{draft.pk}/picture/{evidence}/", {"box": ["nose,1,1,1,1"]})
    assert bad.status_code == 422 and "第 1 处" in bad.content.decode()
    body(client.get(f"/publications/{draft.pk}/shown/{evidence}/"))
    assert client.post("/publications/publish/", {"row": [draft.pk, "x", 999]}).status_code == 302
    assert publishing.public().filter(pk=draft.pk).exists()


def test_what_is_left_of_a_bulk_is_named_with_the_reason(open_city):
    Blob.objects.update(scanned_at=None)
    draft = Publication.objects.get(case=open_city.cases["draft"])
    answer = desk(open_city.town).post("/publications/publish/", {"row": [draft.pk]})
    assert answer.status_code == 200 and "还没有找过人脸" in answer.content.decode()


def test_a_picture_of_another_case_is_no_picture_of_this_one(open_city):
    client, draft = desk(open_city.town), Publication.objects.get(case=open_city.cases["draft"])
    other = Publication.objects.get(case=open_city.cases["open"]).before_id
    for door in ("picture", "shown"):
        text(client, f"/publications/{draft.pk}/{door}/{other}/", 404)


def test_a_draft_by_hand_from_the_case(open_city):
    client = desk(open_city.town)
    assert client.post("/publications/new/", {"case": open_city.cases["covert"].number}).status_code == 409
    answer = client.post("/publications/new/", {"case": open_city.cases["open"].number})
    assert answer.status_code == 302 and answer["Location"] == open_city.shown["open"].get_absolute_url()
