"""What a training step changes, copied: for the guard that takes a broken step back, for recorded passes, for another plan."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playground.engine.program import streams
from playground.engine.program.plan import Plan

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Saved:
    """Flat copies of the parameters and the optimizer's arrays, the counters, what goes from batch to batch."""

    parameters: Array
    states: tuple[Array, ...]
    step: int
    update_step: int
    cursor: int
    carried: streams.Kept = field(default_factory=dict)

    @staticmethod
    def of(plan: Plan, over: Saved | None = None) -> Saved:
        """A copy of what ``plan`` has, in the memory of ``over``, which nobody needs any more, where that fits.

        New memory at every call is dear: a system hands each page of it over when it is first touched and takes all of them back right
        after, and on a virtual machine that holds up the other threads of the process, too.
        """
        control = plan.control
        olds = (over.parameters, *over.states) if over else ()
        flats = (plan.parameters, *plan.states)
        parameters, *states = (_copied(flat, olds[at] if at < len(olds) else None) for at, flat in enumerate(flats))
        carried = {one: _copied(array, over.carried.get(one) if over else None) for one, array in plan.carried.items()}
        return Saved(parameters, tuple(states), control.step, control.update_step, control.cursor, carried)

    def put_back(self, plan: Plan) -> None:
        """Give it to ``plan``, which has as many states."""
        plan.parameters[:] = self.parameters
        for flat, state in zip(plan.states, self.states, strict=True):
            flat[:] = state
        lay(self.carried, plan)
        control = plan.control
        control.step, control.update_step, control.cursor = self.step, self.update_step, self.cursor


def lay(carried: streams.Kept, plan: Plan) -> None:
    """Let ``plan`` begin from what went from batch to batch elsewhere."""
    for one, array in carried.items():
        if one in plan.carried:
            plan.carried[one][:] = array


def _copied(array: Array, over: Array | None) -> Array:
    if over is None or (over.shape, over.dtype) != (array.shape, array.dtype):
        return array.copy()
    np.copyto(over, array)
    return over
