"""What a unit answers most to: gradient ascent on the picture itself (D. Erhan et al. 2009, "Visualizing higher-layer features").

A map is asked at the cell in its middle: the mean of a whole map is linear in the picture behind a first convolution, and is largest
for a picture of one shade. Free ascent ends in high-frequency noise, so the picture is shifted by a pixel at each step and smoothed now
and then where a cell sees enough of it (C. Olah et al. 2017, "Feature visualization", has the reasons), and kept in the range of the data.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from playground.document.receptive import Field, receptive_field
from playground.engine.experiments import vision
from playground.engine.experiments.base import Experiment, fixed
from playground.engine.experiments.lab import Preferred, PreferredAsked
from playground.errors import EngineError
from playground.sentences import say

if TYPE_CHECKING:  # at run time they would bring numba
    from playground.engine.preparing import ProgressReport
    from playground.engine.run import Run

Numbers = NDArray[np.float32]

RATE = 0.03
"""Of the range of the data a step, for the mean pixel."""
DECAY = 0.01
"""Share of its distance from the middle that each pixel loses a step: what nobody asks for turns gray."""
SMOOTHED = 4
"""Steps from one smoothing to the next; the last tenth of the steps has none."""
WIDE = 12
"""Rows and columns from which on what a cell sees is shifted and smoothed: a kernel of 5 x 5 would be lost by it."""


class PreferredExperiment(Experiment):
    """At the present weights, outside training mode."""

    def __init__(self, run: Run, asked: PreferredAsked, progress: ProgressReport) -> None:
        super().__init__(run, progress)
        from playground.engine.seeded import Seeded

        if asked.steps < 1:
            raise EngineError(say("expected 1 step or more, got {steps}.", steps=asked.steps), where="steps")
        network = vision.copied(run)
        self._shape = vision.shape_of(network.lowered)
        self._seeded = Seeded(network, asked.node, 1)
        self.asked, self.total = asked, asked.steps
        self._cotangent = chosen(self._seeded.value.shape, asked.unit, asked.node)
        shape = self._seeded.value.shape
        field = receptive_field(self.document, self._seeded.value.node) if len(shape) == 3 else None
        self._field = field or Field.whole(self._shape[1:])
        self._place = (shape[1] // 2, shape[2] // 2) if field is not None else (0, 0)
        self._wide = min(self._field.rows, self._field.columns) >= WIDE
        self._low, self._high = vision.ends(self.dataset)
        self._middle = float(vision.seen(self.dataset, self.dataset.train.x[:1000]).mean())
        self._picture = self._noise()
        self._answers: list[float] = []

    def work(self) -> Iterator[bool]:
        self._seeded.prepare(self.progress)
        yield True
        rng = np.random.default_rng([self.asked.seed, 1])
        self._picture, self._answers, self.done = self._noise(), [], 0
        for step in range(self.asked.steps):
            shift = rng.integers(-1, 2, 2) if self._wide else np.zeros(2, np.int64)
            self._answers.append(self._pulled(self._picture)[0])
            _, slope = self._pulled(np.roll(self._picture, shift, (1, 2)))
            self._picture = self._climbed(self._picture, np.roll(slope, -shift, (1, 2)), step)
            self.done = step + 1
            yield True
        self._answers.append(self._pulled(self._picture)[0])

    def found(self) -> Preferred:
        return Preferred(
            state=self.state,
            asked=self.asked,
            picture=fixed(self._field.patch(self._picture, *self._place)),
            low=self._low,
            high=self._high,
            answers=fixed(np.array(self._answers, np.float64)),
        )

    def _pulled(self, picture: Numbers) -> tuple[float, Numbers]:
        """sum(cotangent * value), and its derivative by the picture."""
        value, slopes = self._seeded(picture.reshape(1, *self._seeded.input.shape), self._cotangent)
        return float((value[0] * self._cotangent).sum()), slopes[self._seeded.input.node][0].reshape(self._shape).astype(np.float32)

    def _climbed(self, picture: Numbers, slope: Numbers, step: int) -> Numbers:
        size = float(np.sqrt(np.square(slope).mean()))
        if size > 0:
            picture = picture + np.float32(RATE * (self._high - self._low) / size) * slope
        picture = picture - np.float32(DECAY) * (picture - np.float32(self._middle))
        if self._wide and step % SMOOTHED == SMOOTHED - 1 and step < 0.9 * self.asked.steps:
            picture = smoothed(picture)
        return np.clip(picture, self._low, self._high).astype(np.float32)

    def _noise(self) -> Numbers:
        rng = np.random.default_rng([self.asked.seed, 0])
        noise = self._middle + 0.05 * (self._high - self._low) * rng.standard_normal(self._shape)
        return np.clip(noise, self._low, self._high).astype(np.float32)


def chosen(shape: tuple[int, ...], unit: int, node: str) -> Numbers:
    """The cotangent of one unit's answer: 1 at its number, of a map at the cell in its middle; of a sequence (T, F) the mean over T.

    Raises :class:`~playground.errors.EngineError` where ``shape`` has no such unit.
    """
    maps = len(shape) == 3
    axis = 0 if maps else len(shape) - 1
    if not 0 <= unit < shape[axis]:
        raise EngineError(say("expected a unit from 0 to {shape}, got {unit}.", shape=shape[axis] - 1, unit=unit), where=node)
    cotangent = np.zeros(shape, np.float32)
    if maps:
        cotangent[unit, shape[1] // 2, shape[2] // 2] = 1
    else:
        cotangent[..., unit] = shape[axis] / cotangent.size
    return cotangent


def smoothed(picture: Numbers) -> Numbers:
    """Each map with the mean of (1, 2, 1) / 4 along its rows and columns; at the edges the outermost pixel goes on."""
    for axis in (1, 2):
        wide = np.pad(picture, [(1, 1) if axis == at else (0, 0) for at in range(3)], mode="edge")
        pieces = [np.take(wide, range(start, start + picture.shape[axis]), axis) for start in range(3)]
        picture = (pieces[0] + 2 * pieces[1] + pieces[2]) / np.float32(4)
    return picture
