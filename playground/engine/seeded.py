"""Backward from anywhere: what a node answers, and how that hangs on the values before it.

Training goes backward from the loss. A question such as "which pixels does this filter look at" goes backward from a cotangent of
one's own: the derivative of sum(cotangent * value), by the same operations, over the nodes that the value depends on alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playground import kernels
from playground.engine.network import Network
from playground.engine.program.lowering import Lowered, Operation, gradient_of
from playground.engine.program.plan import Plan, Purpose, number_type
from playground.errors import EngineError
from playground.kernels import Target
from playground.kernels.operations import writes_of
from playground.layers.spec import Value
from playground.sentences import say

Array = NDArray[np.floating]


class Seeded:
    """Answers of ``node`` of ``network``, and derivatives, for up to ``count`` samples at a time, outside training mode.

    ``value`` is what is asked about: the sum that its function is applied to, where the node has one (a unit that its ReLU
    cut off has a slope there all the same), else its output. ``watched`` are the values whose derivatives can be had: the output of the
    Input and of ``beside``. The weights are those that the network has when it is asked.
    Raises :class:`~playground.errors.EngineError` for a node that the network has not got, or one that hangs on no picture.
    """

    def __init__(self, network: Network, node: str, count: int, beside: Iterable[str] = ()) -> None:
        lowered = network.lowered
        if node not in lowered.named:
            raise EngineError(
                say("there is no node {node!r}.", node=node),
                where="nodes",
                remedy=say("There are {named}.", named=", ".join(lowered.named)),
            )
        if len(lowered.inputs) != 1:
            raise EngineError(
                say("the network has {inputs} Inputs.", inputs=len(lowered.inputs)), remedy="This view needs a network with one Input."
            )
        self.value = asked_of(lowered, node)
        self.input = next(iter(lowered.inputs.values()))
        if lowered(self.value) == lowered(self.input):
            raise EngineError("it is the picture itself, in another form at most.", where=node, remedy="Choose a node behind it.")
        self.watched = {name: lowered.named[name]["output"] for name in (self.input.node, *beside)}
        self._cut = cut(lowered, self.value, list(self.watched.values()))
        dtype = number_type(network.dtype.name)
        target = Target(dtype, kernels.lanes_for(count, dtype, network.instruction_set), network.instruction_set)
        self._plan = Plan(self._cut, target, Purpose(wanted="everything"), network.seed)
        self._network = network

    @property
    def lanes(self) -> int:
        """Samples that are run at a time."""
        return self._plan.lanes

    def prepare(self, progress: Callable[[int, int], None] | None = None) -> None:
        """Compile what is missing; ``progress(done, total)`` is told."""
        kernels.compile.prepare(self._plan.names, self._plan.target.dtype, self._plan.target.isa, progress)

    def __call__(self, x: NDArray[Any], cotangent: NDArray[Any]) -> tuple[Array, dict[str, Array]]:
        """The value (N, *shape) for samples ``x`` (N, *input shape) as the network sees them, and by node the derivatives (N, *shape) of
        each sample's sum(cotangent * value). ``cotangent`` is of the value's shape, the same for all samples."""
        plan = self._plan
        if not 0 < len(x) <= plan.lanes or x.shape[1:] != self.input.shape or cotangent.shape != self.value.shape:
            raise EngineError(
                say(
                    "expected up to {lanes} samples of shape {shape} and a cotangent {shape2}, got {shape3} and {shape4}.",
                    lanes=plan.lanes,
                    shape=self.input.shape,
                    shape2=self.value.shape,
                    shape3=x.shape,
                    shape4=cotangent.shape,
                ),
                where=self.value.node,
            )
        plan.parameters[:] = self._network.flat
        given, seed = plan.value(self.input), plan.value(gradient_of(self.value))
        given[..., : len(x)], given[..., len(x) :] = np.moveaxis(x, 0, -1), 0
        seed[..., : len(x)], seed[..., len(x) :] = cotangent[..., None], 0
        control = plan.control
        control.step, control.batch, control.cursor, control.end = self._network.step, len(x), 0, len(x)
        plan.program.run(1)
        return self._read(self.value, len(x)), {node: self._read(gradient_of(v), len(x)) for node, v in self.watched.items()}

    def output(self, node: str, count: int) -> Array:
        """What a watched ``node`` gave for the last ``count`` samples, (count, *shape)."""
        return self._read(self.watched[node], count)

    def _read(self, value: Value, count: int) -> Array:
        return np.moveaxis(self._plan.value(value)[..., :count], -1, 0).copy()


def asked_of(lowered: Lowered, node: str) -> Value:
    """The value that a question about ``node`` is about; for Output, what it gets: the sums that its softmax compares."""
    if node == lowered.output:
        node = lowered.sources[node][0]
    named = lowered.named[node]
    return named.get("pre_activation") or named["output"]


def cut(lowered: Lowered, value: Value, wanted: Iterable[Value]) -> Lowered:
    """``lowered`` up to ``value``: what it is computed from, and backward only what leads from its gradient to those of ``wanted``.

    Raises :class:`~playground.errors.EngineError` if a wanted value is none of those that it is computed from.
    """
    wanted = list(wanted)
    before: list[Operation] = []
    made = {lowered(value)}
    for operation in reversed(lowered.forward):
        writes = writes_of(operation.name)
        if any(lowered(one) in made for one in operation.values(writes)):
            before.append(operation)
            made.update(lowered(one) for one in operation.values(set(operation.roles) - set(writes)))
    missing = [one.node for one in wanted if lowered(one) not in made]
    if missing:
        raise EngineError(
            say("it does not hang on {missing}.", missing=missing[0]), where=value.node, remedy="Choose a node that lies behind it."
        )
    seed = lowered(gradient_of(value))
    goal = {lowered(gradient_of(one)) for one in wanted} - {seed}
    back: list[Operation] = []
    for operation in reversed(lowered.backward):
        writes = writes_of(operation.name)
        written = {lowered(one) for one in operation.values(writes)}
        if seed not in written and written & goal:
            back.append(operation)
            goal.update(lowered(one) for one in operation.values(set(operation.roles) - set(writes)))
    back = _reached(lowered, seed, reversed(back))
    return replace(lowered, forward=tuple(reversed(before)), backward=tuple(back))


def _reached(lowered: Lowered, seed: Value, operations: Iterable[Operation]) -> list[Operation]:
    """Those of ``operations``, in pass order, that hand on something of the gradient ``seed``. Shares of readers that the value
    does not hang on are left at zero: nobody writes them."""
    known, kept = {seed}, []
    for operation in operations:
        writes = writes_of(operation.name)
        if any(lowered(one) in known for one in operation.values(set(operation.roles) - set(writes))):
            kept.append(operation)
            known.update(lowered(one) for one in operation.values(writes))
    return kept
