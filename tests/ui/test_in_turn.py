"""Views that ask at once are drawn one after another, and the event loop comes round between them."""

from __future__ import annotations

import time
from math import inf

import pytest
from PySide6.QtCore import QCoreApplication, QTimer
from PySide6.QtWidgets import QHBoxLayout, QWidget
from shiboken6 import delete

from playground.ui.in_turn import CROWD, MOST_LEFT, SPENT_SECONDS, InTurn, Queue, follow, hold


class Counted(QWidget):
    """Notes at which turn of the loop it is painted."""

    def __init__(self, clock: list[int]) -> None:
        super().__init__()
        self._clock, self.painted = clock, list[int]()
        self.setMinimumSize(30, 30)

    def paintEvent(self, event) -> None:
        self.painted.append(self._clock[0])


class Patient(InTurn, Counted):
    pass


@pytest.mark.parametrize(("kind", "turns"), [(Counted, 1), (Patient, 3)])
def test_each_has_a_turn_of_its_own(qtbot, kind: type[Counted], turns: int) -> None:
    clock = [0]
    views = [kind(clock) for _ in range(3)]
    window = QWidget()
    row = QHBoxLayout(window)
    for view in views:
        row.addWidget(view)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitUntil(lambda: all(view.painted for view in views))
    qtbot.wait(20)
    ticking = QTimer(window, interval=0)
    ticking.timeout.connect(lambda: clock.__setitem__(0, clock[0] + 1))
    ticking.start()
    for view in views:
        view.painted.clear()
    for view in [*views, *views]:  # who asks again keeps its place
        view.update()
    qtbot.waitUntil(lambda: all(view.painted for view in views))
    qtbot.wait(20)
    assert [len(view.painted) for view in views] == [1, 1, 1]
    assert len({view.painted[0] for view in views}) == turns
    assert [view.painted[0] for view in views] == sorted(view.painted[0] for view in views)


def test_who_is_gone_or_hidden_takes_no_turn(qtbot) -> None:
    gone, hidden, there = QWidget(), Patient([0]), QWidget()
    qtbot.addWidget(hidden)
    qtbot.addWidget(there)
    asked: list[str] = []
    waiting = Queue(None)
    waiting.ask(gone, lambda: bool(asked.append("gone")))
    waiting.ask(hidden, hidden._draw_now)
    waiting.ask(there, lambda: not asked.append("there"))
    delete(gone)
    waiting.next()
    assert asked == ["there"]
    qtbot.waitUntil(lambda: not waiting._timer.isActive())  # with nobody left the loop rests


def test_a_turn_that_went_into_something_else_is_left_to_that(qtbot) -> None:
    """Qt calls timers in the turn in which it paints: the next view would be drawn on top of that."""
    waiting, there, asked = Queue(QCoreApplication.instance()), QWidget(), list[str]()
    qtbot.addWidget(there)
    waiting._timer.timeout.disconnect()
    waiting.ask(there, lambda: not asked.append("there"))
    for _ in range(MOST_LEFT):
        time.sleep(SPENT_SECONDS)
        waiting._tick()
        assert not asked
    waiting._tick()
    assert asked == ["there"], "where all turns are busy it comes all the same"
    waiting.ask(there, lambda: not asked.append("again"))
    time.sleep(SPENT_SECONDS)
    QTimer.singleShot(0, there, lambda: QTimer.singleShot(0, there, waiting._tick))  # at the beginning of another turn
    qtbot.waitUntil(lambda: asked == ["there", "again"])


def test_what_is_held_is_painted_in_its_turn(qtbot) -> None:
    clock = [0]
    view = Counted(clock)
    qtbot.addWidget(view)
    hold(view)
    assert view.updatesEnabled(), "one that is not seen is left alone"
    view.show()
    qtbot.waitUntil(lambda: bool(view.painted))
    view.painted.clear()
    hold(view)
    view.update()
    QCoreApplication.sendPostedEvents()
    assert not view.painted
    qtbot.waitUntil(lambda: bool(view.painted))
    assert view.updatesEnabled()


def test_what_is_held_does_its_work_in_parts_before_the_others_have_theirs(qtbot) -> None:
    view, other = Counted([0]), QWidget()
    qtbot.addWidget(view)
    qtbot.addWidget(other)
    view.show()
    qtbot.waitUntil(lambda: bool(view.painted))
    view.painted.clear()
    parts = [1, 2]
    done: list[object] = []
    hold(view, lambda: bool(parts) and (done.append(parts.pop(0)) or True))
    follow(other, lambda: done.append(bool(view.painted)), inf)
    qtbot.waitUntil(lambda: len(done) == 3)
    assert done == [1, 2, True]
    assert view.updatesEnabled()


def test_a_crowd_is_followed_in_a_turn_of_its_own(qtbot) -> None:
    who, done = QWidget(), list[str]()
    qtbot.addWidget(who)
    follow(who, lambda: done.append("few"), CROWD)
    assert done == ["few"]
    for _ in range(2):  # of a series of edits the last one
        follow(who, lambda: done.append("crowd"), CROWD + 1)
    follow(who, lambda: done.append("size"), inf, "geometry")
    assert done == ["few"]
    qtbot.waitUntil(lambda: len(done) > 2)
    qtbot.wait(20)
    assert done == ["few", "crowd", "size"]
