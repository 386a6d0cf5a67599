"""The public side of the demo: residents who rate, what is made public, a campaign, ideas and their answers, a partner."""

from __future__ import annotations

import datetime as dt
import random
import uuid

from django.utils import timezone

from chuangwen.faces.cli.demo.stage import Stage
from chuangwen.faces.cli.demo.world import DAY, HOUR, Life
from chuangwen.kernel.evidence import masking
from chuangwen.problems import following, mask_jobs, publishing
from chuangwen.problems.exchanging.keeping import save_partner
from chuangwen.problems.models import (
    Campaign,
    CaseKind,
    Partner,
    Publication,
    PublicationState,
    State,
    Submission,
    SubmissionState,
)
from chuangwen.problems.submitting import Sent, submit
from chuangwen.tasks.idea_flow import IdeaFlow
from chuangwen.tasks.ideas import Proposed, propose, support

DAYS = 45  # so long what residents report is made public; before that nobody had the pages
EVERY, AT_ONCE = 3, 9  # drafts are read every third day, so many at once
RATED, HAPPY = 0.6, 0.85
_SAID = ("来得快。", "清得很干净。", "", "", "谢谢。")
_UNHAPPY = ("还有一堆没清。", "第二天又停满了。")
_JUNK = "加微信领红包，刷单日结，点 http://示例.invalid/{n} 了解"
# What was sent, what is public of it, its topic, how it went, how many agree.
_IDEAS = (
    ("人民路口电动车没地方停，能不能多画一段线", "主要路口多画电动车停车线", "停车", "done", 21),
    ("公园晚上太黑，跑步看不见路", "公园步道加装夜间照明", "照明", "adopt", 34),
    ("建议图书馆周末延长到晚上九点", "图书馆周末延长开放", "文化", "open", 17),
    ("小区垃圾投放点没有洗手的地方", "垃圾投放点加装洗手池", "环卫", "open", 9),
    ("早市收摊后地上都是菜叶，能不能晚半小时再保洁一次", "早市收摊后再保洁一次", "环卫", "done", 12),
    ("把所有路口都装上人脸识别", "路口安装人脸识别", "秩序", "decline", 3),
    ("图书馆能不能周末晚点关门", "图书馆周末晚点关门", "文化", "merge", 4),
    ("学校门口接送车多，建议错时放学", "", "交通", "received", 0),
    ("养犬的多，建议多设拾便袋箱", "", "养犬", "received", 0),
)
_ANSWERS = {
    "adopt": "纳入年内照明改造，先做两处公园。",
    "done": "已安排，先在三处试行。",
    "decline": "不收集与创建无关的个人信息，改为增加人工劝导。",
}
_DONE = ("在六个路口补画停车线 180 米。", "早市所在三条街增加一次保洁，每天 9:30。")


class Openness:
    """Begins everything residents see and send beside their reports."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.world = stage, stage.world
        self.random = random.Random(f"{stage.deeds.seed}|openness")

    def _uid(self) -> uuid.UUID:
        """Of this part's own chance: what others draw from the world's stays as it was without it."""
        return uuid.UUID(int=self.random.getrandbits(128), version=4)

    def begin(self) -> None:
        world = self.world
        if not self.stage.cast.by_role["office"]:
            return
        self._campaigns()
        self._partner()
        first = max(world.start, world.until - DAYS * DAY)
        world.begin(self._made_public(), world.at_work(first))
        world.begin(self._ratings(), first + 8 * HOUR)
        for n, idea in enumerate(_IDEAS):
            world.begin(self._idea(n, *idea), first + n * 4 * DAY)
        world.begin(self._junk(), world.until - 5 * HOUR)

    def _campaigns(self) -> None:
        today = timezone.localdate(self.world.until)
        for name, first, last in (
            ("大家来找茬 · 背街小巷", today - 75 * DAY, today - 45 * DAY),
            ("大家来找茬 · 清洁家园", today - 12 * DAY, today + 18 * DAY),
        ):
            Campaign.objects.create(
                name=name, from_on=first, to_on=last, is_sample=True,
                rules="看到街巷里的脏乱差，拍一张照片报来。同一处报一次；不拍人脸和车牌。",
                thanks="每一件都有人看、有回音。谢谢每一位报的人。",
            )  # fmt: skip

    def _partner(self) -> None:
        kind = CaseKind.objects.filter(is_active=True).order_by("code").first()
        values = {
            "code": "szcg", "name": "数字城管平台（示例）", "projection": "cgcs2000", "url": "", "is_on": True,
            "person": self.stage.office, "source": "示例",
        }  # fmt: skip
        partner = save_partner(Partner(), values, by=self.stage.office, at=self.world.start)
        if kind is not None:
            Partner.objects.filter(pk=partner.pk).update(kinds={"1/01": kind.code})

    def _made_public(self) -> Life:
        """Somebody reads the drafts: pictures with nobody in them go out, the others wait to be looked at."""
        while True:
            desk = self.stage.office
            rows = Publication.objects.filter(state=PublicationState.DRAFT).order_by("-created_at", "-pk")
            drafts = list(rows.select_related("case", "before__blob", "after__blob")[:AT_ONCE])
            for draft in drafts:
                for picture in (draft.before, draft.after):
                    if picture is not None and picture.blob.scanned_at is None:
                        mask_jobs.scan(picture.blob)
                        picture.blob.refresh_from_db()
            clear = [
                d
                for d in drafts
                if all(not p or not masking.why_not_ready(p.blob) for p in (d.before, d.after))
            ]
            publishing.publish_many(clear, by=desk, at=self.world.now)
            yield self.world.at_work(self.world.now + EVERY * DAY)

    def _ratings(self) -> Life:
        """Who reported looks some days after it was solved, and says so; a few say it is not."""
        while True:
            now = self.world.now
            rows = Submission.objects.filter(
                state=SubmissionState.TAKEN, rated_at__isnull=True, is_sample=True,
                case__closed_at__gte=now - 3 * DAY, case__closed_at__lte=now - DAY, case__state=State.CLOSED,
            )  # fmt: skip
            for row in rows.select_related("case").order_by("pk"):
                if self.random.random() > RATED:
                    continue
                happy = self.random.random() < HAPPY
                said = self.random.choice(_SAID if happy else _UNHAPPY)
                following.rate(row, satisfied=happy, text=said, at=now)
            yield now + DAY

    def _idea(self, n: int, text: str, public: str, topic: str, course: str, agree: int) -> Life:
        world, office = self.world, self.stage.office
        sent = Proposed(self._uid(), text, topic=topic, device=f"sample {n}", is_sample=True)
        idea, _secret = propose(sent, at=world.now)
        if course == "received":
            return
        yield world.at_work(world.now + 30 * HOUR)
        given: dict[str, object] = {"public_text": public, "topic": topic}
        idea = IdeaFlow.take(idea, "release", by=self.stage.office, given=given, at=world.now).matter
        yield world.now + 2 * DAY
        for device in range(agree):
            support(idea, f"sample device {device}", at=world.now)
        if course == "merge":
            into = type(idea).objects.filter(public_text=_IDEAS[2][1]).first()
            if into is not None:
                IdeaFlow.take(idea, "merge", by=office, given={"into": into.number}, at=world.now)
            return
        if course == "open":
            return
        yield world.at_work(world.now + 5 * DAY)
        given = {"answer": _ANSWERS[course]}
        if course != "decline":
            given |= {
                "unit": self.random.choice(self.stage.cast.doers).pk,
                "due_on": timezone.localdate(world.now) + dt.timedelta(40),
            }
        idea = IdeaFlow.take(
            idea, "decline" if course == "decline" else "adopt", by=office, given=given, at=world.now
        ).matter
        if course == "done":
            yield world.at_work(world.now + 5 * DAY)
            done = _DONE[0 if "路口" in public else 1]
            IdeaFlow.take(idea, "done", by=self.stage.office, given={"done_text": done}, at=world.now)

    def _junk(self) -> Life:
        """A handful of the same advertising: it waits, folded into one line, and hides nothing."""
        for n in range(6):
            submit(Sent(self._uid(), _JUNK.format(n=n), is_sample=True), at=self.world.now)
            yield self.world.now + dt.timedelta(minutes=7)
