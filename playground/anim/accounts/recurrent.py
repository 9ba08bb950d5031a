"""Gradients of a recurrent layer's own parameters: sums over all steps, of an error there times what was read from the step before."""

from __future__ import annotations

from collections.abc import Sequence

from playground.anim.account import Equation, Number, Term
from playground.anim.accounts import registry
from playground.anim.accounts.book import Index, role
from playground.anim.accounts.reading import Reading
from playground.anim.accounts.registry import one, product
from playground.engine.program.lowering import Operation
from playground.layers.spec import Value


@registry.gradient_of("recurrent_backward_weight")
def parameter_gradient(reading: Reading, operation: Operation, value: Value, index: Index) -> Equation:
    """The sample's gradient of an entry of ``weight_hidden``, ``hidden_bias`` or ``peephole``."""
    if value == operation.roles.get("dhidden_bias"):
        return hidden_bias_gradient(reading, operation, index)
    if value == operation.roles.get("dpeephole"):
        return peephole_gradient(reading, operation, index)
    return hidden_gradient(reading, operation, index)


def hidden_gradient(reading: Reading, operation: Operation, index: Index) -> Equation:
    """dL/du_jk = sum_t delta_tj h_(t-1)k. A GRU's candidate reads its old state reset, or its error comes through the reset."""
    unit, source = index
    dsums, h, dweight = role(operation, "dsums"), role(operation, "h"), role(operation, "dweight_hidden")
    candidate = unit >= 2 * h.shape[1] and dsums.shape[1] == 3 * h.shape[1]
    reset, through = operation.roles.get("reset_state"), operation.roles.get("dhidden_sum")
    result = reading.number(dweight, index)
    if candidate and isinstance(reset, Value):
        errors, read = reading.numbers(dsums), reading.numbers(reset)
        terms = [product(errors((t, unit)), read((t, source))) for t in range(h.shape[0])]
        right = rf"\sum_t {reading.symbol(dsums, ('t', unit))}\, {reading.symbol(reset, ('t', source))}"
        return Equation("gradient", f"{result.symbol} = {right}", tuple(terms), result)
    error, column = (through, unit - 2 * h.shape[1]) if candidate and isinstance(through, Value) else (dsums, unit)
    errors = reading.numbers(error)
    before = _before(reading, operation, "h", source)
    terms = [product(errors((t, column)), number) for t, number in enumerate(before) if number is not None]
    right = rf"\sum_t {reading.symbol(error, ('t', column))}\, {reading.symbol(h, (_step_before(operation), source))}"
    return Equation("gradient", f"{result.symbol} = {right}", tuple(terms), result)


def hidden_bias_gradient(reading: Reading, operation: Operation, index: Index) -> Equation:
    """dL/db_j = the errors of the hidden sum at all steps, added up."""
    error, dbias = role(operation, "dhidden_sum"), role(operation, "dhidden_bias")
    errors, result = reading.numbers(error), reading.number(dbias, index)
    terms = tuple(one(errors((t, *index))) for t in range(error.shape[0]))
    return Equation("gradient", rf"{result.symbol} = \sum_t {reading.symbol(error, ('t', *index))}", terms, result)


def peephole_gradient(reading: Reading, operation: Operation, index: Index) -> Equation:
    """dL/dp_u = sum_t delta_tu c_(t-1)u of the input and the forget gate, and c_tu of the output gate, which sees the new cell."""
    gate, unit = index
    dsums, c, dpeephole = role(operation, "dsums"), role(operation, "c"), role(operation, "dpeephole")
    steps, units = c.shape
    column = (0, 1, 3)[gate] * units + unit
    errors, cells, result = reading.numbers(dsums), reading.numbers(c), reading.number(dpeephole, index)
    seen: Sequence[Number | None] = [cells((t, unit)) for t in range(steps)] if gate == 2 else _before(reading, operation, "c", unit)
    terms: list[Term] = [product(errors((t, column)), number) for t, number in enumerate(seen) if number is not None]
    step = "t" if gate == 2 else _step_before(operation)
    right = rf"\sum_t {reading.symbol(dsums, ('t', column))}\, {reading.symbol(c, (step, unit))}"
    return Equation("gradient", f"{result.symbol} = {right}", tuple(terms), result)


def _step_before(operation: Operation) -> str:
    return "t+1" if operation.options.get("reverse") else "t-1"


def _before(reading: Reading, operation: Operation, name: str, unit: int) -> list[Number | None]:
    """By step, the state before it; ``None`` at the first one of a direction that starts from zeros."""
    states = role(operation, name)
    numbers, steps = reading.numbers(states), states.shape[0]
    reverse = bool(operation.options.get("reverse"))
    start = operation.roles.get(f"initial_{name}")
    found: list[Number | None] = []
    for t in range(steps):
        at = t + 1 if reverse else t - 1
        if 0 <= at < steps:
            found.append(numbers((at, unit)))
        else:
            found.append(_start(reading, name, start, unit) if isinstance(start, Value) else None)
    return found


def _start(reading: Reading, name: str, start: Value, unit: int) -> Number:
    """The state before the first step: a learned number, or an entry of the state that is wired to the node; of a stateful one that
    which it went on from."""
    writer = reading.book.writer(start)
    if writer is None or reading.lowered.fields[start.node].get("stateful"):
        return Number(float(reading.array(start)[unit]), f"{name}_{{0,{unit + 1}}}", reading.place(start, (unit,)))
    if writer.operation.name == "silence":
        if unit in writer.operation.options["off"]:
            return Number(0.0, f"{name}_{{0,{unit + 1}}}", reading.place(start, (unit,)))
        return _start(reading, name, role(writer.operation, "x"), unit)
    if writer.operation.name == "spread":
        return reading.number(role(writer.operation, "weight"), (unit,))
    xs = writer.operation.roles["xs"]
    assert isinstance(xs, tuple)
    row = xs.index(writer.value)
    given = Value(start.node, "input 1", (len(xs), start.shape[0]))
    return reading.number(given, (row, unit))
