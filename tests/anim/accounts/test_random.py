"""Accounts of random networks, of every function, loss and optimizer, against the naive pass."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from playground.document import Document, edits
from playground.layers.functions import FUNCTION_NAMES
from playground.layers.output import LOSSES
from tests.anim.accounts.networks import OPTIMIZERS, data_for, networks, trainings
from tests.anim.accounts.walk import Tally, record, walk
from tests.engine.build import chain, dense

ROUNDED = 0.03
SEQUENCE = (2, 3)


def walked(document: Document, steps: int = 2, position: int = 0, **training: Any) -> Tally:
    document = edits.set_training(document, **training)
    tally = walk(record(document, data_for(document), steps, position))
    assert not tally.wrong
    return tally


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(networks(), trainings())
def test_random_networks(document: Document, training: dict[str, Any]) -> None:
    walked(document, position=training["batch_size"] - 1, **training)


@pytest.mark.parametrize("function", FUNCTION_NAMES)
def test_functions(function: str) -> None:
    tally = walked(chain((3,), dense(4, function), ("Activation", {"function": function}), dense(3), loss="softmax_cross_entropy"))
    assert tally.rounded <= ROUNDED * tally.numbers


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("shape", [(3,), SEQUENCE], ids=["row", "sequence"])
def test_losses(loss: str, shape: tuple[int, ...]) -> None:
    if shape == SEQUENCE and loss != "softmax_cross_entropy":
        document = chain(shape, dense(4, "tanh"), ("Flatten", {}), dense(2), loss=loss)
    else:
        document = chain(shape, dense(4, "tanh"), dense(3), loss=loss)
    tally = walked(document)
    assert tally.rounded <= ROUNDED * tally.numbers


@pytest.mark.parametrize("extras", [{}, {"l1": 0.01, "l2": 0.02, "clip_norm": 0.2}], ids=["plain", "decayed and clipped"])
@pytest.mark.parametrize("batch", [1, 4])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_optimizers(optimizer: str, batch: int, extras: dict[str, float]) -> None:
    document = chain((3,), dense(4, "tanh"), dense(2), loss="mean_squared_error")
    tally = walked(document, 3, batch - 1, optimizer=optimizer, batch_size=batch, learning_rate=0.05, **extras)
    assert tally.rounded <= ROUNDED * tally.numbers
