"""LeNet-5 in the window: maps under the pointer, the lens during a pass and at a selected pixel, enlarged maps, kernels on the card."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from playground.engine.live import commands
from playground.ui.canvas import menus
from playground.ui.canvas.lens.map_lens import MapLens
from playground.ui.canvas.map_box import MapBox
from playground.ui.painters import maps
from playground.ui.window import Window
from tests.ui.shell_support import running_window, state  # noqa: F401 - a fixture

pytestmark = pytest.mark.usefixtures("state")
SIDE = 28 * 28


@pytest.fixture
def window(qtbot) -> Iterator[Window]:
    with running_window(qtbot, "lenet5") as shown:
        bench = shown.workbench
        bench.session.send(commands.Step("batch", 3))
        qtbot.waitUntil(lambda: bench.snapshot.step >= 3 and bench.snapshot.trace is not None, timeout=60_000)
        qtbot.waitUntil(lambda: "conv2d2" in bench.snapshot.trace.nodes, timeout=10_000)
        yield shown


def click(window: Window, node: str, unit: int) -> None:
    view = window.canvas
    box = view.scene_.cards[node].unit_rect(unit)
    assert box is not None
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=view.mapFromScene(box.center()))


def moved(widget: QWidget, point: QPointF) -> None:
    event = QMouseEvent(
        QEvent.Type.MouseMove,
        point,
        QPointF(widget.mapToGlobal(point.toPoint())),
        Qt.MouseButton.NoButton,
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
    )
    widget.mouseMoveEvent(event)


def test_a_click_on_a_pixel_opens_its_position(window: Window, qtbot) -> None:
    view, glass = window.canvas, window.map_lens
    unit = SIDE + 14 * 28 + 14
    click(window, "conv2d1", unit)
    qtbot.waitUntil(glass.isVisible, timeout=3000)
    assert glass.shown is not None
    chosen = window.workbench.unit
    assert chosen is not None
    assert chosen[0] == "conv2d1"
    assert glass.shown.index == tuple(np.unravel_index(chosen[1], (6, 28, 28)))
    trace = window.workbench.snapshot.trace
    assert trace is not None
    assert glass.shown.final.value == pytest.approx(float(trace.nodes["conv2d1"].values["output"].flat[chosen[1]]))
    read, made = glass.windows.windows
    assert (read.node, len(read.rows), len(read.columns), made.node) == ("input1", 5, 5, "conv2d1")
    (ring,) = glass.windows.boxes(read)
    first = glass.windows.cell("input1", 0, read.rows[0], read.columns[0])
    assert first is not None
    assert ring.topLeft() == first.topLeft()
    assert ring.width() == pytest.approx(5 * first.width())
    qtbot.waitUntil(lambda: not view.camera._animation.state().value, timeout=3000)
    cards = [view.mapFromScene(card.scene_card()).boundingRect() for card in view.scene_.cards.values()]
    assert not any(glass.geometry().intersects(card) for card in cards)
    assert not any(view.overlays.zoom.geometry().intersects(card) for card in cards)
    assert not glass.geometry().intersects(view.overlays.zoom.geometry())
    view.camera.reduced = True
    view.camera.step(6)
    view.overlays.place()  # as another theme or a strip has it
    assert not glass.geometry().intersects(view.overlays.zoom.geometry())
    free = view.viewport().rect().adjusted(0, 0, 0, -round(view.camera.below))
    assert view.overlays.map.isVisible()
    assert free.contains(view.overlays.map.geometry())
    QTest.mouseClick(view.overlays.map, Qt.MouseButton.LeftButton, pos=view.overlays.map.rect().center())
    assert free.contains(view.mapFromScene(view.scene_.content().center()))
    view.fit_all()
    window.workbench.select(())
    qtbot.waitUntil(lambda: not glass.isVisible(), timeout=3000)
    assert view.camera.below == 0


def test_put_away_it_comes_back_with_the_next_position(window: Window, qtbot) -> None:
    glass = window.map_lens
    click(window, "maxpool2d1", 50)
    qtbot.waitUntil(glass.isVisible, timeout=3000)
    glass.put_away()
    assert not glass.isVisible()
    window.workbench.select(("maxpool2d1",), ("maxpool2d1", 51))
    qtbot.waitUntil(glass.isVisible, timeout=3000)


def test_it_follows_a_pass_cell_by_cell_with_the_channels(window: Window, qtbot) -> None:
    glass, player = window.map_lens, window.canvas.player
    window.workbench.set_pace("explain")
    for cell in (0, 37, 99):
        player.hold(f"forward:conv2d2:3,{cell // 10},{cell % 10}")
        assert glass.shown is not None
        assert glass.shown.index == (3, cell // 10, cell % 10)
        look = glass.look()
        assert (look.done, look.added, len(glass.shown.planes)) == (300 + cell + 1, 6, 6)
    assert glass.isVisible()
    player.hold("backward:maxpool2d1:5,6,4")
    assert glass.shown is not None
    assert glass.shown.turned
    assert {window.node for window in glass.windows.windows} == {"conv2d2", "maxpool2d1"}
    player.hold("forward:dense1:7")
    assert glass.isVisible()
    assert glass.shown.whole
    assert glass.windows.windows == ()
    qtbot.waitUntil(lambda: glass.texts().get("lens/title") == "dense1, unit 8: one sum", timeout=3000)
    rows, columns = glass.shown.target.shape[1:]
    assert glass.shown.index == (0, 7 // columns, 7 % columns)
    assert rows * columns == 120
    place = glass.shown.place(0, 3, 7), glass.shown.weight_place(0, 3, 7)
    assert [(one.node, one.name, one.index) for one in place] == [("flatten1", "output", (42,)), ("dense1", "weight", (7, 42))]
    player.hold("update:conv2d1:weight[1,0,4,3]")
    assert glass.shown.phase == "update"
    trace = window.workbench.snapshot.trace
    errors, source = trace.nodes["conv2d1"].gradients["pre_activation"][1], np.pad(trace.nodes["input1"].values["output"][0], 2)
    gradient = sum(float(errors[row, column]) * float(source[row + 4, column + 3]) for row in range(28) for column in range(28))
    assert glass.shown.products[np.isfinite(glass.shown.products)].sum() == pytest.approx(gradient, rel=1e-4, abs=1e-9)
    assert glass.shown.result.value == pytest.approx(gradient, rel=1e-3, abs=1e-7)
    assert glass.shown.target[0, 4, 3] == pytest.approx(glass.shown.result.value)
    assert glass.shown.index == (0, 4, 3)
    qtbot.waitUntil(lambda: "lens/line/gradient" in glass.texts(), timeout=3000)
    player.hold("forward:flatten1:0")
    assert not glass.isVisible()
    assert window.canvas.camera.below > 0  # the network stays where it is until the pass is over
    player.stop()
    qtbot.waitUntil(lambda: window.canvas.camera.below == 0, timeout=3000)


def test_a_pixel_of_the_made_picture_under_the_pointer_is_explained(window: Window, qtbot) -> None:
    glass = window.map_lens
    click(window, "conv2d2", 45)
    qtbot.waitUntil(glass.isVisible, timeout=3000)
    assert glass.parts is not None
    box = glass.parts.target
    moved(glass, QPointF(box.x() + box.width() * 0.75, box.y() + box.height() * 0.25))
    assert glass.shown is not None
    assert glass.shown.index[1:] == (2, 7)
    cell = glass.parts.grid_cell(0, 1, 2)
    moved(glass, cell.center())
    assert glass.shown.place(glass.look().plane, 1, 2) in window.workbench.lit


def test_hovering_an_input_pixel_rings_all_that_it_goes_into(window: Window) -> None:
    glass = window.map_lens
    window.workbench.hover_changed.emit("input1", 14 * 28 + 14)
    (found,) = glass.windows.windows
    assert (found.node, found.role, len(found.planes), len(found.rows), len(found.columns)) == ("conv2d1", "reached", 6, 5, 5)
    assert len(glass.windows.boxes(found)) == 6
    window.workbench.hover_changed.emit("", None)
    assert not glass.windows.windows


def test_a_question_is_not_answered_by_the_lens(window: Window) -> None:
    glass = window.map_lens
    window.workbench.set_pace("explain")
    window.canvas.player.hold("forward:maxpool2d1:0,6,6")
    window.explain.set_predicting(True)
    assert glass.shown is not None
    assert glass.look().hidden.hides(glass.shown.final)
    before = glass.grab().toImage()
    trace = window.workbench.snapshot.trace
    assert trace is not None
    glass.shown.target.flags.writeable = True
    kept = glass.shown.target[0, 6, 6]
    glass.shown.target[0, 6, 6] = kept + 0.3
    assert glass.grab().toImage() == before
    glass.shown.target[0, 6, 6] = kept


def opened(window: Window, node: str, unit: int) -> MapBox:
    view = window.canvas
    box = view.scene_.cards[node].unit_rect(unit)
    assert box is not None
    QTest.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=view.mapFromScene(box.center()))
    return view.overlays.maps.boxes[-1]


def test_a_map_is_enlarged_read_and_compared_with_a_kept_moment(window: Window, qtbot) -> None:
    bench = window.workbench
    box = opened(window, "conv2d1", 2 * SIDE + 300)
    other = opened(window, "maxpool2d2", 30)
    assert [(one.node, one.map_) for one in window.canvas.overlays.maps.boxes] == [("conv2d1", 2), ("maxpool2d2", 1)]
    assert bench.snapshot.trace is not None
    np.testing.assert_array_equal(box.picture.sheets[0].values[0], bench.snapshot.trace.nodes["conv2d1"].values["output"][2])
    made, corner = box.picture.layout_of(0)
    box._pointed(box.picture.at(made.cell_rect(corner, 0, 9, 11).center()))
    assert "row 10, column 12" in box._foot.text()
    box.choose("kernel")
    assert box.picture.sheets[0].values.shape == (1, 5, 5)
    before = box.picture.sheets[0].values.copy()
    box.keep(True)
    bench.session.send(commands.Step("batch", 20))
    qtbot.waitUntil(lambda: bench.snapshot.step >= 23 and window.canvas.scene_.snapshot.step >= 23, timeout=30_000)
    kept, now, change = box.picture.sheets
    np.testing.assert_array_equal(kept.values, before)
    np.testing.assert_allclose(change.values, now.values - before)
    assert np.abs(change.values).max() > 0
    bench.set_pace("explain")
    window.canvas.player.hold("backward:conv2d1:0")
    assert [sheet.scale.ramp for sheet in box.picture.sheets] == ["err"], "a gradient is not compared with a kept weight"
    window.canvas.player.stop()
    other.closed.emit(other)
    assert window.canvas.overlays.maps.boxes == [box]


def test_an_enlarged_max_pool_marks_its_winners_as_its_card_does(window: Window) -> None:
    box = opened(window, "maxpool2d2", 30)
    (sheet,) = box.picture.sheets
    won = maps.winners(window.canvas.scene_.cards["maxpool2d2"].picture)
    assert won is not None
    assert sheet.won is not None
    np.testing.assert_array_equal(sheet.won, won[1:2])
    marked = box.picture.grab().toImage()
    box.picture.sheets = (replace(sheet, won=None),)
    assert box.picture.grab().toImage() != marked
    box.keep(True)
    kept, now, change = box.picture.sheets
    assert [one.won is None for one in (kept, now, change)] == [True, False, True], "another moment's winners are not known"
    window.workbench.set_pace("explain")
    window.canvas.player.hold("forward:maxpool2d2:27")
    (now,) = box.picture.sheets[1:2]
    assert now.done == 3
    told = np.isfinite(now.won).all(axis=-1).ravel()
    assert told[:3].all()
    assert not told[3:].any()
    window.canvas.player.stop()
    box.closed.emit(box)


def test_a_double_click_means_what_lay_there_before_its_first_click_moved_it(
    window: Window, qtbot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QApplication, "doubleClickInterval", lambda: 60_000)  # test events lie at least 500 ms apart
    view, boxes = window.canvas, window.canvas.overlays.maps.boxes
    view.workbench.set_reduced_motion(True)
    unit = view.scene_.cards["maxpool2d1"].unit_rect(2 * 14 * 14 + 40)
    assert unit is not None
    at = view.mapFromScene(unit.center())
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    lens = window.findChild(MapLens)
    assert lens is not None
    qtbot.waitUntil(lens.isVisible)
    assert view.mapFromScene(unit.center()) != at
    QTest.mouseDClick(lens, Qt.MouseButton.LeftButton, pos=lens.mapFromGlobal(view.viewport().mapToGlobal(at)))  # it may lie there now
    assert [(box.node, box.map_) for box in boxes] == [("maxpool2d1", 2)]
    boxes[0].closed.emit(boxes[0])


def test_the_kernels_of_a_card_take_the_place_of_its_maps(window: Window) -> None:
    view, card = window.canvas, window.canvas.scene_.cards["conv2d1"]
    body = card.body
    line = view.mapFromScene(card.pos() + QPointF(body.center().x(), body.bottom() - 8))
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(line))
    assert card.picture.face == "kernels"
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(line))
    assert card.picture.face == ""
    window.workbench.set_pace("explain")
    view.player.hold("update:conv2d1:weight[1,0,2,2]")
    assert card.picture.face == "kernels"  # a weight that changes has to be seen
    view.player.stop()
    assert card.picture.face == ""


def test_a_whole_map_is_switched_off(window: Window) -> None:
    window.workbench.select(("conv2d1",), ("conv2d1", 3 * SIDE + 5))
    texts = [action.text() for action in menus.of_nodes(window.canvas).actions()]
    assert "Switch map 4 off" in texts
    assert "Enlarge map 4" in texts
    window.canvas.editor.switch_off()
    assert window.workbench.document.nodes["conv2d1"].off == (3,)
