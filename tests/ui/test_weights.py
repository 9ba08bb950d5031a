"""Weights set by hand in the window: by the box beside a neuron or an edge, by the table of a matrix; undone and made again."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QApplication, QPushButton

from playground import document as documents
from playground.engine.weight_edits import Patch
from playground.ui import weights
from playground.ui.dialogs import matrix, slices
from playground.ui.dialogs.matrix import MatrixDialog, MatrixModel, picture_read, placed
from playground.ui.number_edit import NumberEdit
from playground.ui.numbers import signed
from playground.ui.theme import DARK
from playground.ui.window import Window
from tests.ui.shell_support import Stalls, running_window, smooth, state  # noqa: F401 - a fixture

pytestmark = pytest.mark.usefixtures("state")


def trained(window: Window, key: str, index: tuple[int, ...]) -> float:
    """What the worker's network has there, once all that was sent is obeyed."""
    return float(window.workbench.session.capture().result(10).weights[key][index])


def double_click(qtbot, window: Window, point: QPointF) -> None:
    at = window.canvas.mapFromScene(point)
    qtbot.mouseDClick(window.canvas.viewport(), Qt.MouseButton.LeftButton, pos=at)


def field(window: Window, key: str, index: str) -> NumberEdit:
    found = window.findChild(NumberEdit, f"weight/{key}/{index}")
    assert found is not None
    return found


def test_a_neurons_weights_are_typed_turned_and_undone(qtbot) -> None:
    with running_window(qtbot, "xor") as window:
        qtbot.waitUntil(lambda: "dense1/weight" in window.workbench.snapshot.parameters, timeout=5000)
        before = trained(window, "dense1/weight", (2, 1))
        box = window.canvas.scene_.cards["dense1"].unit_rect(2)
        assert box is not None
        double_click(qtbot, window, box.center())
        assert window.canvas.overlays.weights.isVisible()
        edit = field(window, "dense1/weight", "2,1")
        assert field(window, "dense1/bias", "2").isVisible()
        edit.setFocus()
        edit.selectAll()
        qtbot.keyClicks(edit, "1.75")
        qtbot.keyClick(edit, Qt.Key.Key_Return)
        assert trained(window, "dense1/weight", (2, 1)) == 1.75
        assert window.workbench.undo_stack.count() == 1
        edit.scrub(3)
        edit.scrub(-1, fine=True)
        assert trained(window, "dense1/weight", (2, 1)) == pytest.approx(2.04)
        assert window.workbench.undo_stack.count() == 2, "a scrubbing hand makes one step"
        window.workbench.undo_stack.undo()
        assert trained(window, "dense1/weight", (2, 1)) == 1.75
        window.workbench.undo_stack.undo()
        assert trained(window, "dense1/weight", (2, 1)) == before
        window.workbench.undo_stack.redo()
        assert trained(window, "dense1/weight", (2, 1)) == 1.75
        qtbot.keyClick(window.canvas.overlays.weights, Qt.Key.Key_Escape)
        assert not window.canvas.overlays.weights.isVisible()


def test_an_edge_is_set_while_training(qtbot) -> None:
    with running_window(qtbot, "spiral") as window:
        bench = window.workbench
        window.actions_["train"].trigger()
        qtbot.waitUntil(lambda: bench.snapshot.step > 50 and "dense2/weight" in bench.snapshot.parameters, timeout=60_000)
        item = next(item for wire, item in window.canvas.scene_.edges.items() if wire.target == "dense2")
        at = next(at for at in range(len(item.edges)) if item.edges.units[at] == 7 and item.edges.sources[at] == 7)
        x0, y0, x1, y1 = item.edges.lines[at]
        double_click(qtbot, window, QPointF((x0 + x1) / 2, (y0 + y1) / 2))
        box = window.canvas.overlays.weights
        assert box.isVisible()
        (weight,) = box._edits
        step = bench.snapshot.step
        weights.set_weights(bench, "", {(weight.key, weight.index): (0.0, 9.0)})
        qtbot.waitUntil(lambda: abs(float(bench.snapshot.parameters[weight.key][weight.index]) - 9.0) < 2.0, timeout=5000)
        qtbot.waitUntil(lambda: bench.snapshot.step > step + 50, timeout=5000)
        assert bench.running


def test_what_is_no_number_changes_nothing(qtbot) -> None:
    edit = NumberEdit()
    qtbot.addWidget(edit)
    seen: list[float] = []
    edit.changed.connect(lambda value, scrubbed: seen.append(value))
    edit.show_value(0.5)
    edit.show()
    edit.setFocus()
    for text in ("abc", "1e999", "nan", ""):
        edit.selectAll()
        qtbot.keyClicks(edit, text) if text else edit.clear()
        edit.setModified(True)
        edit.editingFinished.emit()
        assert edit.property("bad") or text == ""
    assert seen == []
    assert edit.value == 0.5


def test_a_whole_matrix_from_a_table_is_one_step(qtbot) -> None:
    with running_window(qtbot, "xor") as window:
        bench = window.workbench
        qtbot.waitUntil(lambda: "dense1/weight" in bench.snapshot.parameters, timeout=5000)
        before = bench.session.capture().result(10).weights
        dialog = MatrixDialog(bench, DARK, "dense1", "hidden", window)
        qtbot.addWidget(dialog)
        dialog.show()
        cancel, done = (dialog.findChild(QPushButton, f"matrix_{name}") for name in ("cancel", "set"))
        assert cancel.x() < done.x(), "what a box does comes last"
        model = dialog.model
        assert model is not None
        assert model.values.shape == (4, 2)
        QApplication.clipboard().setText("1\t2\n3\t4\n5\t6\n7\t-8\n")
        dialog.table.setCurrentIndex(model.index(0, 0))
        dialog._paste()
        dialog.accept()
        assert bench.undo_stack.count() == 1
        after = bench.session.capture().result(10).weights["dense1/weight"]
        assert after.tolist() == [[1, 2], [3, 4], [5, 6], [7, -8]]
        bench.undo_stack.undo()
        assert np.array_equal(bench.session.capture().result(10).weights["dense1/weight"], before["dense1/weight"])


def outcome(steps) -> str:
    """What a paste returns when it is done."""
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            return stop.value


@pytest.mark.parametrize(
    ("text", "why"), [("1\tx", "is not a number"), ("1 2 3", "1 × 3"), ("1\n2\n3", "3 × 1"), ("nan 1", "is not a number")]
)
def test_a_bad_paste_changes_nothing(qapp, text: str, why: str) -> None:
    model = MatrixModel(np.zeros((2, 2), np.float32), DARK)
    assert why in outcome(model.paste(text, 0, 0))
    assert not model.values.any()
    changed: list[Patch] = []
    outcome(model.changes(changed))
    assert not changed[1].places.size


def test_the_columns_of_a_matrix_say_which_pixel_they_read() -> None:
    document = documents.example("mnist-mlp")
    (first,) = (wire.target for wire in document.wires if wire.source == "flatten1")
    assert picture_read(document, f"{first}/weight", (300, 784)) == (1, 28, 28)
    assert [placed(at, (1, 28, 28)) for at in (0, 27, 28, 783)] == ["1, 1", "1, 28", "2, 1", "28, 28"]
    assert placed(40, (3, 4, 5)) == "3 · 1, 1"
    assert picture_read(document, f"{first}/bias", (300,)) == ()
    assert picture_read(document, "dense2/weight", (10, 300)) == ()
    assert placed(40, ()) == "41"
    assert picture_read(document, "conv1/weight", (6, 3, 5, 5)) == (3, 5, 5)


def test_the_matrix_goes_back_to_its_own_shape(qapp) -> None:
    model = MatrixModel(np.zeros((2, 3, 4), np.float32), DARK)
    assert (model.rowCount(), model.columnCount()) == (2, 12)
    assert model.setData(model.index(1, 7), "\u22122,5")
    changed: list[Patch] = []
    outcome(model.changes(changed))
    before, after = changed
    assert np.argwhere(np.isin(np.arange(24), after.places).reshape(after.shape)).tolist() == [[1, 1, 3]]
    assert (before.values.tolist(), after.values.tolist()) == ([0.0], [-2.5])


def test_a_large_table_is_copied_and_pasted_while_the_window_answers(qtbot) -> None:
    with running_window(qtbot, "mnist-mlp") as window, smooth(window):
        bench, stalls = window.workbench, Stalls(qtbot)
        qtbot.waitUntil(lambda: "dense1/weight" in bench.snapshot.parameters, timeout=20_000)
        dialog = MatrixDialog(bench, DARK, "dense1", "hidden", window)
        qtbot.addWidget(dialog)
        dialog.show()
        qtbot.waitUntil(lambda: dialog.model is not None)
        model = dialog.model
        assert np.array_equal(model.values, model.original)
        before = model.values.copy()
        assert before.size > 200_000
        assert model.ends == [before.min(), before.max()]
        assert dialog.range.text() == f"from {signed(float(before.min()), 4)} to {signed(float(before.max()), 4)}"
        dialog.table.selectAll()
        said = dialog.words.text()
        longest = [stalls.over(dialog._copy, lambda: "Copied" in dialog.words.text())]
        assert dialog.words.text() != said
        dialog._fill("zeros")
        dialog.table.setCurrentIndex(model.index(0, 0))
        longest.append(stalls.over(dialog._paste, lambda: "Pasted" in dialog.words.text()))
        assert np.allclose(model.values, before, rtol=1e-6, atol=0)
        dialog._fill("half")
        longest.append(stalls.over(dialog.accept, lambda: bench.undo_stack.count() == 1 and not bench.session._commands.qsize()))
        after = bench.session.capture().result(10).weights["dense1/weight"]
        assert np.allclose(after, before / 2, rtol=1e-6, atol=0)
    assert max(longest) <= 0.1, longest


def test_nothing_is_done_to_a_large_table_before_its_numbers_are_there(qtbot, monkeypatch) -> None:
    """They come in slices: to touch the memory of twelve million at once takes up to 110 ms."""
    monkeypatch.setattr(slices, "SLICE_SECONDS", 0.0)
    monkeypatch.setattr(matrix, "LOOKED_AT", 3)
    with running_window(qtbot, "xor") as window:
        bench = window.workbench
        qtbot.waitUntil(lambda: "dense1/weight" in bench.snapshot.parameters, timeout=5000)
        dialog = MatrixDialog(bench, DARK, "dense1", "hidden", window)
        qtbot.addWidget(dialog)
        assert dialog.model is None
        dialog._fill("zeros")
        dialog._paste()
        assert not dialog.table.isEnabled()
        qtbot.waitUntil(lambda: dialog.model is not None)
        assert dialog.table.isEnabled()
        assert all(np.array_equal(model.values.reshape(model.original.shape), model.original) for model in dialog.models.values())


def test_a_neuron_is_switched_off_and_on(qtbot) -> None:
    with running_window(qtbot, "xor") as window:
        bench = window.workbench
        qtbot.waitUntil(lambda: bench.snapshot.trace is not None, timeout=10_000)
        before = bench.session.capture().result(10).weights
        window.actions_["switch_off"].trigger()
        assert bench.undo_stack.count() == 0, "no neuron is chosen"
        bench.select(("dense1",), ("dense1", 2))
        picture = window.canvas.grab().toImage()
        qtbot.keyClick(window.canvas, Qt.Key.Key_X)
        assert bench.document.nodes["dense1"].off == (2,)
        qtbot.waitUntil(
            lambda: bench.snapshot.trace is not None and bench.snapshot.trace.nodes["dense1"].values["output"][2] == 0, timeout=10_000
        )
        assert window.canvas.grab().toImage() != picture
        assert "switched off" in window.canvas.scene_.cards["dense1"].painter.tip(window.canvas.scene_.cards["dense1"].picture, 2)
        after = bench.session.capture().result(10).weights
        assert all(np.array_equal(array, after[key]) for key, array in before.items())
        qtbot.keyClick(window.canvas, Qt.Key.Key_X)
        assert bench.document.nodes["dense1"].off == ()
        bench.undo_stack.undo()
        assert bench.document.nodes["dense1"].off == (2,)
