"""Weights set by hand, one number at a time, while the run stands or goes."""

from __future__ import annotations

import numpy as np
import pytest

from playground.engine.live import commands
from playground.engine.run import Run
from playground.engine.weight_edits import Patch
from playground.errors import EngineError
from tests.engine.sessions import driving, spiral


def test_one_number_changes_and_no_other() -> None:
    run = Run(spiral())
    run.advance(1.0, 25)
    before = run.trainer.network.parameters
    run.edit_weights({"dense1/weight": {(3, 1): 2.5, (0, 0): -1.0}, "dense2/bias": {(4,): 0.5}})
    after = run.trainer.network.parameters
    changed = {key: np.argwhere(after[key] != before[key]).tolist() for key in after}
    assert {key: places for key, places in changed.items() if places} == {"dense1/weight": [[0, 0], [3, 1]], "dense2/bias": [[4]]}
    assert after["dense1/weight"][3, 1] == 2.5
    assert run.history.events[-1].kind == "weights"


def test_many_numbers_change_at_once_and_no_other() -> None:
    run = Run(spiral())
    before = run.trainer.network.parameters["dense2/weight"]
    run.edit_weights({"dense2/weight": Patch((8, 8), np.array([1, 9, 63]), np.array([0.5, -2.0, 8.0]))})
    after = run.trainer.network.parameters["dense2/weight"]
    assert [after[0, 1], after[1, 1], after[7, 7]] == [0.5, -2.0, 8.0]
    assert np.count_nonzero(after != before) == 3


@pytest.mark.parametrize(
    "entries",
    [
        {"dense9/weight": {(0, 0): 1.0}},
        {"dense1/weight": {(8, 0): 1.0}},
        {"dense1/weight": {(0,): 1.0}},
        {"dense1/weight": {(0, -1): 1.0}},
        {"dense1/weight": {(0, 0): 1.0}, "dense1/bias": {(99,): 1.0}},
        {"dense1/weight": Patch((2, 8), np.array([0]), np.array([1.0]))},
        {"dense1/weight": Patch((8, 2), np.array([0, 16]), np.array([1.0, 1.0]))},
        {"dense1/weight": Patch((8, 2), np.array([-1]), np.array([1.0]))},
        {"dense1/weight": {(0, 0): float("nan")}},
        {"dense1/weight": {(0, 0): 1e39}},
        {"dense1/weight": Patch((8, 2), np.array([0, 1]), np.array([1.0, -np.inf]))},
    ],
)
def test_what_has_no_place_or_is_not_finite_is_refused(entries: dict[str, dict[tuple[int, ...], float] | Patch]) -> None:
    run = Run(spiral())
    before = run.trainer.network.parameters
    with pytest.raises(EngineError):
        run.edit_weights(entries)
    assert all(np.array_equal(array, before[key]) for key, array in run.trainer.network.parameters.items())


def test_an_edit_in_a_session_is_shown_while_training_goes_on() -> None:
    with driving(spiral(learning_rate=0.0)) as driver:
        driver.send(commands.Train(), commands.EditWeights({"dense1/weight": {(2, 0): 3.0}}))
        shown = driver.until(lambda s: s.step > 10 and "dense1/weight" in s.parameters and s.parameters["dense1/weight"][2, 0] == 3.0)
        assert shown.phase == "training"
        driver.send(commands.Pause())
        shown = driver.until(
            lambda s: s.phase == "paused" and s.trace is not None and s.trace.parameters["dense1/weight"].before[2, 0] == 3.0
        )
        assert any(event.kind == "weights" for event in shown.events)


def test_notes_come_with_the_snapshot() -> None:
    with driving(spiral(optimizer="sgd", learning_rate=3.0)) as driver:
        driver.send(commands.Train())
        shown = driver.until(lambda s: s.notes)
        assert {note.kind for note in shown.notes} <= {"rate_high", "saturated", "vanishing", "exploding"}
