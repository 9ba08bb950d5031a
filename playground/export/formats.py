"""What the formats share."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

import numpy as np

from playground.errors import FileError
from playground.sentences import say

Arrays: TypeAlias = Mapping[str, np.ndarray]


def loose(parameters: Arrays) -> dict[str, np.ndarray]:
    """The arrays by name, sorted, C-contiguous, as libraries want them."""
    return {name: np.ascontiguousarray(parameters[name]) for name in sorted(parameters)}


def unreadable(path: Path, expected: str, got: str) -> FileError:
    """The error of a file that is not what its ending says."""
    return FileError(say("expected {expected}, got: {got}.", expected=expected, got=got), where=str(path), remedy="Export it again.")
