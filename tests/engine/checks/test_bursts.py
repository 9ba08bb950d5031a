"""A burst of three steps in a long fast run is told of, with its true step and norm; what comes by itself is not."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from playground.document import edits, example
from playground.document.model import Document
from playground.engine import preparing
from playground.engine.checks.bursts import Burst
from playground.engine.checks.health import Figures, notes
from playground.engine.pacing import Pacer
from playground.engine.run import Run
from playground.engine.trainer import Trainer

FIRST, BATCH = 401, 10
"""The burst's first step, and the batch size."""


def network(**training: object) -> Document:
    """The spiral's, with ReLUs and an output that nothing bounds."""
    document = example("spiral")
    for node, function in (("dense1", "relu"), ("dense2", "relu"), ("dense3", "identity")):
        document = edits.set_field(document, node, "activation", function)
    plain = {"optimizer": "sgd", "learning_rate": 0.01, "l2": 0.0, "batch_size": BATCH, "shuffle": False}
    return edits.set_training(document, epochs=None, early_stopping=False, **{**plain, **training})


@pytest.fixture
def outliers(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Three batches in a row whose inputs are so many times as large; all others as they are."""
    real = preparing.load_data

    def load(*arguments: object) -> object:
        dataset = real(*arguments)
        x, y = (np.tile(array, (12, *[1] * (array.ndim - 1))) for array in (dataset.train.x, dataset.train.y))
        x[(FIRST - 1) * BATCH : (FIRST + 2) * BATCH] *= request.param
        return dataclasses.replace(dataset, train=dataclasses.replace(dataset.train, x=x, y=y))

    monkeypatch.setattr(preparing, "load_data", load)


def gradient_norms(trainer: Trainer, step: int) -> dict[str, float]:
    """By the chain rule in NumPy, of the mean of (y - t)^2 / 2 over the batch of ``step``, at the weights that ``trainer`` has."""
    rows = slice((step - 1) * BATCH, step * BATCH)
    x, t = trainer.dataset.train.x[rows].astype(float), trainer.dataset.train.y[rows].astype(float).reshape(-1, 1) * 2 - 1
    w = [trainer.network.parameters[f"dense{i}/weight"].astype(float) for i in (1, 2, 3)]
    b = [trainer.network.parameters[f"dense{i}/bias"].astype(float) for i in (1, 2, 3)]
    first = np.maximum(x @ w[0].T + b[0], 0)
    second = np.maximum(first @ w[1].T + b[1], 0)
    error = (second @ w[2].T + b[2] - t) / BATCH
    errors = [error]
    errors.insert(0, errors[0] @ w[2] * (second > 0))
    errors.insert(0, errors[0] @ w[1] * (first > 0))
    pairs = zip(errors, (x, first, second), strict=True)
    return {f"dense{i}": float(np.hypot(np.linalg.norm(e.T @ a), np.linalg.norm(e.sum(0)))) for i, (e, a) in enumerate(pairs, start=1)}


def advanced(run: Run, steps: int) -> Run:
    """In calls of up to 300 steps, with no sample of the norms between but those that the clock allows."""
    run._norms = Pacer(3600.0, 1.0)
    while run.trainer.step_count < steps:
        run.advance(1.0, min(300, steps - run.trainer.step_count))
    return run


@pytest.mark.parametrize("outliers", [10], indirect=True)
@pytest.mark.usefixtures("outliers")
def test_three_steps_of_a_long_fast_run_are_told_with_their_true_numbers_and_cost_no_bit() -> None:
    document = network()
    run = advanced(Run(document), 590)
    assert set(run.bursts.found) == {"dense1", "dense2", "dense3"}
    run.look_over(live=False)
    note = next(note for note in run.checkup.notes if note.kind == "exploding")
    told = note.step
    assert FIRST <= told <= FIRST + 2
    free = preparing.trainer_for(document)
    free.run(steps=told - 1)
    expected = gradient_norms(free, told)
    for node, burst in run.bursts.found.items():
        assert (burst.step, burst.norm) == (told, pytest.approx(expected[node], rel=1e-4))
        assert burst.norm > 100 * burst.usual
    free.run(steps=590 - free.step_count)
    for key, array in run.trainer.network.parameters.items():
        assert array.tobytes() == free.network.parameters[key].tobytes()
    steps = run.history.curves.snapshot()["gradient_norm/dense1"].steps
    assert told in steps, "the chart of norms has the spike"


@pytest.mark.parametrize("outliers", [1000], indirect=True)
@pytest.mark.usefixtures("outliers")
def test_a_burst_is_told_under_adam_too_until_a_setting_answers_it() -> None:
    run = advanced(Run(network(optimizer="adam", learning_rate=0.001)), 590)
    assert run.bursts.found["dense1"].norm > 100 * run.bursts.found["dense1"].usual
    run.set_document(edits.set_training(run.document, clip_norm=1.0))
    assert run.bursts.found == {}


def test_what_is_cut_does_no_harm_and_is_not_told() -> None:
    run = advanced(Run(network()), 40)
    run.bursts.found = {"dense1": Burst(7, 500.0, 0.1)}
    figures = Figures(240, 3, {}, bursts=run.bursts.found)
    (note,) = notes(run.document, figures)
    assert (note.kind, note.step, note.evidence["norm"]) == ("exploding", 7, 500.0)
    assert notes(edits.set_training(run.document, clip_norm=1.0), figures) == ()


@pytest.mark.parametrize("outliers", [12], indirect=True)
@pytest.mark.usefixtures("outliers")
def test_large_gradients_that_move_hardly_anything_are_no_burst() -> None:
    """As those of single hard samples: a hundred times the median, and over within one small step."""
    document = network(learning_rate=1e-7)
    run = advanced(Run(document), 590)
    assert run.bursts.found == {}
    trainer = preparing.trainer_for(document)
    trainer.run(steps=FIRST - 1)
    usual = trainer.norms()[0]["dense1"]
    assert gradient_norms(trainer, FIRST)["dense1"] > max(100 * usual, 10)
