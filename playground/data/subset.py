"""Parts of a data set of pictures: some of its classes, and pictures moved about. For transfer, and for nets that must not mind places."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from playground.data.spec import Array, Dataset, Description, Options, Split, frozen_split
from playground.errors import DataError
from playground.fields import Field
from playground.sentences import say

MOVED = ("all", "validation and test")


def classes_field(count: int) -> Field:
    """Which of ``count`` classes are kept."""
    return Field(
        "classes",
        "classes",
        None,
        "Only samples of these classes, such as 0-4 or 1, 7; they are counted from 0 anew. Empty takes all.",
        maximum=count - 1,
        optional=True,
        empty="all",
    )


SHIFT_FIELDS = (
    Field("shift", "int", 0, "Each picture lies up to so many pixels off its place, for good.", unit="pixels", minimum=0, maximum=20),
    Field(
        "moved",
        "choice",
        "all",
        "Which pictures are moved: all, or those alone that training never sees.",
        choices=MOVED,
        label="Moved are",
    ),
)


def described(whole: Description, options: Options) -> Description:
    """``whole`` with the chosen classes alone."""
    chosen = options.get("classes")
    if chosen is None:
        return whole
    names = tuple(whole.classes[number] for number in chosen)
    return Description(whole.input_shape, whole.task, 1 if len(names) == 2 else len(names), classes=names)


def kept(x: Array, y: Array, options: Options, where: str) -> tuple[Array, Array]:
    """The samples of the chosen classes, in their order, and their new class numbers.

    Raises :class:`DataError` where one of the classes has no sample.
    """
    chosen = options.get("classes")
    if chosen is None:
        return x, y
    numbers = np.full(max(*chosen, int(y.max(initial=0))) + 1, -1, np.int32)
    numbers[list(chosen)] = np.arange(len(chosen))
    new = numbers[y]
    absent = set(range(len(chosen))) - set(np.unique(new).tolist())
    if absent:
        raise DataError(
            say("expected samples of class {chosen}, got none.", chosen=chosen[min(absent)]), where=where, remedy="Choose other classes."
        )
    return x[new >= 0], new[new >= 0]


def moved(dataset: Dataset, options: Options) -> Dataset:
    """``dataset`` with each picture (C, H, W) moved by whole pixels, both ways drawn by the seed; what comes in from outside is 0."""
    far = options.get("shift", 0)
    if not far:
        return dataset
    rng = np.random.Generator(np.random.PCG64([options["seed"], 1]))
    parts = {}
    for name in ("train", "validation", "test"):
        split = dataset.split(name)
        places = rng.integers(-far, far + 1, (len(split), 2))  # drawn for all: the test's do not hang on what else is moved
        parts[name] = split if name == "train" and options["moved"] != "all" else _moved(split, places)
    return replace(dataset, train=parts["train"], validation=parts["validation"], test=parts["test"])


def _moved(split: Split, places: Array) -> Split:
    """Each picture of ``split`` by its row of ``places`` (down, across)."""
    _, _, height, width = split.x.shape
    result = np.empty_like(split.x)
    for down in np.unique(places[:, 0]):
        for across in np.unique(places[:, 1]):
            chosen = np.flatnonzero((places[:, 0] == down) & (places[:, 1] == across))
            to, at = _spans(int(down), height), _spans(int(across), width)
            picture = np.zeros((len(chosen), *split.x.shape[1:]), split.x.dtype)
            picture[:, :, to[0], at[0]] = split.x[chosen][:, :, to[1], at[1]]
            result[chosen] = picture
    return frozen_split(result, split.y)


def _spans(by: int, length: int) -> tuple[slice, slice]:
    """Where a line moved by ``by`` goes to, and where that came from."""
    near, far = max(by, 0), min(by, 0)
    return slice(near, max(length + far, near)), slice(-far, max(length - near, -far))
