"""What a recorded step keeps of its update: the batch's gradient, the optimizer's arrays around it, the settings it was made with."""

from __future__ import annotations

import numpy as np
import pytest

from playground.document import edits
from playground.engine import Trainer
from playground.engine.program.optimizers import SLOTS
from tests.engine.build import blobs, chain, dense


def trainer(**training: object) -> Trainer:
    document = chain((4,), dense(5, "tanh"), dense(3), loss="softmax_cross_entropy")
    return Trainer(edits.set_training(document, batch_size=6, **training), dataset=blobs())


@pytest.mark.parametrize("optimizer", SLOTS)
def test_the_optimizers_arrays_before_and_after(optimizer: str) -> None:
    run = trainer(optimizer=optimizer)
    run.step()
    before = run.state().optimizer
    trace = run.record()
    after = run.state().optimizer
    assert len(before) == len(SLOTS[optimizer]) * len(trace.parameters)
    for key, one in trace.parameters.items():
        assert tuple(one.state) == tuple(one.state_after) == SLOTS[optimizer]
        for slot in SLOTS[optimizer]:
            assert one.state[slot].tobytes() == before[f"{key}/{slot}"].tobytes()
            assert one.state_after[slot].tobytes() == after[f"{key}/{slot}"].tobytes()
            assert np.any(one.state[slot] != one.state_after[slot])


@pytest.mark.parametrize("clip", [None, 0.01])
def test_the_batchs_gradient_is_the_mean_of_its_samples(clip: float | None) -> None:
    run = trainer(l2=0.1, clip_norm=clip)
    trace = run.record()
    assert trace.update is not None
    assert len(trace.update.batch) == 6
    every = [run.replay(run.step_count, position) for position in range(6)]
    assert tuple(one.index for one in every) == trace.update.batch
    for key, one in trace.parameters.items():
        mean = np.mean([each.parameters[key].gradient for each in every], axis=0)
        assert one.batch_gradient == pytest.approx(mean, rel=1e-5, abs=1e-7)
    norm = np.sqrt(sum(float((one.batch_gradient**2).sum()) for one in trace.parameters.values() if one.batch_gradient is not None))
    assert trace.update.clip == pytest.approx(1.0 if clip is None else clip / (norm + 1e-6), rel=1e-5)


def test_an_update_knows_its_rate_count_and_training() -> None:
    run = trainer(optimizer="adam", learning_rate=0.02, schedule="step", schedule_step=1, schedule_factor=0.5)
    for _ in range(run.steps_per_epoch):
        run.step()
    update = run.record().update
    assert update is not None
    assert (update.rate, update.clip, update.count) == (0.01, 1.0, run.steps_per_epoch + 1)
    assert update.training == run.document.training


def test_a_frozen_layer_has_no_update_of_its_own() -> None:
    document = edits.freeze(trainer().document, ["dense1"])
    trace = Trainer(document, dataset=blobs()).record()
    frozen, free = trace.parameters["dense1/weight"], trace.parameters["dense2/weight"]
    assert frozen.after is not None
    assert frozen.after.tobytes() == frozen.before.tobytes()
    assert frozen.batch_gradient is None
    assert frozen.gradient is not None
    assert free.batch_gradient is not None
    assert np.any(free.after != free.before)
