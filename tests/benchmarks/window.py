"""The whole window while it trains, beside the same training without one. Run it: ``python -m tests.benchmarks.window [example]``.
``--nodes 60`` trains a chain of so many Dense layers of 8 units instead of an example; ``--unrolled LSTM`` the "hello" detector on
sequences of 100 letters with 128 units of that cell, unrolled in time with its norms, the way back and a unit's numbers in sight.

Uses the screen there is, or none (``QT_QPA_PLATFORM=offscreen``). A frame is what the window's thread does from one tick of a
60 Hz clock to the next; with ``--full`` the whole canvas is painted anew in each, which the program itself never asks for.
The time of a frame is the thread's own (CPU), so that other work on the machine does not count; stalls are by the clock.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as main.py does

import numpy as np

from playground.document import Document, Project, edits, example, save
from playground.document.swapping import swap_cell

if TYPE_CHECKING:
    from playground.ui.window import Window

SECONDS = 8.0
FRAME_MILLISECONDS = 16
SIZE = (1600, 1000)
MAIN = Path(__file__).resolve().parents[2] / "main.py"


def headless(name: str) -> float:
    """Samples a second of three epochs of an example or a file by the command line, evaluations included."""
    command = [sys.executable, str(MAIN), "train", name, "--epochs", "3", "--seed", "0", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, "OMP_NUM_THREADS": "1"})
    return float(json.loads(done.stdout)["samples_per_second"])


def long_sequences(cell: str, steps: int = 100, units: int = 128) -> Document:
    """The "hello" detector over ``steps`` letters with ``units`` units of ``cell``."""
    made = edits.set_data(example("hello"), "hello", length=steps, samples=2000)
    node = next(id for id, one in made.nodes.items() if "truncate" in one.fields)
    made = edits.set_field(made, node, "units", units)
    return made if made.nodes[node].type == cell else swap_cell(made, node, cell)


def unroll(window: Window) -> None:
    """Open the recurrent node, all its steps in sight, and choose a unit."""
    bench, strip = window.workbench, window.canvas.overlays.unrolled
    node = next(id for id, one in bench.document.nodes.items() if "truncate" in one.fields)
    bench.select((node,), (node, 3))
    if not strip.open(node):
        raise RuntimeError(f"{node} does not unroll")
    strip.zoom(0.01)


def windowed(document: Document, full: bool, unrolled: bool = False) -> dict[str, float]:
    """Figures of :data:`SECONDS` of training in the window, after a second to settle."""
    from PySide6.QtCore import QEvent, QObject, Qt, QTimer

    from playground.engine.live.session import Session
    from playground.ui.app import application
    from playground.ui.settings import Settings
    from playground.ui.smooth import make_smooth
    from playground.ui.window import Window
    from playground.ui.workbench import Workbench

    app = application()
    session = Session()
    bench = Workbench(session)
    window = Window(bench, Settings(), "dark")
    window.resize(*SIZE)
    window.show()
    make_smooth(bench)

    paints, marks = [0], []
    gaps: list[float] = []
    frames: list[float] = []
    turned = [time.perf_counter(), time.thread_time()]

    class Painted(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            paints[0] += event.type() == QEvent.Type.Paint
            return False

    def tick() -> None:
        now, used = time.perf_counter(), time.thread_time()
        gaps.append(now - turned[0])
        frames.append(used - turned[1])
        turned[:] = now, used
        if full:
            watched.update()

    def begin() -> None:
        frames.clear(), gaps.clear()
        paints[0] = 0
        turned[:] = time.perf_counter(), time.thread_time()
        marks.append((time.perf_counter(), bench.snapshot.step))
        QTimer.singleShot(round(SECONDS * 1000), end)

    def end() -> None:
        marks.append((time.perf_counter(), bench.snapshot.step))
        clock.stop()
        app.exit(0)  # quit() would ask about unsaved changes

    def wait_ready() -> None:
        if bench.snapshot.phase == "ready":
            if unrolled:
                unroll(window)
            bench.train()
            QTimer.singleShot(1500, begin)
        else:
            QTimer.singleShot(50, wait_ready)

    watcher = Painted()
    watched = window.canvas.overlays.unrolled if unrolled else window.canvas.viewport()  # the strip lies over the canvas
    watched.installEventFilter(watcher)
    clock = QTimer(timerType=Qt.TimerType.PreciseTimer, interval=FRAME_MILLISECONDS)
    clock.timeout.connect(tick)
    clock.start()
    window.projects.show(Project(document))
    QTimer.singleShot(0, wait_ready)
    app.exec()
    window.close_at_once()
    session.close()
    (start, first), (stop, last) = marks
    seconds = stop - start
    times = 1000 * np.array(frames)
    return {
        "frames a second": len(frames) / seconds,
        "canvas paints a second": paints[0] / seconds,
        "median ms a frame": float(np.median(times)),
        "95 % ms a frame": float(np.percentile(times, 95)),
        "largest ms a frame": float(np.max(times)),
        "longest stall ms": 1000 * max(gaps) - FRAME_MILLISECONDS,
        "samples a second": (last - first) * bench.document.training.batch_size / seconds,
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.window")
    parser.add_argument("example", nargs="?", default="mnist-mlp")
    parser.add_argument("--full", action="store_true", help="paint the whole canvas in every frame")
    parser.add_argument("--nodes", type=int, default=0, help="train a chain of so many Dense layers instead")
    parser.add_argument("--unrolled", choices=("SimpleRNN", "GRU", "LSTM"), help="train 128 units of it over 100 steps instead, unrolled")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        name, document = options.example, example(options.example)
        if options.nodes:
            from tests.ui.canvas_support import crowd

            document = crowd(options.nodes)
            name = str(Path(folder) / "crowd.playground")
            save(document, name)
        if options.unrolled:
            name, document = str(Path(folder) / "hello.playground"), long_sequences(options.unrolled)
            save(document, name)
        alone = [headless(name)]
        figures = windowed(document, options.full, bool(options.unrolled))
        alone.append(headless(name))
    for name, value in figures.items():
        print(f"{name:24} {value:12,.1f}")
    mean = float(np.mean(alone))
    print(f"{'headless samples a second':24} {mean:12,.1f}   ({alone[0]:,.0f} before, {alone[1]:,.0f} after)")
    print(f"{'share of headless':24} {figures['samples a second'] / mean:12.0%}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
