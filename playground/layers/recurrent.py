"""What SimpleRNN, LSTM and GRU share: the way through time, in one direction or in both, from a state to a state."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar

from playground.errors import Fix, ShapeError
from playground.fields import Field
from playground.layers.geometry import Window
from playground.layers.initializers import INITIALIZER_FIELDS, INITIALIZERS
from playground.layers.spec import Fields, LayerType, Lowering, Parameter, Shape, Value, format_shape
from playground.layers.way import REVERSE, Way
from playground.sentences import listed, say

BOTH = ("both",)

UNITS = Field("units", "int", 16, "How many numbers the state has: each unit remembers one.", minimum=1, maximum=4096)
COMMON = (
    Field(
        "return_sequences",
        "bool",
        False,
        "Whether the state after every step goes on, or that after the last one alone.",
        label="Every step",
    ),
    Field(
        "direction",
        "choice",
        "forward",
        "Whether it reads from the first step to the last, the other way, or both ways with weights of their own.",
        choices=("forward", "backward", "both"),
    ),
    Field(
        "merge",
        "choice",
        "concatenate",
        "How the two directions become one output: side by side, or added up.",
        choices=("concatenate", "sum"),
        shown_when=("direction", BOTH),
    ),
    Field(
        "truncate",
        "int",
        None,
        "Errors go back at most so many steps through time, counted from the last one; left open, all the way.",
        label="Back at most",
        minimum=1,
        maximum=100_000,
        unit="steps",
        live=True,
        optional=True,
        empty="all",
    ),
    Field(
        "initial_state",
        "choice",
        "zeros",
        "The state before the first step: zeros, or numbers that are learned. A wire to the state port takes its place.",
        choices=("zeros", "learned"),
    ),
    Field(
        "stateful",
        "bool",
        False,
        "Whether a batch begins with the states that the batch before ended with, as a long text is read on. Errors do not go back that "
        "far; each epoch begins anew.",
    ),
)
DRAWN = (
    *INITIALIZER_FIELDS,
    Field(
        "recurrent_initializer",
        "choice",
        "orthogonal",
        "How the weights from state to state are drawn before training, gate by gate. Orthogonal ones keep a state's length.",
        label="State weights",
        choices=tuple(name for name in INITIALIZERS if name not in ("uniform", "normal")),
    ),
)


class Recurrent(LayerType):
    """A layer that goes through a sequence (T, F) step by step; its state is U numbers (an LSTM's: twice as many).

    Output (U) after the last step, or (T, U); with both directions side by side 2U. A backward direction reads from the last step to the
    first: its state at step t is that after reading t from the right. Subclasses say how a step is made.

    Class attributes: ``operation`` (all steps; ``operation_back`` is its way back), ``gates`` (whose sums ``pre_activation`` holds side by
    side, in this order; of a cell without gates the state's own), ``sigmoids`` (those of them that are shares of 1), ``states`` (h first).
    What is drawn, gone through and explained of a cell is read from these.
    """

    group = "Recurrent"
    icon = "rnn"
    inputs = (1, 2)
    trace_kind = "recurrent"
    has_state = True
    operation: ClassVar[str]
    gates: ClassVar[tuple[str, ...]] = ("h",)
    sigmoids: ClassVar[frozenset[str]] = frozenset()
    states: ClassVar[tuple[str, ...]] = ("h",)

    @property
    def operation_back(self) -> str:
        return f"{self.operation}_backward"

    @property
    def rows(self) -> tuple[str, ...]:
        """The values of a unit at a step, in the order in which they are computed: gates, then states, h last."""
        return (*(gate for gate in self.gates if gate not in self.states), *reversed(self.states))

    @property
    def memory(self) -> str:
        """The state that a cell keeps things in: c, which has no end, where there is one; else h."""
        return self.states[-1]

    def function(self, gate: str, fields: Fields) -> str:
        """The function of ``layers.functions`` that makes ``gate`` of its sum."""
        if gate in self.sigmoids:
            return "sigmoid"
        return str(fields[self.function_field]) if self.function_field else "tanh"

    def output_shape(self, fields: Fields, inputs: Sequence[Shape]) -> Shape:
        steps = self.steps(inputs[0])
        if fields["stateful"]:
            self._refuse_stateful(fields, wired=len(inputs) > 1)
        if len(inputs) > 1 and inputs[1] != self.state_shape(fields, inputs):
            raise ShapeError(
                say(
                    "gets a state of {inputs}, its own is {inputs2}.",
                    inputs=format_shape(inputs[1]),
                    inputs2=format_shape(self.state_shape(fields, inputs)),
                ),
                remedy="Wire the state of a layer of the same type with as many units and directions.",
            )
        wide = fields["units"] * (2 if fields["direction"] == "both" and fields["merge"] == "concatenate" else 1)
        return (steps, wide) if fields["return_sequences"] else (wide,)

    def _refuse_stateful(self, fields: Fields, wired: bool) -> None:
        """What comes next is known forward alone, and a state comes from one place."""
        off = Fix("set_field", "Do not keep the state", fields=(("stateful", False),))
        if fields["direction"] != "forward":
            raise ShapeError(
                "keeps its state from batch to batch, which a layer that reads backward cannot: it would start from what comes later.",
                remedy="Let it read forward, or do not keep the state.",
                fix=off,
            )
        if wired:
            raise ShapeError(
                "keeps its state from batch to batch, but gets a state by wire.",
                remedy="Remove that wire, or do not keep the state.",
                fix=off,
            )

    def steps(self, shape: Shape) -> int:
        """How many steps a sequence of ``shape`` has. Raises :class:`ShapeError` with a fix for what is none."""
        if len(shape) < 2:
            raise ShapeError(
                say("gets {shape} numbers in a row, it wants a row at each step, T×F.", shape=math.prod(shape)),
                remedy="Insert Embedding where they are tokens; else Reshape makes steps of them.",
                fix=Fix("insert", "Insert Embedding", "Embedding"),
            )
        if len(shape) > 2:
            rows = (shape[0] * shape[1], shape[2])
            raise ShapeError(
                say("gets {shape}, it wants a row at each step, T×F.", shape=format_shape(shape)),
                remedy=say("Insert Reshape to {rows}: a row of the picture is a step then.", rows=format_shape(rows)),
                fix=Fix("insert", say("Insert Reshape {rows}", rows=format_shape(rows)), "Reshape", (("shape", rows),)),
            )
        return shape[0]

    def windows(self, fields: Fields, inputs: Sequence[Shape]) -> tuple[Window, ...] | None:
        """A step's answer comes from all steps up to its own, or from its own on; a wired state from wherever that comes."""
        if not fields["return_sequences"] or len(inputs) > 1:
            return None
        steps, ways = inputs[0][0], ends(fields)
        before, after = ((steps - 1) * (end in ways) for end in ("", REVERSE))
        return (Window(steps, before + after + 1, before=before, after=after),)

    def state_shape(self, fields: Fields, inputs: Sequence[Shape]) -> Shape:
        """(1, U) or, of an LSTM, (2, U): h and c; with both directions those of the backward one behind them."""
        return (len(self.states) * len(ends(fields)), fields["units"])

    def parameters(self, fields: Fields, inputs: Sequence[Shape]) -> tuple[Parameter, ...]:
        wired = len(inputs) > 1
        return tuple(parameter for end in ends(fields) for parameter in self._parameters(fields, inputs[0][1], end, wired))

    def _parameters(self, fields: Fields, features: int, end: str, wired: bool) -> tuple[Parameter, ...]:
        """Of one direction. Fans are those of a single gate."""
        units, gates = fields["units"], len(self.gates)
        fan = {"fan_in": features, "fan_out": units}
        drawn = {"initializer": fields["initializer"], "initializer_scale": fields["initializer_scale"]}
        hidden = {"fan_in": units, "fan_out": units, "initializer": fields["recurrent_initializer"]}
        start = self.states if fields["initial_state"] == "learned" and not wired else ()
        return (
            Parameter(f"weight_input{end}", (gates * units, features), **fan, **drawn, blocks=gates),
            Parameter(f"weight_hidden{end}", (gates * units, units), **hidden, blocks=gates),
            Parameter(f"bias{end}", (gates * units,), "constant", decays=False, initializer_scale=0.0, constants=self.biases(fields)),
            *(Parameter(f"{name}{end}", shape, decays=False) for name, shape in self.more(fields).items()),
            *(Parameter(f"initial_{name}{end}", (units,), decays=False) for name in start),
        )

    def biases(self, fields: Fields) -> tuple[float, ...]:
        """What the bias of each gate starts from."""
        return (0.0,) * len(self.gates)

    def more(self, fields: Fields) -> dict[str, Shape]:
        """Further parameters of one direction, that start from 0."""
        return {}

    def multiply_adds(self, fields: Fields, inputs: Sequence[Shape]) -> int:
        (steps, features), units = inputs[0], fields["units"]
        of_step = len(self.gates) * units * (features + units)
        of_step += sum(math.prod(shape) for shape in self.more(fields).values() if len(shape) > 1)
        return int(steps * of_step * len(ends(fields)))

    # -- the way through time
    def lower(self, lowering: Lowering) -> None:
        x, found = lowering.inputs[0], ends(lowering.fields)
        ways = [Way(lowering, self, end) for end in found]
        if len(ways) == 1 and lowering.fields["return_sequences"]:
            lowering.alias(ways[0].states["h"], lowering.output, gradients=False)
        self._start(lowering, ways)
        for way in ways:
            roles = {"x": x, "weight": way.parameter("weight_input"), "bias": way.parameter("bias"), "y": way.sums}
            lowering.forward("affine", roles)
            self.forward(lowering, way)
        self._give(lowering, ways)
        if lowering.asked:
            self._take(lowering, ways)
            shares = [lowering.gradient(x)]
            if len(ways) > 1:
                shares = [lowering.value(f"share{way.end} of x", x.shape, shown=False) for way in ways]
            for way, share in zip(ways, shares, strict=True):
                self.backward(lowering, way)
                dweight, dbias = (lowering.gradient(way.parameter(name)) for name in ("weight_input", "bias"))
                lowering.backward("affine_backward_weight", {"x": x, "dy": way.dsums, "dweight": dweight, "dbias": dbias})
                lowering.backward("affine_backward_input", {"weight": way.parameter("weight_input"), "dy": way.dsums, "dx": share})
            if len(ways) > 1:
                lowering.backward("sum", {"xs": shares, "y": lowering.gradient(x)})
            self._hand_back(lowering, ways)

    def forward(self, lowering: Lowering, way: Way) -> None:
        """Say how the sums and states of all steps are made from the input's part of the sums."""
        raise NotImplementedError

    def backward(self, lowering: Lowering, way: Way) -> None:
        """Say how the errors of the sums are made from those of the states, and the gradient of ``weight_hidden`` from these."""
        raise NotImplementedError

    def _start(self, lowering: Lowering, ways: Sequence[Way]) -> None:
        """Where the states before the first step come from; nowhere, where they are zeros."""
        wired, learned = len(lowering.inputs) > 1, lowering.fields["initial_state"] == "learned"
        if lowering.fields["stateful"]:
            ways[0].carry_on(lowering, learned)
        elif wired or learned:
            for way in ways:
                way.start = {name: lowering.value(f"start_{name}{way.end}", way.shape[1:]) for name in self.states}
                way.answering = True
            if wired:
                given = flat(lowering, lowering.inputs[1])
                lowering.forward("split", {"y": given, "xs": [value for way in ways for value in way.start.values()]}, axis=0)
            else:
                for way in ways:
                    for name, value in way.start.items():
                        lowering.forward("spread", {"weight": way.parameter(f"initial_{name}"), "y": value})
        for way in ways:
            way.begin(lowering)

    def _hand_back(self, lowering: Lowering, ways: Sequence[Way]) -> None:
        """The errors of the states before the first step go where these came from."""
        if len(lowering.inputs) > 1:
            given = lowering.gradient(flat(lowering, lowering.inputs[1]))
            errors = [lowering.gradient(value) for way in ways for value in way.start.values()]
            lowering.backward("concatenate", {"xs": errors, "y": given}, axis=0)
            return
        for way in ways:
            for name, value in way.start.items() if way.answering else ():
                error, dweight = lowering.gradient(value), lowering.gradient(way.parameter(f"initial_{name}"))
                if name in way.learned and way.fresh is not None:
                    error = lowering.gradient(way.learned[name])
                    lowering.backward("product", {"xs": [lowering.gradient(value), way.fresh], "y": error})
                lowering.backward("spread_backward_weight", {"dy": error, "dweight": dweight})

    def _give(self, lowering: Lowering, ways: Sequence[Way]) -> None:
        """Say how the states become the output, and what goes on as the state after the last step."""
        y, alone = lowering.output, len(ways) == 1
        if not lowering.fields["return_sequences"]:
            for way in ways:
                way.take_last(lowering, "h", y if alone else None)
        if not alone:
            pieces = [way.states["h"] if lowering.fields["return_sequences"] else way.last["h"] for way in ways]
            options = {} if lowering.fields["merge"] == "sum" else {"axis": len(y.shape) - 1}
            lowering.forward("concatenate" if options else "sum", {"xs": pieces, "y": y}, **options)
        if 1 in lowering.wired:
            for way in ways:
                for name in self.states:
                    way.take_last(lowering, name)
            pieces = [way.last[name] for way in ways for name in self.states]
            lowering.forward("concatenate", {"xs": pieces, "y": flat(lowering, lowering.state)}, axis=0)

    def _take(self, lowering: Lowering, ways: Sequence[Way]) -> None:
        """Say how the errors that come back reach the states: those of every step, and those of the last one."""
        y, sequences = lowering.output, lowering.fields["return_sequences"]
        errors: list[dict[str, list[Value]]] = [{name: [] for name in self.states} for _ in ways]
        if 0 in lowering.asked:
            given = [lowering.gradient(y) for _ in ways]
            if len(ways) > 1 and lowering.fields["merge"] == "concatenate":
                given = [lowering.gradient(way.states["h"] if sequences else way.last["h"]) for way in ways]
                lowering.backward("split", {"y": lowering.gradient(y), "xs": given}, axis=len(y.shape) - 1)
            for way, of_way, error in zip(ways, errors, given, strict=True):
                if sequences:
                    way.above = error
                else:
                    of_way["h"].append(error)
        if 1 in lowering.asked:
            made = [{name: way.error(lowering, f"{name} handed on") for name in self.states} for way in ways]
            whole = lowering.gradient(flat(lowering, lowering.state))
            lowering.backward("split", {"y": whole, "xs": [error for of_way in made for error in of_way.values()]}, axis=0)
            for way, of_way, handed in zip(ways, errors, made, strict=True):
                for name, error in handed.items():
                    of_way[name].append(way.heard(lowering, lowering.backward, error, f"{name} handed on, and heard"))
        for way, of_way in zip(ways, errors, strict=True):
            for name, found in of_way.items():
                if len(found) > 1:
                    both = way.error(lowering, f"last {name}")
                    lowering.backward("sum", {"xs": found, "y": both})
                    found = [both]
                if found:
                    way.ended[name] = found[0]

    def non_differentiable(self, fields: Fields) -> str:
        truncate = fields["truncate"]
        if truncate == 1:
            return say("errors go back 1 step at most")
        return say("errors go back {steps} steps at most", steps=truncate) if truncate else ""

    def facts(self, fields: Fields) -> str:
        way = {"forward": "", "backward": say("backward"), "both": say("both ways")}[fields["direction"]]
        return listed(filter(None, [way, say("stateful") if fields["stateful"] else ""]))


def ends(fields: Fields) -> tuple[str, ...]:
    """By what the parameters and values of each direction end."""
    return {"forward": ("",), "backward": (REVERSE,), "both": ("", REVERSE)}[fields["direction"]]


def flat(lowering: Lowering, state: Value) -> Value:
    """A state (S, U) as one row."""
    row = lowering.value(f"{state.name} as a row", (state.size,), shown=False)
    lowering.alias(row, state)
    return row
