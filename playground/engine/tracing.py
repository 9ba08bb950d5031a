"""Reading a trace out of a plan that has just run, lane by lane."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from playground.engine.program.lowering import gradient_of
from playground.engine.program.plan import Plan
from playground.engine.trace import NodeTrace, ParameterTrace, Trace
from playground.layers.spec import Value
from playground.turns import give_way


def read_trace(plan: Plan, split: str, index: int, step: int, lane: int = 0) -> Trace:
    """The trace of the sample in ``lane`` of ``plan``, which holds no other's errors: read-only copies in the public layouts."""
    lowered = plan.lowered
    nodes = {node: _node(plan, node, lane) for node in lowered.order}
    trained = set(plan.layout.trained)
    parameters = {
        key: ParameterTrace(before=fixed(before), gradient=fixed(plan.layout.one(plan.gradients, key)) if key in trained else None)
        for key, before in plan.layout.unpack(plan.parameters).items()
    }
    loss = float(nodes[lowered.output].values["loss"])
    target = _lane(plan, lowered.target, lane)
    return Trace(split, index, nodes, parameters, target=target, loss=loss, step=step, mode=plan.purpose.mode)


def read_answer(plan: Plan, split: str, index: int, step: int) -> Trace:
    """The values of a forward pass of the sample in lane 0, whose target nobody knows: without a loss, and without steps that count."""
    lowered = plan.lowered
    nodes = {node: NodeTrace(_values(plan, node, 0)) for node in lowered.order}
    parameters = {key: ParameterTrace(before=fixed(before)) for key, before in plan.layout.unpack(plan.parameters).items()}
    told = {name: array for name, array in nodes[lowered.output].values.items() if name not in ("loss", "counted")}
    return Trace(split, index, {**nodes, lowered.output: NodeTrace(told)}, parameters, step=step, mode=plan.purpose.mode)


def _node(plan: Plan, node: str, lane: int) -> NodeTrace:
    give_way()
    named = plan.lowered.named[node]
    gradients = {name: _lane(plan, gradient_of(value), lane) for name, value in named.items() if plan.has(gradient_of(value))}
    return NodeTrace(_values(plan, node, lane), gradients)


def _values(plan: Plan, node: str, lane: int) -> dict[str, NDArray[Any]]:
    """The values of ``node`` by name, those first that are parts of others."""
    parts = plan.lowered.parts.get(node, {})
    stacked = {part.value: _lane(plan, part.value, lane) for part in parts.values() if plan.has(part.value)}
    values = {name: fixed(stacked[part.value][..., part.start : part.stop]) for name, part in parts.items() if part.value in stacked}
    return values | {name: _lane(plan, value, lane) for name, value in plan.lowered.named[node].items() if plan.has(value)}


def _lane(plan: Plan, value: Value, lane: int = 0) -> NDArray[Any]:
    return fixed(plan.value(value)[..., lane].copy())


def fixed(array: NDArray[Any]) -> NDArray[Any]:
    """The array, read-only."""
    array = np.asarray(array)
    array.flags.writeable = False
    return array
