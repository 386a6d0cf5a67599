"""What follows a closed month: the circular, the comment meeting with its pack, decisions that become tasks, minutes."""

from __future__ import annotations

import datetime as dt
import uuid

from django.utils import timezone

from chuangwen.assessment.circular import draft_circular
from chuangwen.assessment.gathering import prepare_pack
from chuangwen.assessment.models import Ranking, RankLine
from chuangwen.faces.cli.demo.stage import Stage, fresh
from chuangwen.faces.cli.demo.world import DAY, HOUR, MINUTE, Life
from chuangwen.kernel.models import Unit
from chuangwen.papers.actions import receive_paper, reply_paper
from chuangwen.papers.flow import PaperFlow
from chuangwen.papers.models import IssuingBody, Paper, PaperKind
from chuangwen.problems.models import Case
from chuangwen.problems.papers import draft_for_cases
from chuangwen.tasks.meeting_flow import MeetingFlow, ReferralFlow
from chuangwen.tasks.meeting_models import Cadence, Meeting, Presence
from chuangwen.tasks.meeting_papers import draft_minutes
from chuangwen.tasks.meetings import (
    Came,
    Decided,
    hold_meeting,
    plan_meeting,
    record_attendance,
    save_decisions,
    turn_decision,
    write_minutes,
)
from chuangwen.tasks.models import State, Task
from chuangwen.tasks.packs import edit_pack, use_usual_beats
from chuangwen.tasks.referrals import refer_task

GUESTS = 18  # units asked to the meeting
_AGENDA = (
    ("通报上月考核排名", "督导组"), ("末档单位表态发言", ""), ("下月重点任务", "综合组"), ("领导讲话", ""),
)  # fmt: skip
_FOCUS = "本月盯住三件事：农贸市场周边复发问题、背街小巷夜间保洁、材料补短板。"
_MINUTES = (
    "会议通报了上月考核结果。名次相近的单位差别在误差内，不作先后比较。\n"
    "会议听取了末档单位的情况说明。逾期案件主要因夜间力量不足、跨单位交接慢。\n"
    "会议要求，逐件对照失分事项整改，交接当天有回音，复发点位一周内回头看。"
)
_DECISIONS = (
    "农贸市场周边三类复发问题一周回头看，报结果", "背街小巷夜间保洁排班上墙，明确交接时间", "逾期案件逐件写明原因和办结时间",
)  # fmt: skip


class AfterMonth:
    """Begins all that hangs on one frozen ranking of units."""

    def __init__(self, stage: Stage, ranking: Ranking) -> None:
        self.stage, self.world, self.ranking = stage, stage.world, ranking
        office = stage.cast.by_role["office"]
        self.drafter, self.signer = office[0], office[-1]

    def begin(self) -> None:
        world = self.world
        if self.drafter == self.signer or not IssuingBody.objects.exists():
            return  # nobody signs what he drafted himself
        world.begin(self._circular(), world.at_work(world.now + 2 * HOUR))
        world.begin(self._meeting(), world.at_work(world.now + 1.5 * DAY))
        world.begin(self._rectification(), world.at_work(world.now + 6 * HOUR))

    def _issued(self, paper: Paper, answered: float, reply: str = "") -> Life:
        """Read, signed by another person and issued; a share of the receivers sign for it, and answer where asked."""
        world = self.world
        PaperFlow.take(paper, "send", by=fresh(self.drafter), at=world.now)
        yield world.at_work(world.now + HOUR)
        PaperFlow.take(paper, "sign", by=fresh(self.signer), at=world.now)
        yield world.at_work(world.now + 40 * MINUTE)
        PaperFlow.take(paper, "issue", by=fresh(self.drafter), at=world.now)
        yield world.at_work(world.now + 5 * HOUR)
        for receipt in paper.receipts.select_related("unit").order_by("pk"):
            people = self.stage.cast.of_unit.get(receipt.unit_id)
            if not people or self.stage.nature(str(paper.pk), str(receipt.unit_id)) >= answered:
                continue
            receive_paper(paper, by=fresh(people[0]), receipt=receipt.pk, at=world.now)
            if reply:
                reply_paper(paper, reply, by=fresh(people[0]), receipt=receipt.pk, at=world.now)

    def _circular(self) -> Life:
        paper = draft_circular(
            Ranking.objects.get(pk=self.ranking.pk), by=fresh(self.drafter), at=self.world.now
        )
        yield from self._issued(paper, 0.9)

    def _rectification(self) -> Life:
        """A letter to the unit with the oldest case that is late; it has not answered yet."""
        world = self.world
        late = Case.objects.filter(closed_at__isnull=True, due_at__lt=world.now, unit__isnull=False)
        case = late.filter(state="fixing").select_related("unit").order_by("due_at", "pk").first()
        if case is None:
            return
        reply_on = timezone.localdate(world.now) + dt.timedelta(days=7)
        paper = draft_for_cases(
            PaperKind.RECTIFICATION, [case], by=fresh(self.drafter), reply_on=reply_on, ground="超过处置期限仍未反馈",
            at=world.now,
        )  # fmt: skip
        yield from self._issued(paper, 1.0)

    def _meeting(self) -> Life:
        world = self.world
        use_usual_beats(by=fresh(self.drafter))
        held_at = world.at_work(world.now + 2 * DAY)
        pack = prepare_pack(
            Cadence.MONTHLY, timezone.localdate(held_at), by=fresh(self.drafter), at=world.now
        )
        edit_pack(pack, by=fresh(self.drafter), focus=_FOCUS, at=world.now)
        lines = RankLine.objects.filter(ranking=self.ranking, unit__isnull=False, rank__isnull=False)
        units = [
            line.unit
            for line in lines.select_related("unit").order_by("-band", "-rank", "pk")[:GUESTS]
            if line.unit
        ]
        meeting = plan_meeting(
            f"{self.ranking.month.month} 月创建工作点评会", held_at, "创建办三楼会议室", by=fresh(self.drafter),
            cadence=Cadence.MONTHLY, pack=pack, chair="指挥部办公室主任", units=units, agenda=_AGENDA, is_sample=True,
            at=world.now,
        )  # fmt: skip
        yield world.at_work(world.now + HOUR)
        MeetingFlow.take(meeting, "invite", by=fresh(self.drafter), at=world.now)
        yield held_at + 2 * HOUR
        meeting = hold_meeting(meeting, by=fresh(self.drafter), at=world.now)
        self._said(meeting, units)
        yield world.at_work(world.now + 4 * HOUR)
        MeetingFlow.take(meeting, "confirm", by=fresh(self.drafter), at=world.now)
        paper = draft_minutes(meeting, by=fresh(self.drafter), at=world.now)
        self._refer()
        yield from self._issued(paper, 0.8)

    def _said(self, meeting: Meeting, units: list[Unit]) -> None:
        """Attendance, minutes, and three decisions that become tasks of the units last in the table."""
        world, by = self.world, fresh(self.drafter)
        came = [
            Came(unit.pk, Presence.LEAVE if n == len(units) - 1 else Presence.CAME, has_spoken=n < 3)
            for n, unit in enumerate(units)
        ]
        record_attendance(meeting, came, by=by, at=world.now)
        write_minutes(meeting, _MINUTES, by=by, at=world.now)
        due = timezone.localdate(world.now) + dt.timedelta(days=14)
        wanted = [
            Decided(text, unit, due, uuid.uuid5(meeting.uid, text))
            for text, unit in zip(_DECISIONS, units, strict=False)
        ]
        for decision in save_decisions(meeting, wanted, by=by, at=world.now):
            turn_decision(decision, by=by, at=world.now)

    def _refer(self) -> None:
        """One late task goes up to the government's weekly assignment meeting and is assigned there."""
        world, by = self.world, fresh(self.drafter)
        late = (
            Task.objects.filter(state=State.DOING, next_due_at__lt=world.now)
            .order_by("next_due_at", "pk")
            .first()
        )
        if late is None:
            return
        referral = refer_task(late, "牵涉三个单位，创建办协调两次未果", by=by, at=world.now)
        ReferralFlow.take(
            referral, "list", by=by, given={"listed_on": timezone.localdate(world.now)}, at=world.now
        )
