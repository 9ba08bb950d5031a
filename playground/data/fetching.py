"""Fetching data sets that do not ship. A checksum decides whether a file is right; a broken transfer is resumed."""

from __future__ import annotations

import hashlib
import http.client
import os
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from playground.data.images import fashion_folder
from playground.data.spec import Progress
from playground.errors import DataError
from playground.sentences import listed, say

CHUNK = 1 << 16
TIMEOUT = 30.0


@dataclass(frozen=True, slots=True)
class Remote:
    """One file: its name below each mirror and in the folder, its size in bytes and its SHA-256."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Source:
    """The files of a data set and where to get them, the first mirror first."""

    folder: Callable[[], Path]
    mirrors: tuple[str, ...]
    files: tuple[Remote, ...]


SOURCES = {
    "fashion-mnist": Source(
        fashion_folder,
        (
            "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
            "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        ),
        (
            Remote("train-images-idx3-ubyte.gz", 26_421_880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"),
            Remote("train-labels-idx1-ubyte.gz", 29_515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
            Remote("t10k-images-idx3-ubyte.gz", 4_422_102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
            Remote("t10k-labels-idx1-ubyte.gz", 5_148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"),
        ),
    ),
}


def fetch(name: str, progress: Progress | None = None) -> Path:
    """Bring the files of data set ``name`` into their folder and return it. Files that are there and right are left alone.

    Raises :class:`DataError` where the set is not one to fetch, the disk refuses, or no mirror gives a file with its checksum.
    """
    source = SOURCES.get(name)
    if source is None:
        raise DataError(
            say("data set {name!r} is not one to fetch.", name=name),
            where="data",
            remedy=say("Those are {sources}.", sources=", ".join(SOURCES)),
        )
    return fetch_from(source, progress)


def missing(name: str) -> int:
    """Bytes that :func:`fetch` has to bring for data set ``name``, by the sizes of the files there are; 0 where it is not one to fetch.

    A file unpacked by hand counts as there.
    """
    source = SOURCES.get(name)
    return sum(file.size for file in source.files if not _seems_there(source.folder(), file)) if source is not None else 0


def _seems_there(folder: Path, file: Remote) -> bool:
    path = folder / file.name
    return (path.is_file() and path.stat().st_size == file.size) or (folder / file.name.removesuffix(".gz")).is_file()


def fetch_from(source: Source, progress: Progress | None = None) -> Path:
    """:func:`fetch` from any source."""
    folder, total, before = source.folder(), sum(file.size for file in source.files), 0
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file in source.files:

            def report(size: int, before: int = before) -> None:
                if progress is not None:
                    progress(before + size, total)

            if not _is_right(folder / file.name, file):
                _fetch_file(folder, file, source.mirrors, report)
            before += file.size
            report(0, before)
    except OSError as error:
        raise DataError(
            say("cannot write here: {strerror}.", strerror=error.strerror or error), where=str(folder), remedy="Free some space."
        ) from error
    return folder


def _fetch_file(folder: Path, file: Remote, mirrors: Sequence[str], report: Callable[[int], None]) -> None:
    part = folder / f"{file.name}.part"
    reasons: list[str] = []
    for mirror in mirrors:
        try:
            _transfer(mirror + file.name, part, file.size, report)
        except (urllib.error.URLError, http.client.HTTPException, TimeoutError, ConnectionError) as error:
            reasons.append(f"{mirror}: {getattr(error, 'reason', None) or error}")
            continue
        if _is_right(part, file):
            os.replace(part, folder / file.name)
            return
        reasons.append(say("{mirror}: {got:,} of {size:,} bytes, or other ones", mirror=mirror, got=part.stat().st_size, size=file.size))
        if part.stat().st_size >= file.size:  # a shorter one is resumed from the next mirror or the next time
            part.unlink()
    raise DataError(
        say("no mirror gave it ({reasons}).", reasons=listed(reasons, "; ")),
        where=file.name,
        remedy=say("Try again later, or put the file into {folder} yourself.", folder=folder),
    )


def _transfer(url: str, part: Path, size: int, report: Callable[[int], None]) -> None:
    """Append to ``part`` what it lacks, never more than ``size`` bytes in all; start over where the server cannot resume."""
    there = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(url, headers={"Range": f"bytes={there}-"} if there else {})
    with urllib.request.urlopen(request, timeout=TIMEOUT) as response:
        resumed = response.status == 206 and response.headers.get("Content-Range", "").startswith(f"bytes {there}-")
        if not resumed:
            there = 0
        with part.open("ab" if resumed else "wb") as target:
            while there < size and (piece := response.read(min(CHUNK, size - there))):
                target.write(piece)
                there += len(piece)
                report(there)


def _is_right(path: Path, file: Remote) -> bool:
    if not path.is_file() or path.stat().st_size != file.size:
        return False
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest() == file.sha256
