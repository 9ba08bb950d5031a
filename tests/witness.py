"""How long the machine kept each core from everybody: another machine on the same hardware may have had it (a virtual machine's own
clock does not always tell: ``steal`` in proc(5) stayed at nothing while a core stood for 100 ms).

``python -m tests.witness CORE`` is the witness of one core: of high priority, so that whatever else wants the core gives way, it asks to be
woken every two milliseconds and prints when it was not.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time

EVERY_SECONDS = 0.002
LATE_SECONDS = 0.008
"""What the system itself may keep a core for."""


class Witness:
    """One process a core, until :meth:`close`. Where the system gives no such priority (only the administrator has it) nothing is said."""

    def __init__(self) -> None:
        self._stops: list[tuple[float, float]] = []
        self._processes: list[subprocess.Popen[bytes]] = []
        for core in sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else ():
            process = subprocess.Popen([sys.executable, "-m", "tests.witness", str(core)], stdout=subprocess.PIPE)
            assert process.stdout is not None
            os.set_blocking(process.stdout.fileno(), False)
            self._processes.append(process)

    def stopped(self, since: float, until: float) -> float:
        """Seconds of that time (of ``time.monotonic``) in which a core stood, of the one that stood longest at a stretch."""
        for process in self._processes:
            assert process.stdout is not None
            for line in (process.stdout.read() or b"").splitlines():  # a line is written at once
                began, ended = map(float, line.split())
                self._stops.append((began, ended))
        return max((min(ended, until) - max(began, since) for began, ended in self._stops if ended > since and began < until), default=0.0)

    def close(self) -> None:
        for process in self._processes:
            process.kill()
            process.wait()
            assert process.stdout is not None
            process.stdout.close()


def watch(core: int) -> None:
    """Print the beginning and the end of each time for which this core stood. Ends at once where it may not have the priority."""
    os.sched_setaffinity(0, {core})
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(50))
    except PermissionError:
        return
    last = time.monotonic()
    while True:
        time.sleep(EVERY_SECONDS)
        now = time.monotonic()
        if now - last > EVERY_SECONDS + LATE_SECONDS:
            os.write(1, f"{last} {now}\n".encode())
            now = time.monotonic()
        last = now


if __name__ == "__main__":
    watch(int(sys.argv[1]))
