"""The pictures of the start page, made anew of the real window: ``python -m tests.ui.example_pictures``.

Each example is trained, and what it has learned is drawn by its own painters: where it answers what, maps of a digit, gates over time.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtGui import QPainter

    from playground.ui.window import Window

SIZE = (1920, 1080)
SHOWN = 112
"""px: what a card of the start page gives its picture; marks have their sizes for it."""
FEW = 16
STEPS = {"and": 40, "spiral": 20_000, "lenet5": 1_500, "hello": 400}
SAMPLES = {"lenet5": ("test", 0)}
TURN_SECONDS = 0.005
LIMIT_SECONDS = 600.0


def spin(until: Callable[[], object], seconds: float = LIMIT_SECONDS) -> bool:
    """Let the window work until ``until()``, or for so long."""
    import time

    from PySide6.QtWidgets import QApplication

    end = time.monotonic() + seconds
    while not until() and time.monotonic() < end:
        QApplication.processEvents()
        time.sleep(TURN_SECONDS)
    return bool(until())


@contextmanager
def trained(name: str) -> Iterator[Window]:
    """The window with an example that has learned."""
    from playground.document import Project, example
    from playground.engine.live import commands
    from playground.engine.live.session import Session
    from playground.ui.settings import Settings
    from playground.ui.window import Window
    from playground.ui.workbench import Workbench

    with Session() as session:
        workbench = Workbench(session)
        window = Window(workbench, Settings(), "dark")
        window.resize(*SIZE)
        window.show()
        window.projects.show(Project(example(name)))
        spin(lambda: workbench.snapshot.phase in ("ready", "paused"))
        session.send(commands.Step("batch", STEPS[name]))
        spin(lambda: workbench.snapshot.step >= STEPS[name] and workbench.snapshot.phase == "paused")
        if name in SAMPLES:
            workbench.follow(*SAMPLES[name])
        spin(lambda: False, 2)
        yield window
        window.close_at_once()
        window.deleteLater()
        workbench.deleteLater()


def paint(painter: QPainter, name: str, window: Window, side: int) -> None:
    """What shows best what the example does: of a few points they too, of many the border alone."""
    from PySide6.QtCore import QPoint, QRectF

    from playground import data
    from playground.ui.panels.boundary import Boundary
    from playground.ui.panels.task_view import targets

    if window.dock.task.boundary.isVisible():
        dataset = data.load(window.workbench.document.data.name, **window.workbench.document.data.options)
        boundary = Boundary(window.theme)
        boundary.resize(SHOWN, SHOWN)
        boundary.show_sample("", -1)
        boundary.show_data(dataset if len(dataset.train) <= FEW else None)
        boundary.show_plane(window.workbench.snapshot.plane, *targets(window.workbench.document))
        painter.scale(side / (SHOWN - 4), side / (SHOWN - 4))
        painter.translate(-2, -2)  # without its frame: the card has one
        boundary.render(painter, QPoint())
        return
    kind = "Conv2D" if name == "lenet5" else "LSTM"
    card = next(card for card in window.canvas.scene_.cards.values() if card.picture.layer is not None and card.picture.layer.name == kind)
    if kind == "Conv2D":  # four maps of six
        _, rows, columns = card.facts.output
        box = card.unit_rect(0).united(card.unit_rect(4 * rows * columns - 1)).translated(-card.pos()).adjusted(-2, -2, 2, 2)
    else:  # the gates and the cell's state, without letters and without the loop
        box = QRectF(card.body.x() + 26, card.body.y() + 8, 160, 160)
    painter.scale(side / box.width(), side / box.height())
    painter.translate(-box.topLeft())
    card.draw(painter)


def main() -> int:
    from PySide6.QtGui import QImage, QPainter

    from playground.ui import app as program
    from playground.ui.canvas import thumbnails
    from playground.ui.in_turn import queue
    from playground.ui.languages import install
    from playground.ui.theme import THEMES

    install(program.application(), "en")
    for name in STEPS:
        with trained(name) as window:
            for theme in THEMES:
                window.set_theme(theme)
                spin(lambda: False, 1)
                spin(lambda: not queue().busy)
                image = QImage(thumbnails.PIXELS, thumbnails.PIXELS, QImage.Format.Format_RGB32)
                image.fill(window.theme.color("field"))
                with QPainter(image) as painter:
                    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
                    paint(painter, name, window, thumbnails.PIXELS)
                image.save(str(thumbnails.shipped(name, window.theme)), "PNG")
    return 0


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="playground-") as state:
        os.environ.update(QT_QPA_PLATFORM="offscreen", QT_SCALE_FACTOR="2", PLAYGROUND_STATE=state)
        sys.exit(main())
