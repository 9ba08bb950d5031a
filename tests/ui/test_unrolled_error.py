"""The way back of an unrolled node: one step's error alone or all together, its bound, what the truncation leaves of it, in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from playground.anim.accounts.reading import Reading
from playground.anim.accounts.registry import GRADIENT_OF
from playground.anim.time_cells import REVERSE
from playground.engine import Network
from playground.engine.live.snapshot import Snapshot
from playground.engine.program.lowering import lower
from playground.engine.trace import Trace
from playground.ui.canvas.unrolled import norm_curves, one_error
from playground.ui.canvas.unrolled.one_error import Back, Errors
from playground.ui.canvas.unrolled.step_sums import sum_of
from playground.ui.canvas.unrolled.strip import Unrolled
from playground.ui.canvas.view import CanvasView
from playground.ui.explain.build import _steps
from playground.ui.numbers import number
from tests.anim.accounts.test_through_time import traced
from tests.ui import recurrent_support as support

STEPS, FEATURES = 6, support.FEATURES
Opened = Callable[..., tuple[CanvasView, Unrolled, str]]


@pytest.fixture
def unrolled(open_canvas: Callable[..., CanvasView]) -> Opened:
    """``unrolled("LSTM", return_sequences=True)``: a canvas with that layer and the engine's own trace, its strip open."""

    def opened(type: str = "SimpleRNN", scale: float = 1.0, **fields: object) -> tuple[CanvasView, Unrolled, str]:
        view = open_canvas("", (1060, 628))
        document, layer = support.network(type, **fields)
        view.workbench.replace(document)
        network = Network(document, seed=1)
        network.set_parameters(
            {key: array * scale for key, array in network.parameters.items() if key.startswith(f"{layer}/weight_hidden")}
        )
        rng = np.random.default_rng(2)
        target = rng.normal(size=(STEPS, 1)) if fields.get("return_sequences") else np.array([0.3])
        states = {one.key: rng.normal(size=one.value.shape) for one in network.lowered.carried if one.state}
        feed(view, network.trace(rng.normal(size=(STEPS, FEATURES)), target, states=states))
        strip = view.overlays.unrolled
        assert strip.open(layer)
        return view, strip, layer

    return opened


def feed(view: CanvasView, trace: Trace) -> None:
    view.workbench.snapshot = Snapshot(serial=1, phase="paused", step=1, trace=trace)
    view.workbench.snapshot_changed.emit(view.workbench.snapshot)


def shown(strip: Unrolled) -> Back:
    assert strip.strip is not None
    return strip.errors.read(strip.strip)


def press(strip: Unrolled, at: QPointF) -> None:
    QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=at.toPoint())


def test_of_one_answer_it_is_the_traces_error(unrolled: Opened) -> None:
    for type in ("SimpleRNN", "GRU", "LSTM"):
        view, strip, layer = unrolled(type)
        trace = view.workbench.snapshot.trace
        assert trace is not None
        back = shown(strip)
        assert (back.start, back.choice) == (STEPS - 1, False)
        for state, norms in back.norms.items():
            assert norms == pytest.approx(np.linalg.norm(trace.nodes[layer].gradients[state], axis=1), rel=1e-4)
        strip.fold()


def test_a_click_on_a_step_sends_its_error_back_and_the_chips_take_all(unrolled: Opened) -> None:
    view, strip, layer = unrolled(return_sequences=True)
    trace = view.workbench.snapshot.trace
    assert trace is not None
    largest = int(np.abs(trace.nodes[layer].gradients["output"]).sum(axis=1).argmax())
    assert shown(strip).start == largest
    feed(view, replace(trace))
    assert shown(strip).start == largest  # it stays there when the numbers change
    press(strip, QPointF(strip.layout_.x(4.5), strip.layout_.way_back.y() + 60))
    assert shown(strip).start == 4 != largest
    made = strip.layout_
    press(strip, QPointF(made.x(3.5), made.way_back.y() + 60))
    back = shown(strip)
    assert back.start == 3
    assert back.norms["h"][3] == pytest.approx(np.linalg.norm(trace.nodes[layer].gradients["output"][3]), rel=1e-5)
    assert (back.norms["h"][4:] == 0).all()
    assert "at step 1 than at step 4" in strip.texts()["unrolled_comparison"]
    one, together = one_error.chips(made, one_error.words_of(3))
    press(strip, together.center())
    assert shown(strip).start is None
    assert shown(strip).norms["h"] == pytest.approx(np.linalg.norm(trace.nodes[layer].gradients["h"], axis=1), rel=1e-5)
    assert strip.texts()["unrolled_comparison"] == ""  # each step adds an error of its own: there is nothing to compare
    press(strip, one_error.chips(made, one_error.words_of(STEPS - 1))[0].center())
    assert shown(strip).start == 3
    press(strip, QPointF(made.x(1.5), made.answer_row.center().y()))
    assert shown(strip).start == 1
    assert one.width() > 0


def test_padding_hands_the_error_on_to_the_last_real_step(unrolled: Opened) -> None:
    _, strip, _ = unrolled()
    assert strip.strip is not None
    padded = replace(strip.strip, mask=np.array([1, 1, 1, 1, 0, 0]))
    back = Errors().read(padded)
    assert back.start == 3
    assert back.limit is not None
    assert back.bound is not None
    assert back.norms["h"][3] == back.norms["h"][5]
    assert back.limit[1] == pytest.approx(back.norms["h"][3] * back.bound.factor**2)
    assert "at step 1 than at step 4" in norm_curves.comparison(padded, back)


def test_of_a_direction_that_reads_from_the_right(unrolled: Opened) -> None:
    view, strip, layer = unrolled("LSTM", direction="backward", truncate=2)
    trace = view.workbench.snapshot.trace
    assert trace is not None
    assert strip.strip is not None
    back = shown(strip)
    assert back.start == 0
    reached = one_error.used(strip.strip, back.start, 2)
    assert np.flatnonzero(reached).tolist() == [0, 1]
    total = np.linalg.norm(trace.nodes[layer].gradients["h_reverse"], axis=1)
    assert back.norms["h"][:2] == pytest.approx(total[:2], rel=1e-4)
    assert (total[2:] == 0).all()  # the engine cuts there
    assert (back.norms["h"][2:] > 0).all()  # and this is what would come
    assert f"at step {STEPS} than at step 1" in strip.texts()["unrolled_comparison"]
    assert not strip.grab().isNull()


def test_a_pass_turns_the_strip_to_the_direction_it_stands_in(unrolled: Opened) -> None:
    view, strip, layer = unrolled("SimpleRNN", direction="both", return_sequences=True)
    assert strip.end == ""
    view.player.hold(f"forward:{layer}:h_reverse[2,1]")
    assert strip.end == REVERSE
    assert strip.strip is not None
    assert strip.strip.now == (2, 1)
    strip._turn("")
    view.player.hold(f"forward:{layer}:h_reverse[1,1]")
    assert strip.end == ""  # as a hand turned it
    view.player.hold(f"backward:{layer}:pre_activation[3,1]")
    view.player.hold(f"backward:{layer}:pre_activation_reverse[3,1]")
    assert strip.end == REVERSE


def test_a_pass_shows_all_errors_as_they_come(unrolled: Opened) -> None:
    view, strip, layer = unrolled(return_sequences=True)
    view.player.hold(f"backward:{layer}:pre_activation[3,{support.UNITS - 1}]")
    back = shown(strip)
    assert back.start is None
    assert np.isnan(back.norms["h"][:3]).all()
    assert np.isfinite(back.norms["h"][3:]).all()


def test_the_bound_is_the_tutorials_and_told_with_its_numbers(unrolled: Opened) -> None:
    view, strip, layer = unrolled()
    trace = view.workbench.snapshot.trace
    assert trace is not None
    back = shown(strip)
    weight = np.asarray(trace.parameters[f"{layer}/weight_hidden"].before, np.float64)
    largest = float(np.sqrt(np.linalg.eigvalsh(weight.T @ weight).max()))
    slope = float((1 - np.tanh(np.asarray(trace.nodes[layer].values["pre_activation"], np.float64)) ** 2).max())
    assert back.bound is not None
    assert back.limit is not None
    assert (back.bound.weight, back.bound.slope) == pytest.approx((largest, slope))
    assert back.limit[2] == pytest.approx(back.norms["h"][-1] * (largest * slope) ** (STEPS - 3))
    assert (back.norms["h"] <= back.limit * (1 + 1e-6)).all()
    told = strip.tip(QPointF(20, strip.layout_.way_back.center().y()))
    assert "β_W" in told
    assert "largest singular value" in told
    assert "at most" in strip.tip(QPointF(strip.layout_.x(2.5), strip.layout_.way_back.center().y()))


def test_of_gates_the_straight_way_is_told_as_no_bound(unrolled: Opened) -> None:
    _, strip, _ = unrolled("LSTM")
    back = shown(strip)
    assert back.bound is None
    assert back.straight is not None
    assert "no bound" in strip.tip(QPointF(20, strip.layout_.way_back.center().y()))


def test_vanishing_and_exploding_are_said(unrolled: Opened) -> None:
    for scale, words in ((0.05, "vanishing"), (40.0, "exploding")):
        _, strip, _ = unrolled(scale=scale, activation="identity")
        told = strip.texts()["unrolled_comparison"]
        assert told.startswith(words)
        assert ("weaker" in told) == (words == "vanishing")
        back = shown(strip)
        low, high = norm_curves.ends_of(back)
        assert 10.0**low <= np.nanmin(back.norms["h"]) <= np.nanmax(back.norms["h"]) <= 10.0**high
        strip.fold()


@pytest.mark.parametrize(
    ("start", "truncate", "expected"),
    [(5, 2, [4, 5]), (5, 6, [0, 1, 2, 3, 4, 5]), (5, None, [0, 1, 2, 3, 4, 5]), (3, 2, [2, 3]), (2, 2, [2]), (None, 4, [2, 3, 4, 5])],
)
def test_the_truncation_leaves_the_steps_of_its_window(
    unrolled: Opened, start: int | None, truncate: int | None, expected: list[int]
) -> None:
    """From T-k, T-2k ... on nothing flows to the step before; as the engine cuts."""
    _, strip, _ = unrolled(return_sequences=True)
    assert strip.strip is not None
    assert np.flatnonzero(one_error.used(strip.strip, start, truncate)).tolist() == expected


def test_no_error_is_said_where_there_is_none(unrolled: Opened) -> None:
    view, strip, layer = unrolled()
    trace = view.workbench.snapshot.trace
    assert trace is not None
    node = trace.nodes[layer]
    zeros = {name: np.zeros_like(array) for name, array in node.gradients.items()}
    feed(view, replace(trace, nodes={**trace.nodes, layer: replace(node, gradients=zeros)}))
    assert not shown(strip).norms["h"].any()
    assert strip.texts()["unrolled_comparison"] == ""
    assert not strip.grab().isNull()


@pytest.mark.parametrize(("type", "stateful"), [("SimpleRNN", False), ("GRU", False), ("LSTM", False), ("LSTM", True)])
def test_a_weights_gradient_is_the_sum_of_its_bars(unrolled: Opened, type: str, stateful: bool) -> None:
    view, strip, layer = unrolled(type, stateful=stateful)
    trace = view.workbench.snapshot.trace
    assert trace is not None
    for place in ("weight_hidden[1,2]", "weight_input[3,1]", "bias[0]"):
        view.player.hold(f"update:{layer}:{place}")
        assert strip.strip is not None
        made = sum_of(strip.strip)
        assert made is not None
        name = place.partition("[")[0]
        gradient = trace.parameters[f"{layer}/{name}"].gradient
        assert gradient is not None
        assert made.parts.sum() == pytest.approx(float(gradient[made.index]), rel=1e-4)
        at = QPointF(strip.layout_.x(2.5), strip.layout_.way_back.center().y())
        assert number(float(made.parts[2]), 3, signed=True) in strip.tip(at)
        assert not strip.grab().isNull()
    view.player.hold(f"backward:{layer}:h[2,1]")
    assert strip.strip is not None
    assert sum_of(strip.strip) is None


def test_a_sum_that_is_none_of_errors_and_states_is_not_drawn(unrolled: Opened) -> None:
    """A GRU's candidate reads the state reset."""
    view, strip, layer = unrolled("GRU")
    view.player.hold(f"update:{layer}:weight_hidden[{2 * support.UNITS},1]")
    assert strip.strip is not None
    assert sum_of(strip.strip) is None


def test_the_rows_of_a_sum_over_steps_are_called_by_their_steps() -> None:
    document, trace = traced("LSTM", {"return_sequences": True})
    reading = Reading(lower(document).within(trace.mode), trace, "cell", {})
    for name, first in (("weight_hidden", 2), ("weight_input", 1)):
        parameter = next(one for one in reading.lowered.parameters if one.key == f"cell/{name}")
        writer = reading.book.writers[reading.lowered(parameter.gradient)]
        made = GRADIENT_OF[writer.operation.name](reading, writer.operation, writer.value, (2, 1))
        assert _steps(made) == tuple(f"step {n}" for n in range(first, 6))
