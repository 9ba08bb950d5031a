"""A folded node opens: its frame grows out of the card, and the pieces of its loop become the arrows between its steps."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest

from playground.ui.canvas.unrolled.opening import _pieces
from playground.ui.canvas.view import CanvasView
from tests.ui import recurrent_support as support


def test_the_loop_is_cut_into_pieces_of_one_length() -> None:
    path = np.array([[0.0, 0.0], [3.0, 0.0], [3.0, 4.0], [0.0, 4.0]])
    pieces = _pieces(path, 5)
    assert pieces[0][0].tolist() == [0.0, 0.0]
    assert pieces[-1][-1].tolist() == [0.0, 4.0]
    assert all(np.allclose(one[-1], next_[0]) for one, next_ in pairwise(pieces))
    assert [float(np.hypot(*np.diff(one, axis=0).T).sum()) for one in pieces] == pytest.approx([2.0] * 5, abs=0.3)  # cut corners


def test_it_grows_and_ends_whole(open_canvas: Callable[..., CanvasView]) -> None:
    view = open_canvas("", (1060, 628))
    document, layer = support.network("LSTM")
    view.workbench.replace(document)
    view.workbench.snapshot = support.snapshot(document, layer)
    view.workbench.snapshot_changed.emit(view.workbench.snapshot)
    strip = view.overlays.unrolled
    assert strip.open(layer)
    assert not strip.opening.running  # motion is reduced
    strip.fold()
    view.workbench.set_reduced_motion(False)
    assert strip.open(layer)
    turn = strip.opening._turn
    turn.pause()
    turn.setCurrentTime(100)
    early = strip.mask().boundingRect()
    assert 0 < early.width() < strip.width()
    turn.setCurrentTime(200)
    assert early.width() < strip.mask().boundingRect().width()
    strip.fold()
    assert not strip.opening.running
    assert strip.mask().isEmpty()
    assert strip.open(layer)
    strip.opening._turn.setCurrentTime(strip.opening._turn.duration())
    assert strip.mask().isEmpty()
