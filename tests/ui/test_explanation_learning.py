"""What the explain panel says of backward and update, held against the numbers of a trace; and titles in sentences."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import numpy as np
import pytest

from playground.document import Document, example
from playground.engine.trace import NodeTrace, ParameterTrace, Trace
from playground.ui.panels.explanation import explain
from playground.ui.panels.explanation_learning import DESCENT, STEP, explain_backward, explain_update
from playground.ui.wording import with_titles

X = np.array([1.0, -2.0], np.float32)


def trace(error: float = 0.5, rate: float = 0.1) -> Trace:
    """One step of a neuron with two inputs: the gradient is the error times the input."""
    before, slope = np.array([[0.3, 0.4]]), error * X[None, :].astype(float)
    bias, pull = np.array([0.1]), np.array([error])
    return Trace(
        "train",
        0,
        {"input1": NodeTrace({"output": X}), "dense1": NodeTrace({"output": np.array([1.0])})},
        {
            "dense1/weight": ParameterTrace(before, slope, {}, before - rate * slope),
            "dense1/bias": ParameterTrace(bias, pull, {}, bias - rate * pull),
        },
    )


def document(**training: object) -> Document:
    made = example("and")
    return msgspec.structs.replace(made, training=msgspec.structs.replace(made.training, **training))


def test_a_gradient_is_the_error_times_the_input() -> None:
    said = explain_backward(document(), trace(error=0.5), "dense1", None)
    assert said is not None
    assert [(term.weight, term.value, term.product) for term in said.terms] == [(1.0, 0.5, 0.5), (-2.0, 0.5, -1.0)]
    assert "+0.500" in said.lines[0].number


def test_an_update_shows_before_after_and_the_change() -> None:
    said = explain_update(document(), trace(), "dense1", 0)
    assert said is not None
    assert [term.product for term in said.terms] == pytest.approx([-0.05, 0.1])
    assert [term.value for term in said.terms] == pytest.approx([0.25, 0.5])
    assert said.lines[0].number == "+0.05"
    still = explain_update(document(), trace(error=0.0), "dense1", 0)
    assert still is not None
    assert still.sentence != said.sentence


def test_the_formula_of_an_update_is_plain_descent_only_where_that_is_all() -> None:
    for training, formula in (({}, DESCENT), ({"optimizer": "adam"}, STEP), ({"l2": 0.1}, STEP)):
        said = explain_update(document(**training), trace(), "dense1", 0)
        assert said is not None
        assert said.formula == formula


def test_nothing_is_said_of_numbers_that_are_not_there() -> None:
    made = trace()
    bare = replace(made, parameters={"dense1/weight": ParameterTrace(np.zeros((1, 2)))})
    assert explain_backward(document(), bare, "dense1", None) is None
    assert explain_update(document(), bare, "dense1", None) is None


def test_softmax_is_explained_from_scores_to_shares() -> None:
    made = example("iris")
    scores = np.array([1.0, 3.0, -1.0])
    shares = np.exp(scores) / np.exp(scores).sum()
    values = Trace(
        "train",
        4,
        {"dense2": NodeTrace({"output": scores}), "output1": NodeTrace({"output": shares})},
        {},
        target=np.array(1, np.int32),
        loss=float(-np.log(shares[1])),
    )
    said = explain(made, values, "output1", None)
    assert said.unsigned
    powers = np.array([term.value for term in said.terms])
    assert [term.product for term in said.terms] == pytest.approx((powers / powers.sum()).tolist())
    assert [term.weight for term in said.terms] == scores.tolist()


def test_sentences_name_nodes_as_their_cards_do() -> None:
    made = example("spiral")
    assert with_titles("a wire from dense2 to dense1 would close a circle.", made) == "A wire from hidden2 to hidden1 would close a circle."
    assert with_titles("dense3 wants one row.", made) == "dense3 wants one row."
    assert with_titles("dense11 is not dense1.", made).endswith("is not hidden1.")
