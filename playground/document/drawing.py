"""Drawings of the user's own in a document's data: further training samples, kept with the project and taken back by undo."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import msgspec

from playground import data
from playground.data.drawings import MOST, joined, packed, unpacked
from playground.data.pictures import shape_of
from playground.data.spec import Array, Dataset, Description, Progress
from playground.document.model import DataSettings, Document, Drawing
from playground.document.problem import Problem
from playground.errors import DataError, DocumentError, Fix, PlaygroundError
from playground.sentences import say

Plain = tuple[tuple[int, str], ...]


def load_data(settings: DataSettings, progress: Progress | None = None) -> Dataset:
    """The data set of ``settings``, its drawings behind the training samples; the same settings give the same object for a while.
    ``progress`` is told of files of the user's own that are read; what it raises ends that.

    Raises :class:`~playground.errors.DataError` where it cannot be had or a drawing does not fit it.
    """
    loaded = data.load_watched(settings.name, settings.options, progress)
    return _joined(_Same(loaded), tuple((one.label, one.pixels) for one in settings.drawings)) if settings.drawings else loaded


class _Same:
    """A data set as a key: the object itself, not what it holds."""

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset

    def __hash__(self) -> int:
        return id(self.dataset)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.dataset is self.dataset


@lru_cache(maxsize=2)
def _joined(dataset: _Same, drawings: Plain) -> Dataset:
    return joined(dataset.dataset, drawings)


def add_drawing(document: Document, picture: Array, label: int) -> Document:
    """``document`` with ``picture`` (C, H, W) of ink from 0 to 1 as a training sample of class ``label``.

    Raises :class:`~playground.errors.DocumentError` where the data set is not of such pictures with classes, or is full of drawings.
    """
    described = _described(document)
    shape = None if described is None else shape_of(described)
    if described is None or shape is None or described.task != "classification":
        raise DocumentError(
            "the data set is not of pictures with classes: a drawing does not fit it.", where="data", remedy="Choose MNIST."
        )
    if picture.shape != shape:
        raise DocumentError(say("its pictures are {shape}, got {shape2}.", shape=shape, shape2=picture.shape), where="data.drawings")
    if not 0 <= label < len(described.classes):
        raise DocumentError(
            say("expected a class from 0 to {classes}, got {label}.", classes=len(described.classes) - 1, label=label),
            where="data.drawings",
        )
    if len(document.data.drawings) >= MOST:
        raise DocumentError(say("at most {most} drawings are kept.", most=MOST), where="data.drawings", remedy="Remove some of them.")
    return with_drawings(document, (*document.data.drawings, Drawing(label=label, pixels=packed(picture))))


def with_drawings(document: Document, drawings: tuple[Drawing, ...]) -> Document:
    """``document`` with just these drawings."""
    return msgspec.structs.replace(document, data=msgspec.structs.replace(document.data, drawings=drawings))


def carried(before: DataSettings, after: DataSettings) -> tuple[Drawing, ...]:
    """The drawings of ``before`` for other options of its data set: each goes with the name of its class, those of classes that are
    not learned any more are left out, and all of them where pictures have another size."""
    if not before.drawings:
        return ()
    try:
        old, new = (data.describe(one.name, **one.options) for one in (before, after))
    except PlaygroundError:
        return ()
    if old.input_shape != new.input_shape:
        return ()
    places = {name: at for at, name in enumerate(new.classes)}
    named = [(old.classes[one.label] if 0 <= one.label < len(old.classes) else "", one) for one in before.drawings]
    return tuple(Drawing(label=places[name], pixels=one.pixels) for name, one in named if name in places)


def misfits(document: Document, node: str) -> Iterator[Problem]:
    """The first drawing that does not fit the data set, in a file that was made elsewhere or edited by hand."""
    described, drawings = _described(document), document.data.drawings
    if described is None or not drawings:
        return
    shape = shape_of(described)
    try:
        if shape is None or described.task != "classification":
            raise DataError("the data set is not of pictures with classes: its drawings do not fit.", where="data.drawings")
        if len(drawings) > MOST:
            raise DataError(
                say("at most {most} drawings are taken, got {drawings:,}.", most=MOST, drawings=len(drawings)), where="data.drawings"
            )
        for at, one in enumerate(drawings):
            where = f"data.drawings[{at}]"
            if not 0 <= one.label < len(described.classes):
                raise DataError(
                    say("expected a class from 0 to {classes}, got {label}.", classes=len(described.classes) - 1, label=one.label),
                    where=where,
                )
            _unpacked(one.pixels, shape, where)
    except DataError as error:
        fix = Fix("remove_drawings", "Remove the drawings")
        yield Problem(
            say("{where}: {message}", where=error.where, message=error.message),
            node,
            "data.drawings",
            remedy="Remove the drawings.",
            fix=fix,
            data=True,
        )


@lru_cache(maxsize=MOST)
def _unpacked(text: str, shape: tuple[int, int, int], where: str) -> Array:
    """Unpacked once: a document is checked after every edit."""
    return unpacked(text, shape, where)


def _described(document: Document) -> Description | None:
    from playground.document.graph import described

    return described(document)
