"""A training step back through time against plain loops: losses at each step or at the end, lengths, truncation, both ways of clipping."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from playground.data.spec import Dataset, Description, frozen_split
from playground.document import edits
from playground.engine import Trainer
from tests.engine.build import chain, dense
from tests.engine.test_stateful import moved, named, named_as_naive, stepped
from tests.reference import streams as naive

STEPS, FEATURES, UNITS, OUTPUTS, COUNT, RATE = 6, 2, 3, 2, 5, 0.1
Array = np.ndarray
FORMS: list[tuple[str, dict[str, Any]]] = [
    ("SimpleRNN", {}),
    ("LSTM", {"peepholes": True}),
    ("GRU", {"form": "tutorial"}),
    ("GRU", {"form": "pytorch"}),
]
HOW: list[dict[str, Any]] = [
    {},
    {"truncate": 2},
    {"truncate": 4, "clip_norm": 0.05},
    {"clip_value": 0.01},
    {"truncate": 1, "clip_norm": 0.08, "clip_value": 0.02},
]


def sequences(every: bool, lengths: bool) -> Dataset:
    rng = np.random.default_rng(0)
    long = rng.permutation([1, 2, 4, 6, 6]).astype(np.int32)
    real = np.arange(STEPS) < (long[:, None] if lengths else STEPS)
    x = (rng.standard_normal((COUNT, STEPS, FEATURES)) * real[..., None]).astype(np.float32)
    y = rng.standard_normal((COUNT, STEPS, OUTPUTS) if every else (COUNT, OUTPUTS)).astype(np.float32)
    part = frozen_split(x, y * real[..., None] if every else y, long if lengths else None)
    return Dataset(Description((STEPS, FEATURES), "regression", OUTPUTS, steps=every), part, part, part)


@pytest.mark.parametrize("lengths", [True, False])
@pytest.mark.parametrize("every", [True, False])
@pytest.mark.parametrize("how", HOW, ids=named)
@pytest.mark.parametrize(("type", "form"), FORMS, ids=named)
def test_a_step_is_that_of_plain_loops(type: str, form: dict[str, Any], how: dict[str, Any], every: bool, lengths: bool) -> None:
    truncate, training = how.get("truncate"), {key: value for key, value in how.items() if key.startswith("clip")}
    document = chain((STEPS, FEATURES), (type, {"units": UNITS, "return_sequences": every, "truncate": truncate, **form}), dense(OUTPUTS))
    document = edits.set_training(document, batch_size=COUNT, learning_rate=RATE, shuffle=False, **training)
    dataset = sequences(every, lengths)
    trainer = Trainer(document, dataset=dataset, dtype="float64")
    w, part = named_as_naive(moved(trainer)), dataset.train
    long = [STEPS] * COUNT if part.lengths is None else part.lengths.tolist()
    asked = sum(long) if every else COUNT
    total, missed, nothing = {key: np.zeros_like(array) for key, array in w.items()}, 0.0, (np.zeros(UNITS), np.zeros(UNITS))
    for x, goal, length in zip(part.x.astype(float), part.y.astype(float), long, strict=True):
        own, errors, _ = naive.window(type, form | {"truncate": truncate}, w, x, goal, nothing, 1 / asked, length if lengths else None)
        missed += errors / asked
        total = {key: total[key] + gradient for key, gradient in own.items()}
    used = naive.clipped(total, how.get("clip_norm"), how.get("clip_value"))
    assert bool(training) == any((used[key] != total[key]).any() for key in total)  # it does cut
    assert stepped(trainer) == pytest.approx(missed, rel=1e-9)
    for key, array in named_as_naive(trainer.network.parameters).items():
        np.testing.assert_allclose(w[key] - array, RATE * used[key], rtol=1e-7, atol=1e-11, err_msg=key)
