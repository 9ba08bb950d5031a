"""One moment for all who tell a weight: canvas, tooltip and Explain say the old one until its update has happened, whichever way the
pass goes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from playground.anim import stages
from playground.anim.cursor import Cursor, Stage
from playground.engine.trace import ParameterTrace
from playground.ui.canvas.view import CanvasView
from tests.ui.canvas_support import snapshot


@pytest.fixture
def view(open_canvas) -> CanvasView:
    """The worker has made the step of which the canvas shows the pass: its weights are the new ones."""
    view: CanvasView = open_canvas("spiral")
    made = snapshot(view.workbench.document)
    assert made.trace is not None
    view.scene_.feed(replace(made, parameters={key: traced.after for key, traced in made.trace.parameters.items()}))
    return view


def cursors(passed: tuple[Stage, ...]) -> Iterator[Cursor | None]:
    """On by stages, on by cells, a leap, back by cells, back by stages; out of the pass and into it between them."""
    whole = [Cursor(at, stage, None, share, passed) for at, stage in enumerate(passed) for share in (0.2, 0.6, 0.7, 1.0)]
    cells = [Cursor(at, stage, cell, 1.0, passed) for at, stage in enumerate(passed) for cell in range(0, len(stage.cells), 7)]
    yield from (*whole, None, *cells, whole[0], cells[-1], whole[len(whole) // 2], None, *reversed(cells), None, *reversed(whole))


def naive(traced: ParameterTrace, node: str, part: str, cursor: Cursor | None) -> np.ndarray:
    """What stands there at ``cursor``, number by number: its own update is over (or 70 % through) or not."""
    made = np.array(traced.before)
    for index in np.ndindex(made.shape):
        if cursor is None or cursor.index > (turn := _turn(cursor, node)):
            changed = True
        elif cursor.index < turn:
            changed = False
        elif cursor.cell is None:
            changed = cursor.fraction >= 0.7
        else:
            own = cursor.stage.cells.find(part, index)
            assert own is not None
            changed = own < cursor.cell or (own == cursor.cell and cursor.fraction >= 0.7)
        if changed:
            assert traced.after is not None
            made[index] = traced.after[index]
    return made


def _turn(cursor: Cursor, node: str) -> int:
    return next(at for at, stage in enumerate(cursor.stages) if (stage.phase, stage.node) == ("update", node))


def test_edges_and_their_numbers_are_those_of_the_moment(view: CanvasView) -> None:
    scene = view.scene_
    scene.select(("dense2",), ("dense2", 1))
    trace = scene.snapshot.trace
    assert trace is not None
    seen = set()
    for cursor in cursors(stages.stages(view.workbench.document)):
        scene.set_cursor(cursor)
        for wire, item in scene.edges.items():
            if not len(item.edges):
                continue
            wanted = naive(trace.parameters[f"{wire.target}/weight"], wire.target, "weight", cursor)
            assert np.array_equal(item.edges.weights, wanted[item.edges.units, item.edges.sources]), (cursor, wire)
            seen.add(wire.target)
    assert {"dense1", "dense2"} <= seen


def test_a_tooltip_tells_the_bias_of_the_moment_and_no_error_that_is_to_come(view: CanvasView) -> None:
    scene = view.scene_
    trace, card = scene.snapshot.trace, scene.cards["dense1"]
    assert trace is not None
    traced, box = trace.parameters["dense1/bias"], card.unit_rect(2)
    assert box is not None
    passed = stages.stages(view.workbench.document)
    back = next(at for at, stage in enumerate(passed) if stage.label == "backward:dense1")
    for cursor in cursors(passed):
        scene.set_cursor(cursor)
        words = card.tip(box.center() - card.pos()).splitlines()
        assert words[0].startswith(f"{card.title}, neuron 3: "), "which layer's it is"
        bias = float(naive(traced, "dense1", "bias", cursor)[2])
        assert f"bias {bias:+.3f}".replace("-", "−") in [line[: len("bias +0.000")] for line in words], (cursor, words)
        come = cursor is None or cursor.index > back or (cursor.index == back and (cursor.cell is None or cursor.cell >= 2))
        assert any(line.startswith("gradient") for line in words) == come, cursor
