"""The window that tries several: what its form asks for, what it draws of a study, and a point kept as a branch."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QWheelEvent
from PySide6.QtWidgets import QApplication

from playground import document as documents
from playground.document import edits
from playground.document.paths import get_path
from playground.engine import Trainer
from playground.engine.live.commands import CancelStudy, OpenPoint, Restarts, Step, Study
from playground.engine.live.snapshot import Curve, Snapshot, Studied, Tried
from playground.ui import style, theme
from playground.ui.branching import Branching
from playground.ui.dialogs import study_scores as scores
from playground.ui.dialogs.study import StudyWindow
from playground.ui.dialogs.study_fields import swept
from playground.ui.dialogs.study_scores import METRICS, best, order, shares, spread
from playground.ui.workbench import Workbench
from tests.ui.canvas_support import NotingSession
from tests.ui.shell_support import running_window, state  # noqa: F401 - a fixture

RATE, UNITS = "training.learning_rate", "nodes.dense1.units"


@pytest.fixture
def opened(qtbot, qapp, state) -> StudyWindow:  # noqa: F811 - the fixture
    style.prepare(qapp, theme.DARK)
    qapp.setStyleSheet(style.sheet(theme.DARK))
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
    from playground.engine.experiments import sweep

    document = documents.example(name)
    fields = swept(document)
    assert fields[0].path == RATE
    assert sum(not one.choices for one in fields) >= 3
    for one in fields:
        if one.choices:
            assert get_path(document, one.path) in one.choices
            assert len(sweep.grid(document, [sweep.Axis(one.path, values=one.choices)], seed=0)) == len(one.choices) > 1
            continue
        assert isinstance(get_path(document, one.path), int | float)
        assert sweep.grid(document, [sweep.Axis(one.path, low=one.low, high=one.high, count=3, log=one.log)], seed=0)


def test_how_far_errors_go_back_can_be_swept_though_it_is_left_open() -> None:
    from playground.engine.experiments import sweep

    document = documents.example("fill-in")
    (field,) = (one for one in swept(document) if one.path.endswith("truncate"))
    assert get_path(document, field.path) is None
    points = sweep.grid(document, [sweep.Axis(field.path, low=field.low, high=field.high, count=4)], seed=0)
    assert [point.document.nodes["simplernn1"].fields["truncate"] for point in points] == [5, 10, 15, 20]


def test_the_form_asks_for_starts_a_grid_or_random_points(opened: StudyWindow, qtbot) -> None:
    opened.form.count.setText("4")
    opened.form.epochs.setText("7")
    opened.go.click()
    assert sent(opened, Restarts) == [Restarts(4, 7)]
    qtbot.mouseClick(opened.form.kind.group.button(1), Qt.MouseButton.LeftButton)
    opened.form.second.field.setCurrentIndex(opened.form.second.field.findText("hidden1: units"))
    opened.go.click()
    (study,) = sent(opened, Study)
    assert (study.kind, study.axes, study.epochs, len(study.points)) == ("grid", (RATE, UNITS), 7, 25)
    qtbot.mouseClick(opened.form.kind.group.button(2), Qt.MouseButton.LeftButton)
    opened.go.click()
    assert len(sent(opened, Study)[1].points) == 12
    assert sent(opened, Study)[1].kind == "random"


@pytest.mark.parametrize(("field", "text"), [("count", "many"), ("count", "5000"), ("epochs", "0"), ("epochs", "")])
def test_what_cannot_be_tried_is_said_beside_the_form(opened: StudyWindow, field: str, text: str) -> None:
    getattr(opened.form, field).setText(text)
    opened.go.click()
    assert not sent(opened, Restarts)
    assert opened.form.wrong.text()
    assert text in opened.form.wrong.text()
    assert not opened.estimate.text()


def test_the_heat_map_is_of_the_scores_and_a_click_tells_of_a_point(opened: StudyWindow, qtbot) -> None:
    show(opened, grid(0.5, 0.25, 0.125, None))
    assert best(opened.picture.study) == 2  # type: ignore[arg-type]
    assert opened.picture.chosen == 2
    assert "0.125" in opened.told.text()
    before = pixels(opened)
    show(opened, grid(0.5, 0.25, 0.4, None))
    assert not np.array_equal(before, pixels(opened))
    box, at = opened.picture.map.boxes[3]
    qtbot.mouseClick(opened.picture.map, Qt.MouseButton.LeftButton, pos=QPoint(round(box.center().x()), round(box.center().y())))
    assert opened.picture.chosen == at == 3
    assert "diverged" in opened.told.text()
    assert not opened.open_button.isEnabled()
    qtbot.keyClick(opened.picture.map, Qt.Key.Key_Left)
    opened.open_button.click()
    assert sent(opened, OpenPoint) == [OpenPoint(2, "Learning rate 0.1, hidden1 units 4")]


def test_closing_ends_the_study(opened: StudyWindow) -> None:
    opened.close()
    assert sent(opened, CancelStudy) == [CancelStudy(forget=True)]


def test_escape_ends_the_study_too(opened: StudyWindow, qtbot) -> None:
    qtbot.keyClick(opened, Qt.Key.Key_Escape)
    assert not opened.isVisible()
    assert sent(opened, CancelStudy) == [CancelStudy(forget=True)]


def test_starts_are_tried_and_the_best_is_kept_in_the_window(qtbot, state) -> None:  # noqa: F811 - the fixture
    with running_window(qtbot, "spiral") as window:
        bench = window.workbench
        bench.edit("no limit", edits.set_training(bench.document, epochs=None, early_stopping=False))
        window.actions_["study"].trigger()
        study = window.findChild(StudyWindow)
        study.form.count.setText("3")
        study.form.epochs.setText("2")
        study.go.click()
        qtbot.waitUntil(lambda: bench.snapshot.study is not None and bench.snapshot.study.done == 3, timeout=60_000)
        qtbot.waitUntil(study.open_button.isEnabled, timeout=10_000)
        study.open_button.click()
        qtbot.waitUntil(lambda: bench.snapshot.epoch == 2, timeout=10_000)
        assert bench.snapshot.run_name.startswith("seed")
        window.actions_["study"].trigger()
        assert len(window.findChildren(StudyWindow)) == 1
        study.close()


def test_curves_are_told_under_the_pointer_and_taken_by_a_click(opened: StudyWindow, qtbot) -> None:
    show(opened, with_curves(grid(0.5, 0.25, 0.125, 0.4), 1.0, 2.0, 4.0, 8.0))
    curves = opened.picture.curves
    curves.grab()
    assert len(curves.lines.places) == 4
    for at in (3, 1):
        line = curves.lines.places[at]
        x, y = line[len(line) // 2].tolist()
        qtbot.mouseMove(curves, QPoint(round(x), round(y)))
        assert curves.hovered == opened.picture.map.hovered == at
        qtbot.mouseClick(curves, Qt.MouseButton.LeftButton, pos=QPoint(round(x), round(y)))
        assert opened.picture.chosen == at
    assert "validation loss 0.250" in opened.told.text()
    assert curves.best == 2
    colors = {curves.color(at).name() for at in range(4)}
    assert len(colors) == 2  # one a learning rate
    before = curves.grab().toImage()
    show(opened, with_curves(grid(0.5, 0.25, 0.125, 0.4), 1.0, 2.0, 4.0, 5.0))
    assert curves.grab().toImage() != before


def with_curves(study: Studied, *heights: float) -> Studied:
    steps = np.arange(1, 101)
    points = [
        dataclasses.replace(point, curves={"loss/train": Curve(steps, np.full(100, height))})
        for point, height in zip(study.points, heights, strict=True)
    ]
    return dataclasses.replace(study, points=tuple(points))


def test_another_figure_orders_the_points_anew(opened: StudyWindow) -> None:
    study = grid(0.5, 0.25, 0.125, 0.4)
    good = [dataclasses.replace(point, validation_accuracy=share) for point, share in zip(study.points, (0.9, 0.7, 0.2, 0.4), strict=True)]
    show(opened, dataclasses.replace(study, points=tuple(good)))
    assert opened.picture.best() == 2
    box = opened.picture.metric_box
    box.setCurrentIndex(next(at for at in range(box.count()) if box.itemData(at).name == "validation_accuracy"))
    box.activated.emit(box.currentIndex())
    assert opened.picture.best() == 0
    assert "validation accuracy 90" in opened.picture.told(0)
    assert order(opened.picture.study, METRICS[1]) == [0, 1, 3, 2]  # type: ignore[arg-type]


def test_places_on_a_scale() -> None:
    assert spread([0.001, 0.01, 0.1]) == pytest.approx([0, 0.5, 1])
    assert spread([4, 8, 12]) == pytest.approx([0, 0.5, 1])
    assert spread(["tanh", "relu", "tanh"]) == [0, 1, 0]
    assert shares(grid(0.1, 1.0, 10.0, None), METRICS[0]) == [0, pytest.approx(0.5), 1, None]


def test_values_of_ones_own_and_fields_of_words(opened: StudyWindow) -> None:
    form = opened.form
    form.choose("grid")
    form.first.own.setText("0.5, 0.25 1")
    form.second.field.setEditText("hidden2: activation")
    assert not form.second.edits[0].isVisibleTo(form)
    form.second.own.setText("tanh, relu")
    form.epochs.setText("3")
    assert opened.estimate.text().startswith("6 trainings of 3 epochs each, about")
    opened.go.click()
    (study,) = sent(opened, Study)
    assert [point.values for point in study.points] == [(rate, name) for rate in (0.5, 0.25, 1.0) for name in ("tanh", "relu")]
    assert get_path(study.points[1].document, "nodes.dense2.activation") == "relu"


@pytest.mark.parametrize("title", ["Optimizer", "hidden2: activation"])
def test_what_is_proposed_for_words_can_be_tried(opened: StudyWindow, title: str) -> None:
    opened.form.choose("grid")
    row = opened.form.first
    row.field.setEditText(title)
    assert row.chosen is not None
    assert row.axis().values == row.chosen.choices
    row.own.setText(" ".join(row.chosen.choices))  # as files name them
    assert row.axis().values == row.chosen.choices
    assert any(name != scores.words(name) for name in row.chosen.choices)


@pytest.mark.parametrize(
    ("part", "text", "said"),
    [
        ("own", "0.1, fast", "this is fast"),
        ("own", "0.1, -4", "this is -4"),
        ("low", "", "“from” wants a number"),
        ("high", "1e9", "“to” wants a number from 0 to 100; this is 1e9"),
        ("count", "0", "“values” wants a whole number from 1 to 100; this is 0"),
        ("field", "speed", "no field “speed”"),
    ],
)
def test_a_bad_value_is_told_beside_its_field(opened: StudyWindow, part: str, text: str, said: str) -> None:
    form, row = opened.form, opened.form.first
    form.choose("grid")
    edits_ = {"low": row.edits[0], "high": row.edits[1], "count": row.edits[2], "own": row.own, "field": row.field.lineEdit()}
    good = edits_[part].text()
    edits_[part].setText(text)
    opened.go.click()
    assert not sent(opened, Study)
    assert said in row.wrong.text()
    assert row.wrong.isVisible()
    assert not opened.estimate.text()
    edits_[part].setText(good)
    assert not row.wrong.isVisible()
    opened.go.click()
    assert len(sent(opened, Study)) == 1


def test_ends_that_have_no_logarithm_are_refused(opened: StudyWindow) -> None:
    opened.form.choose("grid")
    opened.form.first.edits[0].setText("0")
    opened.go.click()
    assert "logarithm" in opened.form.wrong.text()
    assert not sent(opened, Study)


def test_a_sweep_runs_and_the_point_that_is_opened_has_its_weights(qtbot, state) -> None:  # noqa: F811 - the fixture
    with running_window(qtbot, "xor") as window:
        bench = window.workbench
        bench.edit("no limit", edits.set_training(bench.document, epochs=None, early_stopping=False))
        bench.session.send(Step("batch", 20))
        qtbot.waitUntil(lambda: bench.snapshot.step == 20, timeout=10_000)
        window.actions_["sweep"].trigger()
        study = window.findChild(StudyWindow)
        assert study.form.asked == "grid"
        study.form.first.own.setText("0.1, 1")
        study.form.second.field.setEditText("hidden: units")
        study.form.second.own.setText("3, 5")
        study.form.epochs.setText("4")
        study.go.click()
        qtbot.waitUntil(lambda: bench.snapshot.study is not None and bench.snapshot.study.done == 4, timeout=60_000)
        done = bench.snapshot.study
        assert [point.values for point in done.points] == [(0.1, 3), (0.1, 5), (1.0, 3), (1.0, 5)]
        assert all(point.state == "done" and point.kept for point in done.points)
        study.picture.choose(1)
        study.both_button.click()
        qtbot.waitUntil(lambda: bench.snapshot.epoch == 4 and bench.snapshot.beside is not None, timeout=10_000)
        assert (get_path(bench.document, "nodes.dense1.units"), bench.document.training.learning_rate) == (5, 0.1)
        assert bench.snapshot.loss == done.points[1].loss
        assert window.compare.side is not None
        assert bench.snapshot.beside.moment.step == 20
        opened_weights = dict(bench.session.capture().result(10).weights)
        # the same by another way: trained from the same seed with the same settings
        alone = Trainer(done.points[1].document, seed=done.points[1].seed)
        alone.epoch_limit = 4
        while not alone.finished:
            alone.advance(0.05)
        for key, array in alone.network.parameters.items():
            assert np.array_equal(opened_weights[key], array)
        study.close()


def test_restarts_can_be_cancelled_and_what_is_done_stays(qtbot, state) -> None:  # noqa: F811 - the fixture
    with running_window(qtbot, "spiral") as window:
        bench = window.workbench
        bench.edit("no limit", edits.set_training(bench.document, epochs=None, early_stopping=False))
        window.actions_["study"].trigger()
        study = window.findChild(StudyWindow)
        study.form.count.setText("50")
        study.form.epochs.setText("100")
        study.go.click()
        qtbot.waitUntil(lambda: bench.snapshot.study is not None and bench.snapshot.study.done >= 1, timeout=60_000)
        assert study.go.text() == "Cancel"
        assert "of 50 tried" in study.estimate.text()
        assert study.bar.isVisible()
        study.go.click()
        qtbot.waitUntil(lambda: not bench.snapshot.study.running, timeout=10_000)
        assert 1 <= bench.snapshot.study.done < 50
        qtbot.waitUntil(study.open_button.isEnabled, timeout=5000)
        assert study.go.text() == "Try"
        study.close()
        qtbot.waitUntil(lambda: bench.snapshot.study is None, timeout=5000)


def test_the_window_is_as_large_as_it_was_left(opened: StudyWindow, qtbot) -> None:
    opened.resize(1010, 700)
    opened.close()
    opened._settings.close()  # it is written by a thread
    bench = opened._workbench
    again = StudyWindow(bench, theme.DARK, Branching(bench, None), None)  # type: ignore[arg-type]
    again.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(again)
    assert (again.width(), again.height()) == (1010, 700)


def test_the_wheel_that_scrolls_the_form_leaves_its_lists_alone(opened: StudyWindow) -> None:
    opened.form.choose("grid")
    box = opened.form.first.field
    box.setCurrentIndex(1)
    before, at = box.currentIndex(), QPointF(5, 5)
    none, keys = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    event = QWheelEvent(at, at, QPoint(0, 0), QPoint(0, -120), none, keys, Qt.ScrollPhase.NoScrollPhase, False)
    QApplication.sendEvent(box, event)
    assert box.currentIndex() == before
    assert not event.isAccepted()


def test_a_field_is_found_by_a_part_of_its_name(opened: StudyWindow, qtbot) -> None:
    opened.form.choose("grid")
    row = opened.form.first
    completer = row.field.completer()
    completer.setCompletionPrefix("units")
    found = {completer.completionModel().index(at, 0).data() for at in range(completer.completionCount())}
    assert found == {one.title for one in swept(documents.example("spiral")) if "units" in one.title}
    assert len(found) >= 2
    row.own.setText("0.5")
    row.field.setEditText("hidden2: units")
    assert row.own.text() == ""  # what was typed was meant for another field
    assert row.axis().path == "nodes.dense2.units"


def test_the_form_follows_the_document_and_keeps_what_is_typed(opened: StudyWindow) -> None:
    opened.form.choose("grid")
    row = opened.form.first
    row.field.setEditText("hidden2: units")
    row.own.setText("3, 9")
    bench = opened._workbench
    before, bench.document = bench.document, edits.set_training(bench.document, optimizer="sgd")
    bench.document_changed.emit(before, bench.document)
    assert (row.axis().path, row.axis().values) == ("nodes.dense2.units", (3, 9))
    titles = [row.field.itemText(at) for at in range(row.field.count())]
    assert "Learning rate" in titles
    assert "Beta 1" not in titles  # Adam's, which is not there any more
