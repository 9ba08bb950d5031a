"""Proof of an export: what was written, read back into a fresh network, predicts what the original predicts."""

from __future__ import annotations

import os
from dataclasses import dataclass

import numpy as np

from playground import data
from playground.document import Document, shapes
from playground.document.files import Progress
from playground.document.tensors import pieces_of
from playground.export.files import read
from playground.export.formats import Arrays

SAMPLES = 100
PARTS = 4


@dataclass(frozen=True, slots=True)
class Report:
    """``differing`` are the parameters whose name, shape or values are not those of the original. ``max_difference`` is the
    largest between two predictions on ``samples`` samples; infinite where the file does not fit the network."""

    samples: int
    max_difference: float
    differing: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Both networks run the same compiled code, so nothing less than equality will do."""
        return self.max_difference == 0 and not self.differing


def verify(
    document: Document,
    parameters: Arrays,
    path: str | os.PathLike[str],
    samples: int = SAMPLES,
    format: str | None = None,
    progress: Progress | None = None,
) -> Report:
    """Compare the file with ``parameters``, themselves and by the predictions on evenly picked samples of the test part.

    Where the test part has fewer, or there is no data set, the others are normal draws. ``progress`` is told of parts done and
    in all; what it raises ends the work. Raises :class:`~playground.errors.FileError` where the file cannot be read.
    """
    report = progress or (lambda done, total: None)
    exported = read(path, format)
    report(1, PARTS)
    differing = tuple(sorted(name for name in {*parameters, *exported} if not _same(parameters.get(name), exported.get(name))))
    x, lengths = _samples(document, samples)
    count = len(next(iter(x.values())))
    if {name: array.shape for name, array in parameters.items()} != {name: array.shape for name, array in exported.items()}:
        return Report(count, float("inf"), differing)
    dtype = "float64" if any(array.dtype == np.float64 for array in parameters.values()) else "float32"
    report(2, PARTS)
    first = _predictions(document, dtype, 0, parameters, x, lengths)
    report(3, PARTS)
    second = _predictions(document, dtype, 1, exported, x, lengths)
    equal = (first == second) | (np.isnan(first) & np.isnan(second))
    difference = np.where(equal, 0.0, np.abs(first - second))
    return Report(count, float(np.nan_to_num(difference, nan=np.inf).max(initial=0.0)), differing)


def _predictions(document: Document, dtype: str, seed: int, parameters: Arrays, x: Arrays, lengths: np.ndarray | None) -> np.ndarray:
    """Those of a fresh network, whose own start (by ``seed``) the parameters must replace in full."""
    from playground.engine.network import Network  # not at the top: the window imports this package before kernels are wanted

    network = Network(document, dtype=dtype, seed=seed)
    network.set_parameters(parameters)
    return np.asarray(network.forward(dict(x), lengths=lengths), np.float64)


def _same(a: np.ndarray | None, b: np.ndarray | None) -> bool:
    """Whether both are there and equal to the bit, sign of zero and kind of not-a-number included."""
    if a is None or b is None or a.dtype != b.dtype or a.shape != b.shape:
        return False
    return all(np.array_equal(one, two) for one, two in zip(pieces_of(a), pieces_of(b), strict=True))  # == keeps the interpreter


def _samples(document: Document, count: int) -> tuple[dict[str, np.ndarray], np.ndarray | None]:
    """By Input node, (N, *shape) float32; and the lengths of sequences, where the data set has some. Tokens are the data set's, over and
    over."""
    known = shapes(document)
    inputs = {node: known[node] for node, placed in document.nodes.items() if placed.type == "Input"}
    rng = np.random.Generator(np.random.PCG64(0))
    samples = {node: rng.standard_normal((count, *shape)).astype(np.float32) for node, shape in inputs.items()}
    lengths = None
    if document.data.name:
        dataset = data.load(document.data.name, **document.data.options)
        picked = np.unique(np.linspace(0, len(dataset.test) - 1, count).round().astype(int))
        x = (dataset.test.x[picked].astype(np.float32) * dataset.scale + dataset.offset).astype(np.float32)
        if dataset.description.tokens:
            picked = np.resize(picked, count)
            x = np.resize(x, (count, *x.shape[1:]))
        for node, shape in inputs.items():
            samples[node][: len(x)] = x.reshape(len(x), *shape)
        if dataset.test.lengths is not None:
            lengths = np.full(count, dataset.test.x.shape[1])
            lengths[: len(picked)] = dataset.test.lengths[picked]
    return samples, lengths
