"""The program with a window: checks, application, theme, window, event loop."""

from __future__ import annotations

import argparse
import importlib
import logging
import os
import signal
import sys
from collections.abc import Generator, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Thread
from types import TracebackType

from PySide6.QtCore import QCoreApplication, QTimer
from PySide6.QtGui import QGuiApplication, QIcon
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from playground import memory, turns
from playground.engine.live import commands
from playground.engine.live.session import Session
from playground.errors import EngineError
from playground.paths import RESOURCES
from playground.ui import aside, lab
from playground.ui.code_pages import read_code
from playground.ui.dialogs.messages import Message, show_error
from playground.ui.dialogs.slices import Slices
from playground.ui.settings import Settings
from playground.ui.smooth import make_smooth
from playground.ui.window import Window
from playground.ui.workbench import Workbench

NAME = "Network Playground"
FRAMED_PLATFORMS = ("linux",)
LOOK_MILLISECONDS = 200
"""How often the beginning looks whether all is there that its next part waits for."""
PAINTED_MILLISECONDS = 1_000
"""After so long the window has been put where it belongs and painted there, and a file that it was begun with is open."""


def screen_missing() -> str:
    """Why no window can be shown here, in words; ``""`` where one can."""
    platform = os.environ.get("QT_QPA_PLATFORM", "")
    if sys.platform not in FRAMED_PLATFORMS or platform in ("offscreen", "minimal", "vnc"):
        return ""
    if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        return ""
    return (
        "There is no screen here (neither DISPLAY nor WAYLAND_DISPLAY is set).\n"
        "A picture of the window works without one: python3 main.py screenshot spiral spiral.png"
    )


def application() -> QApplication:
    """The one application object, made if there is none."""
    there = QApplication.instance()
    if isinstance(there, QApplication):
        return there
    memory.keep()
    made = QApplication([NAME])
    made.setApplicationName(NAME)
    made.setApplicationDisplayName("")
    made.setDesktopFileName("network-playground")
    QGuiApplication.setWindowIcon(QIcon(str(RESOURCES / "icons" / "dense.svg")))
    return made


def main(file: str | os.PathLike[str] | None = None, theme: str | None = None, language: str | None = None) -> int:
    """Open the window, with a project where ``file`` names one; return the exit code.

    ``theme`` is ``"dark"``, ``"light"`` or ``None`` for the remembered one. ``language`` names a translation in
    ``resources/translations``; without one the window speaks English.
    """
    missing = screen_missing()
    if missing:
        print(missing, file=sys.stderr)
        return 2
    app = application()
    _translate(app, language)
    session = Session()
    workbench = Workbench(session)
    window = Window(workbench, Settings(), theme or "")
    window.restore()
    sys.excepthook = Unexpected(window)
    window.show()
    make_smooth(workbench)
    signal.signal(signal.SIGINT, lambda *_: QTimer.singleShot(0, lambda: _interrupted(window)))
    # after the first picture is on the screen: nothing of this may delay it
    QTimer.singleShot(0, lambda: _begin(window, file))
    try:
        return app.exec()
    finally:
        sys.excepthook = sys.__excepthook__
        aside.close()
        with suppress(EngineError):  # its thread ends with the process
            session.close()


def _interrupted(window: Window) -> None:
    """Ctrl+C in the terminal closes the window as its cross does: it asks about what is not saved, and a second one asks no more."""
    if window.findChild(QDialog, "unsaved_question") is not None:
        window.close_at_once()
    else:
        window.close()


class Unexpected:
    """Takes errors that nothing caught: printed for those with a terminal, and one box at a time for those without."""

    def __init__(self, window: QWidget) -> None:
        self._window = window
        self._box: Message | None = None

    def __call__(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        sys.__excepthook__(kind, error, trace)
        if self._box is not None or not isinstance(error, Exception):
            return
        translate = QCoreApplication.translate
        safe = translate("Unexpected", "Your network and its weights are as they were, and the window goes on.")
        todo = translate("Unexpected", "Save your work under a new name; if it comes again, start the program anew.")
        self._box = show_error(self._window, translate("Unexpected", "Something went wrong"), error, safe, todo)
        self._box.finished.connect(self._closed)

    def _closed(self) -> None:
        self._box = None


def _begin(window: Window, file: str | os.PathLike[str] | None) -> None:
    if file is not None:
        window.projects.open(Path(file))
    else:
        window.projects.offer_recovery()
    warm_up(window)


def warm_up(window: Window) -> None:
    """Read what the window comes up without and its first uses would wait for: what lies on the disk still; the engine, on its own thread;
    and once it has made a network ready the lab's pages, which take 60-110 ms, between turns of the event loop (imported on another
    thread, PySide's classes ended the program now and then).

    One after another, and not before the first pictures are painted: beside all of it at a time a picture of 30 ms took 50-150 (measured).
    Who opens or trains a network sooner has the engine at once."""
    workbench = window.workbench
    reading = Thread(target=_read_code, name="playground-code", daemon=True)  # a slow disk must not keep a program that has been left

    def read() -> None:
        if not reading.is_alive():
            workbench.session.send(commands.WarmUp())
            timer.timeout.disconnect(read)
            timer.timeout.connect(ready)

    def ready() -> None:
        if workbench.snapshot.instruction_set:
            timer.stop()
            Slices(window).run(_read_lab(), lambda _: None)

    def begin() -> None:
        reading.start()
        timer.start()

    timer = QTimer(window, interval=LOOK_MILLISECONDS)
    timer.timeout.connect(read)
    QTimer.singleShot(PAINTED_MILLISECONDS, timer, begin)


def _read_code() -> None:
    turns.step_back()
    read_code()


def _read_lab() -> Generator[float, None, str]:
    names = sorted(path.stem for path in Path(lab.__file__).parent.glob("[a-z]*.py"))
    for at, name in enumerate(names):
        importlib.import_module(f"{lab.__name__}.{name}")
        yield at / len(names)
    return ""


def _translate(app: QApplication, language: str | None) -> None:
    from playground.ui.languages import install

    install(app, language)


def _parse(given: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="playground.ui.app")
    parser.add_argument("file", nargs="?")
    parser.add_argument("--theme", choices=("dark", "light"))
    parser.add_argument("--language")
    return parser.parse_args(given)


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    options = _parse(sys.argv[1:])
    sys.exit(main(options.file, options.theme, options.language))
