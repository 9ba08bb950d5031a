"""Operations of a program whose values nobody looks at (training steps): the same results with less memory read and written.

A traced pass keeps every value. In a training step, most of the time beyond the products goes into writing values and reading them
again, as they are larger than the caches. So a rectified linear unit works in place here, and max pooling goes before it: what is
largest in a window is largest before and after, and leaves a quarter to rectify. Every number that is still computed has the bits
that it has in a traced pass.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from playground.engine.program.lowering import Operation, Role
from playground.engine.program.unseen_time import BACK, CELLS, in_one_place, without_totals
from playground.layers.spec import Value

Canonical = Callable[[Value], Value]


def lean(operations: Sequence[Operation], canonical: Canonical, kept: Iterable[Value]) -> tuple[Operation, ...]:
    """The operations of a step, in order, made leaner. ``canonical`` gives the value that a value is stored in; ``kept`` are values
    that are read from outside."""
    made = tuple(operations)
    outside = frozenset(canonical(value) for value in kept)
    for function in operations:
        if function.name == "map" and function.options["function"] == "relu":
            step = _Step(made, canonical, outside)
            made = _pool_first(step, function) or _in_place(step, function) or made
        elif function.name in BACK:
            made = without_totals(_Step(made, canonical, outside), function) or made
    for cell in operations:
        if cell.name in CELLS:
            made = in_one_place(_Step(made, canonical, outside), cell) or made
    return made


class _Step:
    """A step's operations, and who has to do with which stored value."""

    def __init__(self, operations: tuple[Operation, ...], canonical: Canonical, outside: frozenset[Value]) -> None:
        self.operations, self._canonical, self._outside = operations, canonical, outside

    def same(self, one: Role, other: Role) -> bool:
        """Whether two roles are one stored value in one shape."""
        if not isinstance(one, Value) or not isinstance(other, Value):
            return False
        return one.shape == other.shape and self._canonical(one) == self._canonical(other)

    def users(self, value: Role) -> list[Operation]:
        """All operations that read or write ``value``, in whatever shape."""
        assert isinstance(value, Value)
        place = self._canonical(value)
        return [o for o in self.operations if any(self._canonical(used) == place for used in o.values())]

    def alone(self, value: Role, *users: Operation | None) -> bool:
        """Whether nobody but ``users`` has to do with ``value``."""
        assert isinstance(value, Value)
        return self._canonical(value) not in self._outside and all(any(o is user for user in users) for o in self.users(value))

    def one(self, name: str, role: str, value: Role) -> Operation | None:
        """The one operation ``name`` that has ``value`` as ``role``; ``None`` where there is none, or several."""
        found = [o for o in self.operations if o.name == name and self.same(o.roles.get(role), value)]
        return found[0] if len(found) == 1 else None

    def changed(self, changes: Sequence[tuple[Operation, Sequence[Operation]]]) -> tuple[Operation, ...]:
        """All operations, with some replaced by others."""
        new = {id(old): given for old, given in changes}
        return tuple(made for old in self.operations for made in new.get(id(old), (old,)))


def _with(operation: Operation, **roles: Role) -> Operation:
    return replace(operation, roles={**operation.roles, **roles})


def _pool_first(step: _Step, function: Operation) -> tuple[Operation, ...] | None:
    """relu, then the largest of each window, becomes: the largest, then its relu. Backward the error of the largest is masked, then
    sent to the winner: which of a window's numbers wins differs only where none is above 0, and then no error passes."""
    z, a = function.roles["x"], function.roles["y"]
    pool, back = step.one("max_pool", "x", a), step.one("map_backward", "y", a)
    if pool is None or not step.alone(a, function, pool, back):
        return None
    p = pool.roles["y"]
    changes: list[tuple[Operation, Sequence[Operation]]] = [
        (function, ()),
        (pool, (_with(pool, x=z), _with(function, x=p, y=p))),
    ]
    if back is not None:
        spread = step.one("max_pool_backward", "dx", back.roles["dy"])
        if spread is None or not step.alone(back.roles["dy"], spread, back):
            return None
        dp = spread.roles["dy"]
        writers = [o for o in step.users(dp) if o is not spread]
        if len(writers) != 1 or not step.alone(dp, spread, *writers):
            return None  # the error goes elsewhere too, unmasked
        changes += [(spread, (_with(back, x=p, y=p, dy=dp, dx=dp), _with(spread, dx=back.roles["dx"]))), (back, ())]
    return step.changed(changes)


def _in_place(step: _Step, function: Operation) -> tuple[Operation, ...] | None:
    """z is written where its relu goes, and so is the error by z where that by the relu came: its slope is seen from its result."""
    z, a = function.roles["x"], function.roles["y"]
    back = step.one("map_backward", "y", a)
    makers = [o for o in step.operations if step.same(o.roles.get("y"), z)]
    if len(makers) != 1 or makers[0].name not in ("affine", "conv") or not step.alone(z, makers[0], function, back):
        return None
    changes: list[tuple[Operation, Sequence[Operation]]] = [(makers[0], (_with(makers[0], y=a),)), (function, (_with(function, x=a),))]
    if back is not None:
        changes.append((back, (_with(back, x=a),)))
    return step.changed(changes)
