"""The witness of a core that stands: it says so, and says nothing of another time."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from tests.witness import Witness

HOG = """
import os, time
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(60))
time.sleep(0.3)
end = time.monotonic() + 0.1
while time.monotonic() < end: pass
"""


def may_hog() -> bool:
    return hasattr(os, "sched_setscheduler") and subprocess.run(["chrt", "-f", "60", "true"], capture_output=True).returncode == 0


@pytest.mark.skipif(not may_hog(), reason="a core can be taken from a thread of high priority by the administrator alone")
def test_a_core_that_stands_is_told() -> None:
    witness = Witness()
    try:
        time.sleep(1.0)  # until both are awake
        began = time.monotonic()
        subprocess.run([sys.executable, "-c", HOG], check=True)
        time.sleep(0.2)
        ended = time.monotonic()
        assert 0.08 <= witness.stopped(began, ended) < 1.0
        assert witness.stopped(began - 100.0, began - 99.0) == 0.0
    finally:
        witness.close()
