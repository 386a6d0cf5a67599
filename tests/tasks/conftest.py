"""A small tree of standards with lead units, beside the town everybody knows."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from types import SimpleNamespace

import pytest

from chuangwen.standards.models import Edition, Material, Node, Requirement, Scheme, Share


def requirement(edition, code, method, unit=None, assist=None, due_on=None, effort=None):
    node, _made = Node.objects.get_or_create(
        edition=edition, code=code,
        defaults={"tier": "standard", "name": f"标准{code}", "rank": int(code.split("-")[1]), "effort": effort},
    )  # fmt: skip
    row = Requirement.objects.create(node=node, method=method, full=Decimal(1), text=f"要求 {code}")
    if unit:
        Share.objects.create(requirement=row, unit=unit, part="lead")
    if assist:
        Share.objects.create(requirement=row, unit=assist, part="assist")
    if due_on:
        Material.objects.create(
            requirement=row, code=f"{code}-M1", kind="document", text="文件", due_on=due_on
        )
    return row


@pytest.fixture
def tree(town):
    """Seven cells: six with a lead unit, one of them waived, one with nobody."""
    scheme = Scheme.objects.create(code="city", name="示例体系", kind="city")
    edition = Edition.objects.create(
        scheme=scheme, name="2026", year=2026, full=Decimal(100), is_current=True
    )
    cgj, jtj = town.units["cgj"], town.units["jtj"]
    cells = {
        "material": requirement(edition, "1-1", "material", cgj, jtj, due_on=dt.date(2026, 9, 30)),
        "site": requirement(edition, "1-2", "site", cgj),
        "big_site": requirement(edition, "1-3", "site", cgj, effort=Decimal(200)),
        "survey": requirement(edition, "1-4", "survey", jtj),
        "series": requirement(edition, "1-5", "series", jtj),
        "nobody": requirement(edition, "1-6", "material"),
        "waived": requirement(edition, "1-7", "material", cgj),
    }
    Requirement.objects.filter(pk=cells["waived"].pk).update(waived_reason="本市没有")
    return SimpleNamespace(edition=edition, **cells)
