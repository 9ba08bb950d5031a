"""What a layer's ``lower`` is handed: it takes down the operations of one node."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from playground.engine.program.lowered import (
    ANSWER_NAME,
    COUNTED_NAME,
    OUTPUT_NAME,
    STATE_NAME,
    TARGET_NAME,
    Operation,
    Part,
    Role,
    gradient_of,
)
from playground.engine.program.streams import Carried
from playground.errors import EngineError
from playground.kernels.operations import accumulates, writes_of
from playground.layers.spec import MODES, Begin, Fields, LayerType, Mode, Shape, Value
from playground.sentences import say


class Aliases:
    """Union of values that share memory; the first of a family in pass order stands for it."""

    def __init__(self) -> None:
        self._parent: dict[Value, Value] = {}

    def find(self, value: Value) -> Value:
        while (parent := self._parent.get(value, value)) != value:
            value = parent
        return value

    def join(self, target: Value, source: Value) -> None:
        if target.size != source.size:
            raise EngineError(
                say(
                    "{name} {shape} cannot be {name2} {shape2} in another shape.",
                    name=target.name,
                    shape=target.shape,
                    name2=source.name,
                    shape2=source.shape,
                ),
                where=target.node,
            )
        a, b = self.find(target), self.find(source)
        if a != b:
            self._parent[a] = b

    def table(self) -> dict[Value, Value]:
        return {value: self.find(value) for value in self._parent}


class NodeLowering:
    """What a layer's ``lower`` is handed (see :class:`playground.layers.spec.Lowering`)."""

    def __init__(
        self,
        aliases: Aliases,
        node: str,
        layer: LayerType,
        fields: Fields,
        shapes: Sequence[Shape],
        shape: Shape,
        off: tuple[int, ...] = (),
        frozen: bool = False,
        masks: Sequence[Value | None] = (),
        wired: frozenset[int] = frozenset({0}),
        asked: frozenset[int] = frozenset({0}),
    ) -> None:
        self._aliases = aliases
        self._frozen = frozen
        self.node = node
        self.fields = fields
        self.inputs: Sequence[Value] = tuple(Value(node, f"input {port}", given) for port, given in enumerate(shapes))
        self.exit = Value(node, OUTPUT_NAME, shape)
        """What goes on to other nodes: the output, with zeros where units are switched off."""
        self._axis = 0 if len(shape) > 2 else len(shape) - 1  # channels of a picture, else the last axis
        self.off = tuple(unit for unit in off if shape and unit < shape[self._axis])
        self.output = Value(node, ANSWER_NAME if self.off else OUTPUT_NAME, shape)
        self.target = Value(node, TARGET_NAME, shape)
        self.counted = Value(node, COUNTED_NAME, shape[:1]) if len(shape) == 2 and not layer.has_output else None
        self.masks: Sequence[Value | None] = tuple(masks)
        self.wired, self.asked = wired, asked
        self.state = Value(node, STATE_NAME, layer.state_shape(fields, shapes) if layer.has_state else ())
        self.parts_named: dict[str, Part] = {}
        self.values: dict[str, Value] = {self.output.name: self.output, self.exit.name: self.exit}
        if 1 in wired:
            self.values[STATE_NAME] = self.state
        if self.counted is not None:
            self.values[COUNTED_NAME] = self.counted
        self.declarations = layer.parameters(fields, shapes)
        self.parameters = {p.name: Value(node, p.name, p.shape) for p in self.declarations}
        self.forward_operations: list[Operation] = []
        self.backward_operations: list[Operation] = []
        self.after_step_operations: list[Operation] = []
        self.carried: list[Carried] = []
        self.carry_operations: list[Operation] = []

    @property
    def exits(self) -> tuple[Value, Value]:
        """What goes on to other nodes, by output port."""
        return self.exit, self.state

    def lower(self, layer: LayerType) -> None:
        """Let the layer say its operations; units that are off are silenced after it, and their error before it."""
        layer.lower(self)
        if self.off:
            options = {"off": self.off, "axis": self._axis}
            self.forward("silence", {"x": self.output, "y": self.exit}, **options)
            back = {"x": gradient_of(self.exit), "y": gradient_of(self.output)}
            self.backward_operations.insert(0, make_operation(self.node, "silence", back, options))

    def gradient(self, value: Value) -> Value:
        return gradient_of(value)

    def parameter(self, name: str) -> Value:
        if name not in self.parameters:
            raise EngineError(
                say(
                    "there is no parameter {name!r}; it declares {parameters}.",
                    name=name,
                    parameters=", ".join(self.parameters) or say("none"),
                ),
                where=self.node,
            )
        return self.parameters[name]

    def value(self, name: str, shape: Shape, shown: bool = True) -> Value:
        value = self._named(name, shape)
        if shown:
            self.values[name] = value
        return value

    def parts(self, name: str, shape: Shape, names: Sequence[str]) -> Value:
        value, wide = self._named(name, shape, *names), shape[-1] // len(names)
        self.parts_named |= {part: Part(value, at * wide, (at + 1) * wide) for at, part in enumerate(names)}
        return value

    def _named(self, name: str, shape: Shape, *parts: str) -> Value:
        """A value, or the one of this name and shape that is not shown. What has a name that is known outside keeps it to itself: a
        trace, formulas and pictures find it by that alone."""
        taken = {*self.values, *self.parts_named, *self.parameters, *(value.name for value in self.inputs)}
        for one in (name, *parts):
            if one in taken:
                raise EngineError(
                    say("there is a value, a parameter or an output called {name!r} already.", name=one),
                    where=self.node,
                    remedy="Give each a name of its own.",
                )
        return Value(self.node, name, tuple(shape))

    def alias(self, target: Value, source: Value, gradients: bool = True) -> None:
        self._aliases.join(target, source)
        if gradients:
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
            self.after_step_operations.append(make_operation(self.node, operation, roles, options))

    def kept(self, name: str, shape: Shape, begin: Begin = "zeros", state: str = "") -> Value:
        value = self.value(name, shape, shown=bool(state))
        self.carried.append(Carried(value, begin, state))
        return value

    def carry(self, operation: str, roles: Mapping[str, Value | Sequence[Value] | None], **options: Any) -> None:
        self.carry_operations.append(make_operation(self.node, operation, roles, options))

    def emit_backward(self, made: Operation) -> None:
        """Append ``made``. Raises :class:`EngineError` where a parameter's gradient would be wrong for several micro-batches."""
        operation = made.name
        learned = {gradient_of(value) for value in self.parameters.values()}
        if not accumulates(operation) and not learned.isdisjoint(made.values(writes_of(operation))):
            raise EngineError(
                say("operation '{operation}' writes the gradient of a parameter, but cannot add up micro-batches.", operation=operation),
                where=self.node,
                remedy="Use an operation registered with accumulates=True.",
            )
        self.backward_operations.append(made)


class _Emitting:
    """Takes what is done in some modes."""

    def __init__(self, lowering: NodeLowering, modes: frozenset[Mode]) -> None:
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
        return replace(make_operation(self._lowering.node, operation, roles, options), modes=self._modes)


def make_operation(node: str, name: str, roles: Mapping[str, Value | Sequence[Value] | None], options: Mapping[str, Any]) -> Operation:
    """An operation with its lists fixed. Raises :class:`EngineError` that names the node if there is none of that name."""
    try:
        writes_of(name)
    except EngineError as error:
        raise EngineError(error.message, where=node, remedy=error.remedy) from error
    fixed: dict[str, Role] = {role: value if value is None or isinstance(value, Value) else tuple(value) for role, value in roles.items()}
    return Operation(node, name, fixed, dict(options))
