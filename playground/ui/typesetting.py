"""Typesets formulas in a process of its own: ``python -m playground.ui.typesetting`` is that process.

ziamath takes 0.2 s to import and 10-30 ms a formula, all of it Python. On a thread that is time in which the window's own thread has the
interpreter but every other turn, while the worker may want it too: paints took two to three times as long.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import pickle
import subprocess
import sys
import threading
from typing import IO, Any

from playground import paths, turns
from playground.ui.digits import Typeset, Typesetter
from playground.ui.theme import INK


def svg(latex: str, size: float) -> str:
    """The formula as ziamath draws it, in ``INK``. Not for the window's process."""
    import ziamath

    ziamath.config.svg2 = False  # Qt's SVG reader ignores <symbol> and <use>, and draws nothing but the fraction bars
    ziamath.config.math.color = ""  # a glyph without an outline (a space) gives its color to the glyph before it (drawable.py: Glyph.draw)
    drawn: Any = ziamath.Latex(latex, size=size)
    return str(drawn.svg()).replace("<svg ", f'<svg fill="{INK}" ', 1).replace('stroke=""', f'stroke="{INK}"')


class Outside:
    """The process, begun when the first formula is asked for. Any thread may ask; one formula is typeset at a time."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def typeset(self, latex: str, size: float) -> Typeset:
        """Waits for it. Raises ValueError where the formula cannot be typeset, RuntimeError where the process ended: the next one asked for
        begins it again."""
        with self._lock:
            answer = self._asked(latex, size)
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, Typeset)
        return answer

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None and process.stdin is not None and process.stdout is not None:
            with contextlib.suppress(OSError):
                process.stdin.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(1)
            process.kill()
            process.wait()
            process.stdout.close()

    def _asked(self, latex: str, size: float) -> object:
        if self._process is None:
            environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [str(paths.ROOT), os.environ.get("PYTHONPATH")]))}
            command = [sys.executable, "-P", "-m", "playground.ui.typesetting"]  # not what lies in the folder that one works in
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
            atexit.register(self.close)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps([latex, size]).encode() + b"\n")
            self._process.stdin.flush()
            return pickle.load(self._process.stdout)  # of our own process
        except (OSError, EOFError, pickle.UnpicklingError) as error:
            self.close()
            return RuntimeError(f"the process that typesets ended: {error}")


def serve(asked: IO[bytes], told: IO[bytes]) -> None:
    """Typeset one formula a line until there are no more."""
    typesetter = Typesetter(svg)
    for line in asked:
        latex, size = json.loads(line)
        try:
            answer: Typeset | Exception = typesetter.typeset(latex, size)
        except Exception as error:  # told where it was asked for, whatever it is
            answer = ValueError(str(error) or type(error).__name__)
        pickle.dump(answer, told)
        told.flush()


if __name__ == "__main__":
    turns.step_back()
    with contextlib.suppress(KeyboardInterrupt, BrokenPipeError):
        serve(sys.stdin.buffer, sys.stdout.buffer)
