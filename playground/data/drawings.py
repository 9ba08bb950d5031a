"""Drawings of the user's own, as text that a document keeps, and as training samples behind those of a data set."""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from playground.data.pictures import manner_of
from playground.data.spec import Array, Dataset, frozen_split
from playground.errors import DataError
from playground.sentences import say

MOST = 500
"""Drawings that a document keeps at most."""
REMEDY = say("Remove it, or all drawings.")
LARGEST = 1 << 20
"""Bytes of a picture at most."""


def packed(picture: Array) -> str:
    """``picture`` (C, H, W) of ink from 0 to 1 as text: 8 bits a number, compressed."""
    numbers = np.round(np.clip(picture, 0.0, 1.0) * 255).astype(np.uint8)
    return base64.b64encode(zlib.compress(np.ascontiguousarray(numbers).tobytes(), 9)).decode("ascii")


def unpacked(text: str, shape: tuple[int, ...], where: str = "drawing") -> Array:
    """Ink from 0 to 1, float64 in ``shape``. Raises :class:`DataError` on text that is no picture of that size, having unpacked no more
    than such a picture takes."""
    wanted = int(np.prod(shape, dtype=np.int64))
    try:
        raw = base64.b64decode(text.encode("ascii"), validate=True)
        opened = zlib.decompressobj()
        numbers = opened.decompress(raw, min(wanted, LARGEST) + 1)
    except (binascii.Error, zlib.error, UnicodeEncodeError) as error:
        raise DataError("expected a packed picture, got text that is none.", where=where, remedy=REMEDY) from error
    if len(numbers) != wanted:
        got = f"{len(numbers):,}" if len(numbers) < wanted else say("more")
        raise DataError(
            say("expected {wanted:,} numbers, a picture of this data set, got {got}.", wanted=wanted, got=got), where=where, remedy=REMEDY
        )
    return np.frombuffer(numbers, np.uint8).reshape(shape) / 255


def joined(dataset: Dataset, drawings: Sequence[tuple[int, str]]) -> Dataset:
    """``dataset`` with ``drawings`` (class, packed picture) as its last training samples; validation and test stay as they are.

    Raises :class:`DataError` where the set is not of pictures with classes, or a drawing does not fit it.
    """
    if not drawings:
        return dataset
    manner, classes = manner_of(dataset), len(dataset.description.classes)
    if manner is None or dataset.description.task != "classification":
        raise DataError("drawings fit data sets of pictures with classes alone.", where="data.drawings", remedy="Remove the drawings.")
    if len(drawings) > MOST:
        raise DataError(
            say("at most {most} drawings are taken, got {drawings:,}.", most=MOST, drawings=len(drawings)),
            where="data.drawings",
            remedy="Remove some.",
        )
    pictures = []
    for at, (label, text) in enumerate(drawings):
        where = f"data.drawings[{at}]"
        if not 0 <= label < classes:
            raise DataError(
                say("expected a class from 0 to {classes}, got {label}.", classes=classes - 1, label=label), where=where, remedy=REMEDY
            )
        pictures.append(manner.numbers(unpacked(text, manner.shape, where)))
    x = np.stack(pictures).reshape(-1, *dataset.train.x.shape[1:]).astype(dataset.train.x.dtype)
    y = np.array([label for label, _ in drawings], dataset.train.y.dtype)
    train = frozen_split(np.concatenate([dataset.train.x, x]), np.concatenate([dataset.train.y, y]))
    same = dataset.validation is dataset.train
    return replace(dataset, train=train, validation=train if same else dataset.validation)
