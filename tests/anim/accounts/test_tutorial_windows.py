"""The tutorials' worked examples of convolution and pooling, items 16 to 18, 20 and 21, as accounts tell them: in float64."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from playground.anim.account import Account
from playground.document import Document
from playground.engine import Network
from tests.anim.accounts.test_tutorial import Ask, asking, equation, near, values
from tests.engine.build import Layer, chain


def rows(text: str) -> np.ndarray:
    return np.array([[float(digit) for digit in row] for row in text.split()])


def passing(document: Document, x: np.ndarray, target: np.ndarray, **parameters: Any) -> tuple[Ask, Network]:
    network = Network(document, "float64")
    network.set_parameters({name.replace("__", "/"): np.array(value, float) for name, value in parameters.items()})
    return asking(document, network.trace(x, target)), network


def straight(shape: tuple[int, ...], *layers: Layer) -> Document:
    """An Output that takes what the layers give as it is."""
    return chain(shape, *layers, ("Flatten", {}), loss="half_squared_error")


def result(found: Account) -> float:
    return float(found.result.value)


def test_16_a_filter_over_a_picture() -> None:
    document = straight((1, 5, 5), ("Conv2D", {"filters": 1, "activation": "relu"}))
    picture, kernel = rows("11100 01110 00111 00110 01100"), rows("101 010 101")
    ask, _ = passing(document, picture[None], np.zeros(9), conv2d1__weight=kernel[None, None], conv2d1__bias=[0.0])
    expected = rows("434 243 234")
    for row, column in np.ndindex(3, 3):
        found = ask(f"forward:conv2d1:0,{row},{column}")
        total, activation = found.equations
        under = picture[row : row + 3, column : column + 3]
        assert values(total) == near([*(under * kernel).ravel(), 0.0])
        assert total.layout is not None
        assert total.layout.rows == tuple(range(row, row + 3))
        assert (total.result.value, activation.result.value) == (expected[row, column], expected[row, column])


def test_17_the_diagonal_detector_answers_3_only_on_a_diagonal() -> None:
    document = straight((1, 3, 3), ("Conv2D", {"filters": 1, "activation": "relu"}))
    kernel = np.array([[-1, -1, 1], [-1, 1, -1], [1, -1, -1]], float)
    for bits in range(512):
        picture = np.array([(bits >> at) & 1 for at in range(9)], float).reshape(1, 3, 3)
        if bits % 37 and bits != 84:
            continue  # a seventh of all pictures, and the diagonal itself
        ask, _ = passing(document, picture, np.zeros(1), conv2d1__weight=kernel[None, None], conv2d1__bias=[0.0])
        answer = result(ask("forward:conv2d1:0"))
        assert (answer == 3) == (bits == 84)


CHANNELS = ("01102 22221 10020 01100 12002", "10220 00020 12121 10000 12111", "21200 10010 02101 01222 21001")
FILTERS = np.array(
    [
        [[[-1, 1, 0], [0, 1, 0], [0, 1, 1]], [[-1, -1, 0], [0, 0, 0], [0, -1, 0]], [[0, 0, -1], [0, 1, 0], [1, -1, -1]]],
        [[[1, 1, -1], [-1, -1, 1], [0, -1, 1]], [[0, 1, 0], [-1, 0, -1], [-1, 1, 0]], [[-1, 0, 0], [-1, 0, 1], [-1, 0, 0]]],
    ],
    float,
)
OUTPUTS = np.array([[[6, 7, 5], [3, -1, -1], [2, -1, 4]], [[2, -5, -8], [1, -4, -4], [0, -5, -5]]], float)


def strided() -> tuple[Ask, Network, np.ndarray]:
    """Item 18: three channels, padding 1, stride 2; the target is one less than the answer, so that all sensitivities are 1."""
    document = straight((3, 5, 5), ("Conv2D", {"filters": 2, "padding": 1, "strides": 2}))
    picture = np.stack([rows(channel) for channel in CHANNELS])
    ask, network = passing(document, picture, OUTPUTS.ravel() - 1, conv2d1__weight=FILTERS, conv2d1__bias=[1.0, 0.0])
    return ask, network, picture


def test_18_channels_add_up() -> None:
    ask, _, picture = strided()
    padded = np.pad(picture, ((0, 0), (1, 1), (1, 1)))
    for o, row, column in np.ndindex(OUTPUTS.shape):
        (total,) = ask(f"forward:conv2d1:{o},{row},{column}").equations
        under = padded[:, 2 * row : 2 * row + 3, 2 * column : 2 * column + 3]
        assert total.subtotals.tolist() == near((under * FILTERS[o]).sum((1, 2)).tolist())
        assert total.subtotals.sum() + (1.0, 0.0)[o] == near(OUTPUTS[o, row, column])
        assert total.result.value == near(OUTPUTS[o, row, column])


def test_18_the_gradient_of_a_filter_under_sensitivities_of_one() -> None:
    ask, _, _ = strided()
    made = ask("backward:conv2d1:0").made
    expected = np.array(
        [[[5, 6, 5], [5, 7, 5], [5, 6, 5]], [[2, 1, 2], [9, 9, 9], [2, 1, 2]], [[4, 5, 4], [4, 9, 4], [4, 5, 4]]],
        float,
    )
    assert [one.result.value for one in made] == near([*expected.ravel(), 9.0])
    for one in made:
        assert sum(values(one)) == near(one.result.value)


@pytest.mark.parametrize(("name", "shares"), [("MaxPool2D", [0, 0, 0, 1]), ("AvgPool2D", [0.25] * 4)])
def test_20_pools_send_the_error_to_the_winner_or_divide_it(name: str, shares: list[float]) -> None:
    document = straight((1, 4, 4), ("Activation", {"function": "identity"}), (name, {}))
    picture = np.arange(16.0).reshape(1, 4, 4)
    ask, network = passing(document, picture, np.zeros(4))
    answers = network.forward(picture[None])[0]
    for block in range(4):
        top, left = 2 * (block // 2), 2 * (block % 2)
        found = [ask(f"backward:activation1:0,{top + i},{left + j}") for i in range(2) for j in range(2)]
        assert [result(one) for one in found] == near([share * answers[block] for share in shares])


def test_20_a_global_mean_is_one_number_a_map() -> None:
    document = chain((2, 3, 3), ("GlobalAvgPool2D", {}), loss="half_squared_error")
    picture = np.stack([np.full((3, 3), 4.0), np.arange(9.0).reshape(3, 3)])
    ask, _ = passing(document, picture, np.zeros(2))
    found = ask("forward:globalavgpool2d1:1")
    assert (result(found), len(found.equations[0].terms)) == (4.0, 9)
    assert result(ask("forward:globalavgpool2d1:0")) == 4.0


def test_21_a_sensitivity_map_is_spread_by_the_stride_and_met_by_the_turned_kernel() -> None:
    document = straight((1, 5, 5), ("Activation", {"function": "identity"}), ("Conv2D", {"filters": 1, "strides": 2, "use_bias": False}))
    rng = np.random.default_rng(0)
    picture, kernel, target = rng.standard_normal((1, 5, 5)), rng.standard_normal((3, 3)), rng.standard_normal(4)
    ask, network = passing(document, picture, target, conv2d1__weight=kernel[None, None])
    spread = np.zeros((3, 3))
    spread[::2, ::2] = (network.forward(picture[None])[0] - target).reshape(2, 2)
    wide = np.pad(spread, 2)
    for row, column in np.ndindex(5, 5):
        found = equation(ask(f"backward:activation1:0,{row},{column}"), "arriving")
        assert found.result.value == near((wide[row : row + 3, column : column + 3] * kernel[::-1, ::-1]).sum())
        assert found.layout is not None
        assert found.layout.turned
        assert found.layout.kernel is not None
        assert found.layout.kernel[0] == pytest.approx(kernel[::-1, ::-1])
