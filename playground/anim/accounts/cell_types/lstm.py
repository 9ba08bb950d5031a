"""LSTM: ``c = f c' + i g``, ``h = o tanh(c)``; peepholes let the gates i, f (of c') and o (of c) see the cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playground.anim.account import Equation, Number, Term
from playground.anim.accounts.cell_types.formulas import (
    Array,
    Back,
    Formulas,
    Values,
    at_step,
    before,
    doubles,
    slope_of_sigmoid,
    slope_of_tanh,
    through,
    written,
)
from playground.anim.accounts.cell_types.way import Way
from playground.anim.accounts.registry import one, product
from playground.engine.trace import NodeTrace
from playground.layers.spec import Fields

PEEPHOLES = ("i", "f", "o")
"""The rows of ``peephole``."""


class LSTMFormulas(Formulas):
    # -- forward
    def state(self, way: Way, name: str, step: int, unit: int) -> tuple[Equation, ...]:
        kept = _kept(way, step, unit)
        return (kept,) if name == "c" else (kept, *_read_out(way, step, unit))

    def beside(self, way: Way, gate: str, step: int, unit: int) -> list[Term]:
        if not way.fields["peepholes"] or gate not in PEEPHOLES:
            return []
        if gate == "o":
            return [product(_peephole(way, gate, unit), _new_cell(way, step, unit))]
        cells = way.states_before("c", step)
        return [product(_peephole(way, gate, unit), cells(unit))] if cells is not None else []

    def shares(self, values: Values, end: str, step: int) -> dict[str, Array] | None:
        """``kept`` f c', ``written`` i g, ``c``, ``h``."""
        found = at_step(values, ("i", "f", "g", "o", "c", "h"), end, step)
        if found is None:
            return None
        now, earlier = found
        new = now["i"] * now["g"]
        kept = now["f"] * earlier["c"] if earlier is not None else now["c"] - new
        return {"kept": kept, "written": new, "c": now["c"], "h": now["h"]}

    # -- backward
    def into_cell(self, way: Way, step: int, unit: int) -> list[Term]:
        """o (1 - tanh² c) dL/dh, and what the output gate's peephole hands back."""
        seen, cell = _squashed(way, step, unit), way.symbol("c", step, unit)
        slope = Number(1.0 - seen.value**2, rf"(1 - \tanh^2 {cell})", about=seen.linked)
        terms = [product(way.number("o", step, unit), slope, way.derivative("h", step, unit))]
        if way.fields["peepholes"]:
            terms.append(product(_peephole(way, "o", unit), way.delta("o", step, unit)))
        return terms

    def along_cell(self, way: Way, later: int, unit: int) -> list[Term]:
        """f dL/dc of the step after, and what its peepholes hand back."""
        terms = [product(way.number("f", later, unit), way.derivative("c", later, unit))]
        if way.fields["peepholes"]:
            terms += [product(_peephole(way, gate, unit), way.delta(gate, later, unit)) for gate in "if"]
        return terms

    def of_sum(self, way: Way, gate: str, step: int, unit: int) -> list[Number]:
        value = way.number(gate, step, unit)
        if gate == "o":
            return [way.derivative("h", step, unit), _squashed(way, step, unit), slope_of_sigmoid(value)]
        error = way.derivative("c", step, unit)
        if gate == "i":
            return [error, way.number("g", step, unit), slope_of_sigmoid(value)]
        if gate == "g":
            return [error, way.number("i", step, unit), slope_of_tanh(value)]
        old = way.states_before("c", step)
        return [error, old(unit), slope_of_sigmoid(value)] if old is not None else []

    def back(self, fields: Fields, node: NodeTrace, weights: Values, end: str) -> Back | None:
        weight, values = weights.get("weight_hidden" + end), doubles(node, ("i", "f", "g", "o", "c"), end)
        if weight is None or values is None:
            return None
        i, f, g, o = (values[gate] for gate in "ifgo")
        seen = np.tanh(values["c"])
        to_sums = np.stack([g * i * (1 - i), before(values["c"], end) * f * (1 - f), i * (1 - g**2)], axis=1)
        peephole = weights.get("peephole" + end) if fields.get("peepholes") else None
        holes = None if peephole is None else np.asarray(peephole, np.float64)
        return _Back(np.asarray(weight), o * (1 - seen**2), to_sums, seen * o * (1 - o), f, holes)


def _peephole(way: Way, gate: str, unit: int) -> Number:
    return way.weight("peephole", PEEPHOLES.index(gate), unit)


def _new_cell(way: Way, step: int, unit: int) -> Number:
    """The cell that the peephole of the output gate reads: of a padded step, whose state stays, and of a unit that is switched off the
    one that would have come."""
    if way.real(step) and unit not in way.off:
        return way.number("c", step, unit)
    old = way.states_before("c", step)
    value = way.number("i", step, unit).value * way.number("g", step, unit).value
    if old is not None:
        value += way.number("f", step, unit).value * old(unit).value
    return Number(value, rf"(f\, c' + i\, g)_{{{step + 1},{unit + 1}}}", about=way.number("c", step, unit).place)


def _kept(way: Way, step: int, unit: int) -> Equation:
    """c = f c' + i g: what is kept, what is written."""
    result, old = way.number("c", step, unit), way.states_before("c", step)
    terms = [product(way.number("i", step, unit), way.number("g", step, unit))]
    if old is not None:
        terms.insert(0, product(way.number("f", step, unit), old(unit)))
    return Equation("kept_and_written", f"{result.symbol} = {written(terms)}", tuple(terms), result)


def _squashed(way: Way, step: int, unit: int) -> Number:
    """tanh(c): what of the cell can be read."""
    cell = way.number("c", step, unit)
    return Number(float(np.tanh(cell.value)), rf"\tanh {cell.symbol}", about=cell.place)


def _read_out(way: Way, step: int, unit: int) -> tuple[Equation, ...]:
    """h = o tanh(c)."""
    cell, seen, result = way.number("c", step, unit), _squashed(way, step, unit), way.number("h", step, unit)
    gate = way.number("o", step, unit)
    return (
        Equation("squashed", rf"\tanh {cell.symbol}", (one(cell),), seen, "tanh"),
        Equation("read_out", rf"{result.symbol} = {gate.symbol}\, {seen.symbol}", (product(gate, seen),), result),
    )


@dataclass(slots=True)
class _Back:
    """dc_t = dc + o (1 - tanh² c) dh; the sums' errors are dc times ``to_sums`` (i f g) and dh times ``to_output`` (o)."""

    weight: NDArray[Any]
    to_cell: Array
    to_sums: Array
    to_output: Array
    kept: Array
    peephole: Array | None

    def cell(self, t: int, dh: Array) -> Array:
        made: Array = self.to_cell[t] * dh
        return made if self.peephole is None else made + self.peephole[2] * self.to_output[t] * dh

    def back(self, t: int, dh: Array, dc: Array) -> tuple[Array, Array]:
        sums = np.empty((4, len(dh)))
        np.multiply(self.to_sums[t], dc, out=sums[:3])
        np.multiply(self.to_output[t], dh, out=sums[3])
        handed = dc * self.kept[t]
        if self.peephole is not None:
            handed += self.peephole[0] * sums[0] + self.peephole[1] * sums[1]
        return through(sums, self.weight), handed
