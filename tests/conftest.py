"""For all tests: no screen, a state folder of their own, no thread left behind, and on request no Qt at all."""

from __future__ import annotations

import atexit
import importlib
import importlib.abc
import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

QT = ("PySide6", "shiboken6")
PATIENCE = 5.0

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # windows are started two dozen times: compiled once, each is there half a second sooner
os.environ["PLAYGROUND_STATE"] = tempfile.mkdtemp(prefix="playground-state-")
atexit.register(shutil.rmtree, os.environ["PLAYGROUND_STATE"], ignore_errors=True)
# No clock decides what is true, and a folder shared by the examples of one test is meant.
CHECKS = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
settings.register_profile("playground", deadline=None, suppress_health_check=CHECKS)
settings.load_profile("playground")


class WithoutQt(importlib.abc.MetaPathFinder):
    """Makes Qt look not installed, so that the core shows that it does without."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name.split(".")[0] in QT:
            raise ModuleNotFoundError(f"No module named {name!r} (blocked for this run)", name=name)


if os.environ.get("PLAYGROUND_WITHOUT_QT"):
    sys.meta_path.insert(0, WithoutQt())


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Tell ``playground.suite`` that this process came to its end: one that was ended in the middle of a test has failed."""
    if os.environ.get("PLAYGROUND_TESTS_ENDED"):
        ended = Path(os.environ["PLAYGROUND_TESTS_ENDED"])
        ended.parent.mkdir(parents=True, exist_ok=True)
        ended.write_text(str(int(exitstatus)), encoding="utf-8")


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


@pytest.fixture
def damaged_example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The name of an example whose file is cut off; it stands in a copy of the folder that all examples are read from."""
    examples = importlib.import_module("playground.document.examples")  # by attribute it is the function of that name
    there, name = tmp_path / "examples", "or"
    shutil.copytree(examples.folder(), there)
    (there / f"{name}.json").write_bytes((there / f"{name}.json").read_bytes()[:300])
    monkeypatch.setattr(examples, "folder", lambda: there)
    remembered = (examples.example_names, examples._read, examples._all)
    for one in remembered:
        one.cache_clear()
    yield name
    for one in remembered:
        one.cache_clear()
