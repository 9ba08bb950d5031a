"""A saved state goes on exactly as the run it was taken from: through optimizers, dropout, orders, early stopping."""

from __future__ import annotations

from typing import Any

import pytest

from playground.document import Document, edits, example
from playground.engine import Trainer
from tests.engine.build import same


def dropped() -> Document:
    """The spiral's network with a Dropout in it."""
    document = edits.set_training(example("spiral"), epochs=None, early_stopping=False, batch_size=16)
    document, node = edits.add_node(document, "Dropout", rate=0.3)
    wire = next(wire for wire in document.wires if wire.source == "dense1")
    document = edits.disconnect(document, wire.source, wire.target)
    return edits.connect(edits.connect(document, "dense1", node), node, wire.target)


def goes_on_the_same(document: Document, at: int, after: int = 150, **later: Any) -> None:
    """Train ``at`` steps, take the state, go on; a new trainer with the state must end in the same weights."""
    first = Trainer(document)
    first.run(steps=at)
    state = first.state()
    second = Trainer(document)
    second.restore(state)
    for trainer in (first, second):
        trainer.set_training(edits.set_training(document, **later).training)
        trainer.run(steps=after)
    assert same(first.network.parameters, second.network.parameters)
    assert same(dict(first.state().optimizer), dict(second.state().optimizer))
    assert first.state().counters == second.state().counters


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw"])
def test_every_optimizer_with_dropout_in_the_middle_of_an_epoch(optimizer: str) -> None:
    goes_on_the_same(edits.set_training(dropped(), optimizer=optimizer, learning_rate=0.01), at=37)


@pytest.mark.parametrize("training", [{"shuffle": False}, {"schedule": "exponential"}, {"clip_norm": 0.1, "l1": 0.001, "l2": 0.01}])
def test_orders_schedules_and_penalties(training: dict[str, Any]) -> None:
    goes_on_the_same(edits.set_training(dropped(), **training), at=53)


@pytest.mark.parametrize("before", [True, False])
def test_shuffling_switched_in_the_middle_of_an_epoch_waits_for_the_next_one(before: bool) -> None:
    document = edits.set_training(dropped(), shuffle=before)
    first = Trainer(document)
    first.run(steps=5)
    first.set_training(edits.set_training(document, shuffle=not before).training)
    first.run(steps=3)
    state = first.state()
    second = Trainer(edits.set_training(document, shuffle=not before))
    second.restore(state)
    straight = Trainer(document)
    straight.run(steps=straight.steps_per_epoch)
    left = first.steps_left
    for trainer in (first, second):
        trainer.run(steps=left)
        assert same(trainer.network.parameters, straight.network.parameters)
    for trainer in (first, second):
        trainer.run(steps=70)
    straight.run(steps=70)
    assert same(first.network.parameters, second.network.parameters)
    assert not same(first.network.parameters, straight.network.parameters)


def test_chunks_do_not_matter_after_shuffling_was_switched() -> None:
    document = dropped()
    one, other = Trainer(document), Trainer(document)
    one.run(steps=one.steps_per_epoch * 2 + 4)
    other.run(steps=one.steps_per_epoch + 2)
    for _ in range(one.steps_per_epoch + 2):
        other.step()
    for trainer in (one, other):
        trainer.set_training(edits.set_training(document, shuffle=False).training)
    one.run(steps=60)
    for _ in range(60):
        other.step()
    assert same(one.network.parameters, other.network.parameters)


def test_an_evaluation_that_early_stopping_waits_for_is_made_up_for() -> None:
    document = edits.set_training(example("spiral"), early_stopping=True, patience=3, epochs=None, learning_rate=0.1)
    first = Trainer(document)
    while not first.advance(steps=first.steps_left).epoch_ended:
        pass
    state = first.state()  # the epoch's weights are not judged yet
    assert state.counters["evaluating"]
    second = Trainer(document)
    second.restore(state)
    for trainer in (first, second):
        for _ in range(100_000):
            if trainer.finished:
                break
            trainer.advance(0.005)
        assert trainer.finished == "early_stopping"
    assert first.epoch == second.epoch
    assert same(first.network.parameters, second.network.parameters)
    assert first.state().counters == second.state().counters
