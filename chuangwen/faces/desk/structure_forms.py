"""The forms of the command structure: a new group, and who leads one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from chuangwen.kernel.models import Person, Unit
from chuangwen.kernel.people.models import UnitKind
from chuangwen.tasks.structure import KINDS


def _bodies() -> Any:
    return Unit.objects.filter(is_active=True, kind__in=KINDS).order_by("path")


def _people() -> Any:
    return Person.objects.filter(is_active=True).order_by("name", "pk")


class GroupForm(forms.Form):
    """A new group: its name, kind, and under whom."""

    name = forms.CharField(label=_("名称"), max_length=80, error_messages={"required": _("写名称。")})
    short_name = forms.CharField(label=_("简称"), max_length=30, required=False)
    kind = forms.ChoiceField(
        label=_("类型"), choices=[(each.value, each.label) for each in KINDS], initial=UnitKind.GROUP
    )
    parent = forms.ModelChoiceField(_bodies(), label=_("上级"), required=False)


class LeadForm(forms.Form):
    """Who leads a group."""

    person = forms.ModelChoiceField(
        _people(),
        label=_("人员"),
        error_messages={"required": _("选一人。")},
    )
    title = forms.CharField(label=_("职务"), max_length=60, initial=_("组长"))
