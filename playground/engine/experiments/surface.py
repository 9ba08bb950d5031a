"""The loss surface: the training loss over two of the network's numbers, coarse to fine, with the paths that lead over it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from playground.engine import changes
from playground.engine.experiments import descents
from playground.engine.experiments.base import Experiment, fixed, learning_alone, weights_at
from playground.engine.experiments.descents import Descent
from playground.engine.experiments.lab import Coordinate, Extent, Path, Surface, SurfaceAsked
from playground.engine.program.lowering import lower
from playground.errors import EngineError
from playground.sentences import say

if TYPE_CHECKING:  # at run time they would bring numba
    from playground.engine.preparing import ProgressReport
    from playground.engine.run import Run
    from playground.engine.trainer import Trainer

SAMPLES = 1000
STRIDES = (8, 4, 2, 1)
LEAST_HALF = 0.5
MARGIN = 1.25
SLICE_SECONDS = 0.004

Axes = tuple[Coordinate, Coordinate]


class SurfaceExperiment(Experiment):
    """First the descents, then the grid around all paths. The loss is that of ``Trainer.evaluate``: no dropout, no penalty."""

    def __init__(self, run: Run, asked: SurfaceAsked, progress: ProgressReport) -> None:
        super().__init__(run, progress)
        _check_grid(asked)
        self.asked = asked
        now, start = weights_at(run, "now"), weights_at(run, "start")
        self._now = now
        self._weights: Mapping[str, NDArray[Any]] = now if asked.origin == "now" else start
        self._learns = {key: array.shape for key, array in now.items() if not run.trainer.network.layout.placed[key].frozen}
        moved = _steepest({key: np.abs(now[key] - start[key]) for key in self._learns})
        self._axes: Axes | None = None
        self._own: tuple[Path, ...] = ()
        if asked.first is not None and asked.second is not None:
            self._axes = (self._checked(asked.first), self._checked(asked.second))
        else:
            self._axes = moved
        if self._axes is not None:
            self._own = (descents.path_of_run(run, self._axes),)
        training = run.document.training
        self._few = learning_alone(self.dataset, SAMPLES)
        self.rate = asked.rate if asked.rate is not None else descents.rate_for(training.optimizer, training.learning_rate)
        self.epochs = asked.epochs if asked.epochs is not None else descents.epochs_for(len(self._few.train))
        self._extent: Extent | None = None
        self._begin_grid(asked)
        self._paths: tuple[Path, ...] = ()

    def zoomed(self, asked: SurfaceAsked) -> bool:
        """Whether ``asked`` is this surface on another part of the plane: then that part is done next, and the paths stay."""
        same = self._axes is not None and self._settled(asked) == self._settled(self.asked)
        if not same or asked.extent is None or len(self._paths) < len(descents.kinds(len(self._few.train))):
            return False
        _check_grid(asked)
        self.asked, self.running, self.message, self._work, self._answer = asked, True, "", None, None
        self._begin_grid(asked)
        return True

    def _settled(self, asked: SurfaceAsked) -> SurfaceAsked:
        """``asked`` with what it leaves open as it is here, without its part of the plane."""
        first, second = self._axes or (asked.first, asked.second)
        rate, epochs = asked.rate or self.rate, asked.epochs or self.epochs
        return SurfaceAsked(asked.first or first, asked.second or second, asked.origin, rate, epochs)

    # -- the work
    def work(self) -> Iterator[bool]:
        if self._axes is None:
            yield from self._choose()
        assert self._axes is not None
        kinds = descents.kinds(len(self._few.train))
        if len(self._paths) < len(kinds):
            self._paths = ()
            for name in kinds:
                descent = Descent(name, self._make, len(self._few.train), self.epochs, self.rate, self._axes)
                self._paths = (*self._paths, descent.path)
                for _ in descent.run():
                    self._paths = (*self._paths[:-1], descent.path)
                    yield True
        if self._extent is None:
            self._extent = _around((*self._own, *self._paths))
        yield from self._grid(self._axes, self._extent)

    def _make(self, **training: object) -> Trainer:
        return self.trainer(self._few, self._weights, **training)

    def _choose(self) -> Iterator[bool]:
        """Nothing has moved yet: the two numbers that the plain descent moves most."""
        keys = [key for key in self._learns if self._learns[key]]
        if sum(math.prod(self._learns[key]) for key in keys) < 2:
            raise EngineError("a surface needs two numbers that learn.", where="surface", remedy="Add a Dense, or let a frozen node learn.")
        first = Coordinate(keys[0], (0,) * len(self._learns[keys[0]]))
        descent = Descent("full", self._make, len(self._few.train), self.epochs, self.rate, (first, first))
        for _ in descent.run():
            yield True
        after = descent.weights
        moved = _steepest({key: np.abs(after[key] - self._weights[key]) for key in keys})
        self._axes = moved or _first_two({key: self._learns[key] for key in keys})
        here = [float(self._weights[axis.key][axis.index]) for axis in self._axes]
        self._own = (Path("run", min(self.document.training.batch_size, len(self.dataset.train)), np.array([0]), np.array([here])),)

    def _begin_grid(self, asked: SurfaceAsked) -> None:
        self._values = np.full((asked.size, asked.size), np.nan)
        self._known = np.zeros((asked.size, asked.size), bool)
        self._stride = 0
        self._extent = asked.extent
        self.done, self.total = 0, asked.size**2

    def _grid(self, axes: Axes, extent: Extent) -> Iterator[bool]:
        from playground.engine.evaluation.evaluate import Evaluation
        from playground.engine.program.plan import number_type
        from playground.kernels import compile

        lowered = lower(changes.shaped(self.document, self._few))
        evaluation = Evaluation(lowered, self._few, "train", number_type(self.document.training.precision))
        plan = evaluation.plan
        compile.prepare(plan.names, plan.target.dtype, plan.target.isa, self.progress)
        flat = plan.parameters.copy()
        plan.layout.pack(self._now, flat)
        evaluation.begin(flat)
        while evaluation.busy:
            evaluation.advance(SLICE_SECONDS)
            yield True
        self._own = tuple(replace(one, loss=float(plan.spaces["losses"].mean(dtype=np.float64))) for one in self._own)
        plan.layout.pack(self._weights, flat)
        first, second = (descents.place_in(plan.layout, axis) for axis in axes)
        size = self.asked.size
        across, up = np.linspace(*extent[:2], size), np.linspace(*extent[2:], size)
        for stride in STRIDES:
            for row in range(0, size, stride):
                for column in range(0, size, stride):
                    if self._known[row, column]:
                        continue
                    flat[first], flat[second] = across[column], up[row]
                    evaluation.begin(flat)
                    while evaluation.busy:
                        evaluation.advance(SLICE_SECONDS)
                        yield True
                    self._values[row, column] = plan.spaces["losses"].mean(dtype=np.float64)
                    self._known[row, column] = True
                    self.done += 1
            self._stride = stride

    # -- the answer
    def found(self) -> Surface | None:
        if self._axes is None:
            return None
        first, second = (float(self._weights[axis.key][axis.index]) for axis in self._axes)
        shown = (*self._own, *self._paths)
        return Surface(
            state=self.state,
            asked=self.asked,
            first=self._axes[0],
            second=self._axes[1],
            at=(first, second),
            extent=self._extent or _around(shown),
            values=fixed(self._values),
            stride=self._stride,
            paths=shown,
            samples=len(self._few.train),
            of=len(self.dataset.train),
            weights=sum(math.prod(shape) for shape in self._learns.values()),
            rate=self.rate,
            epochs=self.epochs,
        )

    def _checked(self, axis: Coordinate) -> Coordinate:
        other = self.asked.second if axis is self.asked.first else self.asked.first
        if axis.key not in self._learns:
            there = ", ".join(self._learns) or say("none")
            raise EngineError(
                say("no number that learns is called {key!r}.", key=axis.key),
                where="surface",
                remedy=say("There are {there}.", there=there),
            )
        shape = self._learns[axis.key]
        if len(axis.index) != len(shape) or any(not 0 <= at < size for at, size in zip(axis.index, shape, strict=False)):
            raise EngineError(
                say("{key} has shape {shape}, got the index {index}.", key=axis.key, shape=shape, index=axis.index), where="surface"
            )
        if other == axis:
            raise EngineError("the two numbers are the same.", where="surface", remedy="Choose another one.")
        return axis


def _check_grid(asked: SurfaceAsked) -> None:
    if asked.size < 9 or (asked.size - 1) % STRIDES[0]:
        raise EngineError(
            say("a grid of {size} points a side cannot be refined.", size=asked.size), where="surface", remedy="Take 41, or 8 k + 1."
        )
    if asked.extent is not None:
        x0, x1, y0, y1 = asked.extent
        if not (all(map(math.isfinite, asked.extent)) and x0 < x1 and y0 < y1):
            raise EngineError(
                say("{extent} is no part of a plane.", extent=asked.extent), where="surface", remedy="Give the lower ends first."
            )


def _steepest(moved: Mapping[str, NDArray[Any]]) -> Axes | None:
    """The two entries that are largest; ``None`` where fewer than two are above 0."""
    found: list[tuple[float, Coordinate]] = []
    for key, array in moved.items():
        flat = np.nan_to_num(np.ravel(array))
        for place in np.argsort(-flat, kind="stable")[:2].tolist():
            if flat[place] > 0:
                index = tuple(int(at) for at in np.unravel_index(place, array.shape))
                found.append((float(flat[place]), Coordinate(key, index)))
    best = sorted(found, key=lambda one: -one[0])[:2]
    return (best[0][1], best[1][1]) if len(best) == 2 else None


def _first_two(shapes: Mapping[str, tuple[int, ...]]) -> Axes:
    """The first two numbers: where nothing moves, any will do."""
    places = [Coordinate(key, tuple(int(at) for at in index)) for key, shape in shapes.items() for index in list(np.ndindex(*shape))[:2]]
    return places[0], places[1]


def _around(shown: tuple[Path, ...]) -> Extent:
    """The part of the plane that holds the run's path, or where it has none the plain descent's; of the others as far again as that
    goes, on each side, at most: one that leaves does not take the rest out of sight."""
    calm = shown[:1] if len(shown[0].points) > 1 else [one for one in shown if one.name in ("run", "full") and not one.diverged]
    inner = np.concatenate([one.points for one in calm])
    low, high = inner.min(axis=0), inner.max(axis=0)
    reach = np.maximum(high - low, LEAST_HALF)
    points = np.concatenate([one.points for one in shown])
    low = np.maximum(np.minimum(low, points.min(axis=0)), low - reach)
    high = np.minimum(np.maximum(high, points.max(axis=0)), high + reach)
    middle, half = (low + high) / 2, np.maximum((high - low) / 2 * MARGIN, LEAST_HALF)
    (x0, y0), (x1, y1) = (middle - half).tolist(), (middle + half).tolist()
    return x0, x1, y0, y1
