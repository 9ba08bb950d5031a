"""One error's way back through time: what of it reaches each step, from the trace's numbers, and what it can come to at most.

The trace has the total error of each state: of all losses together. Here one step's error alone is sent back, by the chain rule of the
layers' formulas (a file a type in ``accounts/cell_types``): so it can be seen how it fades, or grows, on its way.
Sent back from every step and added up, these come to the trace's total errors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playground.anim.accounts import cell_types
from playground.anim.accounts.cell_types.formulas import Back, Values
from playground.anim.time_cells import REVERSE, suffixes
from playground.engine.trace import NodeTrace
from playground.layers import registry
from playground.layers.spec import Fields

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sent:
    """The error that comes in at step ``start``, sent back: (T,) ``norms`` of its derivative by each state, 0 at the steps that it does
    not go through. ``straight`` (T,): what the gates that keep a state let through by themselves, every other way left out (LSTM: the
    forget gates along the cell's ribbon; GRU: what is kept of h)."""

    start: int
    norms: Mapping[str, Array]
    straight: Array | None = None


@dataclass(frozen=True, slots=True)
class Bound:
    """Of a SimpleRNN's error k steps back at most ``factor`` ** k of it is left: ``weight`` is the largest singular value of the recurrent
    weights, ``slope`` the largest slope of the function at this sequence's sums (the tutorial's item 24, (beta_W beta_f)^k)."""

    weight: float
    slope: float

    @property
    def factor(self) -> float:
        return self.weight * self.slope

    def line(self, norm: float, steps: int) -> Array:
        """(steps,): the most that is left of ``norm`` after 0, 1, 2 ... steps."""
        with np.errstate(over="ignore"):
            made: Array = norm * self.factor ** np.arange(steps, dtype=np.float64)
        return made


def bound(type: str, fields: Fields, values: Values, weight: NDArray[Any], end: str, off: Sequence[int] = ()) -> Bound | None:
    """Of a SimpleRNN; ``None`` of cells with gates, whose matrices differ from step to step. Units that are ``off`` hand nothing on."""
    formulas, sums = cell_types.find(type), values.get("pre_activation" + end)
    slopes = formulas.slopes(fields, np.asarray(sums, np.float64)) if formulas is not None and sums is not None else None
    if slopes is None or not np.isfinite(weight).all():
        return None
    on = np.setdiff1d(np.arange(len(weight)), off)
    left = np.asarray(weight, np.float64)[np.ix_(on, on)]
    return Bound(float(np.linalg.norm(left, 2)) if len(on) else 0.0, float(np.abs(slopes[:, on]).max(initial=0.0)))


def entering(fields: Fields, node: NodeTrace, end: str, off: Sequence[int] = ()) -> Array | None:
    """(T, U): the error that comes in at each step from above (of a node with one output, at the last one that it takes), to no unit that
    is ``off``; ``None`` where the trace has none."""
    states, above = node.gradients.get("h" + end), node.gradients.get("output")
    if states is None or above is None:
        return None
    steps, units = states.shape
    ends = suffixes(fields)
    side = ends.index(end) * units if len(ends) > 1 and fields.get("merge", "concatenate") == "concatenate" else 0
    made = np.zeros((steps, units))
    if above.ndim == 2 and above.shape[0] == steps:
        made[:] = above[:, side : side + units]
    else:  # and what a wire of the state brings back, which no value of the trace is
        last = 0 if end == REVERSE else steps - 1
        made[last] = states[last]
    made[:, list(off)] = 0
    return made


def send_back(
    type: str,
    fields: Fields,
    node: NodeTrace,
    weights: Values,
    end: str,
    start: int,
    mask: NDArray[Any] | None = None,
    off: Sequence[int] = (),
) -> Sent | None:
    """The error that comes in at ``start``, at each step before it (of a direction that reads from the right: behind it). The truncation
    does not count: this is what would come. ``weights`` are ``weight_hidden`` and, of an LSTM with peepholes, ``peephole``, by name;
    ``off`` the units that are switched off; ``None`` where the trace or the weights lack something."""
    cell, came = registry.cell(type), entering(fields, node, end, off)
    parts = _parts(type, fields, node, weights, end)
    if cell is None or came is None or parts is None or not 0 <= start < len(came):
        return None
    steps, units = came.shape
    way = range(start, steps) if end == REVERSE else range(start, -1, -1)
    first = start == (0 if end == REVERSE else steps - 1)
    dh, dc = came[start], np.zeros(units)
    if first and "c" in cell.states:  # the last step's are in the trace as they are, a state's wire counted
        total = node.gradients.get("c" + end)
        known = parts.cell(start, came[start])
        dc = np.asarray(total[start], np.float64) - known if total is not None and _is_one(came, node, end) else dc
    found = {state: np.zeros((steps, units)) for state in cell.states}
    kept = np.zeros((steps, units))
    carried: Array | None = None
    for t in way:
        real = mask is None or bool(mask[t])
        total_c = dc + parts.cell(t, dh) if "c" in cell.states and real else dc
        found["h"][t] = dh
        if "c" in found:
            found["c"][t] = total_c
        if carried is None:
            carried = total_c if "c" in found else dh
        kept[t] = carried
        if real:
            carried = carried * parts.kept[t] if parts.kept is not None else carried
            dh, dc = parts.back(t, dh, total_c)
            dh[list(off)] = 0
    norms = {state: np.sqrt(np.einsum("tu,tu->t", one, one)) for state, one in found.items()}
    straight = None if parts.kept is None else np.sqrt(np.einsum("tu,tu->t", kept, kept))
    return Sent(start, norms, straight)


def _is_one(came: Array, node: NodeTrace, end: str) -> bool:
    """Whether the output is that after the last step alone."""
    return node.gradients["output"].ndim == 1 or node.gradients["output"].shape[0] != len(came)


def _parts(type: str, fields: Fields, node: NodeTrace, weights: Values, end: str) -> Back | None:
    formulas = cell_types.find(type)
    return formulas.back(fields, node, weights, end) if formulas is not None else None
