"""Batch norm and layer norm: mean and spread, the number brought to them, scaled and shifted; the way back; the running statistics."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from playground.anim.account import Equation, Lazy, Number, Place, Term
from playground.anim.accounts import latex, registry
from playground.anim.accounts.book import Index, role
from playground.anim.accounts.reading import MissingError, Reading
from playground.anim.accounts.registry import Made, Share, one, product
from playground.engine.lowering import Operation
from playground.layers.spec import Value


def channel_of(index: Index) -> int:
    """The map of a picture's entry, else the feature."""
    return index[0] if len(index) == 3 else index[-1]


def place_of(index: Index) -> Index:
    """The pixel, or the step, at which a layer norm takes its statistics."""
    return index[1:] if len(index) == 3 else index[:-1]


def _entry(index: Index, channel: int | str) -> tuple[int | str, ...]:
    """The entry of another channel at the same place."""
    return (channel, *index[1:]) if len(index) == 3 else (*index[:-1], channel)


def _known(number: Number, statistic: str) -> Equation:
    """A statistic that stands in the trace; what it was made of (the other samples of the batch) does not."""
    return Equation(statistic, number.symbol, (one(number),), number)


def _deviation(variance: Number, epsilon: float) -> tuple[Equation, Number]:
    """s = sqrt(variance + epsilon)."""
    result = Number(math.sqrt(variance.value + epsilon), "s")
    constant = Number(epsilon, r"\epsilon")
    return Equation("deviation", rf"s = \sqrt{{{variance.symbol} + \epsilon}}", (one(variance), one(constant)), result, "sqrt"), result


def _normalized(
    reading: Reading, operation: Operation, index: Index, mean: Number, variance: Number
) -> tuple[tuple[Equation, ...], Number, Number]:
    """(the deviation and the normalized number as equations, that number, s). Where the trace lacks it, it is computed."""
    x, normalized = reading.number(role(operation, "x"), index), operation.roles.get("normalized")
    deviation, s = _deviation(variance, float(operation.options["epsilon"]))
    try:
        if not isinstance(normalized, Value):
            raise MissingError
        result = reading.number(normalized, index)
    except MissingError:
        result = Number((x.value - mean.value) / s.value if s.value else math.nan, "n")
    symbols = rf"{result.symbol} = \frac{{{x.symbol} - {mean.symbol}}}{{s}}"
    return (deviation, Equation("normalized", symbols, (one(x), one(mean, -1)), result, "divide", (s,))), result, s


def _made(
    reading: Reading,
    operation: Operation,
    value: Value,
    index: Index,
    result: Number,
    known: Sequence[Equation],
    statistics: Sequence[Number],
) -> Made:
    """The account of an output, or of the normalized number in it."""
    equations, normalized, _ = _normalized(reading, operation, index, *statistics)
    if value == operation.roles.get("normalized"):
        return Made((*known, *equations))
    weight, bias = (reading.number(role(operation, name), (channel_of(index),)) for name in ("weight", "bias"))
    symbols = rf"{result.symbol} = {weight.symbol}\, {normalized.symbol} + {bias.symbol}"
    return Made((*known, *equations, Equation("scaled", symbols, (product(weight, normalized), one(bias)), result)))


@registry.forward("batch_norm")
def batch_norm(reading: Reading, operation: Operation, value: Value, index: Index, result: Number) -> Made:
    """a = w (x - mean) / sqrt(variance + epsilon) + b, by the statistics of the batch."""
    if value in (role(operation, "mean"), role(operation, "variance")):
        return Made((_known(result, "batch_mean" if value == role(operation, "mean") else "batch_variance"),))
    mean, variance = (reading.number(role(operation, name), (channel_of(index),)) for name in ("mean", "variance"))
    known = (_known(mean, "batch_mean"), _known(variance, "batch_variance"))
    return _made(reading, operation, value, index, result, known, (mean, variance))


@registry.forward("batch_norm_running")
def batch_norm_running(reading: Reading, operation: Operation, value: Value, index: Index, result: Number) -> Made:
    """The same by the running statistics."""
    names = ("running_mean", "running_variance")
    mean, variance = (reading.number(role(operation, name), (channel_of(index),)) for name in names)
    known = (_known(mean, "running_mean"), _known(variance, "running_variance"))
    return _made(reading, operation, value, index, result, known, (mean, variance))


@registry.forward("layer_norm")
def layer_norm(reading: Reading, operation: Operation, value: Value, index: Index, result: Number) -> Made:
    """The same by the statistics over the channels of this sample, which are made here."""
    x, means, variances = (role(operation, name) for name in ("x", "mean", "variance"))
    at = index if value in (means, variances) else place_of(index)
    whole = (0, *at) if len(x.shape) == 3 else (*at, 0)
    xs, channels = reading.numbers(x), x.shape[0] if len(x.shape) == 3 else x.shape[-1]
    entries = [tuple(int(part) for part in _entry(whole, c)) for c in range(channels)]
    mean, variance = reading.number(means, at), reading.number(variances, at)
    running, count = reading.symbol(x, _entry(whole, "k")), Number(float(channels), str(channels))
    share = rf"\frac{{1}}{{{channels}}} \sum_k"
    numbers = reading.array(x).astype(np.float64)
    values = np.array([numbers[entry] for entry in entries])
    center = Equation("center", f"{mean.symbol} = {share} {running}", Lazy(values, lambda c: one(xs(entries[c]))), mean, "divide", (count,))
    distances = values - mean.value

    def square(c: int) -> Term:
        distance = Number(float(distances[c]), rf"({xs(entries[c]).symbol} - {mean.symbol})")
        return product(distance, distance)

    symbols = rf"{variance.symbol} = {share} \left({running} - {mean.symbol}\right)^2"
    spread = Equation("spread", symbols, Lazy(distances**2, square), variance, "divide", (count,))
    if value in (means, variances):
        return Made((center,) if value == means else (center, spread))
    return _made(reading, operation, value, index, result, (center, spread), (mean, variance))


# -- backward
def _factor(reading: Reading, operation: Operation, index: Index, variance: Number) -> Number:
    """w / s: what an error is multiplied by."""
    weight = reading.number(role(operation, "weight"), (channel_of(index),))
    s = math.sqrt(variance.value + float(operation.options["epsilon"]))
    return Number(weight.value / s, rf"\frac{{{weight.symbol}}}{{\sqrt{{{variance.symbol} + \epsilon}}}}")


@registry.backward("batch_norm_running_backward_input")
def running_backward(reading: Reading, operation: Operation, value: Value, index: Index) -> Share:
    """dL/dx = w / s dL/da."""
    dy = reading.number(role(operation, "dy"), index)
    factor = _factor(reading, operation, index, reading.number(role(operation, "running_variance"), (channel_of(index),)))
    return Share((product(factor, dy),), rf"{factor.symbol} \cdot {dy.symbol}")


@registry.backward("batch_norm_backward_input")
def batch_backward(reading: Reading, operation: Operation, value: Value, index: Index) -> Share:
    """dL/dx = w / s (dL/da - mean of dL/da - n mean of dL/da n), means over the batch: x moves its mean and its variance, too.

    These means are the batch's gradients of bias and weight, over the places of a channel."""
    dys, channel = role(operation, "dy"), channel_of(index)
    dy, normalized = reading.number(dys, index), reading.number(role(operation, "normalized"), index)
    factor = _factor(reading, operation, index, reading.number(role(operation, "variance"), (channel,)))
    places = dys.size // role(operation, "variance").size
    share = Number(1.0 / places, rf"\frac{{1}}{{{places}}}")
    bias, weight = (_batch_gradient(reading, operation, name, channel) for name in ("bias", "weight"))
    apart = (share,) if places > 1 else ()
    terms = (product(factor, dy), product(factor, *apart, bias, sign=-1), product(factor, *apart, normalized, weight, sign=-1))
    divided = rf"{share.symbol} " if places > 1 else ""
    inner = rf"{dy.symbol} - {divided}{bias.symbol} - {divided}{normalized.symbol}\, {weight.symbol}"
    return Share(terms, rf"{factor.symbol} \left({inner}\right)")


def _batch_gradient(reading: Reading, operation: Operation, name: str, channel: int) -> Number:
    """The mean of the samples' gradients of a weight or a bias."""
    traced = reading.trace.parameters.get(f"{operation.node}/{name}")
    if traced is None or traced.batch_gradient is None:
        raise MissingError
    symbol = rf"\bar{{g}}_{{{latex.named(name)}{channel + 1}}}"
    place = Place(operation.node, name, (channel,), True, "batch")
    return Number(float(traced.batch_gradient[channel]), symbol, place)


@registry.backward("layer_norm_backward_input")
def layer_backward(reading: Reading, operation: Operation, value: Value, index: Index) -> Share:
    """dL/dx = (g - mean of g - n mean of g n) / s, with g = w dL/da, means over the channels of this sample."""
    dys, normals = role(operation, "dy"), role(operation, "normalized")
    dy, normalized, weight = reading.number(dys, index), reading.number(normals, index), role(operation, "weight")
    own = reading.number(weight, (channel_of(index),))
    variance = reading.number(role(operation, "variance"), place_of(index))
    s = math.sqrt(variance.value + float(operation.options["epsilon"]))
    factor = Number(1.0 / s, rf"\frac{{1}}{{\sqrt{{{variance.symbol} + \epsilon}}}}")
    at: tuple[Any, ...] = (slice(None), *place_of(index)) if len(index) == 3 else (*place_of(index), slice(None))
    g = reading.array(weight).astype(np.float64) * reading.array(dys)[at].astype(np.float64)
    mean = Number(float(g.mean()), r"\bar{g}")
    along = Number(float((g * reading.array(normals)[at].astype(np.float64)).mean()), r"\overline{g n}")
    terms = (product(factor, own, dy), product(factor, mean, sign=-1), product(factor, normalized, along, sign=-1))
    inner = rf"{own.symbol}\, {dy.symbol} - {mean.symbol} - {normalized.symbol}\, {along.symbol}"
    return Share(terms, rf"{factor.symbol} \left({inner}\right)")


# -- parameters
def _parameter(reading: Reading, operation: Operation, value: Value, index: Index) -> Equation:
    """The sample's gradient of one weight (sum of dL/da n over its channel) or bias (sum of dL/da)."""
    dys, normals = role(operation, "dy"), role(operation, "normalized")
    (channel,), result = index, reading.number(value, index)
    shape = dys.shape
    places = list(np.ndindex(shape[1:] if len(shape) == 3 else shape[:-1]))
    entries = [(channel, *place) if len(shape) == 3 else (*place, channel) for place in places]
    errors, numbers, weighted = reading.numbers(dys), reading.numbers(normals), value == role(operation, "dweight")
    values = np.array([reading.array(dys)[entry] for entry in entries], np.float64)
    if weighted:
        values = values * np.array([reading.array(normals)[entry] for entry in entries], np.float64)

    def term(i: int) -> Term:
        factors = (errors(entries[i]), numbers(entries[i])) if weighted else (errors(entries[i]),)
        return Term(factors, float(values[i]))

    letters = {1: (channel,), 2: ("t", channel), 3: (channel, "r", "q")}[len(shape)]
    over = {1: "", 2: r"\sum_t ", 3: r"\sum_{r,q} "}[len(shape)]
    right = reading.symbol(dys, letters) + (rf"\, {reading.symbol(normals, letters)}" if weighted else "")
    return Equation("gradient", f"{result.symbol} = {over}{right}", Lazy(values, term), result)


def _parameters(reading: Reading, operation: Operation, index: Index) -> Sequence[Equation]:
    """Of the channel that an error lies in."""
    return tuple(_parameter(reading, operation, role(operation, name), (channel_of(index),)) for name in ("dweight", "dbias"))


for _kind in ("batch_norm", "layer_norm"):
    registry.gradients(f"{_kind}_backward_weight")(_parameters)
    registry.gradient_of(f"{_kind}_backward_weight")(_parameter)


@registry.after_step("running_statistics")
def running_statistics(reading: Reading, operation: Operation, value: Value, before: Number, after: Number) -> Sequence[Equation]:
    """r' = (1 - m) r + m mean, or the unbiased variance: n / (n - 1) times the batch's. A single number has none: nothing moves."""
    made = reading.trace.update
    of_mean = value == role(operation, "running_mean")
    if made is None or before.place is None:
        raise MissingError
    found = reading.number(role(operation, "mean" if of_mean else "variance"), before.place.index)
    count = len(made.batch) * int(operation.options["places"])
    if count < 2:
        return (Equation("running", f"{after.symbol} = {before.symbol}", (one(before),), after),)
    share = float(operation.options["momentum"])
    kept, taken = Number(1.0 - share, f"{1.0 - share:g}"), Number(share, f"{share:g}")
    factors = [taken, found] if of_mean else [taken, Number(count / (count - 1), rf"\frac{{{count}}}{{{count - 1}}}"), found]
    right = r" \cdot ".join(factor.symbol for factor in factors)
    symbols = rf"{after.symbol} = {kept.symbol} \cdot {before.symbol} + {right}"
    return (Equation("running", symbols, (product(kept, before), product(*factors)), after),)
