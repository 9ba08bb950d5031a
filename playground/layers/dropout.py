"""Dropout: while training, each number is zeroed by chance and the rest scaled up (Srivastava et al. 2014, inverted)."""

from __future__ import annotations

from collections.abc import Sequence

from playground.fields import Field
from playground.layers.spec import Fields, LayerType, Lowering, Shape


class Dropout(LayerType):
    """``a = m x``, with m = 0 by chance ``rate``, else 1 / (1 - rate). Outside training it passes everything on.

    The mask is drawn by the plan's key for this node, the step and the sample, so that it can be shown and repeated.
    """

    name = "Dropout"
    summary = "While training, turns a share of the numbers off by chance, so that no unit is relied on alone."
    icon = "dropout"
    trace_kind = "dropout"
    fields = (Field("rate", "float", 0.5, "The share of numbers turned off at each training step.", minimum=0.0, maximum=0.95, live=True),)

    def output_shape(self, fields: Fields, inputs: Sequence[Shape]) -> Shape:
        return inputs[0]

    def lower(self, lowering: Lowering) -> None:
        (x,), y = lowering.inputs, lowering.output
        mask = lowering.value("mask", y.shape)
        dx, dy = lowering.gradient(x), lowering.gradient(y)
        noisy, plain = lowering.only("training", "sample"), lowering.only("inference")
        noisy.forward("dropout", {"x": x, "y": y, "mask": mask})
        noisy.backward("dropout_backward", {"mask": mask, "dy": dy, "dx": dx})
        plain.forward("copy", {"x": x, "y": y})
        plain.backward("copy", {"x": dy, "y": dx})

    def facts(self, fields: Fields) -> str:
        return f"{fields['rate']:g}"

    def formula(self, fields: Fields) -> str:
        rate = f"{fields['rate']:g}"
        return (
            rf"a = m\,x \quad m = \begin{{cases}} 0 & \text{{by chance }} {rate} \\ \frac{{1}}{{1 - {rate}}} & \text{{else}} \end{{cases}}"
        )
