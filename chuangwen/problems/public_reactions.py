"""What a case's steps change in its publication: made when the case is filed or solved, renewed when it changes."""

from __future__ import annotations

from chuangwen.kernel.models import Entry, Person
from chuangwen.kernel.workflow.flow import reacts_to
from chuangwen.problems import publishing
from chuangwen.problems.models import Case, Publication, PublicationState
from chuangwen.problems.publication_flow import PublicationFlow


def _locked(case: Case) -> Publication | None:
    return Publication.objects.select_for_update(of=("self",)).filter(case=case).first()


def _record(publication: Publication, case: Case, code: str, entry: Entry) -> None:
    publication.case = case  # as it is in this transaction
    PublicationFlow.record(publication, PublicationFlow.by_code[code], by=None, cleaned={}, at=entry.at)


@reacts_to("problems.case", "file")
def draft_made(case: Case, entry: Entry, by: Person | None) -> None:
    """A draft of a resident's case; public at once only where the city says so for its kind, and without a picture."""
    if not publishing.drafts_itself(case):
        return
    draft = publishing.make_draft(case, by=None, at=entry.at)
    if draft.state == PublicationState.DRAFT and publishing.publishes_itself(draft):
        _record(draft, case, "publish_itself", entry)


@reacts_to("problems.case", "pass")
@reacts_to("problems.case", "spot_pass")
@reacts_to("problems.case", "spot_fail")
def renewed(case: Case, entry: Entry, by: Person | None) -> None:
    """Solved, found good, or opened again; a case without a draft gets one when it is solved."""
    publication = _locked(case)
    if publication is not None:
        _record(publication, case, "renew", entry)
    elif not case.is_open and publishing.drafts_itself(case):
        publishing.make_draft(case, by=None, at=entry.at)


@reacts_to("problems.case", "unsolved")
def doubted(case: Case, entry: Entry, by: Person | None) -> None:
    publication = _locked(case)
    if publication is not None:
        _record(publication, case, "doubt", entry)


@reacts_to("problems.case", "merge")
@reacts_to("problems.case", "void")
def lapsed(case: Case, entry: Entry, by: Person | None) -> None:
    publication = _locked(case)
    if publication is not None and publication.state != PublicationState.WITHDRAWN:
        _record(publication, case, "lapse", entry)
