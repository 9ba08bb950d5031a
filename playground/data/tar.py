"""Members of a tar archive by name, read as a stream: nothing is unpacked to the disk, and memory stays at what is asked for.

POSIX ustar: blocks of 512 bytes; a head holds the name (100 bytes), the size in octal digits (12 from 124), the kind (1 at 156). Python's
own ``tarfile`` takes heads of any length into memory, which a small compressed file can make very long.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

import numpy as np

from playground.data.files import opened
from playground.data.spec import Progress
from playground.errors import DataError
from playground.sentences import say

BLOCK = 512
CHUNK = 1 << 20
FILES = (b"0", b"\0")


def members(
    path: Path, wanted: Mapping[str, int], most: int, remedy: str, progress: Progress | None = None, usual: int = 1
) -> Iterator[tuple[str, bytes | memoryview]]:
    """The files of the archive (plain or gzip) whose last name is one of ``wanted``, with their bytes, in the archive's order.

    ``wanted`` gives the most bytes of each, ``most`` those of the whole archive unpacked, ``usual`` what ``progress`` is told of as all.
    Raises :class:`DataError` on what is beyond,
    and on a damaged archive.
    """
    done, left = 0, most
    with opened(path, remedy) as stream:
        while True:
            head = stream.read(BLOCK)
            if len(head) < BLOCK or not head.strip(b"\0"):
                return
            size = _size(head, path, remedy)
            name = PurePosixPath(head[:100].split(b"\0")[0].decode("utf-8", "replace")).name
            whole = -(-size // BLOCK) * BLOCK
            left -= BLOCK + whole
            if left < 0:
                raise DataError(say("expected an archive of at most {most:,} bytes.", most=most), where=str(path), remedy=remedy)
            keep = name in wanted and head[156:157] in FILES
            if keep and size > wanted[name]:
                raise DataError(
                    say("expected at most {wanted:,} bytes in {name}, got {size:,}.", wanted=wanted[name], name=name, size=size),
                    where=str(path),
                    remedy=remedy,
                )
            content, filled = np.empty(size if keep else 0, np.uint8), 0
            while whole > 0:
                piece = stream.read(min(CHUNK, whole))
                if not piece:
                    raise DataError("expected a whole archive, but it ends in the middle.", where=str(path), remedy=remedy)
                whole -= len(piece)
                if keep:
                    kept = np.frombuffer(piece, np.uint8)[: size - filled]
                    content[filled : filled + len(kept)] = kept
                    filled += len(kept)
                done += len(piece)
                if progress is not None:
                    progress(min(done, usual), usual)
            if keep:
                yield name, content.data


def _size(head: bytes, path: Path, remedy: str) -> int:
    digits = head[124:136].strip(b"\0 ")
    if not digits.isdigit() or any(digit > ord("7") for digit in digits):
        raise DataError("expected a tar archive, got something else.", where=str(path), remedy=remedy)
    return int(digits, 8)
