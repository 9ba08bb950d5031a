"""Sequences: how many of their steps are real, which targets count, and what samples come to together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from playground.data.spec import Description, Split
from playground.engine.program.lowering import Lowered
from playground.errors import EngineError
from playground.layers.spec import format_shape
from playground.sentences import say

Lengths: TypeAlias = NDArray[np.integer] | Sequence[int] | None
"""How many steps of each sample are real; ``None``: all."""


def check_split(part: Split, about: Description, split: str) -> None:
    """Raise :class:`EngineError` where lengths or targets of a data set's sequences cannot be."""
    where = say("{split} data", split=split)
    lengths = part.lengths
    if lengths is not None:
        steps = part.x.shape[1] if part.x.ndim in (2, 3) else 0
        fits = isinstance(lengths, np.ndarray) and lengths.dtype == np.int32 and lengths.shape == (len(part.x),)
        if not fits or lengths.min() < 1 or lengths.max() > steps:
            raise EngineError(say("expected a length from 1 to {steps} for each of {x} samples.", steps=steps, x=len(part.x)), where=where)
    if about.steps and about.task == "classification" and (part.y < 0).all(axis=1).any():
        sample = int((part.y < 0).all(axis=1).argmax())
        raise EngineError(say("sample {sample} has no target at any step.", sample=sample), where=where, remedy="Leave it out.")


def given_lengths(lengths: Lengths, count: int, steps: int) -> NDArray[np.int64] | None:
    """``lengths`` of a caller for ``count`` samples of ``steps`` steps. Raises :class:`EngineError` on what is no such list."""
    if lengths is None:
        return None
    found = np.asarray(lengths)
    if found.dtype.kind not in "iu" or found.shape != (count,) or (count and not (found.min() >= 1 and found.max() <= steps)):
        raise EngineError(
            say("expected a whole number from 1 to {steps} for each of {count} samples.", steps=steps, count=count), where="lengths"
        )
    return found.astype(np.int64)


def real_steps(lengths: NDArray[np.integer] | None, count: int, steps: int) -> NDArray[np.bool_]:
    """(count, steps): which steps are real."""
    if lengths is None:
        return np.ones((count, steps), bool)
    found: NDArray[np.bool_] = np.arange(steps) < lengths[:, None]
    return found


def counted_steps(lowered: Lowered, y: NDArray[Any], lengths: NDArray[np.integer] | None) -> NDArray[np.bool_]:
    """Which of the targets ``y`` (N, T) of classes or (N, T, K) of values count, (N, T): not those past a sample's end, nor class -1."""
    count, steps = y.shape[:2]
    real = real_steps(lengths if lowered.target_mask is not None else None, count, steps)
    return real & (y >= 0) if y.ndim == 2 else real


def encode_steps(
    lowered: Lowered, target: NDArray[Any], levels: tuple[float, float], lengths: NDArray[np.integer] | None
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Targets for a prediction (T, K) as a caller gives them, (N, T) classes (-1: none) or (N, T, K) numbers, as the loss wants them,
    and which of them count. Raises :class:`EngineError` where the shape or a class does not fit."""
    classed, (steps, wide) = lowered.loss.target == "class", lowered.prediction.shape
    count = len(target)
    if target.shape == (count, steps, 1) and classed and wide > 1:
        target = target[..., 0]
    if target.shape == (count, steps, wide) and classed and wide > 1:
        target = target.argmax(axis=-1)
    if target.shape == (count, steps, wide) and not (classed and wide == 1):
        return target.astype(np.float64), counted_steps(lowered, target, lengths)
    if target.shape != (count, steps):
        raise EngineError(
            say(
                "expected targets of shape (N, {format_shape}), got {shape}.", format_shape=format_shape((steps, wide)), shape=target.shape
            ),
            where="target",
        )
    if not classed and wide == 1 and not np.issubdtype(target.dtype, np.integer):
        return target[..., None].astype(np.float64), counted_steps(lowered, target[..., None], lengths)
    classes = max(wide, 2) if not classed else wide
    if target.size and not (np.all(target == np.floor(target)) and target.min() >= -1 and target.max() < classes):
        raise EngineError(
            say(
                "class numbers lie from 0 to {classes} (-1: none), got {min} to {max}.",
                classes=classes - 1,
                min=target.min(),
                max=target.max(),
            ),
            where="target",
            remedy="Numbers to predict are given as floats, (N, T, K).",
        )
    counted = counted_steps(lowered, target, lengths)
    if classed:
        return target.astype(np.float64), counted
    low, high = levels
    numbers = target[..., None]
    return np.where(numbers > 0 if wide == 1 else numbers == np.arange(wide), high, low), counted


def mean_of_steps(losses: NDArray[Any], counted: NDArray[np.bool_]) -> float:
    """The mean over all steps that count of losses (N,) that are each the mean over a sample's own."""
    own = counted.sum(axis=1)
    return float((losses.astype(np.float64) * own).sum() / max(own.sum(), 1))


def first_wrong(guessed: NDArray[Any], truth: NDArray[Any], counted: NDArray[np.bool_]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Guess and truth (N,) at the first step of each sample that is wrong, or, where all are right, that counts."""
    wrong = counted & (guessed != truth)
    at = np.where(wrong.any(axis=1), wrong.argmax(axis=1), counted.argmax(axis=1))
    rows = np.arange(len(truth))
    return guessed[rows, at], truth[rows, at]
