"""safetensors: one array a parameter under its key, and the document's JSON in the metadata's ``document``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

import msgspec
import numpy as np

from playground.document import Document, tensors
from playground.document.codec import decode as decode_document
from playground.export.formats import Arrays, loose, unreadable
from playground.sentences import say

METADATA = "document"


def write(target: BinaryIO, parameters: Arrays, document: Document | None, report: tensors.Report) -> None:
    """Write the file. The same parameters and document give the same bytes."""
    metadata = None if document is None else {METADATA: msgspec.json.encode(document).decode()}
    tensors.write(target, loose(parameters), report, metadata)


def decode(source: BinaryIO, path: Path) -> dict[str, np.ndarray]:
    """All arrays. Raise :class:`~playground.errors.FileError` on a damaged file."""
    return _parts(source, path)[0]


def document(source: BinaryIO, path: Path) -> Document | None:
    """The document the file was made from, if it says. Raise :class:`~playground.errors.FileError` where that is damaged."""
    text = _parts(source, path)[1].get(METADATA)
    return None if text is None else decode_document(text.encode(), f"{path}, metadata")


def _parts(source: BinaryIO, path: Path) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    try:
        return tensors.read(source, os.fstat(source.fileno()).st_size, lambda _: None)
    except tensors.TensorError as error:
        raise unreadable(path, say("a sound safetensors file"), str(error)) from error
