"""Load tests run only when asked for: pytest -m load tests/load."""

from __future__ import annotations

import pytest


def pytest_collection_modifyitems(config, items):
    if "load" in config.option.markexpr.split():
        return
    for item in items:
        if "load" in item.keywords:
            item.add_marker(pytest.mark.skip(reason="left out: load tests run with -m load"))
