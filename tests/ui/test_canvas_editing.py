"""Drops, wires, selection, moves and the clipboard on the canvas, sent as the events that a hand makes."""

from __future__ import annotations

from itertools import combinations, pairwise, product

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QMouseEvent, QPainterPath
from PySide6.QtWidgets import QApplication

from playground.document import Document, Node, edits, example
from playground.ui.canvas import facts, geometry, lanes
from playground.ui.canvas.dropping import DATA, EXAMPLE, LAYER
from playground.ui.canvas.measure import card_size, with_other_data
from playground.ui.canvas.view import CanvasView
from playground.ui.canvas.wiring import Plate
from tests.ui.canvas_support import crowd, snapshot

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton


def drop(view: CanvasView, kind: str, name: str, at: QPoint) -> bool:
    """Onto what lies there: the start page where the canvas is empty, else the viewport."""
    target = view.overlays.start if view.overlays.start.isVisible() else view.viewport()
    mime = QMimeData()
    mime.setData(kind, name.encode())
    for event_type in (QDragEnterEvent, QDragMoveEvent):
        try:
            event = event_type(QPointF(at), Qt.DropAction.CopyAction, mime, LEFT, Qt.KeyboardModifier.NoModifier)
        except TypeError:  # Qt up to 6.11 takes whole pixels here
            event = event_type(at, Qt.DropAction.CopyAction, mime, LEFT, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(target, event)
        if not event.isAccepted():
            return False
    event = QDropEvent(QPointF(at), Qt.DropAction.CopyAction, mime, LEFT, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(target, event)
    return event.isAccepted()


def mouse(view: CanvasView, kind: QEvent.Type, at: QPointF, button=LEFT, modifiers=Qt.KeyboardModifier.NoModifier) -> None:
    held = NONE if kind == QEvent.Type.MouseButtonRelease else button
    pressed = NONE if kind == QEvent.Type.MouseMove else button
    event = QMouseEvent(kind, at, QPointF(view.viewport().mapToGlobal(at.toPoint())), pressed, held, modifiers)
    QApplication.sendEvent(view.viewport(), event)


def drag(view: CanvasView, start: QPointF, end: QPointF, modifiers=Qt.KeyboardModifier.NoModifier, release: bool = True) -> None:
    """From one scene point to another."""
    a, b = (QPointF(view.mapFromScene(point)) for point in (start, end))
    mouse(view, QEvent.Type.MouseButtonPress, a, modifiers=modifiers)
    for step in range(1, 6):
        mouse(view, QEvent.Type.MouseMove, a + (b - a) * step / 5, modifiers=modifiers)
    if release:
        mouse(view, QEvent.Type.MouseButtonRelease, b, modifiers=modifiers)


def center(view: CanvasView, id: str) -> QPointF:
    card = view.scene_.cards[id].scene_card()
    return QPointF(card.center().x(), card.top() + 12)


def out_port(view: CanvasView, id: str) -> QPointF:
    return view.scene_.cards[id].pos() + view.scene_.cards[id].output_port()


def in_port(view: CanvasView, id: str, index: int = 0) -> QPointF:
    return view.scene_.cards[id].pos() + view.scene_.cards[id].input_port(index)


def built(*nodes: tuple[str, float], data: str = "") -> Document:
    document = Document()
    for type, x in nodes:
        document, _ = edits.add_node(document, type, position=(x, 0.0))
    return edits.set_data(document, data) if data else document


def test_drop_a_layer_snaps_and_is_one_undo_step(open_canvas) -> None:
    view = open_canvas()
    assert view.overlays.start.isVisible()
    assert drop(view, LAYER, "Dense", QPoint(303, 207))
    node = view.workbench.document.nodes["dense1"]
    assert all(place % 8 == 0 for place in node.position)
    assert view.scene_.card_at(view.mapToScene(QPoint(303, 207))) is view.scene_.cards["dense1"]
    assert view.workbench.selected == ("dense1",)
    assert not view.overlays.start.isVisible()
    view.workbench.undo_stack.undo()
    assert not view.scene_.cards
    assert view.overlays.start.isVisible()


def test_drop_on_a_wire_inserts(open_canvas) -> None:
    view = open_canvas("mnist-mlp")
    wire = next(wire for wire in view.workbench.document.wires if wire.target == "output1")
    assert drop(view, LAYER, "Dropout", view.mapFromScene(view.scene_.wires[wire].chip.center()))
    wires = {(wire.source, wire.target) for wire in view.workbench.document.wires}
    assert (wire.source, "dropout1") in wires
    assert ("dropout1", "output1") in wires
    assert (wire.source, "output1") not in wires
    boxes = [card.scene_card() for card in view.scene_.cards.values()]
    assert not any(a.intersects(b) for at, a in enumerate(boxes) for b in boxes[:at]), "the inserted card got room"


def test_drop_among_the_edges_of_two_layers_inserts(open_canvas) -> None:
    view = open_canvas("spiral")
    view.scene_.feed(snapshot(view.workbench.document))
    wire = next(wire for wire in view.scene_.edges if (wire.source, wire.target) == ("dense1", "dense2"))
    between = view.scene_.cards["dense1"].scene_card().right() + view.scene_.cards["dense2"].scene_card().left()
    at = QPointF(between / 2, view.scene_.cards["dense1"].scene_card().center().y() + 40)
    assert view.scene_.wire_at(at) is None
    assert drop(view, LAYER, "Dense", view.mapFromScene(at))
    wires = {(one.source, one.target) for one in view.workbench.document.wires}
    assert ("dense1", "dense2") not in wires
    (new,) = (id for id in view.workbench.document.nodes if id not in ("input1", "dense1", "dense2", "dense3", "output1"))
    assert {(wire.source, new), (new, wire.target)} <= wires
    beside = QPointF(at.x(), view.scene_.cards["dense1"].scene_card().top() - 200)
    assert drop(view, LAYER, "Dense", view.mapFromScene(beside))
    assert len(view.workbench.document.wires) == len(wires)  # off them it stands alone


def test_drop_data_and_example(open_canvas, qtbot) -> None:
    view = open_canvas()
    view.workbench.edit("", built(("Input", 0)))
    assert drop(view, DATA, "spiral", QPoint(50, 50))
    assert view.workbench.document.data.name == "spiral"
    assert view.scene_.facts.nodes["input1"].output == (2,), "shapes follow at once"
    with qtbot.waitSignal(view.workbench.example_wanted) as asked:
        drop(view, EXAMPLE, "moons", QPoint(50, 50))
    assert asked.args == ["moons"]
    assert not drop(view, "text/plain", "x", QPoint(50, 50))


def test_wire_by_hand(open_canvas) -> None:
    view = open_canvas()
    view.workbench.edit("", built(("Input", 0), ("Dense", 250), data="spiral"))
    view.fit_all()
    drag(view, out_port(view, "input1"), in_port(view, "dense1"))
    assert [(wire.source, wire.target) for wire in view.workbench.document.wires] == [("input1", "dense1")]
    assert view.scene_.facts.nodes["dense1"].count == 24
    view.workbench.undo_stack.undo()
    drag(view, in_port(view, "dense1"), out_port(view, "input1"))
    assert len(view.workbench.document.wires) == 1, "backwards works too"


def test_refused_wire_names_shapes_and_fix(open_canvas) -> None:
    view = open_canvas()
    view.workbench.edit("", built(("Input", 0), ("Dense", 300), data="mnist"))
    view.fit_all()
    drag(view, out_port(view, "input1"), in_port(view, "dense1"))
    assert not view.workbench.document.wires
    strip = view.overlays.strip
    assert strip.isVisible()
    assert "1×28×28" in strip.accessibleName()
    assert strip._buttons[0].text() == "Insert Flatten"
    strip._buttons[0].click()
    assert {(wire.source, wire.target) for wire in view.workbench.document.wires} == {("input1", "flatten1"), ("flatten1", "dense1")}
    assert not strip.isVisible()
    view.workbench.undo_stack.undo()
    assert "flatten1" not in view.workbench.document.nodes


@pytest.mark.parametrize("zoom", [0.2, 1.0])
@pytest.mark.parametrize("edge", ["right", "bottom", "left"])
def test_a_refusal_while_dragging_is_whole_inside_the_canvas(open_canvas, edge, zoom) -> None:
    view = open_canvas()
    view.workbench.edit("", built(("Input", 0), ("Dense", 300), data="mnist"))
    target = in_port(view, "dense1")
    away = QPointF(view.viewport().width() / 2 - 20, view.viewport().height() / 2 - 20) / zoom
    off = {"right": QPointF(-away.x(), 0), "left": QPointF(away.x(), 0), "bottom": QPointF(0, -away.y())}[edge]
    view.camera.look(target + off, zoom)
    drag(view, out_port(view, "input1"), target, release=False)
    plates = [item for item in view.scene_.items() if isinstance(item, Plate)]
    assert len(plates) == 1
    assert "Insert Flatten" in plates[0]._words
    box = plates[0].deviceTransform(view.viewportTransform()).mapRect(plates[0].boundingRect())
    assert QRectF(view.viewport().rect()).contains(box)
    assert box.height() > 30  # as large on the screen at any zoom


def test_the_tidied_network_is_in_sight(open_canvas) -> None:
    view = open_canvas()
    view.workbench.edit("", built(*[("Dense", 20.0 * at) for at in range(6)]))
    view.camera.look(QPointF(5000, 5000), 1.0)
    view.editor.tidy()
    assert view.camera.visible().contains(view.scene_.content())


def test_circle_is_refused(open_canvas) -> None:
    view = open_canvas("spiral")
    before = view.workbench.document
    drag(view, out_port(view, "dense2"), in_port(view, "dense1"))
    assert view.workbench.document == before
    assert "circle" in view.overlays.strip.accessibleName()


def test_move_is_one_undo_step_and_wires_follow(open_canvas) -> None:
    view = open_canvas("mnist-mlp")
    before = view.workbench.document.nodes["dense2"].position
    wire = next(wire for wire in view.workbench.document.wires if wire.source == "dense2")
    start = center(view, "dense2")
    drag(view, start, start + QPointF(37, 53), release=False)
    assert view.scene_.wires[wire].path.pointAtPercent(0) == out_port(view, "dense2"), "follows before the release"
    mouse(view, QEvent.Type.MouseButtonRelease, QPointF(view.mapFromScene(start + QPointF(37, 53))))
    after = view.workbench.document.nodes["dense2"].position
    assert after != before
    assert all(place % 8 == 0 for place in after)
    view.workbench.undo_stack.undo()
    assert view.workbench.document.nodes["dense2"].position == before
    assert view.scene_.cards["dense2"].pos() == QPointF(*before)


def test_rubber_band_and_shift(open_canvas) -> None:
    view = open_canvas("mnist-mlp")
    box = view.scene_.content(("input1", "flatten1"))
    drag(view, box.topLeft() - QPointF(12, 12), box.bottomRight() + QPointF(6, 20))
    assert set(view.workbench.selected) == {"input1", "flatten1"}
    shift = Qt.KeyboardModifier.ShiftModifier
    drag(view, center(view, "dense2"), center(view, "dense2"), modifiers=shift)
    assert set(view.workbench.selected) == {"input1", "flatten1", "dense2"}
    drag(view, center(view, "input1"), center(view, "input1"), modifiers=shift)
    assert set(view.workbench.selected) == {"flatten1", "dense2"}


def test_click_pins_a_unit(open_canvas) -> None:
    view = open_canvas("spiral")
    box = view.scene_.cards["dense1"].unit_rect(3)
    drag(view, box.center(), box.center())
    assert view.workbench.unit == ("dense1", 3)


def test_copy_paste_duplicate_delete(open_canvas, qtbot) -> None:
    view = open_canvas("spiral")
    view.workbench.select(("dense1", "dense2"))
    qtbot.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(view, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    pasted = view.workbench.selected
    assert len(pasted) == 2
    assert any(wire.source == pasted[0] and wire.target == pasted[1] for wire in view.workbench.document.wires), "with the wire between"
    qtbot.keyClick(view, Qt.Key.Key_Delete)
    assert len(view.workbench.document.nodes) == 5
    view.workbench.select(("dense1",))
    qtbot.keyClick(view, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    assert len(view.workbench.document.nodes) == 6
    view.workbench.undo_stack.undo()
    qtbot.keyClick(view, Qt.Key.Key_Delete)
    assert "dense1" not in view.workbench.document.nodes or view.workbench.selected == ()


def test_delete_a_wire(open_canvas, qtbot) -> None:
    view = open_canvas("mnist-mlp")
    wire = view.workbench.document.wires[0]
    chip = view.scene_.wires[wire].chip.center()
    drag(view, chip, chip)
    assert view.editor.wire == wire
    qtbot.keyClick(view, Qt.Key.Key_Delete)
    assert wire not in view.workbench.document.wires
    view.workbench.undo_stack.undo()
    assert wire in view.scene_.wires


def test_keys_walk_move_and_wire(open_canvas, qtbot) -> None:
    view = open_canvas()
    view.workbench.edit("", built(("Input", 0), ("Dense", 240), data="spiral"))
    view.activateWindow()
    view.setFocus()
    qtbot.waitUntil(view.hasFocus)
    qtbot.keyClick(view, Qt.Key.Key_Tab)
    assert view.workbench.selected == ("input1",)
    qtbot.keyClick(view, Qt.Key.Key_W)
    qtbot.keyClick(view, Qt.Key.Key_Tab)
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert [(wire.source, wire.target) for wire in view.workbench.document.wires] == [("input1", "dense1")]
    x, y = view.workbench.document.nodes["dense1"].position
    qtbot.keyClick(view, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    assert view.workbench.document.nodes["dense1"].position == (x + 8, y)
    qtbot.keyClick(view, Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
    assert view.workbench.selected == ("input1",)


@pytest.mark.parametrize(("edge", "axis"), [("top", 1), ("left", 0)])
def test_align(open_canvas, edge: str, axis: int) -> None:
    view = open_canvas("spiral")
    view.workbench.select(("input1", "dense1", "output1"))
    view.editor.align(edge)
    assert len({view.workbench.document.nodes[id].position[axis] for id in view.workbench.selected}) == 1


def test_tidy_leaves_no_overlap_and_undoes(open_canvas) -> None:
    view = open_canvas("spiral")
    before = view.workbench.document
    view.editor.move(dict.fromkeys(before.nodes, (0.0, 0.0)))
    view.editor.tidy()
    boxes = [card.scene_card() for card in view.scene_.cards.values()]
    assert not any(a.intersects(b) for at, a in enumerate(boxes) for b in boxes[:at])
    view.workbench.undo_stack.undo()
    view.workbench.undo_stack.undo()
    assert view.workbench.document == before


def test_unknown_type_is_drawn_and_kept(open_canvas) -> None:
    view = open_canvas()
    node = Node(type="Oracle", fields={"heads": 4}, position=(0.0, 0.0))
    view.workbench.edit("", Document(nodes={"oracle1": node}))
    assert view.scene_.cards["oracle1"].facts.layer is None
    assert not view.grab().isNull()
    view.editor.nudge(1, 0)
    assert view.workbench.document.nodes["oracle1"].fields == {"heads": 4}


def test_add_after_the_selection(open_canvas) -> None:
    view = open_canvas()
    for type in ("Input", "Dense", "Output"):
        view.add_layer(type)
    assert [(wire.source, wire.target) for wire in view.workbench.document.wires] == [("input1", "dense1"), ("dense1", "output1")]


def test_what_is_added_lies_on_no_other_card(open_canvas) -> None:
    view = open_canvas()
    for type in ("Input", "Dense", "Output"):
        view.workbench.select(("input1",) if "input1" in view.workbench.document.nodes else ())
        view.add_layer(type)
    boxes = [card.scene_card() for card in view.scene_.cards.values()]
    assert not any(a.intersects(b) for i, a in enumerate(boxes) for b in boxes[:i])


def test_opening_an_example_selects_nothing(open_canvas, qtbot) -> None:
    view = open_canvas()
    view.activateWindow()
    card = view.overlays.start.cards["spiral"]
    card.setFocus()
    view.workbench.example_wanted.connect(lambda name: view.workbench.replace(example(name)))
    qtbot.mouseClick(card, LEFT)
    assert list(view.scene_.cards) == list(example("spiral").nodes)
    assert view.workbench.selected == ()


def test_pasting_something_else_says_so(open_canvas, qtbot) -> None:
    view = open_canvas("spiral")
    before = view.workbench.document
    for text in ("hello", '{"nodes": 3}', "{"):
        QApplication.clipboard().setText(text)
        with qtbot.waitSignal(view.workbench.notice):
            view.editor.paste()
    assert view.workbench.document == before


def test_a_wire_is_taken_off_its_port(open_canvas) -> None:
    view = open_canvas("mnist-mlp")
    first = view.workbench.document
    drag(view, in_port(view, "output1"), in_port(view, "output1"))
    assert view.workbench.document == first, "a click changes nothing"
    drag(view, in_port(view, "output1"), view.scene_.content().bottomRight() + QPointF(0, 40))
    assert not any(wire.target == "output1" for wire in view.workbench.document.wires)
    view.workbench.undo_stack.undo()
    drag(view, in_port(view, "dense2"), in_port(view, "output1"))
    assert {(wire.source, wire.target) for wire in view.workbench.document.wires} == {
        ("input1", "flatten1"),
        ("flatten1", "dense1"),
        ("dense1", "output1"),
    }
    view.workbench.undo_stack.undo()
    assert view.workbench.document == first


def test_wires_back_to_another_row_have_a_lane_each() -> None:
    step = geometry.LANE
    assert geometry.lanes([None, 300.0, None, 304.0, 296.0, 900.0]) == [None, 300, None, 304 + step, 296 - step, 900]
    upper, high, lower, tall = QRectF(0, 0, 90, 100), QRectF(400, 0, 90, 160), QRectF(0, 300, 90, 100), QRectF(400, 260, 90, 200)
    assert geometry.between(upper, lower, [upper, high, lower, tall]) == (160 + 260) / 2
    assert geometry.between(lower, upper, [upper, lower]) == 200
    start, end = QPointF(500, 50), QPointF(0, 350)
    assert geometry.goes_back(start, end)
    assert not geometry.goes_back(end, start)
    assert geometry.curve(start, end, 222).pointAtPercent(0.5).y() == pytest.approx(222)


def test_wires_back_to_another_row_never_run_over_each_other(open_canvas) -> None:
    """An output and a state that both lead to a decoder below: their verticals stand apart, and neither crosses the other's port."""

    def lines(path: QPainterPath) -> list[tuple[QPointF, QPointF]]:
        points = [QPointF(path.elementAt(at).x, path.elementAt(at).y) for at in range(path.elementCount())]
        return list(pairwise(points))

    scene = open_canvas("reversal").scene_
    ways = {(wire.source, wire.target, wire.to_port): item for wire, item in scene.wires.items() if item.lane is not None}
    assert len(ways) == 3
    for one, other in combinations(ways.values(), 2):
        for a, b in product(lines(one.path), lines(other.path)):
            if a[0].x() == a[1].x() and b[0].x() == b[1].x() and abs(a[0].x() - b[0].x()) < lanes.SPREAD:
                spans = [sorted((first.y(), second.y())) for first, second in (a, b)]
                assert max(spans[0][0], spans[1][0]) >= min(spans[0][1], spans[1][1])
    output, state = ways["repeatvector1", "gru2", 0], ways["gru1", "gru2", 1]
    assert state.lane.left > output.lane.left  # the lower port's wire passes outside
    assert state.lane.height < output.lane.height


def test_a_crowd_is_measured_with_one_survey_a_document(qapp, monkeypatch) -> None:
    """With one a card a hundred nodes took 700 ms to get other data."""
    before, surveyed = crowd(12), []
    of = facts.of
    monkeypatch.setattr(facts, "of", lambda document: (surveyed.append(1), of(document))[1])
    after = with_other_data(before, edits.set_data(before, "digits"))
    assert len(surveyed) == 2
    assert {id: node.position for id, node in after.nodes.items()}.keys() == before.nodes.keys()


def test_cards_that_grow_with_other_data_make_room(open_canvas) -> None:
    """A row of cards that no data are known of; with a text each is larger, and their middles stay level."""
    view = open_canvas()
    bench, document, last = view.workbench, Document(), ""
    for at, type in enumerate(("Input", "Embedding", "LSTM", "Dense", "Output")):
        document, node = edits.add_node(document, type, position=(210.0 * at, 100.0))
        document = edits.connect(document, last, node) if last else document
        last = node
    bench.edit("build", document)

    def boxes() -> list[QRectF]:
        return [QRectF(QPointF(*node.position), card_size(bench.document, id)) for id, node in bench.document.nodes.items()]

    middles = [box.center().y() for box in boxes()]
    bench.edit("data", edits.set_data(bench.document, "as-you-like-it"))
    cards = boxes()
    assert not any(one.intersects(other) for at, one in enumerate(cards) for other in cards[:at])
    assert [box.center().y() for box in cards] == pytest.approx(middles)
    bench.undo_stack.undo()
    assert bench.document == document


def test_undo_names_nodes_and_data_as_the_window_does(open_canvas) -> None:
    view = open_canvas("spiral")
    view.editor.use_data("mnist")
    assert view.workbench.undo_stack.undoText() == "Use MNIST"
    view.workbench.select(("dense1", "dense2"))
    view.editor.remove()
    assert view.workbench.undo_stack.undoText() == "Remove hidden1, hidden2"
