"""Reading plain and gzip-compressed files with a bound on what is taken into memory."""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from playground.errors import DataError
from playground.sentences import say

GZIP_MAGIC = b"\x1f\x8b"
PIECE = 1 << 20


def check_plain(path: Path, remedy: str) -> None:
    """Refuse a pipe, a device, a socket by a :class:`DataError`: to open one may wait for ever. What is missing is not refused."""
    if path.exists() and not path.is_file():
        what = say("a folder") if path.is_dir() else say("a pipe or a device")
        raise DataError(say("expected a file, got {what}.", what=what), where=str(path), remedy=remedy)


@contextmanager
def opened(path: Path, remedy: str) -> Iterator[BinaryIO]:
    """The file's bytes, decompressed where it is gzip (told by its first bytes, not by its name).

    Whatever goes wrong with the file while the block reads it becomes a :class:`DataError` that ends with ``remedy``.
    """
    try:
        check_plain(path, remedy)
        with path.open("rb") as raw:
            if raw.peek(2)[:2] == GZIP_MAGIC:
                with gzip.GzipFile(fileobj=raw) as stream:
                    yield cast(BinaryIO, stream)
            else:
                yield raw
    except FileNotFoundError:
        raise DataError("the file is missing.", where=str(path), remedy=remedy) from None
    except EOFError:
        raise DataError("expected a whole gzip file, but it ends in the middle.", where=str(path), remedy=remedy) from None
    except (gzip.BadGzipFile, zlib.error) as error:
        raise DataError(
            say("expected a sound gzip file, but it is damaged ({error}).", error=error), where=str(path), remedy=remedy
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
