"""The lens and the windows on the cards: what they show of a position, held against plain loops over the trace."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from playground.anim import stages
from playground.anim.accounts import account
from playground.anim.cursor import Cursor
from playground.document import Document
from playground.engine import Network
from playground.engine.program.lowering import lower
from playground.engine.trace import Trace
from playground.ui.canvas.lens import windows
from playground.ui.canvas.lens.layout import NUMBERS, arrange
from playground.ui.canvas.lens.long_sums import position
from playground.ui.canvas.lens.look import cell_words, in_units, unit_of
from playground.ui.canvas.lens.reading import Lens, block, lens
from playground.ui.painters import tools
from tests.engine.build import Layer, chain, dense

STRIDED: dict[str, Any] = {"filters": 4, "kernel_size": (3, 2), "strides": (2, 1), "padding": 1, "activation": "tanh", "initial_bias": 0.2}
DILATED: dict[str, Any] = {"filters": 4, "kernel_size": 2, "dilation_rate": (2, 3), "padding": (1, 2), "groups": 2}
DEPTHWISE: dict[str, Any] = {"filters": 8, "kernel_size": 3, "padding": "same", "groups": 4}
CASES = {
    "strided": STRIDED,
    "dilated, grouped": DILATED,
    "same, depthwise": {"filters": 8, "kernel_size": 3, "padding": "same", "groups": 4},
}


def network(*layers: Layer) -> tuple[Document, Trace]:
    document = chain((4, 7, 6), *layers, ("Flatten", {}), dense(3, "tanh"), dense(2), loss="mean_squared_error")
    rng = np.random.default_rng(1)
    return document, Network(document, dtype="float64", seed=3).trace(rng.normal(size=(4, 7, 6)), rng.normal(size=2))


def shown(document: Document, trace: Trace, at: str) -> Lens | None:
    lowered = lower(document)
    cursor = stages.find(stages.stages(document), at)
    return lens(account(lowered, trace, cursor), trace, lowered)


def pair(value: Any) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else tuple(value)


def edges(fields: dict[str, Any]) -> tuple[int, int]:
    """Cells of padding above and to the left."""
    padding = fields.get("padding", 0)
    return ((fields["kernel_size"] - 1) // 2,) * 2 if padding == "same" else pair(padding)


@pytest.mark.parametrize("fields", CASES.values(), ids=CASES)
def test_every_product_and_sum_of_a_convolution(fields: dict[str, Any]) -> None:
    document, trace = network(("Conv2D", fields))
    x, weight = trace.nodes["input1"].values["output"], trace.parameters["conv2d1/weight"].before
    bias, made = trace.parameters["conv2d1/bias"].before, trace.nodes["conv2d1"].values["output"]
    (sh, sw), (dh, dw), (top, left) = pair(fields.get("strides", 1)), pair(fields.get("dilation_rate", 1)), edges(fields)
    own = weight.shape[1]
    for o, r, c in np.ndindex(made.shape):
        found = shown(document, trace, f"forward:conv2d1:{o},{r},{c}")
        assert found is not None
        assert found.kind == "sum"
        first = o // (weight.shape[0] // fields.get("groups", 1)) * own
        assert found.planes == tuple(range(first, first + own))
        total = 0.0
        for k, u, v in np.ndindex(weight.shape[1:]):
            row, column = r * sh + u * dh - top, c * sw + v * dw - left
            assert found.kernel is not None
            assert found.kernel[k, u, v] == pytest.approx(weight[o, k, u, v])
            if 0 <= row < x.shape[1] and 0 <= column < x.shape[2]:
                assert found.patch[k, u, v] == pytest.approx(x[first + k, row, column])
                product = weight[o, k, u, v] * x[first + k, row, column]
                assert found.products[k, u, v] == pytest.approx(product, abs=1e-12)
                place, kernel = found.place(k, u, v), found.weight_place(k, u, v)
                assert (place.node, place.index) == ("input1", (first + k, row, column))  # type: ignore[union-attr]
                assert (kernel.node, kernel.index) == ("conv2d1", (o, k, u, v))  # type: ignore[union-attr]
                total += product
            else:
                assert math.isnan(found.patch[k, u, v])
                assert found.place(k, u, v) is None
        assert found.subtotals.sum() == pytest.approx(total, abs=1e-9)
        assert [constant.value for constant in found.rest] == [pytest.approx(bias[o])]
        assert found.result.value == pytest.approx(total + bias[o], abs=1e-9)
        assert found.final.value == pytest.approx(made[o, r, c])
        assert found.index == (o, r, c)


@pytest.mark.parametrize("fields", CASES.values(), ids=CASES)
def test_every_product_of_the_error_that_a_convolution_hands_back(fields: dict[str, Any]) -> None:
    document, trace = network(("Conv2D", {"filters": 4, "kernel_size": 1, "activation": "tanh"}), ("Conv2D", fields))
    weight, errors = trace.parameters["conv2d2/weight"].before, trace.nodes["conv2d2"].gradients["pre_activation"]
    arriving = trace.nodes["conv2d1"].gradients["output"]
    (sh, sw), (dh, dw), (top, left) = pair(fields.get("strides", 1)), pair(fields.get("dilation_rate", 1)), edges(fields)
    own, filters = weight.shape[1], weight.shape[0] // fields.get("groups", 1)
    for k, row, column in np.ndindex(arriving.shape):
        found = shown(document, trace, f"backward:conv2d1:{k},{row},{column}")
        terms = []
        for o, r, c, u, v in np.ndindex(*errors.shape, *weight.shape[2:]):
            if o // filters == k // own and (r * sh + u * dh - top, c * sw + v * dw - left) == (row, column):
                terms.append(weight[o, k % own, u, v] * errors[o, r, c])
        assert sum(terms) == pytest.approx(arriving[k, row, column], abs=1e-9)
        if not terms:
            continue
        assert found is not None
        assert found.turned
        assert (found.source_key, found.target_key) == (("conv2d2", "pre_activation", True), ("conv2d1", "pre_activation", True))
        assert sorted(found.products[np.isfinite(found.products)]) == pytest.approx(sorted(terms), abs=1e-12)
        assert found.result.value == pytest.approx(sum(terms), abs=1e-9)


def test_pools_show_the_winner_and_the_mean() -> None:
    document, trace = network(("MaxPool2D", {"pool_size": 2}), ("AvgPool2D", {"pool_size": 2, "strides": 1}))
    x, pooled = trace.nodes["input1"].values["output"], trace.nodes["maxpool2d1"].values["output"]
    found = shown(document, trace, "forward:maxpool2d1:2,1,2")
    assert found is not None
    assert found.kind == "max"
    np.testing.assert_allclose(found.patch[0], x[2, 2:4, 4:6])
    assert found.winner == int(np.argmax(x[2, 2:4, 4:6]))
    assert found.final.value == pytest.approx(x[2, 2:4, 4:6].max())
    read, made = windows.of_lens(found)
    row, column = divmod(found.winner, 2)
    assert (read.node, read.rows, read.columns, read.winner) == ("input1", (2, 3), (4, 5), (2 + row, 4 + column))
    assert (made.node, made.planes, made.rows, made.columns) == ("maxpool2d1", (2,), (1,), (2,))
    mean = shown(document, trace, "forward:avgpool2d1:1,0,1")
    assert mean is not None
    assert mean.kind == "mean"
    assert mean.final.value == pytest.approx(pooled[1, 0:2, 1:3].mean())


def test_an_error_that_another_pixel_won_is_crossed_out() -> None:
    document, trace = network(("Conv2D", {"filters": 4, "kernel_size": 1}), ("MaxPool2D", {"pool_size": 2}))
    values = trace.nodes["conv2d1"].values["output"][0, 0:2, 0:2]
    winner = np.unravel_index(int(np.argmax(values)), (2, 2))
    for row, column in np.ndindex(2, 2):
        found = shown(document, trace, f"backward:conv2d1:0,{row},{column}")
        assert found is not None
        assert found.kind == "errors"
        assert bool(found.lost.any()) == ((row, column) != winner)


@pytest.mark.parametrize("fields", CASES.values(), ids=CASES)
def test_all_outputs_that_a_pixel_touches(fields: dict[str, Any]) -> None:
    document, trace = network(("Conv2D", fields))
    made, channels = trace.nodes["conv2d1"].values["output"], 4
    (sh, sw), (dh, dw), (top, left) = pair(fields.get("strides", 1)), pair(fields.get("dilation_rate", 1)), edges(fields)
    groups, (high, wide) = fields.get("groups", 1), pair(fields["kernel_size"])
    for index in np.ndindex(4, 7, 6):
        k, row, column = index
        naive = {
            (o, r, c)
            for o, r, c in np.ndindex(made.shape)
            if o // (made.shape[0] // groups) == k // (channels // groups)
            and any((r * sh + u * dh - top, c * sw + v * dw - left) == (row, column) for u in range(high) for v in range(wide))
        }
        found = windows.reached(lower(document), "input1", index)
        told = {(o, r, c) for window in found for o in window.planes for r in window.rows for c in window.columns}
        assert told == naive


def test_what_is_no_window_has_no_lens() -> None:
    document, trace = network(("Conv2D", STRIDED))
    for at in ("forward:flatten1:3", "forward:dense1:0", "update:conv2d1:weight[0,0,0,0]", "loss:output1"):
        assert shown(document, trace, at) is None
    assert lens(None, trace, lower(document)) is None
    cursor = stages.find(stages.stages(document), "forward:conv2d1:0,0,0")
    other = Trace("train", 0, {}, {})
    assert isinstance(cursor, Cursor)
    assert lens(account(lower(document), trace, cursor), other, lower(document)) is None


def test_the_parts_lie_beside_one_another_at_every_size() -> None:
    document, trace = network(("Conv2D", {**STRIDED, "kernel_size": 5, "padding": 2}))
    found = shown(document, trace, "forward:conv2d1:1,1,1")
    assert found is not None
    assert found.edges == (2, 2, 2, 2)
    for width, height in ((736, 260), (816, 285), (1036, 340), (1300, 340)):
        parts = arrange(found, width, height)
        row = [parts.source, *parts.grids, parts.column, parts.target]
        for first, second in pairwise(row):
            assert first.right() <= second.left() + 0.5
        assert row[0].left() >= 0
        assert row[-1].right() <= width
        assert max(box.bottom() for box in (*row[:-2], parts.bar, parts.channels)) <= height
        assert parts.source.contains(parts.picture(found))
    assert arrange(found, 816, 285).cell[0] >= NUMBERS[0]  # at 1280 x 800 each product has its number


def test_numbers_in_cells_are_short_and_true() -> None:
    room = tools.width("−.04", 10, 500)  # what fits hangs on the font at hand
    assert [cell_words(value, 1.46, room) for value in (1.46, 0.38, -0.04, 0.0, 0.001)] == ["1.46", ".38", "−.04", "0", "≈0"]
    assert unit_of(0.004) == pytest.approx(1e-3)
    assert in_units(1e-3) == "in 10⁻³"
    assert [cell_words(value, 0.004, room) for value in (0.004, -0.0009)] == ["4.00", "−.90"]
    assert unit_of(0.2) == unit_of(500.0) == 1.0
    assert cell_words(12345.0, 20000.0, room) == "12.3"


def test_a_long_sum_is_laid_out_as_the_maps_were() -> None:
    document = chain((4, 7, 6), ("Conv2D", {"filters": 6, "kernel_size": 3}), ("Flatten", {}), dense(18, "tanh"), dense(2))
    rng = np.random.default_rng(2)
    trace = Network(document, dtype="float64", seed=3).trace(rng.normal(size=(4, 7, 6)), rng.normal(size=2))
    lowered = lower(document)

    def position_at(at: str, passing: bool = True) -> Lens | None:
        return position(account(lowered, trace, stages.find(stages.stages(document), at)), trace, lowered, passing)

    maps, weight = trace.nodes["conv2d1"].values["output"], trace.parameters["dense1/weight"].before
    forward = position_at("forward:dense1:5")
    assert forward is not None
    assert forward.patch.shape == (1, 2 * 5, 3 * 4), "six maps of 5 x 4, two rows of three"
    for number, (map_, row, column) in enumerate(np.ndindex(maps.shape)):
        down, across = map_ // 3 * 5 + row, map_ % 3 * 4 + column
        assert forward.patch[0, down, across] == maps[map_, row, column]
        assert forward.kernel[0, down, across] == weight[5, number]
        assert forward.products[0, down, across] == pytest.approx(weight[5, number] * maps[map_, row, column], rel=1e-12)
    total = forward.products.sum() + sum(one.value for one in forward.rest)
    assert total == pytest.approx(trace.nodes["dense1"].values["pre_activation"][5], rel=1e-9)
    assert forward.final.value == pytest.approx(np.tanh(total), rel=1e-9)
    assert forward.target[forward.index] == forward.final.value

    backward = position_at("backward:dense1:5")
    assert backward is not None
    errors, back = trace.nodes["dense2"].gradients["output"], trace.parameters["dense2/weight"].before
    assert sorted(backward.products.ravel()) == pytest.approx(sorted(back[:, 5] * errors), rel=1e-9)
    assert backward.target[backward.index] == backward.final.value
    assert position_at("forward:dense1:5", passing=False) is None
    assert position_at("forward:flatten1:5") is None


def test_a_block_is_as_square_as_can_be() -> None:
    assert [block(count) for count in (1, 2, 6, 10, 84, 120, 784)] == [(1, 1), (1, 2), (2, 3), (2, 5), (7, 12), (10, 12), (28, 28)]
    assert block(13) is None, "a line"


def test_a_global_pool_looks_at_a_whole_map() -> None:
    document = chain((2, 7, 6), ("Conv2D", {"filters": 6, "kernel_size": 3}), ("GlobalAvgPool2D", {}), dense(2))
    trace = Network(document, dtype="float64", seed=3).trace(np.random.default_rng(4).normal(size=(2, 7, 6)), np.zeros(2))
    found = shown(document, trace, "forward:globalavgpool2d1:4")
    assert found is not None
    assert (found.unit, found.index, found.target.shape) == (4, (0, 1, 1), (1, 2, 3))
    maps = trace.nodes["conv2d1"].values["output"]
    np.testing.assert_array_equal(found.patch[0], maps[4])
    assert found.final.value == pytest.approx(maps[4].mean())
    assert found.target[found.index] == found.final.value
    assert [window.role for window in windows.of_lens(found)] == ["read"]
