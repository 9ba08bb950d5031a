"""Data sets of the user's own arrays: a ``.npz`` file, or IDX files of pictures and their labels."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from playground.data import npz, sharing
from playground.data.files import opened
from playground.data.idx import read_head, read_idx
from playground.data.sharing import Pair, Parts
from playground.data.spec import Array, Dataset, Description, Options, Progress, frozen_split
from playground.errors import DataError
from playground.fields import Field
from playground.sentences import say

NAMES = {
    "train": (
        ("x_train", "y_train"),
        ("train_images", "train_labels"),
        ("x", "y"),
        ("images", "labels"),
        ("data", "target"),
        ("arr_0", "arr_1"),
    ),
    "validation": (("x_val", "y_val"), ("val_images", "val_labels"), ("x_validation", "y_validation")),
    "test": (("x_test", "y_test"), ("test_images", "test_labels")),
}
"""Pairs of arrays that are looked for, as Keras, MedMNIST, scikit-learn and NumPy itself name them."""
EXPECTED = say("x and y (or x_train, y_train, x_test, y_test)")
AGAIN = say("Choose the file again.")
CHANGED = say("{again} It changed.", again=AGAIN)
MOST_SIDE = 512

_FOUND = (
    Field("path", "text", "", "The file.", found=True),
    Field("shape", "shape", (1,), "The shape of one sample.", found=True),
    Field("classes", "names", (), "The classes; none where numbers are to be predicted.", found=True),
)
NPZ_FIELDS = (
    *_FOUND,
    Field("targets", "int", 1, "How many numbers are to be predicted where there are no classes.", minimum=1, maximum=1024, found=True),
    Field("standardize", "bool", True, "Whether each feature of a table is shifted and scaled to mean 0 and spread 1."),
    *sharing.SPLIT_FIELDS,
)
IDX_FIELDS = (
    *_FOUND,
    Field("labels", "text", "", "The file of the labels.", found=True),
    Field("test_path", "text", "", "The file of the test pictures, if there is one.", found=True),
    Field("test_labels", "text", "", "The file of their labels.", found=True),
    Field("turned", "bool", False, "Rows and columns change places: EMNIST's files need it."),
    *sharing.SPLIT_FIELDS,
)


def describe(options: Options) -> Description:
    """What the document says: nothing is read. Raises :class:`DataError` where no file was chosen yet."""
    _path(options["path"])
    classes, shape = options["classes"], tuple(options["shape"])
    if options.get("turned"):
        shape = (*shape[:-2], shape[-1], shape[-2])
    if classes:
        return Description(shape, "classification", sharing.outputs_of(classes), classes=classes)
    return Description(shape, "regression", options.get("targets", 1))


# -- npz
def inspect_npz(path: Path) -> dict[str, Any]:
    """The options of a ``.npz`` file: its samples' shape and its classes. Of its numbers the labels alone are read."""
    with npz.opened(path) as archive:
        heads = npz.heads(archive, path)
        x, y = _pair(heads, "train", path)
        shape = _sample_shape(heads[x].shape, say("{path}, array {name!r}", path=path, name=x))
        if not _is_label(heads[y]):
            return {
                "path": str(path),
                "shape": shape,
                "classes": (),
                "targets": _targets(heads[y], say("{path}, array {name!r}", path=path, name=y)),
            }
        labels = [npz.read(archive, path, two, np.dtype(np.int64), sharing.LARGEST) for _, two in _pairs(heads, path).values()]
    return {"path": str(path), "shape": shape, "classes": sharing.class_names(np.concatenate([one.ravel() for one in labels]), str(path))}


def load_npz(options: Options, progress: Progress | None = None) -> Dataset:
    """Read the arrays. Raises :class:`DataError` on a file that is missing, damaged, or another one than was chosen."""
    path, description = _path(options["path"]), describe(options)
    pairs: dict[str, Pair] = {}
    with npz.opened(path) as archive:
        heads = npz.heads(archive, path)
        names = _pairs(heads, path)
        total = sum(heads[x].size for x, _ in names.values())
        most, done = sharing.LARGEST, 0
        for part, (x, y) in names.items():
            where = say("{path}, array {name!r}", path=path, name=x)
            shape = _sample_shape(heads[x].shape, where)
            if shape != description.input_shape:
                raise DataError(
                    say("expected samples of {input_shape}, got {shape}.", input_shape=description.input_shape, shape=shape),
                    where=where,
                    remedy=CHANGED,
                )
            dtype = np.dtype(np.uint8 if heads[x].dtype == np.uint8 else np.float32)
            report = None if progress is None else lambda now, _, before=done: progress(before + now, total)
            samples = _as_samples(npz.read(archive, path, x, dtype, most, report), shape)
            most, done = most - samples.nbytes, done + heads[x].size
            pairs[part] = samples, _answers(archive, heads[y], path, y, description, most)
            if len(pairs[part][0]) != len(pairs[part][1]):
                got = len(pairs[part][1])
                raise DataError(
                    say("expected {samples:,} answers, one a sample, got {got:,}.", samples=len(samples), got=got),
                    where=say("{path}, array {name!r}", path=path, name=y),
                    remedy=AGAIN,
                )
    if any(x.dtype != np.uint8 for x, _ in pairs.values()):  # all of one type: one scale is for all
        pairs = {part: (x.astype(np.float32, copy=False), y) for part, (x, y) in pairs.items()}
    table = len(description.input_shape) == 1
    scale = 1.0 if table else _scale(pairs["train"][0])
    parts = Parts(pairs["train"], pairs.get("validation"), pairs.get("test"))
    dataset = sharing.shared(description, parts, options, str(path), scale)
    return _standardized(dataset) if options["standardize"] and table else dataset


def _scale(pictures: Array) -> float:
    """What brings pixels from 0 to 255 to 0 to 1; pixels of another range stay as they are."""
    low, high = (0.0, 255.0) if pictures.dtype == np.uint8 else (float(pictures.min(initial=0)), float(pictures.max(initial=0)))
    return 1 / 255 if low >= 0 and 1 < high <= 255 else 1.0


def _answers(archive: Any, head: npz.Head, path: Path, name: str, description: Description, most: int) -> Array:
    where = say("{path}, array {name!r}", path=path, name=name)
    if description.task == "classification":
        if not _is_label(head):
            raise DataError(
                say("expected whole numbers, a class a sample, got {dtype} of {shape}.", dtype=head.dtype, shape=head.shape),
                where=where,
                remedy=CHANGED,
            )
        return sharing.numbered(npz.read(archive, path, name, np.dtype(np.int64), most).ravel(), description.classes, where)
    if _targets(head, where) != description.outputs:
        raise DataError(
            say("expected {outputs} numbers a sample, got {where}.", outputs=description.outputs, where=_targets(head, where)),
            where=where,
            remedy=CHANGED,
        )
    return npz.read(archive, path, name, np.dtype(np.float32), most).reshape(head.shape[0], -1)


def _pairs(heads: Mapping[str, npz.Head], path: Path) -> dict[str, tuple[str, str]]:
    found = {"train": _pair(heads, "train", path)}
    for part in ("validation", "test"):
        named = next((pair for pair in NAMES[part] if set(pair) <= heads.keys()), None)
        if named is not None:
            found[part] = named
    return found


def _pair(heads: Mapping[str, npz.Head], part: str, path: Path) -> tuple[str, str]:
    for pair in NAMES[part]:
        if set(pair) <= heads.keys():
            x, y = pair
            one, two = heads[x].shape, heads[y].shape
            if not one or not two or one[0] != two[0]:
                raise DataError(
                    say("expected as many in {x!r} as in {y!r}, got {one} and {two}.", x=x, y=y, one=one, two=two),
                    where=str(path),
                    remedy=AGAIN,
                )
            return pair
    there = ", ".join(sorted(heads)[:8]) or say("none")
    raise DataError(
        say("expected arrays called {expected}, got {there}.", expected=EXPECTED, there=there[:200]),
        where=str(path),
        remedy="Save them under these names.",
    )


def _is_label(head: npz.Head) -> bool:
    return head.dtype.kind in "bui" and (len(head.shape) == 1 or (len(head.shape) == 2 and head.shape[1] == 1))


def _targets(head: npz.Head, where: str) -> int:
    if len(head.shape) > 2 or (len(head.shape) == 2 and not 1 <= head.shape[1] <= 1024):
        raise DataError(
            say("expected a number or a row of numbers a sample, got {shape}.", shape=head.shape), where=where, remedy="Save y so."
        )
    return head.shape[1] if len(head.shape) == 2 else 1


def _sample_shape(shape: tuple[int, ...], where: str) -> tuple[int, ...]:
    """What one sample of an array of ``shape`` is to a network: (F), or (C, H, W), whichever end the channels stand at."""
    if len(shape) == 2 and shape[1] > 0:
        return (shape[1],)
    if len(shape) == 3 and min(shape[1:]) > 0 and max(shape[1:]) <= MOST_SIDE:
        return (1, *shape[1:])
    if len(shape) == 4 and min(shape[1:]) > 0 and max(shape[1:]) <= MOST_SIDE:
        return (shape[3], *shape[1:3]) if _channels_last(shape) else shape[1:]
    raise DataError(
        say(
            "expected rows (N, numbers) or pictures (N, rows, columns), with channels or without, at most {most_side} a side; got {shape}.",
            most_side=MOST_SIDE,
            shape=shape,
        ),
        where=where,
        remedy="Save x so.",
    )


def _channels_last(shape: tuple[int, ...]) -> bool:
    return shape[3] in (1, 3) or (shape[1] not in (1, 3) and shape[3] < shape[1])


def _as_samples(array: Array, shape: tuple[int, ...]) -> Array:
    if array.ndim == 4 and _channels_last(array.shape):
        array = array.transpose(0, 3, 1, 2)
    return np.ascontiguousarray(array.reshape(len(array), *shape))


def _standardized(dataset: Dataset) -> Dataset:
    """Each feature minus its mean, divided by its deviation (0 counts as 1), both of the training part."""
    numbers = dataset.train.x.astype(np.float64)
    mean, deviation = numbers.mean(axis=0), numbers.std(axis=0)
    deviation[deviation == 0] = 1
    parts = {
        name: frozen_split((split.x - mean) / deviation, split.y)
        for name, split in (("train", dataset.train), ("validation", dataset.validation), ("test", dataset.test))
    }
    # ignored: mypy holds the dictionary of the three parts against every field
    return replace(dataset, **parts, mean=mean.astype(np.float32), deviation=deviation.astype(np.float32))  # type: ignore[arg-type]


# -- IDX
def inspect_idx(path: Path) -> dict[str, Any]:
    """The options of a pair of IDX files, one of which is ``path``, and of the test pair beside it. Pictures are not read.

    Raises :class:`DataError` where the other one is not there.
    """
    pictures, labels = _idx_pair(path)
    test = _test_of(pictures), _test_of(labels)
    with_test = test != (pictures, labels) and test[0].is_file() and test[1].is_file()
    shape = _idx_shape(pictures)
    known = [read_idx(one, 1, AGAIN) for one in (labels, *((test[1],) if with_test else ()))]
    return {
        "path": str(pictures),
        "labels": str(labels),
        "test_path": str(test[0]) if with_test else "",
        "test_labels": str(test[1]) if with_test else "",
        "shape": shape,
        "classes": sharing.class_names(np.concatenate(known), str(labels)),
    }


def load_idx(options: Options, progress: Progress | None = None) -> Dataset:
    """Read the files. Raises :class:`DataError` on one that is missing, damaged, or another one than was chosen."""
    description = describe(options)

    def pair(pictures: str, labels: str) -> Pair:
        path = _path(pictures)
        x = read_idx(path, 4 if options["shape"][0] != 1 or _dimensions(path) == 4 else 3, AGAIN)
        x = x.reshape(len(x), *_idx_sample(x.shape[1:]))
        if x.shape[1:] != tuple(options["shape"]):
            raise DataError(
                say("expected pictures of {shape}, got {shape2}.", shape=tuple(options["shape"]), shape2=x.shape[1:]),
                where=pictures,
                remedy=CHANGED,
            )
        y = sharing.numbered(read_idx(_path(labels), 1, AGAIN), description.classes, labels)
        if len(x) != len(y):
            raise DataError(say("expected {x:,} labels, one a picture, got {y:,}.", x=len(x), y=len(y)), where=labels, remedy=AGAIN)
        return (np.ascontiguousarray(x.swapaxes(2, 3)) if options["turned"] else x), y

    if progress is not None:
        progress(0, 2)
    train = pair(options["path"], options["labels"])
    if progress is not None:
        progress(1, 2)
    test = pair(options["test_path"], options["test_labels"]) if options["test_path"] else None
    return sharing.shared(description, Parts(train, test=test), options, options["path"], scale=1 / 255)


def _idx_sample(shape: tuple[int, ...]) -> tuple[int, ...]:
    return (1, *shape) if len(shape) == 2 else shape


def _dimensions(path: Path) -> int:
    with opened(path, AGAIN) as stream:
        head = stream.read(4)
    return head[3] if len(head) == 4 else 0


def _idx_shape(path: Path) -> tuple[int, ...]:
    return _idx_sample(read_head(path, _dimensions(path), AGAIN)[1:])


def _idx_pair(path: Path) -> tuple[Path, Path]:
    """Pictures and labels, whichever of them ``path`` is: told by what they hold, and by their names."""
    dimensions = _dimensions(path)
    if dimensions not in (1, 3, 4):
        what = say("expected an IDX file of pictures (3 or 4 axes) or labels (1), got {dimensions}.", dimensions=dimensions)
        raise DataError(what, where=str(path), remedy="Choose another.")
    one, two = ("labels", "images") if dimensions == 1 else ("images", "labels")
    goal = "idx3" if dimensions == 1 else "idx1"
    name = re.sub("idx[134]", goal, path.name.replace(one, two))
    beside = (path.with_name(one) for one in (name, f"{name}.gz", name.removesuffix(".gz")) if one != path.name)
    other = next((one for one in beside if one.is_file()), None)
    if other is None:
        raise DataError(
            say("expected its {two} beside it, in a file {name!r}.", two=two, name=name),
            where=str(path),
            remedy="Put both into one folder.",
        )
    return (other, path) if dimensions == 1 else (path, other)


def _test_of(path: Path) -> Path:
    """Where the test file that belongs to a training file would lie."""
    name = path.name.replace("train", "t10k")
    plain = [path.with_name(n) for n in (name, name + ".gz", name.removesuffix(".gz"), path.name.replace("train", "test"))]
    return next((one for one in plain if one != path and one.is_file()), path)


def _path(text: str) -> Path:
    if not text:
        raise DataError("no file is chosen.", where="data", remedy=AGAIN)
    return Path(text)
