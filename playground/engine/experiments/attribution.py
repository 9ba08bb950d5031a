"""Which pixels an answer hangs on: saliency, Grad-CAM, occlusion.

Sources: K. Simonyan et al. 2013 (saliency: the size of the derivative by each pixel), R. Selvaraju et al. 2016 (Grad-CAM),
M. Zeiler and R. Fergus 2013 (occlusion).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from playground.engine.experiments import vision
from playground.engine.experiments.base import Experiment, fixed
from playground.engine.experiments.lab import Attribution, AttributionAsked
from playground.errors import EngineError
from playground.sentences import say

if TYPE_CHECKING:  # at run time they would bring numba
    from playground.engine.preparing import ProgressReport
    from playground.engine.program.lowering import Lowered
    from playground.engine.run import Run

Numbers = NDArray[np.float32]

BATCH = 16
"""Covered pictures that are run at a time: the first answer comes soon, and a slice stays short."""


class AttributionExperiment(Experiment):
    """At the present weights, outside training mode."""

    def __init__(self, run: Run, asked: AttributionAsked, progress: ProgressReport) -> None:
        super().__init__(run, progress)
        self.asked = asked
        self._network = vision.copied(run)
        lowered = self._network.lowered
        shape = vision.shape_of(lowered)
        self._picture, self._target = self._chosen(shape)
        self._node = asked.node or last_maps(lowered)
        if self._node and (self._node not in lowered.named or len(lowered.named[self._node]["output"].shape) != 3):
            raise EngineError("it gives no maps.", where=self._node, remedy="Choose a layer whose output is C×H×W.")
        units = lowered.prediction.size
        if asked.unit is not None and not 0 <= asked.unit < units:
            raise EngineError(say("expected a class from 0 to {units}, got {unit}.", units=units - 1, unit=asked.unit), where="unit")
        self._size = max(2, min(shape[1:]) // 5)
        self._places = squares(shape[1:], self._size)
        self.total = len(self._places) + 1
        self._low, self._high = vision.ends(self.dataset)
        self._unit, self._answer_of = asked.unit or 0, 0.0
        self._saliency: Numbers | None = None
        self._cam: Numbers | None = None
        self._fall = np.zeros(shape[1:])
        self._covers = np.zeros(shape[1:], np.int64)

    def work(self) -> Iterator[bool]:
        from playground.engine.network import FORWARD
        from playground.engine.seeded import Seeded
        from playground.kernels import compile

        network, lowered, picture = self._network, self._network.lowered, self._picture
        plan = network.plan(FORWARD, BATCH)
        compile.prepare(plan.names, plan.target.dtype, plan.target.isa, self.progress)
        yield True
        predicted = network.forward(picture[None]).reshape(-1)
        self._unit = int(np.argmax(predicted)) if self.asked.unit is None else self.asked.unit
        self._answer_of = float(predicted[self._unit])
        seeded = Seeded(network, lowered.output, 1, [self._node] if self._node else [])
        seeded.prepare(self.progress)
        yield True
        one_hot = np.zeros(seeded.value.size, np.float32)
        one_hot[self._unit] = 1
        _, slopes = seeded(picture.reshape(1, *seeded.input.shape), one_hot.reshape(seeded.value.shape))
        self._saliency = np.abs(slopes[seeded.input.node][0].reshape(picture.shape)).max(axis=0)
        if self._node:
            self._cam = grad_cam(seeded.output(self._node, 1)[0], slopes[self._node][0])
        self.done = 1
        yield True
        gray = np.float32(self.dataset.offset + self.dataset.scale * self._middle())
        self._fall[:], self._covers[:] = 0, 0
        for begin in range(0, len(self._places), BATCH):
            places = self._places[begin : begin + BATCH]
            covered = np.repeat(picture[None], len(places), axis=0)
            for one, (row, column) in zip(covered, places, strict=True):
                one[:, row : row + self._size, column : column + self._size] = gray
            answers = network.forward(covered.reshape(len(places), *seeded.input.shape)).reshape(len(places), -1)[:, self._unit]
            for answer, (row, column) in zip(answers.tolist(), places, strict=True):
                part = np.s_[row : row + self._size, column : column + self._size]
                self._fall[part] += self._answer_of - answer
                self._covers[part] += 1
            self.done += len(places)
            yield True

    def found(self) -> Attribution | None:
        if self._saliency is None:
            return None
        with np.errstate(invalid="ignore"):
            fall = self._fall / self._covers  # not-a-number where no square was
        return Attribution(
            state=self.state,
            asked=self.asked,
            picture=fixed(self._picture),
            low=self._low,
            high=self._high,
            unit=self._unit,
            answer=self._answer_of,
            target=self._target,
            saliency=fixed(self._saliency),
            node=self._node,
            cam=None if self._cam is None else fixed(self._cam),
            occlusion=fixed(fall.astype(np.float32)),
            size=self._size,
        )

    def _chosen(self, shape: tuple[int, int, int]) -> tuple[Numbers, int | None]:
        """The picture as the network sees it, and its class."""
        if self.asked.picture is not None:
            given = np.asarray(self.asked.picture, np.float32)
            if given.size != np.prod(shape):
                raise EngineError(
                    say("expected a picture of {shape}, got {shape2}.", shape="×".join(map(str, shape)), shape2=given.shape),
                    where="picture",
                )
            return given.reshape(shape), None
        split = self.dataset.split(self.asked.split)
        if not 0 <= self.asked.index < len(split):
            raise EngineError(
                say("there is no sample {index}; there are {split}.", index=self.asked.index, split=len(split)), where=self.asked.split
            )
        label: Any = split.y[self.asked.index]
        return vision.seen(self.dataset, split.x[self.asked.index]).reshape(shape), int(label) if split.y.ndim == 1 else None

    def _middle(self) -> float:
        """The mean of the training pixels: the gray that covers."""
        return float(self.dataset.train.x[:1000].mean())


def last_maps(lowered: Lowered) -> str:
    """The last node in pass order that gives maps and hangs on learned weights; empty if none does."""
    learning = {parameter.node for parameter in lowered.parameters}
    there = [node for node in lowered.order if node in learning and len(lowered.named[node]["output"].shape) == 3]
    return there[-1] if there else ""


def grad_cam(maps: NDArray[Any], slopes: NDArray[Any]) -> Numbers:
    """relu(sum over c of mean(slopes[c]) * maps[c]): (C, h, w) twice -> (h, w). Source: Selvaraju et al. 2016, equations 1 and 2."""
    weighted = (slopes.mean(axis=(1, 2))[:, None, None] * maps).sum(axis=0)
    return np.where(weighted < 0, np.float32(0), weighted).astype(np.float32)


def squares(shape: tuple[int, int], size: int) -> list[tuple[int, int]]:
    """Upper left corners of squares of ``size`` pixels, half a square apart, that cover a picture of ``shape`` to its edges."""

    def along(length: int) -> list[int]:
        last = max(0, length - size)
        return [*range(0, last, max(1, size // 2)), last]

    return [(row, column) for row in along(shape[0]) for column in along(shape[1])]
