"""Gradient check: the backward pass against finite differences of the forward pass, in float64.

For every parameter, a the gradient by backward and n the numeric one: ||a - n|| / max(||a||, ||n||, 1e-10), taken twice: over
up to 200 seeded entries, and over derivatives along random directions. Numeric derivatives are central differences of fourth
order, (f(-2h) - 8 f(-h) + 8 f(h) - f(2h)) / 12h. Where a kink (of ReLU, say; ``layers.kinks`` has them) lies between the points, h
shrinks; an entry that no h keeps clear of a kink is left out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playground.data import registry as data
from playground.document.model import Document
from playground.engine.lowering import Lowered, Role
from playground.engine.network import Network
from playground.engine.plan import Plan
from playground.layers import kinks, registry

Array = NDArray[Any]

SAMPLES = 8
ENTRIES = 200
DIRECTIONS = 4
LIMIT = 1e-6
STEPS = (1e-3, 1e-4, 1e-5)


@dataclass(frozen=True, slots=True)
class ParameterCheck:
    """The errors of one parameter: over ``entries`` single entries, along random directions, and the larger of the two."""

    name: str
    relative_error: float
    entries: int
    entry_error: float
    direction_error: float


@dataclass(frozen=True, slots=True)
class GradientCheck:
    """``max_relative_error`` is ``None`` with a ``reason`` where a check would be meaningless."""

    max_relative_error: float | None
    reason: str
    parameters: tuple[ParameterCheck, ...]

    @property
    def passed(self) -> bool:
        return self.max_relative_error is None or self.max_relative_error <= LIMIT


def check_gradients(document: Document, seed: int = 0, samples: int = SAMPLES) -> GradientCheck:
    """Check every parameter of ``document`` on random samples (or its data set's) with random targets.

    Random targets make a random cotangent: the derivative by the prediction that backward starts from. Weights that start at
    zero are moved off it first, so that no gradient is checked only where it vanishes.
    """
    network = Network(document, "float64", seed)
    reason = next(filter(None, (_reason(network.lowered, document, node) for node in network.lowered.order)), "")
    if reason:
        return GradientCheck(None, reason, ())
    rng = np.random.default_rng(seed)
    parameters = network.parameters
    network.set_parameters({key: array + 0.1 * rng.standard_normal(array.shape) for key, array in parameters.items()})
    x, target = _samples(document, network.lowered, rng, samples)
    _, gradients = network.gradients(x, target)
    probe = _Probe(network, x, target)
    checks = tuple(_check(probe, key, gradients[key], rng) for key in gradients)
    return GradientCheck(max((check.relative_error for check in checks), default=0.0), "", checks)


def _reason(lowered: Lowered, document: Document, node: str) -> str:
    reason = registry.get(document.nodes[node].type).non_differentiable(lowered.fields[node])
    return f"{node}: {reason}" if reason else ""


def _samples(document: Document, lowered: Lowered, rng: np.random.Generator, count: int) -> tuple[dict[str, Array], Array]:
    """Samples of the data set where it has enough, else random ones; random targets."""
    x = {node: rng.standard_normal((count, *value.shape)) for node, value in lowered.inputs.items()}
    if document.data.name:
        dataset = data.load(document.data.name, **document.data.options)
        if len(dataset.train) >= count:
            picked = rng.choice(len(dataset.train), count, replace=False)
            given = dataset.train.x[picked].astype(np.float64) * dataset.scale + dataset.offset
            x = {node: given if value.shape == given.shape[1:] else x[node] for node, value in lowered.inputs.items()}
    kind, prediction = lowered.fields[lowered.output]["loss"], lowered.prediction.shape
    if kind == "softmax_cross_entropy":
        return x, rng.integers(0, prediction[-1], (count, *prediction[:-1]))
    if kind == "binary_cross_entropy":
        return x, rng.uniform(0.0, 1.0, (count, *prediction))
    return x, rng.standard_normal((count, *prediction))


class _Probe:
    """The loss as a function of one flat range of parameters, with the sides of all kinks that the samples came to lie on."""

    def __init__(self, network: Network, x: Mapping[str, Array], target: Array) -> None:
        self._network, self._x, self._target = network, x, target
        self._kinks = [(operation, declared) for operation in network.lowered.forward if (declared := kinks.find(operation.name))]

    def part(self, key: str) -> Array:
        """The flat part of a parameter, padding included, live."""
        placed = self._network.layout.placed[key]
        return self._network.flat[placed.start : placed.end]

    def entries(self, key: str) -> Array:
        """Where the parameter's entries lie within :meth:`part`, in reading order."""
        storage = self._network.layout.placed[key].storage
        return np.arange(storage.extent).reshape(storage.rows, storage.stride)[:, : storage.columns].reshape(-1)

    def __call__(self) -> tuple[float, list[Array]]:
        """The loss, and the sides of the kinks on which all samples lie."""
        sides: list[Array] = []
        loss = self._network.loss(self._x, self._target, lambda plan, count: sides.extend(self._sides(plan, count)))
        return loss, sides

    def _sides(self, plan: Plan, count: int) -> Iterator[Array]:
        """Those of the ``count`` samples that ``plan`` has just run."""

        def numbers(role: Role) -> Any:
            if isinstance(role, tuple):
                return [plan.value(value)[..., :count] for value in role]
            return None if role is None else plan.value(role)[..., :count]

        for operation, declared in self._kinks:
            values = {role: numbers(operation.roles[role]) for role in declared.reads}
            yield np.array(declared.sides(values, operation.options))


def _check(probe: _Probe, key: str, gradient: Array, rng: np.random.Generator) -> ParameterCheck:
    part, places, flat = probe.part(key), probe.entries(key), gradient.reshape(-1)
    chosen = rng.choice(flat.size, min(ENTRIES, flat.size), replace=False)
    pairs: list[tuple[float, float]] = []
    for entry in chosen:
        direction = np.zeros_like(part)
        direction[places[entry]] = 1.0
        numeric = _derivative(probe, part, direction)
        if numeric is not None:
            pairs.append((float(flat[entry]), numeric))
    along: list[tuple[float, float]] = []
    for _ in range(DIRECTIONS):
        direction = np.zeros_like(part)
        direction[places] = rng.standard_normal(flat.size)
        direction /= np.linalg.norm(direction)
        numeric = _derivative(probe, part, direction)
        if numeric is not None:
            along.append((float(flat @ direction[places]), numeric))
    if not pairs and not along:  # kinks on all sides: an unchecked gradient must not pass for a right one
        return ParameterCheck(key, math.inf, 0, math.inf, math.inf)
    by_entry, by_direction = relative_error(pairs), relative_error(along)
    return ParameterCheck(key, max(by_entry, by_direction), len(pairs), by_entry, by_direction)


def _derivative(probe: Callable[[], tuple[float, list[Array]]], part: Array, direction: Array) -> float | None:
    """The loss's derivative along ``direction``; ``None`` where a kink is closer than the smallest step."""
    origin = part.copy()
    try:
        for h in STEPS:
            found = []
            for factor in (-2, -1, 1, 2):
                part[:] = origin + factor * h * direction
                found.append(probe())
            sides = [side for _, side in found]
            if all(np.array_equal(a, b) for side in sides[1:] for a, b in zip(sides[0], side, strict=True)):
                (a, _), (b, _), (c, _), (d, _) = found
                return (a - 8 * b + 8 * c - d) / (12 * h)
        return None
    finally:
        part[:] = origin


def relative_error(pairs: list[tuple[float, float]]) -> float:
    """||a - n|| / max(||a||, ||n||, 1e-10) over (a, n) pairs; 0 for none."""
    if not pairs:
        return 0.0
    a, n = np.array(pairs).T
    error = float(np.linalg.norm(a - n)) / max(float(np.linalg.norm(a)), float(np.linalg.norm(n)), 1e-10)
    return error if not math.isnan(error) else math.inf
