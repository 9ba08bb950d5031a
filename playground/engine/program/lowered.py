"""A lowered network: logical operations on named values, in pass order, as plain data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from playground.engine.program.streams import Carried
from playground.errors import EngineError
from playground.kernels.operations import batchwise
from playground.layers import losses
from playground.layers.spec import MODES, Fields, Mode, Parameter, Value
from playground.sentences import say

Wanted = Literal["nothing", "update", "parameters", "everything"]
"""Which gradients a program is for: none (inference), those of nodes that learn, those of all parameters, or those of every
value as well (the trace)."""

Role = Value | tuple[Value, ...] | None

GRADIENT = "gradient of "
TARGET_NAME = "target"
OUTPUT_NAME = "output"
ANSWER_NAME = "answer"
"""A node's own output where some of its units are switched off."""
MASK_NAME = "mask"
COUNTED_NAME = "counted"
STATE_NAME = "state"


@dataclass(frozen=True, slots=True)
class Operation:
    """One logical operation of ``node``, done in some ``modes``."""

    node: str
    name: str
    roles: Mapping[str, Role]
    options: Mapping[str, Any]
    modes: frozenset[Mode] = frozenset(MODES)

    def values(self, roles: Iterable[str] | None = None) -> Iterable[Value]:
        """All values of the given roles (of all roles by default)."""
        for role in self.roles if roles is None else roles:
            value = self.roles.get(role)
            if isinstance(value, Value):
                yield value
            elif value is not None:
                yield from value


@dataclass(frozen=True, slots=True)
class ParameterValue:
    """A parameter of the network: its key ``"node id/name"``, its declaration, its value and its gradient's value. ``frozen``: the
    optimizer leaves it alone."""

    key: str
    node: str
    parameter: Parameter
    value: Value
    gradient: Value
    frozen: bool
    initial: NDArray[np.float64] | None = field(default=None, compare=False)
    """What it starts from where that is not drawn."""


@dataclass(frozen=True, slots=True)
class Part:
    """A named share of a value: from ``start`` to ``stop`` of its last axis."""

    value: Value
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Lowered:
    """The whole network as operations.

    ``forward`` and ``backward`` hold the operations of all modes: :meth:`within` gives those of one. ``after_step`` ends a training
    step. ``mode`` is set in what :meth:`within` gave. ``named[node id]`` are the values a trace shows, by name; ``inputs`` the outputs
    of the Input nodes; ``types`` the nodes' layer types, by name; ``sources`` the nodes wired to each, by port, ``from_ports`` which of
    their outputs. ``canonical`` resolves aliases.

    Of sequences: ``masks`` are the values (T) that say which steps are real, by Input node, where an operation reads one;
    ``counted`` says which steps of the target count, where there is one at each, and ``target_mask`` is the mask that reaches the
    Output. ``parts[node id]`` are what a trace shows beside ``named``, by name. ``carried`` are the values that stay from batch to batch,
    ``carry`` the operations that write them at a batch's end; both are empty unless a layer is stateful.
    """

    order: tuple[str, ...]
    forward: tuple[Operation, ...]
    backward: tuple[Operation, ...]
    parameters: tuple[ParameterValue, ...]
    inputs: Mapping[str, Value]
    output: str
    prediction: Value
    target: Value
    named: Mapping[str, Mapping[str, Value]]
    fields: Mapping[str, Fields]
    types: Mapping[str, str] = field(default_factory=dict)
    canonical: Mapping[Value, Value] = field(default_factory=dict)
    sources: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    after_step: tuple[Operation, ...] = ()
    mode: Mode | None = None
    from_ports: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    masks: Mapping[str, Value] = field(default_factory=dict)
    counted: Value | None = None
    target_mask: Value | None = None
    parts: Mapping[str, Mapping[str, Part]] = field(default_factory=dict)
    carried: tuple[Carried, ...] = ()
    carry: tuple[Operation, ...] = ()
    _within: dict[Mode, Lowered] = field(default_factory=dict, init=False, repr=False, compare=False)

    def within(self, mode: Mode) -> Lowered:
        """The network as it is computed in ``mode``: always the same object. Of one that is so restricted, itself."""
        if self.mode is not None:
            if self.mode != mode:
                raise EngineError(
                    say("the network as it is computed in {mode} knows nothing of {mode2}.", mode=self.mode, mode2=mode),
                    remedy="Ask the whole of it.",
                )
            return self
        if mode not in self._within:
            forward, backward = (tuple(o for o in given if mode in o.modes) for given in (self.forward, self.backward))
            self._within[mode] = replace(self, forward=forward, backward=backward, mode=mode)
        return self._within[mode]

    @property
    def loss(self) -> losses.Loss:
        """What the Output's loss says of itself."""
        return losses.get(self.fields[self.output]["loss"])

    @property
    def batchwise(self) -> bool:
        """Whether in training what becomes of a sample hangs on its whole batch."""
        return any(batchwise(operation.name) for operation in self.within("training").forward)

    def __call__(self, value: Value) -> Value:
        """The value that ``value`` is stored in."""
        return self.canonical.get(value, value)


def gradient_of(value: Value) -> Value:
    """Where the derivative of the loss by ``value`` lies, summed over all who read it."""
    return Value(value.node, GRADIENT + value.name, value.shape)
