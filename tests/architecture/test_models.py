"""Every table says what a row means, and how it is known who changed it."""

from __future__ import annotations

import re

from chuangwen.faces.cli.docs.tables import our_models
from chuangwen.kernel.workflow.models import Matter

PACK = "comes from the city's pack: the folder with its sources is the record, loading says what changed"
APPEND = "rows are only added, by the step whose entry tells who and when"
BY_HAND = "a change by hand is logged in the row's own chain"
# Why a table that is no matter has no history of its own.
NOT_LOGGED = {
    "kernel.City": PACK,
    "kernel.Term": PACK,
    "kernel.Place": PACK,
    "kernel.Unit": PACK,
    "kernel.Person": PACK + "; passwords and keys belong to the person alone",
    "kernel.Post": "every row has its period: an ended post stays and says from when to when",
    "kernel.Duty": "every row has its period and source; what held at dispatch is in the case's history",
    "kernel.Blob": "known by its content: a changed file would be another row",
    "kernel.Mask": "holds who decided and when; deciding anew writes its rows anew, what is public hangs on a publication's history",
    "kernel.Evidence": APPEND + "; the answer's entry lists the hashes of its pictures",
    "kernel.Entry": "is the history",
    "kernel.Sealed": "is the shreddable part of history; its commitment is in the chain",
    "kernel.Checkpoint": "is the proof of history",
    "kernel.Clock": "moved by steps only, which are in history; can be worked out again from it",
    "kernel.DayOverride": "the city's calendar: one row a day with its source",
    "kernel.Counter": "the last number given out; the numbers themselves are on the cases",
    "kernel.Message": "what was sent, kept as sent with tries and error",
    "kernel.Notice": APPEND + "; only the moments it was seen and told are filled in",
    "kernel.Demand": APPEND,
    "kernel.RateCount": "counts of veiled senders, dropped after two days; nothing is decided by a row of it",
    "kernel.SpentProof": "a mark that a proof was used, dropped after two days",
    "kernel.PhoneCode": "hashes of a number and a code, dropped after two days; that a phone was kept is an entry of its message",
    "kernel.GateOpening": "is itself the log of openings: who, why, from when to when",
    "kernel.Upload": "a file on its way in: the record it belongs to is what is logged",
    "kernel.SetAside": "kept as sent with a hash; the decision on it is logged by log_change",
    "kernel.Token": "making and revoking are logged in the row's own chain; the day of use is all else that changes",
    "kernel.Webhook": "making, pausing and going on are logged in the row's own chain",
    "kernel.Delivery": "what was sent, kept as sent with tries and status; the step it tells of is in history",
    "problems.CaseKind": PACK + "; the limits in force are copied into the case's history when it is opened",
    "problems.Report": "only the reply told is filled in; taking in and answering are entries of its case",
    "problems.Rung": PACK,
    "problems.Prepared": "holds who decided and when; a signed one takes a step, which is in history",
    "problems.ImportJob": "is the record of one file: how it was read, every row left out with its reason",
    "problems.ColumnMapping": "a convenience of reading files; what was read with it is kept on the job",
    "problems.Campaign": "public rules of a find-fault campaign; what comes of it are reports and cases",
    "tasks.IdeaSupport": APPEND + "; a device's hash and a moment, no person",
    "problems.Partner": "logged by log_change: its settings and every code put beside one of ours",
    "problems.ExchangeMessage": "is itself the log: each message as it was, what came of it, how often it was tried",
    "registers.Thing": PACK,
    "registers.PatrolRound": "is itself a log: who looked at what and when",
    "registers.Fact": "comes from the city's pack or is entered; old numbers stay as versions, changes are log_changed",
    "registers.FactVersion": APPEND,
    "registers.FactFigure": "logged by log_change: old and new number, who gave and who confirmed it",
    "registers.FactSum": "logged by log_change: its parts before and after",
    "registers.FactPart": "part of its relation, whose chain says which facts it had",
    "dossier.Document": "every change of it is an entry of its item: attach, describe, detach, put_back",
    "dossier.Version": APPEND + "; is the item as it was sent",
    "dossier.Use": "made and ended by steps of its item, which are in history",
    "dossier.ExportJob": "is the record of one export: who asked, when, the sum of the file",
    "standards.Scheme": "a name and a kind; what it holds are editions",
    "standards.Edition": "logged by log_change: how many rows each load made, changed and removed",
    "standards.Node": "logged by log_change whenever a later load changes it",
    "standards.Requirement": "logged by log_change: units, waiving, and what a later load changes",
    "standards.Share": "given and taken by steps that log_change writes into its requirement's chain",
    "standards.Material": "part of its edition's tree; the edition's chain says how many rows a load changed",
    "standards.Grading": "part of the trees; a file with other content is refused unless it replaces",
    "standards.CheckItem": "part of its edition's tree; the edition's chain says how many rows a load changed",
    "standards.Question": "part of its edition's tree; the edition's chain says how many rows a load changed",
    "standards.Series": "part of its edition's tree; the edition's chain says how many rows a load changed",
    "standards.SeriesValue": "logged by log_change: old and new figure, who gave and who confirmed it",
    "standards.Carry": "logged by log_change: each decision and what it was before",
    "standards.TableShape": "a convenience of reading files; what was read with it is kept on the import",
    "standards.TreeImport": "is the record of one file: how it was read, every row left out with its reason",
    "standards.DutyLine": "written with its notice and never changed; the notice's entry says how many",
    "tasks.Plan": BY_HAND,
    "tasks.Drive": BY_HAND,
    "tasks.DriveTemplate": PACK + "; a change by hand is logged in the row's own chain",
    "tasks.MonthLine": BY_HAND
    + "; the line a generated task begins with tells no more than the task's own entry",
    "tasks.Demo": BY_HAND,
    "tasks.DemoVisit": BY_HAND,
    "tasks.Adoption": BY_HAND,
    "tasks.Beat": BY_HAND,
    "tasks.AgendaItem": "written whole by steps of its meeting, which keep the topics",
    "tasks.Attendance": "listed, told and recorded by steps of its meeting, which keep what was said",
    "tasks.Decision": "written and turned into a task by steps of its meeting, which keep words, unit and date",
    "tasks.GroupMember": BY_HAND + "; an ended membership stays with its period",
    "tasks.StudyPlan": BY_HAND,
    "inspections.Team": "every change of teams is an entry `revise` of its round, with the members",
    "inspections.Visit": "drawn, recorded, skipped and opened again by steps of its round, which are in history",
    "inspections.Observation": APPEND + "; a correction puts the rows as they were into the entry `reopen`",
    "inspections.Tally": "sums of observations; `recount` makes them anew",
    "inspections.PairTally": "counts of pairs of observations; `recount` makes them anew",
    "inspections.FormSubmission": "kept as sent with a hash; what it became is an entry of its round or a record set aside",
    "inspections.Opinion": "noted and answered by steps of its round, which are in history",
    "surveys.Batch": "its facts and the counts under it are logged in its own chain by log_change",
    "surveys.AnswerCount": "logged in the chain of its batch, old and new counts by question",
    "assessment.ScoreRule": "logged by log_change; a version is never edited, only followed by the next",
    "assessment.OfficialResult": "logged in its own chain by log_change",
    "assessment.Forecast": APPEND,
    "assessment.RankRule": "logged by log_change; a version is never edited, only followed by the next",
    "assessment.PeerGroup": "logged by log_change with its members; closed months keep the groups they had",
    "assessment.RankLine": "made from its facts by counting; the ranking's entries hold the digest of all lines",
    "assessment.RankFact": "written at the closing and never changed, but for the objection that takes it out",
    "assessment.NegativeRule": PACK,
    "assessment.Incident": "logged in its own chain by log_change; lifted with a reason, never removed",
    "assessment.Consequence": "logged in its own chain by log_change; lifted with a reason, never removed",
    "assessment.Special": "logged in its own chain by log_change",
    "assessment.SpecialFinding": "logged in its own chain by log_change; what follows is its task's history",
    "assessment.ExportMap": "logged in its own chain by log_change",
    "papers.IssuingBody": PACK + "; changes on the page are logged by log_change",
    "papers.Template": "one version a row: who put it in and when; an older one stays",
    "papers.Receipt": "signed and answered by steps of its paper, which are in history",
    "papers.Regulation": "one version a row with its days in force; changes on the page are logged by log_change",
}


def test_every_table_is_a_matter_or_says_why_it_has_no_history():
    plain = {model._meta.label for model in our_models() if not issubclass(model, Matter)}
    assert plain == set(NOT_LOGGED)
    assert all(len(reason) >= 10 for reason in NOT_LOGGED.values())


def test_every_table_says_what_one_row_means():
    silent = [
        model._meta.label
        for model in our_models()
        if not (model.__dict__.get("__doc__") or "").strip() or model.__doc__.startswith(f"{model.__name__}(")
    ]
    assert silent == []


def test_states_are_written_by_the_flow_only():
    """No code of ours assigns `.state = …` to a matter or updates it in bulk, but for the flow engine."""
    from tests.architecture.source import ROOT, name_of, python_files

    allowed = {"chuangwen/kernel/workflow/flow.py"}
    found = set()
    for path in python_files():
        if path.is_relative_to(ROOT / "chuangwen") and name_of(path) not in allowed:
            text = path.read_text(encoding="utf-8")
            if re.search(r"\.update\(state=|\b(case|matter|handover)\.state = ", text):
                found.add(name_of(path))
    assert found == set()


def test_every_row_that_points_at_a_person_keeps_the_person():
    """History points at persons: deleting one must be refused, not cascade."""
    from django.db.models import PROTECT

    from chuangwen.kernel.models import Person

    loose = [
        f"{field.model._meta.label}.{field.name}"
        for model in our_models()
        for field in model._meta.concrete_fields
        if field.related_model is Person and field.remote_field.on_delete is not PROTECT
    ]
    assert loose == []
