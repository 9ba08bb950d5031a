"""What ``main.py bench`` measures: nets of the sizes that people train, as documents, with seeded samples for both sides."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

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
)


def samples_of(workload: Workload) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Seeded random samples and classes, the same for both sides. A whole number of batches, as in a full epoch."""
    rng = np.random.default_rng(0)
    count = SAMPLES // workload.batch * workload.batch
    classes = max(2, workload.sizes[-1])
    return rng.standard_normal((count, *workload.sample)).astype(np.float32), rng.integers(0, classes, count)


def document_of(workload: Workload) -> Document:
    """The workload as a document: SGD, and the loss that suits its outputs."""
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
    document, last = edits.add_node(Document(), "Input", shape=workload.sample)
    for kind, fields in layers:
        document, node = edits.add_node(document, kind, **fields)
        document, last = edits.connect(document, last, node), node
    return edits.set_training(document, optimizer="sgd", learning_rate=0.01, batch_size=workload.batch)


def operations(workload: Workload) -> float:
    """Useful floating-point operations of a step: two a multiply-add, forward and both backward products, less the gradient by the
    data, which nobody computes."""
    counts = [count for count in multiply_adds(document_of(workload)).values() if count]
    return 2.0 * workload.batch * (3 * sum(counts) - counts[0])


def weights_of(shape: tuple[int, ...], seed: int = 0) -> NDArray[np.float64]:
    """Start values of our side, uniform within 1 / sqrt(weights of a unit)."""
    return np.random.default_rng(seed).uniform(-1, 1, shape) / math.sqrt(math.prod(shape[1:]) if len(shape) > 1 else shape[0])
