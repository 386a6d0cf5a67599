"""Learning which words mean which kind from what people decided; done by the worker, read by everybody."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from django.conf import settings

from chuangwen.kernel.city import briefly
from chuangwen.problems.models import CaseKind, Report, State
from chuangwen.problems.suggest.keywords import KeywordModel

log = logging.getLogger(__name__)
ENOUGH = 300  # decided reports before learning is worth more than the catalogue's keywords
MOST = 30_000  # newest reports learnt from: words change, and so does a city
GROWTH = 1.2


def model_path() -> Path:
    return Path(settings.DATA) / "models" / "kinds.model"


class Blend:
    """The learnt model where it is sure; the catalogue's keywords where it is not, so that rare kinds are not lost."""

    def __init__(self, learnt: Any, words: KeywordModel) -> None:
        self.learnt, self.words = learnt, words

    def predict(self, text: str, top: int = 3) -> list[tuple[str, float]]:
        found = list(self.learnt.predict(text, top)) if self.learnt else []
        if found and found[0][1] >= 0.5:
            return found
        best: dict[str, float] = {}
        for code, sure in [*found, *self.words.predict(text, top)]:
            best[code] = max(best.get(code, 0.0), sure)
        return sorted(best.items(), key=lambda pair: -pair[1])[:top]


_learnt: dict[float, Any] = {}


def _learnt_model() -> Any:
    """The learnt model of the data folder, read again only when the file changed; None before there is one."""
    path = model_path()
    try:
        stamp = path.stat().st_mtime
    except FileNotFoundError:
        return None
    if stamp not in _learnt:
        from chuangwen.problems.suggest.model import Model, ModelFileError  # numpy: only where one is in use

        _learnt.clear()
        try:
            _learnt[stamp] = Model.load(path)
        except ModelFileError:  # damaged: the keywords go on serving, the worker learns a new one
            log.warning("%s cannot be read; keywords are used until it is learnt anew", path.name)
            _learnt[stamp] = None
    return _learnt[stamp]


@briefly
def city_model() -> Blend:
    """What suggests kinds in this city now."""
    rows = CaseKind.objects.filter(is_active=True).values_list("code", "name", "keywords")
    return Blend(_learnt_model(), KeywordModel(rows))


def decided() -> list[tuple[str, str]]:
    """(words of the report, kind a person settled on) of the newest finished cases; sample cases teach nothing real but harmlessly."""
    rows = Report.objects.filter(case__state__in=[State.CLOSED, State.SPOT], case__kind__isnull=False)
    return list(rows.order_by("-pk").values_list("text", "case__kind__code")[:MOST])


def learnt_from() -> int:
    """How many decisions the present model was learnt from."""
    stamp = model_path().with_suffix(".count")
    return int(stamp.read_text()) if stamp.exists() else 0


def is_worthwhile() -> bool:
    """Whether there are enough more decisions than last time."""
    found = Report.objects.filter(case__state__in=[State.CLOSED, State.SPOT], case__kind__isnull=False)
    return found.order_by()[:MOST].count() >= max(ENOUGH, learnt_from() * GROWTH)


def learn_if_worthwhile() -> str:
    """Learns anew when there are enough more decisions than last time; returns what it did, for the log."""
    if not is_worthwhile():
        return f"last time {learnt_from()} decisions: not enough more yet"
    pairs = decided()
    from chuangwen.problems.suggest.train import train  # scikit-learn: only the worker learns

    model = train([text for text, _code in pairs], [code for _text, code in pairs])
    model_path().parent.mkdir(parents=True, exist_ok=True)
    part = model_path().with_suffix(".part")
    model.save(part)
    part.replace(model_path())
    model_path().with_suffix(".count").write_text(str(len(pairs)))
    log.info("learnt from %d decisions", len(pairs))
    return f"learnt from {len(pairs)}"
