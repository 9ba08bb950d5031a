"""Garbage with Qt objects in it is deleted on the window's thread, whichever thread made it."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject

from playground.ui.smooth import COLLECTION, Collector


class Ring:
    """Garbage that only a collector finds."""

    def __init__(self, deleted: list[threading.Thread]) -> None:
        self.itself = self
        weakref.finalize(self, lambda: deleted.append(threading.current_thread()))


@pytest.fixture
def collector(qtbot) -> Iterator[None]:
    owner, enabled = QObject(), gc.isenabled()
    Collector(owner)
    yield
    if enabled:
        gc.enable()


def litter() -> None:
    assert len([[] for _ in range(3 * COLLECTION[0])])


def test_only_the_window_s_thread_collects(qtbot, collector) -> None:
    deleted: list[threading.Thread] = []
    Ring(deleted)
    other = threading.Thread(target=litter)
    other.start()
    other.join()
    assert not deleted
    kept = [[] for _ in range(2 * COLLECTION[0])]
    qtbot.waitUntil(lambda: bool(deleted))
    assert deleted == [threading.current_thread()]
    assert kept


def test_all_generations_are_collected_in_time(qtbot, collector, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(gc, "collect", asked.append)
    for counts, generation in (((0, 0, 0), None), ((3_000, 3, 3), 0), ((10, 11, 3), 1), ((10, 3, 51), 2), ((9_000, 30, 51), 2)):
        monkeypatch.setattr(gc, "get_count", lambda counts=counts: counts)
        asked.clear()
        qtbot.wait(250)
        assert set(asked) == (set() if generation is None else {generation})
