"""The window on the real session: geometry, fields, undo, live edits, problems, palette, keys."""

from __future__ import annotations

import dataclasses
from itertools import pairwise

import pytest
from PySide6.QtCore import QCoreApplication, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QComboBox, QLineEdit, QPushButton, QWidget

from playground.document import Document, edits
from playground.ui.actions import Actions
from playground.ui.dialogs.commands import CommandList
from playground.ui.dialogs.help import explanation_of
from playground.ui.panels.palette_row import MIME
from playground.ui.panels.training_bar import READOUT_MILLISECONDS
from tests.ui.shell_support import running_window, state  # noqa: F401 - a fixture

pytestmark = pytest.mark.usefixtures("state")


@pytest.mark.parametrize(
    ("size", "bar", "palette", "right", "dock", "timeline", "status", "canvas"),
    [
        ((1280, 800), 44, 160, 280, 176, 48, 22, (840, 510)),
        ((1600, 1000), 48, 200, 340, 244, 56, 24, (1060, 628)),
        ((1920, 1080), 48, 216, 380, 260, 56, 24, (1324, 692)),
    ],
)
def test_the_parts_have_the_sizes_of_the_guide(qtbot, size, bar, palette, right, dock, timeline, status, canvas) -> None:
    with running_window(qtbot, size=size) as window:
        line = 1  # a splitter's line belongs to the side panel
        assert window.bar.height() == bar
        assert window.palette_.width() + line == palette
        assert window.inspector.width() + line == right
        assert window.dock.height() + line == dock
        assert (window.timeline.height(), window.status.height()) == (timeline, status)
        assert (window.canvas.width(), window.canvas.height()) == canvas


def test_a_field_is_one_undo_step(qtbot) -> None:
    with running_window(qtbot, "spiral") as window:
        bench = window.workbench
        bench.select(("dense1",))
        units = window.findChild(QLineEdit, "field/dense1/units")
        units.setText("5")
        units.editingFinished.emit()
        assert bench.document.nodes["dense1"].fields["units"] == 5
        assert bench.undo_stack.count() == 1
        window.actions_["undo"].trigger()
        assert bench.document.nodes["dense1"].fields["units"] == 8
        assert window.findChild(QLineEdit, "field/dense1/units").text() == "8"
        window.actions_["redo"].trigger()
        assert bench.document.nodes["dense1"].fields["units"] == 5


def test_scrubbing_a_number_is_one_undo_step(qtbot) -> None:
    with running_window(qtbot, "spiral") as window:
        editor = window.inspector.editor("training", "learning_rate")
        before = window.workbench.document.training.learning_rate
        for _ in range(3):
            editor._scrub(1)
        assert window.workbench.document.training.learning_rate > before
        assert window.workbench.undo_stack.count() == 1
        window.workbench.undo_stack.undo()
        assert window.workbench.document.training.learning_rate == before


def test_live_settings_change_mid_run_without_a_reset(qtbot) -> None:
    with running_window(qtbot, "spiral") as window:
        bench = window.workbench
        window.actions_["train"].trigger()
        qtbot.waitUntil(lambda: bench.snapshot.step > 50, timeout=60_000)
        run, step = bench.snapshot.run, bench.snapshot.step
        for name, text in (("learning_rate", "0.002"), ("l2", "0.001"), ("batch_size", "20")):
            edit = window.findChild(QLineEdit, f"field/training/{name}")
            edit.setText(text)
            edit.editingFinished.emit()
        qtbot.waitUntil(lambda: bench.snapshot.learning_rate == pytest.approx(0.002) and len(bench.snapshot.events) >= 3, timeout=10_000)
        qtbot.waitUntil(lambda: bench.snapshot.step > step + 50, timeout=10_000)
        assert bench.snapshot.phase == "training"
        assert bench.snapshot.run == run
        assert {event.kind for event in bench.snapshot.events} >= {"setting"}
        bench.pause()
        qtbot.waitUntil(lambda: bench.snapshot.phase == "paused", timeout=10_000)


def test_freezing_a_node_keeps_its_numbers(qtbot) -> None:
    with running_window(qtbot, "spiral") as window:
        bench = window.workbench
        bench.select(("dense2",))
        window.findChild(QWidget, "field/dense2/learns").click()
        assert bench.document.nodes["dense2"].frozen


def test_several_nodes_show_what_they_share_and_change_together(qtbot) -> None:
    with running_window(qtbot, "spiral") as window:
        bench = window.workbench
        bench.edit("units", edits.set_field(bench.document, "dense1", "units", 6))
        bench.select(("dense1", "dense2"))
        inspector, undone = window.inspector, bench.undo_stack.count()
        units, function = inspector.editor("several", "units"), inspector.editor("several", "activation")
        assert (units.edit.text(), units.edit.placeholderText()) == ("", "mixed")
        assert function.widget.currentData() == "tanh"
        units.edit.editingFinished.emit()  # left empty: nothing is meant by it
        units._scrub(1)
        assert bench.undo_stack.count() == undone
        assert not units.complaint.isVisible()
        units.edit.setText("5")
        units.edit.editingFinished.emit()
        assert [bench.document.nodes[node].fields["units"] for node in ("dense1", "dense2")] == [5, 5]
        assert bench.undo_stack.count() == undone + 1
        window.findChild(QWidget, "field/several/learns").click()
        assert bench.document.nodes["dense1"].frozen
        assert bench.document.nodes["dense2"].frozen
        source = next(iter(bench.document.nodes))
        bench.select((source, "dense1", "output1"))
        assert not [owner for owner, _ in inspector._editors if owner == "several"]
        assert not inspector._training.isVisible()
        assert inspector._learns is not None, "only one of them learns, and it can be frozen"


def test_a_click_on_a_data_set_is_undoable(qtbot) -> None:
    with running_window(qtbot, "spiral") as window:
        row = window.findChild(QWidget, "palette/moons")
        qtbot.mouseClick(row, Qt.MouseButton.LeftButton)
        assert window.workbench.document.data.name == "moons"
        window.workbench.undo_stack.undo()
        assert window.workbench.document.data.name == "spiral"
        window.workbench.undo_stack.redo()

        def chosen() -> str:
            combo = window.inspector.editor("data", "name").widget
            assert isinstance(combo, QComboBox)
            return combo.currentData()

        qtbot.waitUntil(lambda: chosen() == "moons", timeout=5000)


def test_search_finds_and_enter_adds_after_the_selection(qtbot) -> None:
    with running_window(qtbot, "spiral") as window:
        window.workbench.select(("dense2",))
        window.actions_["search"].trigger()
        assert window.palette_.search.hasFocus() or not window.isActiveWindow()
        window.palette_.search.setText("activ")
        shown = [row.entry.name for row in window.palette_.rows if not row.isHidden()]
        assert "Activation" in shown
        assert "Flatten" not in shown
        qtbot.keyClick(window.palette_.search, Qt.Key.Key_Return)
        document = window.workbench.document
        assert "activation1" in document.nodes
        assert any(wire.source == "dense2" and wire.target == "activation1" for wire in document.wires)
        assert window.palette_.search.text() == ""


def test_a_row_drags_the_format_that_the_canvas_takes(qtbot) -> None:
    with running_window(qtbot) as window:
        mimes = {row.entry.kind: row.mime() for row in window.palette_.rows}
        for kind, name in MIME.items():
            assert mimes[kind].hasFormat(name)
        row = next(row for row in window.palette_.rows if row.entry.name == "Dense")
        assert bytes(row.mime().data(MIME["layer"]).data()) == b"Dense"


def test_train_with_problems_selects_the_first_one(qtbot) -> None:
    with running_window(qtbot) as window:
        bench = window.workbench
        document, source = edits.add_node(Document(), "Input", shape=(1, 4, 4))
        document, dense = edits.add_node(document, "Dense")
        bench.edit("Test", edits.connect(document, source, dense))
        shown = []
        bench.problem_shown.connect(shown.append)
        assert window.bar.train.isEnabled()
        window.bar.train.click()
        assert shown[-1] == next(problem for problem in bench.problems() if problem.severity == "error")
        fix = next(problem for problem in bench.problems() if problem.fix is not None and problem.fix.layer_type == "Flatten")
        button = next(b for b in window.inspector.problems.findChildren(QPushButton) if b.text() == fix.fix.label)
        button.click()
        assert "flatten1" in bench.document.nodes
        bench.undo_stack.undo()
        assert "flatten1" not in bench.document.nodes


def test_the_remedy_of_missing_data_opens_the_list(qtbot) -> None:
    with running_window(qtbot) as window:
        bench = window.workbench
        document, source = edits.add_node(Document(), "Input", shape=(2,))
        document, dense = edits.add_node(document, "Dense", units=1)
        document, out = edits.add_node(document, "Output", loss="half_squared_error")
        document = edits.connect(edits.connect(document, source, dense), dense, out)
        bench.edit("Test", document)
        bench.select((dense,))
        problem = next(problem for problem in bench.problems() if problem.data and problem.fix is not None)
        window.inspector.problems.fix(problem)
        assert bench.selected == ()
        box = window.inspector.editor("data", "name").widget
        assert isinstance(box, QComboBox)
        assert box.view().isVisible()
        box.hidePopup()


def test_every_command_does_something_and_has_words(qtbot) -> None:
    with running_window(qtbot) as window:
        keys: set[str] = set()
        for command, action in window.actions_:
            assert command.text, command.name
            assert command.tip, command.name
            assert action.receivers("2triggered(bool)") or action.receivers("2toggled(bool)"), command.name
            assert not keys & set(command.keys), command.name
            keys |= set(command.keys)


def test_bare_keys_belong_to_a_text_field(qtbot) -> None:
    with running_window(qtbot, "spiral") as window:
        actions: Actions = window.actions_
        actions.release_plain_keys(window.palette_.search)
        assert actions["train"].shortcuts() == []
        assert actions["save"].shortcuts() != []
        actions.release_plain_keys(window.canvas)
        assert actions["train"].shortcuts() != []


def test_the_command_list_runs_what_is_found(qtbot) -> None:
    with running_window(qtbot, "spiral") as window:
        box = CommandList(window.actions_, window)
        box.open()
        box.search.setText("watch")
        box._run()
        assert window.workbench.pace == "watch"


def test_f1_explains_the_thing_in_focus(qtbot) -> None:
    with running_window(qtbot, "spiral") as window:
        rate = window.findChild(QLineEdit, "field/training/learning_rate")
        name, words = explanation_of(rate)
        assert name == "Learning rate"
        assert "gradient" in words


def test_everything_to_press_has_a_name_and_a_tooltip(qtbot) -> None:
    with running_window(qtbot, "spiral") as window:
        window.workbench.select(("dense1",))
        for button in window.bar.findChildren(QWidget):
            if button.focusPolicy() != Qt.FocusPolicy.NoFocus and button.isVisible() and not button.objectName().startswith("qt_"):
                assert button.objectName(), button
                assert button.toolTip(), button.objectName()


def test_the_theme_changes_everywhere_and_is_remembered(qtbot) -> None:
    with running_window(qtbot, "spiral") as window:
        window.actions_["theme_light"].trigger()
        assert window.theme.name == "light"
        assert window.canvas.theme.name == "light"
        assert isinstance(window.actions_["theme_light"], QAction)
    with running_window(qtbot, theme="") as again:
        assert again.theme.name == "light"


def test_the_folded_palette_is_remembered(qtbot) -> None:
    with running_window(qtbot) as window:
        window.actions_["palette"].trigger()
        assert window.palette_.width() == 48
    with running_window(qtbot) as again:
        assert again.palette_.folded
        again.actions_["reset_layout"].trigger()
        assert not again.palette_.folded
        assert again.palette_.width() == 199


def test_in_a_small_window_the_palette_lends_its_room_to_a_pass(qtbot) -> None:
    with running_window(qtbot) as window:
        for width, height, lends in ((1280, 800, True), (1600, 1000, False)):
            window.resize(width, height)
            window.explain.room_wanted.emit(True)
            assert window.palette_.folded == lends
            window.explain.room_wanted.emit(False)
            assert not window.palette_.folded
        window.resize(1280, 800)
        window.actions_["palette"].trigger()  # the user's own rail stays
        window.explain.room_wanted.emit(True)
        window.explain.room_wanted.emit(False)
        assert window.palette_.folded
        window.actions_["palette"].trigger()
        window.explain.room_wanted.emit(True)
        window.resize(1600, 1000)
        window.resize(1280, 800)
        assert window._middle.sizes()[0] == window.palette_.width() == 48  # nothing bare beside the rail
    with running_window(qtbot) as again:  # what was lent is not kept
        again.resize(1280, 800)
        assert not again.palette_.folded


def test_readouts_follow_the_run_and_keep_their_width(qtbot) -> None:
    with running_window(qtbot, "spiral") as window:
        width = window.bar.readouts["step"].width()
        for _ in range(3):
            window.bar.step.click()
        qtbot.waitUntil(lambda: window.bar.readouts["step"].value.text() == "3", timeout=10_000)
        assert window.bar.readouts["step"].width() == width
        loss = window.bar.readouts["loss"]
        assert loss.value.text() not in ("", "—")
        wide = loss.width()
        loss.show_value("9.3×10⁻⁵")
        assert loss.width() == wide, "a loss that gets small does not move what stands beside it"
        loss.show_value("1.234×10¹²")
        assert loss.width() > wide


def test_the_speed_is_told_where_nothing_is_played(qtbot) -> None:
    with running_window(qtbot, "spiral") as window:
        bench, status = window.workbench, window.status
        here = bench.snapshot
        told = {("fast", 128_400.0): "130,000 samples/s", ("fast", 1.2): "1 sample/s", ("fast", 0.3): "", ("watch", 900.0): ""}
        for (pace, speed), words in told.items():
            bench.set_pace(pace)
            bench.snapshot = dataclasses.replace(here, phase="training", samples_per_second=speed)
            status.refresh()
            assert [part for part in status.facts.text().split(" · ") if "sample" in part] == ([words] if words else [])
        bench.snapshot = here


@pytest.mark.parametrize("width", [1024, 1180, 1280, 1366, 1440, 1536, 1600, 1680, 1920])
def test_in_the_bar_nothing_lies_on_anything_else(qtbot, width) -> None:
    """Where the window has no room for all of it, the pace's words, caption and slider are left out, and the name gives way."""
    with running_window(qtbot, "modern", size=(width, 1000)) as window:
        bar = window.bar
        for name, text in (("step", "1,234,567"), ("epoch", "12,345"), ("loss", "0.1234"), ("train", "100.0%"), ("validation", "100.0%")):
            bar.readouts[name].show_value(text)
        qtbot.wait(READOUT_MILLISECONDS)
        bar.show_snapshot(window.workbench.snapshot)  # the room for the digits stays
        qtbot.waitUntil(lambda: bar.width() == width)
        QCoreApplication.sendPostedEvents()  # the layout
        parts = [bar._left, bar.rewind, bar.train, bar.step, bar.pace_label, bar.segments, bar.slider, bar.meaning, *bar.readouts.values()]
        shown = [part for part in parts if part.isVisible()]
        boxes = [QRect(part.mapTo(bar, QPoint()), part.size()) for part in shown]
        for first, second in pairwise(boxes):
            assert first.right() < second.left()
        assert boxes[0].left() >= 0
        assert boxes[-1].right() < bar.width()
        assert bar.train in shown
        assert bar.readouts["validation"] in shown
        assert "As last checked" in bar.readouts["validation"].toolTip()
        assert bar.meaning.isVisible() == (width >= 1600)


def test_regression_has_no_readout_of_accuracy(qtbot) -> None:
    with running_window(qtbot, "salary") as window:
        bar = window.bar
        window.workbench.step("epoch")
        qtbot.waitUntil(lambda: bar.readouts["epoch"].value.text() == "1", timeout=10_000)
        assert bar.readouts["train"].isHidden()
        assert not window.dock.charts.charts["accuracy"].isVisibleTo(window)
        window.dock.charts.menu.aboutToShow.emit()
        assert "Accuracy" not in [action.text() for action in window.dock.charts.menu.actions()]
    with running_window(qtbot, "spiral") as window:
        assert not window.bar.readouts["train"].isHidden()


def test_the_explain_panel_shows_the_selected_neuron(qtbot) -> None:
    with running_window(qtbot, "spiral") as window:
        bench = window.workbench
        window.bar.step.click()
        bench.select(("dense2",), ("dense2", 4))
        qtbot.waitUntil(lambda: window.explain.account is not None and window.explain.sheet.blocks[0].table is not None, timeout=10_000)
        assert window.explain.caption.full_text() == "hidden2 · neuron 5"
        weight = bench.snapshot.trace.parameters["dense2/weight"].before
        rows = window.explain.sheet.blocks[0].table.rows
        assert [row.values[0] for row in rows[:8]] == pytest.approx(weight[4].tolist())
        assert [row.label for row in rows] == [*map(str, range(1, 9)), "bias"]
        qtbot.waitUntil(lambda: window.explain.view.blocks[0].formula.height() > 10, timeout=10_000)


def test_a_view_that_fitted_itself_is_saved_as_such(qtbot) -> None:
    with running_window(qtbot, "xor") as window:
        assert window.canvas.camera.fitted
        assert (window._view().center, window._view().zoom) == (None, None)
        window.canvas.camera.pan(QPointF(40, 0))
        assert window._view().zoom == window.canvas.camera.zoom
