"""A canvas on a workbench without a worker, at a fixed size and with motion reduced, so that nothing is still moving when it is asked."""

from __future__ import annotations

import gc
import itertools
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from playground import document as documents
from playground.ui import aside, theme
from tests.patience import patient
from tests.ui.canvas_support import NotingSession

if TYPE_CHECKING:
    from playground.engine.live.snapshot import Snapshot
    from playground.ui.canvas.view import CanvasView
    from playground.ui.panels.explain import Explain


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks the tests of files that open whole windows: ``playground.suite`` runs no two of them at a time."""
    for item in items:
        if hasattr(getattr(item, "module", None), "running_window"):
            item.add_marker(pytest.mark.window)


class PatientBot(QtBot):
    """pytest-qt's, which waits longer where the machine is busy."""

    def waitUntil(self, callback: Callable[[], bool | None], *, timeout: int = 5000) -> None:
        super().waitUntil(callback, timeout=int(1000 * patient(timeout / 1000)))


@pytest.fixture
def qtbot(qapp: QApplication, request: pytest.FixtureRequest) -> QtBot:
    return PatientBot(request)


TESTS_A_COLLECTION = 20
"""A full collection takes as long as a test."""


@pytest.fixture(autouse=True, scope="session")
def on_this_thread() -> Iterator[Iterator[int]]:
    """Garbage is collected between tests, on the thread of Qt: as the program does (``ui.smooth.Collector``)."""
    gc.disable()
    yield itertools.count(1)
    gc.enable()


@pytest.fixture(autouse=True)
def collected(on_this_thread: Iterator[int]) -> Iterator[None]:
    yield
    gc.collect(1 if next(on_this_thread) % TESTS_A_COLLECTION else 2)


@pytest.fixture(autouse=True)
def nothing_aside() -> Iterator[None]:
    """What a test asked for aside is done or dropped when it ends, and the threads of it are gone."""
    yield
    aside.close()


@pytest.fixture(autouse=True)
def undressed(qapp: QApplication) -> Iterator[None]:
    """A window dresses the whole application; the next test finds it as it was, and no widget of this one: whatever is left would be
    dressed with every window to come."""
    style, palette, font, sheet = qapp.style().name(), qapp.palette(), qapp.font(), qapp.styleSheet()
    yield
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    if qapp.styleSheet() != sheet:
        qapp.setStyleSheet(sheet)
        qapp.setStyle(style)
        qapp.setPalette(palette)
        qapp.setFont(font)


@pytest.fixture
def open_canvas(qtbot) -> Callable[..., CanvasView]:
    """``open_canvas("spiral")``: a shown canvas with that example; without a name, an empty one."""
    from playground.ui.canvas.view import CanvasView
    from playground.ui.in_turn import queue
    from playground.ui.workbench import Workbench

    def opened(name: str = "", size: tuple[int, int] = (1060, 628)) -> CanvasView:
        workbench = Workbench(NotingSession())
        workbench.set_reduced_motion(True)
        view = CanvasView(workbench, theme.DARK)
        qtbot.addWidget(view)
        workbench.setParent(view)
        view.resize(*size)
        view.show()
        qtbot.waitExposed(view)
        if name:
            workbench.replace(documents.example(name))
        qtbot.waitUntil(lambda: not queue().busy)  # or its viewport would still be held
        return view

    return opened


@pytest.fixture
def explain_beside(qtbot) -> Iterator[Callable[[CanvasView, Snapshot], Explain]]:
    """``explain_beside(view, snapshot)``: the canvas shows the snapshot and the panel beside it explains, in the pace for that."""
    from playground.ui.panels.explain import Explain

    panels: list[Explain] = []

    def opened(view: CanvasView, made: Snapshot) -> Explain:
        view.workbench.snapshot = made
        view.scene_.feed(made)
        panel = Explain(view.workbench, theme.DARK)
        panels.append(panel)
        qtbot.addWidget(panel)
        panel.resize(340, 520)
        panel.show()
        view.player.moved.connect(panel.follow_pass)
        view.workbench.set_pace("explain")
        return panel

    yield opened
    for panel in panels:
        panel.close_jobs()
