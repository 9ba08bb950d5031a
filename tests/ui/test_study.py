"""The window that tries several: what its form asks for, what it draws of a study, and a point kept as a branch."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage

from playground import document as documents
from playground.document import edits
from playground.document.paths import get_path
from playground.engine.commands import CancelStudy, OpenPoint, Restarts, Study
from playground.engine.snapshot import Curve, Snapshot, Studied, Tried
from playground.ui import style, theme
from playground.ui.branching import Branching
from playground.ui.dialogs.study import StudyWindow
from playground.ui.dialogs.study_fields import swept
from playground.ui.dialogs.study_picture import best
from playground.ui.workbench import Workbench
from tests.ui.canvas_support import NotingSession
from tests.ui.shell_support import running_window, state  # noqa: F401 - a fixture

RATE, UNITS = "training.learning_rate", "nodes.dense1.units"


@pytest.fixture
def opened(qtbot, qapp) -> StudyWindow:
    style.apply(qapp, theme.DARK)
    bench = Workbench(NotingSession())  # type: ignore[arg-type]
    bench.document = documents.example("spiral")
    window = StudyWindow(bench, theme.DARK, Branching(bench, None), None)  # type: ignore[arg-type]
    window.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)  # the test's own clean-up does it
    bench.setParent(window)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)
    return window


def tried(values: tuple[object, ...], loss: float | None, how: str = "done") -> Tried:
    steps = np.arange(1, 101)
    curves = {"loss/train": Curve(steps, 1.0 / steps)}
    return Tried(values, 1, documents.example("spiral"), how, "", curves, 0.5, 0.9, loss, 0.8, True)  # type: ignore[arg-type]


def grid(*losses: float | None) -> Studied:
    values = [(rate, units) for rate in (0.01, 0.1) for units in (4, 8)]
    points = tuple(tried(pair, loss, "done" if loss is not None else "diverged") for pair, loss in zip(values, losses, strict=True))
    return Studied("grid", (RATE, UNITS), 5, 4, False, points)


def show(window: StudyWindow, study: Studied) -> None:
    window._workbench.snapshot = Snapshot(serial=2, phase="paused", study=study)
    window._workbench.snapshot_changed.emit(window._workbench.snapshot)


def pixels(window: StudyWindow) -> np.ndarray:
    image = window.picture.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    return np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1).copy()


def sent(window: StudyWindow, kind: type) -> list:
    return window._workbench.session.of(kind)  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ["and", "spiral", "moons", "iris", "mnist-mlp"])
def test_every_proposed_range_can_be_tried(name: str) -> None:
    from playground.engine import sweep

    document = documents.example(name)
    fields = swept(document)
    assert fields[0].path == RATE
    for one in fields:
        assert isinstance(get_path(document, one.path), int | float)
        assert sweep.grid(document, [sweep.Axis(one.path, low=one.low, high=one.high, count=3, log=one.log)], seed=0)


def test_the_form_asks_for_starts_a_grid_or_random_points(opened: StudyWindow, qtbot) -> None:
    opened.count.setText("4")
    opened.epochs.setText("7")
    opened.go.click()
    assert sent(opened, Restarts) == [Restarts(4, 7)]
    qtbot.mouseClick(opened.kind.group.button(1), Qt.MouseButton.LeftButton)
    opened.second.field.setCurrentIndex(opened.second.field.findText("hidden1: units"))
    opened.go.click()
    (study,) = sent(opened, Study)
    assert (study.kind, study.axes, study.epochs, len(study.points)) == ("grid", (RATE, UNITS), 7, 25)
    qtbot.mouseClick(opened.kind.group.button(2), Qt.MouseButton.LeftButton)
    opened.go.click()
    assert len(sent(opened, Study)[1].points) == 12
    assert sent(opened, Study)[1].kind == "random"


@pytest.mark.parametrize(("field", "text"), [("count", "many"), ("count", "5000"), ("epochs", "0"), ("epochs", "")])
def test_what_cannot_be_tried_is_said_beside_the_form(opened: StudyWindow, field: str, text: str) -> None:
    getattr(opened, field).setText(text)
    opened.go.click()
    assert not sent(opened, Restarts)
    assert opened._wrong.text()


def test_the_heat_map_is_of_the_scores_and_a_click_tells_of_a_point(opened: StudyWindow, qtbot) -> None:
    show(opened, grid(0.5, 0.25, 0.125, None))
    assert best(opened.picture.study) == 2  # type: ignore[arg-type]
    assert opened.picture.chosen == 2
    assert "0.125" in opened._told.text()
    before = pixels(opened)
    show(opened, grid(0.5, 0.25, 0.4, None))
    assert not np.array_equal(before, pixels(opened))
    box, at = opened.picture._boxes[3]
    qtbot.mouseClick(opened.picture, Qt.MouseButton.LeftButton, pos=QPoint(round(box.center().x()), round(box.center().y())))
    assert opened.picture.chosen == at == 3
    assert "diverged" in opened._told.text()
    assert not opened.open_button.isEnabled()
    qtbot.keyClick(opened.picture, Qt.Key.Key_Up)
    opened.open_button.click()
    assert sent(opened, OpenPoint) == [OpenPoint(2, "Learning rate 0.1, hidden1 units 4")]


def test_closing_ends_the_study(opened: StudyWindow) -> None:
    opened.close()
    assert sent(opened, CancelStudy) == [CancelStudy(forget=True)]


def test_starts_are_tried_and_the_best_is_kept_in_the_window(qtbot, state) -> None:  # noqa: F811 - the fixture
    with running_window(qtbot, "spiral") as window:
        bench = window.workbench
        bench.edit("no limit", edits.set_training(bench.document, epochs=None, early_stopping=False))
        window.actions_["study"].trigger()
        study = window.findChild(StudyWindow)
        study.count.setText("3")
        study.epochs.setText("2")
        study.go.click()
        qtbot.waitUntil(lambda: bench.snapshot.study is not None and bench.snapshot.study.done == 3, timeout=60_000)
        qtbot.waitUntil(study.open_button.isEnabled, timeout=10_000)
        study.open_button.click()
        qtbot.waitUntil(lambda: bench.snapshot.epoch == 2, timeout=10_000)
        assert bench.snapshot.run_name.startswith("seed")
        window.actions_["study"].trigger()
        assert len(window.findChildren(StudyWindow)) == 1
        study.close()
