"""Numbers of a parameter set by hand: one by one, or many at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from playground.errors import EngineError
from playground.sentences import say


@dataclass(frozen=True, slots=True)
class Patch:
    """Many numbers of a parameter of ``shape`` at once: ``values[i]`` (n,) at ``places[i]`` (n,), counted in reading order."""

    shape: tuple[int, ...]
    places: np.ndarray
    values: np.ndarray


Entries = Mapping[str, Mapping[tuple[int, ...], float] | Patch]


def edited(present: Mapping[str, np.ndarray], entries: Entries) -> dict[str, np.ndarray]:
    """The parameters of ``entries``, with these numbers in them; those that are ``present`` are the caller's own copies. Raises
    :class:`EngineError` where there is no such parameter or place, or a number is not finite there."""
    for key in entries:
        if key not in present:
            there = say("There are {present}.", present=", ".join(present))
            raise EngineError(say("there is no parameter {key!r}.", key=key), where="weights", remedy=there)
    return {key: _edited(key, present[key], values) for key, values in entries.items()}


def _edited(key: str, array: np.ndarray, values: Mapping[tuple[int, ...], float] | Patch) -> np.ndarray:
    if isinstance(values, Patch):
        if values.shape != array.shape or (values.places.size and not 0 <= values.places.min() <= values.places.max() < array.size):
            raise EngineError(
                say("{key} has shape {shape}, got numbers of another, {shape2}.", key=key, shape=array.shape, shape2=values.shape),
                where="weights",
            )
        array.reshape(-1)[values.places] = _held(key, array, values.values)
        return array
    for index, value in values.items():
        if len(index) != array.ndim or any(not 0 <= at < size for at, size in zip(index, array.shape, strict=False)):
            raise EngineError(
                say("{key} has shape {shape}, got the index {index}.", key=key, shape=array.shape, index=index), where="weights"
            )
        array[index] = _held(key, array, value)
    return array


def _held(key: str, array: np.ndarray, given: np.ndarray | float) -> np.ndarray:
    """``given`` as ``array`` holds numbers. Raises :class:`EngineError` where one would not be finite: the run could not go on."""
    with np.errstate(over="ignore"):
        held = np.asarray(given).astype(array.dtype)
    if not np.isfinite(held).all():
        wrong = np.ravel(given)[~np.isfinite(np.ravel(held))][0]
        most = f"{np.finfo(array.dtype).max:.2g}"
        raise EngineError(
            say("{key} cannot hold {wrong:g}.", key=key, wrong=wrong),
            where="weights",
            remedy=say("Give a number from -{most} to {most}.", most=most),
        )
    return held
