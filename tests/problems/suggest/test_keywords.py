"""Cold start: the catalogue's words alone already point somewhere, without claiming much."""

from __future__ import annotations

from chuangwen.problems.suggest.keywords import KeywordModel

ROWS = [
    ("0101", "井盖缺损", "井盖 窨井盖 井盖丢失 掉井里"),
    ("0102", "井盖松动异响", "井盖响 井盖松动 咣当响"),
    ("0201", "路灯不亮", ["路灯", "路灯坏了", "太黑"]),
]


def test_words_of_a_kind_point_to_it() -> None:
    model = KeywordModel(ROWS)
    assert model.predict("门口路灯坏了，晚上太黑")[0][0] == "0201"
    assert model.predict("车一压井盖咣当响")[0][0] == "0102"


def test_characters_help_where_no_whole_keyword_stands() -> None:
    assert KeywordModel(ROWS).predict("灯不亮")[0][0] == "0201"


def test_confidence_is_low_and_grows_with_evidence() -> None:
    model = KeywordModel(ROWS)
    weak, strong = model.predict("井盖")[0][1], model.predict("井盖响，井盖松动，咣当响")[0][1]
    assert 0 < weak < 0.5
    assert weak < strong <= 0.7
    assert sum(chance for _, chance in model.predict("井盖和路灯")) <= 0.7


def test_nothing_known_means_no_suggestion() -> None:
    assert KeywordModel(ROWS).predict("今天天气好") == []
    assert KeywordModel(ROWS).predict("") == []
    assert KeywordModel([]).predict("路灯") == []


def test_no_more_than_asked() -> None:
    assert len(KeywordModel(ROWS).predict("井盖路灯", top=1)) == 1
