"""Recurrent layers on the way back: the total error of a state at a step, and that of a gate's sum (backpropagation through time)."""

from __future__ import annotations

from playground.anim.account import Equation, Number, Place, Term
from playground.anim.accounts import cell_types, latex, passing
from playground.anim.accounts.book import Index
from playground.anim.accounts.cell_types.formulas import Formulas
from playground.anim.accounts.cell_types.way import Way, split
from playground.anim.accounts.reading import MissingError, Reading
from playground.anim.accounts.registry import one, product
from playground.anim.time_cells import suffixes
from playground.engine.program.lowering import gradient_of


def backward(reading: Reading, node: str, name: str, index: Index) -> tuple[Equation, ...]:
    """How the loss's derivative by a state (all that flows back into it counted) or by a gate's sum came about. Raises
    :class:`MissingError`."""
    plain, end = split(name)
    way = Way(reading, node, end)
    formulas = cell_types.find(way.cell.name)
    if formulas is None or len(index) != 2:
        raise MissingError
    step, column = index
    gate, unit = way.sums_of[min(column // way.units, len(way.sums_of) - 1)], column % way.units
    if unit in way.off:
        result = way.delta(gate, step, unit) if plain == "pre_activation" else way.derivative(plain, step, unit)
        above = _arriving(way, step, unit) if plain == "h" else ()
        return (*above, Equation("off", f"{result.symbol} = 0", (), result))
    if plain == "pre_activation":
        return (_of_sum(way, formulas, gate, step, unit),)
    if plain == "c":
        return (_of_cell(way, formulas, step, column),)
    if plain == "h":
        return (*_arriving(way, step, column), _of_state(way, formulas, step, column))
    raise MissingError


def _equation(role: str, result: Number, terms: list[Term]) -> Equation:
    """Of few terms all are written, of many the first of each kind stands for the others."""
    written = [r"\, ".join(factor.symbol for factor in term.factors) for term in terms[:3]]
    symbols = " + ".join(written) + (r" + \dots" if len(terms) > 3 else "") if terms else "0"
    return Equation(role, f"{result.symbol} = {symbols}", tuple(terms), result)


# -- what comes from above and from the step after
def _entry(way: Way, step: int, unit: int) -> Index | None:
    """The entry of the node's output that this state is; ``None`` where it goes into none, or only the state goes on."""
    output = way.reading.book.output(way.node)
    if way.reading.book.writer(gradient_of(output)) is None or (len(output.shape) == 1 and way.after(step) is not None):
        return None
    ends = suffixes(way.fields)
    side = ends.index(way.end) if len(ends) > 1 and way.fields["merge"] == "concatenate" else 0
    column = side * way.units + unit
    return (step, column) if len(output.shape) == 2 else (column,)


def _arriving(way: Way, step: int, unit: int) -> tuple[Equation, ...]:
    """How the error of the output's entry came about, where there is more to tell than its value."""
    index = _entry(way, step, unit)
    found = None if index is None else passing.arriving(way.reading, way.node, index)
    return () if found is None or found.role == "value" else (found,)


def _above(way: Way, step: int, unit: int) -> list[Term]:
    """What the node's output hands to this state."""
    index, traced = _entry(way, step, unit), way.traced.gradients.get("output")
    if index is None:
        return []
    if traced is None or traced.shape != way.reading.book.output(way.node).shape:
        raise MissingError
    symbol = latex.slope("a" + latex.subscript(index))
    number = Number(float(traced[index]), symbol, Place(way.node, "output", index, gradient=True))
    return [one(number)]


def _cut(way: Way, step: int) -> bool:
    """Whether nothing flows back from the step after ``step``: the truncation ends there."""
    every, later = way.fields["truncate"], way.after(step)
    if not every or later is None:
        return False
    taken = way.steps - 1 - later if way.reverse else later
    return taken > 0 and (way.steps - taken) % int(every) == 0


def _handed_on(way: Way, name: str, unit: int) -> list[Term]:
    """What comes back to the last state by a wire of its own: from the nodes that begin with it."""
    state = way.reading.lowered.named[way.node].get("state")
    if state is None or way.reading.book.writer(gradient_of(state)) is None:
        return []
    row = suffixes(way.fields).index(way.end) * len(way.cell.states) + way.cell.states.index(name)
    return [one(way.reading.number(gradient_of(state), (row, unit)))]


def _of_state(way: Way, formulas: Formulas, step: int, unit: int) -> Equation:
    """dL/dh = what comes from above + what the next step's gates hand back."""
    result, later, terms = way.derivative("h", step, unit), way.after(step), _above(way, step, unit)
    if later is None:
        terms += _handed_on(way, "h", unit)
    elif not way.real(later):
        terms.append(one(way.derivative("h", later, unit)))
    elif not _cut(way, step):
        terms += [*formulas.handed_back(way, later, unit), *_through_sums(way, formulas, later, unit)]
    return _equation("flows_back", result, terms)


def _through_sums(way: Way, formulas: Formulas, later: int, unit: int) -> list[Term]:
    """What flows from the sums of the step after into the state that they read."""
    terms: list[Term] = []
    for at, gate in enumerate(way.sums_of):
        for k in range(way.units):
            entry = way.weight("weight_hidden", at * way.units + k, unit)
            terms.append(product(entry, *formulas.between(way, gate, later, unit, k), way.delta(gate, later, k)))
    return terms


def _of_cell(way: Way, formulas: Formulas, step: int, unit: int) -> Equation:
    """dL/dc = what its own step hands it + what the step after does (along the ribbon)."""
    result, later = way.derivative("c", step, unit), way.after(step)
    terms = formulas.into_cell(way, step, unit) if way.real(step) else []
    if later is None:
        terms += _handed_on(way, "c", unit)
    elif not way.real(later):
        terms.append(one(way.derivative("c", later, unit)))
    elif not _cut(way, step):
        terms[:0] = formulas.along_cell(way, later, unit)
    return _equation("along_the_ribbon", result, terms)


def _of_sum(way: Way, formulas: Formulas, gate: str, step: int, unit: int) -> Equation:
    """The error of what the gate makes, times the slope of its function."""
    result = way.delta(gate, step, unit)
    factors = formulas.of_sum(way, gate, step, unit) if way.real(step) else []
    return _equation("error", result, [product(*factors)] if factors else [])
