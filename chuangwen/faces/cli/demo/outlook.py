"""The forecast as it was kept four times in the year, each with what was known on its day."""

from __future__ import annotations

from chuangwen.assessment.forecasting import current_rule, keep_forecast, standing
from chuangwen.faces.cli.demo.stage import Stage
from chuangwen.faces.cli.demo.world import MINUTE, Life

KEPT = ((6, 24), (8, 20), (10, 27))


def begin(stage: Stage) -> None:
    """Begins the three of the year and the one of today, where there is a rule of scoring."""
    if stage.city is None or not stage.cast.by_role["office"]:
        return
    for month, day in KEPT:
        stage.world.begin(_kept(stage), stage.moment(month, day, 16))
    stage.world.begin(_kept(stage), stage.world.until - MINUTE)


def _kept(stage: Stage) -> Life:
    rule = current_rule(stage.city)
    if rule is not None:
        keep_forecast(standing(rule, stage.year), by=stage.office, at=stage.world.now)
    return
    yield
