"""Descents from one point: the whole training set at each step, small batches, single samples, and with momentum; as many samples each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from playground.document.optimizers import OPTIMIZERS
from playground.engine.experiments.base import evaluated
from playground.engine.experiments.lab import Coordinate, Path, PathName

if TYPE_CHECKING:  # at run time they would bring numba
    from playground.engine.program.arena import ParameterLayout
    from playground.engine.run import Run
    from playground.engine.trainer import Trainer

POINTS = 400
"""Of a path at most: the steps between two of them are made at one go."""
MINI = 10
MOMENTUM = 0.9
SAMPLES_SEEN = 20_000

Make = Callable[..., "Trainer"]
"""A trainer from the point of departure, with these training settings."""


def kinds(samples: int) -> dict[PathName, tuple[int, dict[str, object]]]:
    """Batch size and settings of each descent over so many samples."""
    mini = MINI if samples > MINI else max(1, samples // 2)
    plain: dict[str, object] = {"optimizer": "sgd"}
    return {
        "full": (samples, plain),
        "mini": (mini, plain),
        "stochastic": (1, plain),
        "momentum": (samples, {"optimizer": "momentum", "momentum": MOMENTUM}),
    }


def epochs_for(samples: int) -> int:
    """How many rounds of the samples show something."""
    return max(5, min(100, SAMPLES_SEEN // max(samples, 1)))


def rate_for(optimizer: str, rate: float) -> float:
    """The rate of plain descent that a run's rate stands for: an adaptive optimizer's is about a tenth of what plain descent takes."""
    return min(10 * rate, 1.0) if OPTIMIZERS[optimizer].adaptive else rate


def place_in(layout: ParameterLayout, coordinate: Coordinate) -> int:
    """Where the number lies in a flat range of the network."""
    placed = layout.placed[coordinate.key]
    row, column = divmod(int(np.ravel_multi_index(coordinate.index, placed.storage.shape)), placed.storage.columns)
    return placed.start + row * placed.storage.stride + column


class Descent:
    """One of the descents; ``path`` is how far it has come."""

    def __init__(self, name: PathName, make: Make, samples: int, epochs: int, rate: float, axes: tuple[Coordinate, Coordinate]) -> None:
        batch, settings = kinds(samples)[name]
        self._trainer = make(batch_size=batch, learning_rate=rate, **settings)
        self._places = [place_in(self._trainer.network.layout, axis) for axis in axes]
        self._wanted = epochs * self._trainer.steps_per_epoch
        self._name, self._batch = name, batch
        self._steps, self._points = [0], [self._here()]
        self._loss: float | None = None

    @property
    def weights(self) -> Mapping[str, NDArray[Any]]:
        """As they are now: copies."""
        return self._trainer.network.parameters

    def run(self) -> Iterator[bool]:
        """Go down; a yield at each point."""
        trainer, every = self._trainer, -(-self._wanted // POINTS)
        while trainer.step_count < self._wanted and trainer.divergence is None:
            target = min(trainer.step_count + every, self._wanted)
            while trainer.step_count < target and trainer.divergence is None:
                trainer.advance(0.004, target - trainer.step_count)
                yield True
            if trainer.step_count > self._steps[-1]:
                self._steps.append(trainer.step_count)
                self._points.append(self._here())
        self._loss = (yield from evaluated(trainer, "train")).loss
        yield True

    @property
    def path(self) -> Path:
        diverged = self._trainer.divergence is not None
        return Path(self._name, self._batch, np.array(self._steps), np.array(self._points), self._loss, diverged)

    def _here(self) -> tuple[float, float]:
        first, second = self._trainer.network.flat[self._places].tolist()
        return float(first), float(second)


def path_of_run(run: Run, axes: tuple[Coordinate, Coordinate]) -> Path:
    """The way that the run has come: every step where every weight is remembered, else the kept moments; at its end, now."""
    trainer, curves = run.trainer, run.history.curves.snapshot()
    present = trainer.network.parameters
    batch = min(run.document.training.batch_size, len(trainer.dataset.train))
    names = [f"parameter/{axis.key}/{np.ravel_multi_index(axis.index, present[axis.key].shape)}" for axis in axes]
    if all(name in curves for name in names) and len(curves[names[0]].steps) == len(curves[names[1]].steps):
        steps = curves[names[0]].steps.tolist()
        points = np.column_stack([curves[name].values for name in names]).tolist()
    else:
        kept = [one for one in run.history.checkpoints if all(_fits(one.state.weights, axis, present) for axis in axes)]
        steps = [one.step for one in kept]
        points = [[float(one.state.weights[axis.key][axis.index]) for axis in axes] for one in kept]
    while steps and steps[-1] >= trainer.step_count:
        steps.pop()
        points.pop()
    steps.append(trainer.step_count)
    points.append([float(present[axis.key][axis.index]) for axis in axes])
    return Path("run", batch, np.array(steps), np.array(points))


def _fits(weights: Mapping[str, NDArray[Any]], axis: Coordinate, present: Mapping[str, NDArray[Any]]) -> bool:
    return axis.key in weights and np.shape(weights[axis.key]) == np.shape(present[axis.key])
