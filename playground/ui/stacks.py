"""What the threads of this process do while the window does not come round: for tests and measurements, never on its own.

Not ``faulthandler.dump_traceback_later``: it reads the stacks of running threads without their lock, which ended this program in a
segmentation fault now and then.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable

SAMPLE_SECONDS = 0.01
DEEPEST = 10
WAITING = ("threading:", "thread:", "queue:", "mailbox:")


class Watch:
    """Calls ``note`` with the stacks whenever another ``over`` seconds have gone without a :meth:`beat`; on a thread of its own."""

    def __init__(self, over: float, note: Callable[[str], object]) -> None:
        self._over, self._note, self._window = over, note, threading.get_ident()
        self.beat()
        threading.Thread(target=self._look, name="watch", daemon=True).start()

    def beat(self) -> None:
        """The window came round."""
        self._beaten = time.monotonic()

    def _look(self) -> None:
        """A thread that keeps the interpreter is met where it lets go of it."""
        beaten, noted = 0.0, 0
        while True:
            time.sleep(SAMPLE_SECONDS)
            if beaten != self._beaten:
                beaten, noted = self._beaten, 0
            times = int((time.monotonic() - beaten) / self._over)
            if times > noted:
                said, noted = stacks(self._window), times
                if beaten == self._beaten:
                    self._note(said)


def stacks(window: int) -> str:
    """A line a thread that does not wait, the innermost call last; the window's thread (its number: ``window``) first."""
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    lines = []
    for ident, calls in sorted(_calls().items(), key=lambda one: one[0] != window):
        if ident != threading.get_ident() and not calls[0].startswith(WAITING):
            lines.append(f"      {names.get(ident, ident)}: {' > '.join(calls[DEEPEST - 1 :: -1])}\n")
    return "".join(lines)


def _calls() -> dict[int, list[str]]:
    """The calls of every thread, the innermost first. Frames are let go of at once: a Qt object that lived on by one of them would be
    destroyed on this thread."""
    found: dict[int, list[str]] = {}
    for ident, frame in sys._current_frames().items():  # the interpreter's documented way; its underscore says that it is for debugging
        at, calls = frame, []
        while at is not None:
            calls.append(f"{at.f_code.co_filename.rpartition('/')[2].removesuffix('.py')}:{at.f_lineno} {at.f_code.co_name}")
            at = at.f_back
        found[ident] = calls
    return found
