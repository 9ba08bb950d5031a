"""What the worker does beside the run: a second moment to compare with, and studies of other starts and settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playground.engine.experiments import sweep
from playground.engine.experiments.examination import Examination
from playground.engine.experiments.running import Experiments
from playground.engine.experiments.study import Study
from playground.engine.experiments.sweep import Point
from playground.engine.live import commands
from playground.engine.live.comparing import Comparison
from playground.engine.live.snapshot import Beside, Studied
from playground.engine.preparing import ProgressReport, trainer_for
from playground.engine.run import Run
from playground.engine.timeline.history import HISTORY_BYTES

if TYPE_CHECKING:  # at run time it would bring numba
    from playground.engine.trainer import Trainer

Ending = commands.CancelStudy | commands.EndExperiment
"""What breaks the compiling of kernels for the background off."""
Trying = commands.Study | commands.Restarts | commands.CancelStudy
Comparing = commands.Compare | commands.FollowBeside
Ask = Comparing | Trying | commands.CheckGradients | commands.CancelCheck | commands.Experiment | commands.EndExperiment


class Background:
    """At most one comparison and one study. ``progress`` is told of kernels that a study's points lack; what it raises breaks
    compiling off, which begins again at the next :meth:`advance`."""

    def __init__(self, progress: ProgressReport) -> None:
        self.history_limit = HISTORY_BYTES  # of the next run too
        self.comparison = Comparison()
        self.study: Study | None = None
        self.examination: Examination | None = None
        self.experiments = Experiments(progress)
        self._progress = progress

    @property
    def busy(self) -> bool:
        """Whether there is anything to do."""
        examining = self.examination is not None and self.examination.running
        return self.studying or examining or self.comparison.stale

    @property
    def studying(self) -> bool:
        """Whether a study trains, or an experiment is made."""
        return self.experiments.running or (self.study is not None and self.study.running)

    def end(self) -> None:
        """Another project was opened."""
        self.study = self.examination = None
        self.experiments.end(forget=True)
        self.comparison.end()

    def obey(self, command: Ask, run: Run) -> None:
        """Raises :class:`~playground.errors.PlaygroundError` where there is nothing to try or to compare with."""
        match command:
            case commands.Compare(None):
                self.comparison.end()
            case commands.Compare(int(branch), step):
                self.comparison.choose(run, branch, step)
            case commands.FollowBeside(split, index):
                self.comparison.views.follow(split, index)
            case commands.Study(points, epochs, kind, axes):
                self.study = Study(points, epochs, kind, axes, self._make)
            case commands.Restarts(count, epochs):
                points = sweep.restarts(run.document, run.next_seed, count)
                self.study = Study(points, epochs, "restarts", (), self._make)
            case commands.CheckGradients(bug):
                self.examination = Examination(run, bug, self._progress)
            case commands.CancelCheck():
                self.examination = None
            case commands.Experiment(asked):
                self.experiments.begin(asked, run)
            case commands.EndExperiment(kind, forget):
                self.experiments.end(kind, forget)
            case commands.CancelStudy(forget):
                if self.study is not None:
                    self.study.cancel()
                if forget:
                    self.study = None

    def advance(self, seconds: float) -> bool:
        """A slice of whatever there is to do; whether there is anything new to show."""
        fresh = self.comparison.refresh()
        if self.study is not None and self.study.running:
            self.study.advance(seconds)
            fresh = True
        if self.examination is not None and self.examination.running:
            self.examination.advance(seconds)
            fresh = True
        return self.experiments.advance(seconds) or fresh

    def shown(self) -> tuple[Beside | None, Studied | None]:
        """For the snapshot."""
        return self.comparison.shown(), None if self.study is None else self.study.shown()

    def _make(self, point: Point) -> Trainer:
        return trainer_for(point.document, point.seed, self._progress)
