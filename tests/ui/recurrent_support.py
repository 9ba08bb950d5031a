"""Recurrent nodes for UI tests: a small network, and traces whose numbers are the naive references'."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from playground.document import Document, edits
from playground.engine.live.snapshot import Snapshot
from playground.engine.trace import NodeTrace, Trace
from tests.reference import recurrent

STEPS, FEATURES, UNITS = 6, 3, 4
GATES = {"LSTM": "ifgo", "GRU": "zrn", "SimpleRNN": ""}


def network(type: str = "LSTM", steps: int = STEPS, units: int = UNITS, **fields: Any) -> tuple[Document, str]:
    """Input, the layer, Dense, Output; and the layer's id."""
    document, given = edits.add_node(Document(), "Input", shape=(steps, FEATURES), position=(0, 0))
    document, layer = edits.add_node(document, type, units=units, position=(180, 0), **fields)
    document, dense = edits.add_node(document, "Dense", units=1, position=(440, 0))
    document, output = edits.add_node(document, "Output", loss="mean_squared_error", position=(620, 0))
    for source, target in ((given, layer), (layer, dense), (dense, output)):
        document = edits.connect(document, source, target)
    return document, layer


def node(type: str, steps: int = STEPS, units: int = UNITS, sequences: bool = False, seed: int = 0) -> tuple[np.ndarray, NodeTrace]:
    """What it reads (T, F), and its values and errors, by the naive references; the loss is the sum of the last state."""
    rng = np.random.default_rng(seed)
    many = len(GATES[type]) or 1
    x = rng.normal(size=(steps, FEATURES))
    sums = x @ rng.normal(size=(FEATURES, many * units)) + rng.normal(size=many * units)
    weight, start = rng.normal(size=(many * units, units)) * 0.7, np.zeros(units)
    dh = np.zeros((steps, units))
    dh[-1] = 1.0
    if type == "LSTM":
        made = recurrent.lstm(sums, weight, start, start)
        back = recurrent.lstm_backward(made, weight, start, start, dh, start, start)
    elif type == "GRU":
        made = recurrent.gru("tutorial", sums, weight, start)
        back = recurrent.gru_backward("tutorial", made, weight, start, dh, start)
    else:
        made = recurrent.simple(sums, weight, start, "tanh")
        back = recurrent.simple_backward(made, weight, start, "tanh", dh, start)
    values = {"h": made["h"], "pre_activation": made["sums"]}
    values |= {gate: made["gates"][:, at * units : (at + 1) * units] for at, gate in enumerate(GATES[type])}
    gradients = {"h": back["dh_total"], "pre_activation": back["dsums"]}
    if type == "LSTM":
        values["c"], gradients["c"] = made["c"], back["dc_total"]
    values["output"] = made["h"] if sequences else made["h"][-1]
    gradients["output"] = dh if sequences else dh[-1]
    return x, NodeTrace(*({name: np.asarray(array, np.float32) for name, array in of.items()} for of in (values, gradients)))


def snapshot(document: Document, layer: str, steps: int = STEPS, units: int = UNITS, changed: dict[str, Any] | None = None) -> Snapshot:
    """A snapshot of one sample's pass. ``changed`` are values of the layer instead of the references'."""
    placed = document.nodes[layer]
    x, traced = node(placed.type, steps, units, bool(placed.fields.get("return_sequences")))
    if changed:
        traced = replace(traced, values={**traced.values, **changed})
    answer = np.array([float(np.ravel(traced.values["output"]).sum())], np.float32)
    dense = NodeTrace({"output": answer, "pre_activation": answer}, {"output": np.ones(1), "pre_activation": np.ones(1)})
    nodes = {
        "input1": NodeTrace({"output": x.astype(np.float32)}),
        layer: traced,
        "dense1": dense,
        "output1": NodeTrace({"output": answer}),
    }
    return Snapshot(serial=1, phase="paused", step=1, trace=Trace("train", 0, nodes, {}, np.zeros(1), 0.5))
