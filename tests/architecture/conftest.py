"""A small city with one case for every reason to see it or not."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pytest
from django.utils import timezone


def _others(town):
    """A thing at the market, and an import that is done."""
    from chuangwen.kernel.models import Term
    from chuangwen.problems.import_models import ImportJob, JobState
    from chuangwen.registers.models import Thing

    toilet = Term.objects.create(list="thing_kind", code="toilet", name="公厕")
    thing = Thing.objects.create(code="T1", kind=toilet, name="文化街公厕", place=town.site)
    job = ImportJob.objects.create(
        name="orders.csv",
        path="none",
        channel="12345",
        datum="wgs84",
        state=JobState.DONE,
        by=town.people["clerk"],
    )
    return {"thing": thing, "job": job}


def _partner(town):
    """Another system that sent what could not be read."""
    from chuangwen.problems.exchanging.taking import receive
    from chuangwen.problems.models import Partner

    partner = Partner.objects.create(code="platform", name="示例平台", person=town.people["dispatcher"])
    return {"partner": partner, "exchange": receive(partner, "<Request/>")}


def _dossier(town):
    """A material asked of 城市管理局, with a paper and a version; an export the clerk asked for."""
    from chuangwen.dossier.actions import add_document, ask_item
    from chuangwen.dossier.models import ExportJob, Version
    from chuangwen.standards.models import Edition, Material, Node, Requirement, Scheme
    from tests.dossier.conftest import pdf

    scheme = Scheme.objects.create(code="dossier", name="示例体系", kind="other")
    edition = Edition.objects.create(scheme=scheme, name="2026", year=2026, full=1)
    node = Node.objects.create(edition=edition, tier="standard", code="9-1", name="示例标准")
    need = Requirement.objects.create(node=node, method="material", full=1)
    material = Material.objects.create(requirement=need, code="M1", kind="document", text="示例方案")
    item = ask_item(material, 2026, by=town.people["clerk"], unit=town.units["cgj"])
    proof = add_document(item, pdf(), by=town.people["liaison"])
    Version.objects.create(item=item, no=1, by=town.people["liaison"])
    export = ExportJob.objects.create(edition=edition, year=2026, by=town.people["clerk"])
    return {"item": item, "proof": proof, "export": export}


def _tasks(town):
    """A plan, a campaign, a demonstration site, and a task of 城市管理局 for one cell of a tree."""
    from chuangwen.standards.models import Edition, Node, Requirement, Scheme
    from chuangwen.tasks.actions import make_drive, make_plan, make_task
    from chuangwen.tasks.flow import TaskFlow
    from chuangwen.tasks.models import Demo, DriveTemplate

    today, office = timezone.localdate(), town.people["office"]
    first, last = today.replace(month=1, day=1), today.replace(month=12, day=31)
    scheme = Scheme.objects.create(code="tasks", name="示例体系", kind="other")
    edition = Edition.objects.create(scheme=scheme, name="示例", year=today.year, full=100)
    node = Node.objects.create(edition=edition, tier="standard", code="1-1", name="示例标准")
    cell = Requirement.objects.create(node=node, method="site", full=1)
    plan = make_plan("year", "示例方案", first, last, by=office)
    task = make_task(
        by=office, kind="activity", title="示例任务", due_on=today + dt.timedelta(days=30), unit=town.units["cgj"],
        plan=plan, requirement=cell,
    )  # fmt: skip
    return {
        "task": TaskFlow.take(task, "publish", by=office).matter, "plan": plan, "task_cell": cell,
        "drive": make_drive("theme_month", "示例提升月", first, last, by=office, plan=plan),
        "drive_template": DriveTemplate.objects.create(name="示例模板", kind="theme_month", month=5, source="示例"),
        "demo": Demo.objects.create(trade="农贸市场", place=town.site, practice="示例做法", chosen_on=today),
    }  # fmt: skip


def _scores(town):
    """A batch of questionnaires, an official result and an event of the negative list, of one scheme."""
    from chuangwen.assessment.models import Incident, NegativeRule, OfficialResult
    from chuangwen.standards.models import Edition, Scheme
    from chuangwen.surveys.models import Batch

    today = timezone.localdate()
    scheme = Scheme.objects.create(code="scores", name="示例体系", kind="other")
    edition = Edition.objects.create(scheme=scheme, name="示例", year=today.year, full=100)
    entry = NegativeRule.objects.create(
        scheme=scheme, code="A", text="示例情形", sanction="deduct", source="示例"
    )
    return {
        "batch": Batch.objects.create(
            edition=edition, name="示例", channel="door", from_on=today, to_on=today, given=10, valid=9
        ),
        "result": OfficialResult.objects.create(scheme=scheme, year=today.year, score=80, source="示例"),
        "incident": Incident.objects.create(
            rule=entry, on=today, what="示例", document="示例", expires_on=today + dt.timedelta(days=9)
        ),
    }


def _rounds(town):
    """An open round that runs, with the market to visit and an opinion for 城市管理局."""
    from chuangwen.inspections.actions import draw_round, note_opinion, plan_round, set_team
    from chuangwen.inspections.flow import RoundFlow
    from chuangwen.inspections.models import Visit

    today, office = timezone.localdate(), town.people["office"]
    row = plan_round(
        kind="deputies", name="示例视察", from_on=today, to_on=today + dt.timedelta(days=2), by=office,
        spec={"places": [town.site.code], "workdays": False},
    )  # fmt: skip
    team = set_team(row, name="示例组", members=[town.people["checker"]], by=office)
    row.refresh_from_db()
    row = RoundFlow.take(draw_round(row, "s", by=office), "start", by=office).matter
    opinion = note_opinion(row, giver="人大代表", text="示例意见", by=office, unit=town.units["cgj"])
    return {"round": row, "team": team, "visit": Visit.objects.get(round=row), "opinion": opinion}


def _standards(town):
    """A small edition in use with an older one, a notice to 城市管理局, a figure of it, and a file put down."""
    import datetime as day
    from decimal import Decimal

    from chuangwen.standards.actions import give_share, give_value, issue_notices
    from chuangwen.standards.import_jobs import draft_import
    from chuangwen.standards.models import Edition, Node, Requirement, Scheme, Series

    office, unit = town.people["office"], town.units["cgj"]
    scheme = Scheme.objects.create(code="walk", name="走查体系", kind="other")
    made = []
    for name, year in (("2025", 2025), ("2026", 2026)):
        edition = Edition.objects.create(
            scheme=scheme, name=name, year=year, full=1, is_current=name == "2026"
        )
        node = Node.objects.create(edition=edition, tier="standard", code="1-01", name="走查标准", full=1)
        made.append((edition, node, Requirement.objects.create(node=node, method="series", full=1)))
    (_old, old_node, _need), (edition, node, need) = made
    give_share(need, unit, by=office)
    series = Series.objects.create(requirement=need, code="S1", name="走查指标", unit=unit)
    sent = issue_notices(edition, [unit], timezone.localdate() + day.timedelta(days=7), by=office)
    return {
        "edition": edition, "old_standard": old_node, "standard": node, "need": need, "series": series,
        "series_value": give_value(series, 2026, Decimal(1), by=office), "duty_notice": sent.made[0],
        "tree_import": draft_import("level1,level2,level3\n甲,乙,丙\n".encode(), "t.csv", by=office),
    }  # fmt: skip


def _papers(town):
    """A paper issued to 城市管理局 by the office, and a standing rule."""
    from chuangwen.papers.actions import put_draft
    from chuangwen.papers.flow import PaperFlow
    from chuangwen.papers.format.content import Block
    from chuangwen.papers.models import IssuingBody, Regulation

    body = IssuingBody.objects.create(
        code="office", unit=town.units["office"], name="示例创建办", mark="示例创建办文件", character="示创办"
    )
    paper = put_draft(
        "notice",
        title="关于示例的通知",
        content=[Block("示例正文。")],
        body=body,
        by=None,
        receivers=[town.units["cgj"]],
    )
    for step in ("send", "sign", "issue"):
        paper = PaperFlow.take(paper, step, by=town.people["office"]).matter
    regulation = Regulation.objects.create(
        code="R", title="示例制度", version="一", from_on=timezone.localdate()
    )
    return {"paper": paper, "issuing_body": body, "regulation": regulation}


def _rankings(town, cases):
    """A month of 城市管理局 in preview with one objection, a deduction, a special inspection, a form of the year.

    Its four late rows are four of the cases, not all of them its own.
    """
    from chuangwen.assessment.consequences import (
        ConsequenceFacts,
        SpecialFacts,
        record_consequence,
        record_special,
    )
    from chuangwen.assessment.objections import raise_objection
    from chuangwen.assessment.ranking_models import RankFact
    from chuangwen.assessment.year_export import save_export_map
    from tests.assessment.month import bad_rows, line_of, month_of

    office, today = town.people["office"], timezone.localdate()
    ranking = month_of(town, {"cgj": {"fixed_in_time": (6, 4)}, "jtj": {"fixed_in_time": (9, 1)}})
    line = line_of(ranking, town.units["cgj"])
    late = ("ours", "theirs", "covert", "handed")
    for fact, name in zip(bad_rows(line), late, strict=True):
        RankFact.objects.filter(pk=fact.pk).update(object_id=cases[name].pk)
    special = SpecialFacts("示例巡察", town.units["cgj"], "第一组", today, today, "示例")
    return {
        "ranking": ranking, "rank_line": line,
        "objection": raise_objection(line, bad_rows(line), "不认", by=town.people["liaison"]),
        "consequence": record_consequence(
            ConsequenceFacts("criticism", town.units["cgj"], today, "示例"), by=office
        ),
        "special": record_special(special, by=office),
        "export_map": save_export_map("示例", [("", "name")], "示例", by=office),
    }  # fmt: skip


def _webhook(town):
    """An address told of steps; paused, so that no other test pays for it."""
    from chuangwen.kernel.models import Webhook

    office = town.people["office"]
    made = Webhook.objects.create(
        name="示例推送", url="https://hook.example.cn/", secret="s", person=office, made_by=office, is_on=False,
        ends_on=timezone.localdate() + dt.timedelta(days=30),
    )  # fmt: skip
    return {"webhook": made}


def _meetings(town):
    """A day's list, a meeting 城市管理局 is asked to, a task handed up, a group of the structure, a study plan."""
    from chuangwen.assessment.gathering import prepare_pack
    from chuangwen.tasks.actions import make_task
    from chuangwen.tasks.flow import TaskFlow
    from chuangwen.tasks.meeting_flow import MeetingFlow
    from chuangwen.tasks.meetings import plan_meeting
    from chuangwen.tasks.models import StudyPlan
    from chuangwen.tasks.referrals import refer_task
    from chuangwen.tasks.structure import add_group

    office, today, unit = town.people["office"], timezone.localdate(), town.units["cgj"]
    task = make_task(
        by=office, kind="activity", title="示例大事", due_on=today + dt.timedelta(days=30), unit=unit
    )
    task = TaskFlow.take(task, "publish", by=office).matter
    starts_at = timezone.now() + dt.timedelta(days=2)
    meeting = plan_meeting("示例会议", starts_at, "三楼", by=office, cadence="weekly", units=[unit])
    return {
        "pack": prepare_pack("daily", today, by=office), "referral": refer_task(task, "几家一起办", by=office),
        "meeting": MeetingFlow.take(meeting, "invite", by=office).matter,
        "group": add_group("示例工作组", "group", town.units["office"], by=office),
        "study": StudyPlan.objects.create(unit=unit, month=today.replace(day=1), topic="示例"),
    }  # fmt: skip


def _ideas(town):
    """A public idea, with the secret of its link."""
    import uuid

    from chuangwen.tasks.idea_flow import IdeaFlow
    from chuangwen.tasks.ideas import Proposed, propose

    idea, secret = propose(Proposed(uuid.uuid4(), "路口多画一段停车线", name="不公开的称呼"))
    given = {"public_text": "路口多画停车线"}
    return {
        "idea": IdeaFlow.take(idea, "release", by=town.people["office"], given=given).matter,
        "idea_secret": secret,
    }


def _submission():
    """A resident's message that waits for a person, with the secret of its link."""
    import uuid

    from chuangwen.problems.submitting import Sent, submit

    row, secret = submit(Sent(uid=uuid.uuid4(), text="www.example.com", name="不公开的报的人"))
    return {"submission": row, "submission_secret": secret}


def _aside(visit, photo, by):
    """A record of a phone that came second, with its photo, of the open round."""
    from chuangwen.kernel.workflow.arrival_models import SetAside

    record = {"uid": "0", "kind": "skip", "given": {"visit": str(visit.uid), "why": "关门"}, "files": []}
    files = [{"uid": "1", "role": "found", "sha256": photo.blob.sha256, "mime": "image/jpeg"}]
    return SetAside.objects.create(
        kind="skip", subject="inspections.visit", subject_id=visit.pk, by=by, why="示例", payload={"record": record},
        files=files, hash="0" * 64,
    )  # fmt: skip


def _public(town, case, photo):
    """What everybody may see of our case, with its picture looked at; a find-fault campaign."""
    from chuangwen.kernel.evidence import masking
    from chuangwen.problems.models import Campaign
    from chuangwen.problems.publication_flow import PublicationFlow
    from chuangwen.problems.publishing import make_draft

    clerk, today = town.people["clerk"], timezone.localdate()
    row = make_draft(case, by=clerk)
    given = {"what": row.what, "address": row.address, "before": photo.pk}
    PublicationFlow.take(row, "revise", by=clerk, given=given)
    masking.decide(photo.blob, [], by=clerk)
    return {
        "publication": PublicationFlow.take(row, "publish", by=clerk).matter,
        "campaign": Campaign.objects.create(name="示例找茬", rules="示例", from_on=today, to_on=today),
    }


@pytest.fixture
def life(town, make_picture):
    """Cases by name: ours (城市管理局), theirs (街道), covert not given out, handed over, closed, new."""
    from chuangwen.kernel.evidence import store
    from chuangwen.kernel.places.datum import Datum
    from chuangwen.problems.actions import Told, confirm_case, hand_over, take_report
    from chuangwen.problems.flow import CaseFlow
    from chuangwen.problems.models import Case

    people, now = town.people, timezone.now()
    point = (113.0, 34.7601, Datum.WGS84)

    def report(what, kind=town.kind, **more):
        told = Told(text=what, kind=kind, lon=113.0, lat=34.7601, **{"source": "patrol", **more})
        return take_report(told, by=more.get("by"), at=now - dt.timedelta(hours=3)).case

    def confirm(case):
        return confirm_case(case, by=people["dispatcher"], at=now - dt.timedelta(hours=2))

    def fixed_photo(case, shade):
        picture = store.read(make_picture(shade))
        return store.attach(picture, case, role="fixed", by=None, at=now, point=point, taken_at=now)

    cases = {
        "ours": confirm(report("我方垃圾桶满溢")),
        "theirs": confirm(report("对方车辆乱停", kind=town.street_kind)),
        "covert": report("暗访垃圾堆放", source="covert"),
        "handed": confirm(report("移交垃圾久拖")),
        "closed": confirm(report("已清垃圾")),
        "reported": report("新报垃圾"),
    }
    photos = {
        name: fixed_photo(cases[name], shade)
        for name, shade in (("ours", 10), ("theirs", 60), ("closed", 90), ("handed", 130))
    }
    CaseFlow.take(cases["closed"], "answer", by=people["liaison"], given={"note": "清走"}, at=now)
    CaseFlow.take(cases["closed"], "pass", by=people["checker"], at=now)
    handover = hand_over(
        cases["handed"], kind="supervision", to_unit=town.units["dcj"], reason="久拖不改", by=people["clerk"], at=now
    )  # fmt: skip
    others = (
        _others(town)
        | _partner(town)
        | _dossier(town)
        | _tasks(town)
        | _scores(town)
        | _rounds(town)
        | _standards(town)
        | _papers(town)
        | _rankings(town, cases)
        | _meetings(town)
        | _webhook(town)
        | _ideas(town)
        | _submission()
    )
    others["aside"] = _aside(others["visit"], photos["ours"], people["checker"])
    cases = {name: Case.objects.get(pk=case.pk) for name, case in cases.items()}
    others |= _public(town, cases["ours"], photos["ours"])
    return SimpleNamespace(town=town, people=people, cases=cases, photos=photos, handover=handover, **others)
