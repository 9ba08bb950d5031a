"""Recurrent layers on the way back: the total error of a state at a step, and that of a gate's sum (backpropagation through time)."""

from __future__ import annotations

import numpy as np

from playground.anim.account import Equation, Number, Place, Term
from playground.anim.accounts import latex
from playground.anim.accounts.book import Index
from playground.anim.accounts.reading import MissingError, Reading
from playground.anim.accounts.registry import one, product
from playground.anim.accounts.through_time import Way, shares, split, squashed
from playground.anim.time_cells import suffixes
from playground.layers.functions import FUNCTIONS


def backward(reading: Reading, node: str, name: str, index: Index) -> tuple[Equation, ...]:
    """How the loss's derivative by a state (all that flows back into it counted) or by a gate's sum came about. Raises
    :class:`MissingError`."""
    plain, end = split(name)
    way = Way(reading, node, end)
    step, column = index
    if plain == "pre_activation":
        gate, unit = way.sums_of[column // way.units], column % way.units
        return (_of_sum(way, gate, step, unit),)
    if plain == "c":
        return (_of_cell(way, step, column),)
    if plain == "h":
        return (_of_state(way, step, column),)
    raise MissingError


# -- numbers
def _error(way: Way, name: str, step: int, unit: int) -> Number:
    """dL/dh or dL/dc."""
    place = Place(way.node, name + way.end, (step, unit), gradient=True)
    return Number(float(way.error(name)[step, unit]), latex.slope(way.symbol(name, step, unit)), place)


def delta(way: Way, gate: str, step: int, unit: int) -> Number:
    """The error of a gate's sum."""
    column = way.sums_of.index(gate) * way.units + unit
    letter = f"^{{{gate}}}" if len(way.sums_of) > 1 else ""
    place = Place(way.node, f"pre_activation{way.end}", (step, column), gradient=True)
    return Number(float(way.error("pre_activation")[step, column]), rf"\delta{letter}_{{{step + 1},{unit + 1}}}", place)


def _slope(value: float, symbol: str) -> Number:
    return Number(value, symbol)


def _equation(role: str, result: Number, terms: list[Term]) -> Equation:
    """Of few terms all are written, of many the first of each kind stands for the others."""
    written = [r"\, ".join(factor.symbol for factor in term.factors) for term in terms[:3]]
    symbols = " + ".join(written) + (r" + \dots" if len(terms) > 3 else "") if terms else "0"
    return Equation(role, f"{result.symbol} = {symbols}", tuple(terms), result)


# -- what comes from above and from the step after
def _above(way: Way, step: int, unit: int) -> list[Term]:
    """What the node's output hands to this state."""
    output = way.reading.lowered.named[way.node]["output"]
    traced = way.traced.gradients.get("output")
    ends = suffixes(way.fields)
    side = ends.index(way.end) if len(ends) > 1 and way.fields["merge"] == "concatenate" else 0
    column = side * way.units + unit
    if len(output.shape) == 1 and way.after(step) is not None:
        return []
    if traced is None or traced.shape != output.shape:
        raise MissingError
    index = (step, column) if len(output.shape) == 2 else (column,)
    symbol = latex.slope("a" + latex.subscript(index))
    return [one(Number(float(traced[index]), symbol, Place(way.node, "output", index, gradient=True)))]


def _cut(way: Way, step: int) -> bool:
    """Whether nothing flows back from the step after ``step``: the truncation ends there."""
    every, later = way.fields["truncate"], way.after(step)
    if not every or later is None:
        return False
    taken = way.steps - 1 - later if way.reverse else later
    return taken > 0 and (way.steps - taken) % int(every) == 0


def _ended(way: Way) -> None:
    """Errors that come in by a wire of the state are in no trace: of such a node the last step's are told as they are."""
    if any(1 in ports for node, ports in _from_ports(way) if node == way.node):
        raise MissingError


def _from_ports(way: Way) -> list[tuple[str, set[int]]]:
    lowered, found = way.reading.lowered, []
    for node, sources in lowered.sources.items():
        for source, port in zip(sources, lowered.from_ports.get(node, (0,) * len(sources)), strict=True):
            found.append((source, {port}))
    return found


def _of_state(way: Way, step: int, unit: int) -> Equation:
    """dL/dh = what comes from above + what the next step's gates hand back."""
    result, later, terms = _error(way, "h", step, unit), way.after(step), _above(way, step, unit)
    if later is None:
        _ended(way)
    elif not way.real(later):
        terms.append(one(_error(way, "h", later, unit)))
    elif not _cut(way, step):
        terms += _through_gates(way, later, unit)
    return _equation("flows_back", result, terms)


def _through_gates(way: Way, later: int, unit: int) -> list[Term]:
    """What flows from the sums of the step after into the state that they read."""
    weight = way.parameter("weight_hidden")
    terms: list[Term] = []
    if way.type == "GRU":
        terms.append(product(shares(way, later, unit)[0], _error(way, "h", later, unit)))
    for at, gate in enumerate(way.sums_of):
        for k in range(way.units):
            row = at * way.units + k
            factors = [
                Number(float(weight[row, unit]), f"u_{{{row + 1},{unit + 1}}}", Place(way.node, f"weight_hidden{way.end}", (row, unit)))
            ]
            if way.type == "GRU" and gate == "n":
                factors.append(way.number("r", later, unit if way.fields["form"] == "tutorial" else k))
            terms.append(product(*factors, delta(way, gate, later, k)))
    return terms


def _of_cell(way: Way, step: int, unit: int) -> Equation:
    """dL/dc = o (1 - tanh² c) dL/dh + f dL/dc of the step after (and what peepholes hand back)."""
    result, later = _error(way, "c", step, unit), way.after(step)
    terms: list[Term] = []
    if way.real(step):
        seen, cell = squashed(way, step, unit), way.symbol("c", step, unit)
        slope = _slope(1.0 - seen.value**2, rf"(1 - \tanh^2 {cell})")
        terms.append(product(way.number("o", step, unit), slope, _error(way, "h", step, unit)))
        if way.fields["peepholes"]:
            terms.append(product(way.weight("peephole", "p", 2, unit), delta(way, "o", step, unit)))
    if later is None:
        _ended(way)
    elif not way.real(later):
        terms.append(one(_error(way, "c", later, unit)))
    elif not _cut(way, step):
        terms[:0] = _through_cell(way, later, unit)
    return _equation("along_the_ribbon", result, terms)


def _through_cell(way: Way, later: int, unit: int) -> list[Term]:
    """What flows from the cell of the step after, and through its peepholes, into the cell that it reads."""
    terms = [product(way.number("f", later, unit), _error(way, "c", later, unit))]
    if way.fields["peepholes"]:
        terms += [product(way.weight("peephole", "p", "ifo".index(gate), unit), delta(way, gate, later, unit)) for gate in "if"]
    return terms


# -- sums
def _of_sum(way: Way, gate: str, step: int, unit: int) -> Equation:
    """The error of what the gate makes, times the slope of its function."""
    result = delta(way, gate, step, unit)
    if not way.real(step):
        return _equation("error", result, [])
    factors = {"LSTM": _lstm, "GRU": _gru, "SimpleRNN": _simple}[way.type](way, gate, step, unit)
    return _equation("error", result, [product(*factors)] if factors else [])


def _sigmoid_slope(number: Number) -> Number:
    return _slope(number.value * (1.0 - number.value), rf"{number.symbol}(1 - {number.symbol})")


def _tanh_slope(number: Number) -> Number:
    head, _, index = number.symbol.partition("_")
    return _slope(1.0 - number.value**2, f"(1 - {head}_{index}{{}}^2)")


def _lstm(way: Way, gate: str, step: int, unit: int) -> list[Number]:
    value = way.number(gate, step, unit)
    if gate == "o":
        return [_error(way, "h", step, unit), squashed(way, step, unit), _sigmoid_slope(value)]
    error = _error(way, "c", step, unit)
    if gate == "i":
        return [error, way.number("g", step, unit), _sigmoid_slope(value)]
    if gate == "g":
        return [error, way.number("i", step, unit), _tanh_slope(value)]
    old = way.states_before("c", step)
    return [error, old(unit), _sigmoid_slope(value)] if old is not None else []


def _gru(way: Way, gate: str, step: int, unit: int) -> list[Number]:
    value, error, old = way.number(gate, step, unit), _error(way, "h", step, unit), way.states_before("h", step)
    pytorch, before = way.fields["form"] == "pytorch", 0.0 if old is None else old(unit).value
    candidate = way.number("n", step, unit)
    if gate == "n":
        return [error, shares(way, step, unit)[1], _tanh_slope(value)]
    if gate == "z":
        written = f"({candidate.symbol} - h')" if not pytorch else f"(h' - {candidate.symbol})"
        difference = candidate.value - before if not pytorch else before - candidate.value
        return [error, Number(difference, written), _sigmoid_slope(value)]
    if pytorch:
        hidden = Number(float(way.value("hidden_sum")[step, unit]), "(U h' + b')", Place(way.node, f"hidden_sum{way.end}", (step, unit)))
        return [delta(way, "n", step, unit), hidden, _sigmoid_slope(value)]
    rows = slice(2 * way.units, 3 * way.units)
    arriving = float(way.parameter("weight_hidden")[rows, unit] @ way.error("pre_activation")[step, rows])
    if old is None:
        return []
    return [Number(arriving, r"(\sum_k u_{k}\, \delta^{n}_{k})"), old(unit), _sigmoid_slope(value)]


def _simple(way: Way, gate: str, step: int, unit: int) -> list[Number]:
    name, total = str(way.fields.get("activation", "tanh")), way.sum_(gate, step, unit)
    slope = float(FUNCTIONS[name].slope(np.float64(total.value)))
    return [_error(way, "h", step, unit), _slope(slope, f"f'({total.symbol})")]
