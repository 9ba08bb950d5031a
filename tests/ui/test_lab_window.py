"""The lab's window: each page opens by its command and shows the worker's numbers; what is done in it can be undone and canceled."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt

from playground.anim.account import Place
from playground.document import edits
from playground.engine.changes import DROPOUT
from playground.engine.experiments import lab
from playground.engine.live import commands
from playground.ui.lab import names
from playground.ui.lab.door import COMMANDS
from playground.ui.lab.window import Lab
from playground.ui.window import Window
from tests.ui.shell_support import Stalls, running_window, smooth, state  # noqa: F401 - a fixture

pytestmark = pytest.mark.usefixtures("state")


def opened(qtbot, window: Window, kind: str) -> Lab:
    """The lab with this page in front, its answer complete."""
    command = next(name for name, page in COMMANDS.items() if page == kind)
    window.actions_[command].trigger()
    shown = window.lab.lab
    assert shown is not None
    assert shown.page is shown.pages[kind]
    qtbot.waitUntil(lambda: settled(shown, kind), timeout=30_000)
    return shown


def settled(shown: Lab, kind: str) -> bool:
    found = shown.pages[kind].found
    return found is not None and not found.state.running


def found_now(window: Window) -> lab.Found | None:
    """What is known of the penalties; nothing at first, where they were just asked for."""
    return window.workbench.snapshot.lab.get("penalties")


def trained(qtbot, window: Window, steps: int) -> None:
    wanted = window.workbench.snapshot.step + steps
    window.workbench.session.send(commands.Step("batch", steps))
    qtbot.waitUntil(lambda: window.workbench.snapshot.step >= wanted, timeout=30_000)


def with_dropout(window: Window) -> None:
    document = window.workbench.document
    wire = next(wire for wire in document.wires if wire.source == "dense1")
    made, _ = edits.insert(document, wire, DROPOUT, rate=0.4)
    window.workbench.edit("dropout", made)


def test_every_page_opens_from_its_command_and_the_run_stays_as_it_is(qtbot) -> None:
    with running_window(qtbot, "spiral") as window:
        with_dropout(window)
        trained(qtbot, window, 60)
        before = window.workbench.session.capture().result(20).weights
        for kind in set(COMMANDS.values()) - {"attribution", "strongest", "generate"}:  # test_lab_vision, test_lab_generate
            shown = opened(qtbot, window, kind)
            assert shown.isVisible()
            assert shown.page.accessibleName() or shown.tabs.tabText(shown.tabs.currentIndex())
            assert not shown.grab().isNull()
        after = window.workbench.session.capture().result(20).weights
        assert all(np.array_equal(before[key], after[key]) for key in before)
        assert window.workbench.snapshot.phase == "paused"


def test_the_surface_says_the_engines_loss_under_the_pointer(qtbot) -> None:
    with running_window(qtbot, "spiral") as window:
        trained(qtbot, window, 200)
        page = opened(qtbot, window, "surface").surface
        found, picture = page.found, page.picture
        assert isinstance(found, lab.Surface)
        size = found.asked.size
        for row, column in ((0, 0), (7, 30), (40, 40)):
            x0, x1, y0, y1 = found.extent
            place = picture.at(x0 + (x1 - x0) * column / (size - 1), y0 + (y1 - y0) * row / (size - 1))
            x, y, loss = picture.point_at(place + QPointF(1, 1))
            assert loss == found.values[row, column]
            assert (x, y) == pytest.approx((x0 + (x1 - x0) * column / (size - 1), y0 + (y1 - y0) * row / (size - 1)))
        assert picture.x_title == names.label(found.first, window.workbench.document)
        assert picture.x_title.startswith("hidden")
        own = found.paths[0]
        near = picture.path_near(QPointF(*picture.pixels(own.points[-1:])[0].tolist()))
        assert near is not None
        assert np.array_equal(near[0].points[near[1]], own.points[-1])
        drawn = picture.grab().toImage()
        changed = replace(found, values=found.values[::-1].copy())
        picture.show_surface(changed, window.workbench.document)
        assert picture.grab().toImage() != drawn


def test_a_path_is_hidden_and_a_closer_look_keeps_them_all(qtbot) -> None:
    with running_window(qtbot, "spiral") as window:
        page = opened(qtbot, window, "surface").surface
        before = page.found
        assert isinstance(before, lab.Surface)
        page.key.rows["stochastic"].click()
        assert [path.name for path in page.picture.shown] == ["run", "full", "mini", "momentum"]
        page.picture.zoom(0.5)
        page.picture.zoom(0.5)
        qtbot.waitUntil(lambda: settled(page.window(), "surface") and page.found.extent != before.extent, timeout=30_000)
        after = page.found
        assert isinstance(after, lab.Surface)
        assert after.extent[1] - after.extent[0] == pytest.approx((before.extent[1] - before.extent[0]) / 4)
        assert all(np.array_equal(one.points, two.points) for one, two in zip(before.paths, after.paths, strict=True))
        page.picture.zoomed.emit(None)
        qtbot.waitUntil(lambda: settled(page.window(), "surface") and page.found.extent == before.extent, timeout=30_000)


def test_the_two_numbers_are_chosen_by_hand_or_on_the_canvas(qtbot) -> None:
    with running_window(qtbot, "spiral") as window:
        page = opened(qtbot, window, "surface").surface
        page.choosers[0].show(lab.Coordinate("dense2/weight", (4, 2)))
        page._choose()
        page.begin.click()
        wanted = lab.Coordinate("dense2/weight", (4, 2))
        qtbot.waitUntil(lambda: page.found is not None and page.found.first == wanted, timeout=30_000)
        page.choosers[0].place.setText("9, 1")
        page.begin.click()
        assert "no such place" in page.status.text()
        page.picks[1].click()
        assert not window.lab.lab.isVisible()
        window.workbench.light((Place("dense1", "weight", (5, 1)),))
        qtbot.mouseClick(window.canvas.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(20, 200))
        assert page.choosers[1].coordinate == lab.Coordinate("dense1/weight", (5, 1))
        assert not page.picks[1].isChecked()
        assert window.lab.lab.isVisible()
        page.picks[0].click()
        window.workbench.light(())
        qtbot.mouseClick(window.canvas.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(20, 200))
        assert window.lab.lab.isVisible()
        assert page.choosers[0].place.text() == "9, 1"


def test_what_is_no_number_is_marked_and_a_network_that_cannot_train_says_why(qtbot) -> None:
    with running_window(qtbot, "spiral") as window:
        page = opened(qtbot, window, "surface").surface
        page.rate.setText("fast")
        page.begin.click()
        assert "fast" in page.status.text()
        assert page.rate.property("bad")
        wire = window.workbench.document.wires[-1]
        window.workbench.edit("cut", edits.disconnect(window.workbench.document, wire.source, wire.target))
        page.rate.setText("")
        page.begin.click()
        assert page.status.text()
        assert page.status.property("look") == "bad"


def test_what_is_of_an_earlier_network_says_so(qtbot) -> None:
    with running_window(qtbot, "spiral") as window:
        page = opened(qtbot, window, "surface").surface
        window.workbench.edit("name", edits.set_training(window.workbench.document, learning_rate=0.5))
        assert "before" not in page.status.text()
        window.workbench.edit("bend", edits.set_field(window.workbench.document, "dense1", "activation", "relu"))
        assert "before your last change" in page.status.text()


def test_the_found_rate_is_used_and_undone(qtbot) -> None:
    with running_window(qtbot, "iris") as window:
        page = opened(qtbot, window, "rates").page
        found = page.found
        assert isinstance(found, lab.Rates)
        assert found.suggestion is not None
        before = window.workbench.document.training.learning_rate
        assert before != found.suggestion
        page.use.click()
        assert window.workbench.document.training.learning_rate == found.suggestion
        assert page.use.isHidden()
        window.actions_["undo"].trigger()
        assert window.workbench.document.training.learning_rate == before


def test_functions_follow_the_selection_and_say_the_mean_slope(qtbot) -> None:
    with running_window(qtbot, "spiral") as window:
        page = opened(qtbot, window, "values").page
        window.workbench.select(("dense2",), ("dense2", 3))
        qtbot.waitUntil(lambda: page.found is not None and (page.found.node, page.found.unit) == ("dense2", 3), timeout=10_000)
        qtbot.waitUntil(lambda: "Mean slope" in page.figures.text(), timeout=10_000)
        told = page.figures.text()
        assert "unit 4" in told
        assert page.picture.values_ is page.found
        assert page.picture.function == "tanh"
        page.take(replace(window.workbench.snapshot, lab={}))  # asked anew, and not answered yet
        assert page.figures.text() == told
        window.workbench.select(("dense2",), ("dense2", 5))
        assert "Mean slope" not in page.figures.text()
        window.workbench.select(("dense2",), ("dense2", 3))
        page.strip.chosen.emit("relu")
        assert page.picture.function == "relu"
        assert "Mean slope" not in page.figures.text()
        page.use.click()
        assert window.workbench.document.nodes["dense2"].fields["activation"] == "relu"


def test_of_a_recurrent_layer_its_units_and_the_functions_that_it_has(qtbot) -> None:
    with running_window(qtbot, "fill-in") as window:
        page = opened(qtbot, window, "values").page
        window.workbench.select(("simplernn1",), ("simplernn1", 64 * 3 + 40))  # both directions of 32 units side by side
        qtbot.waitUntil(lambda: "unit 41" in page.figures.text(), timeout=10_000)
        assert len(page._dots()) == 20
        for function, offered in (("relu", True), ("gelu", False)):
            page.strip.chosen.emit(function)
            assert page.use.isHidden() != offered


def test_dropped_units_are_crosses_and_the_masks_follow_the_run(qtbot) -> None:
    with running_window(qtbot, "spiral") as window:
        window.actions_["lab_masks"].trigger()
        page = window.lab.lab.page
        assert "no Dropout" in page.picture.words
        page.add.click()
        trained(qtbot, window, 30)
        qtbot.waitUntil(lambda: page.picture.found is not None and page.picture.found.steps[-1:].tolist() == [30], timeout=10_000)
        found, picture = page.picture.found, page.picture
        grid, wide, high = picture.cells()
        image = picture.grab().toImage()
        seen = {True: set(), False: set()}
        for column, row in ((column, row) for column in range(found.kept.shape[0]) for row in range(found.kept.shape[1])):
            corner = QPointF(grid.x() + column * wide + 3, grid.y() + row * high + 3).toPoint()
            seen[bool(found.kept[column, row])].add(image.pixelColor(corner).name())
        assert len(seen[True]) == len(seen[False]) == 1
        assert seen[True] != seen[False]
        trained(qtbot, window, 5)
        qtbot.waitUntil(lambda: page.picture.found.steps[-1] == 35, timeout=10_000)


def test_penalties_can_be_canceled_and_are_used_with_one_click(qtbot) -> None:
    with running_window(qtbot, "spiral") as window:
        page = opened(qtbot, window, "penalties").page
        assert isinstance(page.found, lab.Penalties)
        page.epochs.setText("100000")
        page.begin.click()
        qtbot.waitUntil(lambda: page.found is not None and page.found.state.running and page.stop.isEnabled(), timeout=10_000)
        page.stop.click()
        qtbot.waitUntil(lambda: not page.found.state.running, timeout=10_000)
        assert "canceled" in page.status.text()
        page.l1.setText("0.02")
        page.uses["l1"].click()
        assert (window.workbench.document.training.l1, window.workbench.document.training.l2) == (0.02, 0.0)


def test_closing_the_lab_ends_what_it_computes(qtbot) -> None:
    with running_window(qtbot, "spiral") as window:
        shown = opened(qtbot, window, "penalties")
        page = shown.page
        page.epochs.setText("100000")
        page.begin.click()
        qtbot.waitUntil(lambda: found_now(window) is not None and found_now(window).state.running, timeout=10_000)
        shown.close()
        qtbot.waitUntil(lambda: not found_now(window).state.running, timeout=10_000)


def test_the_window_answers_while_a_surface_is_computed(qtbot) -> None:
    with running_window(qtbot, "digits") as window, smooth(window):
        stalls = Stalls(qtbot)
        shown = opened(qtbot, window, "rates")  # the window itself is made here
        longest = stalls.over(
            lambda: shown.open_page("surface"),
            lambda: shown.surface.found is not None and shown.surface.found.stride == 1,
        )
        assert longest < 0.1
