"""One data set asked for by several threads at once is loaded once; who waits is told how far it is, and may give up."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from playground import data
from playground.data import registry
from playground.data.spec import Dataset, Options, Progress


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> tuple[threading.Event, threading.Event, list[int]]:
    """A set of files of the user's own that loads when the second event is set; the first says that it has begun."""
    began, go, loads = threading.Event(), threading.Event(), [0]
    toy = data.load("and")

    def load(options: Options, progress: Progress | None) -> Dataset:
        loads[0] += 1
        assert progress is not None
        progress(3, 10)
        began.set()
        assert go.wait(20)
        return toy

    monkeypatch.setitem(registry._TYPES, "npz", replace(data.get("npz"), loader=load))
    data.forget("npz")
    return began, go, loads


def test_two_threads_load_once(slow: tuple[threading.Event, threading.Event, list[int]]) -> None:
    began, go, loads = slow
    got: list[Dataset] = []
    first = threading.Thread(target=lambda: got.append(data.load("npz", path="x")))
    first.start()
    assert began.wait(20)
    seen: list[tuple[int, int]] = []

    def look(done: int, total: int) -> None:
        seen.append((done, total))
        go.set()

    got.append(data.load_watched("npz", {"path": "x"}, look))
    first.join(20)
    assert loads == [1]
    assert got[0] is got[1]
    assert seen[0] == (3, 10)
    data.forget("npz")


def test_who_waits_may_give_up(slow: tuple[threading.Event, threading.Event, list[int]]) -> None:
    began, go, loads = slow
    first = threading.Thread(target=lambda: data.load("npz", path="y"))
    first.start()
    assert began.wait(20)

    def stop(done: int, total: int) -> None:
        raise KeyError

    with pytest.raises(KeyError):
        data.load_watched("npz", {"path": "y"}, stop)
    go.set()
    first.join(20)
    assert data.load("npz", path="y") is data.load("npz", path="y")
    assert loads == [1]
    data.forget("npz")
