"""What inspectors see: each type, item and place is as good as its nature, the same for everybody who looks."""

from __future__ import annotations

from chuangwen.faces.cli.demo.stage import Stage
from chuangwen.inspections.grading import NOT_HERE, bands_of
from chuangwen.inspections.models import Visit
from chuangwen.inspections.recording import Seen
from chuangwen.standards.models import CheckItem, Way

DIFFER = 0.07  # of the second ratings that do not say what the first one said
PICTURED = 0.15  # of what fails
_NOTES = ("", "", "现场有两处", "当场已告知负责人", "墙角一处", "高峰时段更明显", "需要更换")


class Sights:
    """Answers the checklist of a visit; `better` is how far the city has come since the first test (1: nowhere)."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.world = stage, stage.world
        self._first: dict[tuple[int, int, int], Seen] = {}

    def seen(self, visit: Visit, items: list[CheckItem], better: float) -> list[Seen]:
        """One answer an item; the second team at a place sees nearly the same."""
        return [self._one(visit, item, better) for item in items]

    def _one(self, visit: Visit, item: CheckItem, better: float) -> Seen:
        key, world = (visit.round_id, visit.place_id, item.pk), self.world
        known = self._first.get(key)
        if known is not None and not world.chance(DIFFER):
            return known
        if world.chance(0.03):
            return Seen(item.pk, result=NOT_HERE)
        fails = world.chance(self._fault(visit, item) * better) if known is None else world.chance(0.5)
        answer = self._answer(item, fails)
        self._first[key] = answer
        return answer

    def _fault(self, visit: Visit, item: CheckItem) -> float:
        """How likely this item fails here; bad places and weak items are few, and theirs is most of it."""
        kind = 0.06 + 0.1 * self.stage.nature("type", str(visit.stratum))
        place = 0.5 + 1.5 * self.stage.nature("place", visit.place.code) ** 2
        weak = 0.4 + 1.8 * self.stage.nature("item", item.code) ** 2
        return min(0.9, kind * place * weak)

    def _answer(self, item: CheckItem, fails: bool) -> Seen:
        world, rule = self.world, item.grading
        count: int | None = None
        band, result = "", None
        if rule.way == Way.BANDS:
            names = [name for name, _share in bands_of(rule.params)]
            band = names[0] if not fails else names[1 if world.chance(0.7) else -1]
        elif rule.way == Way.PASS_FAIL:
            result = 0 if fails else 1
        else:
            count = self._count(rule.way, rule.params, fails)
        note = world.pick(_NOTES) if fails else ""
        photos: tuple[bytes, ...] = ()
        if fails and world.chance(PICTURED):
            photos = (
                self.stage.deeds.album.scene(True, int(6 * self.stage.nature(item.code)), small=True)[1],
            )
            self.stage.deeds.photos += 1
        return Seen(item.pk, result=result, count=count, band=band, note=note, photos=photos)

    def _count(self, way: str, params: dict[str, object], fails: bool) -> int:
        """What was counted: faults, pieces on so many metres, rings, or what was seen while watching."""
        some = self.world.random.randrange(1, 3)
        if way == Way.POINTS:
            return some if fails else 0
        if way == Way.HOTLINE:
            return int(str(params["rings"])) + (some + 1 if fails else -some)
        wanted = params.get("count") or params.get("least")
        if wanted is not None:
            return int(str(wanted)) - (some if fails else 0)
        return int(str(params.get("most", 0))) + some if fails else 0
