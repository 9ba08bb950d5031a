"""One error's way back through time: what of it reaches each step, from the trace's numbers, and what it can come to at most.

The trace has the total error of each state: of all losses together. Here one step's error alone is sent back, by the chain rule of the
layers' formulas (``layers/lstm.py``, ``layers/gru.py``, ``layers/simple_rnn.py``): so it can be seen how it fades, or grows, on its way.
Sent back from every step and added up, these come to the trace's total errors.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playground.anim.time_cells import REVERSE, suffixes
from playground.engine.trace import NodeTrace
from playground.layers import registry

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


def bound(type: str, fields: Mapping[str, Any], values: Mapping[str, NDArray[Any]], weight: NDArray[Any], end: str) -> Bound | None:
    """Of a SimpleRNN; ``None`` of cells with gates, whose matrices differ from step to step."""
    sums = values.get("pre_activation" + end)
    if type != "SimpleRNN" or sums is None or not np.isfinite(weight).all():
        return None
    slope = float(np.abs(_slopes(str(fields.get("activation", "tanh")), np.asarray(sums, np.float64))).max(initial=0.0))
    return Bound(float(np.linalg.norm(np.asarray(weight, np.float64), 2)), slope)


def _slopes(name: str, sums: Array) -> Array:
    """Of the functions that a SimpleRNN offers: f'(s)."""
    if name == "tanh":
        return 1.0 - np.tanh(sums) ** 2
    if name == "sigmoid":
        share: Array = 0.5 * (1.0 + np.tanh(0.5 * sums))
        return share * (1.0 - share)
    return np.where(sums > 0, 1.0, 0.0) if name == "relu" else np.ones_like(sums)


def entering(fields: Mapping[str, Any], node: NodeTrace, end: str) -> Array | None:
    """(T, U): the error that comes in at each step from above (of a node with one output, at the last one that it takes); ``None`` where
    the trace has none."""
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
    return made


def send_back(
    type: str,
    fields: Mapping[str, Any],
    node: NodeTrace,
    weights: Mapping[str, NDArray[Any]],
    end: str,
    start: int,
    mask: NDArray[Any] | None = None,
) -> Sent | None:
    """The error that comes in at ``start``, at each step before it (of a direction that reads from the right: behind it). The truncation
    does not count: this is what would come. ``weights`` are ``weight_hidden`` and, of an LSTM with peepholes, ``peephole``, by name;
    ``None`` where the trace or the weights lack something."""
    cell, came = registry.cell(type), entering(fields, node, end)
    parts = _parts(type, fields, node, weights, end)
    if cell is None or came is None or parts is None or not 0 <= start < len(came):
        return None
    steps, units = came.shape
    way = range(start, steps) if end == REVERSE else range(start, -1, -1)
    first = start == (0 if end == REVERSE else steps - 1)
    dh, dc = came[start], np.zeros(units)
    if first and type == "LSTM":  # the last step's are in the trace as they are, a state's wire counted
        total = node.gradients.get("c" + end)
        known = parts.cell(start, came[start])
        dc = np.asarray(total[start], np.float64) - known if total is not None and _is_one(came, node, end) else dc
    found = {state: np.zeros((steps, units)) for state in cell.states}
    kept = np.zeros((steps, units))
    carried: Array | None = None
    for t in way:
        real = mask is None or bool(mask[t])
        total_c = dc + parts.cell(t, dh) if type == "LSTM" and real else dc
        found["h"][t] = dh
        if type == "LSTM":
            found["c"][t] = total_c
        if carried is None:
            carried = total_c if type == "LSTM" else dh
        kept[t] = carried
        if real:
            carried = carried * parts.kept[t] if parts.kept is not None else carried
            dh, dc = parts.back(t, dh, total_c)
    norms = {state: np.sqrt(np.einsum("tu,tu->t", one, one)) for state, one in found.items()}
    straight = None if parts.kept is None else np.sqrt(np.einsum("tu,tu->t", kept, kept))
    return Sent(start, norms, straight)


def _is_one(came: Array, node: NodeTrace, end: str) -> bool:
    """Whether the output is that after the last step alone."""
    return node.gradients["output"].ndim == 1 or node.gradients["output"].shape[0] != len(came)


def _through(sums: Array, weight: NDArray[Any]) -> Array:
    """The sums' errors, seen from the state that they read. In the precision of the weights: twice as fast in single."""
    with np.errstate(under="ignore"):
        return np.asarray(np.asarray(sums.ravel(), weight.dtype) @ weight, np.float64)


# -- one step back, by type
@dataclass(slots=True)
class _Simple:
    """dh_(t-1) = W^T (f'(s_t) dh_t)."""

    weight: NDArray[Any]
    slopes: Array
    kept: Array | None = None

    def cell(self, t: int, dh: Array) -> Array:
        raise NotImplementedError

    def back(self, t: int, dh: Array, dc: Array) -> tuple[Array, Array]:
        return _through(self.slopes[t] * dh, self.weight), dc


@dataclass(slots=True)
class _Lstm:
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
        return _through(sums, self.weight), handed


@dataclass(slots=True)
class _Gru:
    """dh_(t-1) = kept dh + U_z^T dz + U_r^T dr + (through the candidate, which reads the state reset)."""

    weight: NDArray[Any]
    kept: Array
    to_update: Array
    to_candidate: Array
    to_reset: Array
    reset: Array
    pytorch: bool

    def cell(self, t: int, dh: Array) -> Array:
        raise NotImplementedError

    def back(self, t: int, dh: Array, dc: Array) -> tuple[Array, Array]:
        units = len(dh)
        sums = np.empty((3, units))
        np.multiply(self.to_update[t], dh, out=sums[0])
        candidate = self.to_candidate[t] * dh
        if self.pytorch:  # the reset lies behind the product
            sums[1] = candidate * self.to_reset[t]
            sums[2] = candidate * self.reset[t]
            return self.kept[t] * dh + _through(sums, self.weight), dc
        arriving = _through(candidate, self.weight[2 * units :])
        sums[1] = arriving * self.to_reset[t]
        return self.kept[t] * dh + self.reset[t] * arriving + _through(sums[:2], self.weight[: 2 * units]), dc


_Parts = _Simple | _Lstm | _Gru


def _parts(type: str, fields: Mapping[str, Any], node: NodeTrace, weights: Mapping[str, NDArray[Any]], end: str) -> _Parts | None:
    """What is the same for every error that goes this way."""
    found = weights.get("weight_hidden" + end)
    names = {"SimpleRNN": ("pre_activation",), "LSTM": tuple("ifgoc"), "GRU": tuple("zrnh")}[type]
    values = {name: node.values.get(name + end) for name in names}
    if found is None or any(value is None for value in values.values()):
        return None
    weight = np.asarray(found)
    one = {name: np.asarray(value, np.float64) for name, value in values.items()}
    if type == "SimpleRNN":
        return _Simple(weight, _slopes(str(fields.get("activation", "tanh")), one["pre_activation"]))
    if type == "LSTM":
        i, f, g, o, seen = one["i"], one["f"], one["g"], one["o"], np.tanh(one["c"])
        to_sums = np.stack([g * i * (1 - i), _before(one["c"], end) * f * (1 - f), i * (1 - g**2)], axis=1)
        peephole = weights.get("peephole" + end) if fields.get("peepholes") else None
        holes = None if peephole is None else np.asarray(peephole, np.float64)
        return _Lstm(weight, o * (1 - seen**2), to_sums, seen * o * (1 - o), f, holes)
    z, r, n, old = one["z"], one["r"], one["n"], _before(one["h"], end)
    pytorch = fields.get("form") == "pytorch"
    kept = z if pytorch else 1 - z
    to_update, to_candidate = (old - n if pytorch else n - old) * z * (1 - z), (1 - kept) * (1 - n**2)
    hidden = node.values.get("hidden_sum" + end)
    if pytorch and hidden is None:
        return None
    read = np.asarray(hidden, np.float64) if pytorch and hidden is not None else old
    return _Gru(weight, kept, to_update, to_candidate, read * r * (1 - r), r, pytorch)


def _before(states: Array, end: str) -> Array:
    """The state that each step reads. Before the first it is left at 0: that step hands its error to no step."""
    made = np.zeros_like(states)
    if end == REVERSE:
        made[:-1] = states[1:]
    else:
        made[1:] = states[:-1]
    return made
