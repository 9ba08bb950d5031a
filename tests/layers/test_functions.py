"""The plain mathematics of activation functions: slopes against differences, ranges, formulas."""

from __future__ import annotations

import math

import pytest

from playground.layers.functions import FUNCTION_NAMES, FUNCTIONS, written

POINTS = (-30.0, -2.5, -0.3, 0.4, 1.7, 30.0)


def test_the_names_are_those_of_the_contract() -> None:
    assert set(FUNCTION_NAMES) == {"step", "identity", "sigmoid", "tanh", "relu", "leaky_relu", "elu", "softplus", "gelu", "softmax"}


@pytest.mark.parametrize("name", [name for name in FUNCTION_NAMES if name != "step"])
@pytest.mark.parametrize("z", POINTS)
def test_slope_is_the_derivative_of_value(name: str, z: float) -> None:
    function, h = FUNCTIONS[name], 1e-5
    numeric = (function.value(z + h) - function.value(z - h)) / (2 * h)
    assert function.slope(z) == pytest.approx(numeric, rel=1e-6, abs=1e-8)


@pytest.mark.parametrize(
    ("name", "z", "expected"),
    [
        ("step", 0.0, 0.0),
        ("step", 1e-9, 1.0),
        ("leaky_relu", -2.0, -0.02),
        ("elu", -1.0, math.exp(-1) - 1),
        ("gelu", 1.0, 0.8413447460685429),
        ("softplus", 0.0, math.log(2)),
        ("sigmoid", -800.0, 0.0),
    ],
)
def test_known_values(name: str, z: float, expected: float) -> None:
    assert FUNCTIONS[name].value(z) == pytest.approx(expected, abs=1e-15)


def test_only_the_step_is_not_differentiable_and_passes_errors_straight_through() -> None:
    assert [name for name in FUNCTION_NAMES if FUNCTIONS[name].non_differentiable] == ["step"]
    assert {FUNCTIONS["step"].slope(z) for z in POINTS} == {1.0}


@pytest.mark.parametrize("name", FUNCTION_NAMES)
def test_its_end_is_as_far_as_it_goes(name: str) -> None:
    """What cards fix their color scale to, and He's initializer where half of the sums are let through as they are."""
    function, farthest = FUNCTIONS[name], max(abs(FUNCTIONS[name].value(z)) for z in POINTS)
    assert farthest == pytest.approx(30.0 if function.end is None else function.end, abs=1e-9)
    passes = function.end is None and name != "identity"
    assert function.initializer == ("he_normal" if passes else "xavier_uniform")


def test_a_choice_is_written_as_its_row_says_or_else_without_underscores() -> None:
    assert [written(name) for name in FUNCTION_NAMES] == [FUNCTIONS[name].written for name in FUNCTION_NAMES]
    assert (written("leaky_relu"), written("elu"), written("tanh")) == ("leaky ReLU", "ELU", "tanh")
    assert written("he_normal") == "he normal"


@pytest.mark.parametrize("name", FUNCTION_NAMES)
def test_range_and_formula(name: str) -> None:
    function = FUNCTIONS[name]
    assert (function.range == "non-negative") == all(function.value(z) >= 0 for z in POINTS)
    for formula in (function.formula("z", "a"), function.formula(r"\sum_i w_i x_i + b", "a_j"), function.derivative()):
        assert "Z" not in formula
        assert formula.count("{") == formula.count("}")
