"""Numbers of a parameter set by hand: one by one, or many at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from playground.errors import EngineError


@dataclass(frozen=True, slots=True)
class Patch:
    """Many numbers of a parameter of ``shape`` at once: ``values[i]`` (n,) at ``places[i]`` (n,), counted in reading order."""

    shape: tuple[int, ...]
    places: np.ndarray
    values: np.ndarray


Entries = Mapping[str, Mapping[tuple[int, ...], float] | Patch]


def edited(key: str, array: np.ndarray, values: Mapping[tuple[int, ...], float] | Patch) -> np.ndarray:
    """``array``, the parameter ``key``, with these numbers in it; it is the caller's own copy. Raises :class:`EngineError` where there
    are no such places."""
    if isinstance(values, Patch):
        if values.shape != array.shape or (values.places.size and not 0 <= values.places.min() <= values.places.max() < array.size):
            raise EngineError(f"{key} has shape {array.shape}, got numbers of another, {values.shape}.", where="weights")
        array.reshape(-1)[values.places] = values.values
        return array
    for index, value in values.items():
        if len(index) != array.ndim or any(not 0 <= at < size for at, size in zip(index, array.shape, strict=False)):
            raise EngineError(f"{key} has shape {array.shape}, got the index {index}.", where="weights")
        array[index] = value
    return array
