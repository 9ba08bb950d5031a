"""The IDX format, in which MNIST and its relatives are published.

Big-endian throughout: two zero bytes, a type code (0x08 = unsigned byte), the number of dimensions, one 32-bit size a
dimension, then the values in C order. Source: http://yann.lecun.com/exdb/mnist (section "the IDX file format").
"""

from __future__ import annotations

import math
import struct
from pathlib import Path
from typing import BinaryIO

import numpy as np

from playground.data.files import MOST_INFLATED, opened
from playground.data.spec import Array
from playground.errors import DataError
from playground.sentences import say
from playground.turns import give_way

UNSIGNED_BYTE = 0x08
LARGEST = 1 << 30
"""Most bytes that a file may say it holds; nothing is set aside for a file that says more."""
CHUNK = 1 << 20
FRESH = say("Take a fresh copy of the file.")


def read_idx(path: Path, dimensions: int, remedy: str = FRESH) -> Array:
    """The uint8 array in ``path``, plain or gzip, with exactly ``dimensions`` axes.

    Raises :class:`DataError` on a wrong magic number, on sizes beyond :data:`LARGEST`, and on a file that is missing,
    truncated, damaged or longer than it says. Memory stays at the array itself and one buffer.
    """
    with opened(path, remedy) as stream:
        shape = _shape(stream, path, dimensions, remedy)
        total = math.prod(shape)
        # No more than the file can hold: a short one with a large head costs little. Not grown, which keeps the interpreter meanwhile.
        content = np.empty(min(total, MOST_INFLATED * path.stat().st_size), np.uint8)
        filled = 0
        while filled < total:
            give_way()
            piece = stream.read(min(CHUNK, total - filled))
            if not piece:
                raise DataError(
                    say("expected {total:,} values, got {content:,}.", total=total, content=filled), where=str(path), remedy=remedy
                )
            content[filled : filled + len(piece)] = np.frombuffer(piece, np.uint8)
            filled += len(piece)
        if stream.read(1):
            raise DataError(say("expected {total:,} values, but more follow.", total=total), where=str(path), remedy=remedy)
    return content.reshape(shape)


def read_head(path: Path, dimensions: int, remedy: str = FRESH) -> tuple[int, ...]:
    """The shape that the file's head says, nothing more being read. Raises :class:`DataError` as :func:`read_idx` does."""
    with opened(path, remedy) as stream:
        return _shape(stream, path, dimensions, remedy)


def _shape(stream: BinaryIO, path: Path, dimensions: int, remedy: str) -> tuple[int, ...]:
    expected = UNSIGNED_BYTE << 8 | dimensions
    head = stream.read(4)
    magic = int.from_bytes(head, "big")
    if len(head) < 4 or magic != expected:
        got = f"0x{magic:08x}" if len(head) == 4 else say("only {head} bytes", head=len(head))
        raise DataError(
            say("expected an IDX file with magic number 0x{expected:08x}, got {got}.", expected=expected, got=got),
            where=str(path),
            remedy=remedy,
        )
    head = stream.read(4 * dimensions)
    if len(head) < 4 * dimensions:
        raise DataError(
            say("expected {dimensions} sizes in the head, but the file ends there.", dimensions=dimensions), where=str(path), remedy=remedy
        )
    shape = struct.unpack(f">{dimensions}I", head)
    if not 0 < math.prod(shape) <= LARGEST:
        sizes = " x ".join(map(str, shape))
        raise DataError(
            say("expected 1 to {largest:,} values, but the head says {sizes}.", largest=LARGEST, sizes=sizes),
            where=str(path),
            remedy=remedy,
        )
    return shape
