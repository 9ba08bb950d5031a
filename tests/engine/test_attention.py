"""Attention against plain loops: with one input, two and three, a single query, masks; by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from playground.document import Document, check, edits
from playground.engine import Network
from playground.engine.checks.gradient_check import check_gradients
from tests.engine.build import chain

Array = np.ndarray


def attended(query: Array, value: Array, key: Array, scale: float, mask: Array | None = None) -> tuple[Array, Array]:
    """Answers and weights by the formula, a step at a time."""
    weights = np.zeros((len(query), len(key)))
    for i, row in enumerate(query):
        powers = [
            math.exp(scale * sum(a * b for a, b in zip(row, other, strict=True))) if mask is None or mask[j] else 0.0
            for j, other in enumerate(key)
        ]
        weights[i] = [power / sum(powers) for power in powers]
    return np.array([sum(w * v for w, v in zip(row, value, strict=True)) for row in weights]), weights


def looking(ports: int, single: bool = False, scaled: bool = True) -> Document:
    """A query made from the input by one Dense, value and key by two others."""
    document, source = edits.add_node(Document(), "Input", shape=(4, 3))
    made = []
    for units in (2, 5 if ports == 3 else 2, 2)[:ports]:
        document, node = edits.add_node(document, "Dense", units=units, activation="tanh")
        document = edits.connect(document, source, node)
        made.append(node)
    if single:
        document, last = edits.add_node(document, "Last")
        document, made[0] = edits.connect(document, made[0], last), last
    document, attention = edits.add_node(document, "Attention", scaled=scaled)
    for node in made:
        document = edits.connect(document, node, attention)
    document, output = edits.add_node(document, "Output", loss="half_squared_error")
    return edits.connect(document, attention, output)


@pytest.mark.parametrize("length", [None, 1, 3])
@pytest.mark.parametrize(
    ("ports", "single", "scaled"), [(1, False, True), (2, False, False), (3, False, True), (2, True, True), (3, True, True)]
)
def test_values_are_those_of_plain_loops(ports: int, single: bool, scaled: bool, length: int | None) -> None:
    network = Network(looking(ports, single, scaled), "float64", 1)
    x = np.random.default_rng(0).standard_normal((4, 3))
    goal = np.zeros(network.lowered.prediction.shape)
    trace = network.trace(x, goal, length=length)
    rows = [trace.nodes[f"dense{port + 1}"].values["output"] for port in range(ports)]
    if single:
        rows[0] = trace.nodes["last1"].values["output"][None]
    query, value = rows[0], rows[min(1, ports - 1)]
    key = rows[2] if ports > 2 else value
    mask = None if length is None else np.arange(4) < length
    answers, weights = attended(query, value, key, 1 / math.sqrt(2) if scaled else 1.0, mask)
    node = trace.nodes["attention1"].values
    np.testing.assert_allclose(node["weights"], weights, atol=1e-12)
    np.testing.assert_allclose(node["output"], answers[0] if single else answers, atol=1e-12)


@pytest.mark.parametrize("lengths", [False, True])
@pytest.mark.parametrize("samples", [1, 5])
@pytest.mark.parametrize(("ports", "single"), [(1, False), (2, False), (3, False), (2, True), (3, True)])
def test_gradients(ports: int, single: bool, samples: int, lengths: bool) -> None:
    found = check_gradients(looking(ports, single), samples=samples, lengths=lengths)
    assert found.passed, found


def test_two_steps_by_hand() -> None:
    """q = (1, 0), k = (1, 0) and (0, 0): matches 1 and 0, weights e/(e+1) and 1/(e+1); the value is the key."""
    document = chain((2, 2), ("Attention", {"scaled": False}), loss="half_squared_error")
    trace = Network(document, "float64").trace(np.array([[1.0, 0.0], [0.0, 0.0]]), np.zeros((2, 2)))
    node = trace.nodes["attention1"].values
    share = 0.7310585786300049
    np.testing.assert_allclose(node["weights"], [[share, 1 - share], [0.5, 0.5]], rtol=1e-12)
    np.testing.assert_allclose(node["output"], [[share, 0.0], [0.5, 0.0]], rtol=1e-12)


def test_what_does_not_match_is_refused() -> None:
    document = edits.set_field(looking(2), "dense1", "units", 3)
    (problem,) = [problem for problem in check(document, data_needed=False) if problem.severity == "error"]
    assert "gets 4×3, 4×2; query and key must have as many features" in problem.message
