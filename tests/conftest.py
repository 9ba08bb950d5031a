"""For all tests: no screen, a state folder of their own, no thread left behind, and on request no Qt at all."""

from __future__ import annotations

import importlib.abc
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator

import pytest

QT = ("PySide6", "shiboken6")
PATIENCE = 5.0

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["PLAYGROUND_STATE"] = tempfile.mkdtemp(prefix="playground-state-")


class WithoutQt(importlib.abc.MetaPathFinder):
    """Makes Qt look not installed, so that the core shows that it does without."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name.split(".")[0] in QT:
            raise ModuleNotFoundError(f"No module named {name!r} (blocked for this run)", name=name)


if os.environ.get("PLAYGROUND_WITHOUT_QT"):
    sys.meta_path.insert(0, WithoutQt())


@pytest.fixture(autouse=True)
def no_thread_left() -> Iterator[None]:
    """Fail a test that leaves a Python thread running, and name it."""
    before = set(threading.enumerate())
    yield
    end = time.monotonic() + PATIENCE
    while left := [thread for thread in threading.enumerate() if thread not in before and thread.is_alive()]:
        if time.monotonic() > end:
            pytest.fail(f"threads left running: {', '.join(thread.name for thread in left)}")
        time.sleep(0.01)
