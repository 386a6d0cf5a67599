"""Nothing is public that nobody read: drafts, the door, what solving and opening again change, and what never gets out."""

from __future__ import annotations

import pytest

from chuangwen.kernel.evidence import masking
from chuangwen.kernel.models import Blob, City, Entry, Mask, Unit
from chuangwen.kernel.places.datum import distance_m
from chuangwen.kernel.workflow import history
from chuangwen.kernel.workflow.flow import BadInput, NotAllowed, Refused
from chuangwen.problems import publishing
from chuangwen.problems.actions import Told, confirm_case, hand_over, take_report
from chuangwen.problems.flow import CaseFlow, HandoverFlow
from chuangwen.problems.models import Case, Publication
from chuangwen.problems.photos import add_photo
from chuangwen.problems.public_queries import pairs
from chuangwen.problems.publication_flow import PublicationFlow

pytestmark = pytest.mark.django_db
SECRET = "老王说三号楼王桂芬家门口"


def told(town, make_picture, shade=10, **more):
    given = {
        "kind": town.kind,
        "lon": 113.00123,
        "lat": 34.76345,
        "address": "文化街 3 号楼 2 单元",
        "photos": [make_picture(shade)],
    }
    given |= {"contact": "13800138000"} | more
    return take_report(Told(given.pop("text", SECRET), **given), by=None).case


@pytest.fixture
def case(town, make_picture):
    """A resident's case that was filed and given to a unit."""
    return confirm_case(told(town, make_picture), by=town.people["clerk"], kind=town.kind)


def of(case):
    return Publication.objects.select_related("case", "before__blob", "after__blob").get(case=case)


def looked_at(publication):
    Blob.objects.update(scanned_at=publication.created_at)
    return of(publication.case)


def solved(case, town, make_picture, shade=90):
    case.refresh_from_db()
    add_photo(case, make_picture(shade), role="fixed", by=town.people["liaison"])
    case = CaseFlow.take(case, "answer", by=town.people["liaison"], given={"note": "清走了"}).matter
    return CaseFlow.take(case, "pass", by=town.people["clerk"]).matter


def test_a_filed_case_of_a_resident_has_a_draft_without_his_words(case, town):
    draft = of(case)
    assert (draft.state, draft.what, draft.address) == ("draft", "暴露垃圾", "新华路街道")
    assert draft.before is not None and draft.after is None and draft.is_open
    assert not publishing.public().exists()
    words = " ".join(str(getattr(draft, f.attname)) for f in Publication._meta.concrete_fields)
    assert "王桂芬" not in words and "3 号楼" not in words
    assert Entry.objects.get(subject="problems.publication", subject_id=draft.pk).by is None


def test_the_public_point_is_a_square_of_the_grid_never_the_home(case):
    draft = of(case)
    moved = distance_m(draft.lon, draft.lat, 113.00123, 34.76345)
    assert 0 < moved < 45  # half the diagonal of a square of 63 m
    other = Case(lon=113.00123 + 1e-5, lat=34.76345, source="resident", state="filed")
    assert publishing.public_point(other) == (draft.lon, draft.lat)


def test_a_site_is_shown_where_it_is(town, make_picture):
    case = told(town, make_picture, site=town.site, lon=None, lat=None)
    draft = of(confirm_case(case, by=town.people["clerk"], kind=town.kind))
    assert (draft.lon, draft.lat) == (town.site.lon, town.site.lat)
    assert draft.address == "新华路街道文化街农贸市场"


@pytest.mark.parametrize(
    ("more", "drafted"),
    [
        ({"source": "covert"}, False),
        ({"source": "visit"}, False),
        ({"text": "有学生被挤到路上"}, False),
        ({"source": "wechat"}, True),
    ],
)
def test_what_drafts_itself(town, make_picture, more, drafted):
    case = confirm_case(told(town, make_picture, **more), by=town.people["clerk"], kind=town.kind)
    assert Publication.objects.filter(case=case).exists() is drafted


def test_a_covert_case_is_not_drafted_by_hand_either(town, make_picture):
    case = confirm_case(told(town, make_picture, source="covert"), by=town.people["clerk"], kind=town.kind)
    with pytest.raises(Refused, match="暗访"):
        publishing.make_draft(case, by=town.people["clerk"])


def test_a_draft_by_hand_is_the_desks_and_made_once(town, make_picture):
    case = confirm_case(told(town, make_picture, source="visit"), by=town.people["clerk"], kind=town.kind)
    with pytest.raises(NotAllowed):
        publishing.make_draft(case, by=town.people["liaison"])
    first = publishing.make_draft(case, by=town.people["clerk"])
    assert publishing.make_draft(case, by=town.people["clerk"]) == first
    assert Publication.objects.count() == 1


def test_public_only_once_the_picture_was_looked_at_and_decided(case, town):
    clerk, draft = town.people["clerk"], of(case)
    with pytest.raises(Refused, match="还没有找过"):
        PublicationFlow.take(draft, "publish", by=clerk)
    masking.propose(draft.before.blob, [("face", masking.Box(10, 10, 50, 50))])
    with pytest.raises(Refused, match="1 处没定"):
        PublicationFlow.take(draft, "publish", by=clerk)
    masking.decide(draft.before.blob, [("face", masking.Box(10, 10, 50, 50))], by=clerk)
    shown = PublicationFlow.take(draft, "publish", by=clerk).matter
    assert list(publishing.public()) == [shown] and shown.published_at is not None
    assert list(history.verify("problems.publication", shown.pk)) == []


@pytest.mark.parametrize("post", ["liaison", "dispatcher", "leader", "nobody", "admin"])
def test_only_the_desk_makes_public(case, town, post):
    with pytest.raises(NotAllowed):
        PublicationFlow.take(looked_at(of(case)), "publish", by=town.people[post])


def test_while_another_body_has_it_nothing_new_is_public_and_nothing_public_changes(case, town):
    clerk = town.people["clerk"]
    shown = PublicationFlow.take(looked_at(of(case)), "publish", by=clerk).matter
    before = Publication.objects.values().get()
    row = hand_over(case, kind="discipline", to_unit=Unit.objects.get(code="jw"), reason="久拖不改", by=clerk)
    assert Publication.objects.values().get() == before  # taking it down would tell
    PublicationFlow.take(shown, "withdraw", by=clerk, given={"reason": "先撤下"})
    again = PublicationFlow.take(of(case), "redraft", by=clerk).matter
    with pytest.raises(Refused, match="外单位"):
        PublicationFlow.take(again, "publish", by=clerk)
    HandoverFlow.take(row, "recall", by=town.people["office"], given={"reason": "收回"})
    assert PublicationFlow.take(of(case), "publish", by=clerk).matter.state == "public"


def test_solving_and_opening_again(case, town, make_picture):
    clerk = town.people["clerk"]
    PublicationFlow.take(looked_at(of(case)), "publish", by=clerk)
    done = solved(case, town, make_picture)
    row = of(case)
    assert (row.is_open, row.closed_at, row.after) == (
        False,
        done.closed_at,
        None,
    )  # the new picture must be read
    after = publishing.last_mended(done, publishing.pictures_of(done))
    given = {
        "what": row.what,
        "address": row.address,
        "answer": "清走了",
        "before": row.before_id,
        "after": after.pk,
    }
    with pytest.raises(BadInput, match="还没有找过"):
        PublicationFlow.take(row, "revise", by=clerk, given=given)
    PublicationFlow.take(looked_at(row), "revise", by=clerk, given=given)
    assert [pair.after_id for pair in pairs()] == [after.pk]

    CaseFlow.take(done, "unsolved", by=None)
    row = of(case)
    assert (row.is_open, row.closed_at, row.after, row.state) == (True, None, None, "public")
    CaseFlow.take(done, "spot_fail", by=clerk, given={"reason": "还有"})
    assert of(case).is_open and not pairs().exists()
    again = solved(case, town, make_picture, shade=200)
    row = of(case)
    assert (row.is_open, row.closed_at, row.after) == (False, again.closed_at, None)


def test_a_case_solved_before_it_was_read_proposes_both_pictures(case, town, make_picture):
    solved(case, town, make_picture)
    draft = of(case)
    assert draft.state == "draft" and draft.after is not None and not draft.is_open


def test_of_another_case_no_picture_can_be_chosen(case, town, make_picture):
    other = told(town, make_picture, shade=55)
    strange = publishing.pictures_of(other)[0]
    with pytest.raises(BadInput, match="不是这件案子的"):
        PublicationFlow.take(
            of(case), "revise", by=town.people["clerk"], given={"what": "垃圾", "before": strange.pk}
        )


def test_a_merged_case_is_taken_down(case, town, make_picture):
    PublicationFlow.take(looked_at(of(case)), "publish", by=town.people["clerk"])
    other = confirm_case(told(town, make_picture, shade=70), by=town.people["clerk"], kind=town.kind)
    with pytest.raises(Refused):
        CaseFlow.take(case, "merge", by=town.people["clerk"], given={"into": other.number})
    back = CaseFlow.take(case, "return", by=town.people["liaison"], given={"reason": "不归我"}).matter
    CaseFlow.take(back, "merge", by=town.people["clerk"], given={"into": other.number})
    assert of(case).state == "withdrawn" and not publishing.public().exists()


def test_unread_only_where_the_city_says_so_and_never_with_a_picture(town, make_picture):
    City.objects.update(settings={"publish_kinds": [town.kind.code]})
    from chuangwen.kernel.city import forget

    forget()
    with_picture = confirm_case(told(town, make_picture), by=town.people["clerk"], kind=town.kind)
    without = confirm_case(told(town, make_picture, photos=[]), by=town.people["clerk"], kind=town.kind)
    other = confirm_case(told(town, make_picture, photos=[]), by=town.people["clerk"], kind=town.street_kind)
    assert [of(c).state for c in (with_picture, without, other)] == ["draft", "public", "draft"]


def test_several_at_once_each_whole_or_not_at_all(case, town, make_picture):
    other = confirm_case(told(town, make_picture, photos=[]), by=town.people["clerk"], kind=town.kind)
    rows = Publication.objects.select_related("case").order_by("pk")
    done, left = publishing.publish_many(rows, by=town.people["clerk"])
    assert [p.case_id for p in done] == [other.pk]
    assert [(p.case_id, "还没有找过" in why) for p, why in left] == [(case.pk, True)]
    assert Mask.objects.count() == 0
