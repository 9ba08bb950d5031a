"""Two LSTMs over each other, a Dense and a softmax at every step: all numbers of a pass by plain loops, from the inputs and weights of a
trace alone. Nothing here knows how the engine computes or what a view shows.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from playground.engine.trace import Trace
from tests.reference import recurrent

Array = np.ndarray
Numbers = dict[tuple[str, str, bool], Array]
"""By node, name as in a trace, and whether it is the loss's derivative by it."""
ENDS = ("", "_reverse")
GATES = "ifgo"


def numbers(trace: Trace, cells: Mapping[str, Mapping[str, object]]) -> Numbers:
    """``cells``: the fields of the LSTMs, in the order of the chain; both directions of each, all steps out."""
    x, mask = (np.asarray(trace.nodes["input1"].values[name], np.float64) for name in ("output", "mask"))
    made: Numbers = {("input1", "output", False): x, ("input1", "mask", False): mask}
    for key, traced in trace.parameters.items():
        node, _, name = key.partition("/")
        made[node, name, False] = np.asarray(traced.before, np.float64)
    read, passes = x, {}
    for node, fields in cells.items():
        passes[node] = (read, {end: _forward(made, node, end, read, mask) for end in ENDS})
        h = [passes[node][1][end]["h"] for end in ENDS]
        read = h[0] + h[1] if fields["merge"] == "sum" else np.concatenate(h, axis=1)
        made[node, "output", False] = read
    assert trace.target is not None
    error = _answer(made, read, mask, np.asarray(trace.target).ravel())
    for node, fields in reversed(cells.items()):
        made[node, "output", True] = error
        given, found = passes[node]
        units = made[node, "h", False].shape[1]
        error = np.zeros(given.shape)
        for side, end in enumerate(ENDS):
            own = made[node, "output", True]
            own = own if fields["merge"] == "sum" else own[:, side * units : (side + 1) * units]
            error = error + _backward(made, node, end, given, found[end], own, mask, fields["truncate"])
    starts = {key: array for key, array in made.items() if key[1].startswith("initial_")}
    return made | {(node, name.replace("initial", "start"), gradient): array for (node, name, gradient), array in starts.items()}


def _start(made: Numbers, node: str, end: str, units: int) -> list[Array]:
    return [made.get((node, f"initial_{name}{end}", False), np.zeros(units)) for name in "hc"]


def _forward(made: Numbers, node: str, end: str, x: Array, mask: Array) -> dict[str, Array]:
    weight, bias = made[node, f"weight_input{end}", False], made[node, f"bias{end}", False]
    hidden = made[node, f"weight_hidden{end}", False]
    units = hidden.shape[1]
    sums = np.zeros((len(x), 4 * units))
    for t in range(len(x)):
        for row in range(4 * units):
            sums[t, row] = sum(float(weight[row, k]) * float(x[t, k]) for k in range(x.shape[1])) + float(bias[row])
    peephole = made.get((node, f"peephole{end}", False))
    found = recurrent.lstm(sums, hidden, *_start(made, node, end, units), peephole, mask, reverse=end != "")
    made[node, f"pre_activation{end}", False] = found["sums"]
    for at, gate in enumerate(GATES):
        made[node, gate + end, False] = found["gates"][:, at * units : (at + 1) * units]
    made[node, f"c{end}", False], made[node, f"h{end}", False] = found["c"], found["h"]
    return found


def _answer(made: Numbers, x: Array, mask: Array, target: Array) -> Array:
    """Scores, their softmax, its loss over the real steps, and the error of what the Dense reads."""
    weight, bias = made["dense1", "weight", False], made["dense1", "bias", False]
    steps, classes = len(x), len(bias)
    scores, p, error = (np.zeros((steps, classes)) for _ in range(3))
    counted = [t for t in range(steps) if mask[t] and target[t] >= 0]
    for t in range(steps):
        for k in range(classes):
            scores[t, k] = sum(float(weight[k, j]) * float(x[t, j]) for j in range(x.shape[1])) + float(bias[k])
        powers = [math.exp(score) for score in scores[t]]
        p[t] = [power / sum(powers) for power in powers]
        if t in counted:
            error[t] = [(p[t, k] - (k == target[t])) / len(counted) for k in range(classes)]
    loss = -sum(math.log(p[t, int(target[t])]) for t in counted) / len(counted)
    made["dense1", "pre_activation", False] = made["dense1", "output", False] = scores
    made["dense1", "pre_activation", True] = made["dense1", "output", True] = error
    made["output1", "output", False], made["output1", "loss", False] = p, np.array(loss)
    made["dense1", "weight", True] = sum(np.outer(error[t], x[t]) for t in range(steps))
    made["dense1", "bias", True] = error.sum(axis=0)
    return np.array([[sum(error[t, k] * weight[k, j] for k in range(classes)) for j in range(x.shape[1])] for t in range(steps)])


def _backward(
    made: Numbers, node: str, end: str, x: Array, found: dict[str, Array], above: Array, mask: Array, truncate: object
) -> Array:  # fmt: skip
    """Writes a direction's errors and gradients; what it hands to its input."""
    hidden = made[node, f"weight_hidden{end}", False]
    units = hidden.shape[1]
    none, peephole = np.zeros(units), made.get((node, f"peephole{end}", False))
    cut = int(str(truncate)) if truncate else None
    back = recurrent.lstm_backward(
        found, hidden, *_start(made, node, end, units), above, none, none, peephole, mask, reverse=end != "", truncate=cut
    )
    dsums = back["dsums"]
    made[node, f"pre_activation{end}", True] = dsums
    made[node, f"h{end}", True], made[node, f"c{end}", True] = back["dh_total"], back["dc_total"]
    weight = made[node, f"weight_input{end}", False]
    gradient, share = np.zeros(weight.shape), np.zeros(x.shape)
    for t in range(len(x)):
        for row in range(4 * units):
            for k in range(x.shape[1]):
                gradient[row, k] += dsums[t, row] * x[t, k]
                share[t, k] += dsums[t, row] * weight[row, k]
    made[node, f"weight_input{end}", True], made[node, f"bias{end}", True] = gradient, dsums.sum(axis=0)
    made[node, f"weight_hidden{end}", True] = back["dweight_hidden"]
    if peephole is not None:
        made[node, f"peephole{end}", True] = back["dpeephole"]
    for name in "hc":
        if (node, f"initial_{name}{end}", False) in made:
            made[node, f"initial_{name}{end}", True] = back[f"dinitial_{name}"]
    return share
