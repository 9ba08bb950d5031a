"""What an evaluation tells of targets at each step of a sequence, and how rare a yes is judged."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from playground.data.spec import Dataset

MOST_MISTAKES = 24
COUNTED_AT_MOST = 1_000_000
"""Targets of the training part that are counted, spread evenly over it: more would only keep the window waiting."""
RARE = 0.2


@dataclass(frozen=True, slots=True)
class Mistake:
    """``said`` came where ``true`` was asked for, at ``count`` steps."""

    true: int
    said: int
    count: int


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers of N samples at T steps each. ``rows`` int (N,): which samples of the split they are. ``said`` (N, T): int32 classes,
    or float32, the first value of each step. ``bits`` float32 (N, T): how surprising the truth was, -log2 of the probability given to
    it, NaN where nothing was asked; ``None`` where the answers are no probabilities.

    ``asked`` int (T,): how many samples had a target at each step. ``errors`` float (T,): there the share of wrong answers, or the root
    of the mean squared error of numbers; NaN where nothing was asked. ``whole``: the share of samples that are right at every step.
    ``mistakes``: the most frequent ones. ``chance``: bits a step that guessing by the frequencies of the training part would take.
    """

    rows: np.ndarray
    said: np.ndarray
    bits: np.ndarray | None
    asked: np.ndarray
    errors: np.ndarray
    whole: float | None = None
    mistakes: tuple[Mistake, ...] = ()
    chance: float | None = None


def of_classes(
    rows: NDArray[np.integer],
    said: NDArray[np.integer],
    truth: NDArray[np.integer],
    counted: NDArray[np.bool_],
    predictions: NDArray[np.floating] | None,
    frequencies: NDArray[np.floating] | None,
) -> Answers:
    """``said``, ``truth`` int (N, T) and ``counted`` bool (N, T). ``predictions`` (N, T, K) are probabilities (K = 1: of the yes), or
    ``None`` where they are none; ``frequencies`` (K,) those of the classes in training."""
    asked = counted.sum(axis=0)
    wrong = counted & (said != truth)
    return Answers(
        rows,
        said.astype(np.int32),
        None if predictions is None else surprise(predictions, truth, counted),
        asked,
        _share(wrong.sum(axis=0), asked),
        float((~wrong.any(axis=1)).mean()) if len(rows) else None,
        mistakes(truth[wrong], said[wrong]),
        None if frequencies is None else float(-np.log2(frequencies[truth[counted]]).mean()),
    )


def of_values(rows: NDArray[np.integer], values: NDArray[np.floating], truth: NDArray[np.floating], counted: NDArray[np.bool_]) -> Answers:
    """``values`` and ``truth`` (N, T, K)."""
    asked = counted.sum(axis=0)
    squares = np.where(counted, ((values.astype(np.float64) - truth) ** 2).mean(axis=2), 0.0).sum(axis=0)
    return Answers(rows, values[:, :, 0].astype(np.float32), None, asked, np.sqrt(_share(squares, asked)))


def _share(of: NDArray[np.number], asked: NDArray[np.integer]) -> NDArray[np.float64]:
    return np.where(asked > 0, of / np.maximum(asked, 1), np.nan)


def surprise(predictions: NDArray[np.floating], truth: NDArray[np.integer], counted: NDArray[np.bool_]) -> NDArray[np.float32]:
    """-log2 of what (N, T, K) gives to the truth (N, T); of a single output, which is the yes', 1 - p for a no. NaN if not counted."""
    if predictions.shape[2] == 1:
        given = np.where(truth > 0, predictions[..., 0], 1.0 - predictions[..., 0])
    else:
        given = np.take_along_axis(predictions, np.maximum(truth, 0)[..., None], axis=2)[..., 0]
    bits: NDArray[np.float32] = np.where(counted, -np.log2(np.maximum(given, np.finfo(np.float32).tiny)), np.nan).astype(np.float32)
    return bits


def mistakes(truth: NDArray[np.integer], said: NDArray[np.integer], most: int = MOST_MISTAKES) -> tuple[Mistake, ...]:
    """What was said (n,) instead of what was asked for (n,), the most frequent first."""
    if not len(truth):
        return ()
    wide = int(max(truth.max(), said.max())) + 1
    kinds, counts = np.unique(truth.astype(np.int64) * wide + said, return_counts=True)
    order = np.argsort(-counts, kind="stable")[:most]
    return tuple(Mistake(int(kinds[at]) // wide, int(kinds[at]) % wide, int(counts[at])) for at in order)


def frequencies_of(dataset: Dataset) -> NDArray[np.float64]:
    """How frequent each class (K,) is among the targets of training; one more of each is added, so that none is impossible."""
    classes = len(dataset.description.classes)
    targets = dataset.train.y.reshape(-1)
    targets = targets[:: -(-len(targets) // COUNTED_AT_MOST)] if len(targets) else targets
    counts = np.bincount(targets[targets >= 0], minlength=classes) + 1.0
    found: NDArray[np.float64] = counts / counts.sum()
    return found


def is_rare(dataset: Dataset) -> bool:
    """Whether a yes (class 1 of two) is so rare in training that always saying no would look good: F1 is then the figure to go by."""
    about = dataset.description
    if about.task != "classification" or len(about.classes) != 2 or not len(dataset.train):
        return False
    return bool(frequencies_of(dataset)[1] < RARE)


def f1(confusion: NDArray[np.integer]) -> float:
    """2 TP / (2 TP + FP + FN) of ``confusion[true, predicted]`` (2, 2); 0 where there is no yes, neither said nor true."""
    hits, false, missed = int(confusion[1, 1]), int(confusion[0, 1]), int(confusion[1, 0])
    return 2 * hits / max(2 * hits + false + missed, 1)


@dataclass(frozen=True, slots=True)
class Deviation:
    """``error``: the root of the mean squared difference of numbers from the truth; ``of_mean``: what answering the mean of the training
    part's targets would come to."""

    error: float
    of_mean: float


def deviation(values: NDArray[np.floating], truth: NDArray[np.floating], dataset: Dataset) -> Deviation:
    """``values`` and ``truth`` (n, K): those that count."""
    targets = dataset.train.y.reshape(-1, truth.shape[1])
    mean = targets[:: -(-len(targets) // COUNTED_AT_MOST)].mean(axis=0, dtype=np.float64)
    return Deviation(_root(values.astype(np.float64) - truth), _root(truth - mean))


def _root(of: NDArray[np.floating]) -> float:
    return float(np.sqrt((of**2).mean()))
