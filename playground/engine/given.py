"""What callers of the engine give, checked where it comes in: an error says where, what was expected and what came."""

from __future__ import annotations

import math
import operator
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playground.document.model import Document, Training
from playground.document.settings import TRAINING_FIELDS
from playground.errors import EngineError
from playground.sentences import say

SEED_MOST = 2**31 - 1
_SHOWN = 60


def numbers(value: Any, where: str, dtype: np.dtype[Any] | None = None) -> NDArray[Any]:
    """``value`` as an array of numbers (or of true and false); with ``dtype``, one that this type can hold.

    Raises :class:`EngineError` on text, objects, complex numbers, ragged lists and numbers beyond ``dtype``'s range.
    """
    try:
        array = np.asarray(value)
    except (TypeError, ValueError) as error:
        raise EngineError(
            say("expected an array of numbers, got {shown}.", shown=shown(value)), where=where, remedy="Make all rows equally long."
        ) from error
    if array.dtype.kind not in "biuf":
        kind = {"U": "text", "S": "text", "O": "objects", "c": say("complex numbers"), "M": "dates", "m": "times"}.get(array.dtype.kind)
        got = say("an array of {kind}", kind=kind) if kind and array.ndim else shown(value)
        raise EngineError(
            say("expected numbers, got {got}.", got=got), where=where, remedy="Convert them first, such as by array.astype(float)."
        )
    if dtype is not None and array.dtype.kind == "f" and array.dtype.itemsize > dtype.itemsize:
        with np.errstate(over="raise"):
            try:
                array = array.astype(dtype)
            except FloatingPointError as error:
                most = f"{np.finfo(dtype).max:.2g}"
                raise EngineError(
                    say(
                        "expected numbers up to {most}, which {name} can hold, got {max:.2g}.",
                        most=most,
                        name=dtype.name,
                        max=np.abs(array[np.isfinite(array)]).max(),
                    ),
                    where=where,
                    remedy="Scale them, or take float64.",
                ) from error
    return array


def whole(value: Any, where: str, least: int = 0, most: int | None = None) -> int:
    """``value`` as a whole number within bounds. Raises :class:`EngineError` on anything else, true and false included."""
    try:
        number = operator.index(value)
    except TypeError:
        number = least - 1
    if isinstance(value, bool | np.bool_) or number < least or (most is not None and number > most):
        bounds = say("of at least {least}", least=least) if most is None else say("from {least} to {most}", least=least, most=most)
        raise EngineError(say("expected a whole number {bounds}, got {shown}.", bounds=bounds, shown=shown(value)), where=where)
    return number


def seed(value: Any) -> int:
    """A seed. Raises :class:`EngineError` on what is none."""
    return whole(value, "seed", 0, SEED_MOST)


def seconds(value: Any) -> float:
    """A time to work for. Raises :class:`EngineError` on what is none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
        raise EngineError(say("expected a number of at least 0, got {shown}.", shown=shown(value)), where="seconds")
    return float(value)


def document(value: Any) -> Document:
    """A document. Raises :class:`EngineError` on anything else."""
    if not isinstance(value, Document):
        remedy = say("Make one with playground.document: example(name), load(path) or Document() and its edits.")
        raise EngineError(say("expected a Document, got {shown}.", shown=shown(value)), where="document", remedy=remedy)
    return value


def training(value: Any) -> Training:
    """Settings of a training that ``document.check`` has nothing against. Raises :class:`EngineError` or
    :class:`~playground.errors.FieldError`."""
    if not isinstance(value, Training):
        raise EngineError(say("expected a Training, got {shown}.", shown=shown(value)), where="training")
    for field in TRAINING_FIELDS:
        field.check(getattr(value, field.name), "training")
    return value


def mapping(value: Any, where: str) -> Mapping[str, Any]:
    """Something by name. Raises :class:`EngineError` on anything else."""
    if not isinstance(value, Mapping):
        raise EngineError(say("expected arrays by name, got {shown}.", shown=shown(value)), where=where)
    return value


def shown(value: Any) -> str:
    """``value`` in a few words, for a message."""
    if isinstance(value, np.ndarray) and value.size > 1:
        return say("an array of shape {shape} and type {dtype}", shape=value.shape, dtype=value.dtype)
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]} ..."
