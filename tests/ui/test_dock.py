"""The dock: its charts and task views show what the snapshot says, and lead back to the samples."""

from __future__ import annotations

import threading
from collections.abc import Callable
from itertools import groupby

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget

from playground import data
from playground import document as documents
from playground.engine.live.commands import Follow, NameRun, RemoveRun
from playground.engine.live.snapshot import Curve, Evaluation, Event, Plane, RunCurves, Snapshot, Worst
from playground.ui import datasets, theme
from playground.ui.painters import tools
from playground.ui.panels import chart_series, contour, truth_table
from playground.ui.panels.chart import Chart
from playground.ui.panels.chart_axes import Axes
from playground.ui.panels.chart_key import initials
from playground.ui.panels.confusion import shaded
from playground.ui.panels.dock import Dock
from playground.ui.panels.gallery import tiles
from playground.ui.workbench import Workbench
from tests.ui.canvas_support import NotingSession

STEPS = np.arange(1, 401)
Open = Callable[..., Dock]


@pytest.fixture
def open_dock(qtbot) -> Open:
    """``open_dock("and")``: a shown dock of a workbench with that example, its data loaded."""

    def opened(name: str = "and", size: tuple[int, int] = (1600, 244)) -> Dock:
        workbench = Workbench(NotingSession())
        dock = Dock(workbench, theme.DARK)
        workbench.setParent(dock)
        qtbot.addWidget(dock)
        dock.resize(*size)
        dock.show()
        qtbot.waitExposed(dock)
        workbench.replace(documents.example(name))
        qtbot.waitUntil(lambda: dock.task._datasets.get(workbench.document.data) is not None)
        return dock

    return opened


def show(dock: Dock, snapshot: Snapshot) -> None:
    dock.task._workbench.snapshot = snapshot
    dock.task._workbench.snapshot_changed.emit(snapshot)
    dock.charts._draw()
    QApplication.processEvents()  # charts that came or went have their new widths


def pixels(widget: QWidget) -> np.ndarray:
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    return np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1).copy()


def run(level: float = 1.0, **more: object) -> Snapshot:
    falling = level * np.exp(-STEPS / 100)
    curves = {"loss/train": Curve(STEPS, falling), "loss/validation": Curve(STEPS[::20], falling[::20] * 1.3)}
    return Snapshot(serial=1, phase="training", curves=curves, **more)  # type: ignore[arg-type]


# -- charts
def test_another_number_is_another_picture(open_dock: Open) -> None:
    dock = open_dock()
    show(dock, run(0.9))
    before = pixels(dock.charts.charts["loss"])
    show(dock, run(0.8))
    assert not np.array_equal(before, pixels(dock.charts.charts["loss"]))


def test_the_readout_gives_step_and_values_under_the_pointer(open_dock: Open, qtbot) -> None:
    dock = open_dock()
    show(dock, run())
    chart = dock.charts.charts["loss"]
    place = chart.at(np.array([200]), np.array([-0.5]))[0]
    qtbot.mouseMove(chart, QPoint(round(place[0]), round(place[1])))
    words = chart.readout()
    step = int(words.split(":")[0].split()[1])
    assert abs(step - 200) <= 2
    assert f"train {np.exp(-step / 100):.3f}" in words
    at = dock.charts.charts["loss"].lines[1].curve.steps
    nearest = int(at[np.argmin(np.abs(at - step))])
    assert nearest != step
    assert words.endswith(f" at {nearest}"), "a value of another step says so"
    chart.hover(None)
    assert chart.readout() == ""


def test_curves_lie_where_their_numbers_say() -> None:
    chart = Chart("loss", "Loss", theme.DARK)
    chart.resize(300, 200)
    chart.show_snapshot(run())
    area = chart.area()
    (x0, top), (x1, bottom) = chart.at(np.array([0.0, chart.axes.right]), np.array(chart.axes.ends())[::-1])
    assert (x0, x1) == pytest.approx((area.left(), area.right()))
    assert area.top() < top < bottom < area.bottom()
    assert chart.axes.x_ticks(300)[0] == (0.0, "step 0")


def test_earlier_runs_are_overlaid_hidden_named_and_removed(open_dock: Open) -> None:
    dock = open_dock()
    old = RunCurves(1, "rate 0.5", {"loss/train": Curve(STEPS, np.full(400, 0.5))})
    show(dock, run(runs=(old,), run=2))
    chart = dock.charts.charts["loss"]
    with_it = pixels(chart)
    assert [line.run_name for line in chart.lines] == ["rate 0.5", "", ""]
    dock.charts.set_run_shown(1, False)
    assert [line.run for line in chart.lines] == [None, None]
    assert not np.array_equal(with_it, pixels(chart))
    session = dock.charts._workbench.session
    dock.charts.rename_run(1, " slow ")
    dock.charts.remove_run(1)
    assert session.of(NameRun) == [NameRun(1, "slow")]
    assert session.of(RemoveRun) == [RemoveRun(1)]


@pytest.mark.parametrize("factor", [0.6, 0.9, 0.98])
def test_smoothing_is_the_average_that_it_says(factor: float) -> None:
    values = np.random.default_rng(0).random(3000)
    values[[5, 700]] = np.nan, np.inf
    expected, average, weight = values.copy(), 0.0, 0.0
    for place in np.flatnonzero(np.isfinite(values)):
        average, weight = factor * average + (1 - factor) * values[place], factor * weight + 1 - factor
        expected[place] = average / weight
    np.testing.assert_allclose(chart_series.smoothed(values, factor), expected, rtol=1e-9)


def test_smoothing_is_said_and_seen(open_dock: Open) -> None:
    dock = open_dock()
    noisy = Curve(STEPS, 1 + np.random.default_rng(1).random(400))
    show(dock, Snapshot(serial=1, phase="training", curves={"loss/train": noisy}))
    chart = dock.charts.charts["loss"]
    before = pixels(chart)
    dock.charts.set_smoothing(0.9)
    assert "smoothed 0.9" in chart.title()
    assert not np.array_equal(before, pixels(chart))


def test_a_noisy_curve_keeps_its_numbers_behind_the_trend(open_dock: Open) -> None:
    dock = open_dock()
    noisy = Curve(STEPS, 1 + np.random.default_rng(1).random(400))
    show(dock, Snapshot(serial=1, phase="training", curves={"loss/train": noisy}))
    chart = dock.charts.charts["loss"]
    calm = pixels(chart)
    dock.charts.set_smoothing(0.0)
    alone = pixels(chart)
    inked = [np.count_nonzero((picture.reshape(len(picture), -1, 4) != picture[0, :4]).any(axis=2)) for picture in (calm, alone)]
    assert inked[0] >= inked[1]  # all of the noise, and the trend over it
    assert not np.array_equal(calm, alone)
    assert "smoothed" not in chart.title()


def test_the_accuracy_of_single_samples_is_no_wall_behind_its_trend() -> None:
    drawn = np.random.default_rng(3).random(4000)
    assert chart_series.of_few_levels((drawn < 0.7).astype(float))
    assert chart_series.of_few_levels(np.round(2 * drawn) / 2)
    assert chart_series.of_few_levels(np.array([0.5, np.nan]))
    assert not chart_series.of_few_levels(np.round(32 * drawn) / 32)


def test_thinning_keeps_every_peak() -> None:
    values = np.zeros(4096)
    values[1234] = 7.0
    steps, kept = chart_series.thinned(np.arange(4096), values, 200)
    assert len(steps) <= 402
    assert steps[kept.argmax()] == 1234


def test_ranges_grow_in_jumps_only() -> None:
    axes = Axes(log=True)
    axes.take_in(90, [np.array([0.5])])
    first = axes.right
    axes.take_in(99, [np.array([0.6])])
    assert axes.right == first
    axes.take_in(101, [np.array([0.02])])
    assert axes.right > first
    assert axes.low == 0.02
    axes.take_in(102, [np.array([0.5])])
    assert axes.low == 0.02


def test_events_are_drawn(open_dock: Open) -> None:
    dock = open_dock()
    show(dock, run())
    before = pixels(dock.charts.charts["loss"])
    show(dock, run(events=(Event(200, "setting", "rate 0.02 → 0.005"),)))
    assert not np.array_equal(before, pixels(dock.charts.charts["loss"]))


def test_short_names_only_where_they_tell_apart() -> None:
    assert initials(["hidden1", "hidden2", "output"]) == ["h1", "h2", "o"]
    assert initials(["dense", "dropout"]) == ["1", "2"]


# -- the task
def test_the_contour_of_a_plane_is_its_straight_line() -> None:
    y, x = np.mgrid[0:40, 0:40].astype(float)
    pieces = contour.segments(0.3 * x - 0.7 * y + 4.1, 0.25)
    for a, b in ((0, 1), (2, 3)):
        np.testing.assert_allclose(0.3 * pieces[:, a] - 0.7 * pieces[:, b] + 4.1, 0.25, atol=1e-12)
    ends = pieces.reshape(-1, 2)
    assert ends[:, 0].min() == 0
    assert ends[:, 0].max() == 39
    length = np.hypot(pieces[:, 2] - pieces[:, 0], pieces[:, 3] - pieces[:, 1]).sum()
    assert length == pytest.approx(np.hypot(39, 39 * 0.3 / 0.7), rel=1e-9)


def test_a_click_on_a_point_follows_that_sample(open_dock: Open, qtbot) -> None:
    dock = open_dock("and")
    boundary, samples = dock.task.boundary, data.load("and").train
    session = dock.task._workbench.session
    for index, row in enumerate(samples.x):
        qtbot.mouseClick(boundary, Qt.MouseButton.LeftButton, pos=boundary._at(*map(float, row)).toPoint())
        assert session.of(Follow)[-1] == Follow("train", index)


def test_the_boundary_changes_with_the_prediction_and_with_the_theme(open_dock: Open) -> None:
    dock = open_dock("and")
    boundary = dock.task.boundary
    grid = np.linspace(-1, 2, 20, dtype=np.float32)
    seen = []
    for values in (grid[None, :] + 0 * grid[:, None], grid[:, None] + 0 * grid[None, :]):
        show(dock, Snapshot(serial=1, phase="training", plane=Plane((-0.5, 1.5, -0.5, 1.5), {}, values[None])))
        seen.append(pixels(boundary))
    assert not np.array_equal(*seen)
    dock.task._workbench.theme_changed.emit(theme.LIGHT)
    assert not np.array_equal(seen[-1], pixels(boundary))
    whole = dock.grab().toImage()
    assert whole.pixelColor(60, whole.height() - 3).lightness() > 200


def test_the_truth_table_says_right_and_wrong(open_dock: Open) -> None:
    dock = open_dock("and")
    table = dock.task.table
    assert table.isVisible()
    truth = data.load("and").train.y.reshape(-1, 1).astype(float)
    seen = []
    for predictions in (truth, 0 * truth):
        show(dock, Snapshot(serial=1, phase="paused", evaluation=Evaluation("train", 3, 0.0, 1.0, None, predictions)))
        seen.append(table.grab().toImage())
    bad = theme.DARK.color("bad").rgb()
    counts = [sum(image.pixel(x, y) == bad for x in range(image.width()) for y in range(image.height())) for image in seen]
    assert counts[0] == 0
    assert counts[1] > 0


def test_the_truth_table_counts_its_rows_as_such_tables_do(open_dock: Open, monkeypatch) -> None:
    dock, said = open_dock("and"), []
    monkeypatch.setattr(truth_table.tools, "text", lambda painter, x, y, words, *rest: said.append((y, x, words)))
    dock.task.table.grab()
    rows = [[words for _, _, words in row] for _, row in groupby(sorted(said), key=lambda one: one[0])]
    assert [row[:2] for row in rows[1:]] == [["0", "0"], ["0", "1"], ["1", "0"], ["1", "1"]]
    assert [row[-1] for row in rows[1:]] == ["0", "0", "0", "1"]  # targets stay with their inputs


def iris(dock: Dock) -> tuple[data.Dataset, Snapshot]:
    dataset = dock.task._datasets.get(dock.task._workbench.document.data)
    assert dataset is not None
    labels = dataset.validation.y
    predictions = np.eye(3, dtype=np.float32)[labels]
    wrong = int(np.flatnonzero(labels == 1)[0])
    predictions[wrong] = [0, 0.2, 0.8]
    matrix = np.zeros((3, 3), int)
    np.add.at(matrix, (labels, predictions.argmax(axis=1)), 1)
    evaluation = Evaluation("validation", 9, 0.1, 0.9, matrix, predictions, (Worst(wrong, 2, 1, 1.6),))
    return dataset, Snapshot(serial=1, phase="paused", evaluation=evaluation)


def test_a_confusion_cell_lists_its_samples_and_a_tile_follows_one(open_dock: Open, qtbot) -> None:
    dock = open_dock("iris")
    dataset, snapshot = iris(dock)
    show(dock, snapshot)
    confusion, gallery = dock.task.confusion, dock.task.gallery
    assert [tile.index for tile in gallery._tiles] == [snapshot.evaluation.worst[0].index]
    qtbot.mouseClick(confusion, Qt.MouseButton.LeftButton, pos=confusion.cell_rect(0, 0).center().toPoint())
    assert [tile.index for tile in gallery._tiles] == np.flatnonzero(dataset.validation.y == 0).tolist()
    assert dataset.description.classes[0] in gallery.title()
    qtbot.mouseClick(gallery, Qt.MouseButton.LeftButton, pos=gallery.tile_rect(1).center().toPoint())
    assert dock.task._workbench.sample == ("validation", gallery._tiles[1].index)
    qtbot.mouseClick(confusion, Qt.MouseButton.LeftButton, pos=confusion.cell_rect(1, 2).center().toPoint())
    assert [(tile.index, tile.loss) for tile in gallery._tiles] == [(snapshot.evaluation.worst[0].index, 1.6)]


@pytest.mark.parametrize("look", theme.THEMES.values(), ids=theme.THEMES)
def test_a_mistake_made_once_in_a_thousand_stands_off_from_one_never_made(look: theme.Theme) -> None:
    never, once, often = (theme._luminance(*look.ramp("seq")[entry]) + 0.05 for entry in shaded(np.array([0, 0.001, 0.1])))
    assert max(never / once, once / never) > 1.2
    assert max(once / often, often / once) > 1.2


def test_a_single_output_is_split_at_the_middle_of_its_targets() -> None:
    evaluation = Evaluation("train", 1, 0.0, 0.5, None, np.array([[-0.5], [0.4], [0.6]]))
    labels = np.array([0, 0, 1])
    assert [tile.index for tile in tiles(evaluation, (0, 1), labels, 0.0)] == [1]
    assert [tile.index for tile in tiles(evaluation, (0, 1), labels, 0.5)] == []


def test_data_are_loaded_off_the_window_thread(open_dock: Open, monkeypatch) -> None:
    threads = []
    load = datasets.load_data

    def noting(settings: documents.DataSettings) -> data.Dataset:
        threads.append(threading.get_ident())
        return load(settings)

    monkeypatch.setattr(datasets, "load_data", noting)
    open_dock("moons")
    assert threads
    assert threading.main_thread().ident not in threads


def test_regression_over_the_plane_has_the_range_of_its_targets(open_dock: Open, qtbot) -> None:
    dock = open_dock("and")
    workbench = dock.task._workbench
    settings = documents.DataSettings(name="plane")

    workbench.replace(msgspec.structs.replace(workbench.document, data=settings))
    qtbot.waitUntil(lambda: dock.task._datasets.get(settings) is not None)
    truth = data.load("plane").train.y
    low, high = dock.task._range()
    assert max(-low, high) == pytest.approx(float(np.abs(truth).max()))


def test_a_loss_of_zeros_leaves_the_log_axis() -> None:
    """A perceptron's loss is 0 on every right answer, and 0 has no place on a log axis."""
    chart = Chart("loss", "Loss", theme.DARK)
    chart.show_snapshot(Snapshot(serial=1, phase="paused", curves={"loss/train": Curve(STEPS, (STEPS % 2) / 2.0)}))
    assert not chart.axes.log
    assert "log" not in chart.title()
    chart.show_snapshot(run())
    assert chart.axes.log


def test_ticks_are_at_least_three_and_short() -> None:
    for values in ([0.2, 0.4], [2e4, 3e7], [1e-3, 1.0], [0.6, 0.7]):
        axes = Axes(log=True)
        axes.take_in(10, [np.array(values)])
        ticks = axes.y_ticks()
        assert 2 <= len(ticks) <= 5
        assert all(len(words) <= 6 for _, words in ticks)


def test_a_low_dock_shows_the_whole_truth_table(open_dock: Open) -> None:
    dock = open_dock("and", (1280, 176))
    QApplication.processEvents()  # what the data hid has left its room
    table = dock.task.table
    assert table.height() >= table.sizeHint().height()
    assert table.mapTo(dock, QPoint(0, table.height())).y() <= dock.height()


def test_an_early_extreme_that_went_into_a_mean_leaves_its_room() -> None:
    chart = Chart("accuracy", "Accuracy", theme.DARK)
    values = np.linspace(0.6, 1.0, 512)
    values[0] = 0.1
    chart.show_snapshot(Snapshot(serial=1, phase="training", curves={"accuracy/train": Curve(np.arange(1, 513), values)}))
    assert chart.axes.low == 0.0
    halved = Curve(np.arange(2, 514, 2), np.linspace(0.6, 1.0, 256))
    chart.show_snapshot(Snapshot(serial=2, phase="training", curves={"accuracy/train": halved}))
    assert chart.axes.low == 0.5


@pytest.mark.parametrize("wide", [226, 300, 500])
def test_no_number_under_the_pointer_is_cut(wide: int) -> None:
    chart = Chart("loss", "Loss", theme.DARK)
    chart.resize(wide, 176)
    chart.show_snapshot(run())
    chart.hover(200.0)
    assert "0.135" in chart.readout("")
    assert tools.width(chart.readout(""), 10.5) <= chart.area().width()


def test_a_frozen_layer_has_no_curve_of_gradients() -> None:
    steps = np.array([1, 2, 3])
    curves = {
        "gradient_norm/conv2d1": Curve(steps, np.zeros(3)),
        "gradient_norm/dense1": Curve(steps, np.array([2.0, 1.0, 0.5])),
        "weight_norm/conv2d1": Curve(steps, np.zeros(3)),
    }
    snapshot = Snapshot(serial=1, phase="ready", curves=curves)
    assert [line.name for line in chart_series.lines(snapshot, "gradient_norm")] == ["dense1"]
    assert [line.name for line in chart_series.lines(snapshot, "weight_norm")] == ["conv2d1"]
    all_zero = Snapshot(serial=1, phase="ready", curves={"gradient_norm/conv2d1": Curve(steps, np.zeros(3))})
    assert len(chart_series.lines(all_zero, "gradient_norm")) == 1  # nothing learns: that is to be seen
