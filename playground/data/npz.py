"""Arrays from ``*.npz`` files, which are zips of ``*.npy`` files. The file is not trusted: nothing in it is ever unpickled, heads are
checked before their numbers are read, and no more is kept than a caller allows.

The format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
"""

from __future__ import annotations

import math
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

import numpy as np
from numpy.lib import format as npy

from playground.data.files import MOST_INFLATED, check_plain
from playground.data.spec import Array, Progress
from playground.errors import DataError
from playground.sentences import say

MOST_MEMBERS = 64
MOST_HEAD = 10_000
MOST_DIRECTORY = 1 << 20
CHUNK = 1 << 20
PLAIN = say("Save it anew with numpy.savez or numpy.savez_compressed, of arrays of numbers.")
END_OF_ZIP = b"PK\x05\x06"


@dataclass(frozen=True, slots=True)
class Head:
    """What an array's head says: nothing of its numbers is read."""

    shape: tuple[int, ...]
    dtype: np.dtype[np.generic]
    columns_first: bool

    @property
    def size(self) -> int:
        return math.prod(self.shape)


@contextmanager
def opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """The archive. Whatever goes wrong with it while the block reads becomes a :class:`DataError`."""
    try:
        check_plain(path, PLAIN)
        with path.open("rb") as file:
            _check_directory(file, path)
            with zipfile.ZipFile(file) as archive:
                if len(archive.namelist()) > MOST_MEMBERS:
                    raise DataError(
                        say("expected at most {most_members} arrays.", most_members=MOST_MEMBERS), where=str(path), remedy=PLAIN
                    )
                yield archive
    except FileNotFoundError:
        raise DataError("the file is missing.", where=str(path), remedy="Put it back, or choose it where it lies now.") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, KeyError) as error:
        raise DataError(
            say("expected a sound .npz file, but it is damaged or is none ({error}).", error=error), where=str(path), remedy=PLAIN
        ) from None
    except OSError as error:
        raise DataError(
            say("the file cannot be read ({strerror}).", strerror=error.strerror or error), where=str(path), remedy=PLAIN
        ) from None


def _check_directory(file: IO[bytes], path: Path) -> None:
    """Refuse an archive whose list of members is large: the whole list would be taken into memory before one is looked at."""
    file.seek(0, 2)
    size = file.tell()
    file.seek(max(0, size - 65_557))  # the longest end there is: 22 bytes and a comment
    tail = file.read()
    ends = {tail.rfind(END_OF_ZIP), len(tail) - 22}  # where zipfile looks, in either order
    if any(
        at >= 0 and int.from_bytes(tail[at + 12 : at + 16], "little") > MOST_DIRECTORY for at in ends if tail[at:].startswith(END_OF_ZIP)
    ):
        raise DataError("expected a few arrays, its list of contents is too long.", where=str(path), remedy=PLAIN)
    file.seek(0)


def heads(archive: zipfile.ZipFile, path: Path) -> dict[str, Head]:
    """The heads of all arrays, by name. Raises :class:`DataError` on anything that is no array of numbers."""
    found = {}
    for info in archive.infolist():
        if info.is_dir() or not info.filename.endswith(".npy"):
            continue
        name = info.filename.removesuffix(".npy")
        with _member(archive, info, path) as stream:
            found[name] = _head(stream, say("{path}, array {name!r}", path=path, name=name[:60]))
    return found


@contextmanager
def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: Path) -> Iterator[IO[bytes]]:
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or info.flag_bits & 1:
        raise DataError("expected a plain or deflated zip without a password.", where=str(path), remedy=PLAIN)
    with archive.open(info) as stream:
        yield stream


class _Start:
    """The first bytes of a stream and no more: NumPy takes a head of whatever length into memory before it looks at it."""

    def __init__(self, stream: IO[bytes], most: int) -> None:
        self._stream, self._left = stream, most

    def read(self, count: int = -1) -> bytes:
        if not 0 <= count <= self._left:
            raise ValueError("it is too long")
        self._left -= count
        return self._stream.read(count)


def _head(source: IO[bytes], where: str) -> Head:
    try:
        stream = cast(IO[bytes], _Start(source, MOST_HEAD))
        version = npy.read_magic(stream)
        readers = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
        if version not in readers:
            raise ValueError(f"version {version[0]}.{version[1]} is for arrays of records")
        shape, columns_first, dtype = readers[version](stream, max_header_size=MOST_HEAD)
    except Exception as error:  # NumPy parses a head as Python's text: a broken one raises TokenError, SyntaxError and what not
        reason = str(error).split("\n")[0][:120]
        raise DataError(
            say("expected an array in NumPy's format, but its head is none ({reason}).", reason=reason), where=where, remedy=PLAIN
        ) from None
    if dtype.hasobject:
        raise DataError("it holds Python objects, which are never read: they could run code.", where=where, remedy=PLAIN)
    if dtype.kind not in "biuf" or dtype.itemsize > 8:
        raise DataError(say("expected an array of numbers, got one of type {dtype}.", dtype=dtype), where=where, remedy=PLAIN)
    if any(not isinstance(length, int) or length < 0 for length in shape):
        raise DataError(say("expected lengths of axes, got {shape}.", shape=shape), where=where, remedy=PLAIN)
    return Head(shape, dtype, columns_first)


def read(
    archive: zipfile.ZipFile, path: Path, name: str, dtype: np.dtype[np.generic], most: int, progress: Progress | None = None
) -> Array:
    """Array ``name`` in ``dtype``, converted while it is read: memory stays at the result and one buffer (twice the result where it lies
    column by column).

    Raises :class:`DataError` where the result would take more than ``most`` bytes, or the file holds fewer numbers than its head says.
    """
    where = say("{path}, array {name!r}", path=path, name=name)
    with _member(archive, archive.getinfo(f"{name}.npy"), path) as stream:
        head = _head(stream, where)
        if head.size * dtype.itemsize > most:
            raise DataError(
                say("it takes {size:,} bytes; at most {most:,} are read.", size=head.size * dtype.itemsize, most=most),
                where=where,
                remedy="Save fewer.",
            )
        # No more than the file can hold, not what its head says. Not grown: to grow 400 MB kept the interpreter for 50 ms (measured).
        array = np.empty(min(head.size, MOST_INFLATED * path.stat().st_size), dtype)
        piece = max(1, CHUNK // head.dtype.itemsize)
        done = 0
        while done < head.size:
            wanted = min(piece, head.size - done) * head.dtype.itemsize
            got = stream.read(wanted)
            if len(got) < wanted:
                raise DataError(say("expected {size:,} numbers, but the file ends before.", size=head.size), where=where, remedy=PLAIN)
            with np.errstate(all="ignore"):  # a number too large becomes infinite, and is refused below
                numbers = np.frombuffer(got, head.dtype).astype(dtype)
            if dtype.kind == "f" and not np.isfinite(numbers).all():
                bad = done + int(np.flatnonzero(~np.isfinite(numbers))[0])
                raise DataError(
                    say("expected numbers, got {numbers} at place {bad:,}.", numbers=numbers[bad - done], bad=bad),
                    where=where,
                    remedy="Save it without such.",
                )
            array[done : done + len(numbers)] = numbers
            done += len(numbers)
            if progress is not None:
                progress(done, head.size)
    return array.reshape(head.shape[::-1]).transpose() if head.columns_first else array.reshape(head.shape)
