"""Project files: a ``*.playground`` zip with the document, its weights, optimizer state, history and checkpoints.

Written beside the target and renamed over it, so a crash leaves the old file or the new one, never half of one.
"""

from __future__ import annotations

import os
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, cast

import msgspec
import numpy as np

from playground.document import tensors
from playground.document.codec import MAX_DOCUMENT_BYTES, decode, encode
from playground.document.model import Document
from playground.document.writing import path_of, regular, replacing, write_atomically
from playground.errors import FileError
from playground.sentences import Sentence, say

SUFFIX = ".playground"
DOCUMENT, WEIGHTS, OPTIMIZER, INITIAL, HISTORY = (
    "document.json",
    "weights.safetensors",
    "optimizer.safetensors",
    "initial.safetensors",
    "history.json",
)
CHECKPOINTS = "checkpoints/"
MAX_CHECKPOINT_BYTES = 64 * 2**20
MAX_MEMBER_BYTES = 2 * 2**30
MAX_HISTORY_BYTES = 256 * 2**20
MOST_COUNTED, BITS = 2**63, "best_loss_bits"
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError)
UNTOUCHED = say("The file is untouched; open an earlier copy of the project.")

Arrays = Mapping[str, np.ndarray]
Progress = Callable[[int, int], None]
"""Called with the bytes that are done and those of all. What it raises breaks the work off; a file being written is then as it was."""


@dataclass(frozen=True, slots=True)
class Project:
    """A document and a run of it, as ``engine.state.State`` has them. A project never trained has no weights."""

    document: Document
    weights: Arrays = field(default_factory=dict)
    optimizer_state: Arrays = field(default_factory=dict)
    counters: Mapping[str, int] = field(default_factory=dict)
    history: Mapping[str, Any] = field(default_factory=dict)
    initial: Arrays = field(default_factory=dict)
    checkpoints: Mapping[int, Arrays] = field(default_factory=dict)


def load(path: str | os.PathLike[str]) -> Document:
    """The document of a ``*.playground`` project or a ``*.json`` document. Raise :class:`FileError` where it cannot be read."""
    path = path_of(path)
    if path.suffix == ".json":
        return decode(_bytes(path), str(path))
    with _opened(path) as archive:
        return _document(archive, path)


def save(document: Document, path: str | os.PathLike[str]) -> None:
    """Write a document alone: as JSON where ``path`` ends in ``.json``, else as a project without weights."""
    path = path_of(path)
    if path.suffix == ".json":
        write_atomically(path, encode(document))
    else:
        save_project(Project(document), path)


def load_project(path: str | os.PathLike[str], progress: Progress | None = None) -> Project:
    """Everything a project file holds. Raise :class:`FileError` that says what is wrong, what is safe and what to do."""
    path = path_of(path)
    if path.suffix == ".json":
        return Project(load(path))
    with _opened(path) as archive:
        names = set(archive.namelist())
        history: dict[str, Any] = {}
        if HISTORY in names:
            try:
                history = msgspec.json.decode(_member(archive, HISTORY, path, MAX_HISTORY_BYTES), type=dict[str, Any])
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                raise FileError(say("its history is damaged: {error}.", error=error), where=str(path), remedy=UNTOUCHED) from error
        counters = history.pop("counters", {})
        if not sound(counters):
            raise FileError("its counters are damaged.", where=str(path), remedy=UNTOUCHED)
        report = _counted(sum(info.file_size for info in archive.infolist()), progress)
        return Project(
            _document(archive, path),
            _arrays(archive, WEIGHTS, path, report),
            _arrays(archive, OPTIMIZER, path, report),
            counters,
            history,
            _arrays(archive, INITIAL, path, report),
            {_step(name, path): _arrays(archive, name, path, report) for name in sorted(names) if name.startswith(CHECKPOINTS)},
        )


def save_project(project: Project, path: str | os.PathLike[str], progress: Progress | None = None) -> None:
    """Write ``project``. Where its checkpoints are more than 64 MB, every second one is left out until they fit; the last stays."""
    path = path_of(path)
    texts = {DOCUMENT: encode(project.document)}
    try:
        texts[HISTORY] = msgspec.json.encode({**project.history, "counters": dict(project.counters)}, enc_hook=_plain)
    except (TypeError, msgspec.EncodeError) as error:
        raise FileError(say("the history cannot be written: {error}.", error=error), where=str(path)) from error
    members = {WEIGHTS: project.weights, OPTIMIZER: project.optimizer_state, INITIAL: project.initial}
    members |= {f"{CHECKPOINTS}{step}.safetensors": arrays for step, arrays in _thinned(project.checkpoints).items()}
    report = _counted(sum(array.nbytes for arrays in members.values() for array in arrays.values()), progress)
    with replacing(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        for name, content in texts.items():
            archive.writestr(_info(name), content, compress_type=zipfile.ZIP_DEFLATED)
        for name, arrays in members.items():
            if arrays:
                with archive.open(_info(name), "w", force_zip64=True) as member:  # stored as they are: floats hardly shrink
                    tensors.write(cast(BinaryIO, member), arrays, report)


def sound(counters: object) -> bool:
    """Whether these are a run's counters: whole numbers from 0 on that the engine can hold; the bits of a loss may have a sign."""
    if not isinstance(counters, dict):
        return False
    least = {name: -MOST_COUNTED if name == BITS else 0 for name in counters}
    return all(isinstance(value, int) and least[name] <= value < MOST_COUNTED for name, value in counters.items())


def _info(name: str) -> zipfile.ZipInfo:
    return zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))


def _counted(total: int, progress: Progress | None) -> tensors.Report:
    """What tells ``progress`` of pieces, added up."""
    done = 0

    def report(moved: int) -> None:
        nonlocal done
        done += moved
        if progress is not None:
            progress(min(done, total), total)

    return report


def _bytes(path: Path) -> bytes:
    regular(path)
    try:
        if path.stat().st_size > MAX_MEMBER_BYTES:
            raise FileError("it is too large to be a document.", where=str(path))
        return path.read_bytes()
    except OSError as error:
        raise FileError(say("cannot read it: {strerror}.", strerror=error.strerror), where=str(path), remedy="Check the path.") from error


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    regular(path)
    try:
        archive = zipfile.ZipFile(path)
    except OSError as error:
        raise FileError(say("cannot read it: {strerror}.", strerror=error.strerror), where=str(path), remedy="Check the path.") from error
    except DAMAGED as error:
        raise FileError("it is not a project file, or it is damaged.", where=str(path), remedy=UNTOUCHED) from error
    with archive:
        yield archive


def _document(archive: zipfile.ZipFile, path: Path) -> Document:
    if DOCUMENT not in archive.namelist():
        raise FileError(say("it holds no {document}, so it is no project.", document=DOCUMENT), where=str(path), remedy=UNTOUCHED)
    return decode(_member(archive, DOCUMENT, path, MAX_DOCUMENT_BYTES), str(path))


def _member(archive: zipfile.ZipFile, name: str, path: Path, limit: int = MAX_MEMBER_BYTES) -> bytes:
    """One member, at most ``limit`` bytes unpacked: a small zip cannot fill the memory."""
    try:
        with archive.open(name) as member:
            content = member.read(limit + 1)
    except DAMAGED as error:
        raise FileError(say("its part {name} is damaged: {error}.", name=name, error=error), where=str(path), remedy=UNTOUCHED) from error
    if len(content) > limit:
        raise FileError(
            say("its part {name} unpacks to more than {limit:,} bytes.", name=name, limit=limit), where=str(path), remedy=UNTOUCHED
        )
    return content


def _arrays(archive: zipfile.ZipFile, name: str, path: Path, report: tensors.Report) -> dict[str, np.ndarray]:
    if name not in archive.namelist():
        return {}
    size = archive.getinfo(name).file_size
    if size > MAX_MEMBER_BYTES:
        raise FileError(
            say("its part {name} unpacks to more than {max_member_bytes:,} bytes.", name=name, max_member_bytes=MAX_MEMBER_BYTES),
            where=str(path),
            remedy=UNTOUCHED,
        )
    try:
        with archive.open(name) as member:
            return tensors.read(cast(BinaryIO, member), size, report)[0]
    except (tensors.TensorError, *DAMAGED) as error:
        raise FileError(say("its part {name} is damaged: {error}.", name=name, error=error), where=str(path), remedy=UNTOUCHED) from error


def _step(name: str, path: Path) -> int:
    stem = name.removeprefix(CHECKPOINTS).removesuffix(".safetensors")
    if not stem.isdecimal():
        raise FileError(say("its part {name} is no checkpoint.", name=name), where=str(path), remedy=UNTOUCHED)
    return int(stem)


def _thinned(checkpoints: Mapping[int, Arrays]) -> dict[int, Arrays]:
    """Checkpoints that fit the bound together: while they do not, every second is dropped, counted back from the last."""
    kept = sorted(checkpoints)
    while kept and sum(array.nbytes for step in kept for array in checkpoints[step].values()) > MAX_CHECKPOINT_BYTES:
        kept = kept[::-1][::2][::-1] if len(kept) > 1 else []
    return {step: checkpoints[step] for step in kept}


def _plain(value: object) -> object:
    """History may hold numpy's arrays and numbers, and sentences; in the file they are plain lists, numbers and English."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Sentence):
        return value.english
    raise TypeError(f"history holds a {type(value).__name__}")
