"""Streams: the order in which a stateful network goes through windows of one long sequence, and what it keeps from batch to batch.

The windows of a split are taken for one long sequence cut into pieces. It is shared out into as many streams as a batch has samples, each
a stretch of its own; a batch has the next window of every stream, so its sample k continues sample k of the batch before. Streams are of
one length, or the first ones are a window longer: then an epoch's last batch has these alone. No window is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playground.engine import given as givens
from playground.errors import EngineError
from playground.layers.spec import Begin, Value
from playground.sentences import say

FEWEST_WINDOWS = 256
"""Of a stream in evaluation, where its first window begins without a past."""
MOST_STREAMS = 16


@dataclass(frozen=True, slots=True)
class Carried:
    """A value that stays from batch to batch. ``state`` is the name of the state that it is, ``""`` where it is none."""

    value: Value
    begin: Begin = "zeros"
    state: str = ""

    @property
    def key(self) -> str:
        """The state's ``"node id/name"``."""
        return f"{self.value.node}/{self.state}"

    @property
    def changes(self) -> bool:
        """Whether batches write it."""
        return self.begin in ("zeros", "ones")

    @property
    def saved_as(self) -> str:
        """Its name among the arrays that a checkpoint keeps."""
        return f"{self.value.node}/{self.value.name}/carried"


Kept = Mapping[Carried, NDArray[Any]]
"""Numbers of carried values, (*shape, lanes) each."""


def in_streams(windows: int, streams: int) -> NDArray[np.int32]:
    """The order (windows,) of an epoch: batch after batch, the next window of each stream."""
    each, longer = divmod(windows, streams)
    numbers = np.arange(streams)
    firsts = numbers * each + np.minimum(numbers, longer)
    order = np.concatenate([(firsts + np.arange(each)[:, None]).ravel(), firsts[:longer] + each])
    return order.astype(np.int32)


def streams_of(windows: int) -> int:
    """How many streams an evaluation of so many windows runs side by side."""
    return max(1, min(MOST_STREAMS, windows // FEWEST_WINDOWS))


def lane_of(kept: Kept, lane: int) -> dict[Carried, NDArray[Any]]:
    """What the sample in ``lane`` begins from, as numbers of a single lane."""
    return {one: array[..., lane : lane + 1] for one, array in kept.items()}


def for_samples(kept: Kept, samples: int) -> dict[str, NDArray[Any]]:
    """What a checkpoint keeps, for the ``samples`` of a batch: (samples, *shape) each."""
    return {one.saved_as: np.moveaxis(array[..., :samples], -1, 0).copy() for one, array in kept.items() if one.changes}


def take(kept: Kept, arrays: Mapping[str, NDArray[Any]], samples: int) -> bool:
    """Write what :func:`for_samples` gave into ``kept``; whether all of it was there and fits."""
    wanted = [one for one in kept if one.changes]
    shapes = {one: (samples, *one.value.shape) for one in wanted}
    if any(one.saved_as not in arrays or arrays[one.saved_as].shape != shapes[one] for one in wanted):
        return False
    for one in wanted:
        kept[one][..., :samples] = np.moveaxis(arrays[one.saved_as], 0, -1)
    return True


def by_state(carried: Iterable[Carried]) -> dict[str, Carried]:
    """Those that are states, by :attr:`Carried.key`."""
    return {one.key: one for one in carried if one.state}


def checked_states(
    carried: Iterable[Carried], given: Mapping[str, NDArray[Any]], samples: int, dtype: np.dtype[Any]
) -> dict[Carried, NDArray[Any]]:
    """States that a caller gives, by :attr:`Carried.key`, (samples, *shape) each, for the values they begin from. Those of a node that are
    not given are zeros. Raises :class:`EngineError` on what is no state of the network, or does not fit."""
    given, carried = givens.mapping(given, "states"), tuple(carried)
    known = by_state(carried)
    found: dict[Carried, NDArray[Any]] = {}
    for key, array in given.items():
        if key not in known:
            there = say("There are {known}.", known=", ".join(known)) if known else say("No layer is stateful.")
            raise EngineError(say("there is no state {key!r}.", key=key), where="states", remedy=there)
        numbers, shape = givens.numbers(array, str(key), dtype), (samples, *known[key].value.shape)
        if numbers.shape != shape:
            raise EngineError(say("expected a state of shape {shape}, got {shape2}.", shape=shape, shape2=numbers.shape), where=str(key))
        found[known[key]] = numbers
    begun = {one.value.node for one in found}
    for one in carried:  # where a past is given, what is learned does not count
        if one.begin == "ones" and one.value.node in begun:
            found[one] = np.zeros((samples, *one.value.shape), dtype)
    return found
