"""What the Explain panel says of a convolution: every product and sum on it is worked out again from the network's numbers."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtTest import QTest

from playground.anim import stages
from playground.anim.account import Account
from playground.anim.accounts import account
from playground.document import Document, edits
from playground.engine import Network
from playground.engine.program.lowering import Lowered, lower
from playground.engine.trace import Trace
from playground.ui.explain import window_words
from playground.ui.explain.build import Options, sheet, without_window
from playground.ui.explain.figures import Figures
from playground.ui.explain.grid_view import GridView
from playground.ui.explain.hiding import question
from playground.ui.explain.places import keys
from playground.ui.explain.sheet import Block, Grids, Sheet
from playground.ui.explain.tokens import HIDDEN
from playground.ui.theme import DARK
from tests.engine.build import chain, dense

STRIDE, PADDING, TAPS = (2, 1), (1, 2), (3, 2)
SIX = Figures(6)


def network() -> tuple[Document, str]:
    """3 x 6 x 7 through a strided, padded convolution with many channels behind another one, then a pool."""
    document, last = edits.add_node(Document(), "Input", shape=(3, 6, 7))
    for type, fields in (
        ("Conv2D", {"filters": 4, "padding": "same", "activation": "tanh"}),
        ("Conv2D", {"filters": 3, "kernel_size": TAPS, "strides": STRIDE, "padding": PADDING, "activation": "tanh", "initial_bias": 0.2}),
        ("MaxPool2D", {"pool_size": 2, "strides": 1}),
        ("Flatten", {}),
        ("Dense", {"units": 2}),
        ("Output", {"loss": "mean_squared_error"}),
    ):
        document, node = edits.add_node(document, type, **fields)
        document, last = edits.connect(document, last, node), node
    return document, "conv2d2"


class Shown:
    """A pass, and the sheets of its cells."""

    def __init__(self) -> None:
        self.document, self.node = network()
        self.lowered: Lowered = lower(self.document)
        rng = np.random.default_rng(3)
        made = Network(self.document, seed=1)
        self.weight, self.bias = (made.parameters[f"{self.node}/{name}"].astype(float) for name in ("weight", "bias"))
        self.trace: Trace = made.trace(rng.standard_normal((3, 6, 7)).astype(np.float32), np.array([0.3, -0.4]))
        self.x = self.trace.nodes["conv2d1"].values["output"].astype(float)
        self.dz = self.trace.nodes[self.node].gradients["pre_activation"].astype(float)
        self.passed = stages.stages(self.document)

    def account(self, at: str) -> Account:
        made = account(self.lowered, self.trace, stages.find(self.passed, at))
        assert made is not None
        return made

    def sheet(self, at: str, **more: object) -> Sheet:
        return sheet(self.account(at), self.lowered, self.trace, replace(Options(figures=SIX), **more))


@pytest.fixture(scope="module")
def shown() -> Shown:
    return Shown()


def block(made: Sheet, role: str) -> Block:
    return next(one for one in made.blocks if one.role == role)


def grid(made: Grids, at: int) -> np.ndarray:
    """A grid's numbers; not-a-number where there is none."""
    return np.array([[math.nan if cell is None else cell.value for cell in row] for row in made.grids[at].cells])


def read(words: str) -> float:
    return float(words.replace("\u2212", "-").replace(",", ""))


def total(line: Block) -> float:
    return read(line.line[-1][-1].text)


def near(value: object) -> object:
    return pytest.approx(value, rel=2e-5, abs=2e-6, nan_ok=True)


def _padded(x: np.ndarray) -> np.ndarray:
    return np.pad(x, ((0, 0), (PADDING[0],) * 2, (PADDING[1],) * 2), constant_values=math.nan)


def test_every_pixel_of_a_strided_padded_convolution_forward(shown: Shown) -> None:
    z = shown.trace.nodes[shown.node].values["pre_activation"]
    padded = _padded(shown.x)
    for o, row, column in np.ndindex(z.shape):
        summed = block(shown.sheet(f"forward:{shown.node}:{o},{row},{column}"), "sum")
        assert summed.grids is not None
        assert summed.table is not None
        top, left = row * STRIDE[0], column * STRIDE[1]
        patch = padded[:, top : top + TAPS[0], left : left + TAPS[1]]
        products = np.nan_to_num(patch) * shown.weight[o]
        plane = int(summed.grids.caption.split()[1]) - 1
        assert grid(summed.grids, 0) == near(patch[plane])
        assert grid(summed.grids, 1) == near(shown.weight[o, plane])
        assert grid(summed.grids, 2) == near(np.where(np.isnan(patch[plane]), math.nan, products[plane]))
        assert [read(line.cells[0]) for line in summed.table.rows] == near(products.sum((1, 2)).tolist())
        assert total(summed) == near(products.sum() + shown.bias[o])
        assert total(summed) == near(float(z[o, row, column]))


def test_every_pixel_before_it_backward(shown: Shown) -> None:
    """The errors of the sums that a pixel went into, the kernel turned on them, and what comes back of each map."""
    da = shown.trace.nodes["conv2d1"].gradients["output"]
    for channel, row, column in np.ndindex(da.shape):
        arriving = block(shown.sheet(f"backward:conv2d1:{channel},{row},{column}"), "arriving")
        errors, kernel = np.full((3, *TAPS), math.nan), np.zeros((3, *TAPS))
        for i, j in np.ndindex(TAPS):
            down, rest = divmod(row + PADDING[0] - i, STRIDE[0])
            across, other = divmod(column + PADDING[1] - j, STRIDE[1])
            turned = TAPS[0] - 1 - i, TAPS[1] - 1 - j
            kernel[(slice(None), *turned)] = shown.weight[:, channel, i, j]
            if not rest and not other and 0 <= down < shown.dz.shape[1] and 0 <= across < shown.dz.shape[2]:
                errors[(slice(None), *turned)] = shown.dz[:, down, across]
        products = np.nan_to_num(errors) * kernel
        assert arriving.grids is not None
        assert arriving.table is not None
        assert [one.name for one in arriving.grids.grids] == ["Errors", "Kernel, turned", "Products"]
        plane = int(arriving.grids.caption.split()[2].rstrip(",")) - 1
        assert grid(arriving.grids, 0) == near(errors[plane])
        assert grid(arriving.grids, 1) == near(kernel[plane])
        assert grid(arriving.grids, 2) == near(np.where(np.isnan(errors[plane]), math.nan, products[plane]))
        assert [read(line.cells[0]) for line in arriving.table.rows] == near(products.sum((1, 2)).tolist())
        assert total(arriving) == near(products.sum())
        assert total(arriving) == near(float(da[channel, row, column]))


def test_the_gradient_of_the_kernel_is_a_cross_correlation(shown: Shown) -> None:
    gradient = shown.trace.parameters[f"{shown.node}/weight"].gradient
    assert gradient is not None
    padded, (high, wide) = np.nan_to_num(_padded(shown.x)), shown.dz.shape[1:]
    for o in range(3):
        made = block(shown.sheet(f"backward:{shown.node}:{o},0,0"), "made")
        assert made.grids is not None
        plane = int(made.grids.caption.split()[1]) - 1
        expected = np.zeros(TAPS)
        for i, j in np.ndindex(TAPS):
            under = padded[plane, i : i + STRIDE[0] * high : STRIDE[0], j : j + STRIDE[1] * wide : STRIDE[1]][:high, :wide]
            expected[i, j] = (shown.dz[o] * under).sum()
        assert grid(made.grids, 0) == near(expected)
        assert grid(made.grids, 0) == near(gradient[o, plane])
        assert read(made.line[0][-1].text) == near(shown.dz[o].sum())


def test_the_pool_shows_its_winner_and_gives_it_the_error(shown: Shown) -> None:
    pool = shown.trace.nodes["maxpool2d1"]
    won = block(shown.sheet("forward:maxpool2d1:1,1,2"), "maximum")
    assert won.grids is not None
    under = shown.trace.nodes[shown.node].values["output"][1, 1:3, 2:4]
    assert grid(won.grids, 0) == near(under)
    assert won.grids.winner == tuple(np.unravel_index(int(np.argmax(under)), (2, 2)))
    assert total(won) == near(float(under.max())) == near(float(pool.values["output"][1, 1, 2]))
    losers = [
        at
        for at in np.ndindex(shown.dz.shape)
        if at[1] * shown.dz.shape[2] + at[2] not in pool.values["winners"][at[0]].astype(int).ravel()
    ]
    row = ",".join(map(str, losers[0]))
    lost = shown.sheet(f"backward:{shown.node}:{row}")
    assert lost.sentence == "It was not the largest under any window, so no error comes back to it."
    assert total(block(lost, "arriving")) == 0


def test_a_lit_pixel_brings_its_channel_and_is_ringed(qtbot, shown: Shown) -> None:
    at = f"forward:{shown.node}:0,1,2"
    summed = shown.account(at).equations[0]
    for channel in range(4):
        place = next(t.factors[1].place for t in summed.terms if t.factors[1].place is not None and t.factors[1].place.index[0] == channel)
        lit = keys([place])
        made = block(shown.sheet(at, lit=lit), "sum").grids
        assert made is not None
        assert made.caption == f"channel {channel + 1} of 4"
        view = GridView(DARK)
        qtbot.addWidget(view)
        view.resize(280, 200)
        view.show_grids(made)
        view.light(lit)
        assert {cell.places for cell in view.ringed()} >= {(place,)}


def test_a_cell_under_the_pointer_says_what_it_stands_for(qtbot, shown: Shown) -> None:
    view = GridView(DARK)
    qtbot.addWidget(view)
    view.resize(280, 300)
    made = block(shown.sheet(f"forward:{shown.node}:0,1,3"), "sum").grids
    assert made is not None
    view.show_grids(made)
    view.show()
    qtbot.waitExposed(view)
    told: list[object] = []
    view.pointed.connect(told.append)
    middle = view.cell_rect(1, 1, 1).center()
    assert view.cell_at(QPointF(middle)) == (1, 1, 1)
    QTest.mouseMove(view, middle.toPoint())
    qtbot.waitUntil(lambda: bool(told))
    cell = made.grids[1].cells[1][1]
    assert cell is not None
    assert told[-1] == cell.places
    assert cell.places[0].name == "weight"
    assert "Kernel" in view.accessibleDescription()


def test_the_lens_takes_the_window_over(shown: Shown) -> None:
    whole = shown.sheet(f"forward:{shown.node}:0,1,3")
    bare = without_window(whole)
    assert block(bare, "sum").grids is None
    assert block(bare, "sum").line == block(whole, "sum").line
    assert [one.role for one in bare.blocks] == [one.role for one in whole.blocks]


def test_a_question_hides_the_sum_and_not_what_it_is_made_of(shown: Shown) -> None:
    at = f"forward:{shown.node}:0,1,3"
    made = shown.account(at)
    asked = shown.sheet(at, hidden=question(made, shown.lowered))
    assert asked.asks
    assert block(asked, "activation").line[-1][-1].text == HIDDEN
    squares = block(asked, "sum").grids
    assert squares is not None
    assert not any(cell.hidden for one in squares.grids for row in one.cells for cell in row if cell is not None)


def test_words_for_places_and_parameters(shown: Shown) -> None:
    assert window_words.place((1, 18, 11)) == "map 2, row 19, column 12"
    assert window_words.place((3, 0)) == "step 4, number 1"
    update = next(stage for stage in shown.passed if stage.phase == "update" and stage.node == shown.node)
    assert window_words.parameter("weight", (1, 2, 0, 1), update.cells) == "filter 2, channel 3, row 1, column 2"
    assert window_words.parameter("bias", (2,), update.cells) == "bias of filter 3"
    dense = next(stage for stage in shown.passed if stage.phase == "update" and stage.node == "dense1")
    assert window_words.parameter("weight", (0, 1), dense.cells) == ""


def test_a_silent_place_says_why(shown: Shown) -> None:
    summed = shown.account(f"forward:{shown.node}:0,1,3").equations[0]
    words = window_words.weighed(summed, None, "+1", SIX)
    assert "adds most" in words
    assert summed.layout is not None
    nothing = replace(summed, terms=summed.terms[-1:], layout=replace(summed.layout, rows=(-3, -2, -1)))
    assert window_words.weighed(nothing, None, "+0.2", SIX).startswith("There is nothing but zeros")


def said(shape: tuple[int, ...], layer: str, fields: dict[str, Any], *ats: str) -> list[tuple[str, str]]:
    """Sentence and first title of each of these cells, of a layer behind a Dense or a convolution of one tap."""
    before = ("Conv2D", {"filters": 2, "kernel_size": 1}) if len(shape) == 3 else dense(2)
    document = chain(shape, before, (layer, fields), ("Flatten", {}), dense(1), loss="mean_squared_error")
    x = np.random.default_rng(3).standard_normal(shape).astype(np.float32)
    lowered, trace = lower(document), Network(document, seed=1).trace(x, np.array([0.3]))
    found = [account(lowered, trace, stages.find(stages.stages(document), at)) for at in ats]
    sheets = [sheet(one, lowered, trace, Options(figures=SIX)) for one in found if one is not None]
    return [(one.sentence, one.blocks[0].title) for one in sheets]


@pytest.mark.parametrize(
    ("layer", "words"),
    [
        ("GlobalAvgPool1D", ("The mean of the 4 numbers goes on.", "Mean of these")),
        ("GlobalMaxPool1D", ("The largest of the 4 numbers goes on.", "The largest of these")),
    ],
)
def test_where_there_is_no_window_no_word_is_of_one(layer: str, words: tuple[str, str]) -> None:
    assert said((4, 3), layer, {}, f"forward:{layer.lower()}1:1") == [words]
    back = said((4, 3), layer, {}, *(f"backward:dense1:{step},1" for step in range(4)))
    assert not any("window" in one.lower() for pair in back for one in pair)


def test_a_step_that_is_not_the_last_has_no_window_that_passed_it_over() -> None:
    (early, _), (last, _) = said((4, 3), "Last", {}, "backward:dense1:0,1", "backward:dense1:3,1")
    assert early == "No error arrives here, so there is nothing to send on and nothing to learn."
    assert "its error is" in last


@pytest.mark.parametrize("layer", ["MaxPool1D", "MaxPool2D", "AvgPool2D"])
def test_what_no_window_looked_at_is_told_so(layer: str) -> None:
    sequence = layer.endswith("1D")
    at = "backward:dense1:4,1" if sequence else "backward:conv2d1:1,4,4"
    told, _ = said((5, 3) if sequence else (3, 5, 5), layer, {"pool_size": 2}, at)[0]
    assert told == "No window looked at it, so no error comes back to it."


def test_a_map_of_one_row_has_columns_and_no_steps() -> None:
    told, _ = said((3, 1, 4), "GlobalMaxPool2D", {}, "forward:globalmaxpool2d1:1")[0]
    assert told.startswith("Of 4 numbers under the window the largest goes on: the one at row 1, column ")
    assert "at step " in said((4, 3), "MaxPool1D", {"pool_size": 2}, "forward:maxpool1d1:1,1")[0][0]
