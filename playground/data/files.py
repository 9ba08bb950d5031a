"""Reading plain and gzip-compressed files with a bound on what is taken into memory."""

from __future__ import annotations

import codecs
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from playground.errors import DataError
from playground.sentences import say

GZIP_MAGIC = b"\x1f\x8b"
PIECE, COMPRESSED = 1 << 20, 1 << 18
MEMBER = 16 + zlib.MAX_WBITS
"""Tells zlib that a gzip head comes first and a checksum last."""
MOST_INFLATED = 1032
"""Bytes that one compressed byte can stand for (https://zlib.net/zlib_tech.html): what a file of a known size can hold at most."""


def check_plain(path: Path, remedy: str) -> None:
    """Refuse a pipe, a device, a socket by a :class:`DataError`: to open one may wait for ever. What is missing is not refused."""
    if path.exists() and not path.is_file():
        what = say("a folder") if path.is_dir() else say("a pipe or a device")
        raise DataError(say("expected a file, got {what}.", what=what), where=str(path), remedy=remedy)


class _Inflated(io.RawIOBase):
    """What a gzip file holds, of one member or several, zeros after them ignored as gzip(1) does. The standard library's reader takes 8 kB
    at a time before Python 3.12, and waits for the interpreter thousands of times where other threads want it too."""

    def __init__(self, raw: BinaryIO) -> None:
        self._raw, self._left = raw, b""
        self._engine = zlib.decompressobj(MEMBER)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Raises :class:`EOFError` and ``zlib.error``."""
        while True:
            if self._engine.eof:
                while not (rest := self._left.lstrip(b"\0")):
                    self._left = self._raw.read(COMPRESSED)
                    if not self._left:
                        return 0
                self._left, self._engine = rest, zlib.decompressobj(MEMBER)
            content = self._engine.decompress(self._left or self._read(), len(buffer))
            self._left = self._engine.unused_data or self._engine.unconsumed_tail
            if content:
                buffer[: len(content)] = content
                return len(content)

    def _read(self) -> bytes:
        if not (read := self._raw.read(COMPRESSED)):
            raise EOFError
        return read


@contextmanager
def opened(path: Path, remedy: str) -> Iterator[BinaryIO]:
    """The file's bytes, decompressed where it is gzip (told by its first bytes, not by its name).

    Whatever goes wrong with the file while the block reads it becomes a :class:`DataError` that ends with ``remedy``.
    """
    try:
        check_plain(path, remedy)
        with path.open("rb") as raw:
            if raw.peek(2)[:2] == GZIP_MAGIC:
                with io.BufferedReader(_Inflated(raw), PIECE) as stream:
                    yield stream
            else:
                yield raw
    except FileNotFoundError:
        raise DataError("the file is missing.", where=str(path), remedy=remedy) from None
    except EOFError:
        raise DataError("expected a whole gzip file, but it ends in the middle.", where=str(path), remedy=remedy) from None
    except zlib.error as error:
        raise DataError(
            say("expected a sound gzip file, but it is damaged ({error}).", error=str(error).rpartition(": ")[2]),
            where=str(path),
            remedy=remedy,
        ) from None
    except OSError as error:
        raise DataError(
            say("the file cannot be read ({strerror}).", strerror=error.strerror or error), where=str(path), remedy=remedy
        ) from None


def read_text(path: Path, limit: int, remedy: str) -> io.TextIOWrapper:
    """The file as UTF-8 text of at most ``limit`` bytes, its lines ended by ``\\n`` whatever ends them there; more, or other bytes, is a
    :class:`DataError`. Checked in pieces and decoded as it is read: at once, 60 MB would keep the interpreter for 700 ms."""
    with opened(path, remedy) as stream:
        content = stream.read(limit + 1)
    if len(content) > limit:
        raise DataError(say("expected at most {limit:,} bytes, got more.", limit=limit), where=str(path), remedy=remedy)
    decoder = codecs.getincrementaldecoder("utf-8")()
    for at in range(0, len(content) + 1, PIECE):
        left = len(decoder.getstate()[0])
        try:
            decoder.decode(content[at : at + PIECE], final=at + PIECE > len(content))
        except UnicodeDecodeError as error:
            byte = f"{at - left + error.start:,}"
            raise DataError(say("expected UTF-8 text, but byte {byte} is none.", byte=byte), where=str(path), remedy=remedy) from None
    return io.TextIOWrapper(io.BytesIO(content), encoding="utf-8", newline=None)
