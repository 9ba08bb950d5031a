"""What layers that read tokens share: a sequence (T) of numbers of symbols, and how many symbols there are."""

from __future__ import annotations

from collections.abc import Sequence

from playground.errors import Fix, ShapeError
from playground.fields import Field
from playground.layers.spec import Fields, Shape, format_shape
from playground.sentences import say

VOCABULARY = Field(
    "vocabulary",
    "int",
    None,
    "How many symbols there are. Left open, as many as the data set has.",
    minimum=1,
    maximum=100_000,
    optional=True,
    empty="the data's",
)


def steps_of(inputs: Sequence[Shape]) -> int:
    """The steps of a sequence of tokens. Raises :class:`ShapeError` for anything else."""
    (shape,) = inputs
    if len(shape) != 1:
        raise ShapeError(
            say("gets {shape}, it wants tokens: one number of a symbol at each step.", shape=format_shape(shape)),
            remedy="Put it right behind the Input of a data set of text or symbols.",
        )
    return shape[0]


def symbols(fields: Fields) -> int:
    """How many symbols there are. Raises :class:`ShapeError` where nobody says."""
    if fields["vocabulary"] is None:
        raise ShapeError(
            "does not know how many symbols there are: the data set has no tokens.",
            remedy="Choose a data set of text or symbols, or give the vocabulary's size.",
            fix=Fix("set_data", "Choose a data set"),
        )
    return int(fields["vocabulary"])
