"""How long the window does not answer, whatever is trained, loaded or saved. Run it: ``python -m tests.benchmarks.stalls [scenario ...]``.

Drives the real window through the scenarios of :mod:`tests.benchmarks.stall_scenarios`, without a screen unless ``QT_QPA_PLATFORM`` names
one. Of every act it prints the longest time between two turns of the event loop: by the clock, without what other programs took of the
cores (``ui.uimap.Moment``), and the processor time of the window's own thread and of this process's others, and how long a core then stood
for everybody (:mod:`tests.witness`; it is told, and taken off nothing). For one longer than ``--over`` milliseconds it prints what the
threads were doing at that time. Exit code 1 where an act took more than 100 ms at each of three tries: a
core of a shared machine does half as much in one moment as in another, and what that costs comes once.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import astuple, dataclass, field
from pathlib import Path

try:
    import resource
except ImportError:  # not POSIX
    resource = None

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as main.py does

from PySide6.QtCore import QObject, Qt, QTimer

from playground.document import Project, example
from playground.engine.live.session import Session
from playground.ui.app import application, warm_up
from playground.ui.settings import Settings
from playground.ui.smooth import make_smooth
from playground.ui.stacks import Watch
from playground.ui.uimap import Moment, cores
from playground.ui.window import Window
from playground.ui.workbench import Workbench
from tests.witness import Witness

BEAT_MILLISECONDS = 5
AFTER_SECONDS = 0.4
SIZE = (1920, 1080)
MOST_TOLD, MOST_LISTED = 3, 15
LIMIT, TRIES = 100.0, 3
"""Milliseconds that no act may keep the window from answering; one that did is tried again, its scenario with it."""


@dataclass(slots=True)
class Gap:
    """One time without a turn of the event loop, in milliseconds; ``stall`` is ``clock`` less what other programs took. ``since`` and
    ``until``, of ``time.monotonic``: when it was."""

    clock: float = 0.0
    stall: float = 0.0
    own: float = 0.0
    others: float = 0.0
    met: Met = field(default_factory=lambda: Met())
    stacks: str = ""
    since: float = 0.0
    until: float = 0.0


@dataclass(frozen=True, slots=True)
class Met:
    """What the window's thread met, all its time or in a gap; zeros where the system does not tell. ``read``: pages of the program's files
    that any thread waited for, since the system had taken them from memory; ``fresh``: pages of memory that it was given and that had to
    be cleared; ``waits``: how often it slept (for the interpreter, mostly); ``lost``: how often another thread was given its core."""

    read: int = 0
    fresh: int = 0
    waits: int = 0
    lost: int = 0

    @classmethod
    def now(cls) -> Met:
        if resource is None:
            return cls()
        read = resource.getrusage(resource.RUSAGE_SELF).ru_majflt
        if not hasattr(resource, "RUSAGE_THREAD"):
            return cls(read)
        own = resource.getrusage(resource.RUSAGE_THREAD)
        return cls(read, own.ru_minflt, own.ru_nvcsw, own.ru_nivcsw)

    def less(self, before: Met) -> Met:
        return Met(*(now - then for now, then in zip(astuple(self), astuple(before), strict=True)))


class Watchdog(QObject):
    """Keeps the longest gap since :meth:`begin`, and what the threads did whenever another ``over`` milliseconds of it were gone."""

    def __init__(self, over: float, witness: Witness) -> None:
        super().__init__()
        self.witness = witness
        self._over, self._noted = over, list[str]()
        self._timer = QTimer(self, timerType=Qt.TimerType.PreciseTimer, interval=BEAT_MILLISECONDS)
        self._timer.timeout.connect(self._beat)
        self._watch = Watch(over / 1000, lambda said: self._noted.append(said))
        self.begin()
        self._timer.start()

    def begin(self) -> None:
        self.longest = Gap()
        self._last, self._met = Moment.now(), Met.now()
        self._watch.beat()
        self._noted = []

    def _beat(self) -> None:
        now, last = Moment.now(), self._last
        clock = 1000 * (now.clock - last.clock) - BEAT_MILLISECONDS
        own, others = 1000 * (now.own - last.own), 1000 * (now.others - last.others)
        stall = clock - 1000 * last.excused(now, cores())
        met = Met.now()
        if stall > self.longest.stall:
            told = "      -\n".join(self._noted[:MOST_TOLD])
            self.longest = Gap(clock, stall, own, others, met.less(self._met), told, last.clock, now.clock)
        self._last, self._met = now, met
        self._watch.beat()
        self._noted = []


class Drive:
    """The hand of a scenario: the window, and acts whose longest gap is printed."""

    def __init__(self, window: Window, watchdog: Watchdog) -> None:
        self.window, self.bench, self._watchdog = window, window.workbench, watchdog
        self.gaps: dict[str, Gap] = {}

    @property
    def phase(self) -> str:
        return self.bench.snapshot.phase

    def spin(self, until: Callable[[], object], seconds: float = 120.0) -> None:
        """Let the window turn until ``until`` holds. Raises :class:`TimeoutError`."""
        app, end = application(), time.monotonic() + seconds
        while not until():
            if time.monotonic() > end:
                raise TimeoutError(f"not within {seconds:g} s")
            app.processEvents()
            app.sendPostedEvents(None, 52)  # DeferredDelete: there is no event loop that would
            time.sleep(0.0005)

    def wait(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        self.spin(lambda: time.monotonic() >= end)

    def act(self, name: str, call: Callable[[], object], until: Callable[[], object] | float = 0.0, seconds: float = 120.0) -> None:
        """Do it, go on until it is done (or for so many seconds) and a little longer; print the longest gap."""
        self.wait(0.1)
        self._watchdog.begin()
        began = time.monotonic()
        try:
            call()
            if callable(until):
                self.spin(until, seconds)
            else:
                self.wait(until)
            self.wait(AFTER_SECONDS)
        except TimeoutError as error:
            print(f"   {name}: {error}, phase {self.phase}")
        gap = self.gaps[name] = self._watchdog.longest
        taken = time.monotonic() - began
        stood = 1000 * self._watchdog.witness.stopped(gap.since, gap.until)
        times = f"{gap.clock:6.0f} {gap.stall:6.0f} {gap.own:6.0f} {gap.others:6.0f} {stood:6.0f}"
        figures = f"{times} {gap.met.read:6d} {gap.met.fresh:6d} {gap.met.waits:6d} {gap.met.lost:6d} {taken:7.1f} s"
        print(f"   {name:44} {figures}", flush=True)
        if gap.stacks:
            print(gap.stacks, end="", flush=True)

    def show(self, project: Project) -> None:
        self.act(f"open {project.document.title}", lambda: self.window.projects.show(project), lambda: self.phase in ("ready", "paused"))

    def example(self, name: str) -> None:
        self.show(Project(example(name)))

    def train(self, steps: int = 100) -> None:
        """Let it train, and see it train for a while."""
        here = self.bench.snapshot.step
        self.act("train", self.bench.train, lambda: self.bench.snapshot.step > here + steps)
        self.act("trains", lambda: None, 1.5)

    def pause(self) -> None:
        self.act("pause", self.bench.pause, lambda: self.phase in ("paused", "finished", "ready"))

    def trigger(self, name: str, until: Callable[[], object] | float = 0.3) -> None:
        """What a command of the window does."""
        self.act(f"command {name}", self.window.actions_[name].trigger, until)


def drive(scenario: Callable[[Drive], None], watchdog: Watchdog) -> dict[str, Gap]:
    """A window for one scenario."""
    with tempfile.TemporaryDirectory(prefix="playground-stalls-") as state:
        os.environ["PLAYGROUND_STATE"] = state
        session = Session()
        workbench = Workbench(session)
        window = Window(workbench, Settings(), "dark")
        window.resize(*SIZE)
        window.show()
        make_smooth(workbench)
        warm_up(window)
        hand = Drive(window, watchdog)
        hand.wait(0.3)
        try:
            scenario(hand)
        finally:
            began = time.monotonic()
            window.close_at_once()
            print(f"   {'close (behind a hidden window)':44} {1000 * (time.monotonic() - began):6.0f}", flush=True)
            session.close()
            window.deleteLater()
            application().sendPostedEvents(None, 52)
    return hand.gaps


def measured(names: Iterable[str], watchdog: Watchdog) -> dict[tuple[str, str], float]:
    """The longest gap of each act of these scenarios, in milliseconds."""
    from tests.benchmarks.stall_scenarios import SCENARIOS

    found: dict[tuple[str, str], float] = {}
    for name in names:
        print(
            f"{name:47} {'clock':>6} {'stall':>6} {'own':>6} {'others':>6} {'stood':>6} {'read':>6} {'fresh':>6} {'waits':>6} {'lost':>6}"
            "   ms of the longest gap, and what was met in it",
            flush=True,
        )
        for act, gap in drive(SCENARIOS[name], watchdog).items():
            found[name, act] = gap.stall
    return found


def tell(title: str, tries: dict[tuple[str, str], list[float]]) -> None:
    """The worst acts, the best of each one's tries first."""
    print(f"\n{title}")
    for (name, act), gaps in sorted(tries.items(), key=lambda item: (min(item[1]), max(item[1])), reverse=True)[:MOST_LISTED]:
        print(f"   {' '.join(f'{gap:6.0f}' for gap in gaps)} ms  {name}: {act}")


def anew(name: str) -> dict[tuple[str, str], float]:
    """What :func:`measured` finds of one scenario in a process of its own, where all is done for the first time again."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "gaps.json"
        subprocess.run([sys.executable, "-m", "tests.benchmarks.stalls", name, "--gaps", str(path)], check=True)
        return {(name, act): gap for act, gap in json.loads(path.read_text()).items()}


def main() -> int:
    from tests.benchmarks.stall_scenarios import SCENARIOS

    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.stalls")
    parser.add_argument("scenario", nargs="*", help=f"of: {', '.join(SCENARIOS)}; all of them without one")
    parser.add_argument("--over", type=float, default=60.0, help="print the stacks of gaps longer than this, in milliseconds")
    parser.add_argument("--gaps", type=Path, help="write the longest gap of each act here, and try nothing again")
    options = parser.parse_args()
    application()
    witness = Witness()
    try:
        found = measured(options.scenario or SCENARIOS, Watchdog(options.over, witness))
    finally:
        witness.close()
    if options.gaps is not None:
        options.gaps.write_text(json.dumps({act: gap for (_, act), gap in found.items()}))
        return 0
    tries = {what: [gap] for what, gap in found.items()}
    tell("the longest:", tries)
    for _ in range(TRIES - 1):
        for name in dict.fromkeys(name for (name, _), gaps in tries.items() if min(gaps) > LIMIT):
            print("\nagain, since it took too long: a stall of the program's own comes each time", flush=True)
            for what, gap in anew(name).items():
                tries.setdefault(what, []).append(gap)
    again = {what: gaps for what, gaps in tries.items() if max(gaps) > LIMIT}
    if again:
        tell(f"beyond {LIMIT:g} ms at one try, and at the others:", again)
    return int(any(min(gaps) > LIMIT for gaps in tries.values()))


if __name__ == "__main__":
    sys.exit(main())
