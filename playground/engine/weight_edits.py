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
    are no such places, or the numbers are not finite there."""
    if isinstance(values, Patch):
        if values.shape != array.shape or (values.places.size and not 0 <= values.places.min() <= values.places.max() < array.size):
            raise EngineError(f"{key} has shape {array.shape}, got numbers of another, {values.shape}.", where="weights")
        array.reshape(-1)[values.places] = _held(key, array, values.values)
        return array
    for index, value in values.items():
        if len(index) != array.ndim or any(not 0 <= at < size for at, size in zip(index, array.shape, strict=False)):
            raise EngineError(f"{key} has shape {array.shape}, got the index {index}.", where="weights")
        array[index] = _held(key, array, value)
    return array


def _held(key: str, array: np.ndarray, given: np.ndarray | float) -> np.ndarray:
    """``given`` as ``array`` holds numbers. Raises :class:`EngineError` where one would not be finite: the run could not go on."""
    with np.errstate(over="ignore"):
        held = np.asarray(given).astype(array.dtype)
    if not np.isfinite(held).all():
        wrong = np.ravel(given)[~np.isfinite(np.ravel(held))][0]
        most = f"{np.finfo(array.dtype).max:.2g}"
        raise EngineError(f"{key} cannot hold {wrong:g}.", where="weights", remedy=f"Give a number from -{most} to {most}.")
    return held
