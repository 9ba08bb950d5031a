"""SimpleRNN: ``h = f(W x + U h' + b)``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playground.anim.account import Number
from playground.anim.accounts.cell_types.formulas import Array, Back, Formulas, Values, doubles, through
from playground.anim.accounts.cell_types.way import Way
from playground.engine.trace import NodeTrace
from playground.layers.functions import FUNCTIONS
from playground.layers.spec import Fields


class SimpleRNNFormulas(Formulas):
    def of_sum(self, way: Way, gate: str, step: int, unit: int) -> list[Number]:
        total = way.sum_(gate, step, unit)
        slope = float(FUNCTIONS[way.cell.function(gate, way.fields)].slope(np.float64(total.value)))
        return [way.derivative("h", step, unit), Number(slope, f"f'({total.symbol})", about=total.place)]

    def slopes(self, fields: Fields, sums: Array) -> Array:
        """Of the functions that it offers."""
        name = str(fields.get("activation", "tanh"))
        if name == "tanh":
            return 1.0 - np.tanh(sums) ** 2
        if name == "sigmoid":
            share: Array = 0.5 * (1.0 + np.tanh(0.5 * sums))
            return share * (1.0 - share)
        return np.where(sums > 0, 1.0, 0.0) if name == "relu" else np.ones_like(sums)

    def back(self, fields: Fields, node: NodeTrace, weights: Values, end: str) -> Back | None:
        weight, values = weights.get("weight_hidden" + end), doubles(node, ("pre_activation",), end)
        if weight is None or values is None:
            return None
        return _Back(np.asarray(weight), self.slopes(fields, values["pre_activation"]))


@dataclass(slots=True)
class _Back:
    """dh_(t-1) = W^T (f'(s_t) dh_t)."""

    weight: NDArray[Any]
    slopes: Array
    kept: Array | None = None

    def cell(self, t: int, dh: Array) -> Array:
        return np.zeros_like(dh)

    def back(self, t: int, dh: Array, dc: Array) -> tuple[Array, Array]:
        return through(self.slopes[t] * dh, self.weight), dc
