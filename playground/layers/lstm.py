"""LSTM: a cell keeps, takes in and gives out by gates that it learns (Hochreiter & Schmidhuber 1997; forget gate: Gers et al. 2000)."""

from __future__ import annotations

from playground.fields import Field
from playground.layers.recurrent import COMMON, DRAWN, UNITS, Recurrent
from playground.layers.spec import Fields, Lowering, Shape, Value
from playground.layers.way import Way
from playground.sentences import listed, say


class LSTM(Recurrent):
    """``c = f c' + i g``, ``h = o tanh(c)``; i, f, o are sigmoids and g is a tanh of ``W x + U h' + b``, rows in the order i f g o.

    Peepholes (Gers & Schmidhuber 2000) add p c' to the sums of i and f and p c to that of o: ``peephole`` (3, units), rows i f o.
    """

    name = "LSTM"
    summary = "A recurrent layer with a memory cell: gates decide what it keeps, takes in and gives out."
    icon = "lstm"
    operation = "lstm"
    gates = ("i", "f", "g", "o")
    sigmoids = frozenset("ifo")
    states = ("h", "c")
    fields = (
        UNITS,
        *COMMON,
        Field(
            "forget_bias",
            "float",
            1.0,
            "The number the forget gate's biases start from: above 0, a new cell keeps more than it forgets.",
            label="Forget bias",
            minimum=-100.0,
            maximum=100.0,
        ),
        Field("peepholes", "bool", False, "Whether the gates see the cell too, each unit its own."),
        *DRAWN,
    )

    def biases(self, fields: Fields) -> tuple[float, ...]:
        return (0.0, fields["forget_bias"], 0.0, 0.0)

    def more(self, fields: Fields) -> dict[str, Shape]:
        return {"peephole": (3, fields["units"])} if fields["peepholes"] else {}

    def forward(self, lowering: Lowering, way: Way) -> None:
        steps, units = way.shape
        way.gates = lowering.parts(f"gates{way.end}", (steps, 4 * units), [f"{name}{way.end}" for name in self.gates])
        given = {"weight_hidden": way.parameter("weight_hidden"), "peephole": _peephole(lowering, way), "mask": way.mask}
        lowering.forward(self.operation, {"sums": way.sums, "gates": way.gates, **given, **way.starts, **way.states}, **way.options)

    def backward(self, lowering: Lowering, way: Way) -> None:
        weight, peephole = way.parameter("weight_hidden"), _peephole(lowering, way)
        given = {"gates": way.gates, "c": way.states["c"], "initial_c": way.start.get("c"), "weight_hidden": weight, "peephole": peephole}
        lowering.backward(self.operation_back, {**given, **way.errors}, **way.back)
        learned = {"h": way.states["h"], "initial_h": way.start.get("h"), "dsums": way.dsums, "dweight_hidden": lowering.gradient(weight)}
        if peephole is not None:
            learned |= {"c": way.states["c"], "initial_c": way.start.get("c"), "dpeephole": lowering.gradient(peephole)}
        lowering.backward("recurrent_backward_weight", learned, **way.options)

    def facts(self, fields: Fields) -> str:
        return listed(filter(None, [say("peepholes") if fields["peepholes"] else "", super().facts(fields)]))

    def formula(self, fields: Fields) -> str:
        return r"c_t = f_t \odot c_{t-1} + i_t \odot g_t \quad h_t = o_t \odot \tanh c_t"


def _peephole(lowering: Lowering, way: Way) -> Value | None:
    return way.parameter("peephole") if lowering.fields["peepholes"] else None
