"""What an evaluation tells of sequences and of numbers: held against plain loops."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from playground import data
from playground.data.series.cutting import Series
from playground.document import edits, example
from playground.engine.evaluation import answers
from playground.engine.evaluation.forecast import Forecaster
from playground.engine.evaluation.results import Metrics
from playground.engine.trainer import Trainer

COUNTED = np.array([[True, True, False], [True, True, True]])
TRUTH, SAID = np.array([[0, 2, -1], [1, 1, 0]]), np.array([[0, 1, 1], [2, 1, 2]])


def test_mistakes_steps_and_whole_sequences_are_counted() -> None:
    found = answers.of_classes(np.arange(2), SAID, TRUTH, COUNTED, None, None)
    assert found.mistakes == (answers.Mistake(0, 2, 1), answers.Mistake(1, 2, 1), answers.Mistake(2, 1, 1))
    assert found.asked.tolist() == [2, 2, 1]
    assert found.errors.tolist() == [0.5, 0.5, 1.0]
    assert found.whole == 0.0
    assert found.bits is None
    assert found.chance is None


def test_the_most_frequent_mistake_comes_first() -> None:
    truth, said = np.array([3, 1, 3, 3, 1, 0]), np.array([1, 0, 1, 2, 0, 2])
    assert answers.mistakes(truth, said, most=2) == (answers.Mistake(1, 0, 2), answers.Mistake(3, 1, 2))
    assert answers.mistakes(truth[:0], said[:0]) == ()


def test_surprise_is_the_logarithm_of_what_the_truth_was_given() -> None:
    chances = np.random.default_rng(0).dirichlet(np.ones(3), (2, 3)).astype(np.float32)
    found = answers.surprise(chances, TRUTH, COUNTED)
    for row, step in np.ndindex(2, 3):
        if COUNTED[row, step]:
            assert found[row, step] == pytest.approx(-math.log2(chances[row, step, TRUTH[row, step]]), rel=1e-5)
        else:
            assert math.isnan(found[row, step])
    yes = np.array([[[0.25], [0.5]]], np.float32)
    assert answers.surprise(yes, np.array([[1, 0]]), np.ones((1, 2), bool)).tolist() == [[2.0, 1.0]]


def test_frequencies_and_what_is_rare() -> None:
    hello = data.load("hello", samples=600)
    share = hello.train.y.mean()
    assert answers.frequencies_of(hello)[1] == pytest.approx(share, rel=1e-3)
    assert answers.is_rare(hello)
    assert not answers.is_rare(data.load("parity", samples=600))
    assert not answers.is_rare(data.load("copy", samples=600))


def test_f1_by_its_formula() -> None:
    confusion = np.array([[90, 2], [3, 5]])
    precision, recall = 5 / 7, 5 / 8
    assert answers.f1(confusion) == pytest.approx(2 * precision * recall / (precision + recall))
    assert answers.f1(np.array([[9, 0], [0, 0]])) == 0.0


def test_deviation_beside_answering_the_mean() -> None:
    sums = data.load("adding", samples=300)
    values = np.full_like(sums.test.y, sums.train.y.mean(dtype=np.float64))
    found = answers.deviation(values, sums.test.y, sums)
    assert found.error == pytest.approx(found.of_mean, rel=1e-6)


def test_an_evaluation_of_sequences_tells_its_answers() -> None:
    document = edits.set_data(example("hello"), "hello", samples=600)
    trainer = Trainer(document, seed=0)
    trainer.run(steps=30)
    metrics = trainer.evaluate("validation")
    part, told = trainer.dataset.validation, metrics.answers
    assert told is not None
    assert metrics.confusion is not None
    assert np.array_equal(told.rows, np.arange(len(part)))
    assert told.said.shape == part.y.shape
    assert (told.said == part.y).mean() == pytest.approx(metrics.accuracy)
    assert metrics.f1 == pytest.approx(answers.f1(metrics.confusion))
    assert told.bits is not None
    assert float(np.nanmean(told.bits)) * math.log(2) == pytest.approx(metrics.loss, rel=1e-4)
    restored = Metrics.of_plain("validation", metrics.plain())
    assert restored is not None
    assert restored.f1 == metrics.f1


def test_numbers_at_each_step_have_an_error_a_step() -> None:
    document = edits.set_data(example("counting"), "counting", samples=300, length=6)
    metrics = Trainer(document, seed=0).evaluate("test")
    part, told = data.load("counting", samples=300, length=6).test, metrics.answers
    assert told is not None
    assert metrics.predictions is not None
    for step in range(6):
        error = math.sqrt(np.mean((metrics.predictions[:, step, 0] - part.y[:, step, 0]) ** 2))
        assert told.errors[step] == pytest.approx(error, rel=1e-5)


def test_a_forecast_is_in_the_unit_of_its_series() -> None:
    """The network's standardized truth, undone, is the file's own number; the baselines are those of the module that knows the series."""
    document = edits.set_data(example("sunspots"), "airline")
    dataset = data.load("airline")
    perfect = Metrics("test", len(dataset.test), 0.0, None, predictions=dataset.test.y.copy())
    found = Forecaster().of(document.data, perfect)
    assert found is not None
    assert (found.name, found.unit, found.times[0], found.times[-1]) == ("passengers", "thousands", "1957-01", "1960-12")
    assert found.truth[-1] == 432
    assert found.error < 0.01
    naive, seasonal, linear = found.baselines
    assert naive.values[0] == 306  # December 1956
    assert (round(naive.error, 1), round(seasonal.error, 1)) == (48.0, 41.9)  # as the study of the data sets measured them
    assert linear.error < 25
    assert Forecaster().of(edits.set_data(document, "parity").data, perfect) is None
    fewer = replace(perfect, samples=10, predictions=dataset.test.y[np.arange(10) * 48 // 10])
    thinned = Forecaster().of(document.data, fewer)
    assert thinned is not None
    assert thinned.error < 0.01
    assert thinned.times[1] == "1957-05"


def test_a_file_that_is_gone_has_no_forecast(tmp_path) -> None:
    path = tmp_path / "temperature.csv"
    path.write_text("day,degrees\n" + "\n".join(f"d{at},{at % 7}" for at in range(80)))
    found = data.inspect(path)
    document = edits.set_data(example("sunspots"), found.name, **found.options)
    dataset = data.load(found.name, **found.options)
    metrics = Metrics("test", len(dataset.test), 0.0, None, predictions=dataset.test.y)
    known = Forecaster().of(document.data, metrics)
    assert known is not None
    assert known.times[-1] == "d79"
    path.unlink()
    assert Forecaster().of(document.data, metrics) is None


def test_a_series_without_names_counts_its_rows() -> None:
    series = Series(("a",), np.zeros((4, 1)), times=("x", "y"))
    assert [series.time(row) for row in range(3)] == ["x", "y", "3"]
