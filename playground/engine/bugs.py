"""Bugs planted in one backward formula, for teaching: the gradient check must find them.

They stand in a network made for the check alone; what trains never has them.
"""

from __future__ import annotations

from dataclasses import replace

from playground.engine.checked import Bug
from playground.engine.lowering import Lowered, Operation, Role
from playground.errors import EngineError


def possible(lowered: Lowered) -> tuple[Bug, ...]:
    """The bugs that can be planted in this network, in pass order: those on which the gradient of some parameter depends."""
    found: list[Bug] = []
    learning = {placed.node for placed in lowered.parameters}
    for operation in lowered.backward:
        before = _before(lowered, operation.node)
        if operation.name == "map_backward" and operation.options.get("function") != "identity":
            if learning & {operation.node, *before}:
                found.append(Bug(operation.node, "slope"))
        elif operation.name == "affine_backward_weight" and operation.roles.get("dbias") is not None:
            found.append(Bug(operation.node, "bias"))
        elif operation.name == "affine_backward_input" and _square(operation) and learning & before:
            found.append(Bug(operation.node, "transpose"))
    order = {node: at for at, node in enumerate(lowered.order)}
    return tuple(sorted(dict.fromkeys(found), key=lambda bug: order[bug.node]))


def planted(lowered: Lowered, bug: Bug) -> Lowered:
    """``lowered`` with the bug. Raises :class:`EngineError` where it has no such formula."""
    if bug not in possible(lowered):
        raise EngineError(f"{bug.node} has no formula for this bug.", where="bug", remedy="Choose another node.")
    return replace(lowered, backward=tuple(_broken(operation, bug) for operation in lowered.backward))


def _before(lowered: Lowered, node: str) -> frozenset[str]:
    """All nodes that ``node`` gets its numbers from, by any way."""
    found: set[str] = set()
    ahead = list(lowered.sources.get(node, ()))
    while ahead:
        source = ahead.pop()
        if source not in found:
            found.add(source)
            ahead += lowered.sources.get(source, ())
    return frozenset(found)


def _square(operation: Operation) -> bool:
    """Whether as many units go in as come out, so that an error can be passed on as it is."""
    shapes = [value.shape for value in operation.values(("dy", "dx"))]
    return len(shapes) == 2 and shapes[0] == shapes[1]


def _broken(operation: Operation, bug: Bug) -> Operation:
    if operation.node != bug.node:
        return operation
    roles: dict[str, Role] = dict(operation.roles)
    if bug.kind == "slope" and operation.name == "map_backward":
        return Operation(operation.node, "copy", {"x": roles["dy"], "y": roles["dx"]}, {})
    if bug.kind == "bias" and operation.name == "affine_backward_weight":
        return replace(operation, roles={**roles, "dbias": None})
    if bug.kind == "transpose" and operation.name == "affine_backward_input":
        return Operation(operation.node, "copy", {"x": roles["dy"], "y": roles["dx"]}, {})
    return operation
