"""Truncated backpropagation through a long text, naively: windows in streams, one sample at a time, plain gradient descent."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.reference import recurrent as naive

Array = np.ndarray
Weights = dict[str, Array]
State = tuple[Array, Array]


def order(windows: int, streams: int) -> list[list[int]]:
    """The batches of an epoch: the next window of each stream. Streams follow each other in the text; the first are longer by one where
    the windows do not share out evenly."""
    lengths = [windows // streams + (1 if stream < windows % streams else 0) for stream in range(streams)]
    cut = [list(range(sum(lengths[:stream]), sum(lengths[: stream + 1]))) for stream in range(streams)]
    return [[one[step] for one in cut if step < len(one)] for step in range(max(lengths))]


def window(type: str, form: dict[str, Any], w: Weights, x: Array, goal: Array, start: State, weight: float) -> tuple[Weights, float, State]:
    """One sample's gradients of ``weight`` times its half squared errors (summed over steps and outputs), these errors, and the state
    (h, c) that it ends with. The net: a recurrent layer with an output at each step, then a linear Dense ``weight``, ``bias``."""
    sums = np.array([w["weight_input"] @ row + w["bias"] for row in x])
    hidden, (h0, c0) = w["weight_hidden"], start
    peephole, bias = w.get("peephole"), w.get("hidden_bias")
    if type == "SimpleRNN":
        found = naive.simple(sums, hidden, h0, "tanh")
    elif type == "LSTM":
        found = naive.lstm(sums, hidden, h0, c0, peephole)
    else:
        found = naive.gru(form["form"], sums, hidden, h0, bias)
    answers = np.array([w["dense weight"] @ h + w["dense bias"] for h in found["h"]])
    errors = weight * (answers - goal)
    dh, nothing = errors @ w["dense weight"], np.zeros(len(h0))
    if type == "SimpleRNN":
        back = naive.simple_backward(found, hidden, h0, "tanh", dh, nothing, truncate=form.get("truncate"))
    elif type == "LSTM":
        back = naive.lstm_backward(found, hidden, h0, c0, dh, nothing, nothing, peephole, truncate=form.get("truncate"))
    else:
        back = naive.gru_backward(form["form"], found, hidden, h0, dh, nothing, truncate=form.get("truncate"))
    gradients = {
        "weight_input": back["dsums"].T @ x,
        "bias": back["dsums"].sum(0),
        "weight_hidden": back["dweight_hidden"],
        "dense weight": errors.T @ found["h"],
        "dense bias": errors.sum(0),
        "initial_h": back["dinitial_h"],
        "initial_c": back.get("dinitial_c", nothing),
        "peephole": back.get("dpeephole", nothing),
        "hidden_bias": back.get("dhidden_bias", nothing),
    }
    ended = found["h"][-1], found["c"][-1] if "c" in found else nothing
    return {key: gradients[key] for key in w}, float(((answers - goal) ** 2).sum() / 2), ended


def train(
    type: str, form: dict[str, Any], w: Weights, x: Array, goals: Array, streams: int, steps: int, rate: float
) -> tuple[Weights, list[float], dict[int, State]]:
    """``steps`` steps from the first window on; the weights, each step's loss and, by stream, the states at the end. A stream begins
    from zeros, or from ``initial_h`` and ``initial_c`` where ``w`` has them; errors end where a window begins."""
    w, losses = dict(w), []
    states: dict[int, State] = {}
    batches = order(len(x), streams)
    for step in range(steps):
        batch = batches[step % len(batches)]
        first = step % len(batches) == 0
        total, loss = {key: np.zeros_like(array) for key, array in w.items()}, 0.0
        share = 1 / (len(batch) * x.shape[1])
        for stream, index in enumerate(batch):
            units = len(w["weight_hidden"][0])
            begun = tuple(w.get(f"initial_{name}", np.zeros(units)) for name in "hc") if first else states[stream]
            gradients, missed, states[stream] = window(type, form, w, x[index], goals[index], begun, share)  # type: ignore[arg-type]
            loss += missed * share
            for key, gradient in gradients.items():
                if first or not key.startswith("initial_"):
                    total[key] = total[key] + gradient
        losses.append(loss)
        w = {key: array - rate * total[key] for key, array in w.items()}
    return w, losses, states
