"""The city's suggester: the catalogue's keywords at first, what was learnt from decisions afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from chuangwen.kernel.city import forget
from chuangwen.problems import learning
from chuangwen.problems.suggest.keywords import KeywordModel
from chuangwen.problems.suggest.train import train

TEXTS = ["路灯不亮", "路灯坏了", "垃圾成堆", "垃圾没人清运"] * 20
LABELS = ["照明", "照明", "垃圾", "垃圾"] * 20


class Unsure:
    """A learnt model that leans to one kind without being sure of it."""

    def predict(self, text: str, top: int = 3) -> list[tuple[str, float]]:
        return [("0301", 0.2)]


@pytest.mark.django_db
def test_the_city_starts_with_keywords_and_goes_on_with_what_it_learnt(tmp_path: Path, settings) -> None:
    settings.DATA = tmp_path
    forget()
    assert learning.city_model().learnt is None
    train(TEXTS, LABELS).save(learning.model_path())
    forget()
    label, sure = learning.city_model().predict("路灯不亮")[0]
    assert label == "照明" and sure >= 0.5
    forget()


def test_an_unsure_learnt_model_leaves_room_for_the_catalogue() -> None:
    words = KeywordModel([("0201", "路灯不亮", "路灯 太黑")])
    found = learning.Blend(Unsure(), words).predict("路灯不亮，太黑")
    assert {code for code, _ in found} == {"0201", "0301"}
    assert [chance for _, chance in found] == sorted((chance for _, chance in found), reverse=True)
