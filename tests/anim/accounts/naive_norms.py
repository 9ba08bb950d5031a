"""Batch norm and layer norm for the naive passes of a batch: a statistic of all its samples, and the error by it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from tests.anim.accounts.near import UNIT, Near

if TYPE_CHECKING:
    from tests.anim.accounts.naive import Pass

TYPES = ("BatchNorm", "LayerNorm")


def wide(numbers: Near, shape: tuple[int, ...]) -> Near:
    """One number a channel, as a value of ``shape``."""
    at = (slice(None), None, None) if len(shape) == 3 else (slice(None),)
    return Near(np.broadcast_to(numbers.value[at], shape), np.broadcast_to(numbers.error[at], shape))


def spread_over(numbers: Near, shape: tuple[int, ...]) -> Near:
    """One number a place (of a layer norm), as a value of ``shape``."""
    at = (None, slice(None), slice(None)) if len(shape) == 3 else (..., None)
    return Near(np.broadcast_to(numbers.value[at], shape), np.broadcast_to(numbers.error[at], shape))


def mean_of(samples: Sequence[Near], by_place: bool = False) -> Near:
    """The mean of each channel over all samples and places; or, of one sample, that of each place over the channels."""
    shape = samples[0].shape
    axis: tuple[int, ...] = (1, 2) if len(shape) == 3 else tuple(range(len(shape) - 1))
    if by_place:
        axis = (0,) if len(shape) == 3 else (len(shape) - 1,)
    value = np.mean([one.value.mean(axis) for one in samples], axis=0)
    count = len(samples) * int(np.prod([shape[at] for at in axis]))
    size = np.mean([np.abs(one.value).mean(axis) for one in samples], axis=0)
    return Near(value, np.mean([one.error.mean(axis) for one in samples], axis=0) + (count + 2) * UNIT * size)


def q_of(variance: Near, epsilon: float) -> Near:
    """sqrt(variance + epsilon)."""
    return (variance + Near(np.full(variance.shape, epsilon), np.full(variance.shape, epsilon * UNIT))).monotone(np.sqrt, least=0.0)


def normalized(x: Near, mean: Near, q: Near) -> Near:
    return (x - mean) / q


def by_batch(scale: Near, error: Near, normal: Near, errors: Near, products: Near) -> Near:
    """w / q (dy - mean dy - n mean dy n)."""
    return scale * (error - errors - normal * products)


# -- of a pass
def q(made: Pass, node: str) -> Near:
    """sqrt(variance + epsilon) of a norm, a number a channel (a place, of a layer norm)."""
    return q_of(made.values[node]["variance"], made.fields[node]["epsilon"])


def scale(made: Pass, node: str) -> Near:
    """w / q of a batch norm, a number a channel."""
    return made.weight(node) / q(made, node)


def forward(one: Pass, node: str, made: dict[str, Near], batch: Sequence[Pass]) -> None:
    (x,) = one.inputs(node)
    by_place = one.type(node) == "LayerNorm"
    over = spread_over if by_place else wide
    if not by_place and one.running(node):
        made["mean"], made["variance"] = (one.parameters[f"{node}/{name}"] for name in ("running_mean", "running_var"))
    else:
        xs = [x] if by_place else [other.inputs(node)[0] for other in batch]
        made["mean"] = mean_of(xs, by_place)
        distances = [other - over(made["mean"], x.shape) for other in xs]
        made["variance"] = mean_of([distance * distance for distance in distances], by_place)
    made["normalized"] = normalized(x, over(made["mean"], x.shape), over(q(one, node), x.shape))
    weight, bias = (wide(one.parameters[f"{node}/{name}"], x.shape) for name in ("weight", "bias"))
    made["output"] = weight * made["normalized"] + bias


def backward(one: Pass, node: str, batch: Sequence[Pass]) -> Near:
    """The error by what ``node`` reads; its gradients go into ``one``."""
    error, normal = one.errors[node]["output"], one.values[node]["normalized"]
    shape = error.shape
    places = error.value.size // one.weight(node).value.size
    for name, products in (("weight", error * normal), ("bias", error)):
        mean = mean_of([products])
        one.gradients[f"{node}/{name}"] = mean * Near.exact(np.full(mean.shape, float(places)))
    if one.type(node) == "LayerNorm":
        weighed = wide(one.weight(node), shape) * error
        first, second = mean_of([weighed], True), mean_of([weighed * normal], True)
        return (weighed - spread_over(first, shape) - normal * spread_over(second, shape)) / spread_over(q(one, node), shape)
    if one.running(node):
        return error * wide(scale(one, node), shape)
    errors, products = batch_means(node, batch)
    return by_batch(wide(scale(one, node), shape), error, normal, wide(errors, shape), wide(products, shape))


def batch_means(node: str, batch: Sequence[Pass]) -> tuple[Near, Near]:
    """The means over the batch and all places of the error and of its product with the normalized number, a number a channel."""
    errors = [one.errors[node]["output"] for one in batch]
    return mean_of(errors), mean_of([e * one.values[node]["normalized"] for e, one in zip(errors, batch, strict=True)])
