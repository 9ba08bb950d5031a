"""UI-thread time a frame of a layer's feature maps while it trains. Run it: ``python -m tests.benchmarks.map_frames``.

For 6, 64 and 512 maps: *card*, all that one card does for a new snapshot (its scale takes the values in, its pixels are drawn at 100 %
and at the zoom of a whole network); *canvas*, a whole turn of feeding the snapshot and repainting the canvas that shows it. CPU time of
the thread, the median of many. The goal for 64 maps of 28 x 28 is 1 ms for the card.
"""

from __future__ import annotations

import os
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from playground.engine.trace import Trace
    from playground.ui.canvas.view import CanvasView

SIZES = ((6, 28), (64, 28), (512, 7))
TIMES = 200
ZOOMS = (1.0, 0.6)


def opened(maps: int, side: int) -> tuple[CanvasView, list[Trace]]:
    """A canvas with a layer of so many maps, and traces to feed it with."""
    from playground import document as documents
    from playground.document import edits
    from playground.engine.live.snapshot import Snapshot
    from playground.engine.trace import NodeTrace, Trace
    from playground.ui import theme
    from playground.ui.canvas.view import CanvasView
    from playground.ui.workbench import Workbench
    from tests.benchmarks.canvas_frames import settle
    from tests.ui.canvas_support import NotingSession

    document, given = edits.add_node(documents.Document(), "Input", shape=(maps * side * side,))
    document, layer = edits.add_node(document, "Reshape", shape=(maps, side, side), position=(400.0, 0.0))
    document = edits.connect(document, given, layer)
    workbench = Workbench(NotingSession())
    workbench.set_reduced_motion(True)
    view = CanvasView(workbench, theme.DARK)
    view.resize(1060, 628)
    view.show()
    workbench.replace(document)
    traces = []
    for seed in range(8):
        values = np.maximum(np.random.default_rng(seed).normal(size=(maps, side, side)), 0).astype(np.float32)
        traces.append(Trace("train", seed, {given: NodeTrace({"output": values.ravel()}), layer: NodeTrace({"output": values})}, {}))
    workbench.snapshot = Snapshot(serial=1, phase="training", trace=traces[0])
    view.feed()
    settle(view)
    return view, traces


def of_card(view: CanvasView, traces: list[Trace], zoom: float) -> float:
    """Milliseconds of the card alone."""
    from PySide6.QtCore import Qt
    from PySide6.QtGui import QPainter, QPixmap

    card = view.scene_.cards["reshape1"]
    pixels = QPixmap(320, 280)
    times = []
    for frame in range(TIMES):
        start = time.thread_time()
        view.scene_.snapshot = replace(view.scene_.snapshot, trace=traces[frame % len(traces)])
        card.picture = view.scene_._picture("reshape1")
        view.scene_._observe(card, 0.1)
        pixels.fill(Qt.GlobalColor.transparent)
        with QPainter(pixels) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.scale(zoom, zoom)
            card.draw(painter)
        times.append(time.thread_time() - start)
    return float(np.median(times)) * 1000


def of_canvas(view: CanvasView, traces: list[Trace]) -> float:
    """Milliseconds of feeding and painting the canvas."""
    times = []
    for frame in range(TIMES):
        start = time.thread_time()
        view.workbench.snapshot = replace(view.workbench.snapshot, trace=traces[frame % len(traces)])
        view.feed()
        view.viewport().repaint()
        times.append(time.thread_time() - start)
    return float(np.median(times)) * 1000


def main() -> int:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    app = QApplication.instance() or QApplication(sys.argv)
    for maps, side in SIZES:
        view, traces = opened(maps, side)
        cards = ", ".join(f"{of_card(view, traces, zoom):.2f} ms at {zoom:.0%}" for zoom in ZOOMS)
        print(f"{maps:3} maps of {side} x {side}: card {cards}; canvas {of_canvas(view, traces):.2f} ms")
        view.close()
    app.processEvents()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
