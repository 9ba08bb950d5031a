"""Other threads give way to the window, and are not kept by it."""

from __future__ import annotations

import ctypes
import os
import sys
import threading
import time
from collections.abc import Callable

import pytest

from playground import turns
from playground.engine.live.session import Session


def apart(call: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=call)
    thread.start()
    return thread


def test_long_work_waits_for_the_end_of_the_turn() -> None:
    order: list[str] = []

    def work() -> None:
        turns.give_way()
        order.append("work")

    with turns.window:
        thread = apart(work)
        time.sleep(0.02)
        order.append("window")
    thread.join(5)
    assert order == ["window", "work"]


def test_a_turn_within_a_turn_ends_with_the_outer_one() -> None:
    order: list[str] = []
    with turns.window:
        with turns.window:
            pass
        thread = apart(lambda: (turns.give_way(), order.append("work")))
        time.sleep(0.02)
        order.append("window")
    thread.join(5)
    assert order == ["window", "work"]


def test_the_windows_own_thread_waits_for_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "LONGEST_SECONDS", 60.0)
    begun = time.monotonic()
    with turns.window:
        turns.give_way()
    turns.give_way()
    assert time.monotonic() - begun < 30


def test_a_turn_that_does_not_end_keeps_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """A dialog that waits for an answer runs in the turn that opened it."""
    monkeypatch.setattr(turns, "LONGEST_SECONDS", 0.01)
    with turns.window:
        thread = apart(turns.give_way)
        thread.join(30)
        assert not thread.is_alive()


def test_who_has_just_waited_goes_on_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a window that paints without a pause would starve the worker."""
    monkeypatch.setattr(turns, "SHARE_SECONDS", 60.0)
    monkeypatch.setattr(turns, "LONGEST_SECONDS", 60.0)
    waited, again = threading.Event(), threading.Event()
    gone_on = threading.Event()

    def work() -> None:
        turns.give_way()
        waited.set()
        again.wait(30)
        turns.give_way()
        gone_on.set()

    with turns.window:
        thread = apart(work)
        time.sleep(0.02)
        assert not waited.is_set()
    assert waited.wait(30)
    with turns.window:
        again.set()
        assert gone_on.wait(30)
    thread.join(5)


def test_an_error_ends_the_turn() -> None:
    with pytest.raises(ValueError, match="paint"), turns.window:
        raise ValueError("paint")
    thread = apart(turns.give_way)
    thread.join(5)
    assert not thread.is_alive()


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone knows a thread's niceness")
def test_who_steps_back_does_it_for_itself_alone() -> None:
    mine, found = os.getpriority(os.PRIO_PROCESS, threading.get_native_id()), list[int]()

    def work() -> None:
        turns.step_back()
        found.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))

    apart(work).join()
    assert found == [mine + turns.BEHIND]
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == mine


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone knows a thread's niceness")
def test_the_worker_leaves_the_window_a_core_first() -> None:
    with Session() as session:
        mine, tid = os.getpriority(os.PRIO_PROCESS, threading.get_native_id()), session._thread.native_id
        assert tid is not None
        until = time.monotonic() + 10
        while os.getpriority(os.PRIO_PROCESS, tid) != mine + turns.BEHIND:
            assert time.monotonic() < until
            time.sleep(0.005)


def slack() -> int:
    """By how many nanoseconds the system may wake this thread late: prctl(2), PR_GET_TIMERSLACK."""
    return int(ctypes.CDLL(None).prctl(30, 0, 0, 0, 0))


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone knows a thread's slack")
def test_the_windows_thread_alone_is_woken_on_time() -> None:
    found: dict[str, int] = {}

    def other() -> None:
        turns.step_back()
        found["other"] = slack()

    def window() -> None:
        turns.step_forward()
        apart(other).join()
        found["window"] = slack()

    apart(window).join()
    assert found == {"window": 1_000, "other": 50_000}
