"""UI-thread time a canvas frame, for the examples that must stay fluid. Run it: ``python -m tests.benchmarks.canvas_frames``.

Three loads: *fast*, pictures replaced ten times a second of 60 frames, *pass*, a pass playing at each frame, and two of them side by
side, as where moments are compared. Then a crowd of 60 and
of 200 Dense layers of 8 units: pictures replaced while training, zooming, panning, dragging one card and all of them. A frame is all
that one turn of the event loop does. CPU time of the thread, so that other work on the machine does not count.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from playground.document import Document
    from playground.engine.live.snapshot import Snapshot
    from playground.ui.canvas.view import CanvasView

SIZE = (1060, 628)
FRAMES = 240
EVERY = 6
SNAPSHOTS = 12
TURN_SECONDS = 0.016
MOVES = 24
CROWDS = (60, 200)


def opened(document: Document) -> tuple[CanvasView, list[Snapshot]]:
    """A canvas that shows ``document``, and snapshots to feed it with."""
    from playground.ui import theme
    from playground.ui.canvas.view import CanvasView
    from playground.ui.workbench import Workbench
    from tests.ui.canvas_support import NotingSession, snapshot

    workbench = Workbench(NotingSession())
    workbench.set_reduced_motion(True)  # each move of the camera below is one frame
    view = CanvasView(workbench, theme.DARK)
    view.resize(*SIZE)
    view.show()
    workbench.replace(document)
    shots = [snapshot(document, seed=seed, serial=seed + 1, phase="training") for seed in range(SNAPSHOTS)]
    workbench.snapshot = shots[0]
    view.feed()
    settle(view)
    return view, shots


def settle(view: CanvasView) -> None:
    """Let the event loop turn until every picture is drawn."""
    end = time.monotonic() + 0.3
    while view.scene_.darkroom.busy or time.monotonic() < end:
        turn()
        time.sleep(TURN_SECONDS)


def turn() -> float:
    """Milliseconds of one turn of the event loop."""
    from PySide6.QtWidgets import QApplication

    start = time.thread_time()
    QApplication.processEvents()
    return (time.thread_time() - start) * 1000


def told(name: str, times: list[float]) -> None:
    print(f"{name:26} median {np.median(times):5.2f}  p95 {np.percentile(times, 95):5.2f}  largest {np.max(times):5.2f} ms")


def example(name: str, load: str) -> list[float]:
    """Milliseconds of each of :data:`FRAMES` frames of an example."""
    from playground import document as documents
    from playground.anim.clock import PassClock
    from playground.anim.stages import stages

    view, shots = opened(documents.example(name))
    clock = PassClock(stages(view.workbench.document), "watch")
    times = []
    for frame in range(FRAMES):
        start = time.thread_time()
        if load == "pass":
            view.player._snapshot = shots[0]
            view.player._show(clock.cursor(frame / 60 % clock.duration))
        elif frame % EVERY == 0:
            view.workbench.snapshot = shots[frame // EVERY % len(shots)]
            view.feed()
        view.viewport().repaint()
        times.append((time.thread_time() - start) * 1000)
        turn()
    view.close()
    return times


def trained(view: CanvasView, shots: list[Snapshot]) -> list[float]:
    """Frames while the worker publishes: a new snapshot at each turn, shown when the canvas is ready for it."""
    times = []
    for frame in range(FRAMES):
        start = time.thread_time()
        view.workbench.snapshot = shots[frame % len(shots)]
        view._show_snapshot(view.workbench.snapshot)
        times.append((time.thread_time() - start) * 1000 + turn())
        time.sleep(TURN_SECONDS)
    return times


def passed(view: CanvasView, shots: list[Snapshot]) -> list[float]:
    """Frames of one pass at the pace *watch*."""
    from playground.anim.clock import PassClock
    from playground.anim.stages import stages

    clock = PassClock(stages(view.workbench.document), "watch")
    view.player._snapshot = shots[0]
    times = []
    for frame in range(FRAMES):
        start = time.thread_time()
        view.player._show(clock.cursor(frame / FRAMES * clock.duration))
        times.append((time.thread_time() - start) * 1000 + turn())
        time.sleep(TURN_SECONDS)
    view.player._show(None)
    settle(view)
    return times


def beside(name: str) -> list[float]:
    """Frames of one pass on two canvases, at the pace *watch*: two moments are compared."""
    from playground import document as documents
    from playground.engine.live.snapshot import Beside, Moment
    from playground.ui.compare.side import SideView

    view, shots = opened(documents.example(name))
    side, there = SideView(view.workbench, view.theme, view), shots[1]
    side.resize(*SIZE)
    side.show()
    moment = Moment(1, 0, 0, None, None, None, None, 0.1, False, view.workbench.document)
    side.show_beside(Beside("Run 1", moment, there.trace, there.parameters, there.plane, None))
    view.player.moved.connect(side.set_cursor)
    settle(view)
    times = passed(view, shots)
    side.close()
    view.close()
    return times


def moved(view: CanvasView, step: Callable[[int], object]) -> list[float]:
    times = []
    for at in range(MOVES):
        start = time.thread_time()
        step(at)
        times.append((time.thread_time() - start) * 1000 + turn())
        time.sleep(TURN_SECONDS)
    settle(view)
    return times


def crowd(nodes: int) -> Iterator[tuple[str, list[float]]]:
    """What is done to a canvas of many cards, and the milliseconds of its frames."""
    from PySide6.QtCore import QPointF

    from playground.ui.canvas.gestures import Move
    from tests.ui.canvas_support import crowd as document

    view, shots = opened(document(nodes, 12 if nodes <= 100 else 20))
    yield "training", trained(view, shots)
    yield "pass", passed(view, shots)
    center, zoom = view.camera.center, view.camera.zoom
    yield "zoom", moved(view, lambda at: view.camera.look(center, zoom * 1.06**at))
    yield "pan", moved(view, lambda at: view.camera.pan(QPointF(17, 11)))
    view.fit_all(animated=False)
    settle(view)
    for name, chosen in (("drag one", ("dense9",)), ("drag all", tuple(view.workbench.document.nodes))):
        view.workbench.select(chosen)
        card = view.scene_.cards["dense9"]
        start = card.scene_card().center()
        seen = QPointF(view.mapFromScene(start))
        move = Move(view, card, start, seen, False)
        yield (
            name,
            moved(view, lambda at, move=move, start=start, seen=seen: move.move(start + QPointF(16 + 8 * at, 8), seen + QPointF(20, 9))),
        )
        yield f"{name}: let go", moved(view, lambda at, move=move, start=start, seen=seen: at or move.release(start, seen))
        yield f"{name}: undo", moved(view, lambda at: at or view.workbench.undo_stack.undo())
    view.close()


def main() -> int:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    app = QApplication.instance() or QApplication(sys.argv)
    for name in ("spiral", "mnist-mlp"):
        for load in ("fast", "pass"):
            told(f"{name}, {load}", example(name, load))
        told(f"{name}, two passes", beside(name))
    for nodes in CROWDS:
        for name, times in crowd(nodes):
            told(f"{nodes} nodes, {name}", times)
    app.processEvents()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
