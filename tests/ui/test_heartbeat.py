"""What of a gap in the window's turns is the machine's, and what this program's own."""

from __future__ import annotations

import threading
import time

import pytest
from PySide6.QtWidgets import QApplication

from playground.ui.uimap import Heartbeat, Moment, excused

ME = str(threading.get_native_id())


@pytest.mark.parametrize(
    ("waited", "own", "cores", "machine"),
    [(0.1, 0.0, 2, 0.1), (0.1, 0.1, 2, 0.1), (0.1, 0.15, 2, 0.05), (0.1, 0.2, 2, 0.0), (0.1, 0.05, 1, 0.05), (0.1, 9.0, 4, 0.0)],
)
def test_only_what_other_programs_took_is_excused(waited: float, own: float, cores: int, machine: float) -> None:
    assert excused(waited, own, cores) == pytest.approx(machine)


@pytest.mark.parametrize(
    ("own", "others", "waited", "machine"),
    [
        (0.2, 0.0, {}, 0.0),  # it worked all the time
        (0.05, 0.0, {ME: 0.15}, 0.15),  # ready, no core
        (0.0, 0.0, {"worker": 0.2}, 0.2),  # blocked by one that had no core
        (0.0, 0.2, {"worker": 0.0}, 0.0),  # blocked by one that worked
        (0.0, 0.15, {"worker": 0.05}, 0.0),  # of two cores one was free for it
        (0.1, 0.0, {"worker": 0.2}, 0.1),  # blocked half of the time
        (0.0, 0.0, {ME: 0.1, "worker": 0.1, "another": 0.1}, 0.2),
        (0.0, 0.0, {"worker": 0.0}, 0.0),  # blocked by nobody: a file, a pause
    ],
)
def test_blocked_by_a_thread_without_a_core_is_the_machines(own: float, others: float, waited: dict[str, float], machine: float) -> None:
    before = Moment(5.0, 1.0, 1.0, dict.fromkeys(waited, 3.0))
    later = Moment(5.2, 1.0 + own, 1.0 + others, {thread: 3.0 + seconds for thread, seconds in waited.items()})
    assert before.excused(later, 2) == pytest.approx(machine)


@pytest.mark.parametrize(
    ("own", "stolen", "machine"), [(0.1, 0.1, 0.1), (0.2, 0.1, 0.0), (0.0, 0.05, 0.05), (0.0, 0.4, 0.2), (0.15, 0.0, 0.01)]
)
def test_a_core_that_was_stolen_is_the_machines(own: float, stolen: float, machine: float) -> None:
    """A virtual machine's cores are taken away for a tenth of a second at a time; what its thread worked meanwhile is its own."""
    before = Moment(5.0, 1.0, 1.0, {ME: 3.0}, (7.0, 1.0))
    later = Moment(5.2, 1.0 + own, 1.0, {ME: 3.0}, (7.0 + stolen, 1.01))
    assert before.excused(later, 2) == pytest.approx(machine)


def test_this_process_is_measured() -> None:
    before = Moment.now()
    while Moment.now().own < before.own + 0.02:
        pass
    later = Moment.now()
    assert later.clock - before.clock >= later.own - before.own - 0.01
    assert later.waited.get(ME, 0.0) >= before.waited.get(ME, 0.0)
    assert 0.0 <= before.excused(later, 2) <= later.clock - before.clock


def _burn(seconds: float) -> None:
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


def test_what_the_instrument_takes_is_no_stall(qapp: QApplication) -> None:
    heart = Heartbeat(None)
    heart.begin()
    with heart.instrument():
        _burn(0.2)
    heart._beat()
    assert heart.stall < 30
    heart.begin()
    _burn(0.2)
    heart._beat()
    assert heart.stall > 140  # less a beat, and what the machine's books put to others' account where it is busy
