"""schemathesis reads our description and tries to prove it wrong: answers it does not announce, bad input it takes.

Left out is `positive_data_acceptance`: a report outside the city or a kind nobody has is well formed and refused all the
same, which no schema can say. The run is the same each time (derandomized), in this process, on one small city.
"""

from __future__ import annotations

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import load_all_checks
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import positive_data_acceptance

from tests.architecture.conftest import life

__all__ = ["life"]
EXAMPLES = 8
pytestmark = pytest.mark.one_engine


@pytest.fixture
def described(life, key):
    """(the operations, the headers of somebody who may do much)."""
    load_all_checks()
    signals = (request_started, request_finished)
    for signal in signals:  # as Django's own test client: the test's transaction is on this connection
        signal.disconnect(close_old_connections)
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
    yield schema, {"Authorization": f"Bearer {key(life.people['office'], 'read', 'report', 'work')}"}
    for signal in signals:
        signal.connect(close_old_connections)


def known(life, case):
    """Half of the generated paths name something that is there, so that more than 404 is tried."""
    real = {"number": life.cases["ours"].number, "code": "supervise", "photo": life.photos["ours"].pk, "form": "thumb",
            "edition": life.edition.pk, "ranking": life.ranking.pk}  # fmt: skip
    if "places" in case.operation.path:
        real["code"] = life.town.site.code
    if "tasks" in case.operation.path:
        real["number"] = life.task.number
    if "rounds" in case.operation.path:
        real["number"] = life.round.number
    for name in case.path_parameters or {}:
        case.path_parameters[name] = real[name]


def attack(operation, mode, life, headers):
    """Sends generated requests to one operation; the statuses it answered with."""
    statuses = []

    @settings(
        max_examples=EXAMPLES, derandomize=True, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode))
    def keeps(case):
        if mode == GenerationMode.POSITIVE and len(statuses) % 2:
            known(life, case)
        answer = case.call_and_validate(headers=headers, excluded_checks=[positive_data_acceptance])
        statuses.append(answer.status_code)

    keeps()
    return statuses


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_the_interface_keeps_to_its_description(life, described, mode):
    schema, headers = described
    seen, statuses, failures = 0, set(), []
    for found in schema.get_all_operations():
        try:
            statuses |= set(attack(found.ok(), mode, life, headers))
        except (FailureGroup, Failure) as fault:
            failures.append(f"{found.ok().label}: {fault}")
        seen += 1
    assert not failures, "\n\n".join(failures)
    assert seen >= 24
    assert 200 in statuses if mode == GenerationMode.POSITIVE else 422 in statuses
