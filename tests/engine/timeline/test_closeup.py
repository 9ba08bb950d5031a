"""The curves of a perceptron: every weight at every step, every round's mistakes, as the rule on paper gives them."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from playground import data
from playground.document import Document, example
from playground.engine.run import Run

ROUNDS = 6


def by_hand(document: Document) -> tuple[list[list[float]], list[int]]:
    """Weights and bias after each step, and mistakes of each round, by the perceptron rule from zeros."""
    train, rate = data.load(document.data.name).train, document.training.learning_rate
    w, b, weights, mistakes = np.zeros(2), 0.0, [[0.0, 0.0, 0.0]], []
    for _ in range(ROUNDS):
        wrong = 0
        for x, t in zip(train.x, train.y, strict=True):
            error = float(t) - float(w @ x + b > 1e-6)
            w, b, wrong = w + rate * error * x, b + rate * error, wrong + (error != 0)
            weights.append([*w.tolist(), b])
        mistakes.append(wrong)
    return weights, mistakes


def zeroed(name: str) -> Run:
    run = Run(example(name))
    run.set_weights({key: np.zeros_like(array) for key, array in run.trainer.network.parameters.items()})
    return run


def curve(run: Run, name: str) -> tuple[list[int], list[float]]:
    found = run.history.curves.snapshot()[name]
    return found.steps.tolist(), found.values.tolist()


@pytest.mark.parametrize("name", ["and", "or"])
def test_each_weight_has_a_point_a_step_and_each_round_its_mistakes(name: str) -> None:
    run = zeroed(name)
    weights, mistakes = by_hand(run.document)
    while run.trainer.epoch < ROUNDS:
        run.advance()
    for place, key in enumerate(("weight/0", "weight/1", "bias/0")):
        steps, values = curve(run, f"parameter/dense1/{key}")
        assert steps == list(range(4 * ROUNDS + 1))
        assert values == pytest.approx([row[place] for row in weights], abs=1e-6)
    assert curve(run, "mistakes/train") == ([4 * at for at in range(1, ROUNDS + 1)], mistakes)
    assert mistakes[0] > 0 == mistakes[-1]


def test_a_step_by_hand_brings_the_same_points() -> None:
    by_hand_run, free = zeroed("and"), zeroed("and")
    while free.trainer.step_count < 8:
        free.advance()
    for _ in range(8):
        by_hand_run.record(None)
    for name in ("parameter/dense1/weight/1", "mistakes/train"):
        assert curve(by_hand_run, name) == curve(free, name)


def test_a_smaller_last_batch_and_a_cut_round_are_counted_rightly() -> None:
    document = example("and")
    run = Run(msgspec.structs.replace(document, training=msgspec.structs.replace(document.training, batch_size=3)))
    while run.trainer.epoch < 1:
        run.advance()
    steps, (wrong,) = curve(run, "mistakes/train")
    shares = run.history.curves.snapshot()["accuracy/train"].values
    assert steps == [2]
    assert wrong == round(3 * (1 - shares[0]) + (1 - shares[1]))
    while run.trainer.step_count < 3:  # into the second round, which the new batch size cuts
        run.advance()
    run.set_document(document)
    while run.trainer.epoch < 3:
        run.advance()
    assert len(curve(run, "mistakes/train")[0]) == 2


def test_larger_networks_have_no_such_curves() -> None:
    run = Run(example("xor"))
    run.advance()
    assert not [name for name in run.history.curves.snapshot() if name.startswith(("parameter/", "mistakes/"))]


def test_a_new_run_starts_from_its_own_weights() -> None:
    run = Run(example("salary"))
    first = float(run.trainer.network.parameters["dense1/weight"].ravel()[0])
    for _ in range(3):
        run.advance()
    run.rewind()
    run.advance()
    steps, values = curve(run, "parameter/dense1/weight/0")
    assert steps == [0, 1]
    assert values[0] == pytest.approx(first)
    assert "mistakes/train" not in run.history.curves.snapshot()


def test_points_are_left_out_as_a_run_grows_and_none_ever_moves() -> None:
    run, seen = Run(example("salary")), {}
    name = "parameter/dense1/weight/0"
    while run.trainer.step_count < 3000:
        run.advance()
        steps, values = curve(run, name)
        if steps[-1] == run.trainer.step_count:
            seen[steps[-1]] = float(run.trainer.network.parameters["dense1/weight"].ravel()[0])
        assert set(zip(steps[1:], values[1:], strict=True)) <= set(seen.items()), "each is the weight of its step, as it was"
    pitch = run.history.curves.stride(name)
    assert pitch == 8
    assert steps == list(range(0, steps[-1] + 1, pitch)), "evenly, from the start"
