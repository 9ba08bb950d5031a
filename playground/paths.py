"""Where things lie on disk: shipped resources, the user's data, caches. Every folder can be moved by an environment variable."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

APP = "network-playground"
ROOT = Path(__file__).resolve().parent.parent
RESOURCES = ROOT / "resources"


def cache_folder() -> Path:
    """Compiled kernels and fetched data; safe to delete. ``PLAYGROUND_CACHE`` moves it."""
    return _made(os.environ.get("PLAYGROUND_CACHE") or platformdirs.user_cache_dir(APP, appauthor=False))


def state_folder() -> Path:
    """Autosaves, recent files and the window's layout. ``PLAYGROUND_STATE`` moves it."""
    return _made(os.environ.get("PLAYGROUND_STATE") or platformdirs.user_state_dir(APP, appauthor=False))


def _made(path: str) -> Path:
    folder = Path(path)
    folder.mkdir(parents=True, exist_ok=True)
    return folder
