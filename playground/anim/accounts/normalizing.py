"""Batch norm and layer norm: mean and variance, the number between them, scale and shift; and what the error becomes on the way back.

A channel is a map of (C, H, W), a feature of (F) and (T, F). The statistics of a batch hang on all its samples: one sample's trace has
them as they are, and the means of the batch's gradients. Backward: Ioffe & Szegedy 2015, section 3; Ba et al. 2016.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from playground.anim.account import Equation, Lazy, Number, Place, Term
from playground.anim.accounts import registry
from playground.anim.accounts.book import Index, role
from playground.anim.accounts.reading import MissingError, Reading
from playground.anim.accounts.registry import Made, Share, one, product
from playground.engine.program.lowering import GRADIENT, Operation
from playground.layers.spec import Shape, Value


def _channel(index: Index) -> Index:
    return (index[0],) if len(index) == 3 else (index[-1],)


def _place(index: Index) -> Index:
    """Of a layer norm: where in the sample the numbers lie that are normalized together."""
    return index[1:] if len(index) == 3 else index[:-1]


def _at(place: Index, feature: int, shape: Shape) -> Index:
    return (feature, *place) if len(shape) == 3 else (*place, feature)


def _spread(reading: Reading, operation: Operation, variance: Number) -> tuple[Number, Equation]:
    """q = sqrt(variance + epsilon)."""
    epsilon = float(operation.options["epsilon"])
    q = Number(math.sqrt(max(variance.value + epsilon, 0.0)), "q", about=variance.place)
    terms = (one(variance), one(Number(epsilon, r"\epsilon")))
    return q, Equation("spread", rf"q = \sqrt{{{variance.symbol} + \epsilon}}", terms, q, "sqrt")


def _scaled(reading: Reading, operation: Operation, index: Index, result: Number, mean: Number, variance: Number) -> tuple[Equation, ...]:
    """q, the normalized number, and a = w n + b."""
    x = reading.number(role(operation, "x"), index)
    channel = _channel(index)
    weight, bias = (reading.number(role(operation, name), channel) for name in ("weight", "bias"))
    q, spread = _spread(reading, operation, variance)
    known = operation.roles.get("normalized")
    made = float(np.float64(x.value - mean.value) / np.float64(q.value))
    normal = reading.number(known, index) if isinstance(known, Value) else Number(made, r"\hat{x}", about=x.place)
    symbols = rf"{normal.symbol} = \frac{{{x.symbol} - {mean.symbol}}}{{q}}"
    normalized = Equation("normalized", symbols, (one(x), one(mean, -1)), normal, "divide", (q,))
    symbols = rf"{result.symbol} = {weight.symbol}\, {normal.symbol} + {bias.symbol}"
    return spread, normalized, Equation("scaled", symbols, (product(weight, normal), one(bias)), result)


@registry.forward("batch_norm")
def batch_norm(reading: Reading, operation: Operation, value: Value, index: Index, result: Number) -> Made:
    """By the mean and variance of the whole batch, which the trace has."""
    mean, variance = (reading.number(role(operation, name), _channel(index)) for name in ("mean", "variance"))
    return Made(_scaled(reading, operation, index, result, mean, variance))


@registry.forward("batch_norm_running")
def batch_norm_running(reading: Reading, operation: Operation, value: Value, index: Index, result: Number) -> Made:
    """By the running mean and variance, which are parameters."""
    mean, variance = (reading.number(role(operation, name), _channel(index)) for name in ("running_mean", "running_variance"))
    return Made(_scaled(reading, operation, index, result, mean, variance))


@registry.forward("layer_norm")
def layer_norm(reading: Reading, operation: Operation, value: Value, index: Index, result: Number) -> Made:
    """By the mean and variance of the sample's own features at this place."""
    x, place = role(operation, "x"), _place(index)
    mean, variance = (reading.number(role(operation, name), place) for name in ("mean", "variance"))
    xs = reading.numbers(x)
    row = _row(reading, x, place)
    count, running = len(row), reading.symbol(x, _letters(index, "k"))
    n = Number(float(count), str(count))

    def distance(k: int) -> Term:
        d = Number(float(row[k] - mean.value), f"d_{{{k + 1}}}", about=reading.place(x, _at(place, k, x.shape)))
        return Term((d, d), d.value**2)

    averaged = Lazy(row, lambda k: one(xs(_at(place, k, x.shape))))
    equations = (
        Equation("feature_mean", rf"{mean.symbol} = \frac{{1}}{{{count}}} \sum_k {running}", averaged, mean, "divide", (n,)),
        Equation(
            "feature_variance",
            rf"{variance.symbol} = \frac{{1}}{{{count}}} \sum_k ({running} - {mean.symbol})^2",
            Lazy((row - mean.value) ** 2, distance),
            variance,
            "divide",
            (n,),
        ),
    )
    return Made((*equations, *_scaled(reading, operation, index, result, mean, variance)))


def _row(reading: Reading, value: Value, place: Index) -> np.ndarray:
    """The numbers of all features at a place, float64."""
    array = reading.array(value)
    row: np.ndarray = array[:, place[0], place[1]] if array.ndim == 3 else array[place]
    return row.astype(np.float64)


def _letters(index: Index, running: str) -> Sequence[int | str]:
    return (running, *index[1:]) if len(index) == 3 else (*index[:-1], running)


# -- backward
@registry.backward("batch_norm_running_backward_input")
def batch_norm_running_backward_input(reading: Reading, operation: Operation, value: Value, index: Index) -> Share:
    """dL/dx = dL/da w / q: the running statistics do not hang on x."""
    dy, weight = reading.number(role(operation, "dy"), index), reading.number(role(operation, "weight"), _channel(index))
    variance = reading.number(role(operation, "running_variance"), _channel(index))
    scale = _scale(operation, weight, variance)
    return Share((product(dy, scale),), rf"{dy.symbol} \cdot {scale.symbol}", (weight,))


def _scale(operation: Operation, weight: Number, variance: Number) -> Number:
    """w / q."""
    value = weight.value / math.sqrt(max(variance.value + float(operation.options["epsilon"]), 0.0))
    return Number(value, rf"\frac{{{weight.symbol}}}{{q}}", about=weight.place)


@registry.backward("batch_norm_backward_input")
def batch_norm_backward_input(reading: Reading, operation: Operation, value: Value, index: Index) -> Share:
    """dL/dx = w / q (dL/da - mean of dL/da - n mean of dL/da n), the means over the batch and all places of the channel."""
    channel = _channel(index)
    dy, normal = (reading.number(role(operation, name), index) for name in ("dy", "normalized"))
    weight, variance = (reading.number(role(operation, name), channel) for name in ("weight", "variance"))
    scale = _scale(operation, weight, variance)
    shape = role(operation, "dy").shape
    places = math.prod(shape) // (shape[0] if len(shape) == 3 else shape[-1])
    errors = _mean_over_batch(reading, role(operation, "dbias"), channel, places, r"\bar{\delta}")
    products = _mean_over_batch(reading, role(operation, "dweight"), channel, places, r"\overline{\delta \hat{x}}")
    terms = (product(dy, scale), product(errors, scale, sign=-1), product(normal, products, scale, sign=-1))
    symbols = rf"{scale.symbol} \left( {dy.symbol} - {errors.symbol} - {normal.symbol}\, {products.symbol} \right)"
    return Share(terms, symbols, (weight,))


def _mean_over_batch(reading: Reading, gradient: Value, channel: Index, places: int, symbol: str) -> Number:
    """What the batch's gradient of weight or bias is, divided by the places of a sample. Raises :class:`MissingError` without one."""
    name = gradient.name.removeprefix(GRADIENT)
    traced = reading.trace.parameters.get(f"{gradient.node}/{name}")
    if traced is None or traced.batch_gradient is None:
        raise MissingError
    place = Place(gradient.node, name, channel, True, "batch")
    return Number(float(traced.batch_gradient[channel]) / places, symbol, place if places == 1 else None, place)


@registry.backward("layer_norm_backward_input", entrywise=False)
def layer_norm_backward_input(reading: Reading, operation: Operation, value: Value, index: Index) -> Share:
    """dL/dx = 1 / q (w dL/da - mean of w dL/da - n mean of w dL/da n), the means over the features at this place."""
    place, channel = _place(index), _channel(index)
    weights: np.ndarray = reading.array(role(operation, "weight")).astype(np.float64)
    errors = weights * _row(reading, role(operation, "dy"), place)
    normals = _row(reading, role(operation, "normalized"), place)
    variance = reading.number(role(operation, "variance"), place)
    r = Number(1 / math.sqrt(max(variance.value + float(operation.options["epsilon"]), 1e-300)), r"\frac{1}{q}", about=variance.place)
    whole = Place(operation.node, "")
    first = Number(float(errors.mean()), r"\overline{w \delta}", about=whole)
    second = Number(float((errors * normals).mean()), r"\overline{w \delta \hat{x}}", about=whole)
    dy, normal = (reading.number(role(operation, name), index) for name in ("dy", "normalized"))
    weight = reading.number(role(operation, "weight"), channel)
    terms = (product(weight, dy, r), product(first, r, sign=-1), product(normal, second, r, sign=-1))
    symbols = rf"\frac{{1}}{{q}} \left( {weight.symbol}\, {dy.symbol} - {first.symbol} - {normal.symbol}\, {second.symbol} \right)"
    return Share(terms, symbols)


@registry.reaches("layer_norm_backward_input")
def reached_by_layer_norm(reading: Reading, operation: Operation, index: Index) -> Sequence[tuple[Value, Index]]:
    """All features at this place: its mean and its variance are theirs."""
    dx = role(operation, "dx")
    features = dx.shape[0] if len(dx.shape) == 3 else dx.shape[-1]
    return [(dx, _at(_place(index), feature, dx.shape)) for feature in range(features)]


def _gradients(reading: Reading, operation: Operation, index: Index) -> Sequence[Equation]:
    """The gradients of the channel's weight and bias."""
    channel = _channel(index)
    return tuple(_gradient(reading, operation, role(operation, name), channel) for name in ("dweight", "dbias"))


def _gradient(reading: Reading, operation: Operation, value: Value, index: Index) -> Equation:
    """dL/dw = sum of dL/da n over all places of the channel, dL/db = sum of dL/da."""
    dy, normalized = role(operation, "dy"), role(operation, "normalized")
    weighs = value == operation.roles.get("dweight")
    (channel,) = index
    shape = dy.shape
    entries = [_at(place, channel, shape) for place in np.ndindex(*(shape[1:] if len(shape) == 3 else shape[:-1]))]
    errors, normals = reading.numbers(dy), reading.numbers(normalized)
    pick = (channel,) if len(shape) == 3 else (..., channel)
    values = reading.array(dy)[pick].astype(np.float64)
    if weighs:
        values = values * reading.array(normalized)[pick].astype(np.float64)

    def term(at: int) -> Term:
        return product(errors(entries[at]), normals(entries[at])) if weighs else one(errors(entries[at]))

    result = reading.number(value, index)
    letters: Sequence[int | str] = {1: (channel,), 2: ("t", channel), 3: (channel, "r", "q")}[len(shape)]
    running = {1: "", 2: r"\sum_t ", 3: r"\sum_{r,q} "}[len(shape)]
    right = running + reading.symbol(dy, letters) + (rf"\, {reading.symbol(normalized, letters)}" if weighs else "")
    return Equation("gradient", f"{result.symbol} = {right}", Lazy(values.ravel(), term), result)


for _name in ("batch_norm_backward_weight", "layer_norm_backward_weight"):
    registry.gradients(_name)(_gradients)
    registry.gradient_of(_name)(_gradient)


# -- after the step
@registry.after_step("running_statistics")
def running_statistics(reading: Reading, operation: Operation, index: Index, before: Number, after: Number, batch: int) -> Equation | None:
    """A running statistic moves towards the batch's; of the variance, towards its unbiased form."""
    place = before.place
    name = "mean" if place is not None and place.name == role(operation, "running_mean").name else "variance"
    share, count = float(operation.options["momentum"]), batch * int(operation.options["places"])
    if count < 2:
        return None
    statistic = reading.number(role(operation, name), index)
    rho, rest = Number(share, r"\rho"), Number(1 - share, r"(1 - \rho)")
    moved, wider = product(rho, statistic), ""
    if name == "variance":
        wider = rf"\frac{{{count}}}{{{count - 1}}}"
        moved = product(rho, Number(count / (count - 1), wider), statistic)
    symbols = rf"{after.symbol} = (1 - \rho)\, {before.symbol} + \rho\, {wider} {statistic.symbol}"
    return Equation("running", symbols, (product(rest, before), moved), after)
