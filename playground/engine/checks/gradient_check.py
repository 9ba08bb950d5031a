"""Gradient check: the backward pass against finite differences of the forward pass, in float64.

For every parameter, a the gradient by backward and n the numeric one: ||a - n|| / max(||a||, ||n||, 1e-10), taken twice: over
up to 200 seeded entries, and over derivatives along random directions. Numeric derivatives are central differences of fourth
order, (f(-2h) - 8 f(-h) + 8 f(h) - f(2h)) / 12h. Where a kink (of ReLU, say; ``layers.kinks`` has them) lies between the points, h
shrinks; an entry that no h keeps clear of a kink is left out; where that leaves nothing of a parameter, it is checked at weights
a little way off. So h does where the loss bends too sharply for h: the same points give
a difference of second order, and the two must agree (a layer norm over two features is nearly a step where they are equal). A
difference of losses cannot tell a derivative from 0 that is smaller than
their rounding (a bias before a batch norm has none at all): where a and n both are, they agree.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Collection, Generator, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playground.data import registry as data
from playground.document.model import Document
from playground.engine import changes, given
from playground.engine.checks.bugs import planted, possible
from playground.engine.checks.check_samples import Asked, draw, has_lengths
from playground.engine.checks.checked import LIMIT, Bug, Entry, GradientCheck, ParameterCheck
from playground.engine.network import GRADIENTS, Network
from playground.engine.program.lowering import Lowered, Role, lower, not_handed_back
from playground.engine.program.plan import Plan
from playground.engine.program.sequences import Lengths
from playground.layers import kinks, registry
from playground.sentences import say

Array = NDArray[Any]

SAMPLES = 8
ENTRIES = 200
DIRECTIONS = 4
STEPS = (1e-3, 1e-4, 1e-5)
ROUNDING = 16 * np.finfo(np.float64).eps
"""Of a loss, by how much rounding may move it; over h, of a derivative."""
ASIDE = 0.05
"""How far off, as a share of a parameter's root mean square."""
SHARE = 0.1
"""Of the limit, what the differences themselves may be wrong by."""
STRAIGHT = 1e-5
"""By what share differences of second and fourth order may differ for the latter to be right: the loss hardly bends over h."""


class Checking:
    """A check in slices. ``weights``: check at these instead of drawn ones (what is all zero is moved off it); ``bug``: in a network
    with this bug planted; ``lengths``: with sequences that end early. ``bugs`` are those that could be planted, ``kernel_names`` is what
    it calls; ``done`` of ``total`` derivatives are taken."""

    def __init__(
        self,
        document: Document,
        seed: int = 0,
        samples: int = SAMPLES,
        weights: Mapping[str, Array] | None = None,
        bug: Bug | None = None,
        lengths: bool = False,
    ) -> None:
        lowered = lower(_shaped(given.document(document)))
        network = Network(document, "float64", seed, lowered=lowered if bug is None else planted(lowered, bug))
        purpose = replace(GRADIENTS, masked=bool(lowered.masks) and (lengths or has_lengths(document)))
        self.bugs, self.kernel_names = possible(lowered), network.plan(purpose, samples).names
        self.done, self.total = 0, 0
        self._lowered = lowered
        self.reason = next(filter(None, (_reason(lowered, document, node) for node in lowered.order)), "")
        self._checks: list[ParameterCheck] = []
        self._rng = np.random.default_rng(seed)
        self._network, self._document, self._samples = network, document, samples
        self._given, self._lengths = weights, lengths
        self._work = iter(()) if self.reason else self._derivatives()
        if not self.reason:
            sizes = [array.size for key, array in network.parameters.items() if key in network.layout.trained]
            self.total = sum(min(ENTRIES, size) + DIRECTIONS for size in sizes)
        self.running = not self.reason

    def advance(self, seconds: float) -> None:
        """Take derivatives for about ``seconds``."""
        end = time.perf_counter() + seconds
        while self.running and time.perf_counter() < end:
            if next(self._work, None) is None:
                self.running = False
            else:
                self.done += 1

    @property
    def result(self) -> GradientCheck:
        """What is known by now."""
        if self.reason:
            return GradientCheck(None, self.reason, ())
        found = GradientCheck(max((check.relative_error for check in self._checks), default=0.0), "", tuple(self._checks))
        wrong = [check.name.partition("/")[0] for check in found.parameters if check.relative_error > LIMIT]
        return replace(found, cause=_cause(self._lowered, wrong)) if wrong else found

    def _derivatives(self) -> Iterator[bool]:
        network, rng = self._network, self._rng
        parameters = {key: array for key, array in network.parameters.items() if key in network.layout.trained}
        if self._given is None:
            network.set_parameters({key: array + 0.1 * rng.standard_normal(array.shape) for key, array in parameters.items()})
        else:
            given = {key: np.asarray(array, np.float64) for key, array in self._given.items() if key in parameters}
            moved = {key: array if array.any() else 0.1 * rng.standard_normal(array.shape) for key, array in given.items()}
            network.set_parameters(moved)
        asked = draw(self._document, network.lowered, rng, self._samples, self._lengths)
        _, gradients = network.gradients(asked.x, asked.target, lengths=asked.lengths)
        probe = _Probe(network, asked.x, asked.target, asked.lengths)
        for key, gradient in gradients.items():
            check = yield from _check(probe, key, gradient, rng)
            self._checks.append((yield from self._aside(key, asked, rng)) if check.unchecked else check)

    def _aside(self, key: str, asked: Asked, rng: np.random.Generator) -> Generator[bool, None, ParameterCheck]:
        """Take the derivatives of a parameter that has kinks on all sides a little way off: with filters set by hand, every flat
        part of a picture lies on ReLU's."""
        network = self._network
        here = {name: array for name, array in network.parameters.items() if name in network.layout.trained}
        self.total += min(ENTRIES, here[key].size) + DIRECTIONS
        sizes = {name: float(np.sqrt(np.mean(np.square(array)))) or 1.0 for name, array in here.items()}
        network.set_parameters({name: array + ASIDE * sizes[name] * rng.standard_normal(array.shape) for name, array in here.items()})
        _, gradients = network.gradients(asked.x, asked.target, lengths=asked.lengths)
        check = yield from _check(_Probe(network, asked.x, asked.target, asked.lengths), key, gradients[key], rng)
        network.set_parameters(here)
        return replace(check, aside=True)


def check_gradients(
    document: Document,
    seed: int = 0,
    samples: int = SAMPLES,
    weights: Mapping[str, Array] | None = None,
    bug: Bug | None = None,
    lengths: bool = False,
) -> GradientCheck:
    """Check every parameter of ``document`` on random samples (or its data set's) with random targets; with ``lengths``, sequences of
    random length.

    Random targets make a random cotangent: the derivative by the prediction that backward starts from. Weights that start at
    zero are moved off it first, so that no gradient is checked only where it vanishes.
    """
    checking = Checking(document, seed, samples, weights, bug, lengths)
    while checking.running:
        checking.advance(1.0)
    return checking.result


def _shaped(document: Document) -> Document:
    """``document`` with the shape of its data set's samples, where there is one."""
    if not document.data.name:
        return document
    return changes.shaped(document, data.load(document.data.name, **document.data.options))


def _reason(lowered: Lowered, document: Document, node: str) -> str:
    reason = registry.get(document.nodes[node].type).non_differentiable(lowered.fields[node])
    return f"{node}: {reason}" if reason else ""


def _cause(lowered: Lowered, wrong: Collection[str]) -> str:
    """Where the error is lost on its way back to nodes with a ``wrong`` gradient: no mistake where it is 0 in truth, as behind what reads
    tokens."""
    for node, port in not_handed_back(lowered):
        source = lowered.sources[node][port]
        before = {source}
        for one in reversed(lowered.order):
            before.update(lowered.sources[one] if one in before else ())
        if before.intersection(wrong):
            return say(
                "{node}: its backward writes no gradient of input {port}: no error goes back to {source}.",
                node=node,
                port=port,
                source=source,
            )
    return ""


@dataclass(frozen=True, slots=True)
class _Slope:
    """A derivative by differences; how much of it may be rounding; how far it is off from that by a larger step, where one would not do."""

    value: float
    noise: float
    error: float


class _Probe:
    """The loss as a function of one flat range of parameters, with the sides of all kinks that the samples came to lie on."""

    def __init__(self, network: Network, x: Mapping[str, Array], target: Array, lengths: Lengths = None) -> None:
        self._network, self._asked = network, network.asked(x, target, lengths)
        operations = network.lowered.within("training").forward
        self._kinks = [(operation, declared) for operation in operations if (declared := kinks.find(operation.name))]

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
        loss = self._network.loss_of(self._asked, lambda plan, count: sides.extend(self._sides(plan, count)))
        return loss, sides

    def _sides(self, plan: Plan, count: int) -> Iterator[Array]:
        """Those of the ``count`` samples that ``plan`` has just run."""

        def numbers(role: Role) -> Any:
            if isinstance(role, tuple):
                return [plan.value(value)[..., :count] for value in role]
            return None if role is None or not plan.has(role) else plan.value(role)[..., :count]

        for operation, declared in self._kinks:
            values = {role: numbers(operation.roles[role]) for role in declared.reads}
            yield np.array(declared.sides(values, operation.options))


def _check(probe: _Probe, key: str, gradient: Array, rng: np.random.Generator) -> Generator[bool, None, ParameterCheck]:
    """Take the derivatives of one parameter, one at each turn."""
    part, places, flat = probe.part(key), probe.entries(key), gradient.reshape(-1)
    chosen = rng.choice(flat.size, min(ENTRIES, flat.size), replace=False)
    found: dict[int, _Slope] = {}
    for entry in chosen:
        direction = np.zeros_like(part)
        direction[places[entry]] = 1.0
        slope = _derivative(probe, part, direction)
        if slope is not None:
            found[int(entry)] = slope
        yield True
    along: list[tuple[float, _Slope]] = []
    for _ in range(DIRECTIONS):
        direction = np.zeros_like(part)
        direction[places] = rng.standard_normal(flat.size)
        direction /= np.linalg.norm(direction)
        slope = _derivative(probe, part, direction)
        if slope is not None:
            along.append((float(flat @ direction[places]), slope))
        yield True
    known = _known(list(found.values()))
    kept = {entry: slope for entry, slope in found.items() if known(slope)}
    pairs = [_pair(float(flat[entry]), slope) for entry, slope in kept.items()]
    known = _known([slope for _, slope in along])
    directed = [_pair(analytic, slope) for analytic, slope in along if known(slope)]
    skipped, curved = len(chosen) - len(kept), len(found) - len(kept)
    if not pairs and not directed:  # kinks on all sides: an unchecked gradient must not pass for a right one
        return ParameterCheck(key, math.inf, 0, math.inf, math.inf, None, skipped, curved)
    worst = max(kept, key=lambda entry: abs(float(flat[entry]) - kept[entry].value), default=None)
    shown = None
    if worst is not None:
        index = tuple(int(at) for at in np.unravel_index(worst, gradient.shape))
        shown = Entry(index, float(flat[worst]), kept[worst].value)
    by_entry, by_direction = relative_error(pairs), relative_error(directed)
    return ParameterCheck(key, max(by_entry, by_direction), len(pairs), by_entry, by_direction, shown, skipped, curved)


def _derivative(probe: Callable[[], tuple[float, list[Array]]], part: Array, direction: Array) -> _Slope | None:
    """The loss's derivative along ``direction``, by the largest step that is small enough, or else by the best one; ``None`` where a
    kink is closer than the smallest."""
    origin = part.copy()
    best: _Slope | None = None
    try:
        before: float | None = None
        for h in STEPS:
            found = []
            for factor in (-2, -1, 1, 2):
                part[:] = origin + factor * h * direction
                found.append(probe())
            sides = [side for _, side in found]
            if all(np.array_equal(a, b) for side in sides[1:] for a, b in zip(sides[0], side, strict=True)):
                a, b, c, d = (loss for loss, _ in found)
                value, plain = (a - 8 * b + 8 * c - d) / (12 * h), (c - b) / (2 * h)
                noise = ROUNDING * max(map(abs, (a, b, c, d))) / h
                if before is not None:
                    error = abs(value - before)
                else:
                    error = 0.0 if abs(value - plain) <= noise + STRAIGHT * abs(value) else abs(value - plain)
                if best is None or error < best.error:
                    best = _Slope(value, noise, error)
                if error <= noise + SHARE * LIMIT * abs(value):
                    break
                before = value
        return best
    finally:
        part[:] = origin


def _known(slopes: list[_Slope]) -> Callable[[_Slope], bool]:
    """Whether a derivative is known well enough to judge others by: its error is no more than rounding, or small beside all of them."""
    largest = float(np.linalg.norm([slope.value for slope in slopes]))
    return lambda slope: slope.error <= slope.noise + SHARE * LIMIT * largest


def _pair(analytic: float, slope: _Slope) -> tuple[float, float]:
    """Both derivatives; zeros where neither can be told from 0."""
    return (0.0, 0.0) if abs(analytic) <= slope.noise and abs(slope.value) <= slope.noise else (analytic, slope.value)


def relative_error(pairs: list[tuple[float, float]]) -> float:
    """||a - n|| / max(||a||, ||n||, 1e-10) over (a, n) pairs; 0 for none."""
    if not pairs:
        return 0.0
    a, n = np.array(pairs).T
    error = float(np.linalg.norm(a - n)) / max(float(np.linalg.norm(a)), float(np.linalg.norm(n)), 1e-10)
    return error if not math.isnan(error) else math.inf
