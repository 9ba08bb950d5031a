"""Which places of the canvas belong together: what the pointer is over, what a row of the panel stands for, what must stay hidden."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from playground.anim.account import Account, Equation, Number, Place
from playground.anim.attention_cells import INNER, SCORES, WEIGHTS
from playground.anim.time_cells import REVERSE
from playground.engine.program.lowering import Lowered
from playground.engine.trace import Trace
from playground.layers import registry

Key = tuple[str, str, tuple[int, ...]]
LONGEST = 4096
"""Terms of a sum that are looked through for one that is lit."""
MOST_MADE = 64
"""Of more gradients that one error makes, none is looked for."""


def key(place: Place) -> Key:
    """Where a place is drawn: a number and the loss's derivative by it, old and new, are all one place."""
    return place.node, place.name, place.index


def stands_at(name: str) -> str:
    """Whose place a value has: an optimizer's number of a weight stands where the weight does."""
    return name.partition("/")[0]


def keys(places: Iterable[Place]) -> frozenset[Key]:
    return frozenset(map(key, places))


def unit_places(trace: Trace | None, node: str, unit: int) -> tuple[Place, ...]:
    """What one drawn unit of ``node`` stands for: its entry of every value that is as large as the output, and its bias. What Attention
    makes on its way, and what comes in there, is another number even where it is as large."""
    traced = trace.nodes.get(node) if trace is not None else None
    output = traced.values.get("output") if traced is not None else None
    if trace is None or traced is None or output is None or not 0 <= unit < output.size:
        return ()
    index = tuple(int(at) for at in np.unravel_index(unit, output.shape))
    others = INNER if traced.values.keys() >= INNER else frozenset()
    return tuple(Place(node, name, index) for name, value in traced.values.items() if value.shape == output.shape and name not in others)


def entry(cell: Key | None, type: str) -> Key | None:
    """``cell``, an entry of a node of ``type``, where it is a number apart from the unit that stands for it: an entry of Attention's
    matrix, a gate or state of a layer that goes through time."""
    apart = cell is not None and (cell[1] in INNER or registry.cell(type) is not None)
    return cell if apart else None


def entry_places(cell: Key, trace: Trace | None, type: str, unit: int) -> tuple[Place, ...]:
    """What such an entry stands for: of Attention a weight, and the match that it was made from; a gate and the sum that its function
    is applied to; a state, and the output's entry ``unit`` where it is that very number."""
    node, name, index = cell
    if name in INNER:
        return tuple(Place(node, one, index) for one in ((WEIGHTS, SCORES) if name == WEIGHTS else (name,)))
    layer, traced = registry.cell(type), trace.nodes.get(node) if trace is not None else None
    found, value = [Place(node, name, index)], traced.values.get(name) if traced is not None else None
    if layer is None or traced is None or value is None or value.ndim != 2:
        return tuple(found)
    end = REVERSE if name.endswith(REVERSE) else ""
    plain, (step, column) = name.removesuffix(REVERSE), index
    if plain in layer.gates:
        found.append(Place(node, f"pre_activation{end}", (step, layer.gates.index(plain) * value.shape[1] + column)))
    output = traced.values.get("output")
    last = 0 if end else len(value) - 1
    if plain == layer.states[0] and output is not None and unit < output.size and (output.ndim == 2 or step == last):
        found.append(Place(node, "output", tuple(int(at) for at in np.unravel_index(unit, output.shape))))
    return tuple(found)


def over(trace: Trace | None, node: str, unit: int | None, cell: Key | None, type: str) -> tuple[Place, ...]:
    """What lies under the pointer stands for: ``unit`` of ``node``, which is of ``type``, or its entry ``cell`` apart from that."""
    units = unit_places(trace, node, unit) if node and unit is not None else ()
    return entry_places(cell, trace, type, unit) if units and cell is not None and unit is not None else units


def edge_place(node: str, unit: int, source: int) -> Place:
    """What the edge from ``source`` to ``unit`` of ``node`` stands for."""
    return Place(node, "weight", (unit, source))


def numbers(account: Account) -> Iterable[Number]:
    """Every number that the account prints."""
    for equation in account.equations:
        yield from _of(equation)


def _of(equation: Equation) -> Iterable[Number]:
    for term in equation.terms:
        yield from term.factors
    yield from equation.sides
    yield equation.result


def with_arrays(lit: frozenset[Key], known: Iterable[Place]) -> frozenset[Key]:
    """``lit``, and of the weights among it the optimizer's numbers that are ``known``: they stand where the weight does."""
    if not lit:
        return lit
    return lit | {key(one) for one in known if (one.node, stands_at(one.name), one.index) in lit}


def linked(account: Account, most: int = MOST_MADE) -> tuple[Place, ...]:
    """The places of all numbers that an account is about, and of what its number is used for at once where that is at most ``most``.
    Of a sum over a whole picture or text it is the result alone."""
    equations = [*account.equations, *(account.made if len(account.made) <= most else ())]
    every = [one for equation in equations if len(equation.terms) <= LONGEST for one in _of(equation)]
    every += [equation.result for equation in equations]
    return tuple(dict.fromkeys(one.linked for one in every if one.linked is not None))


def same_number(lowered: Lowered, place: Place) -> frozenset[Key]:
    """All the places that hold the very number of ``place``: a value handed on under another name, or in another shape."""
    found = {key(place)}
    named = lowered.named.get(place.node, {})
    mine = named.get(place.name)
    if mine is None or place.gradient:
        return frozenset(found)
    home = lowered(mine)
    flat = int(np.ravel_multi_index(place.index, mine.shape)) if place.index else 0
    for node, values in lowered.named.items():
        for name, value in values.items():
            if lowered(value) == home and math.prod(value.shape) > flat:
                index = tuple(int(at) for at in np.unravel_index(flat, value.shape)) if value.shape else ()
                found.add((node, name, index))
    return frozenset(found)
