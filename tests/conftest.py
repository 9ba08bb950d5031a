"""For all tests: no screen, a state folder of their own, no thread left behind, and on request no Qt at all."""

from __future__ import annotations

import importlib.abc
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from xdist.scheduler import LoadScopeScheduling

QT = ("PySide6", "shiboken6")
PATIENCE = 5.0
WINDOWS = ("tests/ui/", "tests/gui/")

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # windows are started two dozen times: compiled once, each is there half a second sooner
os.environ["PLAYGROUND_STATE"] = tempfile.mkdtemp(prefix="playground-state-")
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


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadScopeScheduling | None:
    """Two at a time: the windows' tests one after another on one worker, the others file by file on the other. Windows share the
    cores badly with each other, and two of them at a time would measure each other's stalls."""
    if config.getoption("dist") != "loadscope":
        return None
    from xdist.scheduler import LoadScopeScheduling

    class WindowsTogether(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return "windows" if nodeid.startswith(WINDOWS) else nodeid.partition("::")[0]

    return WindowsTogether(config, log)


crashed: list[str] = []


@pytest.hookimpl(optionalhook=True)
def pytest_handlecrashitem(crashitem: str) -> None:
    crashed.append(crashitem)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A process that ended in the middle of a test is no failure to be tried again: the run has failed."""
    if crashed:
        session.exitstatus = pytest.ExitCode.INTERNAL_ERROR


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
