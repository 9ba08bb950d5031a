"""Clipping by value: torch.nn.utils.clip_grad_value_, after clipping by norm where both are asked for."""

from __future__ import annotations

import numpy as np
import pytest

from playground.document import Document, edits
from playground.engine import Network, Trainer
from tests.engine.test_recurrent import language_model, tokens


def document(**training: object) -> Document:
    return edits.set_training(language_model("LSTM"), batch_size=20, learning_rate=0.5, shuffle=False, **training)


@pytest.mark.parametrize("norm", [None, 0.3])
def test_a_step_takes_cut_entries(norm: float | None) -> None:
    made, dataset, most = document(clip_value=0.01, clip_norm=norm), tokens(), 0.01
    trainer = Trainer(made, dataset=dataset, dtype="float64")
    before, part = trainer.network.parameters, dataset.train
    assert part.lengths is not None
    network = Network(made, "float64", lowered=trainer.network.lowered)
    _, gradients = network.gradients(part.x[:20], part.y[:20], lengths=part.lengths[:20])
    length = np.sqrt(sum((gradient**2).sum() for gradient in gradients.values()))
    factor = 1.0 if norm is None else min(1.0, norm / (length + 1e-6))
    trace = trainer.record(position=0)
    for key, gradient in gradients.items():
        used = np.clip(factor * gradient, -most, most)
        np.testing.assert_allclose(before[key] - trainer.network.parameters[key], 0.5 * used, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(trace.parameters[key].terms["gradient"], 0.5 * used, rtol=1e-6, atol=1e-9)
    twin = Trainer(made, dataset=dataset, dtype="float64")
    twin.advance(steps=1)
    assert twin.last_progress.clipped.all()
    for key, array in trainer.network.parameters.items():
        assert (array == twin.network.parameters[key]).all()


def test_what_is_never_cut_trains_as_without() -> None:
    limited, free = (Trainer(document(clip_value=value), dataset=tokens()) for value in (1e6, None))
    for trainer in (limited, free):
        trainer.run(steps=4)
    assert not limited.last_progress.clipped.any()
    for key, array in limited.network.parameters.items():
        np.testing.assert_allclose(array, free.network.parameters[key], rtol=1e-6, atol=1e-7)
