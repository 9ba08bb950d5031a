"""The dock for sequences: what it lists is what the evaluation says, a click leads to it, and each task has a view that fits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from playground import data
from playground import document as documents
from playground.data import Dataset
from playground.document import Document, edits
from playground.engine.evaluation import answers
from playground.engine.evaluation.forecast import Forecaster
from playground.engine.evaluation.results import Metrics
from playground.engine.live.commands import Evaluate, Follow, Step
from playground.engine.live.snapshot import Evaluation, Snapshot, Worst
from playground.engine.live.views import evaluation_of
from playground.ui import theme
from playground.ui.actions import Actions
from playground.ui.painters import tools
from playground.ui.painters.symbols import SIZE
from playground.ui.panels import confusion, strip_rows
from playground.ui.panels.courses import Courses, StepErrors
from playground.ui.panels.forecast import ForecastPlot, ForecastSide
from playground.ui.panels.mistakes import Mistakes
from playground.ui.panels.scatter import Far, Scatter
from playground.ui.panels.strips import LEFT, LOSS, Strips
from playground.ui.panels.task_pages import ClassesPage, kind_of, unit_of
from playground.ui.panels.task_view import TaskView, describe
from playground.ui.panels.training_bar import TrainingBar
from playground.ui.workbench import Workbench
from tests.ui.canvas_support import NotingSession
from tests.ui.shell_support import running_window, state  # noqa: F401


def told(dataset: Dataset, wrong: list[tuple[int, int, int]], split: str = "validation") -> Evaluation:
    """An evaluation that is right and sure of it (0.9), but at each (sample, step) of ``wrong``, where it says that class, at 0.6."""
    part, about = dataset.split(split), dataset.description
    counted, classes = part.y >= 0, len(about.classes)
    truth = np.maximum(part.y, 0)
    chances = np.full((*part.y.shape, classes), 0.1 / max(classes - 1, 1), np.float32)
    np.put_along_axis(chances, truth[..., None], 0.9, axis=2)
    for row, step, label in wrong:
        chances[row, step] = 0.4 / (classes - 1)
        chances[row, step, label] = 0.6
    said = chances.argmax(axis=2)
    found = answers.of_classes(np.arange(len(part)), said, part.y, counted, chances, answers.frequencies_of(dataset))
    confusion = np.zeros((classes, classes), np.int64)
    np.add.at(confusion, (part.y[counted], said[counted]), 1)
    worst = tuple(Worst(row, float(label), float(part.y[row, step]), 2.0 - place / 10) for place, (row, step, label) in enumerate(wrong))
    accuracy = float((said == part.y)[counted].mean())
    return Evaluation(split, 7, 1.5, accuracy, confusion, chances, worst, answers=found)


@pytest.fixture
def shown(qtbot) -> Callable[..., QWidget]:
    def show(widget: QWidget, wide: int = 300, high: int = 150) -> QWidget:
        qtbot.addWidget(widget)
        widget.resize(wide, high)
        widget.show()
        qtbot.waitExposed(widget)
        return widget

    return show


def test_a_row_has_the_symbols_read_the_truth_and_what_was_said(shown) -> None:
    echoing = data.load("copy", samples=200, length=3, blanks=2, symbols=4)
    evaluation = told(echoing, [(4, 6, 2), (1, 5, 3)])
    strips = shown(Strips(theme.LIGHT))
    strips.show_evaluation(evaluation, echoing)
    part, about = echoing.validation, echoing.description
    steps = strips.steps_of(0)
    assert [cell.read for cell, _ in steps] == [about.tokens[int(one)] for one in part.x[4]]
    assert [cell.true for cell, _ in steps] == ["" if label < 0 else about.classes[label] for label in part.y[4]]
    assert [cell.step for cell, _ in steps if cell.wrong] == ([6] if part.y[4, 6] != 2 else [])
    assert steps[6][0].said == about.classes[2]
    assert steps[6][0].chance_said == pytest.approx(0.6)
    assert "step 7" in strips.tip(steps[6][1].center())


def test_a_click_on_a_row_follows_its_sample_and_the_wheel_brings_the_next(shown, qtbot) -> None:
    echoing = data.load("echo", samples=200, delay=1)
    strips = shown(Strips(theme.DARK))
    strips.show_evaluation(told(echoing, [(row, 9, 1 - int(echoing.validation.y[row, 9])) for row in (8, 3, 5, 2, 1, 6)]), echoing)
    with qtbot.waitSignal(strips.chosen) as chosen:
        QTest.mouseClick(strips, Qt.MouseButton.LeftButton, pos=strips.row_rect(1).center().toPoint())
    assert chosen.args == ["validation", 3]
    before = strips.row_rect(5).y()
    strips._scroll(2)
    assert strips.row_rect(5).y() < before


def test_a_mistake_lists_the_sequences_in_which_it_is_made(shown, qtbot) -> None:
    echoing = data.load("copy", samples=900, length=3, blanks=2, symbols=8)
    y = echoing.validation.y
    rows = np.flatnonzero(y[:, 5] == 1)[:3]
    assert len(rows) == 3
    evaluation = told(echoing, [(int(row), 5, 2) for row in rows])
    mistakes, strips = shown(Mistakes(theme.LIGHT), 200), shown(Strips(theme.LIGHT))
    mistakes.chosen.connect(strips.show_cell)
    mistakes.show_evaluation(evaluation, echoing.description, "")
    strips.show_evaluation(evaluation, echoing)
    assert mistakes.head()[0].endswith("% wrong")
    assert float(mistakes._share(mistakes._rows[0]).rstrip(" %")) == pytest.approx(100 * len(rows) / (y >= 0).sum(), rel=0.05)
    QTest.mouseClick(mistakes, Qt.MouseButton.LeftButton, pos=mistakes.row_rect(0).center().toPoint())
    assert [one.index for one in strips._rows] == rows.tolist()
    assert strips.title() == "Expected a, said b"
    QTest.mouseClick(mistakes, Qt.MouseButton.LeftButton, pos=mistakes.row_rect(0).center().toPoint())
    assert strips.title() == "Worst predictions"


def test_a_language_model_is_judged_in_bits(shown) -> None:
    poems = data.load("quatrains-5")
    evaluation = told(poems, [(0, 3, 5)])
    mistakes = shown(Mistakes(theme.LIGHT), 220)
    mistakes.show_evaluation(evaluation, poems.description, "characters")
    head, note = mistakes.head()
    assert head == "2.16 bits a character"  # 1.5 nats / ln 2
    assert evaluation.answers is not None
    assert note == f"by frequency alone {evaluation.answers.chance:.2f}"
    mistakes.show_evaluation(replace(evaluation), poems.description, "words")
    assert mistakes.head()[0] == "2.16 bits a word"
    strips = shown(Strips(theme.LIGHT), 220)
    strips.show_evaluation(evaluation, poems)
    cells = [cell for cell, _ in strips.steps_of(0)]
    assert any(cell.wrong and cell.step == 3 for cell in cells)  # brought into sight, though not all steps have room
    assert len(cells) < poems.description.input_shape[0]


def test_a_yes_is_colored_by_its_chance(shown) -> None:
    hello = data.load("hello", samples=300)
    part = hello.validation
    row, step = (int(at[0]) for at in np.nonzero(part.y == 1))
    evaluation = told(hello, [(row, step, 0)])
    cell = next(cell for cell in strip_rows.cells(evaluation, hello, strip_rows.listed(evaluation, hello, None)[0]) if cell.step == step)
    assert (cell.read, cell.true, cell.said) == ("o", "yes", "no")
    assert cell.yes == pytest.approx(0.4)
    strips = shown(Strips(theme.LIGHT), 600)
    strips.show_evaluation(evaluation, hello)
    box = next(box for one, box in strips.steps_of(0) if one.step == step)
    color = strips.grab().toImage().pixelColor(round(box.x()) + 2, round(box.y()) + 2)
    assert (color.red(), color.green(), color.blue()) == pytest.approx(tuple(theme.LIGHT.ramp("seq")[102]), abs=2)


def test_a_question_stands_before_its_answer(shown) -> None:
    sums = data.load("addition", samples=300)
    evaluation = told(sums, [(2, 0, 3)])
    one = strip_rows.listed(evaluation, sums, None)[0]
    words = "".join(strip_rows.read(sums, sums.validation, 2))
    assert "+" in words
    assert "_" not in words
    asked = int((sums.validation.y[2] >= 0).sum())
    assert len(strip_rows.cells(evaluation, sums, one)) == asked
    strips = shown(Strips(theme.LIGHT), 220)
    strips.show_evaluation(evaluation, sums)
    steps = strips.steps_of(0)
    assert len(steps) == asked
    assert words in strips.tip(steps[0][1].center())  # whole, however little room it has in the row


@pytest.mark.parametrize(("name", "wide", "above"), [("reversal", 220, True), ("reversal", 420, False), ("addition", 220, False)])
def test_a_question_too_long_for_the_line_stands_over_its_answer(shown, name: str, wide: int, above: bool) -> None:
    asked = data.load(name, samples=300)
    longest = int((asked.validation.y >= 0).sum(axis=1).argmax())
    evaluation = told(asked, [(longest, 0, 3)])
    strips = shown(Strips(theme.LIGHT), wide)
    strips.show_evaluation(evaluation, asked)
    one = strip_rows.listed(evaluation, asked, None)[0]
    steps, (words, room) = strips.steps_of(0), strips._question(one)
    assert tools.width(words, SIZE) <= room  # whole, and so is the answer
    assert len(steps) == len(strip_rows.cells(evaluation, asked, one))
    assert steps[-1][1].right() <= strips.width() - (0 if above else LOSS)
    assert (steps[0][1].x() == LEFT) == above
    assert not strips.grab().isNull()


def test_words_of_mistakes_side_by_side_do_not_run_into_each_other(shown, monkeypatch: pytest.MonkeyPatch) -> None:
    hello = data.load("hello", samples=200)
    sample = int((hello.validation.y == 0).all(axis=1).argmax())
    strips = shown(Strips(theme.LIGHT), 420)
    strips.show_evaluation(told(hello, [(sample, at, 1) for at in (20, 21, 22, 26)]), hello)
    assert sum(cell.wrong for cell, _ in strips.steps_of(0)) == 4
    drawn: dict[tuple[float, float], None] = {}
    plain = tools.text

    def noted(painter, x, y, words, *rest, **more):  # type: ignore[no-untyped-def]
        if words == "yes":
            drawn[x - tools.width(words, 10, 600) / 2, x + tools.width(words, 10, 600) / 2] = None
        return plain(painter, x, y, words, *rest, **more)

    monkeypatch.setattr(tools, "text", noted)
    strips.grab()
    assert len(drawn) == 2  # of the three side by side the first
    assert all(before[1] < after[0] for before, after in pairwise(drawn))


def test_a_dash_keeps_clear_of_the_row_below() -> None:
    dash, letter = QRectF(1, 1, 5, 1), QRectF(1, -8, 5, 10)
    for side in (10.0, 12.0, 30.0):
        lift = confusion.lifted(dash, 8.0, side)
        assert (side + 8.0) / 2 + dash.bottom() - lift <= side - confusion.CLEAR
        assert confusion.lifted(letter, 8.0, side) == 0
    assert confusion.lifted(dash, 8.0, 30.0) == 0  # high rows have room


def test_the_dots_of_a_cut_row_keep_clear_of_its_loss(shown) -> None:
    echoing = data.load("copy", samples=200)
    strips = shown(Strips(theme.LIGHT), 220)
    strips.show_evaluation(told(echoing, [(4, 12, 2)]), echoing)
    for wide in range(220, 236):
        strips.resize(wide, 150)
        steps = strips.steps_of(0)
        assert len(steps) < len(echoing.validation.y[4])
        assert steps[-1][1].right() + 12 + 6 + tools.width("0.0663") <= strips.width() - 6  # the dots, and air


@pytest.mark.parametrize(
    ("cells", "room", "step", "found"), [(5, 8, 0, (0, 5)), (50, 10, 0, (0, 10)), (50, 10, 25, (20, 30)), (50, 10, 49, (40, 50))]
)
def test_the_step_that_matters_is_in_sight(cells: int, room: int, step: int, found: tuple[int, int]) -> None:
    assert strip_rows.window(cells, room, step) == found


# -- series and numbers
def forecast(split: str = "test", off: float = 0.0) -> tuple[Evaluation, Dataset]:
    document, dataset = edits.set_data(documents.example("sunspots"), "airline"), data.load("airline")
    part = dataset.split(split)
    metrics = Metrics(split, len(part), 0.1, None, predictions=part.y + np.float32(off))
    return evaluation_of(metrics, 3, Forecaster().of(document.data, metrics)), dataset


def test_forecasts_stand_in_order_of_their_errors(shown, qtbot) -> None:
    plot, side = shown(ForecastPlot(theme.LIGHT)), shown(ForecastSide(theme.LIGHT), 160)
    evaluation, _ = forecast()
    plot.show_evaluation(evaluation)
    side.show_evaluation(evaluation)
    assert [name for name, _, _ in side.table.rows()] == ["network", "linear AR", "seasonal", "naive"]
    assert [error for _, error, _ in side.table.rows()][2:] == ["41.9", "48.0"]
    assert side.buttons["test"].isChecked()
    side.table.pointed.connect(plot.show_baseline)
    before = plot.grab().toImage()
    QTest.mouseMove(side.table, QPoint(30, 38 + 3 * 19 + 9))
    assert plot.grab().toImage() != before
    with qtbot.waitSignal(plot.chosen) as chosen:
        QTest.mouseClick(plot, Qt.MouseButton.LeftButton, pos=plot.at(47, 400).toPoint())
    assert chosen.args == ["test", 47]
    assert "came: 432" in plot.tip(plot.at(47, 400))
    assert side.table.accessibleName().startswith("network")


def test_another_answer_is_another_line(shown) -> None:
    plot = shown(ForecastPlot(theme.DARK))
    plot.show_evaluation(forecast()[0])
    before = plot.grab().toImage()
    plot.show_evaluation(forecast(off=0.4)[0])
    assert plot.grab().toImage() != before


def test_predicted_numbers_over_true_ones(shown, qtbot) -> None:
    sums = data.load("adding", samples=300, length=10)
    y = sums.validation.y
    metrics = Metrics("validation", len(y), 0.1, None, predictions=y * 0.5, deviation=answers.deviation(y * 0.5, y, sums))
    evaluation = evaluation_of(metrics, 3)
    scatter, far = shown(Scatter(theme.LIGHT), 200, 190), shown(Far(theme.LIGHT), 160)
    scatter.show_evaluation(evaluation, sums)
    far.show_evaluation(evaluation)
    assert [words for words, _ in far.rows()] == ["network", "answering the mean"]
    assert float(far.rows()[0][1]) == pytest.approx(float(np.sqrt((y**2).mean())) / 2, rel=0.01)
    with qtbot.waitSignal(scatter.chosen) as chosen:
        QTest.mouseClick(scatter, Qt.MouseButton.LeftButton, pos=scatter.at(float(y[5, 0]), float(y[5, 0]) / 2).toPoint())
    assert chosen.args[0] == "validation"
    assert y[chosen.args[1], 0] == pytest.approx(y[5, 0], abs=0.15)


def test_courses_of_numbers_and_their_error_by_step(shown, qtbot) -> None:
    ones = data.load("counting", samples=200, length=6)
    y = ones.validation.y
    said = y + np.arange(6, dtype=np.float32)[None, :, None]
    counted = np.ones(y.shape[:2], bool)
    worst = tuple(Worst(row, 0.0, 0.0, 9.0 - row) for row in (4, 2, 7))
    evaluation = Evaluation(
        "validation", 3, 9.0, None, predictions=said, worst=worst, answers=answers.of_values(np.arange(len(y)), said, y, counted)
    )
    errors, courses = shown(StepErrors(theme.LIGHT)), shown(Courses(theme.LIGHT))
    errors.show_evaluation(evaluation)
    courses.show_evaluation(evaluation, ones)
    assert errors.errors.tolist() == pytest.approx([0, 1, 2, 3, 4, 5], abs=1e-6)
    assert errors.bar_rect(4).height() == pytest.approx(2 * errors.bar_rect(2).height())
    assert errors.tip(errors.bar_rect(3).center()) == "step 4: 3.00"
    lines = courses.lines(1)
    assert lines is not None
    assert lines[0].tolist() == y[2, :, 0].tolist()
    assert lines[1].tolist() == said[2, :, 0].tolist()
    with qtbot.waitSignal(courses.chosen) as chosen:
        QTest.mouseClick(courses, Qt.MouseButton.LeftButton, pos=courses.tile_rect(0).center().toPoint())
    assert chosen.args == ["validation", 4]


# -- the view that fits
KINDS = {
    "hello": ("classes", ""),
    "alice": ("classes", "characters"),
    "addition": ("classes", ""),
    "temporal-order": ("classes", ""),
    "sine": ("numbers", ""),
    "adding-lstm": ("numbers", ""),
    "sunspots": ("series", ""),
    "spiral": ("plane", ""),
    "salary": ("line", ""),
}


@pytest.mark.parametrize("name", KINDS)
def test_each_task_has_its_page(name: str) -> None:
    document = documents.example(name)
    assert (kind_of(document, describe(document)), unit_of(document)) == KINDS[name]


def test_a_data_set_of_a_later_version_has_no_unit() -> None:
    assert unit_of(Document(data=documents.DataSettings(name="of a later version"))) == ""


def test_words_are_told_from_characters() -> None:
    assert unit_of(edits.set_data(documents.example("alice"), "alice", unit="words")) == "words"


def test_the_dock_asks_for_the_test_part_and_follows_a_step(qtbot, monkeypatch) -> None:
    workbench = Workbench(NotingSession())
    task = TaskView(workbench, theme.LIGHT)
    workbench.setParent(task)
    qtbot.addWidget(task)
    task.resize(460, 176)
    task.show()
    workbench.replace(documents.example("sunspots"))
    qtbot.waitUntil(lambda: task._datasets.get(workbench.document.data) is not None)
    assert task._stack.currentWidget() is task.series
    workbench.snapshot = Snapshot(1, "paused", evaluation=forecast("validation")[0])
    workbench.snapshot_changed.emit(workbench.snapshot)
    assert task.series.plot.found is not None
    QTest.mouseClick(task.series.side.buttons["test"], Qt.MouseButton.LeftButton)
    assert Evaluate("test") in workbench.session.sent
    task.series.plot.chosen.emit("validation", 3)
    assert Follow("validation", 3) in workbench.session.sent
    workbench.replace(documents.example("sine"))
    assert task._stack.currentWidget() is task.numbers
    workbench.replace(documents.example("alice"))
    assert task.classes.mistakes.isVisibleTo(task)
    assert not task.classes.confusion.isVisibleTo(task)
    assert task.classes.strips.isVisibleTo(task)
    assert task.rail.buttons["embedding"].isHidden()  # there are no points where an answer stands at each step
    workbench.replace(documents.example("iris"))
    assert not task.rail.buttons["embedding"].isHidden()
    assert task.classes.gallery.isVisibleTo(task)
    assert task.classes.confusion.isVisibleTo(task)


def test_data_that_are_not_there_take_the_lists_with_them(shown) -> None:
    copying = data.load("copy", samples=200, length=3, blanks=2, symbols=4)
    page = shown(ClassesPage(theme.LIGHT))
    page.show_task(copying.description)
    page.show_evaluation(told(copying, [(4, 6, 2)]), copying, 0.5, "")
    assert page.strips._rows
    page.show_evaluation(None, None, 0.5, "")
    assert not page.strips._rows


def test_a_rare_yes_is_judged_by_f1(qtbot, state) -> None:  # noqa: F811
    """The window itself: the chart, the readout and the lists come with the first evaluation."""
    with running_window(qtbot, size=(1280, 800)) as window:
        bench = window.workbench
        window.projects.show(documents.Project(edits.set_data(documents.example("hello"), "hello", samples=600)))
        qtbot.waitUntil(lambda: bench.snapshot.phase == "ready", timeout=60_000)
        bench.session.send(Step("batch", 40))
        qtbot.waitUntil(lambda: bench.snapshot.step == 40 and bench.snapshot.validation_f1 is not None, timeout=60_000)
        qtbot.waitUntil(lambda: len(window.dock.task.classes.strips._rows) > 0, timeout=20_000)
        snapshot = bench.snapshot  # its evaluation may be of a later step than the last epoch's, which the readout shows
        window.bar.show_snapshot(snapshot)
        assert window.bar.readouts["validation"].value.text() == f"{snapshot.validation_f1:.3f}"
        assert snapshot.evaluation.f1 == pytest.approx(answers.f1(snapshot.evaluation.confusion))
        window.dock.charts._draw()
        assert window.dock.charts.visible_kinds() == ["loss", "f1", "gradient_norm"]
        assert "bits" not in window.bar.readouts["loss"].toolTip()


def test_the_loss_of_a_text_is_told_in_bits(qtbot) -> None:
    workbench, holder = Workbench(NotingSession()), QWidget()
    qtbot.addWidget(holder)
    workbench.setParent(holder)
    bar = TrainingBar(workbench, theme.LIGHT, Actions(workbench, SimpleNamespace(title=lambda: "", unsaved=lambda: False), holder), holder)
    workbench.replace(documents.example("alice"))
    bar.show_snapshot(Snapshot(1, "paused", step=9, loss=1.5))
    assert "2.16 bits a character" in bar.readouts["loss"].toolTip()
    assert bar.readouts["validation"].value.text() == "—"
