"""What the tests of the whole window share: the real window on the real session, with a state folder of its own."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget

from playground import document as documents
from playground.engine.live.session import Session
from playground.ui.in_turn import queue
from playground.ui.settings import Settings
from playground.ui.smooth import make_smooth
from playground.ui.uimap import Heartbeat
from playground.ui.window import Window
from playground.ui.workbench import Workbench


@contextmanager
def running_window(qtbot, name: str = "", size: tuple[int, int] = (1600, 1000), theme: str = "dark") -> Iterator[Window]:
    """A shown window with an example; closed, its threads ended, when the block ends."""
    with Session() as session:
        workbench = Workbench(session)
        window = Window(workbench, Settings(), theme)
        window.resize(*size)
        window.show()
        qtbot.waitExposed(window)
        if name:
            window.projects.show(documents.Project(documents.example(name)))
            qtbot.waitUntil(lambda: workbench.snapshot.phase in ("ready", "paused"), timeout=60_000)
            qtbot.waitUntil(lambda: not queue().busy)
        try:
            yield window
        finally:
            window.close_at_once()
            window.deleteLater()
            workbench.deleteLater()  # its connections hold the window, and all of its arrays, where no collector sees them


@contextmanager
def smooth(window: Window) -> Iterator[None]:
    """The interpreter set up as the program sets it up for its window; as before when the block ends."""
    interval, collecting = sys.getswitchinterval(), gc.isenabled()
    make_smooth(window.workbench)
    try:
        yield
    finally:
        sys.setswitchinterval(interval)
        if collecting:
            gc.enable()
        gc.unfreeze()


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The state folder, empty and the test's own."""
    monkeypatch.setenv("PLAYGROUND_STATE", str(tmp_path / "state"))
    return tmp_path / "state"


class Stalls:
    """Measures the longest gap between two turns of the event loop, less what other programs took (``ui.uimap.Heartbeat``)."""

    def __init__(self, qtbot) -> None:
        host = QWidget()
        qtbot.addWidget(host)  # a failed test's traceback would keep the timer until some thread deletes it: a crash
        self._qtbot = qtbot
        self._heartbeat = Heartbeat(host)

    def over(self, act: Callable[[], object], until: Callable[[], bool], timeout: int = 60_000) -> float:
        """Seconds of the longest stall while ``act`` runs and until ``until`` holds."""
        self._qtbot.wait(50)
        self._heartbeat.begin()
        act()
        self._qtbot.waitUntil(until, timeout=timeout)
        self._qtbot.wait(20)
        return self._heartbeat.stall / 1000

    @property
    def longest(self) -> float:
        """Seconds of the longest stall since the last :meth:`over` began."""
        return self._heartbeat.stall / 1000
