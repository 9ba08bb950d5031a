"""GRU: one gate mixes the old state with a new one, another says how much of the old goes into the new (Cho et al. 2014)."""

from __future__ import annotations

from playground.fields import Field
from playground.layers.recurrent import COMMON, DRAWN, UNITS, Recurrent
from playground.layers.spec import Fields, Lowering, Shape, Value
from playground.layers.way import Way
from playground.sentences import listed

FORMULAS = {
    "tutorial": r"n_t = \tanh(W x_t + U (r_t \odot h_{t-1}) + b) \quad h_t = (1 - z_t) \odot h_{t-1} + z_t \odot n_t",
    "pytorch": r"n_t = \tanh(W x_t + b + r_t \odot (U h_{t-1} + d)) \quad h_t = (1 - z_t) \odot n_t + z_t \odot h_{t-1}",
}


class GRU(Recurrent):
    """z and r are sigmoids of ``W x + U h' + b``, rows in the order z r n. Form ``tutorial`` (Cho et al.): n = tanh(W x + U (r h') + b),
    h = (1 - z) h' + z n. Form ``pytorch`` (PyTorch, cuDNN, Keras's reset_after): n = tanh(W x + b + r (U h' + hidden_bias)),
    h = (1 - z) n + z h'."""

    name = "GRU"
    summary = "A recurrent layer with two gates: one mixes old and new state, one resets the old before the new is made."
    icon = "gru"
    operation = "gru"
    gates = ("z", "r", "n")
    sigmoids = frozenset("zr")
    fields = (
        UNITS,
        Field(
            "form",
            "choice",
            "tutorial",
            "tutorial: z is the share of the new state, and the reset comes before the product. pytorch: z is the share of the old, the "
            "reset comes after the product, and that has a bias of its own.",
            choices=("tutorial", "pytorch"),
        ),
        *COMMON,
        *DRAWN,
    )

    def more(self, fields: Fields) -> dict[str, Shape]:
        return {"hidden_bias": (fields["units"],)} if fields["form"] == "pytorch" else {}

    def forward(self, lowering: Lowering, way: Way) -> None:
        (steps, units), form = way.shape, lowering.fields["form"]
        way.gates = lowering.parts(f"gates{way.end}", (steps, 3 * units), [f"{name}{way.end}" for name in self.gates])
        way.inside = lowering.value(f"{'reset_state' if form == 'tutorial' else 'hidden_sum'}{way.end}", way.shape)
        given = {"weight_hidden": way.parameter("weight_hidden"), "mask": way.mask, **way.starts, **way.states}
        given |= {"sums": way.sums, "gates": way.gates, **_inside(lowering, way)}
        lowering.forward(self.operation, given, form=form, **way.options)

    def backward(self, lowering: Lowering, way: Way) -> None:
        weight, form = way.parameter("weight_hidden"), lowering.fields["form"]
        roles = {"gates": way.gates, **way.states, **way.starts, "weight_hidden": weight, **way.errors}
        learned = {**way.states, **way.starts, "dsums": way.dsums, "dweight_hidden": lowering.gradient(weight)}
        if form == "pytorch":
            dhidden = lowering.gradient(way.inside)
            roles |= {"hidden_sum": way.inside, "dhidden_sum": dhidden}
            learned |= {"dhidden_sum": dhidden, "dhidden_bias": lowering.gradient(way.parameter("hidden_bias"))}
        else:
            learned["reset_state"] = way.inside
        lowering.backward(self.operation_back, roles, form=form, **way.back)
        lowering.backward("recurrent_backward_weight", learned, **way.options)

    def facts(self, fields: Fields) -> str:
        return listed(filter(None, ["pytorch" if fields["form"] == "pytorch" else "", super().facts(fields)]))

    def formula(self, fields: Fields) -> str:
        return FORMULAS[fields["form"]]


def _inside(lowering: Lowering, way: Way) -> dict[str, Value]:
    """What of the old state goes into the new one."""
    if lowering.fields["form"] == "tutorial":
        return {"reset_state": way.inside}
    return {"hidden_sum": way.inside, "hidden_bias": way.parameter("hidden_bias")}
