"""Recorded steps: replayed bit for bit, any sample of the batch, whatever was trained since."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from playground.document import Document, edits
from playground.engine import Trainer
from playground.engine.live import commands
from playground.engine.trace import Trace
from playground.errors import EngineError
from tests.engine.build import blobs, chain, dense
from tests.engine.sessions import driving, spiral


def net(**training: Any) -> Document:
    document = chain((4,), dense(6, "tanh"), ("Dropout", {"rate": 0.2}), dense(3), loss="softmax_cross_entropy")
    return edits.set_training(document, **{"learning_rate": 0.05, **training})


def recorded(trainer: Trainer, steps: int) -> list[Trace]:
    return [trainer.record(position=0) for _ in range(steps)]


def same_trace(one: Trace, two: Trace) -> bool:
    return (
        (one.index, one.step, one.loss) == (two.index, two.step, two.loss)
        and all(
            one.nodes[node].values[name].tobytes() == two.nodes[node].values[name].tobytes()
            for node in one.nodes
            for name in one.nodes[node].values
        )
        and all(
            np.array_equal(one.parameters[key].before, two.parameters[key].before)
            and np.array_equal(one.parameters[key].after, two.parameters[key].after)  # type: ignore[arg-type]
            and one.parameters[key].terms.keys() == two.parameters[key].terms.keys()
            for key in one.parameters
        )
    )


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw"])
def test_recording_by_hand_equals_a_free_run_to_the_bit(optimizer: str) -> None:
    document = net(optimizer=optimizer, batch_size=7, l2=0.01, clip_norm=0.5)
    by_hand, free = Trainer(document, dataset=blobs()), Trainer(document, dataset=blobs())
    recorded(by_hand, 9)
    free.run(steps=9)
    for key, array in by_hand.network.parameters.items():
        assert array.tobytes() == free.network.parameters[key].tobytes()


def test_a_step_replays_to_the_bit_after_more_training() -> None:
    trainer = Trainer(net(optimizer="adam", batch_size=7), dataset=blobs())
    first = recorded(trainer, 4)
    assert all(same_trace(trainer.replay(number, 0), trace) for number, trace in enumerate(first, 1))
    other = trainer.replay(2, 5)
    assert other.update is not None
    assert other.index == other.update.batch[5] != first[1].index
    assert trainer.replay(2, -1).index == other.update.batch[-1]


def test_the_samples_of_a_batch_make_its_gradient() -> None:
    trainer = Trainer(net(batch_size=7), dtype="float64", dataset=blobs())
    trainer.record()
    traces = [trainer.replay(1, position) for position in range(7)]
    for key, one in traces[0].parameters.items():
        mean = np.mean([trace.parameters[key].gradient for trace in traces], axis=0)
        assert mean == pytest.approx(one.batch_gradient, rel=1e-9, abs=1e-13)


def test_the_optimizers_state_is_told_before_and_after() -> None:
    trainer = Trainer(net(optimizer="adam", batch_size=7), dtype="float64", dataset=blobs())
    recorded(trainer, 2)
    one = trainer.replay(2, 0).parameters["dense1/weight"]
    assert one.state["mean"] == pytest.approx(trainer.replay(1, 0).parameters["dense1/weight"].state_after["mean"])
    assert one.state_after["mean"] == pytest.approx(0.9 * one.state["mean"] + 0.1 * one.batch_gradient)
    update = trainer.replay(2, 0).update
    assert update is not None
    assert (update.count, update.clip, len(update.batch)) == (2, 1.0, 7)


def test_a_gap_forgets_what_was_before_it() -> None:
    trainer = Trainer(net(batch_size=7), dataset=blobs())
    recorded(trainer, 3)
    trainer.run(steps=2)
    trainer.record()
    assert trainer.passes.kept == (6, 6)
    with pytest.raises(EngineError, match="kept are steps 6 to 6"):
        trainer.replay(3, 0)
    with pytest.raises(EngineError, match="7 samples"):
        trainer.replay(6, 7)


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    trainer = Trainer(net(batch_size=7), dataset=blobs())
    trainer.record()
    monkeypatch.setattr("playground.engine.passes.BYTES", 4 * trainer.passes.latest.nbytes)
    recorded(trainer, 9)
    assert trainer.passes.kept == (7, 10)


def test_another_batch_size_and_a_restored_state_forget() -> None:
    trainer = Trainer(net(batch_size=7), dataset=blobs())
    state = trainer.state()
    recorded(trainer, 2)
    trainer.set_document(edits.set_training(trainer.document, batch_size=64))
    assert trainer.passes.kept == (0, 0)
    trainer.record()
    trainer.restore(state)
    assert trainer.passes.kept == (0, 0)


# -- in the session
def test_a_session_steps_by_sample_and_back() -> None:
    with driving(spiral()) as driver:
        driver.send(commands.Step(position=0))
        shown = driver.until(lambda s: s.passed is not None and s.phase == "paused")
        assert shown.passed is not None
        assert shown.trace is not None
        assert (shown.passed.step, shown.passed.position, shown.trace.index) == (1, 0, shown.passed.batch[0])
        driver.send(commands.Replay(1, 3))
        shown = driver.until(lambda s: s.passed is not None and s.passed.position == 3)
        assert shown.trace is not None
        assert shown.trace.index == shown.passed.batch[3]  # type: ignore[union-attr]
        assert shown.step == 1
        driver.send(commands.Step(position=0))
        driver.until(lambda s: s.step == 2 and s.passed is not None and s.passed.last == 2)
        driver.send(commands.Replay(1, 0))
        shown = driver.until(lambda s: s.passed is not None and s.passed.step == 1)
        assert shown.step == 2
        driver.send(commands.Replay(99, 0))
        driver.send(commands.Follow("train", 0))
        shown = driver.until(lambda s: s.passed is None)
        assert shown.phase == "paused"
