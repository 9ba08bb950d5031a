"""A history is written while a trainer goes on: that of the window's run, and that of a run of the command line."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from playground.engine.evaluation.results import Metrics, Progress
from playground.engine.state import State
from playground.engine.timeline.closeup import Closeup
from playground.engine.timeline.history import History

if TYPE_CHECKING:  # at run time the trainer is imported when the first one is made: it brings numba
    from playground.engine.trainer import Trainer


class Writer:
    """Appends to the present branch of a history what each call of a trainer brings."""

    def __init__(self) -> None:
        self._closeup = Closeup()

    def advance(self, trainer: Trainer, history: History, seconds: float, steps: int | None) -> Progress:
        """Call ``trainer`` for about ``seconds``, at most ``steps`` steps, after :meth:`before`; :meth:`after` is the caller's."""
        self.before(trainer, history)
        return trainer.advance(seconds, self._closeup.portion(trainer, steps))

    def before(self, trainer: Trainer, history: History) -> None:
        """Note where ``trainer`` stands before a call that may make a step."""
        self._closeup.before(trainer, history.curves)

    def after(self, trainer: Trainer, history: History, progress: Progress) -> None:
        """Append what a call brought, and where it diverged."""
        history.absorb(progress, trainer.step_count)
        self._closeup.after(trainer, progress, history.curves)
        if trainer.divergence is not None:
            history.mark(trainer.divergence.step, "diverged", trainer.divergence.text)


def state_of(trainer: Trainer, history: History, validation: Metrics | None) -> State:
    """All that a project keeps of a run. The arrays are copies."""
    state = trainer.state()
    told = {**history.plain(), **state.history, "validation": validation.plain() if validation is not None else {}}
    return replace(state, history=told, checkpoints=history.arrays())
