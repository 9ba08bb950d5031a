"""Recurrent layers: how a gate's sum, a gate and a state at a step came about, in symbols and the trace's numbers.

What all types share is here; how a type makes a state of its gates is a file of ``cell_types``. s is a gate's sum, h' and c' the states
before the step.
"""

from __future__ import annotations

import numpy as np

from playground.anim.account import Equation, Lazy, Number, Place, Term
from playground.anim.accounts import cell_types
from playground.anim.accounts.book import Index
from playground.anim.accounts.cell_types.formulas import Formulas
from playground.anim.accounts.cell_types.way import Way, split
from playground.anim.accounts.passing import alone
from playground.anim.accounts.reading import MissingError, Reading
from playground.anim.accounts.registry import one, product
from playground.layers import registry


def goes_through_time(reading: Reading, node: str) -> bool:
    return registry.cell(reading.lowered.types[node]) is not None


def forward(reading: Reading, node: str, name: str, index: Index) -> tuple[Equation, ...]:
    """How a gate or state came about. Raises :class:`MissingError`."""
    plain, end = split(name)
    way = Way(reading, node, end)
    formulas = cell_types.find(way.cell.name)
    if len(index) != 2:
        raise MissingError  # no number of a step: what the first one began with
    step, unit = index
    if plain not in way.cell.rows or unit >= way.units:
        raise MissingError
    if formulas is None:
        return (alone(way.number(plain, step, unit)),)
    if plain not in way.cell.states:
        return _gate(way, formulas, plain, step, unit)
    if unit in way.off:
        result = way.number(plain, step, unit)
        return (Equation("off", f"{result.symbol} = 0", (), result),)
    if not way.real(step):
        return (_carried(way, plain, step, unit),)
    return formulas.state(way, plain, step, unit) or _gate(way, formulas, plain, step, unit)


def _carried(way: Way, name: str, step: int, unit: int) -> Equation:
    """A padded step: the state stays."""
    result, old = way.number(name, step, unit), way.states_before(name, step)
    return Equation("carried", f"{result.symbol} = {way.letter(name)}'", (one(old(unit)),) if old is not None else (), result)


# -- gates
def _gate(way: Way, formulas: Formulas, gate: str, step: int, unit: int) -> tuple[Equation, ...]:
    made, total = _sum(way, formulas, gate, step, unit), way.sum_(gate, step, unit)
    function = way.cell.function(gate, way.fields)
    result = way.number(gate, step, unit)
    written = {"sigmoid": r"\sigma", "tanh": r"\tanh", "relu": r"\mathrm{relu}"}.get(function, "")
    inside = f"{written}({total.symbol})" if written else total.symbol
    return made, Equation("activation", f"{result.symbol} = {inside}", (one(total),), result, function)


def _sum(way: Way, formulas: Formulas, gate: str, step: int, unit: int) -> Equation:
    """s = sum_k W_k x_k + sum_k U_k h'_k + b, for the row of the gate's unit."""
    result = way.sum_(gate, step, unit)
    row = way.sums_of.index(gate) * way.units + unit
    source = way.reading.lowered.sources[way.node][0]
    traced = way.reading.trace.nodes.get(source)
    if traced is None or "output" not in traced.values:
        raise MissingError
    xs = np.asarray(traced.values["output"], np.float64).reshape(way.steps, -1)[step]
    values = [way.parameter("weight_input")[row] * xs]
    symbols = rf"{result.symbol} = \sum_k {way.row('weight_input', row)}\, x_{{{step + 1},k}}"
    inner = formulas.read(way, gate, step)
    if inner is not None:
        states = np.array([inner(k).value for k in range(way.units)])
        values.append(way.parameter("weight_hidden")[row] * states)
        letter = inner(0).symbol.partition("_")[0]
        symbols += rf" + \sum_k {way.row('weight_hidden', row)}\, {letter}_{{k}}"
    more = [*formulas.beside(way, gate, step, unit), one(way.weight("bias", row))]
    values.append(np.array([term.value for term in more]))
    symbols += "".join(" + " + r"\, ".join(factor.symbol for factor in term.factors) for term in more)

    def term(at: int) -> Term:
        if at < len(xs):
            x = Number(float(xs[at]), f"x_{{{step + 1},{at + 1}}}", Place(source, "output", (step, at)))
            return product(way.weight("weight_input", row, at), x)
        at -= len(xs)
        if inner is None:
            return more[at]
        return product(way.weight("weight_hidden", row, at), inner(at)) if at < way.units else more[at - way.units]

    return Equation("sum", symbols, Lazy(np.concatenate(values), term), result)
