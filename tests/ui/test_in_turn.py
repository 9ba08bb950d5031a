"""Views that ask at once are drawn one after another, and the event loop comes round between them."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QWidget
from shiboken6 import delete

from playground.ui.in_turn import InTurn, Queue


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
