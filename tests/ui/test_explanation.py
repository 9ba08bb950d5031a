"""What the explain panel says comes from the trace: change a number there, and it says another."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from playground.document import Document, edits
from playground.engine.trace import NodeTrace, ParameterTrace, Trace
from playground.ui.panels.explanation import SHOWN, explain


@pytest.fixture
def document() -> Document:
    made, source = edits.add_node(Document(), "Input", shape=(3,))
    made, dense = edits.add_node(made, "Dense", units=2, activation="tanh")
    made, out = edits.add_node(made, "Output", loss="half_squared_error", target_low=-1.0)
    made = edits.connect(made, source, dense)
    return edits.connect(made, dense, out)


def a_trace(x: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> Trace:
    z = weight @ x + bias
    a = np.tanh(z)
    nodes = {
        "input1": NodeTrace({"output": x}),
        "dense1": NodeTrace({"pre_activation": z, "output": a}),
        "output1": NodeTrace({"output": a}),
    }
    target = np.array([1.0, -1.0])
    parameters = {"dense1/weight": ParameterTrace(weight), "dense1/bias": ParameterTrace(bias)}
    return Trace("train", 7, nodes, parameters, target, 0.5 * float(((a - target) ** 2).sum()))


@pytest.fixture
def trace() -> Trace:
    return a_trace(np.array([1.0, -2.0, 0.5]), np.array([[0.5, 1.0, -1.0], [2.0, 0.0, 1.0]]), np.array([0.25, -0.5]))


def test_a_neuron_is_a_sum_of_its_terms(document: Document, trace: Trace) -> None:
    said = explain(document, trace, "dense1", 0)
    assert [(term.weight, term.value, term.product) for term in said.terms] == [(0.5, 1.0, 0.5), (1.0, -2.0, -2.0), (-1.0, 0.5, -0.5)]
    assert (said.lines[0].number, said.lines[0].rest) == ("−2.00", "+0.25 = −1.75")
    assert (said.lines[1].words, said.lines[1].number) == ("tanh(−1.75)", "−0.941")
    assert said.sentence.startswith("Input 2 decides most: −2.00 of −1.75.")
    assert said.caption == "dense1 · neuron 1"
    assert "tanh" in said.formula


def test_another_weight_in_the_trace_is_another_explanation(document: Document, trace: Trace) -> None:
    weight = trace.parameters["dense1/weight"].before.copy()
    weight[0, 1] = 4.0
    changed = dataclasses.replace(trace, parameters={**trace.parameters, "dense1/weight": ParameterTrace(weight)})
    before, after = explain(document, trace, "dense1", 0), explain(document, changed, "dense1", 0)
    assert before.terms[1].product == -2.0
    assert after.terms[1].product == -8.0
    assert before.sentence != after.sentence


def test_many_terms_are_cut_to_the_largest_and_the_rest_added_up(trace: Trace) -> None:
    rng = np.random.default_rng(1)
    document, source = edits.add_node(Document(), "Input", shape=(40,))
    document, dense = edits.add_node(document, "Dense", units=2, activation="tanh")
    document = edits.connect(document, source, dense)
    x, weight = rng.normal(size=40), rng.normal(size=(2, 40))
    said = explain(document, a_trace(x, weight, np.zeros(2)), "dense1", 1)
    assert len(said.terms) == SHOWN
    assert said.more is not None
    assert said.more[0] == 40 - SHOWN
    assert sum(term.product for term in said.terms) + said.more[1] == pytest.approx(float(weight[1] @ x))
    assert abs(said.terms[0].product) == pytest.approx(float(np.abs(weight[1] * x).max()))


def test_output_says_the_loss_with_its_numbers(document: Document, trace: Trace) -> None:
    said = explain(document, trace, "output1", None)
    assert said.caption == "output1 · sample #7"
    assert [term.value for term in said.terms] == [1.0, -1.0]
    assert float(said.lines[0].number) == pytest.approx(trace.loss, rel=1e-2)


def test_without_a_trace_the_formula_stands_alone(document: Document) -> None:
    said = explain(document, None, "dense1", None)
    assert said.formula
    assert not said.terms
    assert "numbers stand here" in said.sentence


def test_a_sum_that_is_no_number_says_so(document: Document, trace: Trace) -> None:
    weight = np.full((2, 3), np.nan)
    broken = a_trace(np.ones(3), weight, np.zeros(2))
    assert "left the range" in explain(document, broken, "dense1", 0).sentence
