"""Draw a digit: on the real window and session, by mouse and finger, from files and the clipboard, into the data and back."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDropEvent, QEnterEvent, QEventPoint, QGuiApplication, QImage, QPainter, QPointingDevice, QTouchEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from playground import data
from playground import document as documents
from playground.data.pictures import manner_of
from playground.document import edits
from playground.engine.live import commands
from playground.engine.live.snapshot import DRAWING
from playground.errors import DataError
from playground.ui.dialogs.messages import Message
from playground.ui.panels import draw_files, draw_marks
from playground.ui.panels.draw import DrawPage
from playground.ui.panels.draw_files import ink_from, read
from playground.ui.panels.draw_marks import Stroke
from playground.ui.panels.draw_pad import Pad
from playground.ui.theme import DARK
from playground.ui.window import Window
from tests.ui.shell_support import running_window

SEVEN = ((0.28, 0.24), (0.45, 0.23), (0.70, 0.23), (0.66, 0.36), (0.58, 0.50), (0.50, 0.65), (0.44, 0.80))
ZERO = tuple((0.5 + 0.2 * math.sin(turn * 0.314), 0.5 - 0.32 * math.cos(turn * 0.314)) for turn in range(21))
ONE = ((0.5, 0.2), (0.49, 0.5), (0.48, 0.82))


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAYGROUND_STATE", str(tmp_path / "state"))


@pytest.fixture
def window(qtbot) -> Iterator[Window]:
    with running_window(qtbot, "mnist-mlp", (1280, 800)) as shown:
        shown.workbench.session.send(commands.Step("batch", 300))
        qtbot.waitUntil(lambda: shown.workbench.snapshot.step >= 300, timeout=60_000)
        shown.dock.show_view("draw")
        qtbot.waitUntil(lambda: shown.dock.task.draw.pad.manner is not None)
        yield shown


def places(page: DrawPage, points: tuple[tuple[float, float], ...], scale: float, shift: tuple[float, float]) -> list[QPoint]:
    area = page.pad.area()
    return [
        QPoint(
            round(area.x() + area.width() * (0.5 + (x - 0.5) * scale + shift[0])),
            round(area.y() + area.height() * (0.5 + (y - 0.5) * scale + shift[1])),
        )
        for x, y in points
    ]


def draw(
    page: DrawPage,
    points: tuple[tuple[float, float], ...] = SEVEN,
    scale: float = 1.0,
    shift: tuple[float, float] = (0, 0),
    button: Qt.MouseButton = Qt.MouseButton.LeftButton,
) -> None:
    path = places(page, points, scale, shift)
    QTest.mousePress(page.pad, button, pos=path[0])
    for one in path[1:]:
        QTest.mouseMove(page.pad, one)
    QTest.mouseRelease(page.pad, button, pos=path[-1])


def answered(window: Window, qtbot) -> str:
    """What the panel says to the picture that is on the pad now."""
    page, bench = window.dock.task.draw, window.workbench
    qtbot.waitUntil(lambda: not page._due.isActive() and bench.drawing.x is not None)

    def here() -> bool:
        drawn = bench.snapshot.drawn
        return drawn is not None and np.array_equal(drawn.nodes["input1"].values["output"], bench.drawing.x)

    qtbot.waitUntil(here, timeout=60_000)  # kernels may have to be compiled first
    return page.answer.texts()["draw/best"]


# -- drawing
def test_a_seven_is_read_and_every_layer_answers(window: Window, qtbot) -> None:
    page = window.dock.task.draw
    draw(page)
    assert answered(window, qtbot) == "7"
    snapshot = window.workbench.snapshot
    assert snapshot.trace is not None
    assert snapshot.trace.split == DRAWING
    assert set(window.workbench.document.nodes) == set(snapshot.trace.nodes)
    np.testing.assert_allclose(page.answer.values, snapshot.trace.nodes["output1"].values["output"])
    assert page.answer.picture is not None
    np.testing.assert_array_equal(page.answer.picture, snapshot.trace.nodes["input1"].values["output"])


def test_drawn_small_in_a_corner_it_is_read_centered_and_not_without(window: Window, qtbot) -> None:
    page = window.dock.task.draw
    draw(page, scale=0.35, shift=(-0.3, -0.3))
    assert answered(window, qtbot) == "7"
    large = page.answer.texts()["draw/answer/7"]
    page.centers.click()
    answered(window, qtbot)
    assert float(page.answer.texts()["draw/answer/7"]) < float(large)
    ink = np.flatnonzero(page.answer.picture[0].max(axis=0) > 0.2)
    assert ink.max() < 14  # the left half: as it lies
    assert "20 of 28" in page.why.text()


def test_strokes_are_taken_back_rubbed_out_and_cleared(window: Window, qtbot) -> None:
    page = window.dock.task.draw
    draw(page, ONE)
    one = page.picture
    draw(page, ((0.2, 0.2), (0.8, 0.8)))
    assert not np.array_equal(page.picture, one)
    page.pad.setFocus()
    QTest.keyClick(page.pad, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    np.testing.assert_array_equal(page.picture, one)
    ink = page.pad.ink().sum()
    draw(page, ((0.3, 0.5), (0.7, 0.5)), button=Qt.MouseButton.RightButton)
    assert page.pad.ink().sum() < 0.95 * ink
    assert not np.array_equal(page.picture, one)
    qtbot.waitUntil(page.tools.clear.isEnabled)
    page.tools.clear.click()
    assert page.picture is None
    page.pad.undo()
    assert page.picture is not None
    page.pad.undo()
    np.testing.assert_array_equal(page.picture, one)


def test_an_empty_pad_follows_the_sample_again(window: Window, qtbot) -> None:
    page, bench = window.dock.task.draw, window.workbench
    bench.follow("test", 5)
    draw(page)
    answered(window, qtbot)
    page.tools.clear.click()
    qtbot.waitUntil(lambda: bench.snapshot.trace is not None and bench.snapshot.trace.split == "test")
    assert bench.snapshot.trace.index == 5
    assert page.answer.values is None


def test_a_followed_sample_leaves_the_drawing_on_the_pad(window: Window, qtbot) -> None:
    page, bench = window.dock.task.draw, window.workbench
    draw(page)
    answered(window, qtbot)
    bench.follow("test", 5)
    qtbot.waitUntil(lambda: bench.snapshot.drawn is None and bench.snapshot.trace.split == "test")
    assert not page.pad.empty
    assert page.again.isVisibleTo(page)
    page.again.click()
    assert answered(window, qtbot) == "7"


def test_a_finger_draws_as_the_mouse_does(window: Window, qtbot) -> None:
    page = window.dock.task.draw
    path = places(page, SEVEN, 1.0, (0, 0))
    states, kinds = QEventPoint.State, QEvent.Type
    device = QPointingDevice.primaryPointingDevice()
    for at, one in enumerate(path):
        first, last = at == 0, at == len(path) - 1
        state = states.Pressed if first else states.Released if last else states.Updated
        kind = kinds.TouchBegin if first else kinds.TouchEnd if last else kinds.TouchUpdate
        points = [QEventPoint(0, state, QPointF(one), QPointF(page.pad.mapToGlobal(one)))]
        points += [QEventPoint(1, state, QPointF(3, 3), QPointF(3, 3))]  # a second finger draws nothing
        QApplication.sendEvent(page.pad, QTouchEvent(kind, device, Qt.KeyboardModifier.NoModifier, points))
    assert len(page.pad.marks) == 1
    assert answered(window, qtbot) == "7"


@pytest.mark.parametrize("together", [True, False])
def test_over_the_pad_each_motion_counts(qapp, together: bool) -> None:
    pad, each = Pad(DARK), Qt.ApplicationAttribute.AA_CompressHighFrequencyEvents
    before = qapp.testAttribute(each)
    qapp.setAttribute(each, together)
    try:
        qapp.sendEvent(pad, QEnterEvent(QPointF(), QPointF(), QPointF()))
        assert not qapp.testAttribute(each)
        qapp.sendEvent(pad, QEvent(QEvent.Type.Leave))
        assert qapp.testAttribute(each) == together
    finally:
        qapp.setAttribute(each, before)


def test_a_label_judges_the_answer(window: Window, qtbot) -> None:
    page, bench = window.dock.task.draw, window.workbench
    draw(page)
    answered(window, qtbot)
    assert bench.snapshot.trace.loss is None
    page.label.setCurrentIndex(page.label.findText("7"))
    qtbot.waitUntil(lambda: bench.snapshot.drawn is not None and bench.snapshot.drawn.loss is not None)
    share = bench.snapshot.drawn.nodes["output1"].values["output"][7]
    assert bench.snapshot.drawn.loss == pytest.approx(-np.log(share), rel=1e-3)


def test_it_is_answered_while_training(window: Window, qtbot) -> None:
    page, bench = window.dock.task.draw, window.workbench
    bench.train()
    qtbot.waitUntil(lambda: bench.running)
    draw(page)
    qtbot.waitUntil(lambda: page.answer.best == 7, timeout=20_000)
    step = bench.snapshot.drawn.step
    qtbot.waitUntil(lambda: bench.snapshot.drawn.step > step)
    bench.pause()


# -- into the data
def test_added_to_the_data_saved_opened_and_undone(window: Window, qtbot, tmp_path: Path) -> None:
    page, bench = window.dock.task.draw, window.workbench
    assert not page.add.isEnabled()
    draw(page)
    answered(window, qtbot)
    page.label.setCurrentIndex(page.label.findText("7"))
    qtbot.waitUntil(page.add.isEnabled)
    picture = page.answer.picture.copy()
    page.add.click()
    assert [drawing.label for drawing in bench.document.data.drawings] == [7]
    assert page.pad.empty
    bench.follow("train", 55_000)
    qtbot.waitUntil(lambda: bench.snapshot.trace is not None and bench.snapshot.trace.index == 55_000, timeout=20_000)
    np.testing.assert_allclose(bench.snapshot.trace.nodes["input1"].values["output"], picture, atol=1e-6)
    assert int(bench.snapshot.trace.target) == 7
    assert bench.snapshot.step == 300
    documents.save(bench.document, tmp_path / "mine.playground")
    assert documents.load(tmp_path / "mine.playground").data.drawings == bench.document.data.drawings
    page.tools._fill()
    assert any("Follow drawing 1" in action.text() for action in page.tools._menu.actions())
    bench.undo_stack.undo()
    assert bench.document.data.drawings == ()
    qtbot.waitUntil(lambda: bench.snapshot.trace is not None and bench.snapshot.trace.index == 54_999, timeout=20_000)
    bench.undo_stack.redo()
    page.tools._keep(0)
    assert bench.document.data.drawings == ()
    assert bench.undo_stack.undoText() == "Remove all drawings"


# -- pictures from outside
def photo(path: Path, *, dark: bool = True, size: tuple[int, int] = (400, 300)) -> Path:
    image = QImage(*size, QImage.Format.Format_RGB32)
    image.fill(QColor(235, 230, 220) if dark else QColor(20, 20, 20))
    painter = QPainter(image)
    pen = painter.pen()
    pen.setWidth(18)
    pen.setColor(QColor(30, 30, 60) if dark else QColor(240, 240, 240))
    painter.setPen(pen)
    points = [QPointF(120 + 160 * x, 40 + 220 * y) for x, y in SEVEN]
    painter.drawPolyline(points)
    painter.end()
    assert image.save(str(path))
    return path


@pytest.mark.parametrize("dark", [True, False])
def test_a_photo_dropped_is_read(window: Window, qtbot, tmp_path: Path, dark: bool) -> None:
    page = window.dock.task.draw
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(photo(tmp_path / "seven.png", dark=dark)))])
    event = QDropEvent(QPointF(20, 20), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    page.pad.dropEvent(event)
    qtbot.waitUntil(lambda: not page.pad.empty)
    assert answered(window, qtbot) == "7"


def test_a_picture_is_pasted(window: Window, qtbot, tmp_path: Path) -> None:
    page = window.dock.task.draw
    QGuiApplication.clipboard().setImage(QImage(str(photo(tmp_path / "seven.png"))))
    page.pad.setFocus()
    QTest.keyClick(page.pad, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: not page.pad.empty)
    assert answered(window, qtbot) == "7"
    assert len(window.workbench.document.nodes) == 5  # the canvas has pasted nothing


def test_what_is_no_picture_is_told_and_the_window_lives(window: Window, qtbot, tmp_path: Path) -> None:
    page = window.dock.task.draw
    (tmp_path / "notes.png").write_text("not a picture")
    page._bring(tmp_path / "notes.png")
    qtbot.waitUntil(lambda: window.findChild(Message, "error_dialog") is not None)
    window.findChild(Message, "error_dialog").close()
    assert page.pad.empty
    notices: list[str] = []
    window.workbench.notice.connect(notices.append)
    page._bring(None)
    assert "no picture" in notices[-1]


def test_bounds_of_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draw_files, "MOST_SIDE", 300)
    with pytest.raises(DataError, match="at most 300"):
        read(photo(tmp_path / "large.png"))
    monkeypatch.setattr(draw_files, "MOST_BYTES", 100)
    with pytest.raises(DataError, match="MB"):
        read(photo(tmp_path / "heavy.png"))
    with pytest.raises(DataError, match="no such file"):
        read(tmp_path / "missing.png")
    with pytest.raises(DataError, match="no such file"):
        read(tmp_path)


def test_a_damaged_picture_is_refused(tmp_path: Path) -> None:
    whole = photo(tmp_path / "whole.png").read_bytes()
    (tmp_path / "half.png").write_bytes(whole[: len(whole) // 3])
    with pytest.raises(DataError, match="damaged"):
        read(tmp_path / "half.png")


def test_one_shade_is_refused_and_transparency_is_paper() -> None:
    manner = manner_of(data.load("mnist"))
    assert manner is not None
    plain = QImage(50, 50, QImage.Format.Format_RGB32)
    plain.fill(QColor(90, 90, 90))
    with pytest.raises(DataError, match="one shade"):
        ink_from(plain, manner)
    clear = QImage(50, 50, QImage.Format.Format_ARGB32)
    clear.fill(Qt.GlobalColor.transparent)
    painter = QPainter(clear)
    painter.fillRect(20, 10, 10, 30, QColor(0, 0, 0))
    painter.end()
    ink = ink_from(clear, manner)
    assert ink.shape == (1, 140, 140)
    assert ink[0, 0, 0] == 0
    assert ink[0, 70, 70] == 255


# -- where it fits
def test_data_without_pictures_say_what_drawing_needs(qtbot) -> None:
    with running_window(qtbot, "iris", (1280, 800)) as window:
        task = window.dock.task
        qtbot.waitUntil(lambda: task._datasets.get(window.workbench.document.data) is not None)
        assert not task.rail.buttons["draw"].isVisible()
        window.actions_["draw"].trigger()
        assert task.view == "draw"
        qtbot.waitUntil(lambda: "784" in task.draw._lacking.accessibleName())
        assert task.draw.pad.isVisible() is False
        task.show_view("task")


def test_the_small_digits_are_drawn_in_eight_by_eight(qtbot) -> None:
    with running_window(qtbot, "digits", (1280, 800)) as window:
        window.workbench.session.send(commands.Step("batch", 400))
        qtbot.waitUntil(lambda: window.workbench.snapshot.step >= 400, timeout=60_000)
        window.actions_["draw"].trigger()
        page = window.dock.task.draw
        qtbot.waitUntil(lambda: page.pad.manner is not None)
        draw(page, ZERO)
        assert answered(window, qtbot) == "0"
        assert page.answer.picture.shape == (1, 8, 8)
        assert "edge to edge of their 8 pixels" in page.why.text()


def test_a_net_for_color_takes_strokes_and_colored_pictures(qtbot, tmp_path: Path) -> None:
    with running_window(qtbot, "one-conv", (1280, 800)) as window:
        bench, page = window.workbench, window.dock.task.draw
        document = edits.set_field(edits.set_data(bench.document, "shapes", color=True), "dense1", "units", 3)
        bench.edit("Data", document)
        qtbot.waitUntil(lambda: bench.snapshot.phase == "ready" and bench.snapshot.trace is not None, timeout=60_000)
        window.dock.show_view("draw")
        qtbot.waitUntil(lambda: page.pad.manner is not None and page.pad.manner.shape == (3, 28, 28))
        assert not page.centers.isChecked()
        draw(page)
        answered(window, qtbot)
        channels = page.answer.picture
        np.testing.assert_array_equal(channels[0], channels[1])
        red = QImage(60, 40, QImage.Format.Format_RGB32)
        red.fill(QColor(255, 0, 0))
        page._bring(red)
        qtbot.waitUntil(lambda: bench.drawing.x is not None and bench.drawing.x[1].max() == 0)
        assert bench.drawing.x[0].min() == pytest.approx(1)
        answered(window, qtbot)
        assert page.answer.values.shape == (3,)


def test_other_data_put_the_pad_away(window: Window, qtbot) -> None:
    page, bench = window.dock.task.draw, window.workbench
    draw(page)
    answered(window, qtbot)
    bench.edit("Data", edits.set_data(bench.document, "iris"))
    qtbot.waitUntil(lambda: window.dock.task.view == "task")
    assert bench.snapshot is not None
    bench.undo_stack.undo()
    window.dock.show_view("draw")
    qtbot.waitUntil(lambda: page.pad.manner is not None and page.pad.isVisible(), timeout=10_000)


def test_a_scribble_that_crosses_itself_is_cheap_too(window: Window, qtbot) -> None:
    """Only what is new of a stroke is drawn: a line of a thousand crossings at one go takes half a second."""
    page = window.dock.task.draw
    rng = np.random.default_rng(0)
    stroke = Stroke(2.2, False, [(14.0, 14.0)])
    page.pad.marks.append(stroke)
    times = []
    for x, y in rng.random((600, 2)) * 28:
        stroke.points.append((float(x), float(y)))
        begin = time.perf_counter()
        page.pad.ink()
        times.append(time.perf_counter() - begin)
    assert sorted(times)[len(times) // 2] < 0.004
    whole = draw_marks.ink_of(page.pad.marks, (1, 28, 28), draw_marks.Layer())
    np.testing.assert_array_equal(page.pad.ink(), whole)


def test_a_frame_of_drawing_is_cheap(window: Window, qtbot) -> None:
    """Ink, scaling, centering and sending: far within the 8 ms that a frame has."""
    page = window.dock.task.draw
    for shift in (-0.2, 0.0, 0.2):
        draw(page, shift=(shift, 0))
    times = []
    for _ in range(20):
        begin = time.perf_counter()
        page._send()
        times.append(time.perf_counter() - begin)
    assert sorted(times)[len(times) // 2] < 0.008
