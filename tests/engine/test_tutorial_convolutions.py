"""The tutorials' worked examples of convolution, items 15 to 21, in float64 through the public interface (20: test_convolutional_nets)."""

from __future__ import annotations

import math

import numpy as np
import pytest

from playground.document import Document, parameter_counts, shapes
from playground.engine import Network
from tests.engine.build import Layer, chain, dense
from tests.engine.test_tutorial import network


def maps(rows: str, channels: int) -> np.ndarray:
    """Channels of digits: rows parted by blanks, all channels one after another."""
    numbers = np.array([[float(digit) for digit in row] for row in rows.split()])
    return numbers.reshape(channels, -1, numbers.shape[1])


def convolved(shape: tuple[int, ...], kind: str = "Conv2D", **fields: object) -> Document:
    """One convolution, its maps in a row."""
    return chain(shape, (kind, fields), ("Flatten", {}), loss="half_squared_error")


@pytest.mark.parametrize("size", [5, 6, 7, 28])
@pytest.mark.parametrize("kernel", [1, 2, 3, 5])
@pytest.mark.parametrize("stride", [1, 2, 3])
def test_15_output_sizes(size: int, kernel: int, stride: int) -> None:
    for padding, wanted in (
        ("same", math.ceil(size / stride)),
        ("valid", math.ceil((size - kernel + 1) / stride)),
        (1, (size - kernel + 2) // stride + 1),
    ):
        document = convolved((1, size, 9), filters=2, kernel_size=[kernel, 1], strides=[stride, 1], padding=padding)
        assert shapes(document)["conv2d1"][:2] == (2, wanted)
        row = convolved((size, 1), "Conv1D", filters=2, kernel_size=kernel, strides=stride, padding=padding)
        assert shapes(row)["conv1d1"] == (wanted, 2)
        assert Network(row).forward(np.ones((1, size, 1))).shape == (1, 2 * wanted)
    assert shapes(convolved((1, 5, 5), filters=1, kernel_size=3, strides=2))["conv2d1"] == (1, 2, 2)


PICTURE = "11100 01110 00111 00110 01100"


@pytest.mark.parametrize("samples", [1, 3, 40])
def test_16_one_filter_over_a_small_picture(samples: int) -> None:
    document = convolved((1, 5, 5), filters=1, kernel_size=3, activation="relu")
    net = network(document, conv2d1__weight=maps("101 010 101", 1)[None], conv2d1__bias=[0.0])
    answers = net.forward(np.stack([maps(PICTURE, 1)] * samples))
    assert answers.tolist() == [[4, 3, 4, 2, 4, 3, 2, 3, 4]] * samples


def test_17_a_filter_that_looks_for_a_diagonal() -> None:
    """It answers 3 where its three white cells lie on white and all others on black, and there alone."""
    rows = np.array([[-1, -1, 1], [-1, 1, -1], [1, -1, -1]], float)
    document = convolved((1, 3, 3), filters=1, kernel_size=3, activation="relu")
    net = network(document, conv2d1__weight=rows[None, None], conv2d1__bias=[0.0])
    pictures = np.array([[[(number >> (3 * i + j)) & 1 for j in range(3)] for i in range(3)] for number in range(512)], float)
    answers = net.forward(pictures[:, None])[:, 0]
    assert [pictures[i].tolist() for i in np.flatnonzero(answers == 3)] == [[[0, 0, 1], [0, 1, 0], [1, 0, 0]]]
    assert answers.max() == 3


INPUT = maps("01102 22221 10020 01100 12002 10220 00020 12121 10000 12111 21200 10010 02101 01222 21001", 3)
FILTERS = np.array(
    [
        [[-1, 1, 0, 0, 1, 0, 0, 1, 1], [-1, -1, 0, 0, 0, 0, 0, -1, 0], [0, 0, -1, 0, 1, 0, 1, -1, -1]],
        [[1, 1, -1, -1, -1, 1, 0, -1, 1], [0, 1, 0, -1, 0, -1, -1, 1, 0], [-1, 0, 0, -1, 0, 1, -1, 0, 0]],
    ],
    float,
).reshape(2, 3, 3, 3)
ANSWERS = np.array([[[6, 7, 5], [3, -1, -1], [2, -1, 4]], [[2, -5, -8], [1, -4, -4], [0, -5, -5]]], float)


def test_18_three_channels_two_filters_stride_2() -> None:
    """Forward, and with a sensitivity of ones the weights' gradient (all-ones: the target is one less than the answer)."""
    net = network(convolved((3, 5, 5), filters=2, kernel_size=3, padding=1, strides=2), conv2d1__weight=FILTERS, conv2d1__bias=[1.0, 0.0])
    trace = net.trace(INPUT, ANSWERS.ravel() - 1)
    np.testing.assert_array_equal(trace.nodes["conv2d1"].values["output"], ANSWERS)
    assert (trace.nodes["conv2d1"].gradients["output"] == 1).all()
    for samples in (1, 20):
        _, gradients = net.gradients(np.stack([INPUT] * samples), np.stack([ANSWERS.ravel() - 1] * samples))
        expected = [[[5, 6, 5], [5, 7, 5], [5, 6, 5]], [[2, 1, 2], [9, 9, 9], [2, 1, 2]], [[4, 5, 4], [4, 9, 4], [4, 5, 4]]]
        np.testing.assert_allclose(gradients["conv2d1/weight"], [expected, expected], atol=1e-12)
        np.testing.assert_allclose(gradients["conv2d1/bias"], [9, 9], atol=1e-12)


def test_19_parameter_counts() -> None:
    assert parameter_counts(convolved((3, 9, 9), filters=2, kernel_size=3))["conv2d1"] == 56
    document = convolved((1, 200, 200), filters=16, kernel_size=2, strides=2)
    assert parameter_counts(document)["conv2d1"] == 80
    assert shapes(document)["conv2d1"] == (16, 100, 100)


def test_19_the_net_for_color_pictures_runs() -> None:
    layers: list[Layer] = []
    for filters in (16, 32, 64):
        layers += [("Conv2D", {"filters": filters, "kernel_size": 2, "padding": "same", "activation": "relu"}), ("MaxPool2D", {})]
    document = chain((3, 32, 32), *layers, ("Flatten", {}), dense(500, "relu"), dense(10), loss="softmax_cross_entropy")
    assert [count for count in parameter_counts(document).values() if count] == [208, 2_080, 8_256, 512_500, 5_010]
    assert shapes(document)["maxpool2d3"] == (64, 4, 4)
    answers = Network(document).forward(np.random.default_rng(0).standard_normal((3, 3, 32, 32)))
    np.testing.assert_allclose(answers.sum(axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("stride", [1, 2, 3])
def test_21_errors_go_back_by_the_turned_filter(stride: int) -> None:
    """The sensitivity map is spread to stride 1 with zeros, then fully convolved with the filter turned by 180 degrees; the weight
    gradient is the cross-correlation of input and spread map, the bias gradient the map's sum."""
    random = np.random.default_rng(stride)
    x, filter = random.standard_normal((7, 7)), random.standard_normal((3, 3))
    document = convolved((1, 7, 7), filters=1, kernel_size=3, strides=stride)
    net = network(document, conv2d1__weight=filter[None, None], conv2d1__bias=[0.3])
    _, height, width = shapes(document)["conv2d1"]
    target = random.standard_normal(height * width)
    trace = net.trace(x[None], target)
    error = trace.nodes["conv2d1"].gradients["output"][0]
    spread = np.zeros((5, 5))
    spread[: (height - 1) * stride + 1 : stride, : (width - 1) * stride + 1 : stride] = error
    padded = np.pad(spread, 2)
    turned = filter[::-1, ::-1]
    back = [[(padded[i : i + 3, j : j + 3] * turned).sum() for j in range(7)] for i in range(7)]
    np.testing.assert_allclose(trace.nodes["input1"].gradients["output"][0], back, atol=1e-12)
    correlation = [[(x[i : i + 5, j : j + 5] * spread).sum() for j in range(3)] for i in range(3)]
    _, gradients = net.gradients(x[None, None], target[None])
    np.testing.assert_allclose(gradients["conv2d1/weight"][0, 0], correlation, atol=1e-12)
    np.testing.assert_allclose(gradients["conv2d1/bias"], [error.sum()], atol=1e-12)
