"""Bugs planted in one backward formula, for teaching: the gradient check must find them.

They stand in a network made for the check alone; what trains never has them.
"""

from __future__ import annotations

import math
from dataclasses import replace

from playground.engine.checks.checked import Bug, BugKind
from playground.engine.program.lowering import Lowered, Operation, Role
from playground.errors import EngineError
from playground.layers import registry
from playground.layers.spec import Value
from playground.sentences import say

POOLS: dict[str, BugKind] = {"max_pool_backward": "winner", "mean_pool_backward": "divide"}
THROUGH_TIME = frozenset(cell.operation_back for cell in registry.cells())
BIASED = ("affine_backward_weight", "conv_backward_weight")


def possible(lowered: Lowered) -> tuple[Bug, ...]:
    """The bugs that can be planted in this network, in pass order: those on which the gradient of some parameter depends."""
    found: list[Bug] = []
    learning = {placed.node for placed in lowered.parameters}
    for operation in lowered.backward:
        before = _before(lowered, operation.node)
        if operation.name == "map_backward" and operation.options.get("function") != "identity":
            if learning & {operation.node, *before}:
                found.append(Bug(operation.node, "slope"))
        elif operation.name in BIASED and operation.roles.get("dbias") is not None and not _normed_away(lowered, operation.node):
            found.append(Bug(operation.node, "bias"))
        elif operation.name == "affine_backward_input" and _square(operation) and learning & before:
            found.append(Bug(operation.node, "transpose"))
        elif operation.name in POOLS and math.prod(operation.options["size"]) > 1 and learning & before:
            found.append(Bug(operation.node, POOLS[operation.name]))
        elif operation.name in THROUGH_TIME and any(value.shape[0] > 1 for value in operation.values(("dsums",))):
            found.append(Bug(operation.node, "time"))
        elif operation.name == "batch_norm_backward_input" and learning & before:
            found.append(Bug(operation.node, "statistics"))
    order = {node: at for at, node in enumerate(lowered.order)}
    return tuple(sorted(dict.fromkeys(found), key=lambda bug: order[bug.node]))


def planted(lowered: Lowered, bug: Bug) -> Lowered:
    """``lowered`` with the bug. Raises :class:`EngineError` where it has no such formula."""
    if bug not in possible(lowered):
        raise EngineError(say("{node} has no formula for this bug.", node=bug.node), where="bug", remedy="Choose another node.")
    return replace(lowered, backward=tuple(made for operation in lowered.backward for made in _broken(operation, bug)))


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


def _normed_away(lowered: Lowered, node: str) -> bool:
    """Whether batch norms alone read what the node's bias was added to: they take its mean away, and its gradient is 0 in any case."""
    bent = ("map", "softmax", "silence")
    bends = any(one.node == node and one.name in bent and one.options.get("function") != "identity" for one in lowered.forward)
    readers = {reader for reader, sources in lowered.sources.items() if node in sources}
    return not bends and bool(readers) and readers <= {one.node for one in lowered.backward if one.name == "batch_norm_backward_input"}


def _square(operation: Operation) -> bool:
    """Whether as many units go in as come out, so that an error can be passed on as it is."""
    shapes = [value.shape for value in operation.values(("dy", "dx"))]
    return len(shapes) == 2 and shapes[0] == shapes[1]


def _broken(operation: Operation, bug: Bug) -> tuple[Operation, ...]:
    """What is computed in the place of ``operation``."""
    if operation.node != bug.node:
        return (operation,)
    roles: dict[str, Role] = dict(operation.roles)
    if (bug.kind, operation.name) in (("slope", "map_backward"), ("transpose", "affine_backward_input")):
        return (Operation(operation.node, "copy", {"x": roles["dy"], "y": roles["dx"]}, {}),)
    if bug.kind == "bias" and operation.name in BIASED:
        return (replace(operation, roles={**roles, "dbias": None}),)
    if bug.kind == "time" and operation.name in THROUGH_TIME:
        return (replace(operation, options={**operation.options, "truncate": 1}),)
    if POOLS.get(operation.name) == bug.kind:
        return _undivided(operation)
    if bug.kind == "statistics" and operation.name == "batch_norm_backward_input":
        nothing = _value(operation, "nothing", roles["dbias"])  # nobody writes it: zeros
        return (replace(operation, roles={**roles, "dweight": nothing, "dbias": nothing}),)
    return (operation,)


def _undivided(pool: Operation) -> tuple[Operation, ...]:
    """Every cell of a window gets the window's whole error: a mean pool's share of as many errors as a window has cells. It is taken
    over the padded picture, where all windows have as many, and cut out of it."""
    dy, dx, padding = pool.roles["dy"], pool.roles["dx"], pool.options["padding"]
    size, node = pool.options["size"], pool.node
    many = _value(pool, "errors", dy)
    made = [Operation(node, "sum", {"xs": (dy,) * math.prod(size), "y": many}, {})]
    if not any(padding):
        return (*made, Operation(node, "mean_pool_backward", {"dy": many, "dx": dx}, pool.options))
    whole = _value(pool, "window", dx, padding)
    made.append(Operation(node, "mean_pool_backward", {"dy": many, "dx": whole}, {**pool.options, "padding": (0,) * len(padding)}))
    return (*made, Operation(node, "pad_backward", {"dy": whole, "dx": dx}, {"padding": padding}))


def _value(operation: Operation, name: str, like: Role, padding: tuple[int, ...] = ()) -> Value:
    """Work space in the shape of ``like``, which ``padding`` (of a picture's rows and columns, or a sequence's steps) makes larger."""
    assert isinstance(like, Value)
    more = [before + after for before, after in zip(padding[::2], padding[1::2], strict=True)]
    shape = list(like.shape)
    first = len(shape) - len(more) if len(more) > 1 else 0
    for axis, cells in enumerate(more, first):
        shape[axis] += cells
    return Value(operation.node, f"bug's {name}", tuple(shape))
