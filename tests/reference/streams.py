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


def window(
    type: str, form: dict[str, Any], w: Weights, x: Array, goal: Array, start: State, weight: float, length: int | None = None
) -> tuple[Weights, float, State]:
    """One sample's gradients of ``weight`` times its half squared errors, these errors, and the state (h, c) that it ends with. The net: a
    recurrent layer, then a linear ``dense weight``, ``dense bias``. ``goal`` (T, K): there is an answer at each step, the errors of all
    real ones are added up; (K): the last state is answered with. ``length``: how many steps are real."""
    sums = np.array([w["weight_input"] @ row + w["bias"] for row in x])
    hidden, (h0, c0) = w["weight_hidden"], start
    peephole, bias = w.get("peephole"), w.get("hidden_bias")
    mask = None if length is None else (np.arange(len(x)) < length).astype(float)
    if type == "SimpleRNN":
        found = naive.simple(sums, hidden, h0, "tanh", mask)
    elif type == "LSTM":
        found = naive.lstm(sums, hidden, h0, c0, peephole, mask)
    else:
        found = naive.gru(form["form"], sums, hidden, h0, bias, mask)
    read = found["h"] if goal.ndim == 2 else found["h"][-1:]
    missed = np.array([w["dense weight"] @ h + w["dense bias"] for h in read]) - goal
    if goal.ndim == 2 and length is not None:
        missed[length:] = 0.0
    errors = weight * missed
    dh, last, nothing = np.zeros_like(found["h"]), np.zeros(len(h0)), np.zeros(len(h0))
    if goal.ndim == 2:
        dh = errors @ w["dense weight"]
    else:
        last = (errors @ w["dense weight"])[0]
    truncate = form.get("truncate")
    if type == "SimpleRNN":
        back = naive.simple_backward(found, hidden, h0, "tanh", dh, last, mask, truncate=truncate)
    elif type == "LSTM":
        back = naive.lstm_backward(found, hidden, h0, c0, dh, last, nothing, peephole, mask, truncate=truncate)
    else:
        back = naive.gru_backward(form["form"], found, hidden, h0, dh, last, mask, truncate=truncate)
    gradients = {
        "weight_input": back["dsums"].T @ x,
        "bias": back["dsums"].sum(0),
        "weight_hidden": back["dweight_hidden"],
        "dense weight": errors.T @ read,
        "dense bias": errors.sum(0),
        "initial_h": back["dinitial_h"],
        "initial_c": back.get("dinitial_c", nothing),
        "peephole": back.get("dpeephole", nothing),
        "hidden_bias": back.get("dhidden_bias", nothing),
    }
    ended = found["h"][-1], found["c"][-1] if "c" in found else nothing
    return {key: gradients[key] for key in w}, float((missed**2).sum() / 2), ended


def clipped(gradients: Weights, norm: float | None, value: float | None) -> Weights:
    """All gradients together shortened to ``norm``, then each entry cut to ``value``."""
    length = np.sqrt(sum(float(entry) ** 2 for array in gradients.values() for entry in array.ravel()))
    factor = 1.0 if norm is None or length <= norm else norm / (length + 1e-6)
    most = np.inf if value is None else value
    return {
        key: np.array([min(max(factor * entry, -most), most) for entry in array.ravel()]).reshape(array.shape)
        for key, array in gradients.items()
    }


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
