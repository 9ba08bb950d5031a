"""Sequences answered by sequences: what was asked, what came and what is right, one under another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from playground.engine.experiments import vision
from playground.engine.experiments.base import Experiment, fixed
from playground.engine.experiments.generated import Aligned, GenerateAsked
from playground.engine.experiments.generation import GenerationExperiment, lost
from playground.engine.program.resident import levels
from playground.errors import EngineError

if TYPE_CHECKING:  # at run time it would bring numba
    from playground.engine.preparing import ProgressReport
    from playground.engine.run import Run

LISTED = 12
"""Samples that are answered: the one asked for and its neighbors."""
BEST = 8


class AlignedExperiment(GenerationExperiment):
    """The sample asked for and its neighbors, at one go; an Attention's weights of that sample."""

    def __init__(self, run: Run, asked: GenerateAsked, progress: ProgressReport, before: Experiment | None) -> None:
        super().__init__(run, asked, progress, before)
        if len(self.network.lowered.inputs) != 1 or self.network.lowered.counted is None:
            raise EngineError("there is no sequence in and sequence out to be set side by side.", where="Input")
        self.sample()  # is there one
        part = self.dataset.split(asked.split)
        begin = asked.index // LISTED * LISTED
        self._samples = np.arange(begin, min(begin + LISTED, len(part)))
        self._chances: NDArray[np.float64] | None = None
        self._attention: tuple[str, NDArray[Any]] | None = None
        self.total = 1

    def work(self) -> Iterator[bool]:
        part = self.dataset.split(self.asked.split)
        lengths = None if part.lengths is None else part.lengths[self._samples]
        self.prepare(len(self._samples), lengths is not None)
        yield True
        predicted = self.network.forward(vision.seen(self.dataset, part.x[self._samples]), lengths=lengths)
        lowered = self.network.lowered
        if not np.isfinite(predicted).all():
            raise lost(lowered.output)
        chances = chances_of(predicted, *levels(lowered.fields[lowered.output]))
        attending = [node for node, values in lowered.named.items() if "weights" in values]
        if attending:
            x, _, length = self.sample()
            trace = self.network.answer(x, length=None if lengths is None else length)
            self._attention = attending[-1], trace.nodes[attending[-1]].values["weights"]
        self._chances, self.done = chances, 1
        yield True

    def found(self) -> Aligned | None:
        if self._chances is None:
            return None
        part, about = self.dataset.split(self.asked.split), self.dataset.description
        inputs = part.x[self._samples]
        own = self._chances[self.asked.index - self._samples[0]]
        best = np.argsort(-own, axis=1, kind="stable")[:, :BEST]
        return Aligned(
            state=self.state,
            asked=self.asked,
            of=len(self.dataset.split(self.asked.split)),
            tokens=about.tokens,
            classes=about.classes,
            samples=fixed(self._samples),
            inputs=fixed(inputs if about.tokens else inputs.reshape(*inputs.shape[:2], -1)[..., 0]),
            lengths=fixed(np.full(len(inputs), inputs.shape[1]) if part.lengths is None else part.lengths[self._samples]),
            truth=fixed(part.y[self._samples]),
            answers=fixed(self._chances.argmax(axis=2)),
            best=fixed(best),
            best_chances=fixed(np.take_along_axis(own, best, axis=1)),
            attention=None if self._attention is None else fixed(self._attention[1]),
            node="" if self._attention is None else self._attention[0],
            same=not about.output_steps,
            seconds=self.seconds,
        )


def chances_of(predicted: NDArray[Any], low: float, high: float) -> NDArray[np.float64]:
    """Chances (N, S, classes) of predictions (N, S, K): where one number tells two classes, its place between ``low`` and ``high``."""
    if predicted.shape[2] > 1:
        return predicted.astype(np.float64)
    share = np.clip((predicted[..., 0].astype(np.float64) - low) / (high - low), 0.0, 1.0)
    return np.stack([1 - share, share], axis=2)
