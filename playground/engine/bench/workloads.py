"""What ``main.py bench`` measures: nets of the sizes that people train, as documents, with seeded samples for both sides."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playground.data.spec import Dataset, Description, frozen_split
from playground.document import Document, edits
from playground.document.graph import multiply_adds

SAMPLES = 4096


@dataclass(frozen=True, slots=True)
class Stage:
    """A convolution of ``filters`` kernels ``kernel`` x ``kernel`` with ``padding`` cells around, then max pooling by 2."""

    filters: int
    kernel: int
    padding: int


@dataclass(frozen=True, slots=True)
class Workload:
    """A dense net by its layer sizes, behind ``stages`` of convolution where there are any: then ``shape`` is a sample's, and
    ``sizes[0]`` what the last stage leaves. ``goal``: at most this part of PyTorch's time."""

    name: str
    sizes: tuple[int, ...]
    activation: str
    batch: int
    goal: float
    shape: tuple[int, ...] = ()
    stages: tuple[Stage, ...] = ()

    @property
    def sample(self) -> tuple[int, ...]:
        """The shape of one sample."""
        return self.shape or self.sizes[:1]

    @property
    def title(self) -> str:
        stages = "".join(f"conv{stage.filters} {stage.kernel}x{stage.kernel}-" for stage in self.stages)
        dense = "-".join(map(str, self.sizes[1:] if self.stages else self.sizes))
        return f"{stages}{dense} batch {self.batch}"


@dataclass(frozen=True, slots=True)
class Course(Workload):
    """A recurrent net: ``cell`` of ``sizes[1]`` units over ``steps`` steps, and a dense layer behind it.

    With ``tokens``, a sample is a sequence of so many different ones, each embedded in ``sizes[0]`` numbers, and a class is told at each
    step. Without, a sample has ``sizes[0]`` numbers a step, and values are told at the end (mean squared error).
    """

    cell: str = "LSTM"
    steps: int = 1
    tokens: int = 0

    @property
    def sample(self) -> tuple[int, ...]:
        return (self.steps,) if self.tokens else (self.steps, self.sizes[0])

    @property
    def title(self) -> str:
        embedded = f"embed{self.tokens}-" if self.tokens else ""
        return f"{embedded}{self.cell} {'-'.join(map(str, self.sizes))} T {self.steps} batch {self.batch}"

    @property
    def gates(self) -> int:
        """Sums that a unit makes at a step."""
        return {"SimpleRNN": 1, "GRU": 3, "LSTM": 4}[self.cell]


LENET = (Stage(6, 5, 2), Stage(16, 5, 0))
SMALL = (Stage(16, 3, 1), Stage(32, 3, 1), Stage(64, 3, 1))
"""The tutorial's net for pictures of 32 x 32 in color, with kernels of 3 x 3."""

WORKLOADS = (
    Workload("toy-b10", (2, 8, 8, 1), "tanh", 10, 0.005),
    Workload("toy-b32", (2, 8, 8, 1), "tanh", 32, 0.005),
    Workload("mlp64-b32", (784, 64, 32, 10), "relu", 32, 0.25),
    Workload("mlp300-b1", (784, 300, 10), "relu", 1, 0.30),
    Workload("mlp300-b32", (784, 300, 10), "relu", 32, 0.40),
    Workload("mlp300-b128", (784, 300, 10), "relu", 128, 0.70),
    Workload("mlp512-b128", (784, 512, 512, 10), "relu", 128, 0.90),
    Workload("lenet-b1", (400, 120, 84, 10), "relu", 1, 0.30, (1, 28, 28), LENET),
    Workload("lenet-b32", (400, 120, 84, 10), "relu", 32, 0.22, (1, 28, 28), LENET),
    Workload("lenet-b128", (400, 120, 84, 10), "relu", 128, 0.28, (1, 28, 28), LENET),
    Workload("color-b32", (1024, 500, 10), "relu", 32, 0.60, (3, 32, 32), SMALL),
    Workload("color-b128", (1024, 500, 10), "relu", 128, 0.70, (3, 32, 32), SMALL),
    Course("lstm-t50", (64, 128, 64), "identity", 32, 0.80, cell="LSTM", steps=50, tokens=64),
    Course("gru-t50", (64, 128, 64), "identity", 32, 0.60, cell="GRU", steps=50, tokens=64),
    Course("rnn-t50", (64, 128, 64), "identity", 32, 0.60, cell="SimpleRNN", steps=50, tokens=64),
    Course("lstm-small", (1, 16, 1), "identity", 16, 0.10, cell="LSTM", steps=20),
)


def samples_of(workload: Workload) -> tuple[NDArray[np.float32], NDArray[Any]]:
    """Seeded random samples and classes (of a recurrent net: classes at each step, or values), the same for both sides. A whole number of
    batches, as in a full epoch."""
    rng = np.random.default_rng(0)
    count = SAMPLES // workload.batch * workload.batch
    if isinstance(workload, Course):
        if workload.tokens:
            tokens = rng.integers(0, workload.tokens, (count, workload.steps))
            return tokens.astype(np.float32), rng.integers(0, workload.sizes[-1], (count, workload.steps))
        sequences = rng.standard_normal((count, *workload.sample)).astype(np.float32)
        return sequences, rng.standard_normal((count, workload.sizes[-1])).astype(np.float32)
    classes = max(2, workload.sizes[-1])
    return rng.standard_normal((count, *workload.sample)).astype(np.float32), rng.integers(0, classes, count)


def dataset_of(workload: Workload, x: NDArray[np.float32], y: NDArray[Any]) -> Dataset:
    """The samples as a data set, all of them in each split."""
    outputs, told = workload.sizes[-1], isinstance(workload, Course) and not workload.tokens
    part = frozen_split(x, y if told else y.astype(np.int32))
    if told:
        return Dataset(Description(x.shape[1:], "regression", outputs), part, part, part)
    classes = tuple(map(str, range(max(2, outputs))))
    tokens = tuple(map(str, range(workload.tokens))) if isinstance(workload, Course) else ()
    description = Description(x.shape[1:], "classification", outputs, classes, tokens=tokens, steps=bool(tokens))
    return Dataset(description, part, part, part)


def _layers_of(course: Course) -> list[tuple[str, dict[str, Any]]]:
    """GRU in PyTorch's form, so that both sides do the same."""
    units = {"units": course.sizes[1], "return_sequences": bool(course.tokens)} | ({"form": "pytorch"} if course.cell == "GRU" else {})
    layers: list[tuple[str, dict[str, Any]]] = [(course.cell, units), ("Dense", {"units": course.sizes[2]})]
    if course.tokens:
        return [
            ("Embedding", {"size": course.sizes[0], "vocabulary": course.tokens}),
            *layers,
            ("Output", {"loss": "softmax_cross_entropy"}),
        ]
    return [*layers, ("Output", {"loss": "mean_squared_error"})]


def document_of(workload: Workload) -> Document:
    """The workload as a document: SGD, and the loss that suits its outputs."""
    if isinstance(workload, Course):
        return _chained(workload, _layers_of(workload))
    layers: list[tuple[str, dict[str, Any]]] = []
    for stage in workload.stages:
        padding = stage.padding or "valid"
        layers.append(
            ("Conv2D", {"filters": stage.filters, "kernel_size": stage.kernel, "padding": padding, "activation": workload.activation})
        )
        layers.append(("MaxPool2D", {"pool_size": 2}))
    if workload.stages:
        layers.append(("Flatten", {}))
    for number, units in enumerate(workload.sizes[1:], 1):
        activation = workload.activation if number < len(workload.sizes) - 1 else "identity"
        layers.append(("Dense", {"units": units, "activation": activation}))
    layers.append(("Output", {"loss": "binary_cross_entropy" if workload.sizes[-1] == 1 else "softmax_cross_entropy"}))
    return _chained(workload, layers)


def _chained(workload: Workload, layers: list[tuple[str, dict[str, Any]]]) -> Document:
    document, last = edits.add_node(Document(), "Input", shape=workload.sample)
    for kind, fields in layers:
        document, node = edits.add_node(document, kind, **fields)
        document, last = edits.connect(document, last, node), node
    return edits.set_training(document, optimizer="sgd", learning_rate=0.01, batch_size=workload.batch)


def operations(workload: Workload) -> float:
    """Useful floating-point operations of a step: two a multiply-add, forward and both backward products, less the gradient by the
    data, which nobody computes."""
    counts = [count for count in multiply_adds(document_of(workload)).values() if count]
    unneeded = counts[0]
    if isinstance(workload, Course):  # what is embedded is learned; of the cell, only the product with the data has no way back
        unneeded = 0 if workload.tokens else workload.steps * workload.gates * workload.sizes[0] * workload.sizes[1]
    return 2.0 * workload.batch * (3 * sum(counts) - unneeded)


def weights_of(shape: tuple[int, ...], seed: int = 0) -> NDArray[np.float64]:
    """Start values of our side, uniform within 1 / sqrt(weights of a unit)."""
    return np.random.default_rng(seed).uniform(-1, 1, shape) / math.sqrt(math.prod(shape[1:]) if len(shape) > 1 else shape[0])
