"""Convolutions and pools for the naive pass: every place of every window by loops, from the layers' fields alone.

A sequence (T, F) is taken as F planes of one row. Nothing here shares code with the layers' own geometry.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from tests.anim.accounts import naive_winograd
from tests.anim.accounts.near import UNIT, Near, product, transposed

CONVOLUTIONS = ("Conv2D", "Conv1D")
MAXIMA = ("MaxPool2D", "MaxPool1D", "GlobalMaxPool2D")
MEANS = ("AvgPool2D", "GlobalAvgPool2D")
MOVERS = ("ZeroPadding2D", "UpSampling2D")
TYPES = (*CONVOLUTIONS, *MAXIMA, *MEANS, *MOVERS)
Place = tuple[int, int]


def both(value: Any) -> Place:
    return (value, value) if isinstance(value, int) else tuple(value)


def planes(x: Near) -> Near:
    """(planes, rows, columns) of a picture or a sequence."""
    return x if len(x.shape) == 3 else Near(x.value.T[:, None, :], x.error.T[:, None, :])


def back(x: Near, shape: tuple[int, ...]) -> Near:
    """Planes as the value of ``shape`` they are."""
    if len(shape) == 2:
        return Near(x.value[:, 0].T, x.error[:, 0].T)
    return x.reshape(*shape)


@dataclass(frozen=True)
class Frame:
    """How windows stand over planes of ``size``: the taps and steps along both axes, the padding (top, bottom, left, right)."""

    size: Place
    taps: Place
    step: Place
    apart: Place
    padding: tuple[int, int, int, int]

    @classmethod
    def of(cls, type: str, fields: Mapping[str, Any], shape: tuple[int, ...]) -> Frame:
        sequence = len(shape) == 2
        size = (1, shape[0]) if sequence else shape[1:]

        def wide(value: Any) -> Place:
            return (1, value) if sequence else both(value)

        if type.startswith("Global"):
            return cls(size, size, size, (1, 1), (0, 0, 0, 0))
        if type == "ZeroPadding2D":
            return cls(size, (1, 1), (1, 1), (1, 1), tuple(fields[end] for end in ("top", "bottom", "left", "right")))
        if type in CONVOLUTIONS:
            taps, step, apart = wide(fields["kernel_size"]), wide(fields["strides"]), wide(fields["dilation_rate"])
        else:
            taps = wide(fields["pool_size"])
            step, apart = taps if fields["strides"] is None else wide(fields["strides"]), (1, 1)
        pads: list[int] = []
        for axis in (0, 1):
            kind = fields["padding"]
            if (sequence and axis == 0) or kind == "valid":
                pads += [0, 0]
            elif kind == "same":  # TensorFlow's: ceil(size / step) places, the odd cell behind
                needed = (math.ceil(size[axis] / step[axis]) - 1) * step[axis] + (taps[axis] - 1) * apart[axis] + 1 - size[axis]
                pads += [max(needed, 0) // 2, max(needed, 0) - max(needed, 0) // 2]
            else:
                pads += [both(kind)[axis]] * 2
        return cls(size, taps, step, apart, tuple(pads))

    def by_tiles(self, filters: int, channels: int) -> bool:
        """Whether the program may compute it from tiles of 2 x 2."""
        plain = (self.taps, self.step, self.apart) == ((3, 3), (1, 1), (1, 1))
        return plain and min(filters, channels) >= naive_winograd.LEAST_MAPS

    def padded(self, x: np.ndarray) -> np.ndarray:
        """Planes with the zeros around them."""
        top, bottom, left, right = self.padding
        return np.pad(x, ((0, 0), (top, bottom), (left, right)))

    @cache  # noqa: B019 - asked for at every cell of a pass; frames are few
    def places(self) -> list[list[tuple[Place, Place]]]:
        """For each place of the output in reading order: (tap, cell of the input) of the taps that lie on the input."""
        top, bottom, left, right = self.padding
        found = []
        row = 0
        while row + (self.taps[0] - 1) * self.apart[0] < self.size[0] + top + bottom:
            column = 0
            while column + (self.taps[1] - 1) * self.apart[1] < self.size[1] + left + right:
                found.append(list(self._under(row - top, column - left)))
                column += self.step[1]
            row += self.step[0]
        return found

    @cache  # noqa: B019
    def over(self) -> dict[int, list[tuple[int, Place, int]]]:
        """For each cell of the input, flat: (place of the output, tap, cells under that window) of all windows that have it, in
        reading order of the places."""
        found: dict[int, list[tuple[int, Place, int]]] = {}
        for place, under in enumerate(self.places()):
            for tap, (row, column) in under:
                found.setdefault(row * self.size[1] + column, []).append((place, tap, len(under)))
        return found

    @cache  # noqa: B019
    def under_tap(self, wanted: Place) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The places at which this tap lies on the input, in reading order, with the rows and columns that it lies on."""
        found = [(place, *cell) for place, under in enumerate(self.places()) for tap, cell in under if tap == wanted]
        places, rows, columns = np.array(found, int).reshape(-1, 3).T
        return places, rows, columns

    def _under(self, row: int, column: int) -> Iterator[tuple[Place, Place]]:
        for i in range(self.taps[0]):
            for j in range(self.taps[1]):
                cell = row + i * self.apart[0], column + j * self.apart[1]
                if 0 <= cell[0] < self.size[0] and 0 <= cell[1] < self.size[1]:
                    yield (i, j), cell


def patches(x: Near, frame: Frame) -> Near:
    """(places, planes * taps): what lies under the kernel at each place, zeros where nothing does."""
    places = frame.places()
    value, error = (np.zeros((len(places), len(x.value), *frame.taps)) for _ in range(2))
    for at, under in enumerate(places):
        for (i, j), (row, column) in under:
            value[at, :, i, j], error[at, :, i, j] = x.value[:, row, column], x.error[:, row, column]
    return Near(value.reshape(len(places), -1), error.reshape(len(places), -1))


def convolved(x: Near, weight: Near, bias: Near | None, frame: Frame, groups: int, shape: tuple[int, ...]) -> Near:
    """The sums of all filters at all places; ``weight`` (filters, channels of a group, ...)."""
    x = planes(x)
    filters, channels = weight.shape[0] // groups, len(x.value) // groups
    made = []
    for g in range(groups):
        own = x[g * channels : (g + 1) * channels]
        kernels = weight[g * filters : (g + 1) * filters].reshape(filters, -1)
        made.append(transposed(product(patches(own, frame), transposed(kernels))))
    whole = Near(np.concatenate([m.value for m in made]), np.concatenate([m.error for m in made]))
    if groups == 1 and frame.by_tiles(filters, channels):
        whole = whole.plus(naive_winograd.of_results(frame.padded(x.value), weight.value).reshape(whole.shape))
    if bias is not None:
        whole = whole + Near(np.repeat(bias.value[:, None], whole.shape[1], 1), np.repeat(bias.error[:, None], whole.shape[1], 1))
    return back(whole.reshape(len(weight.value), *_plane(shape)), shape)


def _plane(shape: tuple[int, ...]) -> Place:
    return (1, shape[0]) if len(shape) == 2 else shape[1:] if len(shape) == 3 else (1, 1)


def flat(x: Near) -> Near:
    """(planes, places) of what a window layer makes, a global pool's row too."""
    wide = x.reshape(-1, 1, 1) if len(x.shape) == 1 else planes(x)
    return wide.reshape(len(wide.value), -1)


def unconvolved(delta: Near, x: Near, weight: Near, frame: Frame, groups: int) -> tuple[Near, Near, Near]:
    """The error by ``x``, the gradients of weight and bias."""
    d, wide = flat(delta), planes(x)
    filters, channels = weight.shape[0] // groups, len(wide.value) // groups
    grown, gradients = [], []
    for g in range(groups):
        own, errors = wide[g * channels : (g + 1) * channels], d[g * filters : (g + 1) * filters]
        kernels = weight[g * filters : (g + 1) * filters].reshape(filters, -1)
        gradients.append(product(errors, patches(own, frame)))
        spread = product(transposed(errors), kernels)
        grown.append(_scattered(spread.reshape(spread.shape[0], channels, *frame.taps), frame, own.shape))
    ones = Near.exact(np.ones((d.shape[1], 1)))
    dx = Near(np.concatenate([p.value for p in grown]), np.concatenate([p.error for p in grown]))
    dw = Near(np.concatenate([p.value for p in gradients]), np.concatenate([p.error for p in gradients])).reshape(*weight.shape)
    if groups == 1 and frame.by_tiles(filters, channels):
        padded = frame.padded(wide.value)
        errors = d.value.reshape(filters, padded.shape[1] - 2, padded.shape[2] - 2)
        turned = weight.value.transpose(1, 0, 2, 3)[:, :, ::-1, ::-1]
        top, bottom, left, right = frame.padding
        around = np.pad(errors, ((0, 0), (2, 2), (2, 2)))[:, top : -bottom or None, left : -right or None]
        dx = dx.plus(naive_winograd.of_results(around, turned))
        dw = dw.plus(naive_winograd.of_weights(errors, padded))
    return back(dx, x.shape), dw, product(d, ones).reshape(-1)


def _scattered(spread: Near, frame: Frame, shape: tuple[int, ...]) -> Near:
    """What each place gives each cell under its window, added up: (places, planes, taps) to ``shape``."""
    value, error, size = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    for at, under in enumerate(frame.places()):
        for (i, j), (row, column) in under:
            value[:, row, column] += spread.value[at, :, i, j]
            error[:, row, column] += spread.error[at, :, i, j]
            size[:, row, column] += np.abs(spread.value[at, :, i, j])
    return Near(value, error + len(frame.places()) * UNIT * size)


def pooled(type: str, x: Near, frame: Frame, shape: tuple[int, ...]) -> tuple[Near, np.ndarray]:
    """The pool's output, and for each output the flat cell of its winner in its plane (of means: zeros)."""
    wide = planes(x)
    places = frame.places()
    value, error, winners = (np.zeros((len(wide.value), len(places))) for _ in range(3))
    for plane in range(len(wide.value)):
        for at, under in enumerate(places):
            cells = [cell for _, cell in under]
            numbers = Near(np.array([wide.value[plane][cell] for cell in cells]), np.array([wide.error[plane][cell] for cell in cells]))
            if type in MAXIMA:
                best = int(np.argmax(numbers.value))  # the first of equals
                value[plane, at], error[plane, at] = numbers.value[best], numbers.error[best]
                winners[plane, at] = cells[best][0] * frame.size[1] + cells[best][1]
            else:
                mean = numbers.sum() / Near.exact(float(len(cells)))
                value[plane, at], error[plane, at] = mean.value, mean.error
    made = Near(value, error)
    plane = (len(wide.value), *_plane(shape))
    return back(made.reshape(*plane), shape), back(Near.exact(winners).reshape(*plane), shape).value


def unpooled(type: str, error: Near, winners: np.ndarray | None, frame: Frame, shape: tuple[int, ...]) -> Near:
    """The error by what a pool read: to the winner alone, or to each cell its share."""
    e, places = flat(error), frame.places()
    given = np.zeros((e.shape[0], *frame.size))
    value, bound, size = given.copy(), given.copy(), given.copy()
    won = flat(Near.exact(winners)).value if winners is not None else None
    for plane in range(e.shape[0]):
        for at, under in enumerate(places):
            for _, cell in under:
                if won is not None and won[plane, at] != cell[0] * frame.size[1] + cell[1]:
                    continue
                share = 1.0 if won is not None else 1 / len(under)
                value[plane][cell] += share * e.value[plane, at]
                bound[plane][cell] += share * e.error[plane, at]
                size[plane][cell] += share * abs(e.value[plane, at])
    return back(Near(value, bound + (len(places) + 2) * UNIT * size), shape)


def moved(type: str, fields: Mapping[str, Any], shape: tuple[int, ...]) -> np.ndarray:
    """For each cell of the output plane in reading order the flat cell of the input plane that it copies; -1 for none."""
    if type == "ZeroPadding2D":
        return np.array([under[0][1][0] * shape[2] + under[0][1][1] if under else -1 for under in Frame.of(type, fields, shape).places()])
    down, right = both(fields["size"])
    return np.array([row // down * shape[2] + column // right for row in range(shape[1] * down) for column in range(shape[2] * right)])
