"""What a data set is: its declared options, what can be said of it without loading, and what loading gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from playground.errors import DataError
from playground.fields import Field
from playground.sentences import say

Array: TypeAlias = NDArray[Any]
Options: TypeAlias = Mapping[str, Any]
Extent: TypeAlias = tuple[float, float, float, float]
Progress: TypeAlias = Callable[[int, int], None]
"""Called with what is done and what there is to do, in files or bytes. What it raises ends the work: that is how to cancel."""
Task = Literal["classification", "regression"]
SPLITS = ("train", "validation", "test")


@dataclass(frozen=True, slots=True)
class Description:
    """What is known of a data set before a byte of it is read.

    ``input_shape`` is that of one sample. ``outputs`` is how many numbers a network must give: one a class, or one in
    all where there are two classes (then two fit as well), or one a value in regression. ``is_plane`` says that a
    sample is a point of a plane, so that outputs can be drawn over it.

    A sample of shape (T, F) is a sequence of T steps. With ``tokens``, the symbols by number, it is one of shape (T,): numbers of
    symbols. ``steps``: there is a target at each step, ``outputs`` counts the numbers of one step; ``output_steps`` is their number where
    the answer is not as long as the sample (0: it is). ``continued``: each sample of a split begins where the one before ends, as windows
    of a long text do; ``to_continue``: the options by which they would. ``units``: what the features were measured in, before they were
    standardized.
    """

    input_shape: tuple[int, ...]
    task: Task
    outputs: int
    classes: tuple[str, ...] = ()
    feature_names: tuple[str, ...] = ()
    target_names: tuple[str, ...] = ()
    tokens: tuple[str, ...] = ()
    steps: bool = False
    output_steps: int = 0
    continued: bool = False
    to_continue: tuple[tuple[str, Any], ...] = ()
    units: tuple[str, ...] = ()

    @property
    def target_steps(self) -> int:
        """How many targets a sample has one after the other; 0 where it has one for all of it."""
        return (self.output_steps or self.input_shape[0]) if self.steps else 0

    @property
    def is_plane(self) -> bool:
        return self.input_shape == (2,) and not self.tokens


@dataclass(frozen=True, slots=True)
class Split:
    """``x`` (N, *input shape), uint8 or float32; ``y`` int32 (N,) class numbers, or float32 (N, values). With a target at each of T
    steps, ``y`` is int32 (N, T), where -1 is no target, or float32 (N, T, values). ``lengths`` int32 (N,): how many steps of each
    sample are real, at least 1; ``None``: all. Steps past it hold 0 in ``x``, and in ``y`` -1 or 0. All read-only."""

    x: Array
    y: Array
    lengths: Array | None = None

    def __len__(self) -> int:
        return len(self.x)


@dataclass(frozen=True, slots=True)
class Dataset:
    """A loaded data set. A network sees ``x * scale + offset``.

    ``extent`` (x0, x1, y0, y1) frames a plane's points. ``mean`` and ``deviation`` (features,) undo the standardization
    of a table: the value in its own unit is ``x * deviation + mean``. ``notes`` say what of the user's files was left out, in sentences.
    """

    description: Description
    train: Split
    validation: Split
    test: Split
    scale: float = 1.0
    offset: float = 0.0
    extent: Extent | None = None
    mean: Array | None = None
    deviation: Array | None = None
    notes: tuple[str, ...] = ()

    @property
    def held_out(self) -> bool:
        """Whether validation holds samples that training never sees: not so for a truth table, which is all there is."""
        return len(self.validation) > 0 and self.validation is not self.train

    def split(self, name: str) -> Split:
        """The split called ``train``, ``validation`` or ``test``; anything else is a :class:`DataError`."""
        if name not in SPLITS:
            raise DataError(
                say("there is no split {name!r}.", name=name), where="data", remedy=say("Take one of {splits}.", splits=", ".join(SPLITS))
            )
        found: Split = getattr(self, name)
        return found


@dataclass(frozen=True, slots=True)
class DatasetType:
    """One row of the registry. ``describer`` and ``loader`` take checked, complete options. What is ``own`` lies in files of the user's:
    ``data.inspect`` finds its options, and its loader takes a :data:`Progress` as well."""

    name: str
    title: str
    summary: str
    group: str
    task: Task
    describer: Callable[[Options], Description]
    loader: Callable[..., Dataset]
    fields: tuple[Field, ...] = ()
    own: bool = False


def frozen_split(x: Array, y: Array, lengths: Array | None = None) -> Split:
    """A split of C-contiguous, read-only arrays in the declared types: x uint8 or float32, y int32 (N,), int32 (N, T) where it was given
    so, or float32 (N, K), (N, T, K), lengths int32 (N,).

    Raises :class:`DataError` on what is no array of numbers.
    """
    for name, array in (("x", x), ("y", y), *((("lengths", lengths),) if lengths is not None else ())):
        if not isinstance(array, np.ndarray) or array.dtype.kind not in "biuf" or not array.ndim:
            got = say("an array of type {dtype}", dtype=array.dtype) if isinstance(array, np.ndarray) else type(array).__name__
            raise DataError(say("expected an array of numbers, got {got}.", got=got), where=name)
    x = np.ascontiguousarray(x, dtype=np.uint8 if x.dtype == np.uint8 else np.float32)
    classes = y.ndim == 1 or (y.ndim == 2 and y.dtype == np.int32)
    y = np.ascontiguousarray(y, dtype=np.int32 if classes else np.float32)
    x.flags.writeable = y.flags.writeable = False
    if lengths is not None:
        lengths = np.ascontiguousarray(lengths, dtype=np.int32)
        lengths.flags.writeable = False
    return Split(x, y, lengths)
