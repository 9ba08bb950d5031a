"""Handwritten digits as sequences: read row by row, column by column or pixel by pixel (Le, Jaitly & Hinton 2015 have all three)."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from playground.data.images import IMAGES
from playground.data.sequences.making import GROUP
from playground.data.spec import Array, Dataset, DatasetType, Description, Options, Split, frozen_split
from playground.data.tables import TABLES
from playground.fields import Field

READ = ("row by row", "column by column", "pixel by pixel")
FIELD = Field("read", "choice", READ[0], "What a step is: a row from the top, a column from the left, or one pixel.", choices=READ)


def _shape(picture: tuple[int, ...], options: Options) -> tuple[int, ...]:
    _, high, wide = picture
    return {READ[0]: (high, wide), READ[1]: (wide, high), READ[2]: (high * wide, 1)}[options["read"]]


def _describe(pictures: DatasetType, options: Options) -> Description:
    whole = pictures.describer(options)
    return replace(whole, input_shape=_shape(whole.input_shape, options))


def _load(pictures: DatasetType, options: Options) -> Dataset:
    loaded = pictures.loader(options)
    shape = _shape(loaded.description.input_shape, options)

    def read(x: Array) -> Array:
        turned = x.swapaxes(2, 3) if options["read"] == READ[1] else x
        return turned.reshape(len(x), *shape)

    def split(part: Split) -> Split:
        return frozen_split(read(part.x), part.y)

    return replace(
        loaded,
        description=replace(loaded.description, input_shape=shape),
        train=split(loaded.train),
        validation=split(loaded.validation),
        test=split(loaded.test),
    )


def _rows(name: str, title: str, summary: str, pictures: DatasetType) -> DatasetType:
    fields = (FIELD, *pictures.fields)
    return DatasetType(name, title, summary, GROUP, "classification", partial(_describe, pictures), partial(_load, pictures), fields)


_PICTURES = {kind.name: kind for kind in (*TABLES, *IMAGES)}

ROWS = (
    _rows("digits-rows", "Digits by rows", "1,797 handwritten digits, 8 x 8, read row by row.", _PICTURES["digits"]),
    _rows("mnist-rows", "MNIST by rows", "70,000 handwritten digits, 28 x 28, read row by row.", _PICTURES["mnist"]),
)
