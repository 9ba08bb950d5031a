"""Generation: a network fed with its own output. What all of it shares; texts, series and sequences have a file each.

A copy of the network works with the weights that the run shows: the present ones, or those of the moment that the timeline shows.
"""

from __future__ import annotations

import time
from abc import abstractmethod
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from playground.data.series import forecasts
from playground.data.spec import Dataset, Split
from playground.document.model import Document
from playground.engine.experiments import vision
from playground.engine.experiments.base import Experiment
from playground.engine.experiments.generated import GenerateAsked
from playground.errors import EngineError
from playground.sentences import say

if TYPE_CHECKING:  # at run time they would bring numba
    from playground.engine.network import Network
    from playground.engine.preparing import ProgressReport
    from playground.engine.run import Run

Genre = Literal["text", "steps", "window", "aligned"]
LOOKED_AT = 200
"""Training samples that tell whether what is asked for is what comes next."""
MOST = 5000
"""Symbols or steps that are generated at most."""
EXAMPLES = say("“Alice, letter by letter”, “Tang quatrains”, “Next number”, “Sine”, “Sunspots” or “Addition by encoder and decoder”")


class GenerationExperiment(Experiment):
    """Subclasses say by :meth:`work` and :meth:`found` what is generated. ``before`` is the last such experiment: of the same network
    its copy and plans are used again, with the weights of now."""

    def __init__(self, run: Run, asked: GenerateAsked, progress: ProgressReport, before: Experiment | None) -> None:
        super().__init__(run, progress)
        sight = run.sight
        self.document, self.dataset = sight.document, sight.dataset
        self.seed, self.step = sight.network.seed, sight.step_count
        if not 1 <= asked.count <= MOST:
            raise EngineError(say("expected a length from 1 to {most:,}, got {count}.", most=MOST, count=asked.count), where="length")
        self.asked = asked
        self.network = _copied(sight.network, sight.document, before)
        self.seconds = 0.0

    def advance(self, seconds: float) -> None:
        begun = time.perf_counter()
        try:
            super().advance(seconds)
        finally:
            self.seconds += time.perf_counter() - begun

    @abstractmethod
    def work(self) -> Any: ...

    def prepare(self, count: int, lengths: bool) -> None:
        """Have the kernels of a forward pass of ``count`` samples."""
        from playground.kernels import compile

        network = self.network
        compile.prepare(network.forward_names(count, lengths), network.dtype.name, network.instruction_set, self.progress)

    def sample(self) -> tuple[NDArray[np.float32], NDArray[Any], int]:
        """The sample asked for: x as the network sees it, y, and how many steps are real. Raises :class:`EngineError` where there is
        none such."""
        part, index = self.dataset.split(self.asked.split), self.asked.index
        if not 0 <= index < len(part):
            raise EngineError(say("there is no sample {index}; there are {part}.", index=index, part=len(part)), where=self.asked.split)
        x = vision.seen(self.dataset, part.x[index])
        return x, part.y[index], len(x) if part.lengths is None else int(part.lengths[index])


def generation(run: Run, asked: GenerateAsked, progress: ProgressReport, before: Experiment | None = None) -> GenerationExperiment:
    """The experiment that answers ``asked``. Raises :class:`~playground.errors.EngineError` where the network cannot generate."""
    from playground.engine.experiments.aligned import AlignedExperiment
    from playground.engine.experiments.generated_series import StepsExperiment, WindowExperiment
    from playground.engine.experiments.generated_text import TextExperiment

    kinds: dict[Genre, type[GenerationExperiment]] = {
        "text": TextExperiment,
        "steps": StepsExperiment,
        "window": WindowExperiment,
        "aligned": AlignedExperiment,
    }
    sight = run.sight
    return kinds[genre(sight.document, sight.dataset)](run, asked, progress, before)


def genre(document: Document, dataset: Dataset) -> Genre:
    """How a network that fits ``dataset`` generates. Raises :class:`~playground.errors.EngineError` where it does not, with the reason."""
    about, train = dataset.description, dataset.train
    if forecasts.is_series(document.data.name):
        return "window"
    following = about.steps and not about.output_steps and train.x.shape == train.y.shape and comes_next(train)
    if following and about.tokens and goes_on(train):
        return "text"
    if following and about.task == "regression" and train.x.shape[2:] == (1,):
        return "steps"
    if about.steps and about.task == "classification":
        return "aligned"
    if about.steps:
        reason = say("what this network answers is not what comes next in its input: there is nothing to go on from.")
    elif about.tokens or len(about.input_shape) == 2:
        reason = say("this network gives one answer for a whole sequence: there is nothing to go on from.")
    else:
        reason = say("this network reads no sequence: there is nothing to go on from.")
    raise EngineError(reason, where="generation", remedy=say("Open the example {examples}.", examples=EXAMPLES))


def comes_next(part: Split) -> bool:
    """Whether each target of the first samples is what their input has at the next step."""
    x, y = part.x[:LOOKED_AT], part.y[:LOOKED_AT]
    asked = np.ones(y.shape[:2], bool) if part.lengths is None else np.arange(y.shape[1]) < part.lengths[:LOOKED_AT, None] - 1
    asked[:, -1] = False  # whose next step no input has
    if y.ndim == 2:
        asked &= y >= 0
    return bool(asked.any()) and bool((y[:, :-1][asked[:, :-1]] == x[:, 1:][asked[:, :-1]]).all())


def goes_on(part: Split) -> bool:
    """Whether all that comes after the first target of a sample is asked for, so that a network can learn to write it."""
    y = part.y[:LOOKED_AT]
    real = np.ones(y.shape, bool) if part.lengths is None else np.arange(y.shape[1]) < part.lengths[:LOOKED_AT, None]
    begun = np.maximum.accumulate(y >= 0, axis=1)
    return bool(((y >= 0) | ~begun | ~real).all())


def lost(node: str) -> EngineError:
    """What to raise where the network's numbers left the range."""
    return EngineError("its answers are no numbers any more.", where=node, remedy="Go back to an earlier step.")


def _copied(network: Network, document: Document, before: Experiment | None) -> Network:
    """A network of its own with the same weights."""
    from playground.engine.network import Network

    kept = before.network if isinstance(before, GenerationExperiment) else None
    if kept is not None and kept.lowered is network.lowered and kept.dtype == network.dtype:
        np.copyto(kept.flat, network.flat)
    else:
        kept = Network(document, network.dtype.name, network.seed, lowered=network.lowered, flat=network.flat.copy())
    kept.step = network.step
    return kept
