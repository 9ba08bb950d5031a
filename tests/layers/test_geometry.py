"""Where windows stand: against a walk over every place, and against TensorFlow's rule for same padding."""

from __future__ import annotations

import itertools
import math

import pytest

from playground.errors import ShapeError
from playground.layers import geometry
from playground.layers.geometry import Window

WINDOWS = [
    Window(size, kernel, stride, dilation, before, after)
    for size, kernel, stride, dilation, before, after in itertools.product((5, 8), (1, 2, 3), (1, 2, 3), (1, 2), (0, 2), (0, 1))
]


def walked(window: Window) -> list[list[tuple[int, int]]]:
    """For each place where the whole kernel fits on the padded input: (tap, cell) of the taps on the input itself."""
    cells = [None] * window.before + list(range(window.size)) + [None] * window.after
    found, at = [], 0
    while at + (window.kernel - 1) * window.dilation < len(cells):
        taps = [(tap, cells[at + tap * window.dilation]) for tap in range(window.kernel)]
        found.append([(tap, cell) for tap, cell in taps if cell is not None])
        at += window.stride
    return found


@pytest.mark.parametrize("window", WINDOWS, ids=repr)
def test_windows_stand_where_a_walk_finds_them(window: Window) -> None:
    places = walked(window)
    assert window.length == len(places)
    for at, taps in enumerate(places):
        assert list(window.reads(at)) == taps
    for cell in range(window.size):
        readers = [(tap, at) for at, taps in enumerate(places) for tap, read in taps if read == cell]
        assert sorted(window.readers(cell), key=lambda one: one[1]) == sorted(readers, key=lambda one: one[1])


def test_upsampling_repeats_cells() -> None:
    window = Window(3, factor=2)
    assert window.length == 6
    assert [window.reads(at) for at in range(6)] == [((0, cell),) for cell in (0, 0, 1, 1, 2, 2)]
    assert window.readers(1) == ((0, 2), (0, 3))


@pytest.mark.parametrize("size", range(1, 12))
@pytest.mark.parametrize(("kernel", "stride", "dilation"), [(1, 1, 1), (2, 1, 1), (3, 1, 1), (3, 2, 1), (2, 3, 1), (5, 2, 1), (3, 1, 2)])
def test_same_padding_is_tensorflows(size: int, kernel: int, stride: int, dilation: int) -> None:
    """out = ceil(size / stride); the padding it takes is halved, the odd cell goes behind (tf.nn, "Notes on padding")."""
    before, after = geometry.padded("same", size, kernel, stride, dilation)
    window = Window(size, kernel, stride, dilation, before, after)
    assert window.length == math.ceil(size / stride)
    span = (kernel - 1) * dilation + 1
    wanted = max(span - stride, 0) if size % stride == 0 else max(span - size % stride, 0)
    assert before + after == wanted
    assert after - before in (0, 1)


def test_windows_of_fields() -> None:
    rows, columns = geometry.windows((9, 7), (3, 5), 2, "same")
    assert (rows.kernel, rows.stride, columns.kernel, columns.length) == (3, 2, 5, 4)
    assert geometry.padding_option((rows, columns)) == (1, 1, 2, 2)
    (steps,) = geometry.windows((10,), 3, 1, 2, 2)
    assert (steps.before, steps.after, steps.span, steps.length) == (2, 2, 5, 10)
    assert geometry.pair(4) == (4, 4)
    assert geometry.pair([2, 3]) == (2, 3)


def test_a_kernel_that_does_not_fit_says_so() -> None:
    with pytest.raises(ShapeError, match=r"kernel of 5×3 is larger than the 4×4 that comes in\."):
        geometry.fitting(geometry.windows((4, 4), (5, 3), 1, "valid"), "kernel")
    with pytest.raises(ShapeError, match="padding included"):
        geometry.fitting(geometry.windows((2, 2), 7, 1, 1), "window")


def test_rows_of_numbers_are_offered_a_shape() -> None:
    with pytest.raises(ShapeError, match="784 numbers in one row") as raised:
        geometry.picture((784,), "Conv2D")
    assert raised.value.fix is not None
    assert raised.value.fix.fields == (("shape", (1, 28, 28)),)
    with pytest.raises(ShapeError, match=r"6×4×5.*T×F.*24×5"):
        geometry.sequence((6, 4, 5), "Conv1D")
    assert geometry.picture((3, 8, 8), "Conv2D") == (3, 8, 8)
