"""The layer types there are: one row each, in the palette's order."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from contextlib import contextmanager

from playground.errors import DocumentError
from playground.layers.activation import Activation
from playground.layers.add import Add
from playground.layers.attention import Attention
from playground.layers.avg_pool2d import AvgPool2D
from playground.layers.batch_norm import BatchNorm
from playground.layers.concatenate import Concatenate
from playground.layers.conv1d import Conv1D
from playground.layers.conv2d import Conv2D
from playground.layers.dense import Dense
from playground.layers.dropout import Dropout
from playground.layers.embedding import Embedding
from playground.layers.flatten import Flatten
from playground.layers.global_avg_pool1d import GlobalAvgPool1D
from playground.layers.global_avg_pool2d import GlobalAvgPool2D
from playground.layers.global_max_pool1d import GlobalMaxPool1D
from playground.layers.global_max_pool2d import GlobalMaxPool2D
from playground.layers.gru import GRU
from playground.layers.input import Input
from playground.layers.last import Last
from playground.layers.layer_norm import LayerNorm
from playground.layers.lstm import LSTM
from playground.layers.max_pool1d import MaxPool1D
from playground.layers.max_pool2d import MaxPool2D
from playground.layers.multiply import Multiply
from playground.layers.one_hot import OneHot
from playground.layers.output import Output
from playground.layers.recurrent import Recurrent
from playground.layers.repeat_vector import RepeatVector
from playground.layers.reshape import Reshape
from playground.layers.simple_rnn import SimpleRNN
from playground.layers.spec import LayerType
from playground.layers.upsampling2d import UpSampling2D
from playground.layers.zero_padding2d import ZeroPadding2D
from playground.sentences import say

_ROWS: tuple[LayerType, ...] = (
    Input(),
    Output(),
    Dense(),
    Activation(),
    Dropout(),
    Conv2D(),
    Conv1D(),
    MaxPool2D(),
    AvgPool2D(),
    GlobalAvgPool2D(),
    GlobalMaxPool2D(),
    MaxPool1D(),
    BatchNorm(),
    LayerNorm(),
    SimpleRNN(),
    LSTM(),
    GRU(),
    Embedding(),
    OneHot(),
    Last(),
    GlobalAvgPool1D(),
    GlobalMaxPool1D(),
    RepeatVector(),
    Attention(),
    Flatten(),
    Reshape(),
    ZeroPadding2D(),
    UpSampling2D(),
    Add(),
    Multiply(),
    Concatenate(),
)

_TYPES: dict[str, LayerType] = {layer.name: layer for layer in _ROWS}


def types() -> tuple[LayerType, ...]:
    """All layer types, in the palette's order."""
    return tuple(_TYPES.values())


def cells() -> tuple[Recurrent, ...]:
    """The recurrent ones, which can stand in each other's place: the simplest first."""
    return tuple(sorted((layer for layer in _TYPES.values() if isinstance(layer, Recurrent)), key=lambda cell: len(cell.gates)))


def has_neurons(type: str) -> bool:
    """Whether a node of this type is a row of neurons, each with weights and a bias of its own."""
    found = find(type)
    return found is not None and found.trace_kind == "dense"


def cell(name: str) -> Recurrent | None:
    """The recurrent type called ``name``; ``None`` of other types."""
    found = _TYPES.get(name)
    return found if isinstance(found, Recurrent) else None


def find(name: str) -> LayerType | None:
    """The layer type called ``name``, or ``None``: a document may hold types that this version does not know."""
    return _TYPES.get(name)


def get(name: str) -> LayerType:
    """The layer type called ``name``; raise :class:`DocumentError` that lists what exists and guesses what was meant."""
    layer = _TYPES.get(name) if isinstance(name, str) else None
    if layer is None:
        by_lower = {known.lower(): known for known in _TYPES}
        close = difflib.get_close_matches(str(name).lower(), by_lower, n=1)
        guess = say("Did you mean {by_lower}? ", by_lower=by_lower[close[0]]) if close else ""
        raise DocumentError(
            say("there is no layer type {name!r}.", name=name),
            remedy=say("{guess}There are {types}.", guess=guess, types=", ".join(_TYPES)),
        )
    return layer


@contextmanager
def registered(layer: LayerType) -> Iterator[LayerType]:
    """Within the block, ``layer`` exists too. For tests; the name must be free."""
    if layer.name in _TYPES:
        raise DocumentError(say("a layer type {name!r} exists already.", name=layer.name))
    _TYPES[layer.name] = layer
    try:
        yield layer
    finally:
        del _TYPES[layer.name]
