"""Resident samples: a data set's split as the kernels read it, with the targets in the form that the loss wants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playground.data.spec import Dataset, Split
from playground.engine.program import sequences
from playground.engine.program.lowering import Lowered
from playground.errors import EngineError
from playground.layers import losses
from playground.layers.spec import Fields, Shape, format_shape
from playground.sentences import say


def levels(fields: Fields) -> tuple[float, float]:
    """The target numbers for no and yes of an Output: those of its fields, 0 and 1 where they are shares."""
    return (0.0, 1.0) if losses.get(fields["loss"]).target != "number" else (float(fields["target_low"]), float(fields["target_high"]))


def target_shape(fields: Fields, prediction: Shape) -> Shape:
    """The shape of one sample's target: class numbers where the loss wants these, else that of the prediction."""
    return prediction[:-1] if losses.get(fields["loss"]).target == "class" else prediction


@dataclass(frozen=True, slots=True)
class Resident:
    """Samples in memory, C order: ``x`` flat uint8 or float32, ``y`` flat float32, ``order`` int32: the positions a program
    runs through, changed in place. ``augmentation`` is what a training plan does to its pictures, changed in place too; ``None`` where
    they are left alone. ``encoding`` turns ``y`` into targets (ARCHITECTURE, ``gather_target``). ``lengths`` int32: how many steps of each
    sequence are real; ``None``: all."""

    x: NDArray[Any]
    y: NDArray[np.float32]
    order: NDArray[np.int32]
    samples: int
    scale: float
    offset: float
    encoding: str
    low: float
    high: float
    augmentation: NDArray[np.float64] | None = None
    lengths: NDArray[np.int32] | None = None

    @property
    def spaces(self) -> Mapping[str, NDArray[Any]]:
        spaces: dict[str, NDArray[Any] | None] = {"data": self.x, "targets": self.y, "order": self.order}
        spaces |= {"augmentation": self.augmentation, "lengths": self.lengths}
        return {name: array for name, array in spaces.items() if array is not None}


def resident(
    lowered: Lowered, dataset: Dataset, split: str, positions: int | None = None, augmentation: NDArray[np.float64] | None = None
) -> Resident:
    """Bind ``split`` to the network. ``positions`` is the order's length (all samples by default), at first in the given order.
    ``augmentation``: what is done to its pictures (``augmenting.settings_of``); left out where samples are none.

    Raises :class:`EngineError` where samples or targets do not fit.
    """
    part = dataset.split(split)
    samples = np.size(part.x, 0) if np.ndim(part.x) else 1  # what is no array is refused below
    if not samples:
        raise EngineError(
            say("the data set has no {split} samples.", split=split), where="data", remedy="Take another split, or another data set."
        )
    _check_arrays(part, dataset, split)
    for node, value in lowered.inputs.items():
        if value.shape != part.x.shape[1:]:
            raise EngineError(
                say(
                    "takes {shape}, a sample of the data set is {shape2}.",
                    shape=format_shape(value.shape),
                    shape2=format_shape(part.x.shape[1:]),
                ),
                where=node,
                remedy="Leave its shape open, or choose a data set that fits.",
            )
    fields = lowered.fields[lowered.output]
    low, high = levels(fields)
    x = np.ascontiguousarray(part.x).reshape(-1)
    y = np.ascontiguousarray(part.y, dtype=np.float32).reshape(-1)
    order = np.arange(samples if positions is None else positions, dtype=np.int32)
    if part.x.ndim != 4:
        augmentation = None
    lengths = part.lengths if part.x.ndim in (2, 3) else None
    encoding = _encoding(lowered, dataset, part.y)
    return Resident(x, y, order, samples, dataset.scale, dataset.offset, encoding, low, high, augmentation, lengths)


def _check_arrays(part: Split, dataset: Dataset, split: str) -> None:
    """Raise :class:`EngineError` where a data set of the caller's own holds what the kernels cannot read."""
    for name, array, kinds in (("x", part.x, ("uint8", "float32")), ("y", part.y, ("int32", "float32"))):
        if not isinstance(array, np.ndarray) or array.dtype.name not in kinds:
            got = f"{array.dtype}" if isinstance(array, np.ndarray) else type(array).__name__
            raise EngineError(
                say("expected {kinds} in {name}, got {got}.", kinds=" or ".join(kinds), name=name, got=got),
                where=say("{split} data", split=split),
                remedy="Make it with data.spec.frozen_split.",
            )
    for name, number in (("scale", dataset.scale), ("offset", dataset.offset)):
        if isinstance(number, bool) or not isinstance(number, int | float | np.floating) or not np.isfinite(number):
            raise EngineError(
                say("expected a finite number for {name}, got {number!r}.", name=name, number=number),
                where=say("{split} data", split=split),
            )
    if len(part.y) != len(part.x):
        raise EngineError(
            say("expected as many targets as samples, {x}, got {y}.", x=len(part.x), y=len(part.y)), where=say("{split} data", split=split)
        )
    about = dataset.description
    classes = len(about.classes)
    if about.task == "classification":
        if part.y.ndim != 1 + about.steps or part.y.dtype != np.int32:
            each = say("step") if about.steps else say("sample")
            raise EngineError(
                say("expected a class number a {each}, got {dtype} of shape {shape}.", each=each, dtype=part.y.dtype, shape=part.y.shape),
                where=say("{split} data", split=split),
            )
        if part.y.min() < -int(about.steps) or part.y.max() >= classes:
            raise EngineError(
                say("class numbers lie from 0 to {classes}, got {min} to {max}.", classes=classes - 1, min=part.y.min(), max=part.y.max()),
                where=say("{split} data", split=split),
            )
    elif about.steps and part.y.ndim != 3:
        raise EngineError(
            say("expected values for each step, (N, T, K), got {shape}.", shape=part.y.shape), where=say("{split} data", split=split)
        )
    sequences.check_split(part, about, split)


def _encoding(lowered: Lowered, dataset: Dataset, y: NDArray[Any]) -> str:
    loss, shape = lowered.loss, lowered.prediction.shape
    outputs = lowered.prediction.size
    if dataset.description.steps != (len(shape) == 2) or (dataset.description.steps and shape[0] != y.shape[1]):
        has = say("a target at each of {shape} steps", shape=y.shape[1]) if dataset.description.steps else say("one target a sample")
        raise EngineError(
            say("predicts {shape}, the data set has {has}.", shape=format_shape(shape), has=has),
            where=lowered.output,
            remedy="Let the last layers give one prediction for each target.",
        )
    outputs //= shape[0] if dataset.description.steps else 1
    if dataset.description.task == "regression":
        wanted = int(np.prod(y.shape[1 + dataset.description.steps :], dtype=np.int64))
        if loss.target != "number" or outputs != wanted:
            raise EngineError(
                say(
                    "predicts {shape} by {words}, the data set has {wanted} numbers to predict.",
                    shape=format_shape(shape),
                    words=loss.words,
                    wanted=wanted,
                ),
                where=lowered.output,
                remedy="Take a squared error, and as many units before it as there are numbers.",
            )
        return "value"
    classes = len(dataset.description.classes)
    fits = outputs == classes or (outputs == 1 and classes == 2 and loss.target != "class")
    if not fits:
        raise EngineError(
            say("predicts {shape}, the data set has {classes} classes.", shape=format_shape(shape), classes=classes),
            where=lowered.output,
            remedy="Give the layer before it as many units.",
        )
    if loss.target == "class":
        return "index"
    return "binary" if outputs == 1 else "one_hot"


def encode_targets(lowered: Lowered, target: NDArray[Any], dtype: np.dtype[Any]) -> NDArray[Any]:
    """Targets as a caller of ``Network`` gives them, (N, *target shape) in ``dtype``.

    Integer arrays are class numbers wherever one number a sample is too few for the prediction or the loss is a cross-entropy;
    floats of the prediction's shape are taken as they are. Raises :class:`EngineError` where the shape does not fit.
    """
    fields, prediction = lowered.fields[lowered.output], lowered.prediction.shape
    wanted = target_shape(fields, prediction)
    count, classes = len(target), prediction[-1] if prediction else 1
    low, high = levels(fields)
    if lowered.loss.target == "class":
        if target.shape == (count, *prediction) and target.shape != (count, *wanted):
            target = target.argmax(axis=-1)
        numbers = target.reshape(count, *wanted) if target.size == count * int(np.prod(wanted, dtype=np.int64)) else target
        if numbers.shape == (count, *wanted):
            if numbers.size and not (np.all(numbers == np.floor(numbers)) and numbers.min() >= 0 and numbers.max() < classes):
                raise _no_class(classes, numbers)
            return numbers.astype(dtype)
    elif target.shape == (count, *prediction) and not (np.issubdtype(target.dtype, np.integer) and prediction == (1,)):
        return target.astype(dtype)
    elif np.issubdtype(target.dtype, np.integer) and prediction == (1,) and target.size == count:
        if target.min() < 0 or target.max() > 1:
            raise _no_class(2, target)
        return np.where(target.reshape(count, 1) > 0, high, low).astype(dtype)
    elif np.issubdtype(target.dtype, np.integer) and target.size == count and len(prediction) == 1:
        if target.min() < 0 or target.max() >= classes:
            raise _no_class(classes, target)
        return np.where(target.reshape(count, 1) == np.arange(classes), high, low).astype(dtype)
    elif target.size == count and prediction == (1,):
        return target.reshape(count, 1).astype(dtype)
    raise EngineError(
        say("expected targets of shape (N, {wanted}), got {shape}.", wanted=format_shape(wanted), shape=target.shape), where="target"
    )


def _no_class(classes: int, got: NDArray[Any]) -> EngineError:
    return EngineError(
        say("class numbers lie from 0 to {classes}, got {min} to {max}.", classes=classes - 1, min=got.min(), max=got.max()),
        where="target",
        remedy="Numbers to predict are given as floats.",
    )
