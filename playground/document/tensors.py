"""The safetensors format, written and read piece by piece.

The library of that name packs a whole file while it holds the interpreter: 80 MB kept a window from answering for a third of
a second, and nothing could be broken off. Here no more than :data:`PIECE` bytes are moved at a time.
The format: a little-endian 64-bit length, so many bytes of JSON ``{name: {dtype, shape, data_offsets}}`` (padded by spaces to a
multiple of 8, free text under ``__metadata__``), then the values (https://github.com/huggingface/safetensors, "Format").
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import BinaryIO

import msgspec
import numpy as np

from playground.sentences import say
from playground.turns import give_way

PIECE = 1 << 20
MOST_HEAD_BYTES = 16 << 20
METADATA = "__metadata__"
CODES = {
    code: np.dtype(kind)
    for code, kind in {
        "F64": "<f8", "F32": "<f4", "F16": "<f2",
        "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "i1",
        "U64": "<u8", "U32": "<u4", "U16": "<u2", "U8": "u1", "BOOL": "?",
    }.items()
}  # fmt: skip

Arrays = Mapping[str, np.ndarray]
Report = Callable[[int], None]
"""Told of bytes just moved. What it raises ends the work: that is how to cancel."""


class _Entry(msgspec.Struct, forbid_unknown_fields=True):
    dtype: str
    shape: tuple[int, ...]
    data_offsets: tuple[int, int]


class TensorError(Exception):
    """The bytes are not of this format; the words say what is wrong with them."""


def pieces_of(array: np.ndarray) -> Iterator[memoryview]:
    """The values in C order, little-endian, at most :data:`PIECE` bytes at a time; a contiguous array is not copied."""
    values = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
    if values.size:
        whole = values.reshape(-1).view(np.uint8).data
        for start in range(0, len(whole), PIECE):
            give_way()
            yield whole[start : start + PIECE]


def head(arrays: Arrays, metadata: Mapping[str, str] | None = None) -> bytes:
    """The file's beginning, up to the values. Raises :class:`TensorError` on a number type that the format lacks."""
    names = {dtype: code for code, dtype in CODES.items()}
    content: dict[str, object] = {METADATA: dict(metadata)} if metadata else {}
    at = 0
    for name, array in _in_order(arrays):
        code = names.get(array.dtype.newbyteorder("<"))
        if code is None:
            raise TensorError(say("{name} holds {dtype}, which the format lacks", name=name, dtype=array.dtype))
        content[name] = {"dtype": code, "shape": array.shape, "data_offsets": (at, at + array.nbytes)}
        at += array.nbytes
    text = msgspec.json.encode(content)
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text


def write(target: BinaryIO, arrays: Arrays, report: Report, metadata: Mapping[str, str] | None = None) -> None:
    """Write ``arrays`` and free text to ``target``; what ``target`` and ``report`` raise is passed on."""
    target.write(head(arrays, metadata))
    for _, array in _in_order(arrays):
        for piece in pieces_of(array):
            target.write(piece)
            report(len(piece))


def read(source: BinaryIO, size: int, report: Report) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """Arrays and free text of a file of ``size`` bytes. Raises :class:`TensorError` where it is damaged.

    Each array is set aside only when the values before it have been read, so a head that promises more than the file holds
    costs no more than one of its arrays, and that one only as far as it is filled.
    """
    entries, metadata, left = _head(source, size)
    arrays, at = {}, 0
    for name, entry in sorted(entries.items(), key=lambda item: item[1].data_offsets):
        dtype = CODES.get(entry.dtype)
        begin, end = entry.data_offsets
        if dtype is None:
            raise TensorError(say("{name} has the number type {dtype!r}", name=name, dtype=entry.dtype))
        if min(entry.shape, default=0) < 0 or begin != at or end - begin != math.prod(entry.shape) * dtype.itemsize or end > left:
            raise TensorError(say("{name} does not lie where its head says", name=name))
        try:
            array = np.empty(entry.shape, dtype)
        except ValueError as error:  # of no values, along more axes or longer ones than an array can have
            raise TensorError(say("{name} has a shape that no array has", name=name)) from error
        _fill(source, array, name, report)
        arrays[name], at = array, end
    if at != left:
        raise TensorError("bytes follow that belong to nothing")
    return arrays, metadata


def _head(source: BinaryIO, size: int) -> tuple[dict[str, _Entry], dict[str, str], int]:
    """What the head says, and how many bytes come after it."""
    start = source.read(8)
    length = int.from_bytes(start, "little")
    if len(start) < 8 or not 2 <= length <= min(size - 8, MOST_HEAD_BYTES):
        raise TensorError("it does not begin with a head")
    try:
        content = msgspec.json.decode(source.read(length), type=dict[str, msgspec.Raw])
        metadata = msgspec.json.decode(content.pop(METADATA, b"{}"), type=dict[str, str])
        return {name: msgspec.json.decode(raw, type=_Entry) for name, raw in content.items()}, metadata, size - 8 - length
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise TensorError(say("its head is damaged: {error}", error=error)) from error


def _fill(source: BinaryIO, array: np.ndarray, name: str, report: Report) -> None:
    if not array.size:
        return
    whole = array.reshape(-1).view(np.uint8)
    filled = 0
    while filled < len(whole):
        give_way()
        piece = source.read(min(PIECE, len(whole) - filled))
        if not piece:
            raise TensorError(say("it ends within {name}", name=name))
        whole[filled : filled + len(piece)] = np.frombuffer(piece, np.uint8)  # which lets the interpreter go while it touches new memory
        filled += len(piece)
        report(len(piece))


def _in_order(arrays: Arrays) -> list[tuple[str, np.ndarray]]:
    """Wide numbers first, so that all lie on multiples of their size; then by name."""
    return sorted(arrays.items(), key=lambda item: (-item[1].dtype.itemsize, item[0]))
