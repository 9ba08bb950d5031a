"""Where things lie on disk: shipped resources, the user's data, caches. Every folder can be moved by an environment variable."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

from playground.errors import FileError

APP = "network-playground"
ROOT = Path(__file__).resolve().parent.parent
RESOURCES = ROOT / "resources"


def cache_folder() -> Path:
    """Compiled kernels and fetched data; safe to delete. ``PLAYGROUND_CACHE`` moves it."""
    return _made("PLAYGROUND_CACHE", platformdirs.user_cache_dir(APP, appauthor=False))


def state_folder() -> Path:
    """Autosaves, recent files and the window's layout. ``PLAYGROUND_STATE`` moves it."""
    return _made("PLAYGROUND_STATE", platformdirs.user_state_dir(APP, appauthor=False))


def _made(variable: str, usual: str) -> Path:
    """The folder that ``variable`` names, else the ``usual`` one. Raises :class:`FileError` where it can neither be found nor made."""
    folder = Path(os.environ.get(variable) or usual)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(
            f"the folder cannot be made: {error.strerror}.", where=str(folder), remedy=f"Let {variable} name one that you may write to."
        ) from error
    return folder
