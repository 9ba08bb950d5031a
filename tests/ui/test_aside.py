"""Work aside comes back to who asked for it, on the window's thread, and to nobody who is gone."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest
from PySide6.QtCore import QObject
from shiboken6 import delete

from playground.document import DataSettings
from playground.ui import aside, datasets
from playground.ui.datasets import Datasets


def test_results_come_back_on_the_thread_that_asked(qtbot) -> None:
    owner, came, worked = QObject(), [], []

    def call(number: int) -> int:
        worked.append(threading.current_thread())
        return number * number

    for number in range(20):
        aside.run(owner, lambda number=number: call(number), lambda result: came.append((result, threading.current_thread())))
    qtbot.waitUntil(lambda: len(came) == 20)
    assert sorted(result for result, _ in came) == [number * number for number in range(20)]
    assert {thread for _, thread in came} == {threading.current_thread()}
    assert threading.current_thread() not in worked


def test_who_is_gone_is_told_nothing(qtbot) -> None:
    gone, there, came = QObject(), QObject(), []
    hold = threading.Event()
    aside.run(gone, hold.wait, lambda result: came.append("gone"))
    delete(gone)
    hold.set()
    aside.run(there, lambda: None, lambda result: came.append("there"))
    aside.run(there, lambda: None, lambda result: came.append("there"))
    qtbot.waitUntil(lambda: len(came) == 2)
    qtbot.wait(20)
    assert came == ["there", "there"]


def test_what_it_raises_is_raised_in_the_event_loop(qtbot) -> None:
    owner = QObject()

    def wrong() -> None:
        raise ValueError("seven is not eight")

    with qtbot.captureExceptions() as raised:
        aside.run(owner, wrong, lambda result: pytest.fail("there is no result"))
        qtbot.waitUntil(lambda: bool(raised))
    assert str(raised[0][1]) == "seven is not eight"


def test_who_asked_is_told_of_a_failure_on_its_own_thread(qtbot) -> None:
    owner, gone, told = QObject(), QObject(), []

    def wrong() -> None:
        raise ValueError("seven is not eight")

    with qtbot.captureExceptions() as raised:
        aside.run(gone, wrong, told.append, lambda: told.append("gone"))
        delete(gone)
        aside.run(owner, wrong, told.append, lambda: told.append((threading.current_thread(), len(raised))))
        qtbot.waitUntil(lambda: bool(raised))
    assert told == [(threading.current_thread(), 0)], "before it is raised, and only who is there"
    assert len(raised) == 1


def test_a_data_set_that_failed_by_a_defect_can_be_tried_again(qtbot, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(settings: DataSettings) -> None:
        raise ValueError("seven is not eight")

    made, sets = DataSettings(name="moons"), Datasets()
    with monkeypatch.context() as patched, qtbot.captureExceptions() as raised:
        patched.setattr(datasets, "load_data", broken)
        assert sets.get(made) is None
        qtbot.waitUntil(lambda: bool(raised))
        assert sets.get(made) is None
        qtbot.wait(20)
    assert len(raised) == 1, "not with every picture"
    sets.retry()
    qtbot.waitUntil(lambda: sets.get(made) is not None)


DELETING = """
import sys, time
from PySide6.QtCore import QCoreApplication, QObject, Signal
from shiboken6 import delete
from playground.ui import aside

app = QCoreApplication([])
end = time.monotonic() + 1.5
while time.monotonic() < end:
    owners = [QObject() for _ in range(50)]
    for owner in owners:
        aside.run(owner, lambda: None, lambda result: None)
    for owner in owners:
        delete(owner)
    app.processEvents()
print("alive")
"""


def test_owners_that_are_deleted_meanwhile_do_not_bring_the_program_down() -> None:
    told = subprocess.run([sys.executable, "-c", DELETING], capture_output=True, text=True, timeout=60, check=False)
    assert (told.returncode, told.stdout.strip()) == (0, "alive"), told.stderr


def test_threads_stay_until_they_are_ended(qtbot) -> None:
    owner, worked = QObject(), []
    for _ in range(2 * aside.AT_ONCE + 1):
        asked = len(worked)
        aside.run(owner, lambda: worked.append(threading.current_thread()), lambda result: None)
        qtbot.waitUntil(lambda asked=asked: len(worked) > asked)
    assert len(set(worked)) <= aside.AT_ONCE
    aside.close()
    assert not any(thread.is_alive() for thread in worked)
    aside.run(owner, lambda: worked.append(None), lambda result: worked.append("told"))
    qtbot.waitUntil(lambda: worked[-2:] == [None, "told"])
