"""Matrices of millions of weights are averaged for their cards on another thread: the window does not wait for them."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest

from playground.document import edits
from playground.ui.painters import matrix
from tests.ui.canvas_support import snapshot


@pytest.fixture
def threads(monkeypatch) -> list[threading.Thread]:
    """Where each matrix was averaged; all are large."""
    found, averaged = [], matrix._averaged

    def noted(*given):
        found.append(threading.current_thread())
        return averaged(*given)

    monkeypatch.setattr(matrix, "AT_ONCE", 1000)
    monkeypatch.setattr(matrix, "_averaged", noted)
    return found


def fixed(shown):
    """The snapshot with weights that nobody can change, as the worker's are."""
    for traced in shown.trace.parameters.values():
        for array in (traced.before, traced.gradient, traced.after):
            array.flags.writeable = False
    return shown


def drawn(card) -> int:
    """Tells the card's pixels from others."""
    return card._kept.pixels.cacheKey() if card._kept is not None else 0


@pytest.fixture
def large(open_canvas, threads, qtbot):
    """A canvas with a layer of 300 x 784 weights, drawn."""
    view = open_canvas("mnist-mlp", (1400, 800))
    view.workbench.snapshot = fixed(snapshot(view.workbench.document, seed=1))
    view.feed()
    qtbot.waitUntil(lambda: not any(card._stale for card in view.scene_.cards.values()))
    return view


def layer(view):
    return next(card for card in view.scene_.cards.values() if "units" in card.node.fields and card.facts.output == (300,))


def test_a_large_matrix_is_averaged_aside_and_once(large, threads, qtbot):
    assert len(threads) == 1
    assert threading.current_thread() not in threads
    card = layer(large)
    weight = large.workbench.snapshot.parameters[f"{card.id}/weight"]
    before = drawn(card)
    card.refresh(urgent=True)
    qtbot.waitUntil(lambda: drawn(card) != before)
    assert len(threads) == 1, "it is kept"
    assert matrix.averaged(weight, 104, 70)[1:] == (3, 12)


def test_the_card_keeps_its_pixels_until_then(large, threads, qtbot, monkeypatch):
    card, hold, averaged = layer(large), threading.Event(), matrix._averaged
    monkeypatch.setattr(matrix, "_averaged", lambda *given: (hold.wait(), averaged(*given))[1])
    others = [other for other in large.scene_.cards.values() if other is not card]
    before = drawn(card), [drawn(other) for other in others]
    large.workbench.snapshot = fixed(snapshot(large.workbench.document, seed=2, serial=2))
    large.feed()
    try:
        qtbot.waitUntil(lambda: not any(other._stale for other in others))
        assert drawn(card) == before[0]
        assert large.scene_.darkroom.busy, "the next values wait for these"
    finally:
        hold.set()
    qtbot.waitUntil(lambda: drawn(card) != before[0])
    assert not large.scene_.darkroom.busy
    assert threading.current_thread() not in threads


def test_a_card_that_is_removed_meanwhile_is_forgotten(large, qtbot, monkeypatch):
    hold, averaged = threading.Event(), matrix._averaged
    monkeypatch.setattr(matrix, "_averaged", lambda *given: (hold.wait(), averaged(*given))[1])
    large.workbench.snapshot = fixed(snapshot(large.workbench.document, seed=2, serial=2))
    large.feed()
    try:
        qtbot.waitUntil(lambda: large.scene_.darkroom.busy)
        large.workbench.edit("delete", edits.remove(large.workbench.document, layer(large).id))
        assert not large.scene_.darkroom.busy
    finally:
        hold.set()
    qtbot.wait(50)
    assert not large.scene_.darkroom.busy
    assert not large.scene_.darkroom._turn


def test_what_cannot_be_worked_out_aside_is_drawn_all_the_same(large, qtbot, monkeypatch):
    def wrong(*given):
        raise MemoryError

    card, averaged = layer(large), matrix._averaged
    before = drawn(card)
    monkeypatch.setattr(matrix, "_averaged", wrong)
    large.workbench.snapshot = fixed(snapshot(large.workbench.document, seed=2, serial=2))
    with qtbot.captureExceptions() as raised:
        large.feed()
        qtbot.waitUntil(lambda: bool(raised))
        monkeypatch.setattr(matrix, "_averaged", averaged)
        qtbot.waitUntil(lambda: drawn(card) != before)
    assert len(raised) == 1


def test_weights_that_may_change_are_drawn_as_they_are(large, threads, qtbot):
    card = layer(large)
    before = drawn(card)
    shown = snapshot(large.workbench.document, seed=3, serial=3)
    large.workbench.snapshot = replace(shown, parameters={key: np.array(array) for key, array in shown.parameters.items()})
    large.feed()
    qtbot.waitUntil(lambda: drawn(card) != before)
    assert threads[-1] is threading.current_thread()
