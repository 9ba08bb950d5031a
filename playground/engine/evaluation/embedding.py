"""The samples as a layer sees them, in a plane: its outputs on a fixed subset, along the two directions in which they vary most (PCA).

Principal components: Pearson, "On lines and planes of closest fit to systems of points in space" (1901). Found by orthogonal iteration
from the last update's directions (Golub and Van Loan, Matrix Computations, 8.2.4), so that an update costs a few products.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from playground.data.spec import Dataset
from playground.document.graph import OUTPUT, sources
from playground.document.model import Document
from playground.engine.evaluation.records import Cloud
from playground.engine.pacing import is_steady
from playground.layers import registry

if TYPE_CHECKING:  # at run time they would bring numba
    from playground.engine.network import Network

Array = NDArray[Any]

SAMPLES = 500
CHUNK = 32
"""Samples that go through the network between two looks at the clock."""
DIRECTIONS = 6
"""The plane's two and some beside them: with these the iteration finds the two sooner."""
MOST_TURNS = 40
SETTLED = 1e-5
EXACT = 128
"""Of so many features, or samples, at most the products are decomposed at once."""
INTERVAL, SHARE = 0.25, 0.05
"""While training goes on: seconds between two updates, and the share of the time that they may take."""
SEED = 0


class Sight(Protocol):
    """Weights that can be looked at: a trainer's, or a kept moment's."""

    @property
    def document(self) -> Document: ...

    @property
    def dataset(self) -> Dataset: ...

    @property
    def network(self) -> Network: ...

    @property
    def step_count(self) -> int: ...


def last_hidden(document: Document) -> str:
    """The node whose output the last node with parameters reads: the last hidden layer. Where that is an Input, the node before
    Output; ``""`` without an Output."""
    output = next((node for node, placed in document.nodes.items() if placed.type == OUTPUT), "")
    before = _source(document, output)
    node = before
    while node and not _learns(document, node):
        node = _source(document, node)
    hidden = _source(document, node) if node else ""
    return before if not hidden or not _source(document, hidden) else hidden


def _source(document: Document, node: str) -> str:
    found = sources(document, node) if node in document.nodes else ()
    return found[0] if found else ""


def _learns(document: Document, node: str) -> bool:
    """Whether a node of this type has parameters, as its fields are."""
    layer = registry.find(document.nodes[node].type)
    names = {field.name for field in layer.fields} if layer is not None else set()
    return bool(names & {"units", "filters"})


def subset(total: int) -> Array:
    """The samples that are shown, the same ones always: at most :data:`SAMPLES` of ``total``, in their order."""
    return np.sort(np.random.Generator(np.random.PCG64(SEED)).permutation(total)[:SAMPLES])


def plane(values: Array, start: Array | None = None) -> Iterator[tuple[Array, Array, float] | None]:
    """The best plane through ``values`` (N, F): at last (coordinates (N, 2), directions (F, k), share of the variance), ``None``
    before, after every product. ``start`` (F, k) are directions to begin with."""
    centered = values - values.mean(axis=0, dtype=np.float64).astype(values.dtype)
    total = float((centered.astype(np.float64) ** 2).sum())
    features = centered.shape[1]
    count = min(DIRECTIONS, features)
    if features <= EXACT:
        found = np.linalg.eigh((centered.T @ centered).astype(np.float64))[1][:, ::-1][:, :count].astype(values.dtype)
    elif len(centered) <= EXACT:  # the samples' products with one another have the same part of them
        found = np.linalg.qr(centered.T @ np.linalg.eigh((centered @ centered.T).astype(np.float64))[1][:, ::-1][:, :count])[0]
        found = found.astype(values.dtype)
    else:
        fresh = np.random.Generator(np.random.PCG64(SEED)).standard_normal((features, count)).astype(values.dtype)
        found = np.linalg.qr(fresh if start is None or start.shape != fresh.shape else start + 1e-3 * fresh / features**0.5)[0]
        before = np.zeros(count)
        for _ in range(MOST_TURNS):
            yield None
            found, sizes = np.linalg.qr(centered.T @ (centered @ found))
            strength = np.abs(np.diag(sizes)).astype(np.float64)
            if np.abs(strength - before)[:2].max() <= SETTLED * max(float(strength.max()), 1e-30):
                break
            before = strength
        yield None
    seen = (centered @ found).astype(np.float64)
    sizes, turned = np.linalg.eigh(seen.T @ seen)
    turned = turned[:, ::-1]
    points = seen @ turned[:, :2]
    if points.shape[1] < 2:
        points = np.concatenate([points, np.zeros_like(points)], axis=1)
    share = float(sizes[::-1][:2].sum() / total) if total > 0 else 0.0
    yield points, found @ turned.astype(found.dtype), share


def aligned(points: Array, before: Array | None) -> Array:
    """``points`` (N, 2), turned and mirrored about their middle so that they lie as near as can be to where they were ``before``:
    directions have no sign, and two of like strength change places from one update to the next. (The orthogonal Procrustes problem:
    Schönemann 1966.) Without a before, the farther reach of each axis is its positive side."""
    if before is None or before.shape != points.shape:
        far = np.abs(points).argmax(axis=0)
        return np.asarray(points * np.where(points[far, np.arange(2)] < 0, -1.0, 1.0))
    left, _, right = np.linalg.svd(points.T @ before)
    return np.asarray(points @ (left @ right))


class Embedder:
    """One layer's cloud, made anew as the weights change, in slices. ``cloud`` is the last one."""

    def __init__(self) -> None:
        self.cloud: Cloud | None = None
        self._wanted: str | None = None
        self._stale = False
        self._work: Iterator[bool] | None = None
        self._network: Network | None = None
        self._start: Array | None = None
        self._last: tuple[tuple[str, str, int], Array] | None = None  # where the points lay, and of what
        self._next, self._spent = 0.0, 0.0

    def want(self, node: str | None) -> None:
        """The layer to show (``""``: the last hidden one), ``None`` for none."""
        if node != self._wanted:
            self._wanted, self._work, self._stale = node, None, node is not None
            self._next = 0.0
        if node is None:
            self.cloud = self._network = self._start = self._last = None

    def mark(self) -> None:
        """The weights, the network or the data have changed; what is under way goes on while training does."""
        self._stale = True

    @property
    def due(self) -> bool:
        """Whether there is something to do while training stands."""
        return self._wanted is not None and (self._stale or self._work is not None)

    def refresh(self, sight: Sight, seconds: float, *, live: bool) -> bool:
        """A slice of work of about ``seconds``; whether there is a new cloud."""
        if self._wanted is None:
            return False
        now = time.perf_counter()
        if self._work is None or (self._stale and not live):
            if live and now < self._next and not is_steady():
                return False
            if not live and not self._stale:
                return False
            self._stale, self._spent = False, 0.0
            self._work = self._round(sight)
        end, done = now + seconds, False
        while not done and (time.perf_counter() < end or is_steady()):
            done = next(self._work, True)
        self._spent += time.perf_counter() - now
        if done:
            self._work = None
            self._next = time.perf_counter() + max(INTERVAL, self._spent * (1 / SHARE - 1))
        return done

    def _round(self, sight: Sight) -> Iterator[bool]:
        """All of one update: the subset through a copy of the weights, then the plane. True at its end."""
        node = self._wanted or last_hidden(sight.document)
        network, dataset = self._copy(sight), sight.dataset
        named = network.lowered.named
        about = dataset.description
        if about.task != "classification" or about.steps or node not in named or "output" not in named[node]:
            self.cloud = None
            yield True
            return
        split = "validation" if dataset.held_out else "train"
        part, step = dataset.split(split), sight.step_count
        rows = subset(len(part))
        seen, answers = [], []
        output = network.lowered.output
        for begin in range(0, len(rows), CHUNK):
            some = rows[begin : begin + CHUNK]
            x = part.x[some].astype(np.float32) * np.float32(dataset.scale) + np.float32(dataset.offset)
            found = network.probe(x, [node, output], None if part.lengths is None else part.lengths[some])
            seen.append(found[node].reshape(len(some), -1).astype(np.float32))
            answers.append(found[output])
            yield False
        values = np.concatenate(seen)
        if len(values) < 2 or not np.isfinite(values).all():
            self.cloud = None
            yield True
            return
        found_plane = None
        for found_plane in plane(values, self._start):
            if found_plane is None:
                yield False
        assert found_plane is not None
        points, self._start, share = found_plane
        kind = node, split, len(rows)
        points = aligned(points, self._last[1] if self._last is not None and self._last[0] == kind else None)
        self._last = kind, points
        predicted = self._guessed(network, answers)
        self.cloud = Cloud(node, split, step, _fixed(rows), _fixed(points), _fixed(part.y[rows]), _fixed(predicted), share)
        yield True

    def _copy(self, sight: Sight) -> Network:
        """A network of its own with the weights of now: training goes on between slices."""
        from playground.engine.network import Network
        from playground.kernels import compile as compiler

        live, mine = sight.network, self._network
        if mine is None or mine.lowered is not live.lowered or mine.dtype != live.dtype:
            mine = self._network = Network(sight.document, str(live.dtype), live.seed, lowered=live.lowered, flat=live.flat.copy())
            self._start = None
            masked = sight.dataset.train.lengths is not None
            compiler.prepare(mine.forward_names(CHUNK, masked), str(live.dtype), mine.instruction_set)
        mine.flat[:] = live.flat
        return mine

    @staticmethod
    def _guessed(network: Network, answers: list[Array]) -> Array:
        from playground.engine.evaluation.evaluate import predicted_classes

        return predicted_classes(network.lowered, np.concatenate(answers))


def _fixed(array: Array) -> Array:
    array = np.ascontiguousarray(array)
    array.flags.writeable = False
    return array
