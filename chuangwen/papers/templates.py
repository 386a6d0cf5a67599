"""Templates an office changed: tried with a sample and checked before they are taken; old versions stay."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from chuangwen.kernel.evidence.documents import BadDocument
from chuangwen.kernel.models import Person
from chuangwen.kernel.workflow.flow import NotAllowed, Refused
from chuangwen.papers import checking, rendering, rules
from chuangwen.papers.checking import Finding
from chuangwen.papers.format.kinds import KINDS, sample
from chuangwen.papers.format.template import template
from chuangwen.papers.format.write import write
from chuangwen.papers.models import Template


class Wrong(Refused):
    """A template whose sample is not right; `findings` says where."""

    def __init__(self, text: str, findings: Sequence[Finding] = ()) -> None:
        super().__init__(text)
        self.findings = list(findings)


def built_in(kind: str) -> bytes:
    """The .docx every kind of this form is written with while the office has none of its own."""
    return template(KINDS[kind].form)


def try_template(kind: str, data: bytes) -> None:
    """Writes the kind's sample with it and checks that. Raises Wrong with the faults."""
    try:
        found = checking.faults_of_form(checking.findings_of(write(sample(kind), data)))
    except (*rendering.UNWRITABLE, checking.Unreadable) as fault:
        raise Wrong(str(fault)) from fault
    if found:
        raise Wrong(_("用这个模板写的示例有 %(n)d 处不合格式，没有收下。") % {"n": len(found)}, found)


def put_template(kind: str, data: bytes, name: str, *, by: Person) -> Template:
    """Takes a changed template into use. Raises NotAllowed, or Wrong with what its sample has amiss."""
    if not rules.templates.allows(by, None):
        raise NotAllowed(_("模板由创建办换。"))
    try_template(kind, data)
    try:
        blob = rendering.keep(data)
    except BadDocument as fault:
        raise Wrong(fault.sentence) from fault
    try:
        with transaction.atomic():
            Template.objects.filter(kind=kind, is_current=True).update(is_current=False)
            return Template.objects.create(kind=kind, blob=blob, name=name[:200] or "template.docx", by=by)
    except IntegrityError as fault:
        raise Refused(_("另一人刚换过这个模板，重新打开看。")) from fault


@transaction.atomic
def use_template(kind: str, row: Template | None, *, by: Person) -> None:
    """An older version again, or the built-in one (None). Twice is once."""
    if not rules.templates.allows(by, None):
        raise NotAllowed(_("模板由创建办换。"))
    Template.objects.filter(kind=kind, is_current=True).update(is_current=False)
    if row is not None:
        Template.objects.filter(pk=row.pk, kind=kind).update(is_current=True)
