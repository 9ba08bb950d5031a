"""Free-running forecasts against the truth: of series that are answered step by step, and of those cut into windows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from playground.data.series import forecasts
from playground.data.series.cutting import Cut, undone
from playground.engine.experiments.base import Experiment, fixed
from playground.engine.experiments.generated import FreeRun, GenerateAsked
from playground.engine.experiments.generation import GenerationExperiment, lost
from playground.errors import EngineError
from playground.sentences import say

if TYPE_CHECKING:  # at run time it would bring numba
    from playground.engine.preparing import ProgressReport
    from playground.engine.run import Run

BATCH = 16
"""True beginnings that are run at a time."""
HISTORY = 40
"""Values before the first forecast that are shown at least, where there are so many."""
Values = NDArray[np.float64]


class SeriesExperiment(GenerationExperiment):
    """``truth`` (n,), of which ``seen`` steps are given; subclasses fill ``forced`` and, where the series can go on by itself, ``free``."""

    name, unit, horizon, why, windows = "", "", 1, "", False
    times: tuple[str, ...]
    truth: Values
    seen: int

    def __init__(self, run: Run, asked: GenerateAsked, progress: ProgressReport, before: Experiment | None) -> None:
        super().__init__(run, asked, progress, before)
        if len(self.network.lowered.inputs) != 1:
            raise EngineError("a network of several Inputs has no series of its own to go on with.", where="Input")

    def _begin(self) -> None:
        self.forced = np.full(len(self.truth), np.nan)
        self.free: Values | None = None if self.why else np.full(len(self.truth), np.nan)
        self.done = 0

    def _told(self, outputs: NDArray[Any]) -> Values:
        """What the network says, (n,). Raises :class:`EngineError` where that is no number any more."""
        if not np.isfinite(outputs).all():
            raise lost(self.network.lowered.output)
        return outputs.reshape(len(outputs), -1)[:, 0].astype(np.float64)

    def found(self) -> FreeRun | None:
        if self.total == 0 or not hasattr(self, "forced"):
            return None
        judged = np.isfinite(self.truth) & (np.arange(len(self.truth)) >= self.seen)
        before = np.concatenate([np.full(self.horizon, np.nan), self.truth[: -self.horizon]])
        return FreeRun(
            state=self.state,
            asked=self.asked,
            of=len(self.dataset.split(self.asked.split)),
            name=self.name,
            unit=self.unit,
            times=self.times,
            windows=self.windows,
            seen=self.seen,
            truth=fixed(self.truth),
            forced=fixed(self.forced),
            free=None if self.free is None else fixed(self.free),
            why=self.why,
            forced_error=error(self.forced, self.truth, judged),
            free_error=np.nan if self.free is None else error(self.free, self.truth, judged),
            naive_error=error(before, self.truth, judged),
            judged=int(judged.sum()),
            seconds=self.seconds,
        )


class StepsExperiment(SeriesExperiment):
    """Samples (T, 1) with the next value as the target of each step. Each forced answer is from its true beginning alone, so that a
    layer that reads backward sees no more than a forecast may."""

    def __init__(self, run: Run, asked: GenerateAsked, progress: ProgressReport, before: Experiment | None) -> None:
        super().__init__(run, asked, progress, before)
        about, (x, y, length) = self.dataset.description, self.sample()
        self._steps = len(x)
        raw = self.dataset.split(asked.split).x[asked.index][:length, 0].astype(np.float64)
        known = np.concatenate([raw, y[length - 1].astype(np.float64)])
        self.seen = min(max(len(known) // 2 if asked.seen is None else asked.seen, 1), len(known) - 1)
        self.truth = np.full(max(len(known), self.seen + asked.count), np.nan)
        self.truth[: len(known)] = known
        self.times = tuple(str(at + 1) for at in range(len(self.truth)))
        self._known = len(known)
        self.name = (about.feature_names or ("",))[0]
        self.total = self._known - 1 + len(self.truth) - self.seen

    def work(self) -> Iterator[bool]:
        self.prepare(BATCH, True)
        self.prepare(1, True)
        yield True
        self._begin()
        for begin in range(1, self._known, BATCH):
            ends = range(begin, min(begin + BATCH, self._known))
            self.forced[begin : begin + len(ends)] = self._next([self.truth[:end] for end in ends])
            self.done += len(ends)
            yield True
        own = self.truth.copy()
        assert self.free is not None
        for at in range(self.seen, len(own)):
            own[at] = self.free[at] = self._next([own[:at]])[0]
            self.done += 1
            yield True

    def _next(self, beginnings: list[Values]) -> Values:
        """The value that follows each: the network reads as many of the last ones as it can."""
        x = np.zeros((len(beginnings), self._steps, 1), np.float32)
        lengths = np.array([min(len(one), self._steps) for one in beginnings])
        for row, one in enumerate(beginnings):
            x[row, : lengths[row], 0] = one[-self._steps :] * self.dataset.scale + self.dataset.offset
        outputs = self.network.forward(x, lengths=lengths)
        return self._told(outputs[np.arange(len(x)), lengths - 1])


class WindowExperiment(SeriesExperiment):
    """A series cut into windows, in its own unit. The forecast begins behind the window of the sample asked for."""

    windows = True

    def __init__(self, run: Run, asked: GenerateAsked, progress: ProgressReport, before: Experiment | None) -> None:
        super().__init__(run, asked, progress, before)
        self.sample()  # is there one
        chosen = self.document.data
        same = isinstance(before, WindowExperiment) and before.document.data == chosen
        self.cut: Cut = before.cut if same and isinstance(before, WindowExperiment) else forecasts.cut_of(chosen.name, dict(chosen.options))
        part = self.cut.parts[asked.split]
        if part.start == part.stop:  # nothing is held out: the split is the training part itself
            part = self.cut.parts["train"]
        cut, self.horizon = self.cut, int(self.cut.options["horizon"])
        series = cut.series
        self._sample = part.start + asked.index
        last = int(cut.last[self._sample])
        self._first = max(0, last + 1 - max(HISTORY, len(cut.x[0])))
        self.seen = last + 1 - self._first
        self.truth = np.full(self.seen + asked.count, np.nan)
        values = series.values[self._first :, series.target][: len(self.truth)]
        self.truth[: len(values)] = values
        self.name, self.unit = series.names[series.target], series.unit
        there = len(series.values)
        steps = range(self._first, self._first + len(self.truth))
        self.times = tuple(series.time(row) if row < there else f"+{row - there + 1}" for row in steps)
        if cut.x.shape[2] != 1:
            self.why = say(
                "The network reads {columns} columns and answers one: the others' next values nobody tells it.", columns=cut.x.shape[2]
            )
        elif self.horizon != 1:
            self.why = say(
                "It answers {horizon} steps ahead: only with a horizon of 1 is an answer the next value that it reads.",
                horizon=self.horizon,
            )
        rows = cut.last + self.horizon - self._first
        self._forced_samples = np.flatnonzero((rows >= 0) & (rows < len(self.truth)))
        self.total = len(self._forced_samples) + (0 if self.why else asked.count)

    def work(self) -> Iterator[bool]:
        self.prepare(BATCH, False)
        self.prepare(1, False)
        yield True
        self._begin()
        cut, target, transform = self.cut, self.cut.series.target, self.cut.options["transform"]
        for begin in range(0, len(self._forced_samples), BATCH):
            samples = self._forced_samples[begin : begin + BATCH]
            told = self._told(self.network.forward(cut.x[samples].astype(np.float32)))
            rows = cut.last[samples]
            self.forced[rows + self.horizon - self._first] = undone(
                told * cut.spread + cut.shift, cut.series.values[rows, target], transform
            )
            self.done += len(samples)
            yield True
        if self.free is None:
            return
        window = cut.x[self._sample].astype(np.float32)[None]
        value = float(cut.series.values[cut.last[self._sample], target])
        for at in range(self.seen, len(self.truth)):
            told = self._told(self.network.forward(window))
            said = told * cut.spread + cut.shift
            value = float(undone(said, np.array([value]), transform)[0])
            self.free[at] = value
            following = (said[0] - cut.mean[0]) / cut.deviation[0]
            window = np.concatenate([window[:, 1:], np.full((1, 1, 1), following, np.float32)], axis=1)
            self.done += 1
            yield True


def error(values: Values, truth: Values, judged: NDArray[np.bool_]) -> float:
    """The root of the mean squared error over the ``judged`` steps; not-a-number where one of them has no value yet, or there is none."""
    return float(np.sqrt(np.mean((values[judged] - truth[judged]) ** 2))) if judged.any() else np.nan
