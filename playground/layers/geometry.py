"""Where windows stand: output sizes along an axis, padding, which cells of the input a cell of the output looks at.

The formulas are those of Dumoulin & Visin 2016, "A guide to convolution arithmetic for deep learning"; ``"same"`` is TensorFlow's
(https://www.tensorflow.org/api_docs/python/tf/nn#notes_on_padding_2): what does not halve goes behind.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from playground.errors import Fix, ShapeError
from playground.layers.spec import Shape, format_shape
from playground.sentences import say

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Window:
    """How the cells of an output lie over its input along one axis of ``size`` cells.

    Each looks at ``kernel`` cells, ``dilation`` apart; from one to the next it moves by ``stride``; ``before`` and ``after`` cells
    of padding stand at the ends. ``factor`` repeats each cell of the input first (upsampling).
    """

    size: int
    kernel: int = 1
    stride: int = 1
    dilation: int = 1
    before: int = 0
    after: int = 0
    factor: int = 1

    @property
    def span(self) -> int:
        """How many cells lie from the first that the kernel looks at to the last, both counted."""
        return (self.kernel - 1) * self.dilation + 1

    @property
    def length(self) -> int:
        """How many cells the output has; 0 or less where the kernel does not fit."""
        return (self.size * self.factor + self.before + self.after - self.span) // self.stride + 1

    def start(self, at: int) -> int:
        """The first cell that output cell ``at`` looks at: before the input's first one where that is padding."""
        return at * self.stride - self.before

    def reads(self, at: int) -> tuple[tuple[int, int], ...]:
        """(tap of the kernel, cell of the input) for each tap of output cell ``at`` that does not fall on padding."""
        found = ((tap, self.start(at) + tap * self.dilation) for tap in range(self.kernel))
        return tuple((tap, cell // self.factor) for tap, cell in found if 0 <= cell < self.size * self.factor)

    def readers(self, cell: int) -> tuple[tuple[int, int], ...]:
        """(tap of the kernel, output cell) for each output cell that looks at ``cell`` of the input, output cells in order."""
        found = []
        for part in range(cell * self.factor, (cell + 1) * self.factor):
            for tap in reversed(range(self.kernel)):
                at, rest = divmod(part + self.before - tap * self.dilation, self.stride)
                if rest == 0 and 0 <= at < self.length:
                    found.append((tap, at))
        return tuple(found)

    def covers(self, first: int, last: int) -> Pair:
        """The first and the last cell that output cells ``first`` to ``last`` look at, padding counted as if the input went on."""
        return self.start(first) // self.factor, (self.start(last) + self.span - 1) // self.factor


def pair(value: int | Sequence[int]) -> Pair:
    """(rows, columns) of a ``pair`` field's value."""
    if isinstance(value, int):
        return value, value
    rows, columns = value
    return int(rows), int(columns)


def padded(padding: str | int, size: int, kernel: int, stride: int, dilation: int) -> Pair:
    """Cells of padding before and after an axis of ``size`` cells, for ``"valid"``, ``"same"`` or a number at each end."""
    if padding == "valid":
        return 0, 0
    if padding == "same":
        length = -(-size // stride)
        whole = max((length - 1) * stride + (kernel - 1) * dilation + 1 - size, 0)
        return whole // 2, whole - whole // 2
    return int(padding), int(padding)


def windows(sizes: Sequence[int], kernel: Any, stride: Any, padding: Any, dilation: Any = 1) -> tuple[Window, ...]:
    """The windows along each axis of ``sizes`` (1 or 2 of them), from the values of ``pair`` and ``padding`` fields."""

    def each(value: Any) -> tuple[Any, ...]:
        return tuple(value) if isinstance(value, list | tuple) else (value,) * len(sizes)

    found = []
    for size, taps, step, pad, apart in zip(sizes, each(kernel), each(stride), each(padding), each(dilation), strict=True):
        before, after = padded(pad, size, taps, step, apart)
        found.append(Window(size, taps, step, apart, before, after))
    return tuple(found)


def fitting(found: Sequence[Window], what: str, fix: Fix | None = None) -> Shape:
    """The lengths of the output along the axes. Raises :class:`ShapeError` where ``what`` (``"kernel"``) is larger than its input."""
    if all(window.length > 0 for window in found):
        return tuple(window.length for window in found)
    spans = format_shape(tuple(window.span for window in found))
    sizes = format_shape(tuple(window.size for window in found))
    pads = any(window.before or window.after for window in found)
    raise ShapeError(
        say(
            "its {what} of {spans} is larger than the {sizes} that comes in{padded}.",
            what=what,
            spans=spans,
            sizes=sizes,
            padded=say(", padding included") if pads else "",
        ),
        remedy=say("Take a smaller {what}{or_pad}.", what=what, or_pad=say(", or set the padding to same") if fix is not None else ""),
        fix=fix,
    )


def padding_option(found: Sequence[Window]) -> tuple[int, ...]:
    """The option ``padding`` of operations: (top, bottom, left, right), or (before, after) of a sequence."""
    return tuple(cells for window in found for cells in (window.before, window.after))


def picture(shape: Shape, layer: str) -> Shape:
    """``shape`` where it is a picture's (C, H, W); else :class:`ShapeError` with the fix."""
    if len(shape) == 3:
        return shape
    wanted = (1, *shape) if len(shape) == 2 else (1, *_sides(math.prod(shape)))
    raise _refusal(shape, say("{layer} wants a picture, C×H×W", layer=layer), wanted)


def sequence(shape: Shape, layer: str) -> Shape:
    """``shape`` where it is a sequence's (T, F); else :class:`ShapeError` with the fix."""
    if len(shape) == 2:
        return shape
    wanted = (shape[0] * shape[1], shape[2]) if len(shape) == 3 else (math.prod(shape), 1)
    raise _refusal(shape, say("{layer} wants a sequence of rows, T×F", layer=layer), wanted)


def _refusal(shape: Shape, wants: str, wanted: Shape) -> ShapeError:
    given = say("{shape} numbers in one row", shape=format_shape(shape)) if len(shape) == 1 else format_shape(shape)
    return ShapeError(
        say("gets {given}; {wants}.", given=given, wants=wants),
        remedy=say("Insert Reshape before it, such as to {wanted}.", wanted=format_shape(wanted)),
        fix=Fix("insert", "Insert Reshape", "Reshape", fields=(("shape", wanted),)),
    )


def _sides(count: int) -> Pair:
    """The rows and columns, as near to a square as can be, of a picture of ``count`` pixels."""
    rows = next(side for side in range(math.isqrt(count), 0, -1) if count % side == 0) if count else 1
    return rows, count // rows
