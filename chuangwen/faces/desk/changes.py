"""Plain rows (people, posts, units, things) saved with a line of history, and that history in words."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import FieldDoesNotExist
from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from chuangwen.faces.desk.case_parts import Line
from chuangwen.kernel.models import Entry, Person
from chuangwen.kernel.screens import words
from chuangwen.kernel.workflow import history

PERSONAL = frozenset({"phone", "email", "robot_url"})  # a group robot's address is its key
SECRET = frozenset({"password"})
LINES = 50


def save_logged(form: forms.ModelForm[Any], by: Person) -> Model:
    """Saves a valid model form and writes what changed into the row's own chain, both or neither."""
    model = type(form.instance)
    with transaction.atomic():
        before = model._default_manager.filter(pk=form.instance.pk).first() if form.instance.pk else None
        row: Model = form.save()
        changes = {}
        for field in model._meta.concrete_fields:
            if field.name in SECRET or not field.editable or field.primary_key:
                continue
            old, new = (getattr(before, field.attname) if before else None), getattr(row, field.attname)
            if old != new and not (before is None and new in (None, "", {}, [])):
                changes[field.name] = (old, new)
        if "password" in form.fields and form.cleaned_data.get("password"):
            changes["password"] = ("", "set")  # that it was set, never what
        history.log_change(row, by_id=by.pk, changes=changes, personal=PERSONAL)
    return row


def change_lines(row: Model) -> list[Line]:
    """The row's history, newest first: who changed which field from what to what."""
    return [_line(row, entry) for entry in history.changes_of(row)[:LINES]]


def _line(row: Model, entry: Entry) -> Line:
    label = _("登记") if entry.step == "enter" else _("改动")
    said = "；".join(_said(row, name, pair) for name, pair in entry.given.items())
    who = entry.by.name if entry.by else _("系统")
    return Line(words.moment(entry.at), label, who, said, entry.hash[:4], entry.by_id is None)


def _said(row: Model, name: str, pair: Any) -> str:
    title = _title(row, name)
    if not isinstance(pair, list) or name in SECRET:  # sealed, or only that it was set
        return _("%(title)s（已改，不显示）") % {"title": title}
    old, new = (_shown(row, name, value) for value in pair)
    return f"{title} {old} → {new}" if pair[0] not in (None, "") else f"{title} {new}"


def _title(row: Model, name: str) -> str:
    try:
        return str(getattr(row._meta.get_field(name), "verbose_name", name))
    except FieldDoesNotExist:
        return _("口令") if name in SECRET else name


def _shown(row: Model, name: str, value: Any) -> str:
    """A kept value in the words the form used: a choice by its label, a row by its name."""
    if value in (None, ""):
        return "—"
    if isinstance(value, bool):
        return _("是") if value else _("否")
    try:
        field: Any = row._meta.get_field(name)
    except FieldDoesNotExist:  # no column of the row but a part of it, such as the counts of one question
        return "、".join(map(str, value)) if isinstance(value, list) else str(value)
    if field.is_relation:
        key = (
            value["id"] if isinstance(value, dict) else value
        )  # a row is kept as {"row": …, "id": …} or by its key
        other = field.related_model._default_manager.filter(pk=key).first()
        return str(other) if other else str(key)
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    return str(next(iter(value.values()))) if isinstance(value, dict) and len(value) == 1 else str(value)
