"""The learnt model: learns, is not too sure, is stored safely, and does without scikit-learn."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from chuangwen.problems.suggest import train as learning
from chuangwen.problems.suggest.model import Model, ModelFileError
from chuangwen.problems.suggest.train import train

from .messages import sample


@pytest.fixture(scope="module")
def light() -> Model:
    return train(*sample())


@pytest.mark.parametrize(
    ("text", "label"),
    [("西关村路灯不亮", "照明"), ("门口垃圾 没 清运", "垃圾"), ("消防通道有车辆乱停", "停车")],
)
@pytest.mark.parametrize("kind", ["light", "full"])
def test_unseen_places_get_the_right_subject(text: str, label: str, kind: str) -> None:
    answers = train(*sample(), kind=kind).predict(text)
    assert answers[0][0] == label
    assert [chance for _, chance in answers] == sorted((chance for _, chance in answers), reverse=True)
    assert sum(chance for _, chance in answers) == pytest.approx(1, abs=1e-5)


def test_empty_text_gets_nothing_and_strange_text_the_shares(light: Model) -> None:
    assert light.predict("") == []
    assert light.predict("！？ 。") == []
    assert light.predict("xyzzy")[0][1] == pytest.approx(1 / 3, abs=0.01)


def test_two_trainings_are_the_same(light: Model) -> None:
    again = train(*sample())
    assert again.predict("路灯下垃圾") == light.predict("路灯下垃圾")


def test_one_label_is_never_certain() -> None:
    few, many = train(["路灯坏"], ["照明"]), train(["路灯坏"] * 50, ["照明"] * 50)
    assert few.predict("灯")[0][0] == "照明"
    assert few.predict("灯")[0][1] < many.predict("灯")[0][1] < 1


def test_label_with_a_single_example_is_kept() -> None:
    texts, labels = sample()
    model = train([*texts, "井盖丢了有人掉下去", "", "没有类别"], [*labels, "井盖", "垃圾", " "])
    assert model.labels == sorted({*labels, "井盖"})
    assert model.predict("井盖丢了有人掉下去")[0][0] == "井盖"


def test_two_labels_with_one_example_each_stay_doubtful() -> None:
    label, confidence = train(["路灯不亮", "垃圾太多"], ["照明", "垃圾"]).predict("路灯不亮")[0]
    assert label == "照明"
    assert 0.5 < confidence < 0.95


def test_nothing_to_learn_from_is_refused() -> None:
    with pytest.raises(ValueError, match="no labelled text"):
        train(["路灯"], [""])
    with pytest.raises(ValueError, match="unknown kind"):
        train(["路灯"], ["照明"], kind="heavy")


def test_one_by_one_and_all_at_once_agree() -> None:
    texts, labels = sample()
    lesson = learning.lesson_of(texts, labels, "full")
    model = learning.fit(lesson)
    at_once = learning.chances(model, lesson)
    for i in (0, 17, 63, 119):
        one = model.chances(texts[i])
        assert one is not None
        np.testing.assert_allclose(at_once[i], one, atol=1e-4)


def test_saved_model_answers_alike_without_scikit_learn(light: Model, tmp_path: Path) -> None:
    path = tmp_path / "deep" / "model.npz"
    light.save(path)
    assert Model.load(path).predict("路灯不亮") == light.predict("路灯不亮")
    program = (
        "import sys, pathlib\n"
        "from chuangwen.problems.suggest.model import Model\n"
        "label, _ = Model.load(pathlib.Path(sys.argv[1])).predict('路灯不亮')[0]\n"
        "heavy = {'sklearn', 'scipy', 'pandas', 'jieba', 'django'} & set(sys.modules)\n"
        "print(label == '照明', sorted(heavy))\n"
    )
    root = Path(__file__).resolve().parents[3]
    run = subprocess.run(
        [sys.executable, "-c", program, str(path)], cwd=root, capture_output=True, text=True, check=True
    )
    assert run.stdout.split("\n")[0] == "True []"


def test_other_files_and_versions_are_refused(light: Model, tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "model.npz"
    path.write_bytes(b"not a model")
    with pytest.raises(ModelFileError):
        Model.load(path)
    monkeypatch.setattr("chuangwen.problems.suggest.model.VERSION", 999)
    light.save(path)
    monkeypatch.undo()
    with pytest.raises(ModelFileError, match="999"):
        Model.load(path)
