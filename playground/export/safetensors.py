"""safetensors: one array a parameter under its key, and the document's JSON in the metadata's ``document``."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import numpy as np
from safetensors import SafetensorError
from safetensors import numpy as tensors

from playground.document import Document
from playground.document.codec import decode as decode_document
from playground.export.formats import Arrays, loose, unreadable

METADATA = "document"
"""The only key: the library writes several in no fixed order, and the same run shall give the same bytes."""


def encode(parameters: Arrays, document: Document | None) -> bytes:
    """The file's bytes."""
    metadata = None if document is None else {METADATA: msgspec.json.encode(document).decode()}
    return bytes(tensors.save(loose(parameters), metadata))


def decode(content: bytes, path: Path) -> dict[str, np.ndarray]:
    """All arrays. Raise :class:`~playground.errors.FileError` on a damaged file."""
    try:
        return dict(tensors.load(content))
    except (SafetensorError, ValueError, KeyError) as error:
        raise unreadable(path, "a sound safetensors file", str(error)) from error


def document(content: bytes, path: Path) -> Document | None:
    """The document the file was made from, if it says. Raise :class:`~playground.errors.FileError` where that is damaged.

    The head is a little-endian 64-bit length and so many bytes of JSON (https://github.com/huggingface/safetensors, "Format").
    """
    decode(content, path)  # the library checks the head's length and structure
    head = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    text = head.get("__metadata__", {}).get(METADATA)
    return None if text is None else decode_document(text.encode(), f"{path}, metadata")
