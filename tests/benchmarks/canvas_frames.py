"""UI-thread time a canvas frame, for the examples that must stay fluid. Run it: ``python -m tests.benchmarks.canvas_frames``.

Two loads: *fast*, pictures replaced ten times a second of 60 frames, and *pass*, a pass playing at each frame. CPU time of the
thread, so that other work on the machine does not count.
"""

from __future__ import annotations

import os
import sys
import time

import numpy as np

SIZE = (1060, 628)
FRAMES = 240
EVERY = 6


def measure(name: str, load: str) -> tuple[float, float, float]:
    """Median, 95th percentile and largest milliseconds of a frame."""
    from PySide6.QtWidgets import QApplication

    from playground import document as documents
    from playground.anim.clock import PassClock
    from playground.anim.stages import stages
    from playground.ui import theme
    from playground.ui.canvas.view import CanvasView
    from playground.ui.workbench import Workbench
    from tests.ui.canvas_support import NotingSession, snapshot

    workbench = Workbench(NotingSession())
    view = CanvasView(workbench, theme.DARK)
    view.resize(*SIZE)
    view.show()
    workbench.replace(documents.example(name))
    shots = [snapshot(workbench.document, seed=seed, serial=seed + 1) for seed in range(12)]
    clock = PassClock(stages(workbench.document), "watch")
    workbench.snapshot = shots[0]
    view._feed()
    QApplication.processEvents()
    times = []
    for frame in range(FRAMES):
        start = time.thread_time()
        if load == "pass":
            view.player._snapshot = shots[0]
            view.player._show(clock.cursor(frame / 60 % clock.duration))
        elif frame % EVERY == 0:
            workbench.snapshot = shots[frame // EVERY % len(shots)]
            view._feed()
        view.viewport().repaint()
        times.append((time.thread_time() - start) * 1000)
        QApplication.processEvents()
    view.close()
    return float(np.median(times)), float(np.percentile(times, 95)), float(np.max(times))


def main() -> int:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    app = QApplication.instance() or QApplication(sys.argv)
    for name in ("spiral", "mnist-mlp"):
        for load in ("fast", "pass"):
            print(f"{name:10} {load:5} median {{:5.2f}}  p95 {{:5.2f}}  largest {{:5.2f}} ms".format(*measure(name, load)))
    app.processEvents()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
