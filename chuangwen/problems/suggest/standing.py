"""The suggester a city uses from day to day: learnt from closed cases, or the catalogue's words till then."""

from __future__ import annotations

import logging
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from chuangwen.problems.suggest.keywords import KeywordModel
from chuangwen.problems.suggest.model import Model, ModelFileError, Suggester

log = logging.getLogger(__name__)


def model_path() -> Path:
    """Where the learnt light model of this city lies."""
    return Path(settings.DATA) / "models" / "suggest.npz"


def standing_model() -> Suggester:
    """The learnt model where there is a readable one, else the keywords of the catalogue in force."""
    path = model_path()
    try:
        return _loaded(path, path.stat().st_mtime_ns)
    except FileNotFoundError:
        pass
    except ModelFileError as problem:
        log.warning("learnt suggester left aside: %s", problem)
    return catalogue_model()


def catalogue_model() -> KeywordModel:
    """Keyword model over the active rows of the catalogue."""
    from chuangwen.problems.models import CaseKind

    kinds = CaseKind.objects.filter(is_active=True).order_by("code")
    return KeywordModel(kinds.values_list("code", "name", "keywords"))


@lru_cache(maxsize=1)
def _loaded(path: Path, _written: int) -> Model:
    return Model.load(path)
