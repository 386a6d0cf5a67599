"""Every table of the database: what one row means, what its columns are called, how changes are logged."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db.models import Model
from django.utils import translation

from chuangwen.faces.cli.docs.markdown import page, table
from chuangwen.kernel.workflow.models import Matter


def our_models() -> list[type[Model]]:
    return [model for model in apps.get_models() if model.__module__.startswith("chuangwen.")]


def logged_how(model: type[Model]) -> str:
    """By history, or what stands in for it; the reasons are in tests/architecture/test_models.py."""
    return (
        "history, hash-chained (`Entry`)"
        if issubclass(model, Matter)
        else "see `NOT_LOGGED` in `tests/architecture/test_models.py`"
    )


def text() -> str:
    with translation.override("zh-hans"):
        parts = [_model(model) for model in our_models()]
    return page("Tables", "One sentence says what one row means; types are those of Django.\n", *parts)


def _model(model: type[Model]) -> str:
    sentence = (model.__doc__ or "").strip().split("\n")[0]
    rows = [_column(field) for field in model._meta.concrete_fields if not field.primary_key]
    head = (
        f"## {model._meta.label} {model._meta.verbose_name}\n\n{sentence}\n\nChanges: {logged_how(model)}.\n"
    )
    return head + "\n" + table(["Column", "Type", "Called", "Points to"], rows)


def _column(field: Any) -> tuple[str, str, str, str]:
    called = str(field.verbose_name)
    target = f"`{field.related_model._meta.label}`" if field.related_model else ""
    return f"`{field.name}`", field.get_internal_type(), "" if called.isascii() else called, target
