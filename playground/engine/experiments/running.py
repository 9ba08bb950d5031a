"""The lab's bench: at most one experiment of each kind, worked on in turn beside the run."""

from __future__ import annotations

from collections.abc import Mapping

from playground.engine.experiments.base import Experiment
from playground.engine.experiments.generated import GenerateAsked
from playground.engine.experiments.lab import (
    KINDS,
    Asked,
    AttributionAsked,
    Found,
    MasksAsked,
    PenaltiesAsked,
    PreferredAsked,
    RatesAsked,
    StrongestAsked,
    SurfaceAsked,
    ValuesAsked,
)
from playground.engine.experiments.looked_through import ConditionAsked, PrefixesAsked
from playground.engine.preparing import ProgressReport
from playground.engine.run import Run
from playground.errors import PlaygroundError


class Experiments:
    """``found`` says of each kind what is known by now."""

    def __init__(self, progress: ProgressReport) -> None:
        self._progress = progress
        self._made: dict[str, Experiment] = {}
        self._refused: dict[str, str] = {}

    @property
    def running(self) -> bool:
        """Whether there is anything to do."""
        return any(one.running for one in self._made.values())

    def begin(self, asked: Asked, run: Run) -> None:
        """Begin what is asked in place of the last experiment of its kind; where that makes no sense, :meth:`refused` says why."""
        kind = KINDS[type(asked)]
        self._refused.pop(kind, None)
        before = self._made.get(kind)
        try:
            from playground.engine.experiments.surface import SurfaceExperiment

            if not (isinstance(asked, SurfaceAsked) and isinstance(before, SurfaceExperiment) and before.zoomed(asked)):
                self._made[kind] = self._new(asked, run, before)
        except PlaygroundError as error:
            self._made.pop(kind, None)
            self._refused[kind] = str(error)

    def end(self, kind: str = "", forget: bool = False) -> None:
        """Break the experiment of ``kind`` off (all of them without one) and keep what is found, or forget it."""
        for name in [kind] if kind else KINDS.values():
            if name in self._made:
                self._made[name].cancel()
            if forget:
                self._made.pop(name, None)
                self._refused.pop(name, None)

    def advance(self, seconds: float) -> bool:
        """A slice of the experiments' work; whether there was any."""
        busy = [one for one in self._made.values() if one.running]
        for one in busy:
            one.advance(seconds / len(busy))
        return bool(busy)

    @property
    def found(self) -> Mapping[str, Found]:
        """By kind; for the snapshot."""
        answers = {kind: one.answer for kind, one in self._made.items()}
        return {kind: answer for kind, answer in answers.items() if answer is not None}

    @property
    def refused(self) -> Mapping[str, str]:
        """Why an experiment was not begun, or ended without an answer; for the snapshot."""
        ended = {kind: one.message for kind, one in self._made.items() if one.message and one.answer is None}
        return {**self._refused, **ended}

    def _new(self, asked: Asked, run: Run, before: Experiment | None) -> Experiment:
        # imported here: they are wanted only once the lab is open, and bring the trainer
        from playground.engine.experiments.attribution import AttributionExperiment
        from playground.engine.experiments.conditions import ConditionExperiment
        from playground.engine.experiments.generation import generation
        from playground.engine.experiments.node_values import MasksExperiment, ValuesExperiment
        from playground.engine.experiments.penalties import PenaltyExperiment
        from playground.engine.experiments.preferred import PreferredExperiment
        from playground.engine.experiments.prefixes import PrefixesExperiment
        from playground.engine.experiments.rates import RateFinder
        from playground.engine.experiments.strongest import StrongestExperiment
        from playground.engine.experiments.surface import SurfaceExperiment

        match asked:
            case SurfaceAsked():
                return SurfaceExperiment(run, asked, self._progress)
            case RatesAsked():
                return RateFinder(run, asked, self._progress)
            case PenaltiesAsked():
                return PenaltyExperiment(run, asked, self._progress)
            case ValuesAsked():
                return ValuesExperiment(run, asked, self._progress)
            case MasksAsked():
                return MasksExperiment(run, asked, self._progress)
            case PreferredAsked():
                return PreferredExperiment(run, asked, self._progress)
            case StrongestAsked():
                return StrongestExperiment(run, asked, self._progress)
            case AttributionAsked():
                return AttributionExperiment(run, asked, self._progress)
            case ConditionAsked():
                return ConditionExperiment(run, asked, self._progress)
            case PrefixesAsked():
                return PrefixesExperiment(run, asked, self._progress)
            case GenerateAsked():
                return generation(run, asked, self._progress, before)
