"""Writing and reading exported parameters; the path's ending chooses the format."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from playground.document import Document
from playground.document.files import Progress
from playground.document.tensors import Report
from playground.document.writing import path_of, regular, replacing
from playground.errors import FileError
from playground.export import npz, safetensors
from playground.export.formats import Arrays
from playground.sentences import say

LARGEST = 4 << 30


@dataclass(frozen=True, slots=True)
class Format:
    """A file format: its ``name`` is also its ending."""

    name: str
    title: str
    write: Callable[[BinaryIO, Arrays, Document | None, Report], None]
    decode: Callable[[BinaryIO, Path], dict[str, np.ndarray]]
    document: Callable[[BinaryIO, Path], Document | None]


FORMATS = {
    "npz": Format("npz", "NumPy archive", npz.write, npz.decode, npz.document),
    "safetensors": Format("safetensors", "safetensors", safetensors.write, safetensors.decode, safetensors.document),
}


def write(
    path: str | os.PathLike[str],
    parameters: Arrays,
    document: Document | None = None,
    format: str | None = None,
    progress: Progress | None = None,
) -> None:
    """Write ``parameters`` (keys and shapes as in ``Network.parameters``) to ``path``, whole or not at all.

    ``document`` goes along where the format has a place for it. ``progress`` is told of bytes done and in all; what it raises
    leaves the old file. Raises :class:`FileError` on an unknown format and on a place that cannot be written.
    """
    path = path_of(path)
    chosen = _format(path, format)
    if not isinstance(parameters, Mapping):
        raise FileError(say("expected arrays by name, got {parameters!r}.", parameters=parameters), where=str(path))
    for name, array in parameters.items():
        if not isinstance(name, str) or np.asarray(array).dtype.kind not in "biuf":
            got = f"{np.asarray(array).dtype}"
            raise FileError(say("expected arrays of numbers by name, got {got} for {name!r}.", got=got, name=name), where=str(path))
    parameters = {name: np.asarray(array) for name, array in parameters.items()}
    total, done = sum(array.nbytes for array in parameters.values()), 0

    def report(moved: int) -> None:
        nonlocal done
        done += moved
        if progress is not None:
            progress(done, total)

    with replacing(path) as temporary, temporary.open("wb") as target:
        chosen.write(target, parameters, document, report)


def read(path: str | os.PathLike[str], format: str | None = None) -> dict[str, np.ndarray]:
    """The parameters in ``path``. Raises :class:`FileError` on an unknown format and on a file that is missing or damaged."""
    path = path_of(path)
    chosen = _format(path, format)
    with _opened(path) as source:
        return chosen.decode(source, path)


def read_document(path: str | os.PathLike[str], format: str | None = None) -> Document | None:
    """The document in ``path``, if the format keeps it; errors as of :func:`read`."""
    path = path_of(path)
    chosen = _format(path, format)
    with _opened(path) as source:
        return chosen.document(source, path)


def _format(path: Path, name: str | None) -> Format:
    wanted = name if name is not None else path.suffix.removeprefix(".").lower()
    chosen = FORMATS.get(wanted) if isinstance(wanted, str) else None
    if chosen is None:
        got = repr(name) if name is not None else say("the ending {suffix!r}", suffix=path.suffix)
        raise FileError(
            say("expected one of the formats {formats}, got {got}.", formats=", ".join(FORMATS), got=got),
            where=str(path),
            remedy="Choose one of these endings.",
        )
    return chosen


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """The file, to be read in pieces: to free all of its bytes at once keeps the interpreter."""
    regular(path)
    try:
        if path.stat().st_size > LARGEST:
            raise FileError(
                say("expected at most {largest:,} bytes, got {st_size:,}.", largest=LARGEST, st_size=path.stat().st_size), where=str(path)
            )
        with path.open("rb") as source:
            yield source
    except OSError as error:
        raise FileError(say("cannot read it: {strerror}.", strerror=error.strerror), where=str(path), remedy="Check the path.") from error
