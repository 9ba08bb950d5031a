"""GRU. Tutorial's form: ``n = tanh(W x + U (r h') + b)``, ``h = (1 - z) h' + z n``; PyTorch's: ``n = tanh(W x + b + r (U h' + d))``,
``h = (1 - z) n + z h'``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playground.anim.account import Equation, Number, Place, Term
from playground.anim.accounts.cell_types.formulas import (
    Array,
    Back,
    Formulas,
    Values,
    at_step,
    before,
    doubles,
    rest,
    slope_of_sigmoid,
    slope_of_tanh,
    through,
    written,
)
from playground.anim.accounts.cell_types.way import Way
from playground.anim.accounts.registry import product
from playground.engine.trace import NodeTrace
from playground.layers.spec import Fields


class GRUFormulas(Formulas):
    # -- forward
    def state(self, way: Way, name: str, step: int, unit: int) -> tuple[Equation, ...]:
        """h = (1 - z) h' + z n, or the other way round."""
        result, old = way.number("h", step, unit), way.states_before("h", step)
        kept, new = _shares(way, step, unit)
        terms = [product(new, way.number("n", step, unit))]
        if old is not None:
            terms.insert(0, product(kept, old(unit)))
        return (Equation("mixed", f"{result.symbol} = {written(terms)}", tuple(terms), result),)

    def read(self, way: Way, gate: str, step: int) -> Callable[[int], Number] | None:
        """Of the candidate what the reset leaves of the old state, or nothing: in PyTorch's form the reset comes behind the product."""
        if gate != "n":
            return way.states_before("h", step)
        if _pytorch(way):
            return None
        values = way.value("reset_state")
        return lambda unit: Number(
            float(values[step, unit]), f"(r h')_{{{unit + 1}}}", Place(way.node, f"reset_state{way.end}", (step, unit))
        )

    def beside(self, way: Way, gate: str, step: int, unit: int) -> list[Term]:
        """Of PyTorch's candidate what the reset lets through."""
        if gate != "n" or not _pytorch(way):
            return []
        return [product(way.number("r", step, unit), _hidden(way, step, unit, f"(U h' + d)_{{{unit + 1}}}"))]

    def shares(self, values: Values, end: str, step: int) -> dict[str, Array] | None:
        """``kept`` of h', ``written`` of the candidate, ``h``."""
        found = at_step(values, ("z", "r", "n", "h"), end, step)
        if found is None:
            return None
        now, earlier = found
        share = 1.0 - now["z"] if f"hidden_sum{end}" in values else now["z"]  # PyTorch's form has z the other way round
        new = share * now["n"]
        return {"kept": (1.0 - share) * earlier["h"] if earlier is not None else now["h"] - new, "written": new, "h": now["h"]}

    # -- backward
    def handed_back(self, way: Way, later: int, unit: int) -> list[Term]:
        return [product(_shares(way, later, unit)[0], way.derivative("h", later, unit))]

    def between(self, way: Way, gate: str, later: int, source: int, target: int) -> list[Number]:
        return [way.number("r", later, target if _pytorch(way) else source)] if gate == "n" else []

    def of_sum(self, way: Way, gate: str, step: int, unit: int) -> list[Number]:
        value, error, old = way.number(gate, step, unit), way.derivative("h", step, unit), way.states_before("h", step)
        pytorch, earlier = _pytorch(way), 0.0 if old is None else old(unit).value
        candidate = way.number("n", step, unit)
        if gate == "n":
            return [error, _shares(way, step, unit)[1], slope_of_tanh(value)]
        if gate == "z":
            symbols = f"({candidate.symbol} - h')" if not pytorch else f"(h' - {candidate.symbol})"
            difference = candidate.value - earlier if not pytorch else earlier - candidate.value
            return [error, Number(difference, symbols, about=candidate.place), slope_of_sigmoid(value)]
        if pytorch:
            return [way.delta("n", step, unit), _hidden(way, step, unit, "(U h' + d)"), slope_of_sigmoid(value)]
        rows = slice(2 * way.units, 3 * way.units)
        arriving = float(way.parameter("weight_hidden")[rows, unit] @ way.error("pre_activation")[step, rows])
        if old is None:
            return []
        return [Number(arriving, r"(\sum_k u_{k}\, \delta^{n}_{k})", about=Place(way.node, "")), old(unit), slope_of_sigmoid(value)]

    def back(self, fields: Fields, node: NodeTrace, weights: Values, end: str) -> Back | None:
        weight, values = weights.get("weight_hidden" + end), doubles(node, ("z", "r", "n", "h"), end)
        pytorch = fields.get("form") == "pytorch"
        hidden = node.values.get("hidden_sum" + end)
        if weight is None or values is None or (pytorch and hidden is None):
            return None
        z, r, n, old = values["z"], values["r"], values["n"], before(values["h"], end)
        kept = z if pytorch else 1 - z
        to_update, to_candidate = (old - n if pytorch else n - old) * z * (1 - z), (1 - kept) * (1 - n**2)
        read = np.asarray(hidden, np.float64) if pytorch else old
        return _Back(np.asarray(weight), kept, to_update, to_candidate, read * r * (1 - r), r, pytorch)


def _pytorch(way: Way) -> bool:
    return bool(way.fields["form"] == "pytorch")


def _hidden(way: Way, step: int, unit: int, symbol: str) -> Number:
    return Number(float(way.value("hidden_sum")[step, unit]), symbol, Place(way.node, f"hidden_sum{way.end}", (step, unit)))


def _shares(way: Way, step: int, unit: int) -> tuple[Number, Number]:
    """The shares of the old state and of the candidate in the new state: z is the candidate's in the tutorial's form, the old state's in
    PyTorch's."""
    z = way.number("z", step, unit)
    return (z, rest(z)) if _pytorch(way) else (rest(z), z)


@dataclass(slots=True)
class _Back:
    """dh_(t-1) = kept dh + U_z^T dz + U_r^T dr + (through the candidate, which reads the state reset)."""

    weight: NDArray[Any]
    kept: Array
    to_update: Array
    to_candidate: Array
    to_reset: Array
    reset: Array
    pytorch: bool

    def cell(self, t: int, dh: Array) -> Array:
        return np.zeros_like(dh)

    def back(self, t: int, dh: Array, dc: Array) -> tuple[Array, Array]:
        units = len(dh)
        sums = np.empty((3, units))
        np.multiply(self.to_update[t], dh, out=sums[0])
        candidate = self.to_candidate[t] * dh
        if self.pytorch:  # the reset lies behind the product
            sums[1] = candidate * self.to_reset[t]
            sums[2] = candidate * self.reset[t]
            return self.kept[t] * dh + through(sums, self.weight), dc
        arriving = through(candidate, self.weight[2 * units :])
        sums[1] = arriving * self.to_reset[t]
        return self.kept[t] * dh + self.reset[t] * arriving + through(sums[:2], self.weight[: 2 * units]), dc
