"""Convolutions: the weighted sum under the kernel, the error of a cell from all sums that it went into, the kernel's gradient.

"Convolution" is the field's word; forward is a cross-correlation, and it is the backward pass that turns the kernel around.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from playground.anim.account import Equation, Lazy, Number, Term
from playground.anim.accounts import registry
from playground.anim.accounts.book import Index, role
from playground.anim.accounts.reading import Reading
from playground.anim.accounts.registry import Made, Share, one
from playground.anim.accounts.sliding import Slide, inside, moving
from playground.engine.program.lowering import Operation
from playground.layers.spec import Value

TAPS = ("u", "v")
PLACES = ("r", "q")


def _slide(operation: Operation, x: Value, weight: Value) -> Slide:
    return Slide.of(x.shape, operation.options, weight.shape[2:])


def _group(operation: Operation, weight: Value, filter: int) -> int:
    """The first channel that a filter sees."""
    return filter // (weight.shape[0] // int(operation.options["groups"])) * weight.shape[1]


def _tap(slide: Slide, filter: int, channel: int, row: int, column: int) -> Index:
    """The entry of the weight."""
    return (filter, channel, column) if slide.sequence else (filter, channel, row, column)


@registry.forward("conv")
def conv(reading: Reading, operation: Operation, value: Value, index: Index, result: Number) -> Made:
    """z_orc = sum_kuv w_okuv x_(k, s r + d u - p, ...) + b_o over the channels of the filter's group; padding adds nothing."""
    x, weight, bias = role(operation, "x"), role(operation, "weight"), operation.roles.get("bias")
    slide = _slide(operation, x, weight)
    filter, row, column = slide.canonical(index)
    channels, first = weight.shape[1], _group(operation, weight, filter)
    rows, columns = slide.under(row, column)
    down, across = inside(rows, slide.rows.size), inside(columns, slide.columns.size)
    kernel = reading.array(weight)[filter].astype(np.float64).reshape(channels, len(rows), len(columns))
    patch = slide.planes(reading.array(x))[first : first + channels]
    weighed = _cut(kernel, [i for i, _ in down], [j for j, _ in across])
    values = (weighed * _cut(patch, [at for _, at in down], [at for _, at in across])).ravel()
    weights, xs = reading.numbers(weight), reading.numbers(x)
    symbols = f"{result.symbol} = {_sum(reading, slide, weight, x, filter, first, rows[0] or 0, columns[0] or 0)}"
    if isinstance(bias, Value):
        constant = reading.number(bias, (filter,))
        values = np.append(values, constant.value)
        symbols += f" + {constant.symbol}"

    def term(at: int) -> Term:
        if at >= weighed.size:
            return one(constant)
        k, i, j = (int(n) for n in np.unravel_index(at, weighed.shape))
        factors = (
            weights(_tap(slide, filter, k, down[i][0], across[j][0])),
            xs(slide.entry(first + k, down[i][1], across[j][1])),
        )
        return Term(factors, float(values[at]))

    layout = slide.layout(range(first, first + channels), rows, columns, slide.size, kernel=kernel)
    return Made((Equation("sum", symbols, Lazy(values, term), result, "", (), layout),))


def _sum(reading: Reading, slide: Slide, weight: Value, x: Value, filter: int, first: int, top: int, left: int) -> str:
    """The sum's formula with the letters that run: k over channels, u and v over the kernel."""
    channels, high, wide = weight.shape[1], slide.rows.kernel, slide.columns.kernel
    last = TAPS[0] if slide.sequence else TAPS[1]
    own: int | str = "k" if channels > 1 else 0
    u: int | str = TAPS[0] if high > 1 else 0
    v: int | str = last if wide > 1 else 0
    taps = (filter, own, v) if slide.sequence else (filter, own, u, v)
    at = slide.entry(
        moving(first, 1, channels, "k"), moving(top, slide.rows.dilation, high, TAPS[0]), moving(left, slide.columns.dilation, wide, last)
    )
    running = ",".join(dict.fromkeys(letter for letter in (own, u, v) if isinstance(letter, str)))
    sign = rf"\sum_{{{running}}} " if running else ""
    return rf"{sign}{reading.symbol(weight, taps)}\, {reading.symbol(x, at)}"


@registry.backward("conv_backward_input", entrywise=False)
def conv_backward_input(reading: Reading, operation: Operation, value: Value, index: Index) -> Share:
    """dL/dx_krc = sum over all sums z that x went into: w_okuv dL/dz_o(r + p - d u)/s... The kernel lies turned on the errors."""
    weight, dy = role(operation, "weight"), role(operation, "dy")
    slide = _slide(operation, value, weight)
    channel, row, column = slide.canonical(index)
    filters, own = _filters(operation, weight, channel), channel % weight.shape[1]
    rows, columns = slide.over(row, column)
    height, width = slide.made
    down, across = inside(rows, height), inside(columns, width)
    high, wide = len(rows), len(columns)
    kernel = reading.array(weight)[filters.start : filters.stop, own].astype(np.float64).reshape(len(filters), high, wide)[:, ::-1, ::-1]
    errors = slide.planes(reading.array(dy))[filters.start : filters.stop]
    weighed = _cut(kernel, [i for i, _ in down], [j for j, _ in across])
    values = (weighed * _cut(errors, [at for _, at in down], [at for _, at in across])).ravel()
    weights, deltas = reading.numbers(weight), reading.numbers(dy)

    def term(at: int) -> Term:
        o, i, j = (int(n) for n in np.unravel_index(at, weighed.shape))
        tap = _tap(slide, filters.start + o, own, high - 1 - down[i][0], wide - 1 - across[j][0])
        return Term((weights(tap), deltas(slide.entry(filters.start + o, down[i][1], across[j][1]))), float(values[at]))

    layout = slide.layout(filters, rows, columns, (height, width), kernel=kernel, turned=True)
    symbols = _turned(reading, slide, weight, dy, own, row, column) if values.size else "0"
    return Share(Lazy(values, term), symbols, (), layout)


def _filters(operation: Operation, weight: Value, channel: int) -> range:
    """The filters that see a channel."""
    count = weight.shape[0] // int(operation.options["groups"])
    first = channel // weight.shape[1] * count
    return range(first, first + count)


def _turned(reading: Reading, slide: Slide, weight: Value, dy: Value, own: int, row: int, column: int) -> str:
    """The sum's formula: o runs over filters, r and q over the places whose window has the cell."""

    def tap(cell: int, axis: int, letter: str) -> str:
        window = (slide.rows, slide.columns)[axis]
        whole = f"{cell + window.before + window.stride + window.dilation} - {window.stride if window.stride > 1 else ''}{letter}"
        return f"({whole})/{window.dilation}" if window.dilation > 1 else whole

    if slide.sequence:
        weights = reading.symbol(weight, ("o", own, tap(column, 1, "r")))
        return rf"\sum_{{o,r}} {weights}\, {reading.symbol(dy, slide.entry('o', 0, 'r'))}"
    weights = reading.symbol(weight, ("o", own, tap(row, 0, "r"), tap(column, 1, "q")))
    return rf"\sum_{{o,r,q}} {weights}\, {reading.symbol(dy, slide.entry('o', *PLACES))}"


@registry.gradients("conv_backward_weight")
def conv_backward_weight(reading: Reading, operation: Operation, index: Index) -> Sequence[Equation]:
    """All gradients of the filter whose error it is: of its weights in reading order, then of its bias."""
    dweight, dbias, dy = role(operation, "dweight"), operation.roles.get("dbias"), role(operation, "dy")
    filter = index[1] if len(dy.shape) == 2 else index[0]
    made = reading.array(dweight)[filter]
    values = np.append(made.ravel(), reading.array(dbias)[filter]) if isinstance(dbias, Value) else made.ravel()

    def equation(at: int) -> Equation:
        if at < made.size:
            return weight_gradient(reading, operation, (filter, *(int(n) for n in np.unravel_index(at, made.shape))))
        return bias_gradient(reading, operation, (filter,))

    return Lazy(values, equation)


@registry.gradient_of("conv_backward_weight")
def parameter_gradient(reading: Reading, operation: Operation, value: Value, index: Index) -> Equation:
    """The sample's gradient of one weight or bias."""
    return (bias_gradient if value == operation.roles.get("dbias") else weight_gradient)(reading, operation, index)


def weight_gradient(reading: Reading, operation: Operation, index: Index) -> Equation:
    """dL/dw_okuv = sum_rq dL/dz_orq x_(k, s r + d u - p, ...): the errors slide over the input as a kernel did."""
    x, dy, dweight = role(operation, "x"), role(operation, "dy"), role(operation, "dweight")
    slide = _slide(operation, x, dweight)
    filter, own, *taps = index
    u, v = (0, taps[0]) if slide.sequence else taps
    channel = _group(operation, dweight, filter) + own
    height, width = slide.made
    rows = tuple(slide.rows.start(at) + u * slide.rows.dilation for at in range(height))
    columns = tuple(slide.columns.start(at) + v * slide.columns.dilation for at in range(width))
    down, across = inside(rows, slide.rows.size), inside(columns, slide.columns.size)
    errors = slide.planes(reading.array(dy))[filter]
    plane = slide.planes(reading.array(x))[channel]
    weighed = errors[np.ix_([i for i, _ in down], [j for j, _ in across])]
    values = (weighed * plane[np.ix_([at for _, at in down], [at for _, at in across])]).ravel()
    deltas, xs = reading.numbers(dy), reading.numbers(x)

    def term(at: int) -> Term:
        i, j = divmod(at, len(across))
        factors = deltas(slide.entry(filter, down[i][0], across[j][0])), xs(slide.entry(channel, down[i][1], across[j][1]))
        return Term(factors, float(values[at]))

    letters = ("q", "r") if slide.sequence else PLACES
    row, column = moving(rows[0], slide.rows.stride, height, letters[0]), moving(columns[0], slide.columns.stride, width, letters[1])
    result = reading.number(dweight, index)
    running = "r" if slide.sequence else ",".join(PLACES)
    right = rf"{reading.symbol(dy, slide.entry(filter, *letters))}\, {reading.symbol(x, slide.entry(channel, row, column))}"
    layout = slide.layout((channel,), rows, columns, slide.size, kernel=errors[None])
    return Equation("gradient", rf"{result.symbol} = \sum_{{{running}}} {right}", Lazy(values, term), result, "", (), layout)


def bias_gradient(reading: Reading, operation: Operation, index: Index) -> Equation:
    """dL/db_o = sum_rq dL/dz_orq: the bias went into every sum of its filter."""
    dy, dbias = role(operation, "dy"), role(operation, "dbias")
    slide = Slide.of(dy.shape, {})
    (filter,) = index
    deltas, result = reading.numbers(dy), reading.number(dbias, index)
    errors = slide.planes(reading.array(dy))[filter]

    def term(at: int) -> Term:
        return one(deltas(slide.entry(filter, *divmod(at, errors.shape[1]))))

    letters = ("q", "r") if slide.sequence else PLACES
    running = "r" if slide.sequence else ",".join(PLACES)
    symbols = rf"{result.symbol} = \sum_{{{running}}} {reading.symbol(dy, slide.entry(filter, *letters))}"
    layout = slide.layout((filter,), tuple(range(errors.shape[0])), tuple(range(errors.shape[1])), slide.size)
    return Equation("gradient", symbols, Lazy(errors.ravel(), term), result, "", (), layout)


def _cut(planes: np.ndarray, rows: list[int], columns: list[int]) -> np.ndarray:
    """Of each plane these rows and columns."""
    return planes[:, rows][:, :, columns]
