"""Curves that thin themselves, events, runs and checkpoints in bounded memory, all through plain data and back."""

from __future__ import annotations

import json

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from playground.engine.commands import State
from playground.engine.curves import CAPACITY, Curves, Series
from playground.engine.history import CHECKPOINTS, EVENTS, RUNS, Checkpoints, History
from playground.engine.results import Progress


def progress(first: int, count: int) -> Progress:
    steps = np.arange(first, first + count)
    return Progress(steps, 1.0 / steps, np.full(count, np.nan), np.full(count, 0.1))


@given(st.lists(st.integers(0, 6000), min_size=1, max_size=12))
def test_a_series_is_the_same_in_whatever_portions_it_grows(portions: list[int]) -> None:
    total = sum(portions)
    values = np.cos(np.arange(total, dtype=np.float64))
    steps = np.arange(1, total + 1)
    at_once, in_parts = Series(), Series()
    at_once.extend(steps, values)
    begin = 0
    for portion in portions:
        in_parts.extend(steps[begin : begin + portion], values[begin : begin + portion])
        begin += portion
    assert at_once.stride == in_parts.stride
    assert np.array_equal(at_once.curve().steps, in_parts.curve().steps)
    np.testing.assert_allclose(at_once.curve().values, in_parts.curve().values, rtol=1e-9, atol=1e-12)


def test_a_full_series_halves_into_means_of_bins() -> None:
    series = Series()
    count = 4 * CAPACITY + 3
    series.extend(np.arange(1, count + 1), np.arange(count))
    curve = series.curve()
    assert len(curve.steps) <= CAPACITY
    width = series.stride
    assert np.array_equal(curve.steps, width * np.arange(1, len(curve.steps) + 1))
    assert np.array_equal(curve.values, np.arange(count)[: len(curve.steps) * width].reshape(-1, width).mean(axis=1))


def test_a_curve_is_read_only_and_shared_until_it_grows() -> None:
    curves = Curves()
    curves.add("loss/train", 1, 0.5)
    first = curves.snapshot()["loss/train"]
    assert curves.snapshot()["loss/train"] is first
    assert not first.values.flags.writeable
    curves.add("loss/train", 2, 0.25)
    assert len(curves.snapshot()["loss/train"].values) == 2
    assert len(first.values) == 1


def test_what_is_not_a_number_stays_so_and_survives_json() -> None:
    series = Series()
    series.extend(np.arange(2 * CAPACITY), np.where(np.arange(2 * CAPACITY) == 7, np.nan, np.inf))
    again = Series.of_plain(json.loads(json.dumps(series.plain(), allow_nan=False)))
    assert np.array_equal(again.curve().values, series.curve().values, equal_nan=True)
    assert np.isnan(again.curve().values[7 // again.stride])
    assert np.isinf(again.curve().values[-1])


def test_a_read_series_goes_on_as_the_written_one() -> None:
    one = Series()
    one.extend(np.arange(9001), np.sin(np.arange(9001.0)))
    other = Series.of_plain(json.loads(json.dumps(one.plain())))
    for series in (one, other):
        series.extend(np.arange(9001, 20000), np.sin(np.arange(9001.0, 20000.0)))
    assert one.plain() == other.plain()


def test_events_are_bounded_and_only_the_latest_best_stays() -> None:
    history = History()
    for step in range(EVENTS + 50):
        history.mark(step, "setting", f"rate {step}")
        history.mark(step, "best", "best")
    assert len(history.events) <= EVENTS
    assert [event.step for event in history.events if event.kind == "best"] == [EVENTS + 49]
    history.mark(1, "stopped", "x")
    history.mark(1, "stopped", "x")
    assert [event.kind for event in history.events].count("stopped") == 1


def test_runs_are_kept_named_removed_and_bounded() -> None:
    history = History()
    history.begin()
    assert history.finished == ()
    for number in range(RUNS + 3):
        history.absorb(progress(1, 5))
        history.begin()
        assert history.run == number + 2
    assert len(history.finished) == RUNS
    assert [run.run for run in history.finished] == list(range(4, RUNS + 4))
    history.rename(5, "tanh")
    history.rename(history.run, "relu")
    assert history.finished[1].name == "tanh"
    assert history.title == "relu"
    history.remove(5)
    history.remove(history.run)
    assert [run.run for run in history.finished][:2] == [4, 6]


def test_history_survives_json() -> None:
    history = History()
    history.absorb(progress(1, 5000))
    history.mark(3, "setting", "rate 0.02 → 0.005")
    history.begin()
    history.absorb(progress(1, 3))
    history.norms(3, {"dense1": 0.5}, {"dense1": 2.0})
    again = History.of_plain(json.loads(json.dumps(history.plain(), allow_nan=False)))
    assert again.plain() == history.plain()
    assert again.finished[0].events == history.finished[0].events
    assert "accuracy/train" not in again.curves.snapshot()
    again.begin()
    assert [run.run for run in again.finished] == [1, 2]


def test_a_history_of_nothing_is_empty() -> None:
    history = History.of_plain({})
    assert history.run == 1
    assert history.curves.snapshot() == {}


def test_checkpoints_thin_evenly_and_stay_within_their_memory() -> None:
    state = State(weights={"dense1/weight": np.zeros(1000, np.float32)}, optimizer={"dense1/weight/m": np.zeros(1000, np.float32)})
    checkpoints = Checkpoints(limit=20 * 8000)
    for step in range(1, 1001):
        if checkpoints.due(step):
            checkpoints.add(step, state)
    steps = np.array(checkpoints.steps)
    assert 5 <= len(steps) <= 20
    assert steps[0] == 1
    assert steps[-1] > 900
    assert np.diff(steps).max() <= 4 * np.diff(steps).min()
    assert set(checkpoints.all()[1]) == {"dense1/weight", "dense1/weight/m"}


def test_checkpoints_are_bounded_in_number_too() -> None:
    checkpoints = Checkpoints()
    checkpoints.put({step: {"w": np.zeros(1)} for step in range(5000)})
    assert len(checkpoints.steps) <= CHECKPOINTS
    assert checkpoints.steps[-1] == 4999
