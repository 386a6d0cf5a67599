"""How a round is drawn, read from its `spec`: scope, sizes, rests, days; what a city does not say is a setting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from chuangwen.kernel.city import setting
from chuangwen.kernel.workflow.flow import Refused


class BadSpec(Refused):
    """Something in the way of drawing that cannot be used; the text names it."""


@dataclass(frozen=True)
class Spec:
    """One round's way of drawing.

    `places`: codes of places chosen by hand; then nothing is drawn. Else the sites of `site_types` (all types if
    empty) in `streets` (all if empty); sizes by `sizes` (places per type code), `each` (so many of every type),
    `margin` (half width of the interval, scores 0 to 1) or `total`, the last two spread in proportion with at least
    `minimum` a stratum. `rest_days`: no place again within so many days. `double_share`: share rated twice.
    """

    site_types: tuple[str, ...] = ()
    streets: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    sizes: Mapping[str, int] | None = None
    each: int | None = None
    total: int | None = None
    margin: Decimal | None = None
    minimum: int = 1
    rest_days: int = 0
    double_share: Decimal = Decimal(0)
    by_area: bool = True
    workdays: bool = True
    minutes: int = 20
    minutes_per_day: int = 360
    speed_km_h: Decimal = Decimal("4.5")

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Spec:
        """Reads a round's JSON. Raises BadSpec for a figure that is none."""
        sizes = given.get("sizes")
        return cls(
            tuple(given.get("site_types") or ()), tuple(given.get("streets") or ()), tuple(given.get("places") or ()),
            {str(k): _whole(v, "sizes") for k, v in sizes.items()} if isinstance(sizes, Mapping) else None,
            _optional(given, "each"), _optional(given, "total"),
            _number(given["margin"], "margin") if given.get("margin") not in (None, "") else None,
            _whole(given.get("minimum", 1), "minimum"), _whole(given.get("rest_days") or 0, "rest_days"),
            _number(given.get("double_share") or 0, "double_share"),
            bool(given.get("by_area", True)), bool(given.get("workdays", True)),
            _whole(given.get("minutes") or setting("visit_minutes", 20), "minutes"),
            _whole(given.get("minutes_per_day") or setting("visit_minutes_per_day", 360), "minutes_per_day"),
            _number(given.get("speed_km_h") or setting("visit_speed_km_h", "4.5"), "speed_km_h"),
        )  # fmt: skip


def _number(value: Any, name: str) -> Decimal:
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or found < 0:
        raise BadSpec(
            _("抽点办法里的 %(name)s 是“%(value)s”，要填不小于 0 的数。") % {"name": name, "value": value}
        )
    return found


def _whole(value: Any, name: str) -> int:
    found = _number(value, name)
    if found != found.to_integral_value():
        raise BadSpec(_("抽点办法里的 %(name)s 是“%(value)s”，要填整数。") % {"name": name, "value": value})
    return int(found)


def _optional(given: Mapping[str, Any], name: str) -> int | None:
    return _whole(given[name], name) if given.get(name) not in (None, "") else None
