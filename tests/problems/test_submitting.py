"""A resident's message: taken once, held back with its photos, released, left out, put back, followed, rated."""

from __future__ import annotations

import datetime as dt
import random
import uuid

import pytest

from chuangwen.kernel.models import Evidence, Notice
from chuangwen.kernel.people.tokens import digest_of
from chuangwen.kernel.shred import shred_before
from chuangwen.kernel.workflow.flow import BadInput, NotAllowed, Refused
from chuangwen.problems import following
from chuangwen.problems import submission_queries as queries
from chuangwen.problems.actions import Told, confirm_case, take_report
from chuangwen.problems.flow import CaseFlow
from chuangwen.problems.models import Campaign, Case, Publication, Report, Submission
from chuangwen.problems.publication_flow import PublicationFlow
from chuangwen.problems.resident_reactions import forget_origins
from chuangwen.problems.submission_flow import SubmissionFlow
from chuangwen.problems.submitting import Sent, by_secret, secret_of, submit

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 16, 1, 0, tzinfo=dt.UTC)  # a Monday, 09:00 in China


def sent(text="人民路垃圾桶满了两天", **more):
    return Sent(**{"uid": uuid.uuid4(), "text": text, "lon": 113.0, "lat": 34.7601, **more})


def test_a_message_becomes_a_case_once(town, make_picture):
    Campaign.objects.create(name="找茬", rules="拍", from_on=NOW.date(), to_on=NOW.date())
    one = sent(photos=[make_picture(33)], name="老王", phone="13912345678")
    row, secret = submit(one, at=NOW)
    again, same = submit(one, at=NOW)
    assert (again.pk, same) == (row.pk, secret) and by_secret(secret).pk == row.pk
    assert row.secret == digest_of(secret) and secret not in str(Submission.objects.values().get())
    report = Report.objects.get()
    assert (report.source, report.channel, report.campaign.name) == ("resident", "portal", "找茬")
    assert report.contact == "老王" and row.phone == ""  # not checked, so not kept
    assert (row.state, row.case.state, row.case.street_id) == ("taken", "reported", town.street.pk)
    assert Evidence.objects.filter(subject="problems.case", subject_id=row.case_id, role="found").count() == 1


def test_what_looks_like_junk_waits_with_its_photo_and_moves_on_release(town, make_picture):
    row, _secret = submit(sent("www.abc.com", photos=[make_picture(40)]), at=NOW)
    assert row.state == "waiting" and Case.objects.count() == 0
    assert Evidence.objects.get().subject == "problems.submission"
    with pytest.raises(NotAllowed):
        SubmissionFlow.take(row, "release", by=town.people["liaison"])
    SubmissionFlow.take(row, "release", by=town.people["dispatcher"], at=NOW)
    row.refresh_from_db()
    photo = Evidence.objects.get()
    assert (photo.subject, photo.subject_id, row.state) == ("problems.case", row.case_id, "taken")
    with pytest.raises(Refused):
        SubmissionFlow.take(row, "release", by=town.people["clerk"])
    assert Report.objects.count() == 1


def test_left_out_with_a_reason_the_sender_reads_and_put_back(town):
    row, _secret = submit(sent("哈哈哈哈哈哈哈哈"), at=NOW)
    with pytest.raises(BadInput):
        SubmissionFlow.take(row, "drop", by=town.people["dispatcher"])
    SubmissionFlow.take(row, "drop", by=town.people["dispatcher"], given={"reason": "没写事情"})
    row.refresh_from_db()
    assert [(s.words, s.more) for s in following.path_of(row)][1:] == [("没有收", "没写事情")]
    SubmissionFlow.take(row, "restore", by=town.people["dispatcher"])
    row.refresh_from_db()
    assert row.state == "waiting"


def test_a_point_outside_the_city_waits_and_is_left_to_its_words(town):
    row, _secret = submit(sent(lon=120.0, lat=30.0, address="人民路 3 号"), at=NOW)
    assert row.findings["outside"] == 1 and row.state == "waiting"
    SubmissionFlow.take(row, "release", by=town.people["clerk"])
    row.refresh_from_db()
    assert row.case.lon is None and row.case.address == "人民路 3 号"


def published(town, text="垃圾桶满溢"):
    case = take_report(Told(text=text, lon=113.0, lat=34.7601, source="resident"), by=None, at=NOW).case
    confirm_case(case, by=town.people["dispatcher"], kind=town.kind, at=NOW)
    row = Publication.objects.get(case=case)
    PublicationFlow.take(row, "publish", by=town.people["office"])
    row.refresh_from_db()
    return row


def test_i_see_it_too_joins_the_public_case_and_nobody_elses(town, make_picture):
    public = published(town)
    near = following.near_public(113.0, 34.7601, town.kind)
    assert [(row.pk, metres <= 100) for row, metres in near] == [(public.pk, True)]
    row, _secret = submit(sent("还是满的", join=public, photos=[make_picture(44)]), at=NOW)
    assert (row.case_id, row.is_joined, row.state) == (public.case_id, True, "taken")
    assert following.others_of(row) == 1 and Case.objects.count() == 1
    assert [s.words for s in following.path_of(row, NOW)] == ["你报了", "受理了", "交给城市管理局", "正在办"]
    draft = Publication.objects.get(pk=public.pk)
    PublicationFlow.take(draft, "withdraw", by=town.people["office"], given={"reason": "重写"})
    draft.refresh_from_db()
    other, _secret = submit(sent("又是满的那个桶", join=draft), at=NOW)
    assert other.case_id != public.case_id and not other.is_joined


def test_a_joined_case_that_ended_meanwhile_makes_a_new_one(town):
    public = published(town)
    Case.objects.filter(pk=public.case_id).update(state="closed", closed_at=NOW)
    row, _secret = submit(sent("还是满的", join=public), at=NOW)
    assert row.state == "taken" and row.case_id != public.case_id and not row.is_joined


def done(town, row, at):
    people = town.people
    town.kind.needs_photo = False
    town.kind.save()
    case = confirm_case(row.case, by=people["dispatcher"], kind=town.kind, at=at)
    CaseFlow.take(case, "answer", by=people["liaison"], given={"note": "张三清走了"}, at=at)
    return CaseFlow.take(case, "pass", by=people["checker"], at=at).matter


def test_the_sender_says_it_is_not_solved_and_the_case_goes_back_to_the_checker(town):
    row, secret = submit(sent(), at=NOW)
    with pytest.raises(Refused):
        following.rate(row, satisfied=True, at=NOW)
    done(town, row, NOW)
    words = [s.words for s in following.path_of(by_secret(secret), NOW)]
    assert words == ["你报了", "受理了", "交给城市管理局", "办好了", "核查过了，办结"]
    row = following.rate(by_secret(secret), satisfied=True, at=NOW + dt.timedelta(hours=1))
    assert row.is_satisfied and Case.objects.get().state == "closed"
    row = following.rate(row, satisfied=False, text="又满了", at=NOW + dt.timedelta(days=2))
    case = Case.objects.get()
    assert (row.is_satisfied, row.rating_text, case.state) == (False, "又满了", "spot")
    assert "有人说没解决，派人到现场再看" in [s.words for s in following.path_of(by_secret(secret), NOW)]
    with pytest.raises(Refused):
        following.rate(row, satisfied=True, at=NOW + dt.timedelta(days=9))


def test_the_path_names_nobody_and_no_reason_from_inside(town):
    row, secret = submit(sent(), at=NOW)
    case = confirm_case(row.case, by=town.people["dispatcher"], kind=town.kind, at=NOW)
    CaseFlow.take(case, "return", by=town.people["liaison"], given={"reason": "李四说归交通"}, at=NOW)
    CaseFlow.take(case, "void" if case.state == "filed" else "dispatch", by=town.people["clerk"],
                  given={"unit": town.units["jtj"].pk, "reason": "王五"}, at=NOW)  # fmt: skip
    said = str(following.path_of(by_secret(secret), NOW))
    assert "换单位办" in said and "交给交通运输局" in said
    assert not [name for name in ("示例", "李四", "王五") if name in said]


def test_a_case_with_another_body_looks_like_any_other(town):
    from chuangwen.problems.actions import hand_over

    row, secret = submit(sent(), at=NOW)
    case = confirm_case(row.case, by=town.people["dispatcher"], kind=town.kind, at=NOW)
    hand_over(case, kind="supervision", to_unit=town.units["dcj"], reason="久拖", by=town.people["clerk"], at=NOW)
    path = following.path_of(by_secret(secret), NOW)
    assert [s.words for s in path] == ["你报了", "受理了", "交给城市管理局", "正在办"] and path[-1].more == ""


def test_persons_are_shredded_and_origins_forgotten(town):
    row, secret = submit(sent(name="老王", origin="o", device="d"), at=NOW)
    following.keep_phone(row, "13912345678", at=NOW)
    row.refresh_from_db()
    assert Report.objects.get().contact == "老王 13912345678"
    done(town, row, NOW)
    assert forget_origins(NOW + dt.timedelta(days=3)) == 1
    shred_before(NOW + dt.timedelta(days=1))
    row.refresh_from_db()
    assert (row.name, row.phone, row.origin, row.device, Report.objects.get().contact) == ("", "", "", "", "")
    assert by_secret(secret).pk == row.pk


TEMPLATES = (
    "{place}领导不作为，垃圾没人管，第{n}次说了", "{place}又脏又乱，没人管，请马上处理{n}", "强烈投诉{place}的物业{n}",
    "加微信 v{n}xyz 领红包，扫码进群", "{place}{place}{place}{place}{n}",
)  # fmt: skip
TRUE = (
    ("黄河路 12 号门口井盖没了，晚上会摔人", True), ("文化街农贸市场卫生间漏水，地上很滑", False),
    ("实验小学门口红绿灯两天不亮", False), ("杜甫路公交站旁的电线垂下来，伸手能碰到", True),
    ("滨河公园健身器材断了一根，露出钢管", True),
)  # fmt: skip


@pytest.mark.one_engine
def test_a_campaign_of_1000_false_messages_hides_no_true_one(town, make_picture):
    """Five templates, 12 networks, 40 devices, some with photos; the true ones share networks with the false."""
    chance = random.Random(7)
    pictures = [make_picture(n) for n in (11, 77, 140)]
    places = ["人民路", "建设路", "解放路", "中原路", "新华路", "东风路", "广场", "北环路"]
    plan = [("", n) for n in range(1000)]
    for number, place in enumerate(sorted(chance.sample(range(100, 1000), len(TRUE)))):
        plan.insert(place, (TRUE[number][0], number))
    true = []
    for i, (text, n) in enumerate(plan):
        at = NOW + dt.timedelta(seconds=3 * i)
        who = {"origin": f"net{chance.randrange(12)}", "device": f"dev{chance.randrange(40)}"}
        if text:
            photos = [make_picture(200 + n)] if TRUE[n][1] else []
            true.append(submit(sent(text, photos=photos, **{**who, "device": ""}), at=at)[0])
        else:
            words = chance.choice(TEMPLATES).format(place=chance.choice(places), n=n)
            photos = [chance.choice(pictures)] if n % 25 == 0 else []
            submit(sent(words, photos=photos, **who), at=at)
    taken = Case.objects.count()
    groups, _number, waiting = queries.queue(town.people["dispatcher"])
    first_screen = {row.pk for group in groups for row in group.rows}
    assert taken <= 60 and waiting >= 940
    assert [row.text for row in true if row.state != "taken" and row.pk not in first_screen] == []
    assert 1 <= Notice.objects.filter(kind="submissions_wait").count() <= 2  # an hour apart, never one each


def test_a_whole_group_is_decided_at_once_and_taken_back(town):
    for n in range(12):
        submit(sent(f"www.abc.com/{n}", origin=f"o{n}"), at=NOW + dt.timedelta(minutes=n))
    dispatcher = town.people["dispatcher"]
    groups, _number, waiting = queries.queue(dispatcher)
    assert (len(groups), waiting) == (1, 12)
    late, _secret = submit(sent("www.abc.com/99", origin="x"), at=NOW + dt.timedelta(minutes=30))
    decided = queries.decide_group(dispatcher, groups[0].like, groups[0].newest, "drop", reason="广告")
    late.refresh_from_db()
    assert (decided.done, decided.left, late.state) == (12, 0, "waiting")
    assert queries.take_back(dispatcher, decided.batch) == 12
    assert queries.take_back(dispatcher, decided.batch) == 0
    with pytest.raises(BadInput):
        queries.decide_group(dispatcher, groups[0].like, groups[0].newest, "drop")
    assert queries.decide_group(dispatcher, groups[0].like, groups[0].newest, "release").done == 12
    assert queries.waiting(dispatcher) == 1 and queries.waiting(town.people["liaison"]) == 0


@pytest.mark.django_db(transaction=True)
def test_two_at_once_make_one(town):
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connection

    one = sent()

    def go(_n):
        try:
            return submit(one, at=NOW)[0].pk
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(go, range(4)))) == 1
    assert (Submission.objects.count(), Report.objects.count(), Case.objects.count()) == (1, 1, 1)


def test_killed_in_the_middle_leaves_nothing_and_the_same_again_works(town, monkeypatch, make_picture):
    from chuangwen.problems import submitting

    one = sent(photos=[make_picture(60)])

    def killed(*_args, **_more):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(submitting.SubmissionFlow, "record", killed)
        submit(one, at=NOW)
    assert (Submission.objects.count(), Case.objects.count(), Evidence.objects.count()) == (0, 0, 0)
    assert submit(one, at=NOW)[1] == secret_of(one.uid)
