"""Lowering: a document becomes logical operations on named values, in pass order. Still without lanes, memory or kernels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from playground.document.checks import check
from playground.document.graph import INPUT, OUTPUT, Survey, survey
from playground.document.model import Document
from playground.document.starting import start_of
from playground.errors import EngineError
from playground.kernels.operations import accumulates, batchwise, writes_of
from playground.layers import registry
from playground.layers.spec import MODES, Fields, LayerType, Mode, Parameter, Shape, Value

Wanted = Literal["nothing", "update", "parameters", "everything"]
"""Which gradients a program is for: none (inference), those of nodes that learn, those of all parameters, or those of every
value as well (the trace)."""

Role = Value | tuple[Value, ...] | None

GRADIENT = "gradient of "
TARGET_NAME = "target"
OUTPUT_NAME = "output"
ANSWER_NAME = "answer"
"""A node's own output where some of its units are switched off."""


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
class Lowered:
    """The whole network as operations.

    ``forward`` and ``backward`` hold the operations of all modes: :meth:`within` gives those of one. ``after_step`` ends a training
    step. ``mode`` is set in what :meth:`within` gave. ``named[node id]`` are the values a trace shows, by name; ``inputs`` the outputs
    of the Input nodes; ``sources`` the nodes wired to each, by port. ``canonical`` resolves aliases.
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
    canonical: Mapping[Value, Value] = field(default_factory=dict)
    sources: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    after_step: tuple[Operation, ...] = ()
    mode: Mode | None = None
    _within: dict[Mode, Lowered] = field(default_factory=dict, init=False, repr=False, compare=False)

    def within(self, mode: Mode) -> Lowered:
        """The network as it is computed in ``mode``: always the same object. Of one that is so restricted, itself."""
        if self.mode is not None:
            if self.mode != mode:
                raise EngineError(f"the network as it is computed in {self.mode} knows nothing of {mode}.", remedy="Ask the whole of it.")
            return self
        if mode not in self._within:
            forward, backward = (tuple(o for o in given if mode in o.modes) for given in (self.forward, self.backward))
            self._within[mode] = replace(self, forward=forward, backward=backward, mode=mode)
        return self._within[mode]

    @property
    def batchwise(self) -> bool:
        """Whether in training what becomes of a sample hangs on its whole batch."""
        return any(batchwise(operation.name) for operation in self.within("training").forward)

    def __call__(self, value: Value) -> Value:
        """The value that ``value`` is stored in."""
        return self.canonical.get(value, value)


class _Aliases:
    """Union of values that share memory; the first of a family in pass order stands for it."""

    def __init__(self) -> None:
        self._parent: dict[Value, Value] = {}

    def find(self, value: Value) -> Value:
        while (parent := self._parent.get(value, value)) != value:
            value = parent
        return value

    def join(self, target: Value, source: Value) -> None:
        if target.size != source.size:
            raise EngineError(f"{target.name} {target.shape} cannot be {source.name} {source.shape} in another shape.", where=target.node)
        a, b = self.find(target), self.find(source)
        if a != b:
            self._parent[a] = b

    def table(self) -> dict[Value, Value]:
        return {value: self.find(value) for value in self._parent}


class _NodeLowering:
    """What a layer's ``lower`` is handed (see :class:`playground.layers.spec.Lowering`)."""

    def __init__(
        self,
        aliases: _Aliases,
        node: str,
        layer: LayerType,
        fields: Fields,
        shapes: Sequence[Shape],
        shape: Shape,
        off: tuple[int, ...] = (),
        frozen: bool = False,
    ) -> None:
        self._aliases = aliases
        self._frozen = frozen
        self.node = node
        self.fields = fields
        self.inputs: Sequence[Value] = tuple(Value(node, f"input {port}", given) for port, given in enumerate(shapes))
        self.exit = Value(node, OUTPUT_NAME, shape)
        """What goes on to other nodes: the output, with zeros where units are switched off."""
        self._axis = 0 if len(shape) > 2 else len(shape) - 1  # channels of a picture, else the last axis
        self._off = tuple(unit for unit in off if shape and unit < shape[self._axis])
        self.output = Value(node, ANSWER_NAME if self._off else OUTPUT_NAME, shape)
        self.target = Value(node, TARGET_NAME, shape)
        self.values: dict[str, Value] = {self.output.name: self.output, self.exit.name: self.exit}
        self.declarations = layer.parameters(fields, shapes)
        self.parameters = {p.name: Value(node, p.name, p.shape) for p in self.declarations}
        self.forward_operations: list[Operation] = []
        self.backward_operations: list[Operation] = []
        self.after_step_operations: list[Operation] = []

    def lower(self, layer: LayerType) -> None:
        """Let the layer say its operations; units that are off are silenced after it, and their error before it."""
        layer.lower(self)
        if self._off:
            options = {"off": self._off, "axis": self._axis}
            self.forward("silence", {"x": self.output, "y": self.exit}, **options)
            back = {"x": gradient_of(self.exit), "y": gradient_of(self.output)}
            self.backward_operations.insert(0, _operation(self.node, "silence", back, options))

    def gradient(self, value: Value) -> Value:
        return gradient_of(value)

    def parameter(self, name: str) -> Value:
        if name not in self.parameters:
            raise EngineError(f"there is no parameter {name!r}; it declares {', '.join(self.parameters) or 'none'}.", where=self.node)
        return self.parameters[name]

    def value(self, name: str, shape: Shape) -> Value:
        value = self.values[name] = Value(self.node, name, tuple(shape))
        return value

    def alias(self, target: Value, source: Value) -> None:
        self._aliases.join(target, source)
        self._aliases.join(gradient_of(target), gradient_of(source))

    def forward(self, operation: str, roles: Mapping[str, Value | Sequence[Value] | None], **options: Any) -> None:
        self.only(*MODES).forward(operation, roles, **options)

    def backward(self, operation: str, roles: Mapping[str, Value | Sequence[Value] | None], **options: Any) -> None:
        self.only(*MODES).backward(operation, roles, **options)

    def only(self, *modes: Mode) -> _Emitting:
        """Of a frozen node, training a batch is running its samples one by one: what it learned of batches stays as it is."""
        chosen = set(modes)
        if self._frozen:
            chosen = (chosen | {"training"}) if "sample" in chosen else (chosen - {"training"})
        return _Emitting(self, frozenset(chosen))

    def after_step(self, operation: str, roles: Mapping[str, Value | Sequence[Value] | None], **options: Any) -> None:
        if not self._frozen:
            self.after_step_operations.append(_operation(self.node, operation, roles, options))

    def emit_backward(self, made: Operation) -> None:
        """Append ``made``. Raises :class:`EngineError` where a parameter's gradient would be wrong for several micro-batches."""
        operation = made.name
        learned = {gradient_of(value) for value in self.parameters.values()}
        if not accumulates(operation) and not learned.isdisjoint(made.values(writes_of(operation))):
            raise EngineError(
                f"operation '{operation}' writes the gradient of a parameter, but cannot add up micro-batches.",
                where=self.node,
                remedy="Use an operation registered with accumulates=True.",
            )
        self.backward_operations.append(made)


class _Emitting:
    """Takes what is done in some modes."""

    def __init__(self, lowering: _NodeLowering, modes: frozenset[Mode]) -> None:
        self._lowering, self._modes = lowering, modes

    def forward(self, operation: str, roles: Mapping[str, Value | Sequence[Value] | None], **options: Any) -> None:
        made = self._made(operation, roles, options)
        if self._modes:
            self._lowering.forward_operations.append(made)

    def backward(self, operation: str, roles: Mapping[str, Value | Sequence[Value] | None], **options: Any) -> None:
        made = self._made(operation, roles, options)
        if self._modes:
            self._lowering.emit_backward(made)

    def _made(self, operation: str, roles: Mapping[str, Value | Sequence[Value] | None], options: Mapping[str, Any]) -> Operation:
        return replace(_operation(self._lowering.node, operation, roles, options), modes=self._modes)


def gradient_of(value: Value) -> Value:
    """Where the derivative of the loss by ``value`` lies, summed over all who read it."""
    return Value(value.node, GRADIENT + value.name, value.shape)


def lower(document: Document) -> Lowered:
    """Lower ``document``. Raise :class:`EngineError` with the first problem of one that does not pass ``document.check``."""
    found, output = _checked(document)
    aliases = _Aliases()
    lowerings: dict[str, _NodeLowering] = {}
    for node in found.order:
        layer = registry.get(document.nodes[node].type)
        placed = document.nodes[node]
        shapes = found.inputs[node], found.shapes[node]
        lowering = _NodeLowering(aliases, node, layer, found.fields[node], *shapes, placed.off, placed.frozen)
        for mine, wire in zip(lowering.inputs, found.incoming[node], strict=True):
            aliases.join(mine, lowerings[wire.source].exit)
        lowering.lower(layer)
        lowerings[node] = lowering
    backward = _backward(found, output, lowerings, aliases)
    parameters = tuple(
        ParameterValue(
            f"{node}/{declaration.name}",
            node,
            declaration,
            lowering.parameters[declaration.name],
            gradient_of(lowering.parameters[declaration.name]),
            document.nodes[node].frozen or not declaration.trained,
            start_of(document.nodes[node], declaration),
        )
        for node, lowering in lowerings.items()
        for declaration in lowering.declarations
    )
    return Lowered(
        order=found.order,
        forward=tuple(operation for lowering in lowerings.values() for operation in lowering.forward_operations),
        backward=backward,
        parameters=parameters,
        inputs={node: lowerings[node].output for node in found.order if document.nodes[node].type == INPUT},
        output=output,
        prediction=lowerings[output].output,
        target=lowerings[output].target,
        named={node: lowering.values for node, lowering in lowerings.items()},
        fields=found.fields,
        canonical=aliases.table(),
        sources={node: tuple(wire.source for wire in found.incoming[node]) for node in found.order},
        after_step=tuple(operation for lowering in lowerings.values() for operation in lowering.after_step_operations),
    )


def _checked(document: Document) -> tuple[Survey, str]:
    """What is known of the graph, and the Output's id; the document's first problem is an error."""
    for problem in check(document, data_needed=False):
        if problem.severity == "error":
            raise EngineError(problem.message, remedy=problem.remedy, fix=problem.fix)
    (output,) = (node for node, placed in document.nodes.items() if placed.type == OUTPUT)
    found = survey(document)
    for node in found.order:
        if node not in found.shapes:  # without data, nobody says what an Input with an open shape gives
            raise EngineError("its shape is not known.", where=node, remedy="Choose a data set, or give the Input a shape.")
    return found, output


def _backward(found: Survey, output: str, lowerings: Mapping[str, _NodeLowering], aliases: _Aliases) -> tuple[Operation, ...]:
    """The backward pass, nodes last to first. A node's output gradient is the sum of its wires' shares; with one wire it is that
    share. Only nodes that the Output depends on have one."""
    shares: dict[str, list[Value]] = {node: [] for node in found.order}
    operations: list[Operation] = []
    for node in reversed(found.order):
        mine = shares[node]
        total = gradient_of(lowerings[node].exit)
        if not mine and node != output:
            continue
        if len(mine) == 1:
            aliases.join(mine[0], total)
        elif mine:
            operations.append(Operation(node, "sum", {"xs": tuple(mine), "y": total}, {}))
        operations.extend(lowerings[node].backward_operations)
        for given, wire in zip(lowerings[node].inputs, found.incoming[node], strict=True):
            shares[wire.source].append(gradient_of(given))
    return tuple(operations)


def needed(lowered: Lowered, wanted: Wanted) -> tuple[Operation, ...]:
    """The backward operations that somebody needs the results of: dead work (the gradient by the input data) is dropped."""
    if wanted == "nothing":
        return ()
    goal = {lowered(p.gradient) for p in lowered.parameters if wanted != "update" or not p.frozen}
    kept: list[Operation] = []
    for operation in reversed(lowered.backward):
        writes = writes_of(operation.name)
        if wanted == "everything" or any(lowered(value) in goal for value in operation.values(writes)):
            kept.append(operation)
            goal.update(lowered(value) for value in operation.values(set(operation.roles) - set(writes)))
    return tuple(reversed(kept))


def _operation(node: str, name: str, roles: Mapping[str, Value | Sequence[Value] | None], options: Mapping[str, Any]) -> Operation:
    """An operation with its lists fixed. Raises :class:`EngineError` if there is none of that name."""
    writes_of(name)
    fixed: dict[str, Role] = {role: value if value is None or isinstance(value, Value) else tuple(value) for role, value in roles.items()}
    return Operation(node, name, fixed, dict(options))
