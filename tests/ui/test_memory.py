"""What is freed stays with the program, and goes back to the system when it rests."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest

from playground import memory
from playground.ui import smooth
from playground.ui.workbench import Workbench
from tests.ui.canvas_support import NotingSession

pytestmark = pytest.mark.skipif(memory._library() is None, reason="the C library is another one")

SHOWN = """
    from threading import Thread
    import numpy as np
    from playground import memory

    def held():
        return int(open("/proc/self/statm").read().split()[1]) * 4096 // 2**20

    KEEP
    before = held()
    def use():
        arrays = [np.ones(2**26, np.uint8) for _ in range(4)]
        del arrays
    thread = Thread(target=use)
    thread.start()
    thread.join()
    kept, counted = held() - before, memory.freed() // 2**20
    memory.give_back()
    print(kept, counted, held() - before)
"""


@pytest.mark.parametrize("keeps", [True, False])
def test_what_is_freed_is_kept_until_it_is_given_back(keeps: bool) -> None:
    """Four arrays of 64 MB, made and freed by another thread: kept to the last, and given back; without the setting none is."""
    program = textwrap.dedent(SHOWN).replace("KEEP", "memory.keep()" if keeps else "")
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    kept, counted, left = map(int, done.stdout.split())
    assert left < 32
    assert (kept >= 250) == (counted >= 250) == keeps
    assert keeps or max(kept, counted) < 32


def test_a_window_at_rest_gives_memory_back(qtbot, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only once nothing has come from the worker for a while, and where it is worth it."""
    workbench = Workbench(NotingSession())  # type: ignore[arg-type]
    given: list[int] = []
    monkeypatch.setattr(smooth, "REST_MILLISECONDS", 60)
    monkeypatch.setattr(memory, "give_back", lambda: given.append(1))
    worth = [False]
    monkeypatch.setattr(memory, "freed", lambda: smooth.LEAST if worth[0] else smooth.LEAST - 1)
    smooth.Returns(workbench)
    for _ in range(8):
        workbench.snapshot_changed.emit(workbench.snapshot)
        qtbot.wait(20)
    assert not given
    qtbot.wait(150)
    assert not given
    worth[0] = True
    workbench.snapshot_changed.emit(workbench.snapshot)
    qtbot.waitUntil(lambda: bool(given), timeout=5000)
    qtbot.wait(150)
    assert given == [1]
