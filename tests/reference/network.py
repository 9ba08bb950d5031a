"""A document's forward pass and loss in float64, node by node, written from the layers' formulas; no gradients."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from playground.document import Document, fields_of, order, sources

FUNCTIONS = {
    "identity": lambda z: z,
    "step": lambda z: (z > 0).astype(float),
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "tanh": np.tanh,
    "relu": lambda z: np.where(z > 0, z, 0.0),
    "leaky_relu": lambda z: np.where(z > 0, z, 0.01 * z),
    "elu": lambda z: np.where(z > 0, z, np.exp(np.minimum(z, 0)) - 1),
    "softplus": lambda z: np.log(1 + np.exp(z)),
    "gelu": np.vectorize(lambda z: z * 0.5 * (1 + math.erf(z / math.sqrt(2)))),
    "softmax": lambda z: np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True),
}


def outputs(document: Document, parameters: Mapping[str, np.ndarray], x: np.ndarray) -> dict[str, np.ndarray]:
    """Every node's output for samples (N, *shape); the Output's is its prediction, the node before it holds the sums."""
    made: dict[str, np.ndarray] = {}
    for node in order(document):
        fields, type = fields_of(document, node), document.nodes[node].type
        given = [made[source] for source in sources(document, node)]
        if type == "Input":
            made[node] = np.asarray(x, float)
        elif type == "Dense":
            z = given[0] @ parameters[f"{node}/weight"].T + parameters.get(f"{node}/bias", 0.0)
            made[node] = FUNCTIONS[fields["activation"]](z)
        elif type == "Activation":
            made[node] = FUNCTIONS[fields["function"]](given[0])
        elif type in ("Flatten", "Reshape"):
            made[node] = given[0].reshape(len(x), *((-1,) if type == "Flatten" else fields["shape"]))
        elif type == "Dropout":
            made[node] = given[0]
        elif type == "Add":
            made[node] = sum(given[1:], given[0])
        elif type == "Multiply":
            made[node] = math.prod(given[1:], start=given[0])
        elif type == "Concatenate":
            axis = fields["axis"] if fields["axis"] is not None else (1 if given[0].ndim == 3 else 0)
            made[node] = np.concatenate(given, axis=axis + 1)
        else:
            function = {"softmax_cross_entropy": "softmax", "binary_cross_entropy": "sigmoid"}.get(fields["loss"], "identity")
            made[node] = FUNCTIONS[function](given[0])
    return made


def loss(kind: str, prediction: np.ndarray, target: np.ndarray) -> float:
    """The mean loss over N, from predictions; ``target`` are class numbers for the softmax cross-entropy, else numbers."""
    count = len(prediction)
    if kind == "softmax_cross_entropy":
        rows, picked = prediction.reshape(-1, prediction.shape[-1]), target.reshape(-1)
        return float(-np.log(rows[np.arange(len(rows)), picked]).mean())
    if kind == "binary_cross_entropy":
        return float(-(target * np.log(prediction) + (1 - target) * np.log(1 - prediction)).mean())
    squares = (prediction - target) ** 2
    return float(squares.mean()) if kind == "mean_squared_error" else float(squares.sum() / 2 / count)
