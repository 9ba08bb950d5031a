"""A hand for tests: a real window on a virtual screen, moved by xdotool (Xvfb, openbox, xdotool, ImageMagick)."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from playground.ui.uimap import DISPLAY_PROCESS
from tests.patience import patient

Point = tuple[int, int]
Found = TypeVar("Found")
MEMORY = "/dev/shm"
"""A file system in memory, for what the window writes ten times a second: on a disk that others keep busy, putting one file in the place
of another took up to 350 ms, in which the window did not answer for the test's sake alone."""
TOOLS = ("Xvfb", "xdotool", "openbox", "xprop", "import")
STILL_SECONDS = 1.0


def missing_tools() -> list[str]:
    """The programs that this machine lacks for tests with a real window."""
    return [tool for tool in TOOLS if not shutil.which(tool)]


class XSession:
    """An X server of its own, a window manager, and one program at a time; all ended when the block ends."""

    def __init__(self, width: int = 1280, height: int = 800) -> None:
        self.size = (width, height)
        self.folder = Path(tempfile.mkdtemp(prefix="xsession-"))
        self._memory = tempfile.TemporaryDirectory(prefix="xsession-", dir=MEMORY if os.access(MEMORY, os.W_OK) else None)
        self.map_path = Path(self._memory.name) / "ui.json"
        self.log_path = self.folder / "program.log"
        self.state = self.folder / "state"
        self._processes: list[subprocess.Popen[bytes]] = []
        self.env: dict[str, str] = {}

    def __enter__(self) -> XSession:
        try:
            self._begin()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _begin(self) -> None:
        read, write = os.pipe()  # -displayfd: the server picks a free display and names it once it is ready
        screen = f"{self.size[0]}x{self.size[1]}x24"
        once = ("-nolisten", "tcp", "-noreset")  # a reset when the first program on it ends, xprop, would end openbox too
        command = ["Xvfb", "-displayfd", str(write), "-screen", "0", screen, *once]
        server = self._spawn(command, pass_fds=[write])
        os.close(write)
        with os.fdopen(read) as pipe:
            number = pipe.readline().strip()
        if not number:
            raise RuntimeError("Xvfb did not start")
        self.env = {**os.environ, "DISPLAY": f":{number}", "QT_QPA_PLATFORM": "xcb", "QT_SCALE_FACTOR": "1", "LC_ALL": "C.UTF-8"}
        self.env[DISPLAY_PROCESS] = str(server.pid)
        self.env.pop("WAYLAND_DISPLAY", None)
        manager = self._spawn(["openbox"], env=self.env)

        def managed() -> bool:
            if ended := [f"{name} with {one.poll()}" for name, one in (("Xvfb", server), ("openbox", manager)) if one.poll() is not None]:
                raise RuntimeError(f"ended: {', '.join(ended)}")
            return "window id" in self.output_of("xprop", "-root", "_NET_SUPPORTING_WM_CHECK")

        self.until(managed, 30, "openbox did not start")

    def __exit__(self, *exception: object) -> None:
        for process in reversed(self._processes):
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
        self._memory.cleanup()

    def _spawn(self, command: Sequence[str], **options: Any) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)
        self._processes.append(process)
        return process

    # -- the program
    def start(self, command: Sequence[str], **env: str) -> subprocess.Popen[bytes]:
        """Start the program under test; its window writes ``map_path``, its output goes to ``log_path``."""
        self.map_path.unlink(missing_ok=True)
        environment = {
            **self.env,
            "PLAYGROUND_UI_MAP": str(self.map_path),
            "PYTHONUNBUFFERED": "1",
            "PLAYGROUND_STATE": str(self.state),
            **env,
        }
        with self.log_path.open("ab") as log:
            process = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)
        self._processes.append(process)
        return process

    def ended(self, seconds: float = 15) -> int:
        """The exit status of the program started last, once it has ended by itself."""
        process = self._processes[-1]
        try:
            return process.wait(patient(seconds))
        except subprocess.TimeoutExpired:
            raise TimeoutError(f"the program goes on\n{self.log()}") from None

    def kill(self) -> None:
        """End the program started last as a power cut would: no chance to save anything."""
        self._processes[-1].kill()
        self._processes[-1].wait()

    def log(self) -> str:
        return self.log_path.read_text() if self.log_path.exists() else ""

    def until(self, test: Callable[[], Found], seconds: float, message: str) -> Found:
        """The first true result of ``test``; TimeoutError with ``message`` and the program's output when time is up."""
        end = time.monotonic() + patient(seconds)
        while time.monotonic() < end:
            found = test()
            if found:
                return found
            time.sleep(0.05)
        raise TimeoutError(f"{message}\n{self.log()}")

    def output_of(self, *command: str) -> str:
        return subprocess.run(command, env=self.env, capture_output=True, text=True, check=False).stdout

    def wait_window(self, title: str, seconds: float = 30) -> str:
        """The id of the visible window whose title has ``title``, brought to the front."""
        ids = self.until(
            lambda: self.output_of("xdotool", "search", "--onlyvisible", "--name", title).split(), seconds, f"no window {title!r}"
        )
        self.xdo("windowactivate", "--sync", ids[-1])
        time.sleep(0.3)
        return ids[-1]

    # -- where things are
    def map(self) -> dict[str, Any]:
        """The program's own map of named widgets, canvas items and state, as it last wrote it."""
        with contextlib.suppress(OSError, ValueError):
            return dict(json.loads(self.map_path.read_text()))
        return {}

    def rect(self, name: str, seconds: float = 10) -> tuple[float, float, float, float]:
        """Global x, y, width, height of a named thing, from a map written after the question was asked."""
        asked = time.time()

        def fresh() -> Any:
            try:
                return self.map().get("places", {}).get(name) if self.map_path.stat().st_mtime > asked else None
            except OSError:
                return None

        x, y, width, height = self.until(
            fresh, seconds, f"{name!r} is not in the program's map, which has {sorted(self.map().get('places', {}))}"
        )
        return x, y, width, height

    def has(self, name: str) -> bool:
        """Whether the last map has a thing called ``name``."""
        return name in self.map().get("places", {})

    def text(self, name: str) -> str:
        """What a named label, field or button reads now; ``""`` where it is not to be seen."""
        return str(self.map().get("texts", {}).get(name, ""))

    def gap(self) -> float:
        """The longest gap of the program's event loop in milliseconds, since the last :meth:`reset_gap`."""
        return float(self.map().get("gap", 0.0))

    def stall(self) -> float:
        """As :meth:`gap`, without the time in which the machine ran other threads than the window's."""
        return float(self.map().get("stall", 0.0))

    def stacks(self) -> str:
        """What the program's threads were doing in its long gaps since the last :meth:`reset_gap`."""
        path = self.map_path.with_name(self.map_path.name + ".stacks")
        return path.read_text() if path.exists() else ""

    def reset_gap(self) -> None:
        self.map_path.with_name(self.map_path.name + ".reset").touch()
        time.sleep(0.4)

    def point(self, name: str, fx: float = 0.5, fy: float = 0.5) -> Point:
        x, y, width, height = self.rect(name)
        return int(x + width * fx), int(y + height * fy)

    def steady(self, name: str, fx: float = 0.5, fy: float = 0.5) -> Point:
        """:meth:`point`, once the thing has stood still for a while: what comes or goes beside it moves it, late on a busy machine."""
        since, before = time.monotonic(), self.point(name, fx, fy)
        while time.monotonic() < since + STILL_SECONDS:
            time.sleep(0.05)
            now = self.point(name, fx, fy)
            if now != before:
                since, before = time.monotonic(), now
        return before

    # -- the hand
    def xdo(self, *arguments: object) -> None:
        subprocess.run(["xdotool", *map(str, arguments)], env=self.env, check=True, capture_output=True)

    def move(self, at: Point) -> None:
        self.xdo("mousemove", *at)

    def click(self, at: Point, button: int = 1) -> None:
        self.xdo("mousemove", *at, "sleep", "0.05", "click", button)
        time.sleep(0.15)

    def reach(self, name: str, area: str) -> Point:
        """The middle of a thing, once the wheel over ``area``, which scrolls, has brought it into sight."""
        _, top, _, height = self.rect(area)
        for _ in range(40):
            at = self.point(name)
            if top + 10 < at[1] < top + height - 10:
                return at
            self.click(self.point(area), button=5 if at[1] > top + height / 2 else 4)
        raise TimeoutError(f"the wheel does not bring {name!r} into sight")

    def double_click(self, at: Point) -> None:
        self.xdo("mousemove", *at, "click", "--repeat", 2, "--delay", 80, 1)
        time.sleep(0.15)

    def key(self, *keys: str) -> None:
        self.xdo("key", "--delay", 40, *keys)
        time.sleep(0.15)

    def type(self, text: str) -> None:
        self.xdo("type", "--delay", 30, text)
        time.sleep(0.15)

    def drag(self, start: Point, end: Point, steps: int = 12) -> None:
        """Press, leave by more than the drag threshold, glide, hover a moment (XDND answers message by message), let go."""
        arguments: list[object] = ["mousemove", *start, "sleep", 0.1, "mousedown", 1, "sleep", 0.1]
        for i in range(1, steps + 1):
            x, y = (start[k] + (end[k] - start[k]) * i // steps for k in (0, 1))
            arguments += ["mousemove", x, y, "sleep", 0.03]
        self.xdo(*arguments, "mousemove", end[0] + 1, end[1], "sleep", 0.15, "mousemove", *end, "sleep", 0.25, "mouseup", 1)
        time.sleep(0.25)

    def colors(self, places: Sequence[Point]) -> list[tuple[int, int, int]]:
        """Red, green and blue of the screen at each point, 0 to 255, all of one picture: each picture of the whole screen keeps the
        display busy, and a window that draws meanwhile has to wait for it."""
        command = ("import", "-window", "root", "-depth", "8", "rgb:-")
        pixels = subprocess.run(command, env=self.env, capture_output=True, check=True).stdout
        width = self.size[0]
        return [(pixels[at], pixels[at + 1], pixels[at + 2]) for at in (3 * (y * width + x) for x, y in places)]

    def color(self, at: Point) -> tuple[int, int, int]:
        """The same of one point."""
        return self.colors([at])[0]

    def screenshot(self, path: Path | str) -> None:
        subprocess.run(["import", "-window", "root", str(path)], env=self.env, check=True)
