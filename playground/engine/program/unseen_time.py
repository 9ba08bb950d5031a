"""Steps back through time without what nobody looks at: gates lie where the sums were, their errors where the gates were.

A layer of 128 units over 50 steps of 32 samples has 3.3 MB of each of the three, and a step goes through all of them: one place instead
of three stays in the cache.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from playground.engine.program.lowering import Operation, Role
from playground.layers import registry
from playground.layers.spec import Value

CELLS = {cell.operation: cell.operation_back for cell in registry.cells() if len(cell.gates) > 1}
"""Operations whose sums and gates are two things."""
TOTALS = ("dh_total", "dc_total")
BACK = frozenset(cell.operation_back for cell in registry.cells())


class Step(Protocol):
    """What ``unseen.py`` knows of a training step's operations."""

    def users(self, value: Role) -> list[Operation]: ...

    def alone(self, value: Role, *users: Operation | None) -> bool: ...

    def one(self, name: str, role: str, value: Role) -> Operation | None: ...

    def changed(self, changes: Sequence[tuple[Operation, Sequence[Operation]]]) -> tuple[Operation, ...]: ...


def in_one_place(step: Step, cell: Operation) -> tuple[Operation, ...] | None:
    """Sums, gates and the errors of the sums become one value, if all who have to do with them are those who make and take them."""
    sums, gates = cell.roles["sums"], cell.roles["gates"]
    maker, back = step.one("affine", "y", sums), step.one(CELLS[cell.name], "gates", gates)
    if maker is None or not step.alone(sums, maker, cell) or not step.alone(gates, cell, back):
        return None
    changes: list[tuple[Operation, Sequence[Operation]]] = [(cell, (_with(cell, gates=None),))]
    if back is not None:
        errors = back.roles["dsums"]
        takers = [o for o in step.users(errors) if o is not back]
        if any(o.name not in ("recurrent_backward_weight", "affine_backward_weight", "affine_backward_input") for o in takers):
            return None
        if not step.alone(errors, back, *takers):
            return None
        changes.append((back, (_with(back, gates=sums, dsums=sums),)))
        for taker in takers:
            role = "dsums" if "dsums" in taker.roles else "dy"
            changes.append((taker, (_with(taker, **{role: sums}),)))
    return step.changed(changes)


def without_totals(step: Step, back: Operation) -> tuple[Operation, ...] | None:
    """The total errors of the states at each step are for views alone."""
    unseen = [name for name in TOTALS if isinstance(back.roles.get(name), Value) and step.alone(back.roles[name], back)]
    return step.changed([(back, (_with(back, **dict.fromkeys(unseen)),))]) if unseen else None


def _with(operation: Operation, **roles: Role) -> Operation:
    return replace(operation, roles={**operation.roles, **roles})
