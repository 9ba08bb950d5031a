"""Every option of a recurrent layer with every other one: values, errors and gradients against plain loops, in both precisions."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from playground.document import Document, edits
from playground.engine import Network
from playground.engine.trace import Trace
from tests.reference import recurrent as naive

Array = np.ndarray
STEPS, FEATURES, UNITS = 4, 2, 2
CELLS: list[tuple[str, dict[str, Any]]] = [
    ("SimpleRNN", {}),
    ("LSTM", {}),
    ("LSTM", {"peepholes": True}),
    ("GRU", {"form": "tutorial"}),
    ("GRU", {"form": "pytorch"}),
]
WAYS: list[dict[str, Any]] = [
    {},
    {"direction": "backward"},
    {"direction": "both"},
    {"direction": "both", "merge": "sum"},
]
GATES = {"SimpleRNN": "", "LSTM": "ifgo", "GRU": "zrn"}
STATES = {"SimpleRNN": "h", "LSTM": "hc", "GRU": "h"}
STARTS = ("zeros", "learned", "wired")


def network_of(type: str, fields: dict[str, Any], start: str) -> Document:
    """The layer between an Input and a Dense; where its start is ``wired``, it starts from the state of another one before it."""
    document, source = edits.add_node(Document(), "Input", shape=(STEPS, FEATURES))
    learned = {"initial_state": "learned"} if start == "learned" else {}
    document, cell = edits.add_node(document, type, id="cell", units=UNITS, **fields, **learned)
    document, dense = edits.add_node(document, "Dense", units=2)
    document, output = edits.add_node(document, "Output", loss="half_squared_error")
    for wire in ((source, cell), (cell, dense), (dense, output)):
        document = edits.connect(document, *wire)
    if start == "wired":
        before = {name: value for name, value in fields.items() if name != "return_sequences"}
        document, first = edits.add_node(document, type, id="before", units=UNITS, **before)
        document = edits.connect(document, source, first)
        document = edits.connect(document, first, cell, from_port=1)
    return document


class Direction:
    """One direction of one node by plain loops: what it makes, and what its errors come to."""

    def __init__(
        self, type: str, node: str, end: str, fields: dict[str, Any], trace: Trace, mask: Array | None, units: int = UNITS,
        off: tuple[int, ...] = (),
    ) -> None:  # fmt: skip
        self.units, self.off = units, off
        self.type, self.node, self.end, self.fields, self.mask = type, node, end, fields, mask
        own = {key.removeprefix(f"{node}/"): one.before for key, one in trace.parameters.items() if key.startswith(f"{node}/")}
        self.own = {name.removesuffix("_reverse"): array for name, array in own.items() if name.endswith("_reverse") == (end != "")}
        self.x = trace.nodes["input1"].values["output"]
        self.hidden = self.own["weight_hidden"]

    def forward(self, starts: dict[str, Array]) -> dict[str, Array]:
        """The states that it ends with, h first."""
        self.starts = [starts.get(name, self.own.get(f"initial_{name}", np.zeros(self.units))) for name in STATES[self.type]]
        sums = np.array([self.own["weight_input"] @ row + self.own["bias"] for row in self.x])
        reverse = self.end != ""
        if self.type == "SimpleRNN":
            self.found = naive.simple(sums, self.hidden, *self.starts, "tanh", self.mask, reverse, self.off)
        elif self.type == "LSTM":
            self.found = naive.lstm(sums, self.hidden, *self.starts, self.own.get("peephole"), self.mask, reverse, self.off)
        else:
            form, bias = self.fields["form"], self.own.get("hidden_bias")
            self.found = naive.gru(form, sums, self.hidden, *self.starts, bias, self.mask, reverse, self.off)
        return {name: self.found[name][0 if reverse else -1] for name in STATES[self.type]}

    def backward(self, dh: Array, dlast: dict[str, Array]) -> dict[str, Array]:
        """From the error of each output and of the last state: those of the first state."""
        lasts = [dlast.get(name, np.zeros(self.units)) for name in STATES[self.type]]
        options = {"mask": self.mask, "reverse": self.end != "", "truncate": self.fields.get("truncate"), "off": self.off}
        if self.type == "SimpleRNN":
            self.errors = naive.simple_backward(self.found, self.hidden, *self.starts, "tanh", dh, *lasts, **options)
        elif self.type == "LSTM":
            peephole = self.own.get("peephole")
            self.errors = naive.lstm_backward(self.found, self.hidden, *self.starts, dh, *lasts, peephole, **options)
        else:
            self.errors = naive.gru_backward(self.fields["form"], self.found, self.hidden, *self.starts, dh, *lasts, **options)
        return {name: self.errors[f"dinitial_{name}"] for name in STATES[self.type]}

    def compare(self, trace: Trace) -> None:
        values, gradients = trace.nodes[self.node].values, trace.nodes[self.node].gradients
        real = slice(None) if self.mask is None else np.flatnonzero(self.mask)
        errors, dsums = self.errors, self.errors["dsums"]
        pairs: list[tuple[Array, Array]] = [(values[f"pre_activation{self.end}"][real], self.found["sums"][real])]
        for at, gate in enumerate(GATES[self.type]):
            pairs.append((values[gate + self.end][real], self.found["gates"][real, at * self.units : (at + 1) * self.units]))
        for name in STATES[self.type]:
            pairs.append((values[name + self.end], self.found[name]))
            pairs.append((gradients[name + self.end], errors[f"d{name}_total"]))
        pairs.append((gradients[f"pre_activation{self.end}"], dsums))
        wanted = {"weight_input": dsums.T @ self.x, "bias": dsums.sum(axis=0), "weight_hidden": errors["dweight_hidden"]}
        wanted |= {name: errors[f"d{name}"] for name in ("peephole", "hidden_bias", "initial_h", "initial_c") if name in self.own}
        assert wanted.keys() == self.own.keys()
        pairs += [(trace.parameters[f"{self.node}/{name}{self.end}"].gradient, array) for name, array in wanted.items()]  # type: ignore[misc]
        for found, loops in pairs:
            np.testing.assert_allclose(found, loops, rtol=1e-9, atol=1e-12)


def arrays(trace: Trace) -> Iterator[tuple[str, Array]]:
    for node, traced in trace.nodes.items():
        yield from ((f"{node} {name}", array) for name, array in traced.values.items())
        yield from ((f"{node} d{name}", array) for name, array in traced.gradients.items())
    yield from ((key, one.gradient) for key, one in trace.parameters.items() if one.gradient is not None)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: "-".join(way.values()) or "forward")
@pytest.mark.parametrize(("type", "form"), CELLS, ids=lambda one: one if isinstance(one, str) else "-".join(map(str, one.values())))
def test_all_options_together(type: str, form: dict[str, Any], way: dict[str, Any]) -> None:
    """With each start: all outputs or the last one, padded or not, truncated or not; states handed on by wire and their errors back."""
    ends = {"forward": [""], "backward": ["_reverse"], "both": ["", "_reverse"]}[way.get("direction", "forward")]
    rng = np.random.default_rng(0)
    for start, sequences, truncate in itertools.product(STARTS, (True, False), (None, 2)):
        fields = {**form, **way, "return_sequences": sequences, "truncate": truncate}
        document = network_of(type, fields, start)
        wide, narrow = Network(document, "float64", 1), Network(document, "float32", 1)
        moved = {key: (0.7 * rng.standard_normal(array.shape)).astype(np.float32) for key, array in wide.parameters.items()}
        for network in (wide, narrow):
            network.set_parameters(moved)
        x = rng.standard_normal((STEPS, FEATURES)).astype(np.float32)
        for length in (None, 3):
            mask = None if length is None else (np.arange(STEPS) < length).astype(float)
            goal = np.ones((STEPS, 2)) if sequences else np.ones(2)
            trace = wide.trace(x, goal, length=length)
            above = trace.nodes["cell"].gradients["output"]
            for side, end in enumerate(ends):
                cell = Direction(type, "cell", end, fields, trace, mask)
                before = Direction(type, "before", end, fields, trace, mask) if start == "wired" else None
                cell.forward(before.forward({}) if before else {})
                own = above if way.get("merge") == "sum" else np.split(above, len(ends), axis=-1)[side]
                came = cell.backward(own if sequences else np.zeros((STEPS, UNITS)), {} if sequences else {"h": own})
                cell.compare(trace)
                if before:
                    before.backward(np.zeros((STEPS, UNITS)), came)
                    before.compare(trace)
            if truncate:
                continue
            short = dict(arrays(narrow.trace(x, goal, length=length)))
            for name, array in arrays(trace):
                np.testing.assert_allclose(short[name], array, rtol=2e-4, atol=2e-5, err_msg=name)
