"""For tests with a real window: with ``PLAYGROUND_UI_MAP=file`` set, what stands where and reads how is written there as JSON."""

from __future__ import annotations

import contextlib
import json
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from PySide6.QtCore import QObject, QPoint, Qt, QTimer
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLabel, QLineEdit, QWidget

from playground.ui.stacks import Watch

VARIABLE = "PLAYGROUND_UI_MAP"
DISPLAY_PROCESS = "PLAYGROUND_UI_DISPLAY"
"""The process id of the display, where a test started it: what a window waits for while that has no core is the machine's as well."""
MILLISECONDS = 100
BEAT_MILLISECONDS = 5
LONG_SECONDS = 0.1
"""A gap beyond this leaves the stacks of all threads, as they were when it grew so long (and twice so long ...)."""
SCHEDULER = "/proc/self/task"
STATISTICS = "/proc/stat"
Rectangle = tuple[int, int, int, int]


def _named() -> list[QWidget]:
    widgets = [widget for widget in QApplication.allWidgets() if widget.isVisible()]
    return [widget for widget in widgets if widget.objectName() and not widget.objectName().startswith("qt_")]


def places(named: list[QWidget] | None = None) -> dict[str, Rectangle]:
    """Global rectangles (x, y, width, height) of visible named widgets, and of what canvases say stands on them."""
    found: dict[str, Rectangle] = {}
    corners: dict[QWidget, QPoint] = {}
    for widget in _named() if named is None else named:
        window = widget.window()
        if window not in corners:  # asked once a window: for each widget it took up to 40 ms in all
            corners[window] = window.mapToGlobal(QPoint(0, 0))
        corner = corners[window] + widget.mapTo(window, QPoint(0, 0))
        found[widget.objectName()] = (corner.x(), corner.y(), widget.width(), widget.height())
        inside = getattr(widget, "places", None)
        if callable(inside):
            found.update(inside())
    return found


def texts(named: list[QWidget] | None = None) -> dict[str, str]:
    """What visible named labels, fields, choices and buttons read, and what painted widgets say they print (``texts()``)."""
    found: dict[str, str] = {}
    for widget in _named() if named is None else named:
        inside = getattr(widget, "texts", None)
        if isinstance(widget, QLabel | QLineEdit | QAbstractButton):
            found[widget.objectName()] = widget.text()
        elif isinstance(widget, QComboBox):
            found[widget.objectName()] = widget.currentText()
        elif callable(inside):
            found.update(inside())
    return found


@dataclass(frozen=True, slots=True)
class Moment:
    """What this process has had so far, in seconds: by the clock, processor time of this thread and of the others, and by thread the
    time that it was ready to run while others had the cores (nothing where the system does not say); ``"display"`` is the display.
    ``stolen`` is, of each core, the time for which a virtual machine was kept from it by the machine that it runs on."""

    clock: float
    own: float
    others: float
    waited: dict[str, float]
    stolen: tuple[float, ...] = ()

    @staticmethod
    def now() -> Moment:
        own = time.thread_time()
        return Moment(time.monotonic(), own, time.process_time() - own, _waited(), _stolen())

    def excused(self, later: Moment, cores: int) -> float:
        """Seconds until ``later`` that this thread lost to other programs: ready without a core, or blocked (it neither ran nor was
        ready) while a thread of this process, the holder of a lock perhaps, or the display was ready without a core, or while the core
        itself was stolen."""
        me = str(threading.get_native_id())
        waits = {thread: seconds - self.waited.get(thread, 0.0) for thread, seconds in later.waited.items()}
        mine = waits.pop(me, 0.0)
        own, others = later.own - self.own, later.others - self.others
        blocked = max(later.clock - self.clock - own - mine, 0.0)
        held = excused(max(waits.values(), default=0.0), own + others, cores)
        stolen = max((after - before for before, after in zip(self.stolen, later.stolen, strict=False)), default=0.0)
        return excused(mine, others, cores) + min(blocked, held + stolen)


def _waited() -> dict[str, float]:
    found = {}
    with contextlib.suppress(OSError):
        folders = {thread: f"{SCHEDULER}/{thread}" for thread in os.listdir(SCHEDULER)}
        if display := os.environ.get(DISPLAY_PROCESS):
            folders["display"] = f"/proc/{display}"
        for thread, folder in folders.items():
            with contextlib.suppress(OSError, IndexError, ValueError), open(f"{folder}/schedstat", "rb") as said:
                found[thread] = int(said.read().split()[1]) / 1e9
    return found


def _stolen() -> tuple[float, ...]:
    """The eighth figure of each core's line, in ticks of the clock (proc(5)); nothing where there is no such file."""
    with contextlib.suppress(OSError, IndexError, ValueError), open(STATISTICS, encoding="ascii") as said:
        ticks = os.sysconf("SC_CLK_TCK")
        return tuple(int(line.split()[8]) / ticks for line in said if line.startswith("cpu") and line[3].isdigit())
    return ()


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def excused(waited: float, own: float, cores: int) -> float:
    """Seconds of ``waited`` (ready to run, without a core) that other programs took. ``own`` is the processor time that this
    process's other threads had meanwhile: what they took beyond all cores but one, they took from the window."""
    return min(max(cores * waited - own, 0.0), waited)


class Heartbeat(QObject):
    """The longest time that the event loop did not come round, in milliseconds, since it was last asked for anew.

    ``longest`` is by the clock, ``stall`` without the time in which the machine ran other programs: on a loaded machine the
    first says little about this one. Waiting for this program's own threads, for their lock or their core, counts. Neither has
    the processor time of the instrument itself (:meth:`instrument`): no window without a test has it. Counting
    begins with the loop's first turn, which paints the window for the first time: before it there is nothing on the screen
    that could answer. ``stacks`` is a file that takes what each thread was doing in a gap beyond ``LONG_SECONDS``.
    """

    def __init__(self, parent: QObject | None, stacks: TextIO | None = None) -> None:
        super().__init__(parent)
        self._stacks = stacks
        self._watch = Watch(LONG_SECONDS, lambda said: (stacks.write(said + "\n"), stacks.flush())) if stacks else None
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.begin, Qt.ConnectionType.SingleShotConnection)
        self._timer.timeout.connect(self._beat)
        self._timer.start(BEAT_MILLISECONDS)

    def begin(self) -> None:
        """Forget what was."""
        self.longest = self.stall = self._instrument = 0.0
        self._last = Moment.now()
        if self._stacks:
            self._stacks.truncate(0)

    @contextlib.contextmanager
    def instrument(self) -> Iterator[None]:
        """What the test's own instrument does on this thread is not the window's."""
        began = time.thread_time()
        yield
        self._instrument += time.thread_time() - began

    def _beat(self) -> None:
        now = Moment.now()
        gap = 1000 * (now.clock - self._last.clock - self._instrument) - BEAT_MILLISECONDS
        self._instrument = 0.0
        self.longest = max(self.longest, gap)
        self.stall = max(self.stall, gap - 1000 * self._last.excused(now, cores()))
        self._last = now
        if self._watch:
            self._watch.beat()


class MapWriter(QObject):
    """Writes the map ten times a second, whole or not at all: ``places``, ``texts``, and the longest ``gap`` and ``stall``.

    A file ``<map>.reset`` beside it starts the gap afresh, and is taken away; ``<map>.stacks`` tells of the long gaps since.
    """

    def __init__(self, path: Path, parent: QObject) -> None:
        super().__init__(parent)
        self._path = path
        self._reset = path.with_name(path.name + ".reset")
        self._stacks = path.with_name(path.name + ".stacks").open("a", encoding="utf-8")
        self._heartbeat = Heartbeat(self, self._stacks)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.write)
        self._timer.start(MILLISECONDS)

    def write(self) -> None:
        if self._reset.exists():
            self._reset.unlink()
            self._heartbeat.begin()
        heart = self._heartbeat
        with heart.instrument():
            named = _named()
            content = {"places": places(named), "texts": texts(named), "gap": round(heart.longest, 1), "stall": round(heart.stall, 1)}
            temporary = self._path.with_name(self._path.name + ".new")
            temporary.write_text(json.dumps(content), encoding="utf-8")
            temporary.replace(self._path)


def install(window: QWidget) -> MapWriter | None:
    """Start writing, where the environment asks for it."""
    path = os.environ.get(VARIABLE)
    return MapWriter(Path(path), window) if path else None
