"""What the dock shows of a single neuron: its weights and mistakes, its line, the line through a salary's points."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QRectF, Qt

from playground import data
from playground import document as documents
from playground.engine.live.commands import Follow
from playground.engine.live.snapshot import Curve, Evaluation, Passed, Plane, Snapshot
from playground.engine.trace import ParameterTrace, Trace
from playground.ui import theme
from playground.ui.painters import tools
from playground.ui.panels import boundary
from playground.ui.panels.chart import LEFT, Chart
from playground.ui.panels.chart_axes import Axes, around
from playground.ui.panels.chart_mistakes import Bar, MistakesChart, bars
from playground.ui.panels.chart_series import stairs
from playground.ui.panels.lines import Border, Borders
from tests.ui.test_dock import Open, open_dock, pixels, show

__all__ = ["open_dock"]
HITS = np.array([0, 0, 0, 1, 0, 1, 1, 0, 1, 0], float)


def and_run(wrong: list[float], step: int, weight: float = 0.1, **more: object) -> Snapshot:
    rounds = np.arange(1, len(wrong) + 1) * 4
    steps = np.arange(step + 1)
    curves = {
        "mistakes/train": Curve(rounds, np.array(wrong, float)),
        "accuracy/train": Curve(steps[1:], np.resize(HITS, step)),
        "loss/train": Curve(steps[1:], np.full(step, 0.5)),
        **{f"parameter/dense1/{name}": Curve(steps, np.linspace(0, weight, step + 1)) for name in ("weight/0", "weight/1", "bias/0")},
    }
    return Snapshot(serial=1, phase="paused", step=step, steps_per_epoch=4, curves=curves, **more)  # type: ignore[arg-type]


# -- mistakes
def test_each_round_is_a_bar_and_the_one_under_way_is_open() -> None:
    assert bars(and_run([3, 2], 10), single=True) == [Bar(1, 1, 3.0), Bar(2, 2, 2.0), Bar(3, 3, 1.0, open=True)]
    assert bars(and_run([3, 2], 10), single=False) == [Bar(1, 1, 3.0), Bar(2, 2, 2.0)]
    assert bars(None, single=True) == []


def test_many_rounds_become_means_and_an_end_of_mistakes_is_told() -> None:
    chart = MistakesChart("mistakes", "Mistakes", theme.DARK)
    chart.show_snapshot(and_run([1.0, 3.0] * 40, 320))
    assert chart.shown[0] == Bar(1, 4, 2.0)
    assert chart.shown[-1].last == 80
    assert "mean of 4" in chart.title()
    chart.show_snapshot(and_run([3, 3, 2, 2] + [0] * 60, 256))
    assert [bar.wrong for bar in chart.shown] == [3, 3, 2, 2, 0, 0, 0, 0]
    assert chart.title().endswith("none after 4")
    assert chart._head(1000.0)[0] == chart.title()
    assert chart._head(200.0)[0] == "Mistakes: none after 4"


def test_a_bar_is_as_high_as_its_number_says() -> None:
    chart = MistakesChart("mistakes", "Mistakes", theme.DARK)
    chart.resize(300, 200)
    chart.show_snapshot(and_run([3, 1], 8))
    high, low = chart.bar_rect(0), chart.bar_rect(1)
    assert high.height() == pytest.approx(3 * low.height())
    assert high.bottom() == low.bottom() == chart.area().bottom()
    chart.hover(chart.axes.right * 1.5 / 8)
    assert chart.readout() == "round 2: 1"
    before = pixels(chart)
    chart.show_snapshot(and_run([3, 2], 8))
    assert not np.array_equal(before, pixels(chart))


# -- weights
def test_a_neuron_has_the_charts_of_its_weights_and_others_have_not(open_dock: Open) -> None:
    dock = open_dock("and")
    assert dock.charts.visible_kinds() == ["mistakes", "parameter", "loss"]
    show(dock, and_run([3, 2], 10))
    chart = dock.charts.charts["parameter"]
    assert [(line.name, line.dashed) for line in chart.lines] == [("w₁", False), ("w₂", False), ("b", True)]
    before = pixels(chart)
    show(dock, and_run([3, 2], 10, weight=0.15))
    assert not np.array_equal(before, pixels(chart))
    dock.task._workbench.replace(documents.example("xor"))
    show(dock, Snapshot(serial=1, phase="ready"))
    assert dock.charts.visible_kinds() == ["loss", "accuracy", "gradient_norm"]


def test_without_such_curves_a_neuron_has_the_usual_charts(open_dock: Open) -> None:
    dock = open_dock("and")
    steps = np.arange(1, 9)
    show(dock, Snapshot(serial=1, phase="paused", step=8, curves={"loss/train": Curve(steps, steps / 8.0)}))
    assert "parameter" not in dock.charts.visible_kinds()


def test_a_regression_has_no_mistakes(open_dock: Open) -> None:
    dock = open_dock("salary")
    show(dock, and_run([], 10, has_accuracy=False))
    assert dock.charts.visible_kinds() == ["parameter", "loss"]


def test_a_weight_holds_until_the_step_that_changes_it() -> None:
    steps, values = stairs(np.array([0, 1, 2]), np.array([0.0, 0.1, 0.3]))
    assert steps.tolist() == [0, 1, 1, 2, 2]
    assert values.tolist() == [0.0, 0.0, 0.1, 0.1, 0.3]


# -- the line
@pytest.mark.parametrize("border", [Border(0.1, 0.2, -0.2), Border(0.0, 2.0, -1.0), Border(1.0, 0.0, 0.3), Border(-0.1, 0.1, 0.0)])
def test_the_line_is_where_the_sum_is_zero(border: Border) -> None:
    line = border.across((-0.5, 1.5, -0.5, 1.5))
    assert line is not None
    assert line.length() > 0.5
    for point in (line.p1(), line.p2(), line.center()):
        assert border.w1 * point.x() + border.w2 * point.y() + border.b == pytest.approx(0, abs=1e-9)


def test_a_line_that_passes_by_is_none_and_its_words_have_signs() -> None:
    assert Border(0.0, 0.0, 0.1).across((-0.5, 1.5, -0.5, 1.5)) is None
    assert Border(1.0, 1.0, 9.0).across((-0.5, 1.5, -0.5, 1.5)) is None
    assert Border(0.1, -0.2, 0.05).words() == "0.1 x₁ − 0.2 x₂ + 0.05 = 0"
    assert Border(0.1, 3e-9, -0.1).words() == "0.1 x₁ − 0.1 = 0"
    assert not Border(0.0, 0.0, 0.1).exists
    assert Border(-0.1, 0.2, -0.2).words() == "−0.1 x₁ + 0.2 x₂ − 0.2 = 0"


def stepped(before: float, after: float) -> Snapshot:
    weight, bias = np.array([[0.1, after]], np.float32), np.array([-0.2], np.float32)
    old = np.array([[0.1, before]], np.float32)
    y, x = np.mgrid[-0.5:1.5:40j, -0.5:1.5:40j]
    plane = Plane((-0.5, 1.5, -0.5, 1.5), {}, (0.1 * x + after * y - 0.2 > 0)[None].astype(np.float32))
    trace = Trace("train", 0, {}, {"dense1/weight": ParameterTrace(before=old, after=weight)})
    parameters = {"dense1/weight": weight, "dense1/bias": bias}
    return Snapshot(serial=1, phase="paused", step=1, plane=plane, trace=trace, parameters=parameters)


def test_a_neurons_line_stands_as_formula_and_beside_the_one_before(open_dock: Open) -> None:
    dock = open_dock("and")
    show(dock, stepped(0.2, 0.2))
    alone = pixels(dock.task.boundary)
    assert dock.task._line_legend.words() == ["now: 0.1 x₁ + 0.2 x₂ − 0.2 = 0"]
    show(dock, stepped(0.4, 0.2))
    assert len(dock.task._line_legend.words()) == 2
    assert not np.array_equal(alone, pixels(dock.task.boundary))
    assert "answers 1" in dock.task._title.text()
    dock.task._workbench.replace(documents.example("xor"))
    assert not dock.task._line_legend.isVisible()


def test_the_legend_tells_no_line_that_the_picture_lacks(open_dock: Open) -> None:
    dock = open_dock("and")
    legend = dock.task._line_legend
    none, far, near = Border(0.0, 0.0, -0.1), Border(0.1, 0.1, 9.0), Border(0.1, 0.2, -0.2)
    shown = {
        Borders(none): ["no line: both weights are 0"],
        Borders(near, none): ["now: 0.1 x₁ + 0.2 x₂ − 0.2 = 0"],
        Borders(near, far): ["now: 0.1 x₁ + 0.2 x₂ − 0.2 = 0"],
        Borders(far, near): ["now: 0.1 x₁ + 0.1 x₂ + 9 = 0", "before this update"],
        Borders(far): ["now: 0.1 x₁ + 0.1 x₂ + 9 = 0", "outside this picture"],
    }
    for borders, words in shown.items():
        dock.task._show_borders(borders)
        assert legend.words() == words
        image = legend.grab().toImage()
        down = {image.pixelColor(8, y).rgb() for y in range(18)}
        assert (len(down) > 1) == (borders.now == near), "a line that is not seen has no sample"


def test_no_name_of_a_point_lies_on_the_arrow_between_two_lines(open_dock: Open, monkeypatch) -> None:
    """The fifth step of AND: from 0.1 x₂ = 0.1 to 0.1 x₁ + 0.2 x₂ = 0, close to the name of (0, 0)."""
    dock = open_dock("and")
    show(dock, stepped(0.4, 0.2))
    shown, names = dock.task.boundary, []
    shown.show_borders(Borders(Border(0.1, 0.2, 0.0), Border(0.0, 0.1, -0.1)))
    monkeypatch.setattr(boundary.tools, "text", lambda painter, x, y, words, color, size: names.append((words, QRectF(x, y - 6, 22, 12))))
    shown.grab()
    way = shown._way()
    assert [words for words, _ in sorted(names, key=lambda one: one[0])] == ["0, 0", "0, 1", "1, 0", "1, 1"]
    assert not [words for words, box in names for share in np.linspace(0, 1, 50) if box.contains(way.pointAt(share))]
    assert all(shown._area().contains(box) for _, box in names)


# -- the moment
def test_the_table_says_which_network_answers_while_a_pass_from_before_it_is_shown(open_dock: Open) -> None:
    """The pass of step 7 is of the weights before its update; the table has the answers of those after it."""
    dock = open_dock("xor")
    trace = Trace("train", 0, {}, {}, np.zeros(1), 0.5, 6)
    evaluation = Evaluation("train", 7, 0.0, 0.5, None, np.array([[0.37], [0.5], [0.6], [0.4]]))
    passed = Snapshot(serial=1, phase="paused", step=7, trace=trace, passed=Passed(7, 0, (0, 1, 2, 3), 1, 7), evaluation=evaluation)
    show(dock, passed)
    assert dock.task.when.full_text() == "after step 7"
    show(dock, replace(passed, passed=None, trace=replace(trace, step=7)))
    assert dock.task.when.full_text() == "", "the sample's pass with the present weights: they agree"
    show(dock, replace(passed, evaluation=replace(evaluation, step=6)))
    assert dock.task.when.full_text() == ""


# -- salary
def answers(slope: float, start: float, bend: float = 0.0) -> Snapshot:
    x = data.load("salary").train.x.astype(float).reshape(-1, 1)
    predictions = slope * x + start + bend * x**2
    evaluation = Evaluation("train", 7, 0.0, None, None, predictions)
    return Snapshot(serial=1, phase="paused", step=7, has_accuracy=False, evaluation=evaluation)


def test_a_straight_fit_has_its_formula_and_a_bent_one_none(open_dock: Open) -> None:
    dock = open_dock("salary")
    show(dock, answers(1000.0, -250.0))
    fitted, legend = dock.task.fitted, dock.task._note
    assert fitted.words() == "salary = 1,000 years − 250"
    assert " ".join(words for form, words in legend.rows() if form == "formula") == fitted.words()  # a wide font takes two rows
    legend.show_line("salary = 4.8×10¹⁹ years + 5.8×10¹⁸", "at step 13")
    legend.resize(150, 150)
    assert [words for form, words in legend.rows() if form == "formula"] == ["salary = 4.8×10¹⁹ years", "+ 5.8×10¹⁸"]
    legend.resize(100, 120)
    narrow = [words for form, words in legend.rows() if form == "formula"]
    assert " ".join(narrow) == "salary = 4.8×10¹⁹ years + 5.8×10¹⁸"
    assert len(narrow) >= 3
    assert all(tools.width(words, 12) <= 100 for words in narrow), "no number is cut"
    before = pixels(fitted)
    show(dock, answers(900.0, 100.0))
    assert not np.array_equal(before, pixels(fitted))
    show(dock, answers(1000.0, 0.0, bend=30.0))
    assert fitted.words() == ""


def test_a_click_on_a_salary_follows_it(open_dock: Open, qtbot) -> None:
    dock = open_dock("salary")
    train = data.load("salary").train
    for index in range(len(train)):
        place = dock.task.fitted.at(float(train.x[index].item()), float(train.y[index].item()))
        qtbot.mouseClick(dock.task.fitted, Qt.MouseButton.LeftButton, pos=place.toPoint())
        assert dock.task._workbench.session.of(Follow)[-1] == Follow("train", index)


# -- axes
def test_ticks_of_an_axis_have_one_notation() -> None:
    wide = Axes(log=True)
    wide.take_in(10, [np.array([300.0, 2e7])])
    assert all(words.startswith("10") and "k" not in words for _, words in wide.y_ticks())
    assert [words for _, words in Axes(low=0.0, high=20000.0).y_ticks()] == ["0", "5k", "10k", "15k", "20k"]
    assert [words for _, words in Axes(low=-1e20, high=5e19).y_ticks()] == ["−10²⁰", "−5×10¹⁹", "0", "5×10¹⁹"]
    assert [words for _, words in Axes(low=0.0, high=1e6).y_ticks()] == ["0", "5×10⁵", "10⁶"]
    assert [words for _, words in Axes(low=0.0, high=1e-4).y_ticks()] == ["0", "5×10⁻⁵", "10⁻⁴"]
    assert [words for _, words in Axes(log=True, low=5e-4, high=5e-3).y_ticks()] == ["5×10⁻⁴", "10⁻³", "2×10⁻³", "5×10⁻³"]


def test_ticks_of_huge_numbers_fit_beside_the_chart() -> None:
    for high in (2e19, 5e19, 1e20):
        for _, words in Axes(low=0.0, high=high).y_ticks():
            assert tools.width(words, 10.5) <= LEFT - 6


def test_a_minus_before_a_huge_number_is_not_cut(qtbot) -> None:
    chart = Chart("parameter", "Weights and bias", theme.DARK)
    qtbot.addWidget(chart)
    chart.resize(300, 170)
    values = Curve(np.arange(1, 4), np.array([0.0, -5e11, -9e11]))
    chart.show_snapshot(Snapshot(serial=1, phase="paused", curves={"parameter/dense1/weight/0": values}))
    ticks = [words for _, words in chart.axes.y_ticks()]
    assert any(words.startswith("−") for words in ticks)
    assert max(tools.width(words, 10.5) for words in ticks) <= chart.area().left() - 6


@pytest.mark.parametrize("values", [[2.0, 10.1], [2300.0, 11400.0], [-3.0, 4.0]])
def test_an_axis_around_values_wastes_little(values: list[float]) -> None:
    axes = around(np.array(values))
    assert axes.low <= min(0.0, *values)
    assert axes.high >= max(values)
    assert axes.high - axes.low <= 1.45 * (max(values) - min(0.0, *values))
    assert 2 <= len(axes.y_ticks()) <= 5


def test_a_little_more_than_two_tenths_gets_the_axis_of_two_tenths() -> None:
    axes = Axes()
    axes.take_in(10, [np.array([np.float32(0.2), np.float32(-0.2)])])
    assert axes.high == pytest.approx(0.2, rel=1e-6)
    assert axes.low == pytest.approx(-0.2, rel=1e-6)
