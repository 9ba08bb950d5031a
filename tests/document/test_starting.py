"""Start values given by hand: kept in the document, taken by the engine, told where they do not fit."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest

from playground.document import Document, check, edits, example
from playground.document.codec import decode, encode
from playground.engine import Network, Trainer
from playground.errors import DocumentError

WEIGHT = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0], [7.0, 8.0]]


def given(values: Any = WEIGHT) -> Document:
    return edits.set_initial(example("xor"), "dense1", "weight", values)


def test_the_network_starts_from_them_and_draws_the_rest() -> None:
    drawn, started = Network(example("xor")).parameters, Network(given()).parameters
    assert started["dense1/weight"].tolist() == WEIGHT
    assert np.array_equal(started["dense2/weight"], drawn["dense2/weight"])
    assert edits.set_initial(given(), "dense1", "weight", None) == example("xor")


def test_every_seed_starts_from_them_and_they_learn() -> None:
    trainer = Trainer(given(), seed=5)
    assert trainer.network.parameters["dense1/weight"].tolist() == WEIGHT
    trainer.run(steps=3)
    assert trainer.network.parameters["dense1/weight"].tolist() != WEIGHT


def test_a_file_keeps_them() -> None:
    assert decode(encode(given())) == given()


def test_arrays_are_taken() -> None:
    assert given(np.array(WEIGHT, np.float32)) == given()


@pytest.mark.parametrize("values", [[[1.0], [2.0, 3.0]], "ones", [], [[float("nan")]], {"a": 1}, [[True]], np.zeros(70_000)])
def test_what_is_no_array_of_finite_numbers_is_refused(values: Any) -> None:
    with pytest.raises(DocumentError, match="rows of finite numbers"):
        given(values)


@pytest.mark.parametrize(
    ("initial", "words"),
    [
        ({"weight": [[1.0, 2.0]]}, "1×2 start values for its weight of 4×2"),
        ({"kernel": [1.0]}, "its parameters are weight, bias"),
        ({"weight": "none"}, "rows of finite numbers"),
    ],
)
def test_values_that_do_not_fit_are_told_and_drawn(initial: dict[str, Any], words: str) -> None:
    document = example("xor")
    node = msgspec.structs.replace(document.nodes["dense1"], initial=initial)
    changed = msgspec.structs.replace(document, nodes={**document.nodes, "dense1": node})
    (problem,) = (p for p in check(changed) if p.node == "dense1")
    assert (problem.severity, words in problem.message) == ("warning", True)
    assert np.array_equal(Network(changed).parameters["dense1/weight"], Network(document).parameters["dense1/weight"])
