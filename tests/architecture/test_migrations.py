"""Migrations are complete, in one line for each app, and load no data."""

from __future__ import annotations

import ast
from io import StringIO

import pytest
from django.core.management import call_command
from django.db.migrations.loader import MigrationLoader

from tests.architecture.source import ROOT, name_of


@pytest.mark.django_db
def test_migrations_are_complete():
    said = StringIO()
    try:
        call_command("makemigrations", check=True, dry_run=True, stdout=said)
    except SystemExit:
        pytest.fail(said.getvalue())


def test_each_app_has_one_line_of_migrations():
    loader = MigrationLoader(None)
    ours = {
        key
        for key in loader.disk_migrations
        if loader.disk_migrations[key].__module__.startswith("chuangwen.")
    }
    apps = {app for app, _name in ours}
    assert all(len(loader.graph.leaf_nodes(app)) == 1 for app in apps)
    for app, name in ours:
        above = [parent for parent in loader.disk_migrations[app, name].dependencies if parent[0] == app]
        assert len(above) <= 1, f"{app}.{name} joins two lines"


def test_no_migration_loads_data():
    """Reference data comes from packs, which say their source; a migration fills no list."""
    found = [
        name_of(path)
        for path in (ROOT / "chuangwen").rglob("migrations/*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in ("RunPython", "RunSQL")
    ]
    assert found == []
