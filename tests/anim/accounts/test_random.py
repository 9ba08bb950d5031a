"""Accounts of random networks, of every function, loss and optimizer, against the naive pass."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from playground.document import Document, edits
from playground.layers.functions import FUNCTION_NAMES
from playground.layers.losses import LOSSES
from tests.anim.accounts.networks import OPTIMIZERS, data_for, networks, trainings
from tests.anim.accounts.walk import Tally, record, traced, walk
from tests.engine.build import chain, dense

ROUNDED = 0.03


def walked(document: Document, steps: int = 2, position: int = 0, **training: Any) -> Tally:
    document = edits.set_training(document, **training)
    tally = walk(record(document, data_for(document), steps, position))
    assert not tally.wrong
    return tally


@settings(max_examples=80, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(networks(), trainings())
def test_random_networks(document: Document, training: dict[str, Any]) -> None:
    walked(document, position=training["batch_size"] - 1, **training)


@pytest.mark.parametrize("function", FUNCTION_NAMES)
def test_functions(function: str) -> None:
    tally = walked(chain((3,), dense(4, function), ("Activation", {"function": function}), dense(3), loss="softmax_cross_entropy"))
    assert tally.rounded <= ROUNDED * tally.numbers


@pytest.mark.parametrize("loss", LOSSES)
def test_losses(loss: str) -> None:
    tally = walked(chain((3,), dense(4, "tanh"), dense(3), loss=loss))
    assert tally.rounded <= ROUNDED * tally.numbers


@pytest.mark.parametrize("loss", LOSSES)
def test_losses_of_sequences(loss: str) -> None:
    document = chain((2, 3), dense(4, "tanh"), dense(3, "softmax"), dense(3), loss=loss)
    rng = np.random.default_rng(1)
    x = rng.standard_normal((2, 3)).astype(np.float32)
    target = np.array([2, 0]) if loss == "softmax_cross_entropy" else rng.random((2, 3)).astype(np.float32).astype(float)
    tally = walk(traced(document, x, target))
    assert not tally.wrong
    assert tally.rounded <= ROUNDED * tally.numbers


@pytest.mark.parametrize("extras", [{}, {"l1": 0.01, "l2": 0.02, "clip_norm": 0.2}], ids=["plain", "decayed and clipped"])
@pytest.mark.parametrize("batch", [1, 4])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_optimizers(optimizer: str, batch: int, extras: dict[str, float]) -> None:
    document = chain((3,), dense(4, "tanh"), dense(2), loss="mean_squared_error")
    tally = walked(document, 3, batch - 1, optimizer=optimizer, batch_size=batch, learning_rate=0.05, **extras)
    assert tally.rounded <= ROUNDED * tally.numbers
