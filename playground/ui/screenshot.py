"""A picture of the real window, trained for some steps by the real session; works without a screen."""

from __future__ import annotations

import logging
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from playground.document import Document, Project
from playground.engine.live import commands
from playground.errors import EngineError, FileError
from playground.layers import registry

if TYPE_CHECKING:
    from playground.ui.canvas.view import CanvasView
    from playground.ui.window import Window
    from playground.ui.workbench import Workbench

PATIENCE_SECONDS = 300.0
SETTLE_SECONDS = 0.6
LAYOUT_SECONDS = 0.1
TURN_SECONDS = 0.005
PIECES = 80
STUCK = ("failed", "diverged", "unready", "empty")


def main(
    source: Project | Document,
    out: str | os.PathLike[str],
    steps: int | None = None,
    at: str | None = None,
    size: tuple[int, int] = (1600, 1000),
    theme: str | None = None,
    language: str | None = None,
    fork: int | None = None,
    change: Callable[[Document], Document] | None = None,
    unroll: str | None = None,
) -> int:
    """Save the window as PNG at ``out``; return the exit code: 0, or 1 where something in it could not be drawn (it is said on
    standard error, and the picture is there to look at).

    ``steps`` are trained first. ``at`` names a stage of a pass (``"backward:dense2:3"``), which is then shown. ``theme`` is
    ``"dark"`` (without one) or ``"light"``. ``fork``: then a branch from the moment kept nearest to that step, its document changed by
    ``change``, trains as far. ``unroll`` is a recurrent node, shown step by step. Raises :class:`~playground.errors.FileError` where
    ``out`` cannot be written and :class:`~playground.errors.EngineError` where the network cannot be trained, or that node unrolled.
    """
    from PySide6.QtCore import qInstallMessageHandler

    kept = {name: os.environ.get(name) for name in ("QT_QPA_PLATFORM", "PLAYGROUND_STATE")}
    with tempfile.TemporaryDirectory(prefix="playground-") as state:
        # no screen needed, and the user's own layout and recent files have no part in it
        os.environ.update(QT_QPA_PLATFORM="offscreen", PLAYGROUND_STATE=state)
        before = qInstallMessageHandler(_tell)
        try:
            project = source if isinstance(source, Project) else Project(source)
            return _take(project, Path(out), steps or 0, at, size, theme or "dark", language, fork, change, unroll)
        finally:
            qInstallMessageHandler(before)
            for name, value in kept.items():
                os.environ.pop(name, None) if value is None else os.environ.update({name: value})


def _tell(_kind: object, _context: object, message: str) -> None:
    """Qt's messages go where they always go, all but one: that a screen which is none has no hints about sizes."""
    if "propagateSizeHints" not in message:
        print(message, file=sys.stderr)


def _take(
    project: Project,
    out: Path,
    steps: int,
    at: str | None,
    size: tuple[int, int],
    theme: str,
    language: str | None,
    fork: int | None,
    change: Callable[[Document], Document] | None,
    unroll: str | None,
) -> int:
    from PySide6.QtGui import QCursor

    from playground.engine.live.session import Session
    from playground.engine.pacing import steadily
    from playground.ui import app as program
    from playground.ui.in_turn import queue
    from playground.ui.languages import install
    from playground.ui.settings import Settings
    from playground.ui.window import Window
    from playground.ui.workbench import Workbench

    app = program.application()
    install(app, language or "en")
    with steadily(), Session() as session, _Faults() as faults:
        workbench = Workbench(session)
        window = Window(workbench, Settings(), theme)
        window.resize(*size)
        QCursor.setPos(window.mapToGlobal(window.rect().bottomRight()))  # nothing is hovered, from the first moment on
        window.show()
        window.projects.show(project)

        def spin(until: Callable[[], bool], seconds: float) -> bool:
            end = time.monotonic() + seconds
            while not until() and time.monotonic() < end:
                app.processEvents()
                time.sleep(TURN_SECONDS)
            return until()

        try:
            spin(lambda: workbench.snapshot.phase not in ("empty", "preparing"), PATIENCE_SECONDS)
            if at and fork is None:  # what the pass has yet to come to shows the pass before: that of the step before
                _train(workbench, steps - 1, spin)
                spin(_quiet(workbench), PATIENCE_SECONDS)
            if at:
                workbench.set_pace("explain")
            if steps or at:
                _train(workbench, max(steps, 1) - workbench.snapshot.step, spin)
            if fork is not None:
                _fork(window, fork, change, spin)
                _train(workbench, steps - workbench.snapshot.step, spin)
            spin(_quiet(workbench), PATIENCE_SECONDS)
            if unroll is not None:
                if not window.canvas.overlays.unrolled.open(unroll):
                    cells = {cell.name for cell in registry.cells()}
                    there = [id for id, node in project.document.nodes.items() if node.type in cells]
                    remedy = f"Take one of {', '.join(there)}." if there else "This network has none."
                    raise EngineError("no recurrent layer is called so.", where=unroll, remedy=remedy)
                spin(lambda: False, SETTLE_SECONDS)
                spin(_quiet(workbench), PATIENCE_SECONDS)
            _put_last(window.canvas, workbench, spin)
            if at:
                window.canvas.player.hold(at)
                spin(lambda: False, SETTLE_SECONDS)
            spin(lambda: not window.explain.typesetting, PATIENCE_SECONDS)
            spin(lambda: False, LAYOUT_SECONDS)
            spin(lambda: not queue().busy and not window.canvas.scene_.darkroom.busy, PATIENCE_SECONDS)  # what is held is in no picture
            if not window.grab().save(str(out), "PNG"):
                raise FileError("the picture cannot be written.", where=str(out), remedy="Choose another folder.")
        finally:
            window.close_at_once()
            window.deleteLater()
            workbench.deleteLater()
    for words in faults.words:
        print(f"{out}: {words}", file=sys.stderr)
    if faults.words:
        print(f"{out}: the picture is not as it should be; please report the lines above.", file=sys.stderr)
    else:
        print(f"wrote {out}")
    return 1 if faults.words else 0


class _Faults(logging.Handler):
    """Collects, within its block, what the window logs as an error (a painter that failed) and what nothing caught."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.words: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        self._note(record.getMessage(), error)

    def _note(self, what: str, error: BaseException | None) -> None:
        words = f"{what}: {type(error).__name__}: {error}" if error is not None else what
        if words not in self.words:
            self.words.append(words)

    def _uncaught(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        self._note("an error that nothing caught", error)
        self._hook(kind, error, trace)

    def __enter__(self) -> _Faults:
        self._hook, sys.excepthook = sys.excepthook, self._uncaught
        logging.getLogger("playground").addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        sys.excepthook = self._hook
        logging.getLogger("playground").removeHandler(self)


def _quiet(workbench: Workbench) -> Callable[[], bool]:
    """Whether no snapshot has come for a while: one that came after the last pass was put away would begin to play it."""
    last, since = workbench.snapshot.serial, time.monotonic()

    def quiet() -> bool:
        nonlocal last, since
        if workbench.snapshot.serial != last:
            last, since = workbench.snapshot.serial, time.monotonic()
        return time.monotonic() - since > SETTLE_SECONDS

    return quiet


def _put_last(canvas: CanvasView, workbench: Workbench, spin: Callable[[Callable[[], bool], float], bool]) -> None:
    """Let the canvas show the last step: a pass that began before it may still be moving there, and given up, make room for the next."""
    canvas.player.stop()
    if spin(lambda: canvas.player.active, SETTLE_SECONDS):
        canvas.player.stop()
    canvas.scene_.feed(workbench.snapshot)


def _fork(
    window: Window, step: int, change: Callable[[Document], Document] | None, spin: Callable[[Callable[[], bool], float], bool]
) -> None:
    """A branch from the moment kept nearest to ``step``, as the user makes one."""
    bench, branching = window.workbench, window.timeline.branching
    before = bench.snapshot.run
    branching.show(before, step)
    if not spin(lambda: bench.snapshot.moment is not None, PATIENCE_SECONDS):
        raise EngineError("no moment is kept that a branch could start from.", where="screenshot", remedy="Train some steps first.")
    branching.fork()
    spin(lambda: bench.snapshot.run != before and bench.snapshot.moment is None, PATIENCE_SECONDS)
    if change is not None:
        bench.edit("change", change(bench.document))


def _train(workbench: Workbench, steps: int, spin: Callable[[Callable[[], bool], float], bool]) -> None:
    """Exactly ``steps`` steps, in pieces: between two of them the worker evaluates, so that the curves have their points."""
    target = workbench.snapshot.step + steps
    while (here := workbench.snapshot.step) < target:
        wanted = min(here + max(1, steps // PIECES), target)
        workbench.session.send(commands.Step("batch", wanted - here))

        def ended(here: int = here, wanted: int = wanted) -> bool:
            step, phase = workbench.snapshot.step, workbench.snapshot.phase
            return step >= wanted or (phase == "finished" and step > here) or phase in STUCK

        spin(ended, PATIENCE_SECONDS)
        if workbench.snapshot.step < wanted and workbench.snapshot.phase != "finished":  # that one goes on at the next step, as by hand
            raise EngineError(workbench.snapshot.message or "the network could not be trained.", where="screenshot")
