"""Start values: spread as the formulas say, repeatable, orthogonal where promised."""

from __future__ import annotations

import math

import numpy as np
import pytest

from playground.errors import FieldError
from playground.layers.initializers import INITIALIZER_FIELDS, INITIALIZERS, initial
from playground.layers.spec import Parameter

FAN_IN, FAN_OUT = 300, 200
DEVIATIONS = {
    "xavier_uniform": math.sqrt(2 / (FAN_IN + FAN_OUT)),
    "xavier_normal": math.sqrt(2 / (FAN_IN + FAN_OUT)),
    "he_uniform": math.sqrt(2 / FAN_IN),
    "he_normal": math.sqrt(2 / FAN_IN),
    "lecun_uniform": math.sqrt(1 / FAN_IN),
    "lecun_normal": math.sqrt(1 / FAN_IN),
    "uniform": 0.5 / math.sqrt(3),
    "normal": 0.5,
}


def weight(name: str, shape: tuple[int, ...] = (FAN_OUT, FAN_IN), scale: float = 0.5) -> Parameter:
    return Parameter("weight", shape, name, FAN_IN, FAN_OUT, initializer_scale=scale)


@pytest.mark.parametrize("name", DEVIATIONS)
def test_mean_and_deviation(name: str) -> None:
    array = initial(weight(name), np.random.default_rng(1))
    assert array.dtype == np.float64
    assert array.shape == (FAN_OUT, FAN_IN)
    assert array.std() == pytest.approx(DEVIATIONS[name], rel=0.02)
    assert abs(array.mean()) < 4 * DEVIATIONS[name] / math.sqrt(FAN_OUT * FAN_IN)
    if name.endswith("uniform"):
        assert abs(array).max() <= DEVIATIONS[name] * math.sqrt(3)


@pytest.mark.parametrize("shape", [(6, 4), (4, 6), (5, 5), (8, 3, 2, 2), (200, 70), (70, 200), (129, 129)])
def test_orthogonal(shape: tuple[int, ...]) -> None:
    array = initial(weight("orthogonal", shape), np.random.default_rng(2))
    flat = array.reshape(shape[0], -1)
    product = flat @ flat.T if flat.shape[0] <= flat.shape[1] else flat.T @ flat
    np.testing.assert_allclose(product, np.eye(len(product)), atol=1e-12)
    assert array.shape == shape


def test_orthogonal_is_the_q_of_one_decomposition() -> None:
    """Made in panels, it is what the whole's QR gives, whose signs are fixed: uniform over the orthogonal matrices (Mezzadri 2007)."""
    drawn = np.random.default_rng(3).standard_normal((150, 100))
    q, r = np.linalg.qr(drawn)
    made = initial(weight("orthogonal", (150, 100)), np.random.default_rng(3))
    np.testing.assert_allclose(made, q * np.sign(np.diagonal(r)), atol=1e-12)


def test_zeros_and_constant() -> None:
    rng = np.random.default_rng(0)
    assert not initial(weight("zeros"), rng).any()
    assert (initial(Parameter("bias", (3,), "constant", initializer_scale=0.1), rng) == 0.1).all()


@pytest.mark.parametrize("name", INITIALIZERS)
def test_a_seed_repeats_to_the_bit(name: str) -> None:
    first, second = (initial(weight(name), np.random.default_rng(7)).tobytes() for _ in range(2))
    assert first == second


def test_unknown_names_are_refused_and_all_names_are_offered() -> None:
    with pytest.raises(FieldError, match="no initializer 'magic'"):
        initial(weight("magic"), np.random.default_rng(0))
    assert INITIALIZER_FIELDS[0].choices == tuple(INITIALIZERS)
