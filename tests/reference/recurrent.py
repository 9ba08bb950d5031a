"""Naive recurrent layers, in float64, one sample at a time, straight from the formulas: forward, and errors back through time.

Units ``off`` are switched off: their states are 0 before the first step and after each one, and no error comes to them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tests.reference.operations import dot, function, slope

Array = np.ndarray
Numbers = dict[str, Array]
Off = Sequence[int]


def _sigmoid(x: float) -> float:
    return function("sigmoid", x)


def _order(steps: int, reverse: bool) -> list[int]:
    return list(range(steps))[:: -1 if reverse else 1]


def _dot(weight: Array, row: int, x: Array) -> float:
    return dot(weight[row], x)


def _back(weight: Array, errors: Array, first: int) -> Array:
    """From the errors of rows first, first + 1, ... to those of what the rows are multiplied by."""
    return np.array([dot(weight[first : first + len(errors), k], errors) for k in range(weight.shape[1])])


def _real(mask: Array | None, t: int) -> bool:
    return mask is None or mask[t] == 1


def _cut(position: int, steps: int, truncate: int | None) -> bool:
    """Whether nothing flows back from the step taken at ``position``."""
    return truncate is not None and position > 0 and (steps - position) % truncate == 0


def _without(state: Array, off: Off) -> Array:
    """A state (U), or its error, with 0 in units that are switched off."""
    return np.array([0.0 if unit in off else number for unit, number in enumerate(state)])


def simple(sums: Array, weight: Array, start: Array, name: str, mask: Array | None = None, reverse: bool = False, off: Off = ()) -> Numbers:
    """h_t = f(sums_t + W h before)."""
    steps, units = sums.shape
    pre, h, before = np.zeros((steps, units)), np.zeros((steps, units)), _without(start, off)
    for t in _order(steps, reverse):
        for u in range(units):
            pre[t, u] = sums[t, u] + _dot(weight, u, before)
            h[t, u] = function(name, pre[t, u]) if _real(mask, t) else before[u]
        before = h[t] = _without(h[t], off)
    return {"sums": pre, "h": h}


def simple_backward(
    found: Numbers, weight: Array, start: Array, name: str, dh: Array, dlast: Array, mask: Array | None = None, reverse: bool = False,
    truncate: int | None = None, off: Off = (),
) -> Numbers:  # fmt: skip
    """dsums, dh_total, dinitial_h and dweight_hidden."""
    pre, h = found["sums"], found["h"]
    steps, units = pre.shape
    dsums, total, dweight = np.zeros((steps, units)), np.zeros((steps, units)), np.zeros((units, units))
    order, flow = _order(steps, reverse), dlast.astype(float)
    for position in reversed(range(steps)):
        t = order[position]
        before = h[order[position - 1]] if position else _without(start, off)
        total[t] = _without(dh[t] + flow, off)
        if not _real(mask, t):
            flow = total[t]
            continue
        for u in range(units):
            dsums[t, u] = total[t, u] * slope(name, pre[t, u])
            for k in range(units):
                dweight[u, k] += dsums[t, u] * before[k]
        flow = np.zeros(units) if _cut(position, steps, truncate) else _back(weight, dsums[t], 0)
    return {"dsums": dsums, "dh_total": total, "dinitial_h": _without(flow, off), "dweight_hidden": dweight}


def lstm(
    sums: Array, weight: Array, start_h: Array, start_c: Array, peephole: Array | None = None, mask: Array | None = None,
    reverse: bool = False, off: Off = (),
) -> Numbers:  # fmt: skip
    """i, f, o = sigmoid, g = tanh (sums: i f g o); c = f c' + i g; h = o tanh(c). Peepholes (i f o) add p c' to i's and f's sums, p c to
    o's."""
    steps, units = sums.shape[0], sums.shape[1] // 4
    p = np.zeros((3, units)) if peephole is None else peephole
    pre, gates = np.zeros((steps, 4 * units)), np.zeros((steps, 4 * units))
    c, h = np.zeros((steps, units)), np.zeros((steps, units))
    old_h, old_c = _without(start_h, off), _without(start_c, off)
    for t in _order(steps, reverse):
        for u in range(units):
            i, f, g, o = (sums[t, n * units + u] + _dot(weight, n * units + u, old_h) for n in range(4))
            i, f = i + p[0, u] * old_c[u], f + p[1, u] * old_c[u]
            new = _sigmoid(f) * old_c[u] + _sigmoid(i) * function("tanh", g)
            o = o + p[2, u] * new
            pre[t, u::units] = i, f, g, o
            gates[t, u::units] = _sigmoid(i), _sigmoid(f), function("tanh", g), _sigmoid(o)
            c[t, u] = new if _real(mask, t) else old_c[u]
            h[t, u] = _sigmoid(o) * function("tanh", new) if _real(mask, t) else old_h[u]
        h[t], c[t] = _without(h[t], off), _without(c[t], off)
        old_h, old_c = h[t], c[t]
    return {"sums": pre, "gates": gates, "c": c, "h": h}


def lstm_backward(
    found: Numbers, weight: Array, start_h: Array, start_c: Array, dh: Array, dlast_h: Array, dlast_c: Array, peephole: Array | None = None,
    mask: Array | None = None, reverse: bool = False, truncate: int | None = None, off: Off = (),
) -> Numbers:  # fmt: skip
    """dsums, dh_total, dc_total, dinitial_h, dinitial_c, dweight_hidden and dpeephole."""
    gates, c, h = found["gates"], found["c"], found["h"]
    steps, units = h.shape
    p = np.zeros((3, units)) if peephole is None else peephole
    dsums, dh_total, dc_total = np.zeros((steps, 4 * units)), np.zeros((steps, units)), np.zeros((steps, units))
    dweight, dpeephole = np.zeros((4 * units, units)), np.zeros((3, units))
    order, flow, flow_c = _order(steps, reverse), dlast_h.astype(float), dlast_c.astype(float)
    for position in reversed(range(steps)):
        t = order[position]
        old_h, old_c = (h[order[position - 1]], c[order[position - 1]]) if position else (_without(start_h, off), _without(start_c, off))
        dh_total[t], flow_c = _without(dh[t] + flow, off), _without(flow_c, off)
        if not _real(mask, t):
            flow, dc_total[t] = dh_total[t], flow_c
            continue
        next_c = np.zeros(units)
        for u in range(units):
            i, f, g, o = gates[t, u::units]
            squashed = function("tanh", c[t, u])
            do = dh_total[t, u] * squashed * o * (1 - o)
            dc = flow_c[u] + dh_total[t, u] * o * (1 - squashed**2) + p[2, u] * do
            di, df, dg = dc * g * i * (1 - i), dc * old_c[u] * f * (1 - f), dc * i * (1 - g**2)
            dc_total[t, u], dsums[t, u::units] = dc, (di, df, dg, do)
            next_c[u] = dc * f + p[0, u] * di + p[1, u] * df
            dpeephole[:, u] += di * old_c[u], df * old_c[u], do * c[t, u]
        for j in range(4 * units):
            for k in range(units):
                dweight[j, k] += dsums[t, j] * old_h[k]
        cut = _cut(position, steps, truncate)
        flow, flow_c = (np.zeros(units), np.zeros(units)) if cut else (_back(weight, dsums[t], 0), next_c)
    flow, flow_c = _without(flow, off), _without(flow_c, off)
    states = {"dh_total": dh_total, "dc_total": dc_total, "dinitial_h": flow, "dinitial_c": flow_c}
    return {"dsums": dsums, **states, "dweight_hidden": dweight, "dpeephole": dpeephole}


def gru(
    form: str, sums: Array, weight: Array, start: Array, bias: Array | None = None, mask: Array | None = None, reverse: bool = False,
    off: Off = (),
) -> Numbers:  # fmt: skip
    """z, r = sigmoid (sums: z r n). tutorial: n = tanh(sums_n + W_n (r h')), h = (1 - z) h' + z n; pytorch: n = tanh(sums_n + r (W_n h' +
    bias)), h = (1 - z) n + z h'. ``inside``: r h', or W_n h' + bias."""
    steps, units = sums.shape[0], sums.shape[1] // 3
    pre, gates = np.zeros((steps, 3 * units)), np.zeros((steps, 3 * units))
    inside, h, before = np.zeros((steps, units)), np.zeros((steps, units)), _without(start, off)
    for t in _order(steps, reverse):
        for j in range(2 * units):
            pre[t, j] = sums[t, j] + _dot(weight, j, before)
            gates[t, j] = _sigmoid(pre[t, j])
        z, r, n = gates[t, :units], gates[t, units : 2 * units], gates[t, 2 * units :]
        for u in range(units):
            if form == "tutorial":
                inside[t, u] = r[u] * before[u]
            else:
                inside[t, u] = _dot(weight, 2 * units + u, before) + (0.0 if bias is None else bias[u])
        for u in range(units):
            hidden = _dot(weight, 2 * units + u, inside[t]) if form == "tutorial" else r[u] * inside[t, u]
            pre[t, 2 * units + u] = sums[t, 2 * units + u] + hidden
            n[u] = function("tanh", pre[t, 2 * units + u])
            new = (1 - z[u]) * before[u] + z[u] * n[u] if form == "tutorial" else (1 - z[u]) * n[u] + z[u] * before[u]
            h[t, u] = new if _real(mask, t) else before[u]
        before = h[t] = _without(h[t], off)
    return {"sums": pre, "gates": gates, "inside": inside, "h": h}


def gru_backward(
    form: str, found: Numbers, weight: Array, start: Array, dh: Array, dlast: Array, mask: Array | None = None, reverse: bool = False,
    truncate: int | None = None, off: Off = (),
) -> Numbers:  # fmt: skip
    """dsums, dh_total, dinitial_h, dweight_hidden; pytorch's dhidden_sum and dhidden_bias."""
    gates, inside, h = found["gates"], found["inside"], found["h"]
    steps, units = h.shape
    dsums, total, dhidden = np.zeros((steps, 3 * units)), np.zeros((steps, units)), np.zeros((steps, units))
    dweight, order, flow = np.zeros((3 * units, units)), _order(steps, reverse), dlast.astype(float)
    for position in reversed(range(steps)):
        t = order[position]
        before = h[order[position - 1]] if position else _without(start, off)
        total[t] = _without(dh[t] + flow, off)
        if not _real(mask, t):
            flow = total[t]
            continue
        z, r, n = gates[t, :units], gates[t, units : 2 * units], gates[t, 2 * units :]
        kept = 1 - z if form == "tutorial" else z
        dn = total[t] * (1 - kept) * (1 - n**2)
        dz = total[t] * (n - before) * (1 if form == "tutorial" else -1) * z * (1 - z)
        if form == "tutorial":
            dinside = _back(weight, dn, 2 * units)
            dr, past = dinside * before * r * (1 - r), dinside * r
            read = inside[t]
        else:
            dhidden[t] = dn * r
            dr, past = dn * inside[t] * r * (1 - r), _back(weight, dhidden[t], 2 * units)
            read = before
        dsums[t] = np.concatenate([dz, dr, dn])
        for u in range(units):
            for k in range(units):
                dweight[u, k] += dz[u] * before[k]
                dweight[units + u, k] += dr[u] * before[k]
                dweight[2 * units + u, k] += (dn[u] if form == "tutorial" else dhidden[t, u]) * read[k]
        flow = total[t] * kept + past + _back(weight, dsums[t, : 2 * units], 0)
        if _cut(position, steps, truncate):
            flow = np.zeros(units)
    more = {"dhidden_sum": dhidden, "dhidden_bias": dhidden.sum(0)}
    return {"dsums": dsums, "dh_total": total, "dinitial_h": _without(flow, off), "dweight_hidden": dweight, **more}
