"""A second moment beside the one that is shown: the same views of it, for the same sample."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playground.engine.evaluation.results import Metrics
from playground.engine.live.snapshot import Beside
from playground.engine.live.views import Views
from playground.engine.run import Run

if TYPE_CHECKING:  # at run time it would bring numba
    from playground.engine.timeline.moments import Reader


class Comparison:
    """What the window compares with. It may be of any branch, of another network too: it brings its own plans and data."""

    def __init__(self) -> None:
        self.views = Views()
        self.metrics: dict[str, Metrics] = {}
        self.reader: Reader | None = None
        self._name = ""

    @property
    def sight(self) -> Reader:
        """Whose weights are seen."""
        assert self.reader is not None
        return self.reader

    @property
    def stale(self) -> bool:
        """Whether there is something to compute."""
        return self.reader is not None and self.views.stale

    def choose(self, run: Run, branch: int, step: int | None) -> None:
        """Compare with the moment of ``branch`` that is kept nearest to ``step`` (``None``: its end; of the present one, now).

        Raises :class:`~playground.errors.EngineError` where nothing is kept of it.
        """
        found = run.history.find(branch)
        nearest = step
        if step is not None and found.checkpoints.at(step) is None and len(found.checkpoints):
            nearest = min(found.checkpoints.steps, key=lambda one: abs(one - step))
        from playground.engine.timeline.moments import reader_of

        self.reader = reader_of(branch, run.moment(branch, nearest), self.reader)
        self._name = found.title
        self.views.moment_changed()

    def end(self) -> None:
        """Compare with nothing."""
        self.reader = None

    def refresh(self) -> bool:
        """Compute what is out of date, a slice of it; whether anything is new."""
        return self.reader is not None and self.views.refresh(self, live=False)

    def shown(self) -> Beside | None:
        """For the snapshot."""
        if self.reader is None:
            return None
        views = self.views
        moment = self.reader.moment(views.evaluation, views.computing)
        return Beside(self._name, moment, views.trace, views.parameters, views.plane, views.evaluation)
