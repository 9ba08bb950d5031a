"""Weights over changes of structure: kept where shapes stayed, brought back where a deletion is undone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from playground.document.model import Document, Node
from playground.engine.state import State
from playground.errors import PlaygroundError

if TYPE_CHECKING:  # it brings numba
    from playground.engine.trainer import Trainer

MEMORY = 64
MEMORY_BYTES = 2**30
_Key = tuple[str, bytes, tuple[tuple[int, ...], ...]]


@dataclass(frozen=True, slots=True)
class _NodeState:
    weights: Mapping[str, np.ndarray]
    optimizer: Mapping[str, np.ndarray]


class Keeper:
    """Remembers the weights and optimizer state of nodes that went or changed, at most :data:`MEMORY` of them and, but for the last
    one, :data:`MEMORY_BYTES`: a wide layer's number of units, turned up and down, must not fill the memory.

    A node that comes back exactly as it was, shapes included (an undone deletion or change) gets its own back; another node of the same id
    does not.
    """

    def __init__(self) -> None:
        self._memory: dict[_Key, _NodeState] = {}

    @property
    def nbytes(self) -> int:
        """What all of it takes."""
        return sum(array.nbytes for one in self._memory.values() for arrays in (one.weights, one.optimizer) for array in arrays.values())

    def carry(self, before: Document, old: State, after: Document, fresh: State) -> State:
        """``fresh`` (the state of a new trainer for ``after``) with all that can be kept of ``old`` (that of ``before``).

        Counters and history are ``old``'s; ``initial`` is ``fresh``'s where a node is new or starts otherwise, so that a rewind starts
        from new weights there.
        """
        for node, stood in before.nodes.items():
            if after.nodes.get(node) != stood or not _fits(node, old.weights, fresh.weights):
                self._remember(node, stood, old)
        weights, optimizer = dict(fresh.weights), dict(fresh.optimizer)
        for node, stands in after.nodes.items():
            sources = [self._memory.get(_key(node, stands, _of(node, fresh.weights)))]
            if node in before.nodes and before.nodes[node].type == stands.type:
                sources.insert(0, _NodeState(old.weights, old.optimizer))
            for source in sources:
                if source is not None and _fits(node, source.weights, fresh.weights):
                    _take(node, weights, source.weights)
                    _take(node, optimizer, source.optimizer)
                    break
        initial = dict(fresh.initial)
        if old.counters.get("seed") == fresh.counters.get("seed"):
            initial |= {key: array for key, array in starts(before, old.initial, after).items() if _alike(array, initial.get(key))}
        return replace(fresh, weights=weights, optimizer=optimizer, initial=initial, counters=old.counters, history=old.history)

    def _remember(self, node: str, stood: Node, state: State) -> None:
        weights = _of(node, state.weights)
        if weights:
            key = _key(node, stood, weights)
            self._memory.pop(key, None)  # the last one asked for is the last to go
            self._memory[key] = _NodeState(weights, _of(node, state.optimizer))
            while len(self._memory) > 1 and (len(self._memory) > MEMORY or self.nbytes > MEMORY_BYTES):
                del self._memory[next(iter(self._memory))]


def starts(before: Document, given: Mapping[str, np.ndarray], after: Document) -> dict[str, np.ndarray]:
    """Of ``given``, start values of ``before``, those of nodes that start alike in ``after``."""
    alike = {
        node
        for node, stands in after.nodes.items()
        if (stood := before.nodes.get(node)) is not None
        and (stood.type, stood.fields, stood.initial) == (stands.type, stands.fields, stands.initial)
    }
    return {key: array for key, array in given.items() if key.partition("/")[0] in alike}


def begin_with(trainer: Trainer, given: Mapping[str, np.ndarray]) -> None:
    """Let ``given`` be the run's initial weights, as far as they fit."""
    for key, array in given.items():
        if key in trainer.initial and trainer.initial[key].shape == array.shape:
            trainer.initial[key] = np.array(array, trainer.initial[key].dtype)


def draw(trainer: Trainer) -> Mapping[str, np.ndarray]:
    """The initial weights as document and seed have them."""
    from playground.engine.program.initial import initial_parameters

    return initial_parameters(trainer.network.lowered, trainer.seed)


def drawn(trainer: Trainer) -> bool:
    """Whether a run starts as its document and seed have it, not from what was set by hand or loaded."""
    given = trainer.initial
    return all(np.array_equal(array.astype(given[key].dtype), given[key]) for key, array in draw(trainer).items())


def at_initial(trainer: Trainer) -> bool:
    """Whether the weights are what a rewind comes back to."""
    return all(np.array_equal(array, trainer.initial[key]) for key, array in trainer.network.parameters.items())


def fitted(state: State, fresh: State) -> State:
    """``state`` for the network that ``fresh`` is of: unchanged where it is that network's, else with all of it that fits."""
    if state.weights.keys() == fresh.weights.keys() and all(state.weights[key].shape == fresh.weights[key].shape for key in fresh.weights):
        wanted = {key: fresh.optimizer.get(key, fresh.weights.get(key.rpartition("/")[0])) for key in state.optimizer}
        optimizer = {key: array for key, array in state.optimizer.items() if (one := wanted[key]) is None or one.shape == array.shape}
        return state if len(optimizer) == len(state.optimizer) else replace(state, optimizer=optimizer)
    parts = [dict(fresh.weights), dict(fresh.optimizer), dict(fresh.initial)]
    for arrays, source in zip(parts, (state.weights, state.optimizer, state.initial), strict=True):
        for node in {key.partition("/")[0] for key in arrays}:
            _take(node, arrays, source)
    return replace(state, weights=parts[0], optimizer=parts[1], initial=parts[2])


def misfits(document: Document, state: State) -> tuple[str, ...]:
    """The nodes of a network that can be computed for which ``state`` lacks weights, or has an array of another shape."""
    from playground.engine.program.lowering import lower

    try:
        shapes = {one.key: tuple(one.parameter.shape) for one in lower(document).parameters}
    except PlaygroundError:
        return ()
    wrong = {key for key, shape in shapes.items() if key not in state.weights or state.weights[key].shape != shape}
    slots = {key: key.rpartition("/")[0] for key in state.optimizer}
    wrong |= {of for key, of in slots.items() if of in shapes and state.optimizer[key].shape != shapes[of]}
    return tuple(dict.fromkeys(key.partition("/")[0] for key in shapes if key in wrong))


def _key(node: str, stands: Node, weights: Mapping[str, np.ndarray]) -> _Key:
    return node, msgspec.json.encode(stands), tuple(array.shape for array in weights.values())


def _of(node: str, arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {key: array for key, array in arrays.items() if key.partition("/")[0] == node}


def _fits(node: str, source: Mapping[str, np.ndarray], wanted: Mapping[str, np.ndarray]) -> bool:
    """Whether ``source`` has all of the node's parameters in the wanted shapes."""
    return all(key in source and source[key].shape == array.shape for key, array in _of(node, wanted).items())


def _alike(array: np.ndarray, other: np.ndarray | None) -> bool:
    return other is not None and (array.shape, array.dtype) == (other.shape, other.dtype)


def _take(node: str, arrays: dict[str, np.ndarray], source: Mapping[str, np.ndarray]) -> None:
    for key in _of(node, arrays):
        if key in source and source[key].shape == arrays[key].shape:
            arrays[key] = source[key]
