"""NumPy's ``.npz``: one array a parameter under its key (``dense1/weight``), nothing else."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import BinaryIO

import numpy as np

from playground.document import Document
from playground.document.tensors import Report, pieces_of
from playground.errors import FileError
from playground.export.formats import Arrays, loose, unreadable
from playground.sentences import say


def write(target: BinaryIO, parameters: Arrays, document: Document | None, report: Report) -> None:
    """Write the file; the format has no place for the document. The same parameters give the same bytes."""
    with zipfile.ZipFile(target, "w") as archive:
        for name, array in loose(parameters).items():
            with archive.open(zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0)), "w", force_zip64=True) as member:
                description = {"descr": np.lib.format.dtype_to_descr(array.dtype), "fortran_order": False, "shape": array.shape}
                np.lib.format.write_array_header_1_0(member, description)
                for piece in pieces_of(array):
                    member.write(piece)
                    report(len(piece))


def decode(source: BinaryIO, path: Path) -> dict[str, np.ndarray]:
    """All arrays; objects (pickles) are refused. Raise :class:`~playground.errors.FileError` on a damaged file."""
    if not zipfile.is_zipfile(source):  # NumPy would take it for a pickle, and offer to trust it
        raise unreadable(path, say("an npz archive"), say("something else"))
    try:
        source.seek(0)
        archive = np.load(source, allow_pickle=False)
        if not isinstance(archive, np.lib.npyio.NpzFile):
            raise unreadable(path, say("an npz archive"), say("something else"))
        with archive:
            return {name: np.asarray(archive[name]) for name in archive.files}
    except FileError:
        raise
    except MemoryError as error:  # so much it says that it holds
        raise unreadable(path, say("an npz archive"), say("more than there is memory for")) from error
    except Exception as error:  # NumPy reads a head as Python: whatever that may raise, too
        raise unreadable(path, say("a sound npz archive"), str(error).rstrip(".")) from error


def document(source: BinaryIO, path: Path) -> Document | None:
    """Always ``None``."""
    return None
