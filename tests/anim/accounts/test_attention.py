"""Every number within Attention, forward and back, is told by the terms of the formula, and is what plain loops make of the inputs."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from playground.anim.account import Account, Equation, Number
from playground.anim.accounts import account
from playground.anim.accounts.attention import ROOT
from playground.anim.cursor import Cursor, Stage
from playground.anim.stages import stages
from playground.document import Document
from playground.engine import Network
from playground.engine.program.lowering import Lowered, lower
from playground.engine.trace import Trace
from tests.engine.build import chain
from tests.engine.test_attention import looking
from tests.reference import attention as naive

NODE = "attention1"
CASES: dict[str, tuple[int, bool, bool, int | None]] = {
    "one input": (1, False, True, None),
    "one input, padded": (1, False, False, 2),
    "two inputs": (2, False, True, None),
    "two inputs, padded": (2, False, True, 3),
    "two inputs, one query": (2, True, False, None),
    "three inputs": (3, False, True, None),
    "three inputs, one query, padded": (3, True, True, 2),
}
"""Ports, a single query, divided by the root of F, steps that are real."""


@dataclass(frozen=True)
class Seen:
    """A pass, and what plain loops make of the same inputs."""

    document: Document
    lowered: Lowered
    trace: Trace
    values: dict[str, np.ndarray]
    errors: dict[str, np.ndarray]
    divisor: float
    real: int

    def accounts(self, phase: str, part: str) -> Iterator[tuple[tuple[int, ...], Account]]:
        """Those of all entries of a part of the stage."""
        passed = stages(self.document)
        number, stage = next((at, one) for at, one in enumerate(passed) if one.label == f"{phase}:{NODE}")
        for cell in range(len(stage.cells)):
            name, index = stage.cells.place(cell)
            if name == part:
                found = account(self.lowered, self.trace, Cursor(number, stage, cell, 1.0, passed))
                assert found is not None
                yield index, found


def passed(ports: int, single: bool, scaled: bool, length: int | None) -> Seen:
    document = looking(ports, single, scaled)
    network = Network(document, "float64", 1)
    rng = np.random.default_rng(4)
    x, goal = rng.standard_normal((4, 3)), rng.standard_normal(network.lowered.prediction.shape)
    trace = network.trace(x, goal, length=length)
    rows = []
    for port in range(ports):  # by hand: the Denses before it
        weight, bias = (network.parameters[f"dense{port + 1}/{name}"].astype(np.float64) for name in ("weight", "bias"))
        rows.append(np.tanh(x @ weight.T + bias))
    last = (length or 4) - 1
    query = rows[0][last : last + 1] if single else rows[0]
    value, key = rows[min(1, ports - 1)], rows[-1]
    mask = None if length is None else np.arange(4) < length
    divisor = math.sqrt(2) if scaled else 1.0
    values = {"query": query, "value": value, "key": key} | naive.forward(query, value, key, 1 / divisor, mask)
    counted = np.ones((len(query), 1)) if single or mask is None else mask[:, None]
    missed = (values["output"] - goal.reshape(values["output"].shape)) * counted
    error = missed / (1 if single else counted.sum())  # of half the squared error, over the steps that count
    errors = {"output": error} | naive.backward(query, value, key, 1 / divisor, values["weights"], error)
    return Seen(document, lower(document), trace, values, errors, divisor, length or 4)


@pytest.fixture(scope="module", params=list(CASES))
def seen(request: pytest.FixtureRequest) -> Seen:
    return passed(*CASES[request.param])


def number(found: Number) -> float:
    return found.value


def worth(equation: Equation) -> float:
    total = math.fsum(math.prod(map(number, term.factors)) * term.sign for term in equation.terms)
    assert total == pytest.approx(math.fsum(term.value for term in equation.terms), rel=1e-12, abs=1e-15)
    return total / equation.sides[0].value if equation.function == "divide" else total


def factors(equation: Equation) -> list[list[float]]:
    return [[number(one) for one in term.factors] for term in equation.terms]


def close(found: Any, wanted: Any) -> None:
    np.testing.assert_allclose(found, wanted, rtol=1e-10, atol=1e-13)


def row(table: np.ndarray, index: tuple[int, ...]) -> tuple[int, int]:
    """Of an entry of the output: a single query has a row without a number."""
    return (index[0], index[1]) if len(index) == 2 else (0, index[0])


def test_matches_weights_and_means_are_told_by_the_formula(seen: Seen) -> None:
    values = seen.values
    for (i, j), found in seen.accounts("forward", "scores"):
        (only,) = found.equations
        close(only.result.value, values["scores"][i, j])
        if j >= seen.real:
            assert (only.role, len(only.terms)) == ("padded", 0)
            continue
        assert only.role == "match"
        close(factors(only), np.stack([values["query"][i], values["key"][j]], axis=1))
        close(worth(only), values["scores"][i, j])
        assert [(side.symbol, side.value) for side in only.sides] == ([(ROOT, pytest.approx(seen.divisor))] if seen.divisor > 1 else [])
    for (i, j), found in seen.accounts("forward", "weights"):
        assert [one.role for one in found.equations] == [
            "match" if j < seen.real else "padded",
            *("largest", "power", "denominator", "softmax"),
        ]
        close(found.result.value, values["weights"][i, j])
        close(worth(found.equations[-1]), values["weights"][i, j])
    for index, found in seen.accounts("forward", ""):
        i, g = row(values["output"], index)
        close(factors(found.equations[-1]), np.stack([values["weights"][i], values["value"][:, g]], axis=1))
        close(worth(found.equations[-1]), values["output"][i, g])
        assert [one.role for one in found.equations].count("softmax") == 1
        close(found.equations[-2].result.value, values["weights"][i].max())


def test_the_error_that_arrives_is_that_of_the_answer(seen: Seen) -> None:
    for index, found in seen.accounts("backward", ""):
        assert [one.role for one in found.equations] == ["arriving"]
        close(found.result.value, seen.errors["output"][row(seen.errors["output"], index)])


def test_the_error_of_a_weight_is_that_of_the_answer_along_the_value(seen: Seen) -> None:
    for (i, j), found in seen.accounts("backward", "weights"):
        (only,) = found.equations
        assert (only.role, only.function) == ("error_of_weight", "")
        close(factors(only), np.stack([seen.errors["output"][i], seen.values["value"][j]], axis=1))
        close([worth(only), only.result.value], [seen.errors["weights"][i, j]] * 2)


def test_the_softmax_shares_out_the_errors_of_its_row(seen: Seen) -> None:
    for (i, j), found in seen.accounts("backward", "scores"):
        (only,) = found.equations
        weights = seen.values["weights"][i]
        own = [1 - weights[j] if other == j else -weights[j] for other in range(len(weights))]
        assert only.role == "through_softmax"
        close(factors(only), np.stack([seen.errors["weights"][i], weights, own], axis=1))
        close([worth(only), only.result.value], [seen.errors["scores"][i, j]] * 2)
        if j >= seen.real:
            assert only.result.value == 0


@pytest.mark.parametrize("part", ["value", "query", "key"])
def test_errors_of_what_came_in_are_sums_over_the_other_steps(seen: Seen, part: str) -> None:
    weights, scores, output = seen.values["weights"], seen.errors["scores"], seen.errors["output"]
    query, key = seen.values["query"], seen.values["key"]
    for (step, f), found in seen.accounts("backward", part):
        (only,) = found.equations
        if part == "value":
            read = weights[:, step], output[:, f]
        else:
            read = (scores[step], key[:, f]) if part == "query" else (scores[:, step], query[:, f])
        assert only.role == f"error_of_{part}"
        assert only.function == ("divide" if seen.divisor > 1 and part != "value" else "")
        close(factors(only), np.stack(read, axis=1))
        close([worth(only), only.result.value], [seen.errors[part][step, f]] * 2)
        if step >= seen.real and part != "query":
            assert only.result.value == 0


def test_what_is_passed_on_is_the_sum_of_all_that_a_port_gave(seen: Seen) -> None:
    """Told at the key, whose errors come last; of three inputs each has its own."""
    ports = len(seen.lowered.sources[NODE])
    parts = {1: ("query", "value", "key"), 2: ("value", "key"), 3: ()}[ports]
    for part in ("value", "query", "key"):
        for index, found in seen.accounts("backward", part):
            if part != "key" or not parts:
                assert not len(found.made)
                continue
            (only,) = found.made
            assert only.role == "passed"
            close(factors(only), [[seen.errors[name][index]] for name in parts])
            close([worth(only), only.result.value], [sum(seen.errors[name][index] for name in parts)] * 2)


def test_what_arrives_at_the_nodes_before_is_the_same_error(seen: Seen) -> None:
    """Where Attention is their only reader; a Last stands between a single query and its Dense."""
    ports = len(seen.lowered.sources[NODE])
    read = {1: ["query", "value", "key"], 2: ["value", "key"], 3: ["key"]}[ports]
    node = seen.lowered.sources[NODE][-1]
    stages_, total = stages(seen.document), sum(seen.errors[name] for name in read)
    number_, stage = next((at, one) for at, one in enumerate(stages_) if one.label == f"backward:{node}")
    for cell in range(len(stage.cells)):
        found = account(seen.lowered, seen.trace, Cursor(number_, stage, cell, 1.0, stages_))
        assert found is not None
        arriving = found.equations[0]
        assert arriving.role == "arriving"
        close([worth(arriving), arriving.result.value], [total[stage.cells.place(cell)[1]]] * 2)
        assert len(arriving.terms) == (len(read) if len(read) > 1 else len(seen.values["query"]))


def test_each_number_is_the_traces_at_its_place(seen: Seen) -> None:
    for phase in ("forward", "backward"):
        for part in ("", "scores", "weights", "value", "query", "key"):
            for _, found in seen.accounts(phase, part):
                assert found.result.place is not None
                assert found.result.place.name == (part or "output")
                for equation in found.equations:
                    if equation.role == "arriving":
                        continue  # the loss's derivative: its numbers are the Output's
                    for one in (*(factor for term in equation.terms for factor in term.factors), equation.result):
                        if one.place is None or one.symbol.startswith("("):
                            continue
                        held = seen.trace.nodes[one.place.node]
                        table = held.gradients if one.place.gradient else held.values
                        assert float(table[one.place.name][one.place.index]) == one.value


def test_what_the_trace_lacks_is_not_made_up(seen: Seen) -> None:
    """Without the values that it multiplies the error of a weight stands alone."""
    nodes = dict(seen.trace.nodes)
    left = {name: array for name, array in nodes[NODE].values.items() if name != "value"}
    bare = replace(seen, trace=replace(seen.trace, nodes=nodes | {NODE: replace(nodes[NODE], values=left)}))
    for _, found in bare.accounts("backward", "weights"):
        assert [one.role for one in found.equations] == ["value"]
        break


def test_two_steps_by_hand() -> None:
    """q = k = v = (1, 0), (0, 0), target 0, not divided: a_11 = e/(e+1) = 0.7311, a_21 = 1/2; over two steps dL/da = a / 2.

    dL/dalpha_11 = 0.3655 and 0 at the second step; dL/dz_11 = 0.3655 * 0.7311 * 0.2689 = 0.0719.
    """
    document = chain((2, 2), ("Attention", {"scaled": False}), loss="half_squared_error")
    trace = Network(document, "float64").trace(np.array([[1.0, 0.0], [0.0, 0.0]]), np.zeros((2, 2)))
    made: dict[str, float] = {}
    passed_ = stages(document)
    stage: Stage = next(one for one in passed_ if one.label == f"backward:{NODE}")
    for cell, name in enumerate(stage.cells):
        found = account(lower(document), trace, Cursor(passed_.index(stage), stage, cell, 1.0, passed_))
        assert found is not None
        made[name] = found.result.value
    assert made["weights[0,0]"] == pytest.approx(0.36552928931500245)
    assert made["weights[0,1]"] == 0
    assert made["scores[0,0]"] == pytest.approx(0.07186742)
    assert made["scores[0,1]"] == pytest.approx(-0.07186742)
    assert made["query[0,0]"] == pytest.approx(0.07186742)
    assert made["value[0,0]"] == pytest.approx(0.7310585786 * 0.3655292893 + 0.5 * 0.25)
