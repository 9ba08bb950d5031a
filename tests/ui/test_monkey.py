"""A monkey at the keys and the mouse: whatever it does, in whatever order, nothing fails and the window stays alive.

Exceptions in the window's own methods fail the test by pytest-qt, the worker's by the phase ``failed``.
"""

from __future__ import annotations

import random
import time
from contextlib import suppress

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QMenu

from playground import document as documents
from playground.document import edits
from playground.errors import PlaygroundError
from playground.ui.window import Window
from tests.ui.shell_support import running_window, state  # noqa: F401 - a fixture

pytestmark = [pytest.mark.usefixtures("state"), pytest.mark.slow]
"""Slow also because it goes by the clock: what it finds is a fault, but it need not find it twice."""

SECONDS = 12.0
KEYS = [
    "Right",
    "Left",
    "Right",
    "Left",
    "Space",
    "Escape",
    "P",
    "X",
    "E",
    "B",
    "F",
    "BracketLeft",
    "BracketRight",
    "Comma",
    "Period",
    "Tab",
    "W",
    "Return",
    "Home",
    "End",
    "Delete",
    "Up",
    "Down",
]
MODIFIERS = (*[Qt.KeyboardModifier.NoModifier] * 5, Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier)
EXAMPLES = ("and", "xor", "spiral", "iris", "salary", "moons", "circle")
LEFT_ALONE = ("open", "save", "save_as", "export", "quit", "new")
"""Commands that ask for files, or end the program."""


class Monkey:
    """Seeded: the same one does the same things, as far as the clock lets it."""

    def __init__(self, window: Window, seed: int) -> None:
        self._window, self._random = window, random.Random(seed)
        self.done: list[object] = []

    def act(self) -> None:
        chosen = self._random.choices(
            (self.key, self.click, self.drag, self.command, self.example, self.edit, self.close), (9, 4, 2, 4, 1, 1, 1)
        )
        with suppress(PlaygroundError):  # an edit that the document refuses
            self.done.append((chosen[0].__name__, chosen[0]()))

    def key(self) -> object:
        key, modifier = self._random.choice(KEYS), self._random.choice(MODIFIERS)
        target = self._random.choice((self._window.canvas, self._window.canvas, self._window.timeline))
        QTest.keyClick(target, getattr(Qt.Key, f"Key_{key}"), modifier)
        return key

    def click(self) -> object:
        ground = self._window.canvas.viewport()
        at = QPoint(self._random.randrange(ground.width()), self._random.randrange(ground.height()))
        self._random.choice((QTest.mouseClick, QTest.mouseDClick))(ground, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
        return at

    def drag(self) -> object:
        ground = self._random.choice((self._window.timeline, self._window.canvas.viewport()))
        places = [QPoint(self._random.randrange(ground.width()), self._random.randrange(ground.height())) for _ in range(3)]
        QTest.mousePress(ground, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, places[0])
        QTest.mouseMove(ground, places[1])
        QTest.mouseRelease(ground, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, places[2])
        return places

    def command(self) -> object:
        names = [
            c.name for c, action in self._window.actions_ if action.isEnabled() and c.name not in LEFT_ALONE and "fashion" not in c.name
        ]
        name = self._random.choice(names)
        self._window.actions_[name].trigger()
        return name

    def example(self) -> object:
        name = self._random.choice(EXAMPLES)
        self._window.projects.show(documents.Project(documents.example(name)))
        return name

    def edit(self) -> object:
        bench = self._window.workbench
        dense = [node for node, placed in bench.document.nodes.items() if placed.type == "Dense"]
        changes = [{"learning_rate": 100.0}, {"learning_rate": 0.01}, {"batch_size": 7}, {"optimizer": "adam"}, {"l1": 0.1}]
        after = edits.set_training(bench.document, **self._random.choice(changes))
        if dense and self._random.random() < 0.5:
            after = edits.set_field(after, self._random.choice(dense), "units", self._random.choice((1, 3, 20)))
        bench.edit("monkey", after)
        return after.training

    def close(self) -> object:
        for window in QApplication.topLevelWidgets():
            if window is not self._window and window.isVisible():
                window.close()
        return None


@pytest.mark.parametrize("seed", [4, 6])
def test_nothing_fails_whatever_is_pressed(qtbot, seed: int) -> None:
    with running_window(qtbot, "xor", size=(1280, 800)) as window:
        monkey, end = Monkey(window, seed), time.monotonic() + SECONDS
        while time.monotonic() < end:
            monkey.act()
            qtbot.wait(monkey._random.choice((0, 5, 30, 100)))
            for shown in QApplication.topLevelWidgets():
                if shown.isVisible() and isinstance(shown, QMenu):
                    shown.close()
                elif shown.isVisible() and isinstance(shown, QDialog) and shown.isModal():
                    shown.reject()
            snapshot = window.workbench.snapshot
            assert not snapshot.details, f"after {monkey.done[-8:]}:\n{snapshot.details}"
        assert len(monkey.done) > 50
        window.projects.show(documents.Project(documents.example("xor")))
        window.workbench.train()
        qtbot.waitUntil(lambda: window.workbench.snapshot.step > 10, timeout=20_000)
