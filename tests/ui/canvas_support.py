"""What canvas tests share: a session that only notes commands, and snapshots computed by a few lines of numpy."""

from __future__ import annotations

import numpy as np

from playground import document as documents
from playground.document import Document, edits
from playground.engine.live.snapshot import Plane, Snapshot
from playground.engine.trace import NodeTrace, ParameterTrace, Trace

FUNCTIONS = {
    "tanh": np.tanh,
    "relu": lambda z: np.maximum(z, 0),
    "identity": lambda z: z,
    "step": lambda z: (z > 0).astype(float),
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
}


def crowd(nodes: int, columns: int = 12) -> Document:
    """The spiral's data through a chain of ``nodes`` Dense layers of 8 units, in rows of ``columns``."""
    made = documents.example("spiral")
    made, last = edits.add_node(edits.remove(made, *made.nodes), "Input", position=(0, 0))
    for at in range(nodes):
        row, column = divmod(at, columns)
        made, new = edits.add_node(made, "Dense", units=8, activation="tanh", position=(200.0 + 190 * column, 560.0 * row))
        made, last = edits.connect(made, last, new), new
    for type, x, fields in (("Dense", 0, {"units": 1, "activation": "tanh"}), ("Output", 190, {"loss": "half_squared_error"})):
        made, new = edits.add_node(made, type, position=(200.0 + 190 * columns + x, 560.0 * ((nodes - 1) // columns)), **fields)
        made, last = edits.connect(made, last, new), new
    return made


class NotingSession:
    """Stands for the worker: keeps what it was sent, publishes nothing by itself."""

    def __init__(self) -> None:
        self.sent: list[object] = []

    def send(self, command: object) -> None:
        self.sent.append(command)

    def take(self) -> None:
        return None

    def of(self, kind: type) -> list[object]:
        return [command for command in self.sent if isinstance(command, kind)]


def snapshot(document: Document, seed: int = 0, serial: int = 1, phase: str = "paused", pass_serial: int = 0, grid: int = 10) -> Snapshot:
    """A pass of one sample through a chain of Dense, Activation, Flatten and Output nodes, with random weights of ``seed``; what another
    type makes of another shape is random too."""
    rng = np.random.default_rng(seed)
    survey = documents.survey(document)
    nodes: dict[str, NodeTrace] = {}
    parameters: dict[str, ParameterTrace] = {}
    neurons: dict[str, np.ndarray] = {}
    axis = np.linspace(-5, 5, grid)
    over = {}
    for id in survey.order:
        type = document.nodes[id].type
        sources = documents.sources(document, id)
        if type == "Input":
            x = rng.normal(size=survey.shapes[id])
            plane = np.stack(np.meshgrid(axis, axis), 0) if survey.shapes[id] == (2,) else None
        elif type == "Dense":
            x, plane = nodes[sources[0]].values["output"], over[sources[0]]
            units = survey.shapes[id][0]
            weight = rng.normal(size=(units, x.size)) * (1.6 if x.size < 20 else 0.08)
            bias = rng.normal(size=units)
            after = weight - 0.05 * rng.normal(size=weight.shape)
            parameters[f"{id}/weight"] = ParameterTrace(weight, rng.normal(size=weight.shape), {}, after)
            parameters[f"{id}/bias"] = ParameterTrace(bias, rng.normal(size=units), {}, bias * 0.9)
            function = FUNCTIONS[survey.fields[id]["activation"]]
            z, x = weight @ x + bias, function(weight @ x + bias)
            plane = function(np.tensordot(weight, plane, 1) + bias[:, None, None]) if plane is not None else None
            slope = rng.normal(size=units) * 0.1
            nodes[id] = NodeTrace({"pre_activation": z, "output": x}, {"pre_activation": slope, "output": slope})
        else:
            x, plane = nodes[sources[0]].values["output"], over[sources[0]]
            x = x.ravel() if type == "Flatten" else np.exp(x) / np.exp(x).sum() if type == "Output" and x.size > 1 else x
            x = x if x.shape == survey.shapes[id] else rng.normal(size=survey.shapes[id])
        over[id] = plane
        if plane is not None:
            neurons[id] = plane.astype(np.float32)
        nodes.setdefault(id, NodeTrace({"output": x}, {"output": rng.normal(size=x.shape) * 0.01}))
    target = np.zeros_like(nodes[survey.order[-1]].values["output"])
    target[0] = 1
    trace = Trace("train", 3, nodes, parameters, target, 0.25, serial)
    return Snapshot(
        serial=serial,
        phase=phase,
        step=serial,
        trace=trace,
        pass_serial=pass_serial,
        parameters={key: value.before for key, value in parameters.items()},
        plane=Plane((-5, 5, -5, 5), neurons) if neurons else None,
    )


def skipping() -> Document:
    """A row of three Dense layers, and a wire from the first past the others to Add."""
    made = edits.set_data(Document(), "spiral")
    made, last = edits.add_node(made, "Input", position=(0, 0))
    for at in range(3):
        made, node = edits.add_node(made, "Dense", units=8, position=(300 * (at + 1), 0))
        made, last = edits.connect(made, last, node), node
    made, total = edits.add_node(made, "Add", position=(1200, 0))
    made = edits.connect(made, last, total)
    return edits.connect(made, "dense1", total, to_port=1)
