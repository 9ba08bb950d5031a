"""A stacked, bidirectional, masked LSTM: every gate, state and error that is told or drawn, recomputed from the trace's inputs and weights
by plain loops; and no number of the trace that is shown can change without a change of what is shown.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from playground.anim.account import Account, Equation, Number
from playground.anim.accounts import account
from playground.anim.cursor import Cursor, Stage
from playground.anim.stages import stages
from playground.data.spec import Dataset, Description, frozen_split
from playground.document import Document, edits
from playground.engine import Trainer, changes
from playground.engine.live.snapshot import Snapshot
from playground.engine.program.lowering import Lowered
from playground.engine.trace import NodeTrace, Trace
from playground.layers.functions import FUNCTIONS
from playground.ui.canvas.unrolled import reading
from playground.ui.canvas.unrolled.one_error import Errors
from playground.ui.canvas.unrolled.reading import Strip
from playground.ui.canvas.view import CanvasView
from tests.reference import recurrent
from tests.ui import naive_in_time as naive

STEPS, FEATURES, UNITS, CLASSES, LENGTH = 5, 2, 2, 3, 4
CELLS: dict[str, dict[str, Any]] = {
    "lstm1": {"merge": "concatenate", "truncate": None, "initial_state": "learned", "peepholes": True},
    "lstm2": {"merge": "sum", "truncate": 2, "initial_state": "zeros", "peepholes": False},
}
GRADIENTS = {"h": "h", "c": "c", "i": "pre_activation", "f": "pre_activation", "g": "pre_activation", "o": "pre_activation"}
ADDING = {"sum", "activation", "kept_and_written", "squashed", "read_out", "carried"}
ADDING |= {"flows_back", "along_the_ribbon", "arriving", "error", "gradient", "passed", "update"}
CLOSE = {"rtol": 1e-9, "atol": 1e-13}


@dataclass(frozen=True)
class Passed:
    """A recorded step of training, and its numbers by plain loops."""

    document: Document
    trace: Trace
    lowered: Lowered
    stages: tuple[Stage, ...]
    wanted: naive.Numbers

    def account(self, stage: Stage, cell: int, trace: Trace | None = None) -> Account:
        found = account(self.lowered, trace or self.trace, Cursor(self.stages.index(stage), stage, cell, 1.0, self.stages))
        assert found is not None, (stage.label, cell)
        return found

    def snapshot(self, trace: Trace | None = None) -> Snapshot:
        return Snapshot(serial=1, phase="paused", step=1, trace=trace or self.trace)


@pytest.fixture(scope="module")
def passed() -> Passed:
    """Three steps of training with a sample a batch, whose last step of five is padding; the third is recorded."""
    document, last = edits.add_node(Document(), "Input", shape=(STEPS, FEATURES), position=(0, 0))
    fields = {"units": UNITS, "direction": "both", "return_sequences": True}
    layers = [("LSTM", {**fields, **own}) for own in CELLS.values()] + [("Dense", {"units": CLASSES}), ("Output", {})]
    for at, (type, own) in enumerate(layers, 1):
        document, node = edits.add_node(document, type, position=(260 * at, 0), **own)
        document, last = edits.connect(document, last, node), node
    document = edits.set_training(document, precision="float64", batch_size=1, learning_rate=0.5, shuffle=False)
    rng = np.random.default_rng(0)
    real = np.arange(STEPS) < LENGTH
    y = np.where(real, rng.integers(0, CLASSES, (3, STEPS)), -1).astype(np.int32)
    y[:, 1] = -1  # no target at this step
    x = (rng.standard_normal((3, STEPS, FEATURES)) * real[:, None]).astype(np.float32)
    part = frozen_split(x, y, np.full(3, LENGTH, np.int32))
    dataset = Dataset(Description((STEPS, FEATURES), "classification", CLASSES, tuple("abc"), steps=True), part, part, part)
    trainer = Trainer(document, dataset=dataset, dtype="float64")
    moved = {key: array + 0.5 * rng.standard_normal(array.shape) for key, array in trainer.network.parameters.items()}
    trainer = Trainer(document, dataset=dataset, dtype="float64", weights=moved)
    trainer.run(steps=2)
    trace, shaped = trainer.record(), changes.shaped(document, dataset)
    return Passed(document, trace, trainer.network.lowered, stages(shaped), naive.numbers(trace, CELLS))


def told(found: Account) -> Iterator[Number]:
    for equation in (*found.equations, *found.made):
        yield equation.result
        yield from equation.sides
        for term in equation.terms:
            yield from term.factors


def comes_to(equation: Equation) -> float:
    total = math.fsum(term.value for term in equation.terms)
    return float(FUNCTIONS[equation.function].value(np.float64(total))) if equation.function in FUNCTIONS else total


def test_the_trace_is_what_plain_loops_make_of_it(passed: Passed) -> None:
    for node in ("lstm1", "lstm2", "dense1"):
        traced = passed.trace.nodes[node]
        for gradient, table in ((False, traced.values), (True, traced.gradients)):
            for name, array in table.items():
                wanted = passed.wanted[node, name, gradient]
                np.testing.assert_allclose(array, wanted, **CLOSE, err_msg=f"{node} {name} {gradient}")
    assert passed.trace.loss == pytest.approx(float(passed.wanted["output1", "loss", False]), rel=1e-12)
    for key, parameter in passed.trace.parameters.items():
        node, _, name = key.partition("/")
        assert parameter.gradient is not None
        assert parameter.after is not None
        gradient = passed.wanted[node, name, True]
        np.testing.assert_allclose(parameter.gradient, gradient, **CLOSE, err_msg=key)
        np.testing.assert_allclose(parameter.after, parameter.before - 0.5 * gradient, **CLOSE, err_msg=key)


def test_every_number_that_is_told_is_that_of_plain_loops(passed: Passed) -> None:
    """All cells of the pass, the update included: each number by its place, each sum by its terms."""
    seen: Counter[str] = Counter()
    for stage in passed.stages:
        for cell in range(len(stage.cells) if stage.node != "input1" else 0):
            found = passed.account(stage, cell)
            assert "value" not in {equation.role for equation in found.equations} or stage.phase == "loss"
            for number in told(found):
                place = number.place
                if place is None or place.moment == "after":
                    continue  # a constant, a product on its way; a weight after the update is held against its terms
                if place.name in ("target", "loss"):
                    continue
                wanted = passed.wanted[place.node, place.name, place.gradient][place.index]
                assert number.value == pytest.approx(float(wanted), rel=1e-9, abs=1e-13), (stage.label, cell, place)
                seen[stage.phase] += 1
            for equation in (*found.equations, *found.made):
                for term in equation.terms:
                    product = term.sign * math.prod(factor.value for factor in term.factors)
                    assert term.value == pytest.approx(product, rel=1e-9, abs=1e-13)
                if equation.role in ADDING:
                    assert comes_to(equation) == pytest.approx(equation.result.value, rel=1e-9, abs=1e-13), (stage.label, cell, equation)
    assert seen["forward"] > 2500
    assert seen["backward"] > 1200
    assert seen["update"] > 2000


def gates_of(strip: Strip) -> dict[str, np.ndarray]:
    assert all(row.values is not None for row in strip.rows)
    return {row.gate: np.asarray(row.values) for row in strip.rows}


def show(view: CanvasView, passed: Passed, trace: Trace | None = None) -> None:
    view.workbench.snapshot = passed.snapshot(trace)
    view.workbench.snapshot_changed.emit(view.workbench.snapshot)


@pytest.fixture
def canvas(open_canvas: Callable[..., CanvasView], passed: Passed) -> CanvasView:
    view = open_canvas("")
    view.workbench.replace(passed.document)
    show(view, passed)
    return view


def strip_of(view: CanvasView, node: str, end: str) -> Strip:
    strip = reading.read(view.scene_, node, end)
    assert strip is not None
    assert strip.end == end
    return strip


def error_of(passed: Passed, node: str, gate: str, end: str) -> np.ndarray:
    wanted = passed.wanted[node, GRADIENTS[gate] + end, True]
    return wanted if gate in "hc" else wanted[:, "ifgo".index(gate) * UNITS :][:, :UNITS]


def test_every_number_that_is_drawn_is_that_of_plain_loops(canvas: CanvasView, passed: Passed) -> None:
    for node in CELLS:
        for end in naive.ENDS:
            strip = strip_of(canvas, node, end)
            real = strip.mask
            assert real is not None
            assert real.tolist() == [1, 1, 1, 1, 0]
            read = {"lstm1": "input1", "lstm2": "lstm1"}[node]
            np.testing.assert_allclose(strip.answers, passed.wanted["output1", "output", False], **CLOSE)
            np.testing.assert_allclose(strip.inputs, passed.wanted[read, "output", False], **CLOSE)
            for gate, values in gates_of(strip).items():
                np.testing.assert_allclose(values, passed.wanted[node, gate + end, False], **CLOSE, err_msg=gate)
            for state, norms in strip.norms.items():
                wanted = [math.sqrt(sum(float(one) ** 2 for one in row)) for row in passed.wanted[node, state + end, True]]
                np.testing.assert_allclose(norms, wanted, **CLOSE)


def test_every_error_that_is_drawn_is_that_of_plain_loops(canvas: CanvasView, passed: Passed) -> None:
    for node in CELLS:
        stage = next(stage for stage in passed.stages if stage.label == f"backward:{node}")
        canvas.scene_.set_cursor(Cursor(passed.stages.index(stage), stage, len(stage.cells) - 1, 1.0, passed.stages))
        for end in naive.ENDS:
            strip = strip_of(canvas, node, end)
            assert all(row.error for row in strip.rows)
            for gate, errors in gates_of(strip).items():
                np.testing.assert_allclose(errors, error_of(passed, node, gate, end), **CLOSE, err_msg=gate)


def test_one_steps_error_sent_back_is_that_of_plain_loops(canvas: CanvasView, passed: Passed) -> None:
    """What the strip shows of one step's error alone: nothing comes in from any other."""
    for node, fields in CELLS.items():
        for side, end in enumerate(naive.ENDS):
            strip, errors = strip_of(canvas, node, end), Errors()
            above = passed.wanted[node, "output", True]
            above = above if fields["merge"] == "sum" else above[:, side * UNITS : (side + 1) * UNITS]
            errors.together = False
            back = errors.read(strip)
            alone = np.zeros((STEPS, UNITS))
            alone[back.start] = above[back.start]
            hidden, peephole = passed.wanted[node, f"weight_hidden{end}", False], passed.wanted.get((node, f"peephole{end}", False))
            starts = [passed.wanted.get((node, f"initial_{name}{end}", False), np.zeros(UNITS)) for name in "hc"]
            found = {name: passed.wanted[node, name + end, False] for name in "hc"}
            found["gates"] = np.concatenate([passed.wanted[node, gate + end, False] for gate in "ifgo"], axis=1)
            none = np.zeros(UNITS)
            mask = passed.wanted["input1", "mask", False]
            made = recurrent.lstm_backward(found, hidden, *starts, alone, none, none, peephole, mask, reverse=end != "")
            for state in "hc":
                wanted = [math.sqrt(sum(float(one) ** 2 for one in row)) for row in made[f"d{state}_total"]]
                np.testing.assert_allclose(back.norms[state], wanted, **CLOSE, err_msg=f"{node}{end} {state}")


def changed(trace: Trace, node: str, name: str, index: tuple[int, int], gradient: bool) -> Trace:
    traced = trace.nodes[node]
    table = dict(traced.gradients if gradient else traced.values)
    array = table[name].copy()
    array[index] += 0.125
    table[name] = array
    other = NodeTrace(traced.values, table) if gradient else NodeTrace(table, traced.gradients)
    return replace(trace, nodes={**trace.nodes, node: other})


@pytest.mark.parametrize("node", CELLS)
def test_a_number_of_the_trace_is_a_number_on_show(canvas: CanvasView, passed: Passed, node: str) -> None:
    """Each gate, state and norm: another number in the trace is another one in its cell of the strip, and nowhere else; and it is told."""
    rng = np.random.default_rng(1)
    forward = next(stage for stage in passed.stages if stage.label == f"forward:{node}")
    for end in naive.ENDS:
        before = strip_of(canvas, node, end)
        for gate in "ifgoch":
            index = int(rng.integers(0, LENGTH)), int(rng.integers(0, UNITS))
            other = changed(passed.trace, node, gate + end, index, False)
            show(canvas, passed, other)
            after = strip_of(canvas, node, end)
            for name, values in gates_of(after).items():
                differs = np.argwhere(values != gates_of(before)[name]).tolist()
                assert differs == ([list(index)] if name == gate else []), (gate, name)
            cell = forward.cells.find(gate + end, index)
            assert cell is not None
            found = passed.account(forward, cell, other)
            assert found.result.value == passed.trace.nodes[node].values[gate + end][index] + 0.125
        for state in "hc":
            index = int(rng.integers(0, LENGTH)), int(rng.integers(0, UNITS))
            show(canvas, passed, changed(passed.trace, node, state + end, index, True))
            after = strip_of(canvas, node, end)
            for name in "hc":
                differs = np.flatnonzero(after.norms[name] != before.norms[name]).tolist()
                assert differs == ([index[0]] if name == state else [])
