"""The passes that were stepped through: what each training step was made from, so that any sample of its batch can be replayed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from playground.document.model import Training
from playground.engine.program.saved import Saved
from playground.engine.program.stepper import Stepper
from playground.errors import EngineError
from playground.sentences import say

Array = NDArray[Any]

BYTES = 64 * 2**20
"""What all kept passes may take; the latest one is kept in any case."""
MOST = 512


@dataclass(frozen=True, slots=True)
class Recorded:
    """One training step: ``step`` (from 1) in ``epoch`` (whole epochs done before it), the ``batch`` (indices of the training
    split, in the step's order), everything before and after it. Flat arrays are in the plan's layout."""

    step: int
    epoch: int
    batch: tuple[int, ...]
    before: Saved
    parameters: Array
    gradients: Array
    states: tuple[Array, ...]
    rate: float
    clip: float
    count: int
    training: Training
    dropout_rates: Mapping[str, float]
    augmentation: Array | None
    diverged: bool

    @property
    def nbytes(self) -> int:
        """The memory of all its arrays."""
        arrays = (self.before.parameters, *self.before.states, *self.before.carried.values(), self.parameters, self.gradients, *self.states)
        return sum(array.nbytes for array in arrays)


class Passes:
    """The last steps that were recorded, oldest first, without a gap: a step that was not recorded forgets those before it."""

    def __init__(self) -> None:
        self._kept: list[Recorded] = []

    def forget(self) -> None:
        """After a change of the network, or a jump in the run."""
        self._kept.clear()

    @property
    def kept(self) -> tuple[int, int]:
        """The first and the last step that can be replayed; (0, 0) where there is none."""
        return (self._kept[0].step, self._kept[-1].step) if self._kept else (0, 0)

    @property
    def latest(self) -> Recorded:
        """The step recorded last."""
        return self._kept[-1]

    def find(self, step: int, position: int = -1) -> Recorded:
        """The record of ``step``, in whose batch there is a ``position`` (-1: the last). Raises :class:`EngineError` where it is not
        kept, or that lies beyond its batch."""
        first, last = self.kept
        if not self._kept or not first <= step <= last:
            there = say("steps {first} to {last}", first=first, last=last) if self._kept else say("none")
            raise EngineError(
                say("step {step} cannot be shown again; kept are {there}.", step=step, there=there),
                where="step",
                remedy="Step on, or rewind.",
            )
        recorded = self._kept[step - first]
        if not -1 <= position < (size := len(recorded.batch)):
            message = say("the batch of step {step} has {size} samples, got {position}.", step=step, size=size, position=position)
            raise EngineError(message, where="sample")
        return recorded

    def add(
        self, stepper: Stepper, before: Saved, epoch: int, batch: Array, rate: float, training: Training, dropout: Mapping[str, float]
    ) -> Recorded:
        """Keep the step that ``stepper`` has just made from ``before``."""
        plan = stepper.plan
        recorded = Recorded(
            step=before.step + 1,
            epoch=epoch,
            batch=tuple(int(index) for index in batch),
            before=before,
            parameters=plan.parameters.copy(),
            gradients=plan.gradients.copy(),
            states=tuple(state.copy() for state in plan.states),
            rate=rate,
            clip=float(plan.control.clip),
            count=int(plan.control.update_step),
            training=training,
            dropout_rates=dict(dropout),
            augmentation=None if stepper.samples.augmentation is None else stepper.samples.augmentation.copy(),
            diverged=stepper.diverged is not None,
        )
        if self._kept and (self._kept[-1].step != before.step or self._kept[-1].parameters.shape != recorded.parameters.shape):
            self.forget()
        self._kept.append(recorded)
        while len(self._kept) > 1 and (len(self._kept) > MOST or sum(one.nbytes for one in self._kept) > BYTES):
            del self._kept[0]
        return recorded
