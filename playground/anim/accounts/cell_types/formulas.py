"""What is asked of a recurrent cell's formulas: how its numbers came about, forward and on the way back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from playground.anim.account import Equation, Number, Term
from playground.anim.accounts.cell_types.way import Way
from playground.anim.accounts.reading import MissingError
from playground.anim.time_cells import REVERSE
from playground.engine.trace import NodeTrace
from playground.layers.spec import Fields

Array = NDArray[np.float64]
Values = Mapping[str, NDArray[Any]]


class Back(Protocol):
    """One step back through time of all units, by the trace's numbers; ``kept`` (T, U) is what gates let through by themselves."""

    @property
    def kept(self) -> Array | None: ...

    def cell(self, t: int, dh: Array) -> Array:
        """What of the state's error at ``t`` goes into the cell: zeros of a type that has none."""
        ...

    def back(self, t: int, dh: Array, dc: Array) -> tuple[Array, Array]:
        """The errors of the states that step ``t`` read, of the total ones of those that it made."""
        ...


class Formulas:
    """Of a type with a formula of its own; this one says as much as holds of all. A method that raises :class:`MissingError` leaves the
    number told as it is. h' and c' are the states that a step reads; a step is real, no padding, where nothing else is said."""

    # -- forward
    def state(self, way: Way, name: str, step: int, unit: int) -> tuple[Equation, ...] | None:
        """How h or c is made of the gates; ``None``: h is the function of its own sum."""
        return None

    def read(self, way: Way, gate: str, step: int) -> Callable[[int], Number] | None:
        """What the recurrent weights of a gate multiply, by unit; ``None`` for nothing."""
        return way.states_before("h", step)

    def beside(self, way: Way, gate: str, step: int, unit: int) -> list[Term]:
        """What is added to a gate's sum beside the products and the bias. The step may be padded."""
        return []

    def shares(self, values: Values, end: str, step: int) -> dict[str, Array] | None:
        """(U,) each, of all units: what of the state is ``kept``, what is ``written``, then the states that have a column; ``None`` of a
        type without such parts, and where the trace lacks something. At the first step what is kept is the rest of the state: its start
        is in no trace."""
        return None

    # -- backward
    def handed_back(self, way: Way, later: int, unit: int) -> list[Term]:
        """What of dL/dh of the step ``later`` goes to h' by no sum."""
        return []

    def between(self, way: Way, gate: str, later: int, source: int, target: int) -> list[Number]:
        """What stands between a recurrent weight, of h' at unit ``source``, and the error of the sum of unit ``target``."""
        return []

    def into_cell(self, way: Way, step: int, unit: int) -> list[Term]:
        """What goes into dL/dc from its own step; asked of types that have a cell."""
        raise MissingError

    def along_cell(self, way: Way, later: int, unit: int) -> list[Term]:
        """What goes into dL/dc from the step after it."""
        raise MissingError

    def of_sum(self, way: Way, gate: str, step: int, unit: int) -> list[Number]:
        """The factors of the error of a gate's sum; none where it is 0."""
        raise MissingError

    def slopes(self, fields: Fields, sums: Array) -> Array | None:
        """f'(s), where the state is f of its sum: then one matrix says how errors fade."""
        return None

    def back(self, fields: Fields, node: NodeTrace, weights: Values, end: str) -> Back | None:
        """What a step back needs, the same for all errors that go this way; ``weights`` (``weight_hidden`` ...) by name. ``None`` where
        the trace or the weights lack something."""
        return None


# -- what several types write
def slope_of_sigmoid(number: Number) -> Number:
    return Number(number.value * (1.0 - number.value), rf"{number.symbol}(1 - {number.symbol})", about=number.linked)


def slope_of_tanh(number: Number) -> Number:
    head, _, index = number.symbol.partition("_")
    return Number(1.0 - number.value**2, f"(1 - {head}_{index}{{}}^2)", about=number.linked)


def rest(number: Number) -> Number:
    """1 less a gate."""
    return Number(1.0 - number.value, f"(1 - {number.symbol})", number.place)


def written(terms: list[Term]) -> str:
    """A sum of products, all of it."""
    return " + ".join(r"\, ".join(factor.symbol for factor in term.factors) for term in terms)


def through(sums: Array, weight: NDArray[Any]) -> Array:
    """The sums' errors, seen from the state that they read. In the precision of the weights: twice as fast in single."""
    with np.errstate(under="ignore"):
        return np.asarray(np.asarray(sums.ravel(), weight.dtype) @ weight, np.float64)


def before(states: Array, end: str) -> Array:
    """The state that each step reads. Before the first it is left at 0: that step hands its error to no step."""
    made = np.zeros_like(states)
    if end == REVERSE:
        made[:-1] = states[1:]
    else:
        made[1:] = states[:-1]
    return made


def doubles(node: NodeTrace, names: tuple[str, ...], end: str) -> dict[str, Array] | None:
    """Values of the trace in double precision; ``None`` where one is missing."""
    found = {name: node.values.get(name + end) for name in names}
    return {name: np.asarray(one, np.float64) for name, one in found.items()} if all(one is not None for one in found.values()) else None


def at_step(values: Values, names: tuple[str, ...], end: str, step: int) -> tuple[dict[str, Array], dict[str, Array] | None] | None:
    """Of all units the values of a step, and of the step that it reads (``None``: it is the first). ``None`` where one is missing."""
    found = {name: values.get(name + end) for name in names}
    whole = {name: np.asarray(one, np.float64) for name, one in found.items() if one is not None and one.ndim == 2 and step < one.shape[0]}
    if len(whole) < len(names):
        return None
    earlier = step + 1 if end == REVERSE else step - 1
    inside = 0 <= earlier < len(whole["h"])
    return {name: one[step] for name, one in whole.items()}, {name: one[earlier] for name, one in whole.items()} if inside else None
