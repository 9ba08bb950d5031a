"""Curves that thin themselves, events, runs and checkpoints in bounded memory, all through plain data and back."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.document import Document, edits, example
from playground.engine import Trainer
from playground.engine.evaluation.results import Progress
from playground.engine.live.snapshot import Clipping
from playground.engine.state import State
from playground.engine.timeline.checkpoints import CHECKPOINTS, Checkpoint, Checkpoints
from playground.engine.timeline.curves import CAPACITY, Curves, Series
from playground.engine.timeline.history import EVENTS, RUNS, History


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
        history.absorb(progress(1, 5), 5)
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


def forked(history: History, parent: int) -> int:
    """The number of a fork of ``parent`` that trained."""
    history.fork(history.find(parent), checkpoint(5))
    history.absorb(progress(6, 5), 10)
    return history.run


def numbers(history: History) -> set[int]:
    return {one.number for one in history.branches}


@pytest.mark.parametrize("name", ["My best run", ""])
def test_what_is_forked_again_and_again_stays(name: str) -> None:
    history = History()
    history.absorb(progress(1, 5), 5)
    history.rename(1, name)
    for _ in range(RUNS + 4):
        forked(history, 1)
    assert numbers(history) == {1, *range(6, RUNS + 6)}, "the oldest forks went"


def test_of_branches_all_forked_from_the_oldest_goes_a_named_one_only_among_named_ones() -> None:
    history = History()
    history.absorb(progress(1, 5), 5)
    history.rename(1, "first")
    for _ in range(RUNS + 1):
        forked(history, history.run)  # a chain
    assert numbers(history) == {1, *range(3, RUNS + 3)}
    for number in numbers(history):
        history.rename(number, f"run {number}")
    assert forked(history, 3) == RUNS + 3
    assert numbers(history) == {*range(3, RUNS + 4)}


def test_a_named_branch_outlives_the_unnamed_one_that_the_present_grew_from() -> None:
    history = History()
    history.absorb(progress(1, 5), 5)
    for _ in range(RUNS):
        history.rename(forked(history, 1), "kept")
    forked(history, 1)
    assert numbers(history) == {*range(2, RUNS + 3)}


def test_history_survives_json() -> None:
    history = History()
    history.absorb(progress(1, 5000), 5000)
    history.mark(3, "setting", "rate 0.02 → 0.005")
    history.begin()
    history.absorb(progress(1, 3), 3)
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


def checkpoint(step: int, numbers: int = 1000, *marks: str) -> Checkpoint:
    """One of a network with a single matrix and as much optimizer state."""
    weights = {"dense1/weight": np.full(numbers, step, np.float32)}
    return Checkpoint(step, Document(), State(weights, {"dense1/weight/mean": weights["dense1/weight"]}), frozenset(marks))


def grown(history: History, last: int, marks: dict[int, str] | None = None, pitch: int = 1) -> History:
    """``history`` with the checkpoints that training to ``last`` leaves behind."""
    for step in range(1, last + 1, pitch):
        if (marks and step in marks) or history.checkpoints.due(step):
            history.keep(checkpoint(step, 1000, *([marks[step]] if marks and step in marks else [])))
    return history


def test_checkpoints_thin_evenly_and_stay_within_their_memory() -> None:
    limit = 20 * checkpoint(1).nbytes
    history = grown(History(limit), 1000)
    steps = np.array(history.checkpoints.steps)
    assert history.checkpoints.nbytes <= limit
    assert 5 <= len(steps) <= 20
    assert steps[0] == 1
    assert steps[-1] > 900
    assert np.diff(steps).max() <= 4 * np.diff(steps).min()
    found = history.checkpoints.at(1)
    assert found is not None
    assert set(found.arrays) == {"dense1/weight", "dense1/weight/mean"}


def test_an_evaluation_that_ends_after_an_edit_leaves_the_settings_that_trained_the_moment() -> None:
    trained, edited = edits.set_training(Document(), learning_rate=0.01), edits.set_training(Document(), learning_rate=0.25)
    checkpoints = Checkpoints([replace(checkpoint(50, 10, "change"), document=trained)])
    checkpoints.add(replace(checkpoint(50, 10, "best"), document=edited))
    found = checkpoints.at(50)
    assert found is not None
    assert found.document == trained
    assert found.marks == {"change", "best"}
    other = replace(checkpoint(51, 10, "best"), step=50, document=edited)
    checkpoints.add(other)
    found = checkpoints.at(50)
    assert found is not None
    assert found.document == edited, "of other weights (edited by hand) it is another moment"


def test_checkpoints_are_bounded_in_number_too() -> None:
    checkpoints = Checkpoints(checkpoint(step, 1) for step in range(5000))
    assert len(checkpoints.steps) <= CHECKPOINTS
    assert checkpoints.steps[-1] == 4999


def test_a_million_steps_stay_within_the_bound_and_keep_what_matters() -> None:
    limit = 30 * checkpoint(1).nbytes
    marks = dict.fromkeys(range(50000, 1000001, 50000), "epoch") | {123_456: "change", 777_777: "best", 600_001: "change"}
    history = History(limit)
    for step in sorted({*range(1, 1_000_001, 97), *marks}):
        if step in marks or history.checkpoints.due(step):
            history.keep(checkpoint(step, 1000, *([marks[step]] if step in marks else [])))
        assert history.nbytes <= limit
    steps = history.checkpoints.steps
    assert len(steps) >= 10
    assert {1, 123_456, 600_001, 777_777} <= set(steps)
    assert steps[-1] >= 950_000
    assert np.diff(steps).max() <= 150_000


def test_the_bound_is_one_for_all_branches_and_the_present_one_lives_longest() -> None:
    history = History(12 * checkpoint(1).nbytes + 10 * 2**20)
    for number in range(8):
        grown(history, 400)
        history.absorb(progress(1, 5), 5)
        assert history.nbytes <= history.limit
        if number < 7:
            history.begin()
    assert len(history.branches) == 8
    history.set_limit(history.branches[0].curves.nbytes * 8 + 2 * checkpoint(1).nbytes)
    assert [len(one.checkpoints) for one in history.branches] == [0, 0, 0, 0, 0, 0, 1, 1]
    assert history.checkpoints.latest is not None
    history.set_limit(0)
    assert not any(len(one.checkpoints) for one in history.branches)


def test_only_the_latest_best_keeps_its_mark_and_a_step_all_of_its_own() -> None:
    history = History()
    for step, mark in ((1, "epoch"), (2, "best"), (3, "best"), (2, "change"), (2, "epoch")):
        history.keep(checkpoint(step, 10, mark))
    assert {one.step: set(one.marks) for one in history.checkpoints} == {1: {"epoch"}, 2: {"change", "epoch"}, 3: {"best"}}


def test_a_fork_knows_where_it_grew_and_begins_its_curves_there() -> None:
    history = grown(History(), 100, pitch=10)
    history.absorb(progress(1, 100), 100)
    history.curves.extend("loss/validation", [40, 60, 80], [0.5, 0.25, 0.125])
    parent, at = history.present, history.checkpoints.at(61)
    assert at is not None
    child = history.fork(parent, at, "slower")
    assert (child.number, child.parent, child.forked_at, child.title) == (2, 1, 61, "slower")
    assert history.present is child
    assert history.curves.snapshot() == {}
    assert child.best_loss == 0.25
    assert not child.judge(70, 0.3)
    assert not child.judge(70, float("nan"))
    assert child.judge(71, 0.2)
    history.absorb(progress(62, 10), 71)
    assert history.finished[0].run == 1
    history.switch(1)
    assert history.run == 1
    picture = history.finished[0]
    assert (picture.run, picture.parent, picture.forked_at, picture.name, picture.best_step) == (2, 1, 61, "slower", 71)
    again = History.of_plain(json.loads(json.dumps(history.plain(), allow_nan=False)), history.arrays())
    assert again.plain() == history.plain()
    assert [(one.number, one.parent, one.checkpoints.steps) for one in again.branches] == [
        (one.number, one.parent, one.checkpoints.steps) for one in history.branches
    ]


def test_a_file_keeps_what_matters_most_of_too_many_checkpoints(monkeypatch: pytest.MonkeyPatch) -> None:
    history = grown(History(), 100, {50: "change", 70: "best"}, pitch=10)
    history.keep(checkpoint(50, 1000, "change"))
    history.keep(checkpoint(70, 1000, "best"))
    history.absorb(progress(1, 100), 100)
    assert history.checkpoints.latest is not None
    history.fork(history.present, history.checkpoints.latest)
    monkeypatch.setattr("playground.engine.timeline.history.FILE_BYTES", 6 * checkpoint(1).nbytes)
    kept = History.of_plain(history.plain(), history.arrays())
    assert sum(len(one.checkpoints) for one in kept.branches) <= 6
    first = kept.find(1).checkpoints.steps
    assert {1, 50, 70, 91} <= set(first)
    assert kept.find(2).checkpoints.steps == (91,)
    assert len(history.find(1).checkpoints) == 12


def test_checkpoints_of_an_older_file_are_left_out() -> None:
    assert History.of_plain({"run": 3}, {250: {"dense1/weight": np.zeros(3)}}).checkpoints.steps == ()


def test_the_share_of_clipped_steps_is_a_curve() -> None:
    clipped = Trainer(edits.set_training(example("spiral"), clip_norm=1e-3))
    free = Trainer(edits.set_training(example("spiral"), clip_norm=1e6))
    never = Trainer(edits.set_training(example("spiral"), clip_norm=None))
    for trainer, expected in ((clipped, 1.0), (free, 0.0), (never, None)):
        history = History()
        while trainer.step_count < 20:
            history.absorb(trainer.advance(steps=20 - trainer.step_count), trainer.step_count)
        curve = history.curves.snapshot().get("clipped")
        assert (None if curve is None else set(curve.values.tolist())) == (None if expected is None else {expected})


def test_what_is_held_against_the_limits_is_a_curve_and_counted() -> None:
    """By hand: the norm of the whole gradient, its largest entry; a new limit counts anew."""
    document = edits.set_training(example("spiral"), optimizer="sgd", learning_rate=1e-6, batch_size=16, clip_norm=None, clip_value=None)
    twin = Trainer(document)
    batch, train = twin._stepper.batch, twin.dataset.train
    _, by_parameter = twin.network.gradients(train.x[batch], train.y[batch])
    gradients = np.concatenate([np.ravel(one) for one in by_parameter.values()])
    norm = float(np.linalg.norm(gradients))
    trainer, history = Trainer(edits.set_training(document, clip_norm=norm * 0.5, clip_value=1e6)), History()
    history.absorb(trainer.advance(steps=1), trainer.step_count)
    curves = history.curves.snapshot()
    assert curves["clip/norm"].values[0] == pytest.approx(norm, rel=1e-5)
    assert curves["clip/largest"].values[0] == pytest.approx(np.abs(gradients).max() * 0.5, rel=1e-5)  # after the norm was halved
    assert trainer.recent.clipped((norm * 0.5, 1e6)) == Clipping(norm * 0.5, 1e6, 1, 1, 1, 0)
    trainer.set_training(edits.set_training(document, clip_norm=norm * 5).training)
    assert trainer.recent.clipped((norm * 5, None)) == Clipping(norm * 5, None)
    history.absorb(trainer.advance(steps=1), trainer.step_count)
    assert trainer.recent.clipped((norm * 5, None)) == Clipping(norm * 5, None, 0, 1, 1, None)
    assert history.curves.snapshot()["clipped"].values.tolist() == [1.0, 0.0]
